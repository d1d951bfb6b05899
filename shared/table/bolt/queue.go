package bolt

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"go.etcd.io/bbolt"

	"kaiku/shared/table"
)

// batchWrites is how many requests one commit takes along at most, so that the
// memory of a commit has a bound.
const batchWrites = 256

// queue makes one commit of all requests that came while the last commit waited
// for the disk. bbolt's own Batch lets a lone writer wait for company; here it
// never waits, and a hundred writers share a few syncs.
type queue struct {
	mu      sync.Mutex
	waiting []*request
	// working is true while a goroutine serves waiting.
	working bool
}

// request is one call of Write.
type request struct {
	ctx    context.Context
	writes []table.Write
	// done gets the outcome, once.
	done chan error
}

// do commits r, together with others, and returns its own outcome.
func (q *queue) do(db *bbolt.DB, r *request) error {
	q.mu.Lock()
	q.waiting = append(q.waiting, r)
	if !q.working {
		q.working = true
		go q.serve(db)
	}
	q.mu.Unlock()
	return <-r.done
}

// serve commits until nothing waits.
func (q *queue) serve(db *bbolt.DB) {
	for {
		q.mu.Lock()
		batch := q.waiting
		if len(batch) > batchWrites {
			batch = batch[:batchWrites]
		}
		q.waiting = q.waiting[len(batch):]
		q.working = len(batch) > 0
		q.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		commit(db, batch)
	}
}

// errUnchanged rolls back a commit in which there is nothing to write.
var errUnchanged = errors.New("nothing changed")

// commit does each request of batch, in order, in one transaction: those that
// were refused get told why, all others share the outcome of the commit.
func commit(db *bbolt.DB, batch []*request) {
	refused := make([]error, len(batch))
	err := db.Update(func(tx *bbolt.Tx) error {
		changed := false
		for i, r := range batch {
			refused[i] = r.ctx.Err()
			if refused[i] == nil {
				refused[i] = check(tx.Bucket(itemsBucket), r.writes)
			}
			if refused[i] != nil {
				continue
			}
			if err := apply(tx, r.writes); err != nil {
				return err
			}
			changed = true
		}
		if !changed {
			return errUnchanged
		}
		return nil
	})
	if err != nil && !errors.Is(err, errUnchanged) {
		err = fmt.Errorf("commit: %w", err)
	}
	for i, r := range batch {
		if refused[i] != nil {
			r.done <- refused[i]
		} else {
			r.done <- err
		}
	}
}
