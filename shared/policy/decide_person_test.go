package policy_test

import (
	"testing"
	"time"

	"kaiku/shared/survey"
)

func TestWithoutAContactNobodyIsAsked(t *testing.T) {
	var cases []ruleCase
	for _, trigger := range survey.Triggers {
		cases = append(cases, ruleCase{name: "no contact with an address", on: trigger, no: no(survey.NoContact), because: survey.Because{"contacts": 0},
			set: func(s *scene) { s.c.Contacts = nil }})
	}
	decideAll(t, append(cases,
		ruleCase{name: "customer service was with somebody who has gone", on: survey.Interaction, no: no(survey.NoContact),
			because: survey.Because{"contacts": 1, "contact": "P-9"}, set: func(s *scene) { s.on.Contact = "P-9" }}))
}

func TestUnsubscribedAndUndeliverableContactsAreNotAsked(t *testing.T) {
	var cases []ruleCase
	for _, trigger := range survey.Triggers {
		cases = append(cases,
			ruleCase{name: "unsubscribed", on: trigger, set: func(s *scene) { s.unsubscribed("P-1") }, no: no(survey.Unsubscribed),
				because: survey.Because{"contacts": "[P-1]", "since": "map[P-1:2026-03-09T08:00:00Z]"}},
			ruleCase{name: "undeliverable", on: trigger, set: func(s *scene) { s.undeliverable("P-1") }, no: no(survey.Undeliverable),
				because: survey.Because{"contacts": "[P-1]", "since": "map[P-1:2026-03-09T08:00:00Z]"}})
	}
	decideAll(t, append(cases,
		ruleCase{name: "one of two has unsubscribed", on: survey.Changed, set: func(s *scene) { s.contact("P-2", survey.User).unsubscribed("P-1") }},
		ruleCase{name: "both have unsubscribed", on: survey.Changed, no: no(survey.Unsubscribed), because: survey.Because{"contacts": "[P-1 P-2]"},
			set: func(s *scene) { s.contact("P-2", survey.User).unsubscribed("P-1", "P-2") }},
		ruleCase{name: "one of two bounces", on: survey.Annual, set: func(s *scene) { s.contact("P-2", survey.User).undeliverable("P-2") }},
		ruleCase{name: "one has unsubscribed, the other bounces", on: survey.Annual, no: no(survey.Undeliverable), because: survey.Because{"contacts": "[P-2]"},
			set: func(s *scene) { s.contact("P-2", survey.User).unsubscribed("P-1").undeliverable("P-2") }},
		ruleCase{name: "unsubscribed and bouncing: the first says it", on: survey.Annual, no: no(survey.Unsubscribed),
			set: func(s *scene) { s.unsubscribed("P-1").undeliverable("P-1") }},
		ruleCase{name: "the contact of the interaction has unsubscribed, another has not", on: survey.Interaction, no: no(survey.Unsubscribed),
			set: func(s *scene) { s.contact("P-2", survey.User).unsubscribed("P-1") }},
		ruleCase{name: "another than the contact of the interaction has", on: survey.Interaction,
			set: func(s *scene) { s.contact("P-2", survey.User).unsubscribed("P-2") }}))
}

func TestAnAddressIsAskedSoOftenAYearAndNoMore(t *testing.T) {
	capped := no(survey.AddressCap)
	addressed := func(ago ...time.Duration) func(*scene) {
		return func(s *scene) { s.addressAsked("P-1", ago...) }
	}
	var cases []ruleCase
	for _, trigger := range survey.Triggers {
		cases = append(cases,
			ruleCase{name: "twice", on: trigger, set: addressed(300*day, 200*day)},
			ruleCase{name: "three times", on: trigger, set: addressed(300*day, 200*day, 100*day), no: capped,
				because: survey.Because{"contacts": "[P-1]", "asked": "map[P-1:3]", "limit": 3, "within": "365d", "cooldown": "nothing"}})
	}
	// At the earliest it would go out now: what is planned is measured from then.
	decideAll(t, append(cases,
		ruleCase{name: "the third a moment less than a year ago", on: survey.Ended, set: addressed(365*day-1, 200*day, 100*day), no: capped},
		ruleCase{name: "the third a year ago", on: survey.Ended, set: addressed(365*day, 200*day, 100*day)},
		ruleCase{name: "asked a moment too lately", on: survey.Ended, set: addressed(14*day - 1), no: capped,
			because: survey.Because{"asked": "map[P-1:1]", "at": "map[P-1:2026-02-24T08:00:00Z]", "cooldown": "14d"}},
		ruleCase{name: "asked long enough ago", on: survey.Ended, set: addressed(14 * day)},
		ruleCase{name: "asked too lately, long before others", on: survey.Ended, set: addressed(13*day, 300*day), no: capped},
		ruleCase{name: "one is planned a moment too near", on: survey.Annual, set: addressed(-14*day + 1), no: capped},
		ruleCase{name: "one is planned far enough ahead", on: survey.Annual, set: addressed(-14 * day)},
		ruleCase{name: "three are planned", on: survey.Annual, set: addressed(-15*day, -30*day, -45*day), no: capped},
		ruleCase{name: "another contact has been asked less", on: survey.Changed, set: func(s *scene) { s.contact("P-2", survey.Billing).addressAsked("P-1", day) }},
		ruleCase{name: "every contact left was asked too often", on: survey.Changed, no: capped, because: survey.Because{"contacts": "[P-1 P-3]", "asked": "map[P-1:1 P-3:1]"},
			set: func(s *scene) {
				s.contact("P-2", survey.User).contact("P-3", survey.User).unsubscribed("P-2").addressAsked("P-1", day).addressAsked("P-3", day)
			}},
		ruleCase{name: "the contact of the interaction was asked too lately, another was not", on: survey.Interaction, no: capped,
			set: func(s *scene) { s.contact("P-2", survey.User).addressAsked("P-1", day) }},
		ruleCase{name: "by the policy's own cap", on: survey.Ended, set: func(s *scene) {
			s.yaml = "rules: {address_cap: 4}\n"
			addressed(300*day, 200*day, 100*day)(s)
		}},
		ruleCase{name: "by the policy's own cooldown", on: survey.Ended, no: capped, because: survey.Because{"cooldown": "30d"}, set: func(s *scene) {
			s.yaml = "rules: {address_cooldown: 30d}\n"
			addressed(20 * day)(s)
		}}))
}

