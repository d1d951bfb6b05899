package agenda

import (
	"context"
	"time"

	"kaiku/shared/mail/quota"
)

const (
	// every is how often the function runs: one run hands over what may leave until
	// the next.
	every = time.Minute
	// share is how much of SES's rate is used; the rest is for mails that are tried
	// again and for what else the account sends.
	share = 0.9
	// floor is the rate when SES does not say: that of an account in the sandbox,
	// which any account has.
	floor = 1.0
)

// pace is how many mails this run may still hand over, and how far apart.
type pace struct {
	left  int
	gap   time.Duration
	given int
}

// delay is for how long the next mail is kept back.
func (p *pace) delay() time.Duration {
	d := time.Duration(p.given) * p.gap
	p.given++
	p.left--
	return d
}

func (r *run) pace(ctx context.Context) *pace {
	q, err := r.Account.Quota(ctx)
	if err != nil {
		r.Log.ErrorContext(ctx, "SES does not say how fast it takes mails; sending at the lowest rate", "error", err)
		q = quota.Quota{PerSecond: floor, Left: int(floor * every.Seconds())}
	}
	if q.Left == 0 {
		r.Log.ErrorContext(ctx, "SES takes no mails: the day's quota is used up, or sending is paused")
	}
	perSecond := max(q.PerSecond*share, floor*share)
	return &pace{left: min(int(perSecond*every.Seconds()), q.Left), gap: time.Duration(float64(time.Second) / perSecond)}
}
