package ledger

// What became of a survey that was sent? One item by its day and id: 1 unit to
// read, 1 a kilobyte to change, and 1 in the index the first time within an
// hour, which marks its day to be counted again.

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kaiku/shared/survey"
	"kaiku/shared/table"
)

// countEvery is how often figures are computed: a change is marked to be
// counted at the next full hour.
const countEvery = time.Hour

// mark puts an outcome on the count lane, unless it is there already.
func mark(o *stored[survey.Outcome], now time.Time) {
	if o.due.Lane == "" {
		o.due = countDue(now)
	}
}

// countDue is when what changed now is to be counted.
func countDue(now time.Time) table.Due {
	return table.Due{Lane: laneCount, At: now.Truncate(countEvery).Add(countEvery)}
}

func (l *Ledger) newOutcome(inv survey.Invitation, facts survey.Facts, messageID string, sent time.Time) stored[survey.Outcome] {
	o := stored[survey.Outcome]{key: outcomeKey(inv.Day, inv.ID), value: survey.Outcome{Invitation: inv.ID,
		Customer: inv.Customer, Kind: inv.Kind, Facts: facts, State: survey.InvitationSent, Sent: sent, MessageID: messageID}}
	mark(&o, sent)
	return o
}

// Outcome reads what became of a survey. One that SES has surely taken, since
// somebody holds its link, but whose sending a crash kept from being noted, is
// as if it had been.
func (l *Ledger) Outcome(ctx context.Context, ref Ref) (survey.Outcome, error) {
	o, err := l.outcome(ctx, ref)
	return o.value, err
}

func (l *Ledger) outcome(ctx context.Context, ref Ref) (stored[survey.Outcome], error) {
	o, err := get[survey.Outcome](ctx, l.table, outcomeKey(ref.Day, ref.Invitation))
	if !errors.Is(err, ErrNotFound) {
		return o, err
	}
	entry, err := l.invitation(ctx, ref.Customer, ref.Invitation)
	if err != nil {
		return o, err
	}
	inv := *entry.value.Invitation
	if inv.Day != ref.Day || inv.Claimed.IsZero() {
		return o, ErrNotFound
	}
	facts, err := l.factsFor(ctx, &inv)
	if err != nil {
		return o, err
	}
	return l.newOutcome(inv, facts, "", inv.Claimed), nil
}

// factsFor are what the results of an invitation are shown by, of one whose
// sending nobody noted.
func (l *Ledger) factsFor(ctx context.Context, inv *survey.Invitation) (survey.Facts, error) {
	d, err := l.open(ctx, inv.Customer, inv.Claimed)
	if err != nil {
		return survey.Facts{}, err
	}
	customer, err := d.state.value.Customer()
	if err != nil {
		return survey.Facts{}, err
	}
	contact := survey.Contact{}
	if known, ok := customer.Contact(inv.Contact); ok {
		contact = *known
	}
	facts, _ := l.factsOf(&customer, *inv, contact, inv.Claimed)
	return facts, nil
}

// changeOutcome changes an outcome under its version, and marks it to be
// counted.
func (l *Ledger) changeOutcome(ctx context.Context, key table.Key, change func(*stored[survey.Outcome]) error) (survey.Outcome, error) {
	return l.change(ctx, func() (stored[survey.Outcome], error) { return get[survey.Outcome](ctx, l.table, key) }, change)
}

func (l *Ledger) change(ctx context.Context, read func() (stored[survey.Outcome], error), change func(*stored[survey.Outcome]) error) (survey.Outcome, error) {
	return retrying(ctx, func() (survey.Outcome, error) {
		o, err := read()
		if err != nil {
			return survey.Outcome{}, err
		}
		if err := change(&o); err != nil {
			return o.value, err
		}
		w, err := o.put()
		if err != nil {
			return o.value, err
		}
		return o.value, l.table.Write(ctx, w)
	})
}

// Answer records the answer to a survey, or revises it: the latest counts. What
// was given is checked by given, against the survey that it answers; an error of
// its own is returned as it is. Once the time for revising is over it is
// ErrClosed. The outcome is returned as it stands, with an error too.
func (l *Ledger) Answer(ctx context.Context, ref Ref, given func(survey.Outcome) (survey.Answer, error), now time.Time) (survey.Outcome, error) {
	now = moment(now)
	var refused error
	o, err := l.change(ctx, func() (stored[survey.Outcome], error) { return l.outcome(ctx, ref) },
		func(o *stored[survey.Outcome]) error {
			before := o.value.Answer
			if Closed(before, l.policy.Answering.ReviseFor.Std(), now) {
				return ErrClosed
			}
			var answer survey.Answer
			if answer, refused = given(o.value); refused != nil {
				return refused
			}
			if o.value.Customer == "" {
				answer.Comment = "" // the customer was erased: nothing personal is kept again
			}
			if !o.value.Become(survey.InvitationAnswered) && before == nil {
				return ErrClosed
			}
			answer.First, answer.Last = now, now
			if before != nil {
				answer.First = before.First
			}
			o.value.Answer = &answer
			mark(o, now)
			return nil
		})
	if err != nil && refused == nil && !errors.Is(err, ErrClosed) && !errors.Is(err, ErrNotFound) {
		return o, fmt.Errorf("recording an answer: %w", err)
	}
	return o, err
}

