package ledger

// How many more mails may leave today? One item a day, read (1 unit) and written
// (1) once for each look of the agenda that finds mails due, not for each mail;
// without a daily cap not at all.

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kaiku/shared/survey"
)

// handedOver is how many mails were handed to the queue on one day.
type handedOver struct {
	Mails int `json:"mails"`
}

// keepQuota is for how long a day's number is kept.
const keepQuota = 3 * 24 * time.Hour

// TakeQuota takes up to n of the mails that the policy's daily cap still allows
// on the day of now, by the policy's clock, and says how many it took. What is
// taken and not used, because of a crash, is gone until tomorrow.
func (l *Ledger) TakeQuota(ctx context.Context, n int, now time.Time) (int, error) {
	limit := l.policy.Sending.DailyCap
	if limit == 0 || n <= 0 {
		return n, nil
	}
	day := survey.DateOf(now.In(l.policy.Zone))
	taken, err := retrying(ctx, func() (int, error) {
		q, err := get[handedOver](ctx, l.table, quotaKey(day))
		if err != nil && !errors.Is(err, ErrNotFound) {
			return 0, err
		}
		take := min(n, limit-q.value.Mails)
		if take <= 0 {
			return 0, nil
		}
		q.value.Mails += take
		q.expires = moment(now).Add(keepQuota)
		w, err := q.put()
		if err != nil {
			return 0, err
		}
		return take, l.table.Write(ctx, w)
	})
	if err != nil {
		return 0, fmt.Errorf("taking of the day's mails: %w", err)
	}
	return taken, nil
}
