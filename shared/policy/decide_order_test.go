package policy_test

import (
	"slices"
	"testing"
	"time"

	"kaiku/shared/policy"
	"kaiku/shared/survey"
)

func started(at time.Time) policy.Occasion {
	return policy.Occasion{Trigger: survey.Started, Contract: "K-1", At: at}
}

// rows is the table of rules: what each is for, in their order.
var rows = []struct {
	rule survey.Rule
	on   []survey.Trigger
	// against makes the rule say no and, if it can, no other.
	against func(*scene)
}{
	{survey.Erased, survey.Triggers, func(s *scene) { s.c.Erased = true }},
	{survey.OutsideAudience, survey.Triggers, func(s *scene) { s.c.Chain = true }},
	{survey.TriggerOff, survey.Triggers[1:], func(s *scene) {
		s.yaml += "triggers: {started: {on: false}, changed: {on: false}, renewed: {on: false}, ended: {on: false}, interaction: {on: false}}\n"
	}},
	{survey.TooOld, survey.Triggers[1:], func(s *scene) { s.on.At = s.now.Add(-15 * day) }},
	{survey.NoActiveContract, []survey.Trigger{survey.Annual, survey.Started, survey.Changed, survey.Renewed}, func(s *scene) {
		for i := range s.c.Contracts {
			s.c.Contracts[i].Ended = s.now.Add(-hour)
		}
	}},
	{survey.TooYoung, survey.Triggers[:1], func(s *scene) { s.c.Contracts[0].Started = s.now.Add(-100 * day) }},
	{survey.NotSteady, survey.Triggers[:1], func(s *scene) { s.c.Contracts[0].Changed = s.now.Add(-10 * day) }},
	{survey.ChangeAhead, survey.Triggers[:1], func(s *scene) { s.c.Contracts[0].EndsOn = helsinkiDay(3) }},
	{survey.AskedThisYear, survey.Triggers[:1], func(s *scene) { s.asked(survey.Annual, 100*day) }},
	{survey.SurveyedThisYear, survey.Triggers[:1], func(s *scene) { s.asked(survey.Ended, 99*day) }},
	{survey.Cooldown, []survey.Trigger{survey.Started, survey.Changed, survey.Renewed, survey.Interaction}, func(s *scene) { s.asked(survey.External, 5*day) }},
	{survey.CustomerCap, survey.Triggers, func(s *scene) {
		s.yaml += "rules: {customer_cap: 2, sample_percent: 0}\n"
		s.asked(survey.Annual, 340*day).asked(survey.Ended, 341*day)
	}},
	{survey.NotSampled, []survey.Trigger{survey.Interaction}, nil}, // with the cap: a file has its keys once
	{survey.NoContact, survey.Triggers, func(s *scene) { s.c.Contacts = nil }},
}

// Every rule that applies is asked, in the order of the table; the first gives
// the outcome. All at once leave out none.
func TestAllThatSayNoAreListedAndTheFirstWins(t *testing.T) {
	for _, trigger := range survey.Triggers {
		// From the whole table down to its last row alone.
		for first := range rows {
			var want []survey.Rule
			s := newScene(t, trigger)
			for _, row := range rows[first:] {
				if !slices.Contains(row.on, trigger) {
					continue
				}
				want = append(want, row.rule)
				if row.against != nil {
					row.against(s)
				}
			}
			if rows[first].rule == survey.NotSampled {
				continue // said no by the row before
			}
			if slices.Contains(want, survey.NoActiveContract) {
				// These are about contracts that are active.
				want = slices.DeleteFunc(want, func(r survey.Rule) bool { return r == survey.TooYoung || r == survey.ChangeAhead })
			}
			p := parse(t, s.yaml)
			d := p.Decide(s.facts(), s.on, s.now)
			if !slices.Equal(d.Rules, want) {
				t.Errorf("%s, from %s on: %v, want %v", trigger, rows[first].rule, d.Rules, want)
			}
			wantWhole(t, p, s, d)
		}
	}
}

func TestTheRulesAboutPersonsComeLastAndOneAfterTheOther(t *testing.T) {
	decideAll(t, []ruleCase{
		{name: "each takes one away", on: survey.Ended, no: no(survey.CustomerCap, survey.AddressCap),
			because: survey.Because{"asked": 1},
			set: func(s *scene) {
				s.yaml = "rules: {customer_cap: 1}\n"
				s.asked(survey.External, 50*day)
				s.contact("P-2", survey.User).contact("P-3", survey.User).unsubscribed("P-1").undeliverable("P-2").addressAsked("P-3", day)
			}},
		{name: "once nobody is left the rest have nothing to add", on: survey.Ended, no: no(survey.Unsubscribed),
			set: func(s *scene) { s.unsubscribed("P-1").undeliverable("P-1").addressAsked("P-1", day) }},
	})
}

