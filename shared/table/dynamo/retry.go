package dynamo

import (
	"context"
	"crypto/rand"
	"fmt"
	mathrand "math/rand/v2"
	"time"

	"kaiku/shared/table"
)

// Pauses between attempts double from the first to the longest: attempts of them
// are at most 5.1 seconds together, which leaves a function time to say no.
const (
	firstPause   = 10 * time.Millisecond
	longestPause = 640 * time.Millisecond
	pauses       = 13
)

// retry repeats writes that others were in the way of.
type retry struct {
	// wait returns after d, or with the error of ctx when that ends first.
	wait func(ctx context.Context, d time.Duration) error
	// jitter is a random number from 0 to below 1: writers that met once should
	// not meet again.
	jitter func() float64
}

func newRetry() retry { return retry{wait: wait, jitter: mathrand.Float64} }

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// do attempts until there is an outcome. The items of an attempt stand at places
// of a Write of n, which is how a *table.ConditionError counts them.
//
// token makes a transaction happen once however often DynamoDB hears of it. It
// is kept until DynamoDB said that the transaction was cancelled.
func (r retry) do(ctx context.Context, places []int, n int, attempt func(token string) error) error {
	token := rand.Text()
	pause := firstPause
	for left := pauses; ; left-- {
		err := attempt(token)
		if err == nil {
			return nil
		}
		v, failed := judge(err, len(places))
		switch v {
		case final:
			return err
		case refused:
			return conditionError(failed, places, n)
		case cancelled:
			token = rand.Text()
		}
		if left == 0 && v == unfinished {
			return fmt.Errorf("an attempt that was lost is still not finished: %w", err)
		}
		if left == 0 {
			return fmt.Errorf("%w: %w", table.ErrContended, err)
		}
		half := pause / 2
		if stopped := r.wait(ctx, half+time.Duration(r.jitter()*float64(half))); stopped != nil {
			return fmt.Errorf("%w, after %w", stopped, err)
		}
		pause = min(2*pause, longestPause)
	}
}

// conditionError puts what failed back to the places where the caller had it.
func conditionError(failed []bool, places []int, n int) *table.ConditionError {
	e := &table.ConditionError{Failed: make([]bool, n)}
	for i, place := range places {
		e.Failed[place] = failed[i]
	}
	return e
}
