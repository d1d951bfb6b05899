package policy_test

import (
	"testing"
	"time"

	"kaiku/shared/survey"
)

// invited is a survey of the scene's customer that is to be sent now.
func (s *scene) invited() survey.Invitation {
	return survey.Invitation{ID: "I-1", Customer: "C-1", Kind: s.on.Trigger.Kind(), Trigger: s.on.Trigger, Contract: s.on.Contract,
		Contact: "P-1", Mailing: survey.Mailing{State: survey.InvitationQueued, SendAt: s.now}}
}

func TestWhatIsAskedOnceMoreBeforeSending(t *testing.T) {
	type ask struct {
		name    string
		on      survey.Trigger
		set     func(*scene)
		late    time.Duration
		moved   bool
		cancel  survey.Rule // empty: it is sent
		because survey.Because
	}
	var cases []ask
	for _, trigger := range survey.Triggers {
		giveUp := 7 * day
		if trigger == survey.Annual {
			giveUp = 30 * day
		}
		cases = append(cases,
			ask{name: "nothing against it", on: trigger},
			ask{name: "erased", on: trigger, set: func(s *scene) { s.c.Erased = true }, cancel: survey.Erased},
			ask{name: "a chain's by now", on: trigger, set: func(s *scene) { s.c.Chain = true }, cancel: survey.OutsideAudience, because: survey.Because{"chain": true}},
			ask{name: "too large by now", on: trigger, set: func(s *scene) { s.c.Employees = number[int64](251) }, cancel: survey.OutsideAudience, because: survey.Because{"size": "large"}},
			ask{name: "unsubscribed", on: trigger, set: func(s *scene) { s.unsubscribed("P-1") }, cancel: survey.Unsubscribed, because: survey.Because{"contacts": "[P-1]"}},
			ask{name: "undeliverable", on: trigger, set: func(s *scene) { s.undeliverable("P-1") }, cancel: survey.Undeliverable, because: survey.Because{"contacts": "[P-1]"}},
			ask{name: "its contact has gone", on: trigger, set: func(s *scene) { s.c.Contacts = nil }, cancel: survey.NoContact, because: survey.Because{"contact": "P-1"}},
			ask{name: "its contact has gone, another is there", on: trigger, cancel: survey.NoContact,
				set: func(s *scene) { s.c.Contacts = nil; s.contact("P-2", survey.DecisionMaker) }},
			ask{name: "another contact has unsubscribed", on: trigger, set: func(s *scene) { s.contact("P-2", survey.DecisionMaker).unsubscribed("P-2") }},
			ask{name: "as late as may be", on: trigger, late: giveUp},
			ask{name: "a moment later", on: trigger, late: giveUp + 1, cancel: survey.TooLate,
				because: survey.Because{"limit": map[bool]string{true: "30d", false: "7d"}[trigger == survey.Annual]}},
			// These were asked when it was planned. They may say otherwise by now,
			// of the survey itself to begin with.
			ask{name: "it counts as asked itself", on: trigger, set: func(s *scene) {
				s.asked(trigger, 0)
				s.addressAsked("P-1", 0)
			}},
			ask{name: "asked often by now", on: trigger, set: func(s *scene) {
				for i := range 6 {
					s.asked(survey.External, time.Duration(i)*day)
				}
				s.addressAsked("P-1", hour, 2*hour, 3*hour, 4*hour)
			}},
			ask{name: "its contract changed and ends soon by now", on: trigger, set: func(s *scene) {
				s.c.Contracts[0].Changed, s.c.Contracts[0].EndsOn = s.now, helsinkiDay(3)
			}},
			ask{name: "switched off by now", on: trigger, set: func(s *scene) {
				s.yaml = "triggers: {started: {on: false}, changed: {on: false}, renewed: {on: false}, ended: {on: false}, interaction: {on: false}}\n" +
					"rules: {sample_percent: 0, too_young: 1830d, not_steady: 365d}\n"
			}})
		over := ask{name: "no contract runs by now", on: trigger, set: func(s *scene) { s.c.Contracts[0].Ended = s.now }}
		if trigger != survey.Ended && trigger != survey.Interaction {
			over.cancel, over.because = survey.NoActiveContract, survey.Because{"contracts": 1}
		}
		cases = append(cases, over)
	}
	cases = append(cases,
		ask{name: "its contract ended, another runs", on: survey.Changed, set: func(s *scene) {
			s.c.Contracts[0].Ended = s.now
			s.contract(survey.Contract{ID: "K-2", Started: s.now.Add(-day)})
		}},
		ask{name: "erased and late: late", on: survey.Changed, late: 8 * day, set: func(s *scene) { s.c.Erased = true }, cancel: survey.TooLate},
		ask{name: "erased and unsubscribed: erased", on: survey.Changed, set: func(s *scene) { s.c.Erased = true; s.unsubscribed("P-1") }, cancel: survey.Erased},
		ask{name: "by the policy's own limit", on: survey.Changed, late: 2*day + 1, cancel: survey.TooLate, because: survey.Because{"limit": "2d"},
			set: func(s *scene) { s.yaml = "sending: {give_up: 2d}\n" }},
		ask{name: "by the policy's own limit for the annual one", on: survey.Annual, late: 2*day + 1, cancel: survey.TooLate,
			set: func(s *scene) { s.yaml = "sending: {give_up_nps: 2d}\n" }},
		ask{name: "to another address", on: survey.Changed, moved: true},
		ask{name: "to the address asked too often", on: survey.Changed, set: func(s *scene) { s.addressAsked("P-1", 13*day) }},
		ask{name: "to another address, asked lately", on: survey.Changed, moved: true, cancel: survey.AddressCap,
			set: func(s *scene) { s.addressAsked("P-1", 13*day) }},
		ask{name: "before its time", on: survey.Changed, late: -day})
	for _, c := range cases {
		t.Run(string(c.on)+": "+c.name, func(t *testing.T) {
			s := newScene(t, c.on)
			if c.set != nil {
				c.set(s)
			}
			inv := s.invited()
			inv.SendAt = s.now.Add(-c.late)
			cancel := parse(t, s.yaml).StillSend(s.facts(), inv, c.moved, s.now)
			if cancel == nil {
				if c.cancel != "" {
					t.Fatalf("it is sent, want it cancelled as %s", c.cancel)
				}
				return
			}
			if cancel.Rule != c.cancel {
				t.Fatalf("cancelled as %q because %v, want %q", cancel.Rule, cancel.Because, c.cancel)
			}
			if !cancel.At.Equal(s.now) || cancel.At.Location() != time.UTC || len(cancel.Because) == 0 {
				t.Errorf("cancelled at %v because %v", cancel.At, cancel.Because)
			}
			for name, want := range c.because {
				if text(cancel.Because[name]) != text(want) {
					t.Errorf("%s because %s is %v, want %v", cancel.Rule, name, cancel.Because[name], want)
				}
			}
		})
	}
}
