package ledger

// Who wants no mail? One item for each address, whatever customers it belongs
// to: 1 unit to read, 1 to change.

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kaiku/shared/survey"
)

// Unsubscribe takes an address, by its hash, off every survey of every
// customer, at once. Doing it twice is fine.
func (l *Ledger) Unsubscribe(ctx context.Context, hash string, now time.Time) error {
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
	if err != nil {
		return fmt.Errorf("unsubscribing an address: %w", err)
	}
	return nil
}
