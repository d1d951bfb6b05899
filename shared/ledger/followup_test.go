package ledger_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/survey"
)

// sentOne is a survey that was sent, and what names it.
func sentOne(t *testing.T, b bench) (survey.Decision, ledger.Matter, ledger.Ref) {
	t.Helper()
	d := b.take(t, event(survey.ContractChanged, "msg_1", "C-1", monday), monday)
	return d, ledger.Matter{Customer: "C-1", Invitation: d.Invitation}, b.send(t, d).Ref
}

// followUp does what is due of one survey, and says whether a mail is to go out.
func (b bench) followUp(t *testing.T, m ledger.Matter, now time.Time) bool {
	t.Helper()
	for range 2 { // the look that plans a reminder, and the one that finds it due
		if !slices.Contains(b.due(t, now), m) {
			return false
		}
		next, err := b.FallDue(t.Context(), m, now)
		if err != nil {
			t.Fatal(err)
		}
		if next == ledger.NextQueue {
			return true
		}
	}
	return false
}

func TestWhoDoesNotAnswerIsRemindedOnce(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		d, m, ref := sentOne(t, b)
		if b.followUp(t, m, d.SendAt.Add(7*day-time.Second)) {
			t.Fatal("reminded before seven days are over")
		}
		now := b.policy.Opening(d.SendAt.Add(7*day), b.policy.Zone)
		if !b.followUp(t, m, now) {
			t.Fatal("not reminded after seven days")
		}
		c, err := b.Claim(t.Context(), m, now)
		if err != nil || !c.Ref.Reminder || !c.Closes.Equal(d.SendAt.Add(30*day)) {
			t.Fatalf("claimed %+v, closing %v, %v", c.Ref, c.Closes, err)
		}
		if err := b.NoteSent(t.Context(), c, "ses-2", now); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Claim(t.Context(), m, now.Add(time.Hour)); !errors.Is(err, ledger.ErrNotDue) {
			t.Errorf("claimed again: %v", err)
		}
		if b.followUp(t, m, d.SendAt.Add(30*day-time.Second)) {
			t.Error("reminded twice")
		}
		o, err := b.Outcome(t.Context(), ref)
		if err != nil || !o.Reminded.Equal(now) || o.State != survey.InvitationSent {
			t.Errorf("outcome %+v, %v", o, err)
		}
		next := b.take(t, event(survey.ContractChanged, "msg_2", "C-1", now.Add(25*day)), now.Add(25*day))
		if next.Rule == survey.Cooldown {
			t.Errorf("the reminder counts as a survey: %+v", next)
		}
	})
}

func TestNobodyIsRemindedOfWhatNeedsNoAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		before func(b bench, d survey.Decision, ref ledger.Ref) error
		// after seven days there is nothing to do; else the sender finds out.
		early bool
		want  survey.Rule
	}{
		"answered":             {answered, true, ""},
		"bounced":              {fate(ledger.FateBounced), true, ""},
		"reported as spam":     {fate(ledger.FateComplained), true, ""},
		"answered meanwhile":   {answered, false, "answered"},
		"bounced meanwhile":    {fate(ledger.FateBounced), false, survey.Undeliverable},
		"unsubscribed":         {unsubscribed, false, survey.Unsubscribed},
		"unsubscribed earlier": {unsubscribed, true, survey.Unsubscribed},
		"another address":      {moved, false, survey.NoContact},
	} {
		t.Run(name, func(t *testing.T) {
			overEveryStore(t, "", func(t *testing.T, b bench) {
				d, m, ref := sentOne(t, b)
				now := b.policy.Opening(d.SendAt.Add(7*day), b.policy.Zone)
				if c.early {
					if err := c.before(b, d, ref); err != nil {
						t.Fatal(err)
					}
				}
				due := b.followUp(t, m, now)
				if due != (c.want != "") {
					t.Fatalf("to be reminded: %v", due)
				}
				if !due {
					if b.followUp(t, m, now.Add(400*day)); len(b.due(t, now.Add(400*day))) > 1 { // the customer's annual survey alone
						t.Error("still on the agenda")
					}
					return
				}
				if !c.early {
					if err := c.before(b, d, ref); err != nil {
						t.Fatal(err)
					}
				}
				if _, err := b.Claim(t.Context(), m, now); !errors.Is(err, ledger.ErrNotDue) {
					t.Fatalf("claimed: %v", err)
				}
				inv, err := b.Invitation(t.Context(), "C-1", d.Invitation)
				if err != nil || inv.State != survey.InvitationSent || inv.Reminder.Cancel == nil || inv.Reminder.Cancel.Rule != c.want {
					t.Errorf("the invitation is %s, its reminder %+v", inv.State, inv.Reminder)
				}
			})
		})
	}
}

