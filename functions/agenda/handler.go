// Package agenda is the function that does what has fallen due: it decides on
// annual surveys, and queues the mails whose time has come. It finds them in the
// due index alone, so its cost follows what is due.
package agenda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"kaiku/shared/ledger"
)

// Ledger is what the function needs of the ledger.
type Ledger interface {
	Due(ctx context.Context, now time.Time, limit int) ([]ledger.Matter, error)
	CustomerDue(ctx context.Context, customer string, now time.Time) error
	ToQueue(ctx context.Context, m ledger.Matter, now time.Time) (bool, error)
	NoteQueued(ctx context.Context, m ledger.Matter, now time.Time) error
}

// Queue takes mails to be sent. Send may be given the same twice.
type Queue interface {
	Send(ctx context.Context, mails []ledger.Matter) error
}

// Handler runs once a minute.
type Handler struct {
	Ledger Ledger
	Queue  Queue
	Now    func() time.Time
	Log    *slog.Logger
	// Workers is how many matters are dealt with at once; at least 1.
	Workers int
}

const (
	// batch is how many matters are looked up at a time.
	batch = 200
	// spare is kept of the function's time, so that it ends by itself.
	spare = 5 * time.Second
)

// Handle does everything that is due by now. A matter that fails is left on the
// agenda for the next minute, does not keep the others from being done, and
// makes the run an error in the end.
func (h *Handler) Handle(ctx context.Context, _ json.RawMessage) error {
	now := h.Now()
	failed := map[ledger.Matter]error{}
	seen := map[ledger.Matter]bool{} // the index may list for a moment what is done
	for h.timeLeft(ctx) {
		due, err := h.Ledger.Due(ctx, now, batch+len(failed))
		if err != nil {
			return err
		}
		todo := due[:0]
		for _, m := range due {
			if !seen[m] {
				seen[m] = true
				todo = append(todo, m)
			}
		}
		if len(todo) == 0 {
			break
		}
		for m, err := range h.do(ctx, todo, now) {
			h.Log.ErrorContext(ctx, "matter failed", "customer", m.Customer, "invitation", m.Invitation, "error", err)
			failed[m] = err
		}
	}
	for _, err := range failed {
		return fmt.Errorf("%d matters failed and stay on the agenda, one of them: %w", len(failed), err)
	}
	return nil
}

func (h *Handler) timeLeft(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ctx.Err() == nil && (!ok || time.Until(deadline) > spare)
}

// do deals with matters, several at once, and returns those that failed.
func (h *Handler) do(ctx context.Context, todo []ledger.Matter, now time.Time) map[ledger.Matter]error {
	var (
		mutex  sync.Mutex
		failed = map[ledger.Matter]error{}
		mails  []ledger.Matter
		group  sync.WaitGroup
		slots  = make(chan struct{}, max(1, h.Workers))
	)
	for _, m := range todo {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			queue, err := h.one(ctx, m, now)
			mutex.Lock()
			defer mutex.Unlock()
			switch {
			case err != nil:
				failed[m] = err
			case queue:
				mails = append(mails, m)
			}
		})
	}
	group.Wait()
	if len(mails) > 0 {
		if err := h.queue(ctx, mails, now); err != nil {
			for _, m := range mails {
				failed[m] = err
			}
		}
	}
	return failed
}

func (h *Handler) one(ctx context.Context, m ledger.Matter, now time.Time) (queue bool, err error) {
	if m.Invitation != "" {
		return h.Ledger.ToQueue(ctx, m, now)
	}
	err = h.Ledger.CustomerDue(ctx, m.Customer, now)
	if errors.Is(err, ledger.ErrNotDue) {
		return false, nil
	}
	return false, err
}

// queue hands mails over first and notes it afterwards: a crash in between
// queues them again, and the claim of the sender lets one of two through.
func (h *Handler) queue(ctx context.Context, mails []ledger.Matter, now time.Time) error {
	if err := h.Queue.Send(ctx, mails); err != nil {
		return err
	}
	for _, m := range mails {
		if err := h.Ledger.NoteQueued(ctx, m, now); err != nil {
			return err
		}
	}
	return nil
}