func TestPutOffIsUntilTheLastOfTheRulesThatPutOff(t *testing.T) {
	decideAll(t, []ruleCase{
		{name: "the first is the longest", on: survey.Annual, no: no(survey.TooYoung, survey.NotSteady), until: 130 * day,
			set: func(s *scene) { s.only(survey.Contract{ID: "K-1", Started: s.now.Add(-50 * day)}) }},
		{name: "the second is the longest", on: survey.Annual, no: no(survey.TooYoung, survey.NotSteady), until: 88 * day,
			set: func(s *scene) {
				s.only(survey.Contract{ID: "K-1", Started: s.now.Add(-170 * day), Changed: s.now.Add(-2 * day)})
			}},
		{name: "and then one that suppresses: put off all the same", on: survey.Annual, no: no(survey.NotSteady, survey.AskedThisYear), until: 88 * day,
			set: func(s *scene) { s.c.Contracts[0].Changed = s.now.Add(-2 * day); s.asked(survey.Annual, 100*day) }},
		{name: "behind one that suppresses: suppressed", on: survey.Annual, no: no(survey.OutsideAudience, survey.NotSteady),
			set: func(s *scene) { s.c.Chain = true; s.c.Contracts[0].Changed = s.now.Add(-2 * day) }},
	})
}

// Asked again when it was put off to, with nothing new, the rules that put it
// off say yes: it is put off once, not once for each.
func TestWhatIsPutOffIsAskedWhenItIsDueAgain(t *testing.T) {
	s := newScene(t, survey.Annual)
	s.only(survey.Contract{ID: "K-1", Started: s.now.Add(-170 * day), Changed: s.now.Add(-60 * day), EndsOn: helsinkiDay(12)})
	p := parse(t, "")
	first := p.Decide(s.facts(), s.on, s.now)
	if first.Outcome != survey.Postponed || len(first.Rules) != 3 {
		t.Fatalf("%s by %v, want put off by three rules", first.Outcome, first.Rules)
	}
	if again := p.Decide(s.facts(), s.on, first.Until); again.Outcome != survey.Planned {
		t.Errorf("at %v it is %s by %v", first.Until, again.Outcome, again.Rules)
	}
	if before := p.Decide(s.facts(), s.on, first.Until.Add(-1)); before.Outcome != survey.Postponed {
		t.Errorf("the moment before, it is %s", before.Outcome)
	}
}

func TestWhenASurveyIsSent(t *testing.T) {
	for _, c := range []struct {
		name       string
		on         survey.Trigger
		happened   string
		now        string
		yaml, zone string
		want       string
	}{
		{name: "14 days after the start", on: survey.Started, happened: "2026-03-10 10:00", want: "2026-03-24 10:00"},
		{name: "3 days after a change", on: survey.Changed, happened: "2026-03-10 10:00", want: "2026-03-13 10:00"},
		{name: "7 days after a renewal", on: survey.Renewed, happened: "2026-03-10 10:00", want: "2026-03-17 10:00"},
		{name: "a day after the end", on: survey.Ended, happened: "2026-03-10 10:00", want: "2026-03-11 10:00"},
		{name: "2 hours after customer service", on: survey.Interaction, happened: "2026-03-10 10:00", want: "2026-03-10 12:00"},
		{name: "on the annual due date", on: survey.Annual, happened: "2026-03-10 00:00", want: "2026-03-10 09:00"},
		{name: "on Monday, when that is a Sunday", on: survey.Changed, happened: "2026-03-12 10:00", want: "2026-03-16 09:00"},
		{name: "the next morning, when that is too late in the day", on: survey.Interaction, happened: "2026-03-10 13:00", want: "2026-03-11 09:00"},
		{name: "at once, when the event came late", on: survey.Changed, happened: "2026-03-02 10:00", now: "2026-03-10 10:00", want: "2026-03-10 10:00"},
		{name: "in the next opening, when the event came late at night", on: survey.Interaction, happened: "2026-03-09 10:00", now: "2026-03-10 22:00", want: "2026-03-11 09:00"},
		{name: "as due, though the event came late", on: survey.Started, happened: "2026-03-02 10:00", now: "2026-03-10 10:00", want: "2026-03-16 10:00"},
		{name: "after an outage", on: survey.Annual, happened: "2026-03-10 00:00", now: "2026-04-04 12:00", want: "2026-04-07 09:00"},
		{name: "after it happens, when told of before", on: survey.Renewed, happened: "2026-03-20 10:00", now: "2026-03-10 10:00", want: "2026-03-27 10:00"},
		{name: "after the policy's own delay", on: survey.Ended, happened: "2026-03-10 10:00", yaml: "triggers: {ended: {delay: 90m}}\n", want: "2026-03-10 11:30"},
		{name: "days are of 24 hours, over a change of clocks too", on: survey.Renewed, happened: "2026-03-24 10:00", want: "2026-03-31 11:00"},
		{name: "by the customer's own clock", on: survey.Interaction, happened: "2026-03-10 10:00", zone: "Asia/Tokyo", want: "2026-03-11 02:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t, c.on)
			s.c.Timezone = c.zone
			s.on.At = at(t, c.happened)
			s.now = s.on.At
			if c.now != "" {
				s.now = at(t, c.now)
			}
			d := parse(t, c.yaml).Decide(s.facts(), s.on, s.now)
			if d.Outcome != survey.Planned || !d.SendAt.Equal(at(t, c.want)) {
				t.Errorf("%s by %v at %s, want %s", d.Outcome, d.Rules, d.SendAt.In(zone(t, "Europe/Helsinki")).Format("2006-01-02 15:04"), c.want)
			}
			if d.SendAt.Location() != time.UTC || d.At.Location() != time.UTC {
				t.Error("what is stored is not in UTC")
			}
		})
	}
}
