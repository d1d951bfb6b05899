package policy_test

import (
	"fmt"
	"testing"
	"time"

	"kaiku/shared/survey"
)

// lately sets when another survey was sent; when it is planned, ago is negative.
func lately(trigger survey.Trigger, ago time.Duration) func(*scene) {
	return func(s *scene) { s.asked(trigger, ago) }
}

func TestNoAnnualSurveyTwiceAYear(t *testing.T) {
	asked := no(survey.AskedThisYear)
	decideAll(t, []ruleCase{
		{name: "the last was sent a moment too lately", on: survey.Annual, set: lately(survey.Annual, 335*day-1), no: asked,
			because: survey.Because{"kind": "nps", "trigger": "annual", "at": "2025-04-09T08:00:00Z", "limit": "335d"}},
		{name: "the last was sent long enough ago", on: survey.Annual, set: lately(survey.Annual, 335*day)},
		{name: "the last was sent two years ago", on: survey.Annual, set: lately(survey.Annual, 700*day)},
		{name: "one is planned", on: survey.Annual, set: lately(survey.Annual, -hour), no: asked},
		{name: "another system sent one", on: survey.Annual, no: no(survey.AskedThisYear, survey.SurveyedThisYear),
			because: survey.Because{"kind": "nps", "trigger": "external"},
			set: func(s *scene) {
				s.c.Asked = []survey.Asked{{Kind: survey.NPS, Trigger: survey.External, At: s.now.Add(-100 * day)}}
			}},
		{name: "by the policy's own limit", on: survey.Annual,
			set: func(s *scene) { s.yaml = "rules: {asked_this_year: 200d}\n"; s.asked(survey.Annual, 200*day) }},
		{name: "of several the newest counts", on: survey.Annual, no: asked, because: survey.Because{"at": "2025-11-30T08:00:00Z"},
			set: func(s *scene) { s.asked(survey.Annual, 600*day).asked(survey.Annual, 100*day) }},
		{name: "asked the annual one lately", on: survey.Changed, set: lately(survey.Annual, 100*day)},
	})
}

func TestNoAnnualSurveySoonAfterAnother(t *testing.T) {
	surveyed := no(survey.SurveyedThisYear)
	var cases []ruleCase
	for _, other := range append(survey.Triggers[1:], survey.External) {
		cases = append(cases,
			ruleCase{name: "a moment too soon after " + string(other), on: survey.Annual, set: lately(other, 335*day-1), no: surveyed,
				because: survey.Because{"trigger": string(other), "limit": "335d"}},
			ruleCase{name: "long enough after " + string(other), on: survey.Annual, set: lately(other, 335*day)},
			ruleCase{name: "counted are not " + string(other), on: survey.Annual,
				set: func(s *scene) { s.yaml = "rules: {surveyed_this_year: {counts: []}}\n"; s.asked(other, 10*day) }})
	}
	cases = append(cases,
		ruleCase{name: "one is planned", on: survey.Annual, set: lately(survey.Started, -14*day), no: surveyed},
		ruleCase{name: "one that counts behind one that does not", on: survey.Annual, no: surveyed, because: survey.Because{"trigger": "ended"},
			set: func(s *scene) {
				s.yaml = "rules: {surveyed_this_year: {counts: [ended]}}\n"
				s.asked(survey.Ended, 50*day).asked(survey.Interaction, 40*day)
			}},
		ruleCase{name: "counted by its kind", on: survey.Annual, no: surveyed, because: survey.Because{"trigger": "ended", "kind": "csat"},
			set: func(s *scene) {
				s.yaml = "rules: {surveyed_this_year: {counts: [csat]}}\n"
				s.asked(survey.Ended, 50*day)
			}},
		ruleCase{name: "of another system, counted by its kind", on: survey.Annual, no: surveyed, because: survey.Because{"trigger": "external"},
			set: func(s *scene) {
				s.yaml = "rules: {surveyed_this_year: {counts: [csat]}}\n"
				s.asked(survey.External, 50*day)
			}},
		ruleCase{name: "of a kind that does not count", on: survey.Annual,
			set: func(s *scene) {
				s.yaml = "rules: {surveyed_this_year: {counts: [csat]}}\n"
				s.asked(survey.Interaction, 50*day)
			}},
		ruleCase{name: "by the policy's own limit", on: survey.Annual,
			set: func(s *scene) { s.yaml = "rules: {surveyed_this_year: {within: 60d}}\n"; s.asked(survey.Ended, 60*day) }},
		ruleCase{name: "the annual ones themselves do not count", on: survey.Annual, set: lately(survey.Annual, 340*day)})
	decideAll(t, cases)
}

