package ledger

// Who wants no mail? One item for each address, whatever customers it belongs
// to: 1 unit to read, 1 to change. Unsubscribing by a mail also notes it with that
// mail (1 to read, 1 to change).

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kaiku/shared/survey"
)

// Unsubscribe takes an address, by its hash, off every survey of every
// customer, at once, and cancels what is planned to it. Doing it twice is fine.
// from is the survey whose mail was used to; its customer's timeline tells of it.
// A zero one, of a link that names none, is fine too.
func (l *Ledger) Unsubscribe(ctx context.Context, hash string, from Ref, now time.Time) error {
	a, err := l.block(ctx, hash, now)
	if err == nil {
		err = l.cancelUnsent(ctx, a, now)
	}
	if err != nil {
		return fmt.Errorf("unsubscribing an address: %w", err)
	}
	if from.Invitation == "" {
		return nil
	}
	// The block is what counts, so it stands first and alone: were the survey's
	// own item in its way, it would wait for a line of a timeline.
	_, err = l.change(ctx, func() (stored[survey.Outcome], error) { return l.outcome(ctx, from) },
		func(o *stored[survey.Outcome]) error {
			if !o.value.Unsubscribed.IsZero() {
				return ErrNotDue
			}
			noteEarliest(&o.value.Unsubscribed, moment(now))
			return nil
		})
	if err != nil && !errors.Is(err, ErrNotDue) && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("noting with which mail an address was unsubscribed: %w", err)
	}
	return nil
}

// block notes an address as unsubscribed, the first time.
func (l *Ledger) block(ctx context.Context, hash string, now time.Time) (survey.Address, error) {
	return retrying(ctx, func() (survey.Address, error) {
		a, err := get[survey.Address](ctx, l.table, addressKey(hash))
		if err != nil && !errors.Is(err, ErrNotFound) {
			return a.value, err
		}
		if !a.value.Unsubscribed.IsZero() {
			return a.value, nil
		}
		a.value.Unsubscribed = moment(now)
		w, err := a.put()
		if err != nil {
			return a.value, err
		}
		return a.value, l.table.Write(ctx, w)
	})
}

// cancelUnsent asks once more about every survey that is planned to an address
// of which something is known now that speaks against it. The sender would ask
// too; but nobody should see a survey as planned that will not be sent.
func (l *Ledger) cancelUnsent(ctx context.Context, a survey.Address, now time.Time) error {
	for _, asked := range a.Asked {
		if asked.Customer == "" || now.Sub(asked.At) > max(l.policy.GiveUp(survey.NPS), l.policy.GiveUp(survey.CSAT)) {
			continue // long sent, or given up
		}
		_, err := retrying(ctx, func() (struct{}, error) {
			return struct{}{}, l.cancelIfUnsent(ctx, Matter{Customer: asked.Customer, Invitation: asked.Invitation}, now)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *Ledger) cancelIfUnsent(ctx context.Context, m Matter, now time.Time) error {
	entry, err := l.invitation(ctx, m.Customer, m.Invitation)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	inv := entry.value.Invitation
	if !inv.State.Unsent() || inv.Tries > 0 { // it may have gone out: the sender settles that
		return nil
	}
	if !inv.Claimed.IsZero() { // SES may have told of it since
		if known, err := l.knownSent(ctx, entry); err != nil || known {
			return err
		}
	}
	d, err := l.open(ctx, m.Customer, now)
	if err != nil {
		return err
	}
	customer, err := d.state.value.Customer()
	if err != nil {
		return err
	}
	why, err := d.stillSend(ctx, &customer, inv)
	if err != nil || why == nil {
		return err
	}
	if err := d.cancel(ctx, entry, *why); err != nil {
		return err
	}
	return d.commit(ctx)
}
