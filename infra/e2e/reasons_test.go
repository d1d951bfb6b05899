package e2e

import (
	"cmp"
	"encoding/json"
	"hash/fnv"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

// reasons computes again, from the timelines and the policy file alone, what the
// because of a decision says.
//
// What a rule says must be what the entries before it bear out, word for word;
// and each rule that goes by one customer's own entries must be named exactly
// when they say no. The rules about addresses go by other customers too, and a
// timeline does not tell which contacts share one: of these each fact is looked
// for in all timelines, and that none is missing is for the recount to say.
type reasons struct {
	t testing.TB
	*limits
	*programme        // as told by the timelines so far
	asks       []*ask // of all customers
	gone       map[*ask]time.Time
	known      map[*ask]time.Time // since when it counts
	mails      []step
	lines      map[string][]line
	confirmed  map[string]int // by rule
}

// addressRules go by addresses, which other customers may share.
var addressRules = []string{"unsubscribed", "undeliverable", "address_cap"}

// wantReasonsTrue holds every reason of every decision against the timelines. It
// returns how often each rule was borne out.
func (h *history) wantReasonsTrue(firms []string, policy string) map[string]int {
	h.t.Helper()
	lines := map[string][]line{}
	for _, id := range firms {
		lines[id] = h.timeline(id)
	}
	return wantBorneOut(h.t, lines, policy)
}

// wantBorneOut does so with timelines that have been read.
func wantBorneOut(t testing.TB, lines map[string][]line, policy string) map[string]int {
	t.Helper()
	c := &reasons{t: t, limits: limitsOf(t, policy), programme: &programme{t: t, firms: map[string]*firm{}}, gone: map[*ask]time.Time{},
		known: map[*ask]time.Time{}, lines: lines, confirmed: map[string]int{}}
	firms := slices.Sorted(maps.Keys(lines))
	for _, id := range firms {
		if !slices.IsSortedFunc(c.lines[id], func(a, b line) int { return a.At.Compare(b.At) }) {
			c.t.Errorf("%s: the timeline is not in order", id)
		}
		c.collect(id)
	}
	for _, id := range firms {
		var last line
		for _, l := range c.lines[id] {
			switch l.What {
			case "event":
				last = l
				c.hear(id, l)
			case "decision":
				c.judge(id, last, l)
			}
		}
	}
	return c.confirmed
}

// collect notes the surveys that a timeline tells of, and what became of them.
func (c *reasons) collect(id string) {
	find := func(invitation string) *ask {
		if i := slices.IndexFunc(c.asks, func(a *ask) bool { return a.invitation == invitation }); i >= 0 {
			return c.asks[i]
		}
		c.t.Fatalf("%s: the timeline tells of %s before it was planned", id, invitation)
		return nil
	}
	for _, l := range c.lines[id] {
		switch {
		case l.Event == "customer.surveyed":
			a := &ask{kind: l.Said.Survey.Kind, trigger: "external", at: l.Said.Survey.At, firm: id}
			c.asks, c.known[a] = append(c.asks, a), l.At
		case l.Outcome == "planned":
			a := &ask{kind: l.Kind, trigger: l.Trigger, at: l.SendAt, invitation: l.Invitation, firm: id, contact: l.Contact, contract: l.Contract}
			c.asks, c.known[a] = append(c.asks, a), l.At
		case l.Outcome == "cancelled", l.State == "bounced":
			c.gone[find(l.Invitation)] = l.At
		case l.What == "mail":
			find(l.Invitation)
		}
		if l.What == "mail" {
			c.mails = append(c.mails, step{line: l, firm: id})
		}
	}
}

// hear takes over what an event said.
func (c *reasons) hear(id string, l line) {
	if l.Event == "customer.erased" {
		c.firms[id] = &firm{id: id, contracts: map[string]*contract{}, contacts: map[string]*contact{}, known: l.At, erased: true}
		return
	}
	if f := c.firms[id]; f != nil && f.erased {
		return
	}
	e := told{ID: l.ID, Type: l.Event, Timestamp: l.Happened}
	e.Data.Customer, e.Data.Contract, e.Data.Backfill = map[string]any{"id": id}, l.Said.Contract, l.Said.Backfill
	maps.Copy(e.Data.Customer, l.Said.Customer)
	for contact, said := range l.Said.Contacts {
		fields := maps.Clone(said)
		fields["id"] = contact
		if address, told := said["address"]; told {
			fields["email"] = map[bool]any{true: contact, false: nil}[address.(bool)]
		}
		e.Data.Contacts = append(e.Data.Contacts, fields)
	}
	c.take(e, l.At)
}

// counted are a customer's surveys that count for a decision, oldest first: not
// the one that it planned itself.
func (c *reasons) counted(id string, l line) []*ask {
	var some []*ask
	now := l.At
	for _, a := range c.asks {
		own := a.invitation != "" && a.invitation == l.Invitation
		if gone, was := c.gone[a]; a.firm == id && !own && !c.known[a].After(now) && (!was || gone.After(now)) {
			some = append(some, a)
		}
	}
	slices.SortFunc(some, func(a, b *ask) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.kind, b.kind), cmp.Compare(a.invitation, b.invitation))
	})
	return some
}