func TestWhichContactIsAsked(t *testing.T) {
	askedOf := func(contact string, ago time.Duration) func(*scene) {
		return func(s *scene) {
			s.asked(survey.Ended, ago)
			for i := range s.c.Asked {
				if s.c.Asked[i].At.Equal(s.now.Add(-ago)) {
					s.c.Asked[i].Contact = contact
				}
			}
		}
	}
	for _, c := range []struct {
		name  string
		on    survey.Trigger
		roles map[string]survey.Role
		set   []func(*scene)
		want  string
	}{
		{"the only one", survey.Changed, map[string]survey.Role{"P-7": survey.Billing}, nil, "P-7"},
		{"decision maker before user", survey.Changed, map[string]survey.Role{"P-1": survey.User, "P-2": survey.DecisionMaker}, nil, "P-2"},
		{"user before billing", survey.Annual, map[string]survey.Role{"P-1": survey.Billing, "P-2": survey.User}, nil, "P-2"},
		{"billing before none", survey.Ended, map[string]survey.Role{"P-1": "", "P-2": survey.Billing}, nil, "P-2"},
		{"decision maker though asked lately", survey.Ended, map[string]survey.Role{"P-1": survey.User, "P-2": survey.DecisionMaker},
			[]func(*scene){askedOf("P-2", 40*day)}, "P-2"},
		{"among equals by id", survey.Changed, map[string]survey.Role{"P-3": survey.User, "P-2": survey.User, "P-10": survey.User}, nil, "P-10"},
		{"among equals the one never asked", survey.Changed, map[string]survey.Role{"P-1": survey.User, "P-2": survey.User},
			[]func(*scene){askedOf("P-1", 400*day)}, "P-2"},
		{"among equals the one asked longest ago", survey.Changed, map[string]survey.Role{"P-1": survey.User, "P-2": survey.User},
			[]func(*scene){askedOf("P-1", 50*day), askedOf("P-2", 60*day)}, "P-2"},
		{"by when last asked, not first", survey.Changed, map[string]survey.Role{"P-1": survey.User, "P-2": survey.User},
			[]func(*scene){askedOf("P-1", 200*day), askedOf("P-1", 50*day), askedOf("P-2", 60*day)}, "P-2"},
		{"planned to be asked is asked last", survey.Ended, map[string]survey.Role{"P-1": survey.User, "P-2": survey.User},
			[]func(*scene){askedOf("P-1", -5*day), askedOf("P-2", 60*day)}, "P-2"},
		{"those of no role are equal", survey.Changed, map[string]survey.Role{"P-1": "", "P-2": ""},
			[]func(*scene){askedOf("P-1", 60*day)}, "P-2"},
		{"decision maker unsubscribed: the user", survey.Changed, map[string]survey.Role{"P-1": survey.DecisionMaker, "P-2": survey.User},
			[]func(*scene){func(s *scene) { s.unsubscribed("P-1") }}, "P-2"},
		{"decision maker bounces: the user", survey.Changed, map[string]survey.Role{"P-1": survey.DecisionMaker, "P-2": survey.User},
			[]func(*scene){func(s *scene) { s.undeliverable("P-1") }}, "P-2"},
		{"decision maker asked elsewhere: the user", survey.Changed, map[string]survey.Role{"P-1": survey.DecisionMaker, "P-2": survey.User},
			[]func(*scene){func(s *scene) { s.addressAsked("P-1", day) }}, "P-2"},
		{"the one of the interaction, whatever the role", survey.Interaction, map[string]survey.Role{"P-1": survey.DecisionMaker, "P-2": survey.Billing},
			[]func(*scene){func(s *scene) { s.on.Contact = "P-2" }}, "P-2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, backwards := range []bool{false, true} { // contacts in whatever order
				s := newScene(t, c.on)
				s.c.Contacts = nil
				for _, id := range []string{"P-1", "P-10", "P-2", "P-3", "P-7"} {
					if role, there := c.roles[id]; there {
						s.contact(id, role)
					}
				}
				if contacts := s.c.Contacts; backwards {
					for i := range contacts[:len(contacts)/2] {
						j := len(contacts) - 1 - i
						contacts[i], contacts[j] = contacts[j], contacts[i]
					}
				}
				for _, set := range c.set {
					set(s)
				}
				d := parse(t, s.yaml).Decide(s.facts(), s.on, s.now)
				if d.Contact != c.want {
					t.Errorf("asked is %q (%v), want %q", d.Contact, d.Rules, c.want)
				}
			}
		})
	}
}