func TestTheWelcomeSurveyDoesNotCostTheFirstAnnualOne(t *testing.T) {
	s := newScene(t, survey.Annual)
	begin := at(t, "2025-03-03 10:00")
	s.only(survey.Contract{ID: "K-1", Started: begin})
	p := parse(t, unspread)
	welcome := p.Decide(s.facts(), started(begin), begin)
	s.c.Asked = []survey.Asked{{Invitation: "I-1", Kind: welcome.Kind, Trigger: welcome.Trigger, At: welcome.SendAt}}
	due := p.Yearly(&s.c, survey.Yearly{}, begin).Due
	s.on.At = due
	if d := p.Decide(s.facts(), s.on, due); d.Outcome != survey.Planned {
		t.Errorf("welcomed on %v, a year on it is %s by %v", welcome.SendAt, d.Outcome, d.Rules)
	}
}

func TestCooldownBetweenSurveys(t *testing.T) {
	cooling := no(survey.Cooldown)
	var cases []ruleCase
	for _, trigger := range []survey.Trigger{survey.Started, survey.Changed, survey.Renewed, survey.Interaction} {
		cases = append(cases,
			ruleCase{name: "a moment too soon", on: trigger, set: lately(survey.Interaction, 30*day-1), no: cooling,
				because: survey.Because{"kind": "ces", "trigger": "interaction", "limit": "30d"}},
			ruleCase{name: "long enough after", on: trigger, set: lately(survey.Interaction, 30*day)})
	}
	for _, other := range append(survey.Triggers, survey.External) {
		cases = append(cases,
			ruleCase{name: "after " + string(other), on: survey.Changed, set: lately(other, 10*day), no: cooling, because: survey.Because{"trigger": string(other)}},
			ruleCase{name: "planned is " + string(other), on: survey.Interaction, set: lately(other, -10*day), no: cooling},
			ruleCase{name: "the end is asked all the same after " + string(other), on: survey.Ended, set: lately(other, hour)})
	}
	// What is planned is measured from when this one would go out: two hours on,
	// at noon, and three days on, on the Friday.
	cases = append(cases,
		ruleCase{name: "one is planned a moment too near", on: survey.Interaction, set: lately(survey.Annual, -(30*day+2*hour)+1), no: cooling},
		ruleCase{name: "one is planned far enough ahead", on: survey.Interaction, set: lately(survey.Annual, -(30*day + 2*hour))},
		ruleCase{name: "one is planned before it", on: survey.Changed, set: lately(survey.Ended, -day), no: cooling},
		ruleCase{name: "a delay longer than the cooldown, one is planned far enough before", on: survey.Changed,
			set: func(s *scene) { s.yaml = "triggers: {changed: {delay: 35d}}\n"; s.asked(survey.Ended, -5*day) }},
		ruleCase{name: "a delay longer than the cooldown, one is planned a moment too near", on: survey.Changed, no: cooling,
			set: func(s *scene) { s.yaml = "triggers: {changed: {delay: 35d}}\n"; s.asked(survey.Ended, -5*day-1) }},
		ruleCase{name: "by the policy's own limit", on: survey.Changed, no: cooling, because: survey.Because{"limit": "45d"},
			set: func(s *scene) { s.yaml = "rules: {cooldown: 45d}\n"; s.asked(survey.Ended, 40*day) }},
		ruleCase{name: "no cooldown", on: survey.Changed, set: func(s *scene) { s.yaml = "rules: {cooldown: 0d}\n"; s.asked(survey.Ended, 0) }})
	decideAll(t, cases)
}

