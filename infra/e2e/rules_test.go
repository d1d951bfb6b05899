package e2e

import (
	"cmp"
	"slices"
	"time"
)

// The rules of the specification, written down a second time: what a decision
// must have been, by what was known and had been asked at the moment.

// delays are how long after its trigger a survey is sent.
var delays = map[string]time.Duration{"annual": 0, "started": 14 * day, "changed": 3 * day, "renewed": 7 * day, "ended": day, "interaction": 2 * time.Hour}

// kinds are the surveys that follow on the triggers.
var kinds = map[string]string{"annual": "nps", "started": "csat", "changed": "csat", "renewed": "csat", "ended": "csat", "interaction": "ces"}

// ask is a survey that counts as asked: planned, sent, or another system's.
type ask struct {
	kind, trigger string
	at            time.Time // when it was sent, or will be
	invitation    string    // empty for another system's
	firm, contact string
	contract      string
	address       string
	planned, sent bool
}

// occasion is what may lead to a survey.
type occasion struct {
	trigger string
	at      time.Time // when it happened
	contact string    // of an interaction
}

// expected is what must come of an occasion.
type expected struct {
	rules         []string // all that say no
	outcome       string
	contact       string
	sendAt, until time.Time
}

// memory is what has been asked, and who does not want to be or cannot.
type memory struct {
	*programme
	asks          []*ask
	unsubscribed  map[string]bool
	undeliverable map[string]bool
}

func (m *memory) forget(invitation string) {
	m.asks = slices.DeleteFunc(m.asks, func(a *ask) bool { return a.invitation == invitation })
}

// decide goes through the rules in their order.
func (m *memory) decide(f *firm, on occasion, now time.Time) expected {
	var e expected
	loc := f.zone(m.t)
	say := func(rule, outcome string, until time.Time) {
		if e.rules = append(e.rules, rule); len(e.rules) == 1 {
			e.outcome = outcome
		}
		if until.After(e.until) {
			e.until = until
		}
	}
	no := func(rule string) { say(rule, "suppressed", time.Time{}) }

	e.sendAt = on.at.Add(delays[on.trigger])
	if e.sendAt.Before(now) {
		e.sendAt = now
	}
	e.sendAt = opening(e.sendAt, loc)
	annual, service := on.trigger == "annual", on.trigger == "interaction"

	if !f.inAudience() {
		no("outside_audience")
	}
	if !annual && now.Sub(on.at) > 14*day {
		no("too_old")
	}
	active := f.active(m.t, now)
	if len(active) == 0 && on.trigger != "ended" && !service {
		no("no_active_contract")
	}
	if annual && len(active) > 0 {
		m.steadiness(f, active, now, say)
	}

	within := func(a *ask, limit time.Duration) bool {
		if a.at.After(now) {
			return a.at.Sub(e.sendAt).Abs() < limit
		}
		return now.Sub(a.at) < limit
	}
	asked := func(by func(*ask) bool) int {
		n := 0
		for _, a := range m.asks {
			if a.firm == f.id && by(a) {
				n++
			}
		}
		return n
	}
	if annual && asked(func(a *ask) bool { return a.kind == "nps" && within(a, 335*day) }) > 0 {
		no("asked_this_year")
	}
	if annual && asked(func(a *ask) bool { return a.trigger != "annual" && within(a, 335*day) }) > 0 {
		no("surveyed_this_year")
	}
	if !annual && on.trigger != "ended" && asked(func(a *ask) bool { return within(a, 30*day) }) > 0 {
		no("cooldown")
	}
	if asked(func(a *ask) bool { return now.Sub(a.at) < 365*day }) >= 4 {
		no("customer_cap")
	}
	e.contact = m.whom(f, on, now, within, no)
	if len(e.rules) == 0 {
		e.outcome = "planned"
	} else {
		e.contact, e.sendAt = "", time.Time{}
	}
	if e.outcome != "postponed" {
		e.until = time.Time{}
	}
	return e
}

// steadiness are the rules that put an annual survey off.
func (m *memory) steadiness(f *firm, active []*contract, now time.Time, say func(rule, outcome string, until time.Time)) {
	loc := f.zone(m.t)
	if oldest := active[0].began(m.t, loc); now.Sub(oldest) < 180*day {
		say("too_young", "postponed", oldest.Add(180*day))
	}
	var moved, ends time.Time
	for _, k := range f.contracts { // those that have ended since as well
		for _, at := range []time.Time{k.began(m.t, loc), k.changed, k.renewed} {
			if at.After(moved) && !at.After(now) {
				moved = at
			}
		}
	}
	for _, k := range active {
		if k.endsOn == "" {
			continue
		}
		last := onDay(m.t, k.endsOn, loc)
		if !last.Before(midnight(now, loc, 0)) && !last.After(midnight(now, loc, 45)) && last.After(ends) {
			ends = last
		}
	}
	if now.Sub(moved) < 90*day {
		say("not_steady", "postponed", moved.Add(90*day))
	}
	if !ends.IsZero() {
		say("change_ahead", "postponed", midnight(ends, loc, 1))
	}
}

// whom chooses the contact; each rule about persons says no when it has taken
// away the last.
func (m *memory) whom(f *firm, on occasion, now time.Time, within func(*ask, time.Duration) bool, no func(rule string)) string {
	var left []*contact
	for _, c := range f.contacts {
		if c.email != "" && (on.trigger != "interaction" || c.id == on.contact) {
			left = append(left, c)
		}
	}
	without := func(rule string, against func(*contact) bool) {
		if len(left) == 0 {
			return
		}
		if left = slices.DeleteFunc(left, against); len(left) == 0 {
			no(rule)
		}
	}
	if len(left) == 0 {
		no("no_contact")
	}
	without("unsubscribed", func(c *contact) bool { return m.unsubscribed[c.email] })
	without("undeliverable", func(c *contact) bool { return m.undeliverable[c.email] })
	without("address_cap", func(c *contact) bool {
		inYear, soon := 0, false
		for _, a := range m.asks {
			if a.address == c.email {
				soon = soon || within(a, 14*day)
				if now.Sub(a.at) < 365*day {
					inYear++
				}
			}
		}
		return soon || inYear >= 3
	})
	if len(left) == 0 {
		return ""
	}
	roles := []string{"decision_maker", "user", "billing"}
	lastAsked := func(c *contact) (at time.Time) {
		for _, a := range m.asks {
			if a.firm == f.id && a.contact == c.id && a.at.After(at) {
				at = a.at
			}
		}
		return at
	}
	first := slices.MinFunc(left, func(a, b *contact) int {
		return cmp.Or(cmp.Compare(slices.Index(roles, a.role), slices.Index(roles, b.role)), lastAsked(a).Compare(lastAsked(b)), cmp.Compare(a.id, b.id))
	})
	return first.id
}

// stillSent says which rule keeps a planned survey from being sent now; empty is
// none.
func (m *memory) stillSent(f *firm, a *ask, now time.Time) string {
	c := f.contacts[a.contact]
	switch {
	case !f.inAudience():
		return "outside_audience"
	case len(f.active(m.t, now)) == 0 && a.trigger != "ended" && a.trigger != "interaction":
		return "no_active_contract"
	case c == nil || c.email == "":
		return "no_contact"
	case m.unsubscribed[c.email]:
		return "unsubscribed"
	case m.undeliverable[c.email]:
		return "undeliverable"
	}
	return ""
}