// Closed says whether an answer can no longer be revised.
func Closed(a *survey.Answer, reviseFor time.Duration, now time.Time) bool {
	return a != nil && now.Sub(a.First) >= reviseFor
}

// MailFate is what SES says became of a mail.
type MailFate string

// The fates of a mail.
const (
	FateSent         MailFate = "sent"
	FateDelivered    MailFate = "delivered"
	FateBounced      MailFate = "bounced"           // permanently
	FateSuppressed   MailFate = "suppressed"        // not sent: SES knows that the address does not take mail
	FateRejected     MailFate = "rejected"          // not sent: SES refused it after all
	FateRenderFailed MailFate = "rendering_failure" // not sent: SES could not make it
	FateSoftBounced  MailFate = "soft_bounced"      // for now
	FateComplained   MailFate = "complained"        // reported as spam
	FateDelayed      MailFate = "delivery_delay"    // nothing to note yet
)

// failed says whether the mail surely did not arrive.
func (f MailFate) failed() bool {
	return f == FateBounced || f == FateSuppressed || f == FateRejected || f == FateRenderFailed
}

// NoteFate notes what became of a mail, with all that follows: a bounce does
// not count as asked, an address that bounces is undeliverable, a complaint
// unsubscribes. Told twice, or in any order, it comes to the same.
func (l *Ledger) NoteFate(ctx context.Context, ref Ref, fate MailFate, at, now time.Time) error {
	at = moment(at)
	first := false
	o, err := l.change(ctx, func() (stored[survey.Outcome], error) { return l.outcome(ctx, ref) },
		func(o *stored[survey.Outcome]) error {
			was := o.value
			noteFate(&o.value, ref.Reminder, fate, at)
			if first = was != o.value || o.version == 0; !first {
				return ErrNotDue
			}
			mark(o, moment(now))
			return nil
		})
	switch {
	case errors.Is(err, ErrNotDue): // known already; what follows may still be missing
	case err != nil:
		return fmt.Errorf("noting what became of a mail: %w", err)
	}
	if fate == FateSent || fate == FateDelivered || fate == FateDelayed || o.Customer == "" {
		return nil
	}
	return l.noteAddressFate(ctx, ref, fate, at, now)
}

// noteFate notes when something became of a mail. A reminder that does not arrive
// does not undo that the invitation did.
func noteFate(o *survey.Outcome, reminder bool, fate MailFate, at time.Time) {
	if reminder {
		noteEarliest(&o.Reminded, at)
	}
	switch {
	case fate.failed():
		if !reminder {
			noteFailure(o, fate, at)
			o.Become(survey.InvitationBounced)
		}
	case fate == FateDelivered:
		noteEarliest(&o.Delivered, at)
		o.Become(survey.InvitationDelivered)
	case fate == FateSoftBounced:
		noteEarliest(&o.SoftBounced, at)
	case fate == FateComplained:
		noteEarliest(&o.Complained, at)
		o.Become(survey.InvitationComplained)
	}
}

// noteEarliest keeps the earliest time, for SNS keeps no order.
func noteEarliest(t *time.Time, at time.Time) {
	if t.IsZero() || at.Before(*t) {
		*t = at
	}
}

// noteFailure keeps the earliest failure with its reason; of two at the same
// moment any, but the same one in either order.
func noteFailure(o *survey.Outcome, fate MailFate, at time.Time) {
	if o.Bounced.IsZero() || at.Before(o.Bounced) || at.Equal(o.Bounced) && string(fate) < o.BounceReason {
		o.Bounced, o.BounceReason = at, string(fate)
	}
}

func (l *Ledger) noteAddressFate(ctx context.Context, ref Ref, fate MailFate, at, now time.Time) error {
	known, err := retrying(ctx, func() (survey.Address, error) {
		entry, err := l.invitation(ctx, ref.Customer, ref.Invitation)
		if err != nil {
			return survey.Address{}, err
		}
		inv := entry.value.Invitation
		d, err := l.open(ctx, ref.Customer, now)
		if err != nil {
			return survey.Address{}, err
		}
		a, err := d.address(ctx, inv.Address)
		if err != nil {
			return survey.Address{}, err
		}
		before := a.value
		asked := len(d.state.value.Asked)
		switch fate {
		case FateBounced, FateSuppressed:
			a.value.NoteBounce(at)
		case FateSoftBounced:
			a.value.NoteSoftBounce(ref.Invitation, at)
		case FateComplained:
			noteEarliest(&a.value.Unsubscribed, at)
		}
		if fate.failed() && !ref.Reminder {
			if err := d.forget(ctx, inv); err != nil {
				return a.value, err
			}
		}
		if !a.value.Equal(before) {
			d.touch(inv.Address)
		}
		if len(d.touched) == 0 && len(d.state.value.Asked) == asked {
			return a.value, nil
		}
		if len(d.state.value.Asked) == asked { // the address alone
			w, err := a.put()
			if err != nil {
				return a.value, err
			}
			return a.value, l.table.Write(ctx, w)
		}
		return a.value, d.commit(ctx)
	})
	if err == nil && (!known.Unsubscribed.IsZero() || !known.Undeliverable.IsZero()) {
		err = l.cancelUnsent(ctx, known, now)
	}
	if err != nil {
		return fmt.Errorf("noting what a mail says of its address: %w", err)
	}
	return nil
}
