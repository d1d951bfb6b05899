package agenda

import (
	"context"
	"errors"
	"sync"
	"time"

	"kaiku/shared/ledger"
)

// run is one look at the agenda.
type run struct {
	*Handler
	now time.Time
	// seen is what was dealt with in this lane: the index may list for a moment what
	// is done.
	seen   map[ledger.Matter]bool
	failed map[ledger.Matter]error
}

// due looks up what is due in a lane and was not seen in this run.
func (r *run) due(ctx context.Context, look func(context.Context, time.Time, int) ([]ledger.Matter, error)) ([]ledger.Matter, error) {
	// What failed stays due, and the index may lag behind by more than one batch:
	// neither hides what comes after it.
	for limit := batch + len(r.failed); ; limit += batch {
		due, err := look(ctx, r.now, limit)
		if err != nil {
			return nil, err
		}
		full := len(due) == limit
		todo := due[:0]
		for _, m := range due {
			if !r.seen[m] {
				todo = append(todo, m)
			}
		}
		if len(todo) > 0 || !full {
			return todo, nil
		}
	}
}

// matters does all that Kaiku does by itself.
func (r *run) matters(ctx context.Context) error {
	for timeLeft(ctx) {
		todo, err := r.due(ctx, r.Ledger.Due)
		if err != nil || len(todo) == 0 {
			return err
		}
		r.each(todo, func(m ledger.Matter) error {
			if m.Invitation != "" {
				_, err := r.Ledger.FallDue(ctx, m, r.now)
				return err
			}
			if err := r.Ledger.CustomerDue(ctx, m.Customer, r.now); !errors.Is(err, ledger.ErrNotDue) {
				return err
			}
			return nil
		})
		r.report(ctx, todo)
	}
	return nil
}

// mails queues the mails that are due, as many as may leave.
func (r *run) mails(ctx context.Context) error {
	var p *pace
	clear(r.seen) // a survey that was followed up may be here with its reminder
	for timeLeft(ctx) {
		todo, err := r.due(ctx, r.Ledger.DueMails)
		if err != nil || len(todo) == 0 {
			return err
		}
		// The cap is asked first: what has to wait for tomorrow is not looked at again
		// in every minute of the day.
		left, err := r.Ledger.QuotaLeft(ctx, r.now)
		if err != nil {
			return err
		}
		if left == 0 {
			r.Log.WarnContext(ctx, "the day's mails are used up; the others wait for tomorrow")
			return nil
		}
		if p == nil {
			p = r.pace(ctx)
		}
		if todo = todo[:min(len(todo), left, p.room(r.Now()))]; len(todo) == 0 {
			return nil // the others wait for the next minute
		}
		queue := r.toQueue(ctx, todo)
		granted, err := r.Ledger.TakeQuota(ctx, len(queue), r.now)
		if err != nil {
			return err
		}
		r.hand(ctx, queue[:granted], p)
		r.report(ctx, todo)
	}
	return nil
}

// The lines that template.yaml counts, for alarms.
const (
	// TriedAgain: nobody knew what became of a mail, and it goes out once more.
	TriedAgain = "mail tried again"
	// UnknownEnd: nobody knew of any of its tries. It counts as sent.
	UnknownEnd = "mail of unknown end"
)

// toQueue settles the mails that need it, and returns those to be queued.
func (r *run) toQueue(ctx context.Context, todo []ledger.Matter) []ledger.Matter {
	var (
		mutex sync.Mutex
		queue []ledger.Matter
	)
	r.each(todo, func(m ledger.Matter) error {
		next, err := r.Ledger.FallDue(ctx, m, r.now)
		if err != nil {
			return err // it falls due again, and is told of then
		}
		switch next {
		case ledger.NextQueueAgain:
			r.Log.WarnContext(ctx, TriedAgain, "invitation", m.Invitation)
		case ledger.NextUnknown:
			r.Log.ErrorContext(ctx, UnknownEnd, "invitation", m.Invitation)
		}
		if next == ledger.NextQueue || next == ledger.NextQueueAgain {
			mutex.Lock()
			defer mutex.Unlock()
			queue = append(queue, m)
		}
		return nil
	})
	return queue
}

// hand gives mails to the queue first and notes it afterwards: a crash in between
// queues them again, and the claim of the sender lets one of two through.
func (r *run) hand(ctx context.Context, queue []ledger.Matter, p *pace) {
	if len(queue) == 0 {
		return
	}
	mails, now := make([]Mail, len(queue)), r.Now()
	for i, m := range queue {
		mails[i] = Mail{m, p.slot(now)}
	}
	if err := r.Queue.Send(ctx, mails); err != nil {
		for _, m := range queue {
			r.failed[m] = err
		}
		return
	}
	r.each(queue, func(m ledger.Matter) error { return r.Ledger.NoteQueued(ctx, m, r.now) })
}

// each deals with matters, several at once, and notes which were seen and which
// failed.
func (r *run) each(todo []ledger.Matter, do func(ledger.Matter) error) {
	var (
		mutex sync.Mutex
		group sync.WaitGroup
		slots = make(chan struct{}, max(1, r.Workers))
	)
	for _, m := range todo {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			err := do(m)
			mutex.Lock()
			defer mutex.Unlock()
			r.seen[m] = true
			if err != nil {
				r.failed[m] = err
			}
		})
	}
	group.Wait()
}

// report logs what failed of todo.
func (r *run) report(ctx context.Context, todo []ledger.Matter) {
	for _, m := range todo {
		if err := r.failed[m]; err != nil {
			r.Log.ErrorContext(ctx, "matter failed", "customer", m.Customer, "invitation", m.Invitation, "error", err)
		}
	}
}