func answered(b bench, d survey.Decision, ref ledger.Ref) error {
	_, err := b.Answer(context.Background(), ref, given(survey.Answer{Score: 4}), d.SendAt.Add(time.Hour))
	return err
}

func fate(fate ledger.MailFate) func(bench, survey.Decision, ledger.Ref) error {
	return func(b bench, d survey.Decision, ref ledger.Ref) error {
		return b.NoteFate(context.Background(), ref, fate, d.SendAt.Add(time.Hour), d.SendAt.Add(time.Hour))
	}
}

func unsubscribed(b bench, d survey.Decision, _ ledger.Ref) error {
	return b.Unsubscribe(context.Background(), ledger.HashAddress("maija.C-1@leipomo.example"), ledger.Ref{}, d.SendAt.Add(time.Hour))
}

func moved(b bench, d survey.Decision, _ ledger.Ref) error {
	e := event(survey.CustomerUpdated, "msg_m", "C-1", d.SendAt.Add(time.Hour))
	e.Contacts["P-1"] = raw(map[string]any{"email": "maija@uusi.example"})
	_, err := b.TakeEvent(context.Background(), e, d.SendAt.Add(time.Hour))
	return err
}

func TestASurveyThatNobodyAnswersExpires(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		d, m, ref := sentOne(t, b)
		b.followUp(t, m, d.SendAt.Add(7*day)) // a reminder that never gets its turn
		late := d.SendAt.Add(31 * day)
		if _, err := b.Claim(t.Context(), m, b.policy.Opening(late, b.policy.Zone)); !errors.Is(err, ledger.ErrNotDue) {
			t.Fatalf("reminded after the link closed: %v", err)
		}
		b.followUp(t, m, late)
		o, err := b.Outcome(t.Context(), ref)
		if err != nil || o.State != survey.InvitationExpired || !o.Expired.Equal(d.SendAt.Add(30*day)) {
			t.Errorf("outcome %+v, %v", o, err)
		}
		if slices.Contains(b.due(t, late.Add(400*day)), m) {
			t.Error("still on the agenda")
		}
		if _, err := b.Answer(t.Context(), ref, given(survey.Answer{Score: 4}), late); !errors.Is(err, ledger.ErrClosed) {
			t.Errorf("answered after it expired: %v", err)
		}
	})
}

func TestUnsubscribingCancelsWhatIsPlannedAtEveryCustomer(t *testing.T) {
	overEveryStore(t, "rules: {address_cooldown: 0m}\n", func(t *testing.T, b bench) {
		var planned []survey.Decision
		for _, c := range []string{"C-1", "C-2"} {
			e := event(survey.ContractChanged, "msg_"+c, c, monday)
			e.Contacts["P-1"] = raw(map[string]any{"email": "kirjanpito@tilit.example"})
			planned = append(planned, b.take(t, e, e.At))
		}
		for range 2 {
			if err := b.Unsubscribe(t.Context(), ledger.HashAddress("kirjanpito@tilit.example"), ledger.Ref{}, monday); err != nil {
				t.Fatal(err)
			}
		}
		for _, d := range planned {
			inv, err := b.Invitation(t.Context(), d.Customer, d.Invitation)
			if err != nil || inv.State != survey.InvitationCancelled || inv.Cancel.Rule != survey.Unsubscribed {
				t.Errorf("%s: %s, cancelled by %+v, %v", d.Customer, inv.State, inv.Cancel, err)
			}
		}
	})
}

func TestTheDaysMailsAreTakenOnce(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		b.policy.Sending.DailyCap = 100
		taken := 0
		for _, c := range []struct{ want, get int }{{60, 60}, {60, 40}, {1, 0}} {
			n, err := b.TakeQuota(t.Context(), c.want, monday)
			if err != nil || n != c.get {
				t.Errorf("of %d wanted %d were given, want %d; %v", c.want, n, c.get, err)
			}
			taken += n
		}
		if n, err := b.TakeQuota(t.Context(), 60, monday.Add(day)); err != nil || n != 60 {
			t.Errorf("on the next day %d, %v", n, err)
		}
	})
}
