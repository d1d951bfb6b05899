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
// customer, at once. Doing it twice is fine. from is the survey whose mail was
// used to; its customer's timeline tells of it. A zero one, of a link that names
// none, is fine too.
func (l *Ledger) Unsubscribe(ctx context.Context, hash string, from Ref, now time.Time) error {
	if err := l.block(ctx, hash, now); err != nil {
		return fmt.Errorf("unsubscribing an address: %w", err)
	}
	if from.Invitation == "" {
		return nil
	}
	// The block is what counts, so it stands first and alone: were the survey's
	// own item in its way, it would wait for a line of a timeline.
	_, err := l.change(ctx, func() (stored[survey.Outcome], error) { return l.outcome(ctx, from) },
		func(o *stored[survey.Outcome]) error {
			if !o.value.Unsubscribed.IsZero() {
				return ErrNotDue
			}
			setOnce(&o.value.Unsubscribed, moment(now))
			return nil
		})
	if err != nil && !errors.Is(err, ErrNotDue) && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("noting with which mail an address was unsubscribed: %w", err)
	}
	return nil
}

// block notes an address as unsubscribed, the first time.
func (l *Ledger) block(ctx context.Context, hash string, now time.Time) error {
	_, err := retrying(ctx, func() (struct{}, error) {
		a, err := get[survey.Address](ctx, l.table, addressKey(hash))
		if err != nil && !errors.Is(err, ErrNotFound) {
			return struct{}{}, err
		}
		if !a.value.Unsubscribed.IsZero() {
			return struct{}{}, nil
		}
		a.value.Unsubscribed = moment(now)
		w, err := a.put()
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, l.table.Write(ctx, w)
	})
	return err
}
