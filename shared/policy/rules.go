package policy

import (
	"hash/fnv"
	"math"
	"slices"
	"time"

	"kaiku/shared/survey"
)

// rule is one reason not to ask.
type rule struct {
	name survey.Rule
	// on are the triggers it applies to.
	on      []survey.Trigger
	outcome survey.DecisionOutcome
	// again says that it is asked once more at the moment of sending.
	again bool
	ask   func(*question) verdict
}

var (
	all       = survey.Triggers
	nps       = []survey.Trigger{survey.Annual}
	csatCES   = []survey.Trigger{survey.Started, survey.Changed, survey.Renewed, survey.Ended, survey.Interaction}
	ces       = []survey.Trigger{survey.Interaction}
	running   = []survey.Trigger{survey.Annual, survey.Started, survey.Changed, survey.Renewed}
	notAtExit = []survey.Trigger{survey.Started, survey.Changed, survey.Renewed, survey.Interaction}
)

// rules is every rule in the order in which they are asked.
var rules = [...]rule{
	{survey.Erased, all, survey.Suppressed, true, erased},
	{survey.OutsideAudience, all, survey.Suppressed, true, outsideAudience},
	{survey.TriggerOff, csatCES, survey.Suppressed, false, triggerOff},
	{survey.TooOld, csatCES, survey.Suppressed, false, tooOld},
	{survey.NoActiveContract, running, survey.Suppressed, true, noActiveContract},
	{survey.TooYoung, nps, survey.Postponed, false, tooYoung},
	{survey.NotSteady, nps, survey.Postponed, false, notSteady},
	{survey.ChangeAhead, nps, survey.Postponed, false, changeAhead},
	{survey.AskedThisYear, nps, survey.Suppressed, false, askedThisYear},
	{survey.SurveyedThisYear, nps, survey.Suppressed, false, surveyedThisYear},
	{survey.Cooldown, notAtExit, survey.Suppressed, false, cooldown},
	{survey.CustomerCap, all, survey.Suppressed, false, customerCap},
	{survey.NotSampled, ces, survey.Suppressed, false, notSampled},
	{survey.NoContact, all, survey.Suppressed, true, noContact},
	{survey.Unsubscribed, all, survey.Suppressed, true, unsubscribed},
	{survey.Undeliverable, all, survey.Suppressed, true, undeliverable},
	{survey.AddressCap, all, survey.Suppressed, false, addressCap},
}

// Listed is a rule, and what comes of a decision that it is the first to say no
// to.
type Listed struct {
	Rule    survey.Rule
	Outcome survey.DecisionOutcome
}

// List is every rule in the order in which they are asked.
func List() []Listed {
	list := make([]Listed, len(rules))
	for i := range rules {
		list[i] = Listed{rules[i].name, rules[i].outcome}
	}
	return list
}

// rulesFor are the rules that apply to a trigger, in their order.
var rulesFor = func() map[survey.Trigger][]*rule {
	of := map[survey.Trigger][]*rule{}
	for i := range rules {
		for _, trigger := range rules[i].on {
			of[trigger] = append(of[trigger], &rules[i])
		}
	}
	return of
}()

// stamp is a moment as a Because shows it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func erased(q *question) verdict {
	if !q.c.Erased {
		return yes
	}
	return no(survey.Because{"erased": true})
}

func outsideAudience(q *question) verdict {
	a, c := &q.Audience, q.c
	size := c.Size()
	if a.Includes(c.Group()) {
		return yes
	}
	listed := slices.Contains(a.Sizes, size)
	chain, public, consumer := c.Chain && !a.Chains, c.PublicSector && !a.PublicSector, c.Consumer && !a.Consumers
	because := survey.Because{"size": string(size)}
	if c.Employees != nil {
		because["employees"] = *c.Employees
	}
	for name, euros := range map[string]*float64{"turnover": c.Turnover, "balanceSheet": c.BalanceSheet} {
		if euros != nil {
			because[name] = *euros
		}
	}
	if !listed {
		because["sizes"] = a.Sizes
	}
	for name, out := range map[string]bool{"chain": chain, "publicSector": public, "consumer": consumer} {
		if out {
			because[name] = true
		}
	}
	return no(because)
}

func triggerOff(q *question) verdict {
	if q.Triggers.Of(q.on.Trigger).On {
		return yes
	}
	return no(survey.Because{"trigger": string(q.on.Trigger)})
}

func tooOld(q *question) verdict {
	if q.now.Sub(q.on.At) <= q.Rules.TooOld.Std() {
		return yes
	}
	return no(survey.Because{"happened": stamp(q.on.At), "limit": q.Rules.TooOld.String()})
}

// noActiveContract looks at when the event happened if that lies ahead, as it
// does by a sender's clock that runs fast, or when a start is told of before.
func noActiveContract(q *question) verdict {
	when := later(q.now, q.on.At)
	terms := q.contractTerms()
	for i := range terms {
		if terms[i].runs(when) {
			return yes
		}
	}
	because := survey.Because{"contracts": len(q.c.Contracts)}
	var over, begins time.Time // the last to end, the first that is still to begin
	for i := range terms {
		if t := &terms[i]; t.begin.After(when) && (begins.IsZero() || t.begin.Before(begins)) {
			begins, because["begins"] = t.begin, stamp(t.begin)
		} else if t.over.After(over) && !t.over.After(when) {
			over, because["over"], because["contract"] = t.over, stamp(t.over), q.c.Contracts[i].ID
		}
	}
	return no(because)
}

