package policy_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kaiku/shared/policy"
	"kaiku/shared/survey"
)

// world is a few customers that share a bookkeeper, lived through in the order
// of time, as the ledger would: an event is taken in and decided on, what is
// planned counts as asked, an annual due date is decided when it comes.
type world struct {
	t         *rapid.T
	p         *policy.Policy
	now       time.Time
	customers []*survey.State
	addresses map[string]*survey.Address // by contact id
	sent      []mail                     // in the order in which they were decided

}

// mail is one survey that was planned.
type mail struct {
	customer, contact string
	kind              survey.Kind
	trigger           survey.Trigger
	decided, at       time.Time
	anniversary       survey.Date
	external          bool
}

func (w *world) facts(s *survey.State) (policy.Facts, survey.Customer) {
	c, err := s.Customer()
	if err != nil {
		w.t.Fatal(err)
	}
	f := policy.Facts{Customer: &c, Addresses: map[string]survey.Address{}}
	for _, p := range c.Contacts {
		if a := w.addresses[p.ID]; a != nil {
			f.Addresses[p.ID] = *a
		}
	}
	return f, c
}

func (w *world) decide(s *survey.State, on policy.Occasion) survey.Decision {
	facts, _ := w.facts(s)
	d := w.p.Decide(facts, on, w.now)
	if d.Outcome != survey.Planned {
		return d
	}
	id := fmt.Sprintf("I-%04d", len(w.sent))
	s.AddAsked(survey.Asked{Invitation: id, Kind: d.Kind, Trigger: d.Trigger, Contract: d.Contract, Contact: d.Contact, At: d.SendAt})
	a := w.addresses[d.Contact]
	if a == nil {
		a = &survey.Address{}
		w.addresses[d.Contact] = a
	}
	a.Asked = append(a.Asked, survey.AddressAsked{Invitation: id, At: d.SendAt})
	w.sent = append(w.sent, mail{customer: s.ID, contact: d.Contact, kind: d.Kind, trigger: d.Trigger, decided: w.now, at: d.SendAt, anniversary: s.Yearly.Next})
	if opening := w.p.Opening(d.SendAt, w.p.Zone); !opening.Equal(d.SendAt) || d.SendAt.Before(w.now) || d.SendAt.Before(on.At.Add(w.p.Triggers.Of(on.Trigger).Delay.Std())) {
		w.t.Errorf("decided at %v on %s of %v: sent at %v", w.now, on.Trigger, on.At, d.SendAt)
	}
	return d
}

// passTo lets time pass, and decides every annual survey that falls due.
func (w *world) passTo(then time.Time) {
	for {
		var next *survey.State
		for _, s := range w.customers {
			due := s.Yearly.Due
			if !due.IsZero() && !due.After(then) && (next == nil || due.Before(next.Yearly.Due)) {
				next = s
			}
		}
		if next == nil {
			break
		}
		w.now = later(w.now, next.Yearly.Due)
		d := w.decide(next, policy.Occasion{Trigger: survey.Annual, At: next.Yearly.Due})
		_, c := w.facts(next)
		before := next.Yearly
		next.Yearly = w.p.AfterAnnual(&c, before, d, w.now)
		if !next.Yearly.Due.IsZero() && !next.Yearly.Due.After(before.Due) && !next.Yearly.Next.Start(time.UTC).After(before.Next.Start(time.UTC)) {
			w.t.Fatalf("after %+v comes %+v", before, next.Yearly)
		}
	}
	w.now = then
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// event happens to a customer, and is heard of now.
func (w *world) event() {
	t := w.t
	s := rapid.SampledFrom(w.customers).Draw(t, "customer")
	e := survey.Event{ID: fmt.Sprint("msg-", len(w.sent)), CustomerID: s.ID, At: w.now.Add(-time.Duration(rapid.IntRange(0, 20*24*60).Draw(t, "minutes late")) * time.Minute),
		Type: rapid.SampledFrom(survey.EventTypes[:7]).Draw(t, "type")} // all but the erasure
	if e.Type.AboutContract() {
		e.ContractID = rapid.SampledFrom([]string{"K-1", "K-2"}).Draw(t, "contract")
	}
	if e.Type == survey.InteractionClosed {
		e.InteractionID, e.InteractionContact = e.ID, rapid.SampledFrom([]string{s.ID + "-own", "bookkeeper"}).Draw(t, "with")
	}
	if e.Type == survey.CustomerSurveyed {
		e.SurveyKind, e.SurveyAt = rapid.SampledFrom(survey.Kinds).Draw(t, "kind"), e.At
		told := func(m mail) bool { // the same survey told of twice is one
			return m.external && m.customer == s.ID && m.kind == e.SurveyKind && m.at.Equal(e.At)
		}
		if !slices.ContainsFunc(w.sent, told) {
			w.sent = append(w.sent, mail{customer: s.ID, kind: e.SurveyKind, trigger: survey.External, decided: w.now, at: e.At, external: true})
		}
	}
	if err := s.Apply(e); err != nil {
		t.Fatal(err)
	}
	if trigger := e.Type.Trigger(); trigger != "" {
		w.decide(s, policy.Occasion{Trigger: trigger, Contract: e.ContractID, At: e.At, Interaction: e.InteractionID, Contact: e.InteractionContact})
	}
	_, c := w.facts(s)
	s.Yearly = w.p.Yearly(&c, s.Yearly, w.now)
}

// newWorld begins with customers of some years, each with a contact of its own
// and the bookkeeper.
func newWorld(t *rapid.T, p *policy.Policy) *world {
	w := &world{t: t, p: p, now: time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC), addresses: map[string]*survey.Address{}}
	for i := range 3 {
		s := &survey.State{ID: fmt.Sprintf("C-%d", rapid.IntRange(0, 9999).Draw(t, "id")*3+i)}
		began := w.now.Add(-time.Duration(rapid.IntRange(0, 900).Draw(t, "age")) * day)
		err := s.Apply(survey.Event{Type: survey.ContractStarted, At: w.now, CustomerID: s.ID, ContractID: "K-1", Backfill: true,
			Contract: map[string]json.RawMessage{"startsOn": json.RawMessage(`"` + survey.DateOf(began).String() + `"`)},
			Contacts: map[string]map[string]json.RawMessage{
				s.ID + "-own": {"email": json.RawMessage(`"own@firm.example"`), "role": json.RawMessage(`"user"`)},
				"bookkeeper":  {"email": json.RawMessage(`"books@keeper.example"`), "role": json.RawMessage(`"user"`)},
			}})
		if err != nil {
			t.Fatal(err)
		}
		_, c := w.facts(s)
		s.Yearly = p.Yearly(&c, survey.Yearly{}, w.now)
		w.customers = append(w.customers, s)
	}
	return w
}

