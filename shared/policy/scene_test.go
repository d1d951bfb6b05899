package policy_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"kaiku/shared/policy"
	"kaiku/shared/policyfile"
	"kaiku/shared/survey"
)

const (
	day  = 24 * time.Hour
	hour = time.Hour
)

// parse is the default policy with the YAML laid over it.
func parse(t testing.TB, yaml string) *policy.Policy {
	t.Helper()
	p, err := policyfile.Parse("policy.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// at reads a time on the wall clock of Helsinki.
func at(t testing.TB, text string) time.Time {
	t.Helper()
	moment, err := time.ParseInLocation("2006-01-02 15:04", text, zone(t, "Europe/Helsinki"))
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func date(t testing.TB, text string) survey.Date {
	t.Helper()
	d, err := survey.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// scene is a decision about to be made. As newScene makes it every rule says yes
// for every trigger; a case changes what it is about. All its moments are told
// from now, so that a case can set them to the limit exactly.
type scene struct {
	yaml  string
	c     survey.Customer
	known map[string]survey.Address
	on    policy.Occasion
	now   time.Time
}

// newScene is on a Tuesday at ten in Helsinki, no holiday near. The customer is
// a small firm with one contract of three years and one contact.
func newScene(t testing.TB, trigger survey.Trigger) *scene {
	t.Helper()
	s := &scene{now: at(t, "2026-03-10 10:00"), known: map[string]survey.Address{}}
	s.c = survey.Customer{ID: "C-1",
		Contracts: []survey.Contract{{ID: "K-1", Started: s.now.Add(-3 * 366 * day)}},
		Contacts:  []survey.Contact{{ID: "P-1", Email: "maija@leipomo.example", Role: survey.DecisionMaker, Language: "fi"}}}
	s.on = policy.Occasion{Trigger: trigger, At: s.now}
	switch trigger {
	case survey.Annual:
	case survey.Interaction:
		s.on.Interaction, s.on.Contact = "T-9", "P-1"
	default:
		s.on.Contract = "K-1"
	}
	return s
}

// contract adds a contract.
func (s *scene) contract(k survey.Contract) *scene {
	s.c.Contracts = append(s.c.Contracts, k)
	return s
}

// contact adds a contact.
func (s *scene) contact(id string, role survey.Role) *scene {
	s.c.Contacts = append(s.c.Contacts, survey.Contact{ID: id, Email: id + "@leipomo.example", Role: role})
	return s
}

// asked notes a survey that was sent so long ago, or is planned when ago is
// negative. The customer's surveys are kept the oldest first.
func (s *scene) asked(trigger survey.Trigger, ago time.Duration) *scene {
	a := survey.Asked{Invitation: "I-" + ago.String(), Kind: trigger.Kind(), Trigger: trigger, At: s.now.Add(-ago)}
	if trigger == survey.External {
		a.Invitation, a.Kind = "", survey.CSAT
	}
	s.c.Asked = append(s.c.Asked, a)
	slices.SortFunc(s.c.Asked, func(a, b survey.Asked) int { return a.At.Compare(b.At) })
	return s
}

// addressAsked notes surveys to the address of a contact, at whatever customer.
func (s *scene) addressAsked(contact string, ago ...time.Duration) *scene {
	a := s.known[contact]
	for _, one := range ago {
		a.Asked = append(a.Asked, survey.AddressAsked{Invitation: "I-" + one.String(), At: s.now.Add(-one)})
	}
	s.known[contact] = a
	return s
}

// unsubscribed notes of contacts that they did.
func (s *scene) unsubscribed(contacts ...string) *scene {
	for _, id := range contacts {
		a := s.known[id]
		a.Unsubscribed = s.now.Add(-day)
		s.known[id] = a
	}
	return s
}

// undeliverable notes of contacts that their mail bounces.
func (s *scene) undeliverable(contacts ...string) *scene {
	for _, id := range contacts {
		a := s.known[id]
		a.Undeliverable = s.now.Add(-day)
		s.known[id] = a
	}
	return s
}

func (s *scene) facts() policy.Facts { return policy.Facts{Customer: &s.c, Addresses: s.known} }

// outcomeOf is what a decision comes to by the first rule that says no: the
// table of rules, told once more.
func outcomeOf(rules []survey.Rule) survey.DecisionOutcome {
	switch {
	case len(rules) == 0:
		return survey.Planned
	case slices.Contains([]survey.Rule{survey.TooYoung, survey.NotSteady, survey.ChangeAhead}, rules[0]):
		return survey.Postponed
	}
	return survey.Suppressed
}

// no lists the rules that say no.
func no(rules ...survey.Rule) []survey.Rule { return rules }

// ruleCase is one decision: a scene, and the rules that say no, in their order.
type ruleCase struct {
	name string
	on   survey.Trigger
	set  func(*scene)
	no   []survey.Rule
	// because are facts that the first rule has to give.
	because survey.Because
	// until is to when it is put off, measured from now.
	until time.Duration
}

// decideAll makes the decision of each case, and holds it against the case and
// against what is true of every decision.
func decideAll(t *testing.T, cases []ruleCase) {
	t.Helper()
	names := map[string]bool{}
	for _, c := range cases {
		name := string(c.on) + ": " + c.name
		if names[name] {
			t.Errorf("two cases are called %q", name)
		}
		names[name] = true
		t.Run(name, func(t *testing.T) {
			s := newScene(t, c.on)
			if c.set != nil {
				c.set(s)
			}
			p := parse(t, s.yaml)
			d := p.Decide(s.facts(), s.on, s.now)
			if !slices.Equal(d.Rules, c.no) {
				t.Fatalf("no was said by %v, want %v (because %v)", d.Rules, c.no, d.Because)
			}
			wantWhole(t, p, s, d)
			for name, want := range c.because {
				if got := d.Because[d.Rule][name]; cmp.Or(text(got), "nothing") != text(want) {
					t.Errorf("%s because %s is %v, want %v", d.Rule, name, got, want)
				}
			}
			if d.Outcome == survey.Postponed && !d.Until.Equal(s.now.Add(c.until)) {
				t.Errorf("put off by %v, want %v", d.Until.Sub(s.now), c.until)
			}
		})
	}
}

// wantWhole holds a decision against what is true of every one.
func wantWhole(t *testing.T, p *policy.Policy, s *scene, d survey.Decision) {
	t.Helper()
	if want := outcomeOf(d.Rules); d.Outcome != want {
		t.Errorf("outcome %s, want %s", d.Outcome, want)
	}
	if len(d.Rules) > 0 && d.Rule != d.Rules[0] || len(d.Rules) == 0 && d.Rule != "" {
		t.Errorf("rule is %q of %v", d.Rule, d.Rules)
	}
	if got, want := slices.Sorted(maps.Keys(d.Because)), slices.Sorted(slices.Values(d.Rules)); !slices.Equal(got, want) {
		t.Errorf("because is about %v, want %v", got, want)
	}
	for rule, facts := range d.Because {
		if len(facts) == 0 {
			t.Errorf("%s gives no facts", rule)
		}
	}
	planned, postponed := d.Outcome == survey.Planned, d.Outcome == survey.Postponed
	if d.SendAt.IsZero() == planned || (d.Contact == "") == planned {
		t.Errorf("%s with sendAt %v and contact %q", d.Outcome, d.SendAt, d.Contact)
	}
	if d.Until.IsZero() == postponed || postponed && !d.Until.After(s.now) || d.Until.Location() != time.UTC {
		t.Errorf("%s until %v", d.Outcome, d.Until)
	}
	if !d.At.Equal(s.now) || d.Customer != "C-1" || d.Trigger != s.on.Trigger || d.Kind != s.on.Trigger.Kind() ||
		d.Contract != s.on.Contract || d.Policy != p.Hash || d.Invitation != "" {
		t.Errorf("the decision is %+v", d)
	}
}

func text(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
