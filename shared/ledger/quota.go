package ledger

// How many more mails may leave today? One item a day, read (2 units) and written
// (1) once for each look of the agenda that finds mails due, and once (1, 1) for a
// mail that did not leave; without a daily cap not at all.

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"kaiku/shared/survey"
)

// dayOf is the day by the policy's clock, which the daily cap counts by.
func (l *Ledger) dayOf(at time.Time) survey.Date { return survey.DateOf(at.In(l.policy.Zone)) }

// handedOver is how many mails were handed to the queue on one day.
type handedOver struct {
	Mails int `json:"mails"`
}

// keepQuota is for how long a day's number is kept.
const keepQuota = 3 * 24 * time.Hour

// QuotaLeft is how many mails the policy's daily cap still allows on the day of
// now, by the policy's clock.
func (l *Ledger) QuotaLeft(ctx context.Context, now time.Time) (int, error) {
	limit := l.policy.Sending.DailyCap
	if limit == 0 {
		return math.MaxInt, nil
	}
	q, err := get[handedOver](ctx, l.table, quotaKey(l.dayOf(now)))
	if err != nil && !errors.Is(err, ErrNotFound) {
		return 0, fmt.Errorf("looking up the day's mails: %w", err)
	}
	return max(0, limit-q.value.Mails), nil
}

// TakeQuota takes up to n of the mails that the daily cap still allows, and says
// how many it took. What is taken and not used, because of a crash, is gone until
// tomorrow.
func (l *Ledger) TakeQuota(ctx context.Context, n int, now time.Time) (taken int, err error) {
	limit := l.policy.Sending.DailyCap
	if limit == 0 || n <= 0 {
		return n, nil
	}
	err = l.changeQuota(ctx, now, func(mails int) int {
		taken = max(0, min(n, limit-mails))
		return mails + taken
	})
	if err != nil {
		return 0, fmt.Errorf("taking of the day's mails: %w", err)
	}
	return taken, nil
}

// returnQuota gives back what a mail took that did not leave after all: SES did
// not take it, a rule cancelled it, or it was not its customer's office hours, as
// with all that is handed over at midnight, when the cap of a new day begins. It
// goes back to the day of the try, which is the day it was taken on but for a
// minute at midnight.
func (l *Ledger) returnQuota(ctx context.Context, tried time.Time) error {
	if l.policy.Sending.DailyCap == 0 {
		return nil
	}
	if err := l.changeQuota(ctx, tried, func(mails int) int { return max(0, mails-1) }); err != nil {
		return fmt.Errorf("giving back one of the day's mails: %w", err)
	}
	return nil
}

func (l *Ledger) changeQuota(ctx context.Context, at time.Time, change func(mails int) int) error {
	_, err := retrying(ctx, func() (struct{}, error) {
		q, err := get[handedOver](ctx, l.table, quotaKey(l.dayOf(at)))
		if err != nil && !errors.Is(err, ErrNotFound) {
			return struct{}{}, err
		}
		before := q.value.Mails
		if q.value.Mails = change(before); q.value.Mails == before {
			return struct{}{}, nil
		}
		q.expires = moment(at).Add(keepQuota)
		w, err := q.put()
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, l.table.Write(ctx, w)
	})
	return err
}
