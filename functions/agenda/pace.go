package agenda

import (
	"context"
	"math"
	"time"

	"kaiku/shared/mail/quota"
)

const (
	// every is how often the function runs.
	every = time.Minute
	// window is the part of that in which the mails of one run leave. The last second
	// is left free, so that those of the next run, which may begin a little early,
	// do not come on top of them.
	window = every - time.Second
	// share is how much of SES's rate is used; the rest is for mails that are tried
	// again and for what else the account sends.
	share = 0.9
	// floor is the rate when SES does not say: that of an account in the sandbox,
	// which any account has.
	floor = 1.0
)

// pace says when the mails of one run leave, and how many there may be.
type pace struct {
	from time.Time
	left int
	gap  time.Duration
	next time.Duration // after from
}

// room is how many mails may still be handed over at now.
func (p *pace) room(now time.Time) int {
	open := window - max(p.next, now.Sub(p.from))
	return max(0, min(p.left, int(math.Ceil(float64(open)/float64(p.gap)))))
}

// slot is when the next mail leaves: in whole seconds, which is what a queue can
// hold it back by, and not before now. A run that hands over more slowly than SES
// takes mails does not make up for it in a burst.
func (p *pace) slot(now time.Time) time.Time {
	at := max(p.next, now.Sub(p.from))
	p.next = at + p.gap
	p.left--
	return p.from.Add(at.Truncate(time.Second))
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
	return &pace{from: r.now, left: q.Left, gap: time.Duration(float64(time.Second) / perSecond)}
}
