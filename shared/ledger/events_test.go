package ledger_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaiku/shared/ledger"
	"kaiku/shared/survey"
)

func TestAnEventPlansASurveyOnce(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		e := event(survey.ContractChanged, "msg_1", "C-1", monday)
		first, err := b.TakeEvent(t.Context(), e, monday)
		if err != nil {
			t.Fatal(err)
		}
		d := first.Decisions[0]
		if d.Outcome != survey.Planned || d.SendAt != monday.Add(3*day) || d.Contact != "P-1" || d.Invitation == "" {
			t.Fatalf("decided %+v", d)
		}
		again, err := b.TakeEvent(t.Context(), e, monday.Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		if !again.Duplicate || cmp.Diff(first.Decisions, again.Decisions) != "" {
			t.Errorf("the second time: duplicate %v, difference %s", again.Duplicate, cmp.Diff(first.Decisions, again.Decisions))
		}
		if due := b.due(t, d.SendAt); len(due) != 1 {
			t.Errorf("on the agenda: %v, want the one survey", due)
		}
		if due := b.due(t, d.SendAt.Add(-time.Millisecond)); len(due) != 0 {
			t.Errorf("on the agenda before its time: %v", due)
		}
	})
}

func TestAnEventIdIsForgottenAfterAWeek(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		e := event(survey.CustomerUpdated, "msg_1", "C-1", monday)
		for _, c := range []struct {
			after     time.Duration
			duplicate bool
		}{{0, false}, {7*day - time.Second, true}, {7 * day, false}, {7*day + time.Hour, true}} {
			r, err := b.TakeEvent(t.Context(), e, monday.Add(c.after))
			if err != nil {
				t.Fatal(err)
			}
			if r.Duplicate != c.duplicate {
				t.Errorf("after %v: duplicate %v, want %v", c.after, r.Duplicate, c.duplicate)
			}
		}
	})
}

func TestBackfillAsksNothingAndSchedulesTheYear(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		e := event(survey.ContractStarted, "msg_1", "C-1", monday)
		e.Backfill = true
		r, err := b.TakeEvent(t.Context(), e, monday)
		if err != nil || len(r.Decisions) != 0 {
			t.Fatalf("%+v, %v", r, err)
		}
		anniversary := survey.Date{Year: 2027, Month: 2, Day: 1}.Start(b.policy.Zone)
		if due := b.due(t, anniversary.Add(-time.Second)); len(due) != 0 {
			t.Errorf("due before the anniversary: %v", due)
		}
		if due := b.due(t, anniversary.Add(29*day)); len(due) != 1 || due[0] != (ledger.Matter{Customer: "C-1"}) {
			t.Errorf("due by the end of the spread: %v", due)
		}
	})
}

func TestTheAnnualSurveyIsPlannedOnceAYear(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		e := event(survey.ContractStarted, "msg_1", "C-1", monday)
		e.Backfill = true
		if _, err := b.TakeEvent(t.Context(), e, monday); err != nil {
			t.Fatal(err)
		}
		planned := 0
		now := monday
		for range 3 * 365 {
			now = now.Add(day)
			for _, m := range b.due(t, now) {
				if m.Invitation == "" {
					if err := b.CustomerDue(t.Context(), m.Customer, now); err != nil {
						t.Fatal(err)
					}
					if err := b.CustomerDue(t.Context(), m.Customer, now); !errors.Is(err, ledger.ErrNotDue) {
						t.Fatalf("decided twice on one anniversary: %v", err)
					}
					continue
				}
				inv, err := b.Invitation(t.Context(), m.Customer, m.Invitation)
				if err != nil {
					t.Fatal(err)
				}
				if !inv.State.Unsent() { // its reminder, or its end
					if _, err := b.FallDue(t.Context(), m, now); err != nil {
						t.Fatal(err)
					}
					continue
				}
				planned++
				b.send(t, survey.Decision{Customer: m.Customer, Invitation: m.Invitation, SendAt: b.policy.Opening(now, b.policy.Zone)})
				if inv.Kind != survey.NPS || inv.Trigger != survey.Annual {
					t.Errorf("planned %+v", inv)
				}
			}
		}
		if planned != 3 {
			t.Errorf("%d annual surveys in three years", planned)
		}
	})
}

func TestANewerChangeReplacesAnUnsentOne(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		older := b.take(t, event(survey.ContractChanged, "msg_1", "C-1", monday), monday)
		newer := b.take(t, event(survey.ContractChanged, "msg_2", "C-1", monday.Add(day)), monday.Add(day))
		if newer.Outcome != survey.Planned {
			t.Fatalf("the newer was decided %+v", newer)
		}
		inv, err := b.Invitation(t.Context(), "C-1", older.Invitation)
		if err != nil {
			t.Fatal(err)
		}
		if inv.State != survey.InvitationCancelled || inv.Cancel.Rule != survey.Superseded {
			t.Errorf("the older is %s, cancelled by %+v", inv.State, inv.Cancel)
		}
		if due := b.due(t, monday.Add(10*day)); len(due) != 1 || due[0].Invitation != newer.Invitation {
			t.Errorf("on the agenda: %v, want the newer alone", due)
		}
	})
}

