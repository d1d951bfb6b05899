// Package agenda is the function that does what has fallen due: it decides on
// annual surveys, follows up those that were sent, and queues the mails whose
// time has come, as fast as SES takes them. It finds them in the due index alone,
// so its cost follows what is due.
package agenda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/mail/quota"
)

// Ledger is what the function needs of the ledger.
type Ledger interface {
	Due(ctx context.Context, now time.Time, limit int) ([]ledger.Matter, error)
	DueMails(ctx context.Context, now time.Time, limit int) ([]ledger.Matter, error)
	CustomerDue(ctx context.Context, customer string, now time.Time) error
	FallDue(ctx context.Context, m ledger.Matter, now time.Time) (ledger.Next, error)
	QuotaLeft(ctx context.Context, now time.Time) (int, error)
	TakeQuota(ctx context.Context, n int, now time.Time) (int, error)
	NoteQueued(ctx context.Context, m ledger.Matter, now time.Time) error
}

// Account says how many mails may leave, and how fast.
type Account interface {
	Quota(ctx context.Context) (quota.Quota, error)
}

// Mail is a mail on its way to a sender.
type Mail struct {
	ledger.Matter
	// At is when the queue is to let it go, so that mails leave no faster than SES
	// takes them; past is at once.
	At time.Time
}

// Queue takes mails to be sent. Send may be given the same twice.
type Queue interface {
	Send(ctx context.Context, mails []Mail) error
}

// Handler runs once a minute.
type Handler struct {
	Ledger  Ledger
	Queue   Queue
	Account Account
	Now     func() time.Time
	Log     *slog.Logger
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
	r := run{Handler: h, now: h.Now(), seen: map[ledger.Matter]bool{}, failed: map[ledger.Matter]error{}}
	if err := errors.Join(r.matters(ctx), r.mails(ctx)); err != nil {
		return err
	}
	for _, err := range r.failed {
		return fmt.Errorf("%d matters failed and stay on the agenda, one of them: %w", len(r.failed), err)
	}
	return nil
}

func timeLeft(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ctx.Err() == nil && (!ok || time.Until(deadline) > spare)
}