// judge holds the reasons of one decision against what was told before it.
func (c *reasons) judge(id string, last, l line) {
	if l.Outcome == "planned" && len(l.Rules) > 0 || l.Outcome != "planned" && (len(l.Rules) == 0 || l.Rule != l.Rules[0]) {
		c.t.Errorf("%s: a decision is %s by %v, first %q", id, l.Outcome, l.Rules, l.Rule)
	}
	f := c.firms[id]
	var want map[string]map[string]any
	switch {
	case l.Outcome == "cancelled":
		want = c.cancel(f, l)
	case l.Rule == "superseded":
		want = map[string]map[string]any{"superseded": c.superseded(id, l)}
	default:
		want = c.facts(f, last, l)
		if !f.erased && c.erasedLater(id) && !slices.Contains(l.Rules, "no_contact") {
			delete(want, "no_contact") // its persons have been forgotten
		}
		var named []string
		for _, rule := range l.Rules {
			if !slices.Contains(addressRules, rule) {
				named = append(named, rule)
			}
		}
		if said := slices.Sorted(maps.Keys(want)); !slices.Equal(said, slices.Sorted(slices.Values(named))) {
			c.t.Errorf("%s: the decision of %v on %s names %v, by its timeline it is %v", id, l.At, l.Trigger, l.Rules, said)
		}
	}
	for _, rule := range l.Rules {
		if slices.Contains(addressRules, rule) {
			c.person(f, rule, l)
		} else if diff := gocmp.Diff(plain(c.t, want[rule]), plain(c.t, l.Because[rule])); diff != "" {
			c.t.Errorf("%s: the decision of %v on %s, %s (-by its timeline, +because): %s", id, l.At, l.Trigger, rule, diff)
		}
		c.confirmed[rule]++
	}
	if len(l.Because) != len(l.Rules) {
		c.t.Errorf("%s: the decision of %v gives reasons for %v, its rules are %v", id, l.At, l.Because, l.Rules)
	}
}

func (c *reasons) erasedLater(id string) bool {
	return slices.ContainsFunc(c.lines[id], func(l line) bool { return l.Event == "customer.erased" })
}

// plain is a value as JSON reads it.
func plain(t testing.TB, v any) any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func utc(at time.Time) string { return at.UTC().Format(time.RFC3339) }

// facts are the reasons of the rules that go by the customer's own timeline.
func (c *reasons) facts(f *firm, last, l line) map[string]map[string]any {
	facts := map[string]map[string]any{}
	annual, service, now := l.Trigger == "annual", l.Trigger == "interaction", l.At
	happened := now
	if !annual {
		happened = last.Happened
	}
	if f.erased {
		facts["erased"] = map[string]any{"erased": true}
	}
	if because := c.outside(f); because != nil {
		facts["outside_audience"] = because
	}
	delay := time.Duration(0)
	if !annual {
		setting := c.Triggers[l.Trigger]
		if delay = span(c.t, setting.Delay); !setting.On {
			facts["trigger_off"] = map[string]any{"trigger": l.Trigger}
		}
		if now.Sub(happened) > span(c.t, c.Rules.TooOld) {
			facts["too_old"] = map[string]any{"happened": utc(happened), "limit": c.Rules.TooOld}
		}
	}
	if because := c.inactive(f, later(now, happened)); because != nil && l.Trigger != "ended" && !service {
		facts["no_active_contract"] = because
	}
	if annual {
		maps.Copy(facts, c.steady(f, now))
	}
	sendAt := opening(later(now, happened.Add(delay)), f.zone(c.t))
	c.frequency(f, l, sendAt, facts)
	if service {
		h := fnv.New32a()
		_, _ = h.Write([]byte(last.Said.Interaction.ID))
		if position := float64(mixed(h.Sum32())) / math.Pow(2, 32) * 100; position >= c.Rules.SamplePercent {
			facts["not_sampled"] = map[string]any{"interaction": last.Said.Interaction.ID, "position": position, "samplePercent": c.Rules.SamplePercent}
		}
	}
	reachable := f.reachable()
	if with := last.Said.Interaction.ContactID; service && !slices.Contains(reachable, with) && !f.erased {
		facts["no_contact"] = map[string]any{"contacts": len(reachable), "contact": with}
	} else if len(reachable) == 0 {
		facts["no_contact"] = map[string]any{"contacts": 0}
	}
	return facts
}