func TestAnOlderChangeThatComesLateAsksNothingBesideTheNewer(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		newer := b.take(t, event(survey.ContractRenewed, "msg_1", "C-1", monday.Add(30*time.Minute)), monday.Add(time.Hour))
		e := event(survey.ContractEnded, "msg_2", "C-1", monday)
		e.Contacts["P-2"] = raw(map[string]any{"email": "toinen@leipomo.example", "role": "user"})
		older := b.take(t, e, monday.Add(time.Hour))
		if newer.Outcome != survey.Planned || older.Rule != survey.Superseded || older.Outcome != survey.Suppressed {
			t.Errorf("the renewal was decided %+v, the end before it %+v", newer, older)
		}
		if due := b.due(t, monday.Add(20*day)); len(due) != 1 || due[0].Invitation != newer.Invitation {
			t.Errorf("on the agenda: %v", due)
		}
	})
}

func TestOneThatWasSentIsNotReplaced(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		older := b.take(t, event(survey.ContractChanged, "msg_1", "C-1", monday), monday)
		b.send(t, older)
		at := older.SendAt.Add(time.Hour)
		newer := b.take(t, event(survey.ContractChanged, "msg_2", "C-1", at), at)
		if newer.Outcome != survey.Suppressed || newer.Rule != survey.Cooldown {
			t.Errorf("the newer was decided %+v", newer)
		}
	})
}

func TestTheEndOfAContractCancelsWhatIsUnsent(t *testing.T) {
	overEveryStore(t, "triggers: {ended: {on: false, delay: 1d}}", func(t *testing.T, b bench) {
		planned := b.take(t, event(survey.ContractStarted, "msg_1", "C-1", monday), monday)
		end := b.take(t, event(survey.ContractEnded, "msg_2", "C-1", monday.Add(day)), monday.Add(day))
		if end.Rule != survey.TriggerOff {
			t.Fatalf("the end was decided %+v", end)
		}
		inv, err := b.Invitation(t.Context(), "C-1", planned.Invitation)
		if err != nil || inv.State != survey.InvitationCancelled {
			t.Errorf("the welcome survey is %s, %v", inv.State, err)
		}
		if due := b.due(t, monday.Add(400*day)); len(due) != 0 {
			t.Errorf("on the agenda of a customer without contracts: %v", due)
		}
	})
}

// How often, and by how many at once, a race is run.
const (
	raceRounds  = 20
	raceWriters = 50
)

// race takes events in at once, and returns their decisions; none may fail.
func (b bench) race(t *testing.T, event func(writer int) survey.Event) []survey.Decision {
	t.Helper()
	decisions := make([]survey.Decision, raceWriters)
	var group sync.WaitGroup
	for i := range raceWriters {
		group.Go(func() {
			r, err := b.TakeEvent(t.Context(), event(i), monday)
			if err != nil {
				t.Errorf("a caller was told %v", err)
				return
			}
			decisions[i] = r.Decisions[0]
		})
	}
	group.Wait()
	return decisions
}

// Two events at once must not plan what one after the other would not allow.
func TestEventsAtOnceForOneCustomerPlanOneSurvey(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		for round := range raceRounds {
			planned := 0
			for _, d := range b.race(t, func(i int) survey.Event {
				e := event(survey.InteractionClosed, fmt.Sprintf("msg_%d_%d", round, i), fmt.Sprint("C-", round), monday)
				e.InteractionID, e.InteractionContact = fmt.Sprint("T-", i), "P-1"
				return e
			}) {
				switch {
				case d.Outcome == survey.Planned:
					planned++
				case d.Rule != survey.Cooldown:
					t.Errorf("decided %+v", d)
				}
			}
			if planned != 1 {
				t.Errorf("round %d: %d surveys planned at once", round, planned)
			}
		}
	})
}

func TestEventsAtOnceForOneAddressPlanOneSurvey(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		for round := range raceRounds {
			planned := 0
			for _, d := range b.race(t, func(i int) survey.Event {
				e := event(survey.ContractChanged, fmt.Sprintf("msg_%d_%d", round, i), fmt.Sprintf("C-%d-%d", round, i), monday)
				e.Contacts["P-1"] = raw(map[string]any{"email": fmt.Sprintf("tilit%d@kirjanpito.example", round), "role": "billing"})
				return e
			}) {
				switch {
				case d.Outcome == survey.Planned:
					planned++
				case d.Rule != survey.AddressCap:
					t.Errorf("decided %+v", d)
				}
			}
			if planned != 1 {
				t.Errorf("round %d: %d surveys planned to one address at once", round, planned)
			}
		}
	})
}
