package ledger_test

import (
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/survey"
)

func TestOneOfManyClaimsIsGiven(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		d := b.take(t, event(survey.ContractChanged, "msg_1", "C-1", monday), monday)
		m := ledger.Matter{Customer: "C-1", Invitation: d.Invitation}
		if _, err := b.Claim(t.Context(), m, d.SendAt.Add(-time.Minute)); !errors.Is(err, ledger.ErrNotDue) {
			t.Fatalf("claimed before its time: %v", err)
		}
		var (
			group sync.WaitGroup
			mutex sync.Mutex
			given int
		)
		for range 5 {
			group.Go(func() {
				_, err := b.Claim(t.Context(), m, d.SendAt)
				mutex.Lock()
				defer mutex.Unlock()
				if err == nil {
					given++
				} else if !errors.Is(err, ledger.ErrNotDue) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if given != 1 {
			t.Errorf("%d claims were given", given)
		}
	})
}

func TestACrashInSendingIsSettledOnceMore(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		d := b.take(t, event(survey.ContractChanged, "msg_1", "C-1", monday), monday)
		m := ledger.Matter{Customer: "C-1", Invitation: d.Invitation}
		now := d.SendAt
		for try := 1; try <= ledger.MaxSendTries; try++ {
			if _, err := b.Claim(t.Context(), m, now); err != nil {
				t.Fatalf("try %d: %v", try, err)
			}
			// The process dies here. Nothing is due before the hour is over.
			if due := b.due(t, now.Add(time.Hour-time.Second)); len(due) != 0 {
				t.Fatalf("try %d: due within the hour: %v", try, due)
			}
			now = now.Add(time.Hour + 10*time.Minute)
			next, err := b.FallDue(t.Context(), m, now)
			want := ledger.NextQueueAgain
			if try == ledger.MaxSendTries {
				want = ledger.NextUnknown
			}
			if err != nil || next != want {
				t.Fatalf("try %d: to be queued again: %v, %v", try, next, err)
			}
		}
		inv, err := b.Invitation(t.Context(), "C-1", d.Invitation)
		if err != nil || inv.State != survey.InvitationSent || inv.Tries != ledger.MaxSendTries {
			t.Errorf("in the end %+v, %v", inv, err)
		}
		if o, err := b.Outcome(t.Context(), ledger.Ref{Customer: "C-1", Invitation: d.Invitation, Day: inv.Day}); err != nil || o.Facts.Size != survey.Small {
			t.Errorf("it counts as %+v, %v", o.Facts, err)
		}
		if due := b.due(t, now.Add(5*day)); len(due) != 0 {
			t.Errorf("still on the agenda: %v", due)
		}
	})
}

func TestACrashAfterSendingIsSettledByTheEventOfSES(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		d := b.take(t, event(survey.ContractChanged, "msg_1", "C-1", monday), monday)
		m := ledger.Matter{Customer: "C-1", Invitation: d.Invitation}
		c, err := b.Claim(t.Context(), m, d.SendAt)
		if err != nil {
			t.Fatal(err)
		}
		// The mail is out, the process dies, and SES tells of the delivery.
		if err := b.NoteFate(t.Context(), c.Ref, ledger.FateDelivered, d.SendAt, d.SendAt); err != nil {
			t.Fatal(err)
		}
		if next, err := b.FallDue(t.Context(), m, d.SendAt.Add(time.Hour)); err != nil || next != ledger.NextNothing {
			t.Errorf("to be queued again: %v, %v", next, err)
		}
		inv, err := b.Invitation(t.Context(), "C-1", d.Invitation)
		if err != nil || inv.State != survey.InvitationSent || inv.Tries != 1 {
			t.Errorf("in the end %+v, %v", inv, err)
		}
		o, err := b.Outcome(t.Context(), c.Ref)
		if err != nil || o.Delivered.IsZero() || o.Facts.Size != survey.Small {
			t.Errorf("outcome %+v, %v", o, err)
		}
	})
}

func TestAThrottledMailIsTriedAgain(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		d := b.take(t, event(survey.ContractChanged, "msg_1", "C-1", monday), monday)
		m := ledger.Matter{Customer: "C-1", Invitation: d.Invitation}
		c, err := b.Claim(t.Context(), m, d.SendAt)
		if err != nil {
			t.Fatal(err)
		}
		again := d.SendAt.Add(2 * time.Minute)
		if err := b.Release(t.Context(), c, again); err != nil {
			t.Fatal(err)
		}
		if due := b.due(t, again); len(due) != 1 {
			t.Fatalf("due: %v", due)
		}
		if next, err := b.FallDue(t.Context(), m, again); err != nil || next != ledger.NextQueue {
			t.Fatalf("to be queued: %v, %v", next, err)
		}
		if c, err = b.Claim(t.Context(), m, again); err != nil || c.Invitation.Tries != 1 {
			t.Errorf("claimed at try %d, %v", c.Invitation.Tries, err)
		}
	})
}