func tooYoung(q *question) verdict {
	var oldest time.Time
	contract := ""
	terms := q.contractTerms()
	for i := range terms {
		if t := &terms[i]; t.runs(q.now) && (oldest.IsZero() || t.begin.Before(oldest)) {
			oldest, contract = t.begin, q.c.Contracts[i].ID
		}
	}
	limit := q.Rules.TooYoung
	if oldest.IsZero() || q.now.Sub(oldest) >= limit.Std() {
		return yes
	}
	v := no(survey.Because{"oldest": stamp(oldest), "contract": contract, "limit": limit.String()})
	v.until = oldest.Add(limit.Std())
	return v
}

func notSteady(q *question) verdict {
	var last time.Time
	what, contract := survey.Trigger(""), ""
	note := func(t time.Time, as survey.Trigger, of string) {
		if t.After(last) && !t.After(q.now) {
			last, what, contract = t, as, of
		}
	}
	terms := q.contractTerms()
	for i := range terms { // those that have ended since as well
		k := &q.c.Contracts[i]
		note(terms[i].begin, survey.Started, k.ID)
		note(k.Changed, survey.Changed, k.ID)
		note(k.Renewed, survey.Renewed, k.ID)
	}
	limit := q.Rules.NotSteady
	if last.IsZero() || q.now.Sub(last) >= limit.Std() {
		return yes
	}
	v := no(survey.Because{"what": string(what), "contract": contract, "at": stamp(last), "limit": limit.String()})
	v.until = last.Add(limit.Std())
	return v
}

func changeAhead(q *question) verdict {
	var ends survey.Date
	contract := ""
	today := survey.DateOf(q.now.In(q.loc))
	limit := q.Rules.ChangeAhead
	horizon := today.AddDays(int(limit.Std() / day))
	terms := q.contractTerms()
	for i := range terms {
		k := &q.c.Contracts[i]
		soon := !k.EndsOn.IsZero() && !k.EndsOn.Before(today) && !horizon.Before(k.EndsOn)
		if soon && ends.Before(k.EndsOn) && terms[i].runs(q.now) {
			ends, contract = k.EndsOn, k.ID
		}
	}
	if ends.IsZero() {
		return yes
	}
	v := no(survey.Because{"endsOn": ends.String(), "contract": contract, "limit": limit.String()})
	v.until = ends.AddDays(1).Start(q.loc)
	return v
}

// within says whether a survey lies too close: sent less than limit ago, or
// planned less than limit away from when this one would go out.
func (q *question) within(at time.Time, limit time.Duration) bool {
	if !at.After(q.now) {
		return q.now.Sub(at) < limit
	}
	return at.Sub(q.sendAt).Abs() < limit
}

// latest finds the newest survey that counts and lies within the limit; nil when
// there is none.
func (q *question) latest(limit time.Duration, counts func(*survey.Asked) bool) *survey.Asked {
	for i := len(q.c.Asked) - 1; i >= 0; i-- {
		if a := &q.c.Asked[i]; counts(a) && q.within(a.At, limit) {
			return a
		}
	}
	return nil
}

func asked(a *survey.Asked, limit Duration) verdict {
	because := survey.Because{"kind": string(a.Kind), "trigger": string(a.Trigger), "at": stamp(a.At), "limit": limit.String()}
	if a.Invitation != "" {
		because["invitation"] = a.Invitation
	}
	return no(because)
}

func askedThisYear(q *question) verdict {
	limit := q.Rules.AskedThisYear
	if a := q.latest(limit.Std(), func(a *survey.Asked) bool { return a.Kind == survey.NPS }); a != nil {
		return asked(a, limit)
	}
	return yes
}

func surveyedThisYear(q *question) verdict {
	r := &q.Rules.SurveyedThisYear
	counts := func(a *survey.Asked) bool { return r.Includes(a.Kind, a.Trigger) }
	if a := q.latest(r.Within.Std(), counts); a != nil {
		return asked(a, r.Within)
	}
	return yes
}

func cooldown(q *question) verdict {
	limit := q.Rules.Cooldown
	if a := q.latest(limit.Std(), func(*survey.Asked) bool { return true }); a != nil {
		return asked(a, limit)
	}
	return yes
}

// capWindow is over how long the caps count.
const capWindow = 365 * day

func customerCap(q *question) verdict {
	n := 0
	for i := range q.c.Asked {
		if q.now.Sub(q.c.Asked[i].At) < capWindow {
			n++
		}
	}
	if n < q.Rules.CustomerCap {
		return yes
	}
	dates := make([]string, 0, n)
	for i := range q.c.Asked {
		if a := &q.c.Asked[i]; q.now.Sub(a.At) < capWindow {
			dates = append(dates, stamp(a.At))
		}
	}
	return no(survey.Because{"asked": n, "dates": dates, "limit": q.Rules.CustomerCap, "within": Duration(capWindow).String()})
}

// notSampled keeps a fixed share of interactions by the hash of their id: the
// same interaction is in or out however often it is decided. Its position, 0 to
// 100, is the 32-bit FNV-1a hash of the id, mixed, as a share of 2³².
func notSampled(q *question) verdict {
	h := fnv.New32a()
	_, _ = h.Write([]byte(q.on.Interaction))
	position := float64(mix(h.Sum32())) / (math.MaxUint32 + 1) * 100
	if position < q.Rules.SamplePercent {
		return yes
	}
	return no(survey.Because{"interaction": q.on.Interaction, "position": position, "samplePercent": q.Rules.SamplePercent})
}
