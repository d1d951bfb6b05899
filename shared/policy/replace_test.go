package policy_test

import (
	"slices"
	"testing"
	"time"

	"kaiku/shared/policy"
	"kaiku/shared/survey"
)

// A newer change replaces an older survey that is not sent yet, and is decided
// as if that had never been; the end of a contract cancels every unsent one.
func TestANewerChangeReplacesWhatIsNotSentYet(t *testing.T) {
	// planned is an unsent survey of the same contract, days ahead.
	planned := func(id string, ahead time.Duration) func(*scene) {
		return func(s *scene) {
			s.c.Asked = append(s.c.Asked, survey.Asked{Invitation: id, Kind: survey.CSAT, Trigger: survey.Changed, Contract: "K-1", Contact: "P-1", At: s.now.Add(ahead)})
			a := s.known["P-1"]
			a.Asked = append(a.Asked, survey.AddressAsked{Invitation: id, At: s.now.Add(ahead)})
			s.known["P-1"] = a
		}
	}
	off := func(s *scene) { s.yaml = "triggers: {changed: {on: false}, ended: {on: false}}\n" }
	for _, c := range []struct {
		name     string
		on       survey.Trigger
		set      []func(*scene)
		unsent   []string
		no       []survey.Rule
		replaces bool
	}{
		{"nothing unsent", survey.Changed, nil, nil, nil, false},
		{"nothing unsent, asked lately", survey.Changed, []func(*scene){planned("I-1", -day)}, nil, no(survey.Cooldown, survey.AddressCap), false},
		{"one unsent, which would else be in its way", survey.Changed, []func(*scene){planned("I-1", day)}, []string{"I-1"}, nil, true},
		{"several unsent", survey.Renewed, []func(*scene){planned("I-1", day), planned("I-2", 2*day)}, []string{"I-1", "I-2"}, nil, true},
		{"one unsent, another sent lately: nothing is replaced, all of them count", survey.Changed,
			[]func(*scene){planned("I-1", -5*day), planned("I-2", day)}, []string{"I-2"}, no(survey.Cooldown, survey.AddressCap), false},
		{"the newer would not be asked: the older stays", survey.Changed, []func(*scene){planned("I-1", day), off}, []string{"I-1"},
			no(survey.TriggerOff, survey.Cooldown, survey.AddressCap), false},
		{"the end replaces", survey.Ended, []func(*scene){planned("I-1", day)}, []string{"I-1"}, nil, true},
		{"the end cancels, though it is not asked about itself", survey.Ended, []func(*scene){planned("I-1", day), off}, []string{"I-1"}, no(survey.TriggerOff), true},
		{"another system's surveys have no invitation and stay", survey.Changed,
			[]func(*scene){lately(survey.External, 5*day), planned("I-1", day)}, []string{"", "I-1"}, no(survey.Cooldown, survey.AddressCap), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t, c.on)
			for _, set := range c.set {
				set(s)
			}
			before := len(s.c.Asked)
			p := parse(t, s.yaml)
			d, replaces := p.DecideReplacing(s.facts(), s.on, c.unsent, s.now)
			if !slices.Equal(d.Rules, c.no) || replaces != c.replaces {
				t.Errorf("no was said by %v, replaces %v; want %v, %v", d.Rules, replaces, c.no, c.replaces)
			}
			wantWhole(t, p, s, d)
			if len(s.c.Asked) != before || len(s.known["P-1"].Asked) > before {
				t.Error("the facts themselves were changed")
			}
		})
	}
}

// The caps count what is left after the older is gone.
func TestTheReplacedDoesNotCountInTheCaps(t *testing.T) {
	s := newScene(t, survey.Changed)
	s.yaml = "rules: {customer_cap: 1, address_cap: 1}\n"
	s.c.Asked = []survey.Asked{{Invitation: "I-1", Kind: survey.CSAT, Trigger: survey.Changed, Contract: "K-1", Contact: "P-1", At: s.now.Add(day)}}
	s.known["P-1"] = survey.Address{Asked: []survey.AddressAsked{{Invitation: "I-1", At: s.now.Add(day)}}}
	p := parse(t, s.yaml)
	if d := p.Decide(s.facts(), s.on, s.now); d.Outcome != survey.Suppressed {
		t.Fatalf("with the older it is %s", d.Outcome)
	}
	d, replaces := p.DecideReplacing(policy.Facts{Customer: &s.c, Addresses: s.known}, s.on, []string{"I-1"}, s.now)
	if d.Outcome != survey.Planned || !replaces {
		t.Errorf("without it, it is %s by %v, replaces %v", d.Outcome, d.Rules, replaces)
	}
}