func TestWhatChangedMeanwhileCancelsAtTheLastMoment(t *testing.T) {
	for name, c := range map[string]struct {
		change func(t *testing.T, b bench, c string)
		want   survey.Rule
	}{
		"unsubscribed": {func(t *testing.T, b bench, c string) {
			if err := b.Unsubscribe(t.Context(), ledger.HashAddress("maija."+c+"@leipomo.example"), ledger.Ref{}, monday); err != nil {
				t.Fatal(err)
			}
		}, survey.Unsubscribed},
		"erased": {func(t *testing.T, b bench, c string) {
			if _, err := b.TakeEvent(t.Context(), survey.Event{ID: "msg_e", Type: survey.CustomerErased, At: monday, CustomerID: c}, monday); err != nil {
				t.Fatal(err)
			}
		}, survey.Erased},
		"grown large": {func(t *testing.T, b bench, c string) {
			e := survey.Event{ID: "msg_g", Type: survey.CustomerUpdated, At: monday.Add(day), CustomerID: c, Customer: raw(map[string]any{"employees": 900})}
			if _, err := b.TakeEvent(t.Context(), e, monday.Add(day)); err != nil {
				t.Fatal(err)
			}
		}, survey.OutsideAudience},
		"contact gone": {func(t *testing.T, b bench, c string) {
			e := event(survey.CustomerUpdated, "msg_n", c, monday.Add(day))
			e.Contacts["P-1"] = raw(map[string]any{"email": nil})
			if _, err := b.TakeEvent(t.Context(), e, monday.Add(day)); err != nil {
				t.Fatal(err)
			}
		}, survey.NoContact},
	} {
		t.Run(name, func(t *testing.T) {
			overEveryStore(t, "", func(t *testing.T, b bench) {
				d := b.take(t, event(survey.ContractChanged, "msg_1", "C-1", monday), monday)
				c.change(t, b, "C-1")
				m := ledger.Matter{Customer: "C-1", Invitation: d.Invitation}
				if _, err := b.Claim(t.Context(), m, d.SendAt); !errors.Is(err, ledger.ErrNotDue) {
					t.Fatalf("claimed: %v", err)
				}
				inv, err := b.Invitation(t.Context(), "C-1", d.Invitation)
				if err != nil || inv.State != survey.InvitationCancelled || inv.Cancel.Rule != c.want {
					t.Errorf("%s, cancelled by %+v, want %s; %v", inv.State, inv.Cancel, c.want, err)
				}
			})
		})
	}
}

func TestAnOutageNeverSendsOldMail(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		d := b.take(t, event(survey.ContractChanged, "msg_1", "C-1", monday), monday)
		m := ledger.Matter{Customer: "C-1", Invitation: d.Invitation}
		if _, err := b.Claim(t.Context(), m, d.SendAt.Add(7*day+time.Second)); !errors.Is(err, ledger.ErrNotDue) {
			t.Fatalf("claimed: %v", err)
		}
		inv, err := b.Invitation(t.Context(), "C-1", d.Invitation)
		if err != nil || inv.Cancel == nil || inv.Cancel.Rule != survey.TooLate {
			t.Errorf("cancelled by %+v, %v", inv.Cancel, err)
		}
	})
}

func TestAMailThatLeavesLateCountsFromThen(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		d := b.take(t, event(survey.ContractChanged, "msg_1", "C-1", monday), monday)
		late := d.SendAt.Add(5 * day) // Tuesday
		if _, err := b.Claim(t.Context(), ledger.Matter{Customer: "C-1", Invitation: d.Invitation}, late); err != nil {
			t.Fatal(err)
		}
		at := d.SendAt.Add(31 * day)
		e := event(survey.ContractChanged, "msg_2", "C-1", at)
		if next := b.take(t, e, at); next.Rule != survey.Cooldown {
			t.Errorf("31 days after it should have left, 26 after it did: %+v", next)
		}
	})
}

func TestMailsWaitForTheNextOpening(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		d := b.take(t, event(survey.ContractChanged, "msg_1", "C-1", monday), monday)
		m := ledger.Matter{Customer: "C-1", Invitation: d.Invitation}
		evening := d.SendAt.Add(9 * time.Hour)
		if _, err := b.Claim(t.Context(), m, evening); !errors.Is(err, ledger.ErrNotDue) {
			t.Fatalf("claimed in the evening: %v", err)
		}
		if due := b.due(t, evening.Add(12*time.Hour)); len(due) != 0 {
			t.Errorf("due before the opening: %v", due)
		}
		opening := b.policy.Opening(evening, b.policy.Zone)
		if due := b.due(t, opening); len(due) != 1 {
			t.Errorf("due at the opening: %v", due)
		}
	})
}

