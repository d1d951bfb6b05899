package policy_test

import (
	"testing"

	"kaiku/shared/survey"
)

func number[N int64 | float64](n N) *N { return &n }

func TestEveryRuleSaysYes(t *testing.T) {
	var cases []ruleCase
	for _, trigger := range survey.Triggers {
		cases = append(cases, ruleCase{name: "nothing against it", on: trigger})
	}
	decideAll(t, cases)
}

func TestErasedCustomersAreNotAsked(t *testing.T) {
	var cases []ruleCase
	for _, trigger := range survey.Triggers {
		cases = append(cases, ruleCase{name: "erased", on: trigger, set: func(s *scene) { s.c.Erased = true },
			no: no(survey.Erased), because: survey.Because{"erased": true}})
	}
	decideAll(t, cases)
}

func TestOnlyTheAudienceIsAsked(t *testing.T) {
	outside := no(survey.OutsideAudience)
	cases := []ruleCase{
		{name: "micro", on: survey.Changed, set: func(s *scene) { s.c.Employees = number[int64](9) }},
		{name: "small", on: survey.Changed, set: func(s *scene) { s.c.Employees = number[int64](49) }},
		{name: "medium", on: survey.Changed, set: func(s *scene) { s.c.Employees = number[int64](249) }},
		{name: "large by its people", on: survey.Changed, set: func(s *scene) { s.c.Employees = number[int64](250) }, no: outside,
			because: survey.Because{"size": "large", "employees": 250, "turnover": "nothing"}},
		{name: "large by its money", on: survey.Changed, set: func(s *scene) { s.c.Turnover = number(51e6) }, no: outside,
			because: survey.Because{"size": "large", "turnover": 51e6}},
		{name: "size unknown", on: survey.Annual},
		{name: "size unknown, which the policy leaves out", on: survey.Annual, no: outside, because: survey.Because{"size": "unknown"},
			set: func(s *scene) { s.yaml = "audience: {sizes: [micro, small]}\n" }},
		{name: "large, which the policy takes in", on: survey.Annual,
			set: func(s *scene) { s.yaml = "audience: {sizes: [large]}\n"; s.c.Employees = number[int64](300) }},
		{name: "small, which the policy leaves out", on: survey.Ended, no: outside, because: survey.Because{"size": "small", "sizes": "[micro]"},
			set: func(s *scene) { s.yaml = "audience: {sizes: [micro]}\n"; s.c.Employees = number[int64](10) }},
		{name: "member of a chain", on: survey.Started, set: func(s *scene) { s.c.Chain = true }, no: outside, because: survey.Because{"chain": true}},
		{name: "public sector", on: survey.Renewed, set: func(s *scene) { s.c.PublicSector = true }, no: outside, because: survey.Because{"publicSector": true}},
		{name: "consumer", on: survey.Interaction, set: func(s *scene) { s.c.Consumer = true }, no: outside, because: survey.Because{"consumer": true}},
		{name: "member of a chain, which the policy asks", on: survey.Started,
			set: func(s *scene) { s.yaml = "audience: {chains: true}\n"; s.c.Chain = true }},
		{name: "public sector, which the policy asks", on: survey.Renewed,
			set: func(s *scene) { s.yaml = "audience: {public_sector: true}\n"; s.c.PublicSector = true }},
		{name: "consumer, whom the policy asks", on: survey.Interaction,
			set: func(s *scene) { s.yaml = "audience: {consumers: true}\n"; s.c.Consumer = true }},
		{name: "a consumer's chain, of which the policy asks one alone", on: survey.Interaction, no: outside, because: survey.Because{"chain": true},
			set: func(s *scene) { s.yaml = "audience: {consumers: true}\n"; s.c.Consumer, s.c.Chain = true, true }},
	}
	for _, trigger := range survey.Triggers {
		cases = append(cases, ruleCase{name: "chain, for every trigger", on: trigger, set: func(s *scene) { s.c.Chain = true }, no: outside})
	}
	decideAll(t, cases)
}

func TestATriggerCanBeSwitchedOff(t *testing.T) {
	var cases []ruleCase
	for _, trigger := range survey.Triggers[1:] { // not the annual one
		cases = append(cases,
			ruleCase{name: "off", on: trigger, no: no(survey.TriggerOff), because: survey.Because{"trigger": string(trigger)},
				set: func(s *scene) { s.yaml = "triggers: {" + string(trigger) + ": {on: false}}\n" }},
			ruleCase{name: "another one off", on: trigger, set: func(s *scene) {
				other := survey.Changed
				if trigger == other {
					other = survey.Started
				}
				s.yaml = "triggers: {" + string(other) + ": {on: false}}\n"
			}})
	}
	cases = append(cases, ruleCase{name: "all others off", on: survey.Annual, set: func(s *scene) {
		s.yaml = "triggers: {started: {on: false}, changed: {on: false}, renewed: {on: false}, ended: {on: false}, interaction: {on: false}}\n"
	}})
	decideAll(t, cases)
}

func TestOldEventsAskNothing(t *testing.T) {
	var cases []ruleCase
	for _, trigger := range survey.Triggers[1:] {
		cases = append(cases,
			ruleCase{name: "just not too old", on: trigger, set: func(s *scene) { s.on.At = s.now.Add(-14*day + 1) }},
			ruleCase{name: "as old as may be", on: trigger, set: func(s *scene) { s.on.At = s.now.Add(-14 * day) }},
			ruleCase{name: "a moment older", on: trigger, set: func(s *scene) { s.on.At = s.now.Add(-14*day - 1) }, no: no(survey.TooOld),
				because: survey.Because{"happened": "2026-02-24T07:59:59Z", "limit": "14d"}})
	}
	cases = append(cases,
		ruleCase{name: "an annual one that an outage held up", on: survey.Annual, set: func(s *scene) { s.on.At = s.now.Add(-60 * day) }},
		ruleCase{name: "by the policy's own limit", on: survey.Changed, no: no(survey.TooOld), because: survey.Because{"limit": "36h"},
			set: func(s *scene) { s.yaml = "rules: {too_old: 36h}\n"; s.on.At = s.now.Add(-36*hour - 1) }},
		ruleCase{name: "still to happen", on: survey.Changed, set: func(s *scene) { s.on.At = s.now.Add(40 * day) }})
	decideAll(t, cases)
}