// mixed is the finaliser of MurmurHash3.
func mixed(h uint32) uint32 {
	for _, factor := range []uint32{0x85ebca6b, 0xc2b2ae35} {
		h = (h ^ h>>map[bool]int{true: 16, false: 13}[factor == 0x85ebca6b]) * factor
	}
	return h ^ h>>16
}

// reachable are the ids of the contacts with an address.
func (f *firm) reachable() []string {
	var ids []string
	for id, c := range f.contacts {
		if c.email != "" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func (c *reasons) outside(f *firm) map[string]any {
	listed := slices.Contains(c.Audience.Sizes, f.size())
	if listed && !f.chain && !f.publicSector && !f.consumer {
		return nil
	}
	because := map[string]any{"size": f.size()}
	for name, figure := range map[string]*float64{"employees": f.employees, "turnover": f.turnover, "balanceSheet": f.balance} {
		if figure != nil {
			because[name] = *figure
		}
	}
	if !listed {
		because["sizes"] = c.Audience.Sizes
	}
	for name, is := range map[string]bool{"chain": f.chain, "publicSector": f.publicSector, "consumer": f.consumer} {
		if is {
			because[name] = true
		}
	}
	return because
}

func (c *reasons) inactive(f *firm, when time.Time) map[string]any {
	if len(f.active(c.t, when)) > 0 {
		return nil
	}
	because := map[string]any{"contracts": len(f.contracts)}
	var over, begins time.Time
	for _, id := range slices.Sorted(maps.Keys(f.contracts)) {
		k := f.contracts[id]
		if began := k.began(c.t, f.zone(c.t)); began.After(when) {
			if begins.IsZero() || began.Before(begins) {
				begins, because["begins"] = began, utc(began)
			}
		} else if end := k.over(c.t, f.zone(c.t)); end.After(over) {
			over, because["over"], because["contract"] = end, utc(end), id
		}
	}
	return because
}

// steady are the rules that put the annual survey off.
func (c *reasons) steady(f *firm, now time.Time) map[string]map[string]any {
	facts := map[string]map[string]any{}
	loc := f.zone(c.t)
	active := f.active(c.t, now)
	if len(active) > 0 {
		if oldest := active[0].began(c.t, loc); now.Sub(oldest) < span(c.t, c.Rules.TooYoung) {
			facts["too_young"] = map[string]any{"oldest": utc(oldest), "contract": active[0].id, "limit": c.Rules.TooYoung}
		}
	}
	var moved time.Time
	for _, id := range slices.Sorted(maps.Keys(f.contracts)) {
		k := f.contracts[id]
		for i, at := range []time.Time{k.began(c.t, loc), k.changed, k.renewed} {
			if at.After(moved) && !at.After(now) && now.Sub(at) < span(c.t, c.Rules.NotSteady) {
				moved = at
				facts["not_steady"] = map[string]any{"what": []string{"started", "changed", "renewed"}[i], "contract": id, "at": utc(at), "limit": c.Rules.NotSteady}
			}
		}
	}
	ends := ""
	horizon := midnight(now, loc, int(span(c.t, c.Rules.ChangeAhead)/day))
	slices.SortFunc(active, func(a, b *contract) int { return cmp.Compare(a.id, b.id) })
	for _, k := range active {
		if k.endsOn == "" {
			continue
		}
		if end := onDay(c.t, k.endsOn, loc); !end.Before(midnight(now, loc, 0)) && !end.After(horizon) && k.endsOn > ends {
			ends = k.endsOn
			facts["change_ahead"] = map[string]any{"endsOn": ends, "contract": k.id, "limit": c.Rules.ChangeAhead}
		}
	}
	return facts
}

// frequency are the rules that go by what the customer was asked.
func (c *reasons) frequency(f *firm, l line, sendAt time.Time, facts map[string]map[string]any) {
	asks := c.counted(f.id, l)
	if f.erased {
		asks = nil // what the customer was asked is gone with it
	}
	soon := func(rule, limit string, counts func(*ask) bool) {
		for _, a := range asks { // the newest that is too near stays
			gap := l.At.Sub(a.at)
			if a.at.After(l.At) {
				gap = a.at.Sub(sendAt).Abs()
			}
			if !counts(a) || gap >= span(c.t, limit) {
				continue
			}
			facts[rule] = map[string]any{"kind": a.kind, "trigger": a.trigger, "at": utc(a.at), "limit": limit}
			if a.invitation != "" {
				facts[rule]["invitation"] = a.invitation
			}
		}
	}
	switch l.Trigger {
	case "annual":
		soon("asked_this_year", c.Rules.AskedThisYear, func(a *ask) bool { return a.kind == "nps" })
		soon("surveyed_this_year", c.Rules.SurveyedThisYear.Within, c.counts)
	case "ended":
	default:
		soon("cooldown", c.Rules.Cooldown, func(*ask) bool { return true })
	}
	var dates []string
	for _, a := range asks {
		if l.At.Sub(a.at) < 365*day {
			dates = append(dates, utc(a.at))
		}
	}
	if len(dates) >= c.Rules.CustomerCap {
		facts["customer_cap"] = map[string]any{"asked": len(dates), "dates": dates, "limit": c.Rules.CustomerCap, "within": "365d"}
	}
}

// cancel is the one reason why a planned survey was not sent.
func (c *reasons) cancel(f *firm, l line) map[string]map[string]any {
	because := map[string]any(nil)
	switch l.Rule {
	case "superseded":
		because = c.superseded(f.id, l)
	case "erased":
		if f.erased {
			because = map[string]any{"erased": true}
		}
	case "outside_audience":
		because = c.outside(f)
	case "no_active_contract":
		because = c.inactive(f, l.At)
	case "no_contact":
		if !slices.Contains(f.reachable(), l.Contact) {
			because = map[string]any{"contact": l.Contact}
		}
	case "too_late":
		limit := c.Sending.GiveUp
		if l.Kind == "nps" {
			limit = c.Sending.GiveUpNPS
		}
		for _, a := range c.asks {
			if a.invitation == l.Invitation && l.At.Sub(a.at) > span(c.t, limit) {
				because = map[string]any{"sendAt": utc(a.at), "limit": limit}
			}
		}
	}
	return map[string]map[string]any{l.Rule: because}
}

// superseded is the change that took the place of a survey: an event of the same
// contract, told of no later, that happened no earlier.
func (c *reasons) superseded(id string, l line) map[string]any {
	for _, e := range c.lines[id] {
		if e.What == "event" && e.ID == l.Because["superseded"]["event"] && !e.At.After(l.At) && e.Said.Contract["id"] == l.Contract {
			because := map[string]any{"event": e.ID, "happened": utc(e.Happened)}
			if l.Outcome == "cancelled" {
				because["trigger"] = strings.TrimPrefix(e.Event, "contract.")
			}
			return because
		}
	}
	return nil
}

// person holds the reasons about addresses against the mails in all timelines.
func (c *reasons) person(f *firm, rule string, l line) {
	because := l.Because[rule]
	wrong := func(format string, args ...any) {
		c.t.Helper()
		c.t.Errorf("%s: the decision of %v on %s, %s because %v: "+format, append([]any{f.id, l.At, l.Trigger, rule, because}, args...)...)
	}
	contacts, _ := because["contacts"].([]any)
	if len(contacts) == 0 {
		wrong("no contacts are named")
	}
	for _, one := range contacts {
		id, _ := one.(string)
		if !slices.Contains(f.reachable(), id) {
			wrong("%s has no address", id)
		}
		if rule == "address_cap" {
			c.capped(id, l, wrong)
			continue
		}
		since, _ := because["since"].(map[string]any)
		states := map[string][]string{"unsubscribed": {"unsubscribed", "complained"}, "undeliverable": {"bounced", "soft_bounced"}}[rule]
		told := slices.ContainsFunc(c.mails, func(m step) bool {
			return slices.Contains(states, m.State) && utc(m.At) == since[id] && !m.At.After(l.At)
		})
		if !told {
			wrong("no mail tells that of %s", id)
		}
	}
}

// capped holds how often a contact's address was asked against the surveys that
// are named.
func (c *reasons) capped(id string, l line, wrong func(format string, args ...any)) {
	because := l.Because["address_cap"]
	of := func(fact string) any { m, _ := because[fact].(map[string]any); return m[id] }
	surveys, _ := of("surveys").([]any)
	var near time.Time
	for i, one := range surveys {
		n := slices.IndexFunc(c.asks, func(a *ask) bool { return a.invitation == one && a.invitation != "" })
		if n < 0 || slices.Contains(surveys[:i], one) {
			wrong("no timeline has the survey %v, or it is named twice", one)
			continue
		}
		a := c.asks[n]
		if gone, was := c.gone[a]; c.known[a].After(l.At) || was && !gone.After(l.At) || l.At.Sub(a.at) >= 365*day {
			wrong("the survey %v did not count then", one)
		}
		if utc(a.at) == of("at") {
			near = a.at
		}
	}
	limit, pause := c.Rules.AddressCap, c.Rules.AddressCooldown
	if of("asked") != float64(len(surveys)) || because["limit"] != float64(limit) || because["within"] != "365d" {
		wrong("%d surveys are named, the limit is %d", len(surveys), limit)
	}
	if of("at") == nil && len(surveys) < limit {
		wrong("%s was asked too seldom for that", id)
	}
	if of("at") != nil && (near.IsZero() || because["cooldown"] != pause || l.At.Sub(near) >= span(c.t, pause)) {
		wrong("no survey of %v is too near", of("at"))
	}
}