func TestAMailThatWasHeardOfMeanwhileIsNotSentAgain(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		d := b.take(t, event(survey.ContractChanged, "msg_1", "C-1", monday), monday)
		m := ledger.Matter{Customer: "C-1", Invitation: d.Invitation}
		c, err := b.Claim(t.Context(), m, d.SendAt) // SES took it, and the process dies
		if err != nil {
			t.Fatal(err)
		}
		now := d.SendAt.Add(71 * time.Minute)
		if next, err := b.FallDue(t.Context(), m, now); err != nil || next != ledger.NextQueueAgain {
			t.Fatal(next, err)
		}
		if _, err := b.Answer(t.Context(), c.Ref, given(survey.Answer{Score: 5}), now); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Claim(t.Context(), m, now.Add(time.Minute)); !errors.Is(err, ledger.ErrNotDue) {
			t.Errorf("claimed once more: %v", err)
		}
		if inv, err := b.Invitation(t.Context(), "C-1", d.Invitation); err != nil || inv.State != survey.InvitationSent {
			t.Errorf("it is %s, %v", inv.State, err)
		}
	})
}

func TestATryOfUnknownFateThatIsTooOldCountsAsSent(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		d := b.take(t, event(survey.ContractChanged, "msg_1", "C-1", monday), monday)
		m := ledger.Matter{Customer: "C-1", Invitation: d.Invitation}
		if _, err := b.Claim(t.Context(), m, d.SendAt); err != nil {
			t.Fatal(err)
		}
		late := d.SendAt.Add(8 * day)
		if next, err := b.FallDue(t.Context(), m, late); err != nil || next != ledger.NextQueueAgain {
			t.Fatal(next, err)
		}
		if _, err := b.Claim(t.Context(), m, late); !errors.Is(err, ledger.ErrNotDue) {
			t.Fatalf("claimed eight days late: %v", err)
		}
		if next := b.take(t, event(survey.ContractChanged, "msg_2", "C-1", late), late); next.Rule != survey.Cooldown {
			t.Errorf("the next is decided as if nothing had been sent: %+v", next)
		}
	})
}

// What follows on a mail is about the address it went to, though the contact had
// another when it was planned.
func TestAMailToANewAddressIsThatAddresss(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		d := b.take(t, event(survey.ContractChanged, "msg_1", "C-1", monday), monday)
		moved := survey.Event{ID: "msg_2", Type: survey.CustomerUpdated, At: monday.Add(time.Hour), CustomerID: "C-1",
			Contacts: map[string]map[string]json.RawMessage{"P-1": raw(map[string]any{"email": "maija@uusi.example"})}}
		if _, err := b.TakeEvent(t.Context(), moved, monday.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		c := b.send(t, d)
		if c.Contact.Email != "maija@uusi.example" || c.Invitation.Address != ledger.HashAddress("maija@uusi.example") {
			t.Fatalf("claimed for %s under %s", c.Contact.Email, c.Invitation.Address)
		}
		if err := b.NoteFate(t.Context(), c.Ref, ledger.FateBounced, d.SendAt, d.SendAt); err != nil {
			t.Fatal(err)
		}
		for email, want := range map[string]survey.Rule{"maija@uusi.example": survey.Undeliverable, "maija.C-1@leipomo.example": ""} {
			e := event(survey.ContractChanged, "msg_"+email, "C-"+email, d.SendAt)
			e.Contacts["P-1"] = raw(map[string]any{"email": email})
			if next := b.take(t, e, d.SendAt); next.Rule != want {
				t.Errorf("at another firm, to the %s address: %+v", map[bool]string{true: "old", false: "new"}[want == ""], next)
			}
		}
	})
}

func TestAMailGivenBackIsNotPutOffByItsQueueing(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		d := b.take(t, event(survey.ContractChanged, "msg_1", "C-1", monday), monday)
		m := ledger.Matter{Customer: "C-1", Invitation: d.Invitation}
		c, err := b.Claim(t.Context(), m, d.SendAt)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Release(t.Context(), c, d.SendAt.Add(2*time.Minute)); err != nil {
			t.Fatal(err)
		}
		if err := b.NoteQueued(t.Context(), m, d.SendAt); err != nil { // by an agenda that was slower
			t.Fatal(err)
		}
		if due := b.due(t, d.SendAt.Add(2*time.Minute)); len(due) != 1 {
			t.Errorf("due after the pause: %v", due)
		}
	})
}