func TestACustomerIsAskedSoOftenAYearAndNoMore(t *testing.T) {
	capped := no(survey.CustomerCap)
	// often asks the newest at the time given, the others before it.
	often := func(n int, newest time.Duration) func(*scene) {
		return func(s *scene) {
			for i := range n {
				s.asked(survey.Ended, newest+time.Duration(i)*40*day)
			}
		}
	}
	var cases []ruleCase
	for _, trigger := range survey.Triggers[1:] {
		cases = append(cases,
			ruleCase{name: "three", on: trigger, set: often(3, 50*day)},
			ruleCase{name: "four", on: trigger, set: often(4, 50*day), no: capped, because: survey.Because{"asked": 4, "limit": 4, "within": "365d"}})
	}
	decideAll(t, append(cases,
		ruleCase{name: "the fourth a moment less than a year ago", on: survey.Changed, set: often(4, 245*day-1), no: capped},
		ruleCase{name: "the fourth a year ago", on: survey.Changed, set: often(4, 245*day)},
		ruleCase{name: "planned ones count", on: survey.Ended, set: often(4, -10*day), no: capped},
		ruleCase{name: "those of other systems count", on: survey.Changed, no: capped, set: func(s *scene) {
			for i := range 4 {
				s.asked(survey.External, time.Duration(i+2)*40*day)
			}
		}},
		ruleCase{name: "the annual one, where others are let by", on: survey.Annual, no: capped,
			set: func(s *scene) { s.yaml = "rules: {surveyed_this_year: {counts: []}}\n"; often(4, 50*day)(s) }},
		ruleCase{name: "by the policy's own limit, not reached", on: survey.Ended, set: func(s *scene) { s.yaml = "rules: {customer_cap: 6}\n"; often(5, 50*day)(s) }},
		ruleCase{name: "by the policy's own limit", on: survey.Ended, no: capped, because: survey.Because{"asked": 1, "limit": 1, "dates": "[2026-01-19T08:00:00Z]"}, set: func(s *scene) { s.yaml = "rules: {customer_cap: 1}\n"; often(1, 50*day)(s) }}))
}

func TestOfInteractionsAFixedShareIsAsked(t *testing.T) {
	for _, percent := range []float64{0, 0.5, 10, 50, 99.5, 100} {
		p := parse(t, fmt.Sprintf("rules: {sample_percent: %v}\n", percent))
		const interactions = 20_000
		in := 0
		s := newScene(t, survey.Interaction)
		for i := range interactions {
			s.on.Interaction = fmt.Sprintf("T-%d", i)
			d := p.Decide(s.facts(), s.on, s.now)
			if d.Outcome == survey.Planned {
				in++
			} else if d.Rule != survey.NotSampled || len(d.Rules) != 1 || d.Because[d.Rule]["samplePercent"] != percent {
				t.Fatalf("%v %%: %v because %v", percent, d.Rules, d.Because)
			}
			if i < 100 {
				if again := p.Decide(s.facts(), s.on, s.now.Add(5*day)); again.Outcome != d.Outcome {
					t.Errorf("%v %%: %s is %s, decided again %s", percent, s.on.Interaction, d.Outcome, again.Outcome)
				}
			}
		}
		// Four standard deviations of a fair draw are 1.4 points at most.
		if got := 100 * float64(in) / interactions; got < percent-1.4 || got > percent+1.4 || percent == 0 && in > 0 || percent == 100 && in < interactions {
			t.Errorf("%v %% asked are %v %%", percent, got)
		}
	}
}

func TestTheSampleIsOfInteractionsAlone(t *testing.T) {
	var cases []ruleCase
	for _, trigger := range survey.Triggers {
		c := ruleCase{name: "a sample of none", on: trigger, set: func(s *scene) { s.yaml = "rules: {sample_percent: 0}\n" }}
		if trigger == survey.Interaction {
			c.no = no(survey.NotSampled)
		}
		cases = append(cases, c)
	}
	decideAll(t, cases)
}
