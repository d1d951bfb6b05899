package years

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"kaiku/shared/policy"
	"kaiku/shared/survey"
)

func asJSON(t rapid.TB, value any) string {
	t.Helper()
	b, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// asked is one survey that a customer got: a mail of ours, or one of another
// system.
type asked struct {
	mail
	external bool
	// known is when it was decided or, of another system's, told of.
	known time.Time
}

func (a asked) String() string {
	return fmt.Sprintf("%s %s/%s of %s to %s, known %s", a.at.Format(time.DateTime), a.kind, a.trigger, a.customer, a.to, a.known.Format(time.DateTime))
}

// asks are all surveys that arrived, in the order in which they became known.
// Those that bounced count for nobody.
func (w *programme) asks() (all []asked) {
	decided := map[string]time.Time{}
	for _, customer := range w.customers() {
		for _, d := range w.decisions(customer) {
			if d.Outcome == survey.Planned {
				decided[d.Invitation] = d.At
			}
		}
	}
	for _, m := range w.mails {
		known, ok := decided[m.invitation]
		if !ok {
			w.t.Errorf("no timeline knows why %s got a mail at %v", m.to, m.at)
		}
		if !m.bounced {
			all = append(all, asked{mail: m, known: known})
		}
	}
	told := map[string]bool{}
	for _, e := range w.told {
		x := asked{mail: mail{at: e.event.SurveyAt, customer: e.event.CustomerID, kind: e.event.SurveyKind, trigger: survey.External}, external: true, known: e.at}
		same := fmt.Sprint(x.at.UnixMilli(), x.customer, x.kind)
		if e.event.Type == survey.CustomerSurveyed && !told[same] { // told of twice it is still one
			told[same] = true
			all = append(all, x)
		}
	}
	slices.SortStableFunc(all, func(a, b asked) int {
		if c := a.known.Compare(b.known); c != 0 || (a.trigger == survey.Annual) == (b.trigger == survey.Annual) {
			return c
		}
		if b.trigger == survey.Annual { // an event can make one due at once: it comes after the event
			return -1
		}
		return 1
	})
	return all
}

// wantNobodyAskedTooOften tells the rules of frequency from the mails. Each is
// held against what was known when it was decided: what came before it, and what
// was to come.
func (w *programme) wantNobodyAskedTooOften() {
	r := &w.policy.Rules
	const year = 365 * day
	all := w.asks()
	for j, one := range all {
		if one.external {
			continue // not ours to hold back
		}
		var ofCustomer, ofAddress int // within the year that ends with this one, or to come
		for _, other := range all[:j] {
			apart := one.at.Sub(other.at)
			recent := apart < year
			apart = apart.Abs()
			if !other.external && strings.EqualFold(other.to, one.to) {
				if apart < r.AddressCooldown.Std() {
					w.t.Errorf("to one address %v apart:\n%v\n%v", apart, other, one)
				}
				if recent {
					ofAddress++
				}
			}
			if other.customer != one.customer {
				continue
			}
			if recent {
				ofCustomer++
			}
			switch {
			case one.kind != survey.NPS && one.trigger != survey.Ended && apart < r.Cooldown.Std():
				w.t.Errorf("the cooldown is %v, these are %v apart:\n%v\n%v", r.Cooldown, apart, other, one)
			case one.kind == survey.NPS && other.kind == survey.NPS && apart < r.AskedThisYear.Std():
				w.t.Errorf("annual surveys %v apart:\n%v\n%v", apart, other, one)
			case one.kind == survey.NPS && slices.Contains(r.SurveyedThisYear.Counts, policy.Counted(other.trigger)) && apart < r.SurveyedThisYear.Within.Std():
				w.t.Errorf("an annual survey %v from another:\n%v\n%v", apart, other, one)
			}
		}
		if ofCustomer >= r.CustomerCap {
			w.t.Errorf("%d to one customer in a year, with this one: %v", ofCustomer+1, one)
		}
		if ofAddress >= r.AddressCap {
			w.t.Errorf("%d to one address in a year, with this one: %v", ofAddress+1, one)
		}
	}
}

// decisions are those of a customer's timeline, in order.
func (w *programme) decisions(customer string) (all []survey.Decision) {
	for _, line := range w.timeline(customer) {
		if line.What == "decision" {
			all = append(all, *line.Decision)
		}
	}
	return all
}

// wantEveryEventDecidedOnce holds the timelines against the events: each is there
// once, and led to one decision if it could lead to a survey, and else to none.
func (w *programme) wantEveryEventDecidedOnce() {
	for _, customer := range w.customers() {
		var want, got []string
		for _, e := range w.told {
			if e.event.CustomerID != customer {
				continue
			}
			want = append(want, fmt.Sprintf("%s event %s", e.at.Format(time.RFC3339), e.event.ID))
			could := e.event.Type.AboutContract() || e.event.Type == survey.InteractionClosed
			if could && !e.event.Backfill {
				want = append(want, fmt.Sprintf("%s decision on %s of %s", e.at.Format(time.RFC3339),
					strings.TrimPrefix(strings.TrimSuffix(string(e.event.Type), ".closed"), "contract."), e.event.ContractID))
			}
			for _, d := range e.Decisions {
				if d.Outcome == survey.Planned != (d.Rule == "") || d.Outcome == survey.Planned == (len(d.Because) > 0) {
					w.t.Errorf("the decision says no for no reason, or the reverse: %+v", d)
				}
			}
		}
		for _, line := range w.timeline(customer) {
			switch {
			case line.What == "event":
				got = append(got, fmt.Sprintf("%s event %s", line.At.Format(time.RFC3339), line.ID))
			case line.What == "decision" && line.Trigger != survey.Annual && line.Decision.Outcome != survey.Cancelled:
				got = append(got, fmt.Sprintf("%s decision on %s of %s", line.At.Format(time.RFC3339), line.Trigger, line.Contract))
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			w.t.Errorf("%s was told of\n%s\nits timeline has\n%s", customer, strings.Join(want, "\n"), strings.Join(got, "\n"))
		}
	}
}

// wantEveryPlanKept says that what was planned is mailed at its time, once, or
// cancelled, once; and that nothing else is.
func (w *programme) wantEveryPlanKept() {
	mailed := map[string][]time.Time{}
	for _, m := range w.mails {
		mailed[m.invitation] = append(mailed[m.invitation], m.at)
	}
	planned := 0
	for _, customer := range w.customers() {
		cancelled := map[string]int{}
		decisions := w.decisions(customer)
		for _, d := range decisions {
			if d.Outcome == survey.Cancelled {
				cancelled[d.Invitation]++
			}
		}
		for _, d := range decisions {
			if d.Outcome != survey.Planned {
				continue
			}
			planned++
			at := mailed[d.Invitation]
			ahead := d.SendAt.After(w.now)
			switch n := len(at) + cancelled[d.Invitation]; {
			case ahead && len(at) > 0, !ahead && n != 1, n > 1:
				w.t.Errorf("a survey for %v was mailed %d and cancelled %d times: %+v", d.SendAt, len(at), cancelled[d.Invitation], d)
			case len(at) == 1 && !at[0].Equal(d.SendAt):
				w.t.Errorf("a survey for %v was mailed at %v: %+v", d.SendAt, at[0], d)
			}
		}
	}
	if len(mailed) > planned {
		w.t.Errorf("%d surveys were mailed of %d planned", len(mailed), planned)
	}
}

// wantNothingOfTheErased says that who was erased is asked nothing any more, and
// that every decision says why.
func (w *programme) wantNothingOfTheErased() {
	erased := map[string]time.Time{}
	for _, e := range w.told {
		if _, before := erased[e.event.CustomerID]; e.event.Type == survey.CustomerErased && !before {
			erased[e.event.CustomerID] = e.at
		}
	}
	for customer, since := range erased {
		for _, d := range w.decisions(customer) {
			if d.At.After(since) && d.Rule != survey.Erased {
				w.t.Errorf("erased at %v, and decided as if not: %+v", since, d)
			}
		}
		for _, m := range w.mails {
			if m.customer == customer && m.at.After(since) {
				w.t.Errorf("erased at %v, and mailed at %v", since, m.at)
			}
		}
	}
}
