// Package ledger is what Kaiku stores, written once on package table: customers,
// what was decided and why, invitations, what became of them, addresses, counts.
//
// The customer is the consistency boundary. A decision reads the customer's one
// item (and the addresses of its contacts), and is written together with all
// that it changes in one transaction, under the versions it was made from: of
// two decisions at the same moment one finds its condition failed, and is made
// again from what the other left.
//
// Whatever must happen later carries a due time on its own item, in one of four
// lanes: agenda (annual surveys, erasures), mail (on their way to the queue), count
// (what the aggregator has to count) and digest (what it then mails).
//
// keys.go has every key; each other file opens with the question it answers
// and what that costs, in DynamoDB units.
package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"golang.org/x/sync/errgroup"

	"kaiku/shared/policy"
	"kaiku/shared/table"
)

// Errors of the ledger.
var (
	// ErrNotFound: there is no such customer, invitation or outcome.
	ErrNotFound = errors.New("ledger: not found")
	// ErrClosed: the answer can no longer be changed.
	ErrClosed = errors.New("ledger: answer is closed")
	// ErrNotDue: the matter has been dealt with, or was moved, since it was
	// found due. It needs no doing.
	ErrNotDue = errors.New("ledger: not due")
)

// Ledger stores and finds. Its methods may be called at once by many.
type Ledger struct {
	table  table.Table
	policy *policy.Policy
	newID  func(time.Time) string
}

// New makes a ledger. newID makes ids that are unique and sort by their time,
// such as ULIDs.
func New(t table.Table, p *policy.Policy, newID func(time.Time) string) *Ledger {
	return &Ledger{table: t, policy: p, newID: newID}
}

// stored is a value with the item it came from.
type stored[T any] struct {
	value   T
	key     table.Key
	version int64 // 0: not stored yet
	due     table.Due
	expires time.Time
}

// get reads the value at a key, or ErrNotFound.
func get[T any](ctx context.Context, t table.Table, key table.Key) (stored[T], error) {
	item, err := t.Get(ctx, key)
	if errors.Is(err, table.ErrNotFound) {
		return stored[T]{key: key}, ErrNotFound
	}
	if err != nil {
		return stored[T]{key: key}, err
	}
	return decode[T](item)
}

func decode[T any](item table.Item) (stored[T], error) {
	s := stored[T]{key: item.Key, version: item.Version, due: item.Due, expires: item.Expires}
	if err := json.Unmarshal(item.Body, &s.value); err != nil {
		return s, fmt.Errorf("reading a stored %T: %w", s.value, err)
	}
	return s, nil
}

// put writes the value back if nobody else has since it was read.
func (s *stored[T]) put() (table.Write, error) {
	return s.putIf(table.VersionIs(s.version))
}

func (s *stored[T]) putIf(cond table.Condition) (table.Write, error) {
	body, err := json.Marshal(s.value)
	if err != nil {
		return table.Write{}, fmt.Errorf("storing a %T: %w", s.value, err)
	}
	return table.Put(table.Item{Key: s.key, Body: body, Due: s.due, Expires: s.expires}, cond), nil
}

// gatherAtOnce is how many calls wait for DynamoDB side by side.
const gatherAtOnce = 16

// gather calls f with each of in, some at once, and returns what came of them in
// the same order, or the first error.
func gather[In, Out any](ctx context.Context, in []In, f func(In) (Out, error)) ([]Out, error) {
	out := make([]Out, len(in))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(gatherAtOnce)
	for i := range in {
		group.Go(func() (err error) {
			if err = ctx.Err(); err == nil {
				out[i], err = f(in[i])
			}
			return err
		})
	}
	return out, group.Wait()
}

// Of a race each round has a winner, so a loser's wait is over after as many
// rounds as there are others. 60 rounds outlast 50 at once; their waits are
// random and bounded.
const (
	maxTries = 60
	minPause = 2 * time.Millisecond
	maxPause = 150 * time.Millisecond
)

// retrying repeats f for as long as another writer was faster.
func retrying[T any](ctx context.Context, f func() (T, error)) (T, error) {
	for try := 1; ; try++ {
		v, err := f()
		if err == nil || try == maxTries || !errors.Is(err, table.ErrCondition) && !errors.Is(err, table.ErrContended) {
			return v, err
		}
		pause := time.NewTimer(minPause + rand.N(min(maxPause, minPause<<min(try, 8))))
		select {
		case <-ctx.Done():
			pause.Stop()
			return v, ctx.Err()
		case <-pause.C:
		}
	}
}

// moment is now as it is stored: to the millisecond, in UTC.
func moment(now time.Time) time.Time { return now.UTC().Truncate(time.Millisecond) }