// Whatever happens, nobody is asked more often than the rules say. The laws are
// told here from what is sent, not from how it is decided.
func TestNobodyIsAskedMoreOftenThanTheRulesSay(t *testing.T) {
	for name, yaml := range map[string]string{
		"the default policy": "",
		"where the annual survey is held back by nothing else": "rules: {surveyed_this_year: {counts: []}, too_young: 0d, not_steady: 0d, customer_cap: 5}\n",
		"with delays longer than the cooldown":                 "triggers: {started: {delay: 70d}, changed: {delay: 40d}, interaction: {delay: 20d}}\nrules: {too_young: 30d, not_steady: 5d, address_cap: 5}\n",
	} {
		p := parse(t, yaml)
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				w := newWorld(rt, p)
				for range rapid.IntRange(1, 60).Draw(rt, "events") {
					w.passTo(w.now.Add(time.Duration(rapid.IntRange(0, 60*24*60).Draw(rt, "minutes passed")) * time.Minute))
					w.event()
				}
				w.passTo(w.now.Add(400 * day))
				w.wantLaws()
			})
		})
	}
}

func (w *world) wantLaws() {
	r := &w.p.Rules
	const year = 365 * day
	for j, one := range w.sent {
		if one.external {
			continue // not ours to hold back
		}
		var ofCustomer, ofAddress []mail // decided before it, sent less than a year before or at any time after
		for _, other := range w.sent[:j] {
			apart := one.at.Sub(other.at).Abs()
			recent := one.at.Sub(other.at) < year
			if other.contact == one.contact && !other.external {
				if apart < r.AddressCooldown.Std() {
					w.t.Errorf("to one address %v apart:\n%+v\n%+v", apart, other, one)
				}
				if recent {
					ofAddress = append(ofAddress, other)
				}
			}
			if other.customer != one.customer {
				continue
			}
			if recent {
				ofCustomer = append(ofCustomer, other)
			}
			switch {
			case one.kind != survey.NPS && one.trigger != survey.Ended && apart < r.Cooldown.Std():
				w.t.Errorf("the cooldown is %v, these are %v apart:\n%+v\n%+v", r.Cooldown, apart, other, one)
			case one.kind == survey.NPS && other.kind == survey.NPS && apart < r.AskedThisYear.Std():
				w.t.Errorf("annual surveys %v apart:\n%+v\n%+v", apart, other, one)
			case one.kind == survey.NPS && r.SurveyedThisYear.Includes(other.kind, other.trigger) && apart < r.SurveyedThisYear.Within.Std():
				w.t.Errorf("an annual survey %v from another:\n%+v\n%+v", apart, other, one)
			case one.kind == survey.NPS && other.trigger == survey.Annual && other.anniversary == one.anniversary:
				w.t.Errorf("two for one anniversary:\n%+v\n%+v", other, one)
			}
		}
		if len(ofCustomer) >= r.CustomerCap {
			w.t.Errorf("%d to one customer in a year, with this one: %+v", len(ofCustomer)+1, one)
		}
		if len(ofAddress) >= r.AddressCap {
			w.t.Errorf("%d to one address in a year, with this one: %+v", len(ofAddress)+1, one)
		}
	}
}
