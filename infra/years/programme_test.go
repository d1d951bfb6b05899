// Package years holds histories of years against the rules: random ones, lived
// through by the real ledger, agenda and webhook, and judged by what the outside
// sees alone, the mails and the timelines.
package years

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kaiku/functions/agenda"
	"kaiku/shared/ledger"
	"kaiku/shared/mail/quota"
	"kaiku/shared/policy"
	"kaiku/shared/policyfile"
	"kaiku/shared/survey"
	"kaiku/shared/table/tabletest"
	"kaiku/shared/webhook"
)

const day = 24 * time.Hour

// begins is a Monday morning. No event falls on a whole minute, as annual due dates
// and openings do.
var begins = time.Date(2026, 1, 5, 8, 0, 30, 0, time.UTC)

// programme is a few customers and a clock that goes by their agenda.
type programme struct {
	t      *rapid.T
	policy *policy.Policy
	ledger *ledger.Ledger
	agenda *agenda.Handler
	now    time.Time
	queue  queue

	// fate draws what becomes of a mail; all are delivered when it is nil.
	fate  func() ledger.MailFate
	mails []mail
	told  []told
}

// mail is one mail that left.
type mail struct {
	at                                time.Time
	customer, invitation, contact, to string
	kind                              survey.Kind
	trigger                           survey.Trigger
	bounced                           bool
}

// told is an event that was taken in, and what was answered.
type told struct {
	event survey.Event
	at    time.Time
	ledger.Receipt
}

// queue stands for SQS.
type queue struct{ mails []ledger.Matter }

func (q *queue) Send(_ context.Context, mails []agenda.Mail) error {
	for _, m := range mails {
		q.mails = append(q.mails, m.Matter)
	}
	return nil
}

// Quota is that of an account without limits.
func (q *queue) Quota(context.Context) (quota.Quota, error) {
	return quota.Quota{PerSecond: 1000, Left: 1_000_000}, nil
}

func newProgramme(t *rapid.T, p *policy.Policy) *programme {
	w := &programme{t: t, policy: p, ledger: ledger.New(tabletest.NewMemory(), p, ledger.NewIDs()), now: begins}
	w.agenda = &agenda.Handler{Ledger: w.ledger, Queue: &w.queue, Account: &w.queue, Now: func() time.Time { return w.now },
		Log: slog.New(slog.DiscardHandler), Workers: 1}
	return w
}

func parse(t testing.TB, yaml string) *policy.Policy {
	t.Helper()
	p, err := policyfile.Parse("policy.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (w *programme) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// object is one of JSON.
type object = map[string]any

// event is one as the webhook reads it.
func (w *programme) event(id string, kind survey.EventType, at time.Time, data object) survey.Event {
	w.t.Helper()
	body, err := json.Marshal(object{"type": kind, "timestamp": at.Format(time.RFC3339), "data": data})
	w.must(err)
	e, faults := webhook.ParseEvent(id, body)
	if len(faults) > 0 {
		w.t.Fatalf("%s: %v", body, faults)
	}
	return e
}

// take takes an event in.
func (w *programme) take(e survey.Event) {
	w.t.Helper()
	receipt, err := w.ledger.TakeEvent(w.t.Context(), e, w.now)
	w.must(err)
	if receipt.Duplicate {
		w.t.Fatalf("%s, which was not here before, is answered as a duplicate", e.ID)
	}
	w.told = append(w.told, told{e, w.now, receipt})
}

// maxTicks is how often the agenda may find something due at one moment: a
// decision can plan a mail that leaves at once, and no more than that.
const maxTicks = 12

// turn lets time pass to a moment, and does all that falls due on the way.
func (w *programme) turn(to time.Time) {
	w.t.Helper()
	for ticks := 1; ; ticks++ {
		due, ok, err := w.ledger.NextDue(w.t.Context(), to)
		w.must(err)
		if !ok {
			break
		}
		if due.After(w.now) {
			w.now, ticks = due, 1
		}
		if ticks > maxTicks {
			w.t.Fatalf("at %v something is due without end", w.now)
		}
		w.tick()
	}
	w.now = to
}

// tick is what the schedules and the queue do at one moment.
func (w *programme) tick() {
	w.must(w.agenda.Handle(w.t.Context(), nil))
	mails := w.queue.mails
	w.queue.mails = nil
	for _, m := range mails {
		w.send(m)
	}
	_, err := w.ledger.Count(w.t.Context(), w.now)
	w.must(err)
}

func (w *programme) send(m ledger.Matter) {
	c, err := w.ledger.Claim(w.t.Context(), m, w.now)
	if errors.Is(err, ledger.ErrNotDue) {
		return
	}
	w.must(err)
	w.must(w.ledger.NoteSent(w.t.Context(), c, "ses-"+m.Invitation, w.now))
	if c.Ref.Reminder { // no survey of its own
		return
	}
	one := mail{at: w.now, customer: m.Customer, invitation: m.Invitation, contact: c.Contact.ID, to: c.Contact.Email,
		kind: c.Invitation.Kind, trigger: c.Invitation.Trigger}
	fate := ledger.FateDelivered
	if w.fate != nil {
		fate = w.fate()
	}
	one.bounced = fate == ledger.FateBounced
	w.must(w.ledger.NoteFate(w.t.Context(), c.Ref, fate, w.now, w.now))
	w.mails = append(w.mails, one)
}

// timeline is the whole of what a customer's timeline tells.
func (w *programme) timeline(customer string) []ledger.Line {
	w.t.Helper()
	var lines []ledger.Line
	for after := ""; ; {
		page, err := w.ledger.Timeline(w.t.Context(), customer, after, 100)
		w.must(err)
		lines = append(lines, page.Entries...)
		if after = page.Next; after == "" {
			return lines
		}
	}
}

// customers are all that were told of.
func (w *programme) customers() []string {
	ids := map[string]bool{}
	for _, e := range w.told {
		ids[e.event.CustomerID] = true
	}
	return slices.Sorted(maps.Keys(ids))
}
