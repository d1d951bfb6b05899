package agenda

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kaiku/shared/ledger"
)

// book is a ledger of due matters: what is done leaves it, what fails stays.
type book struct {
	mutex  sync.Mutex
	due    []ledger.Matter
	broken map[string]bool
	queued []string
	looks  int
}

func (b *book) Due(_ context.Context, _ time.Time, limit int) ([]ledger.Matter, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.looks++
	return slices.Clone(b.due[:min(limit, len(b.due))]), nil
}

func (b *book) done(m ledger.Matter) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.due = slices.DeleteFunc(b.due, func(other ledger.Matter) bool { return other == m })
}

func (b *book) CustomerDue(_ context.Context, customer string, _ time.Time) error {
	if b.broken[customer] {
		return errors.New("the table is not there")
	}
	b.done(ledger.Matter{Customer: customer})
	return nil
}

func (b *book) ToQueue(_ context.Context, m ledger.Matter, _ time.Time) (bool, error) {
	if b.broken[m.Customer] {
		return false, errors.New("the table is not there")
	}
	return true, nil
}

func (b *book) NoteQueued(_ context.Context, m ledger.Matter, _ time.Time) error {
	b.done(m)
	return nil
}

func (b *book) Send(_ context.Context, mails []ledger.Matter) error {
	for _, m := range mails {
		if b.broken["queue"] {
			return errors.New("the queue is not there")
		}
		b.queued = append(b.queued, m.Invitation)
	}
	return nil
}

func run(t *testing.T, b *book) error {
	t.Helper()
	h := Handler{Ledger: b, Queue: b, Now: func() time.Time { return time.Unix(0, 0) }, Log: slog.New(slog.DiscardHandler), Workers: 4}
	return h.Handle(t.Context(), nil)
}

func matters(n int) []ledger.Matter {
	var all []ledger.Matter
	for i := range n {
		m := ledger.Matter{Customer: "C" + strings.Repeat("i", i)}
		if i%2 == 0 {
			m.Invitation = m.Customer
		}
		all = append(all, m)
	}
	return all
}

func TestEverythingDueIsDone(t *testing.T) {
	b := &book{due: matters(3 * batch)}
	if err := run(t, b); err != nil {
		t.Fatal(err)
	}
	if len(b.due) != 0 || len(b.queued) != 3*batch/2 {
		t.Errorf("%d are left, %d were queued", len(b.due), len(b.queued))
	}
}

func TestAMatterThatFailsStaysAndKeepsNobodyBack(t *testing.T) {
	all := matters(3 * batch)
	b := &book{due: slices.Clone(all), broken: map[string]bool{all[0].Customer: true, all[1].Customer: true}}
	if err := run(t, b); err == nil || !strings.Contains(err.Error(), "2 matters failed") {
		t.Errorf("the run says %v", err)
	}
	if len(b.due) != 2 {
		t.Errorf("%d are left, want the two that failed", len(b.due))
	}
}

func TestWhatTheQueueDoesNotTakeStaysOnTheAgenda(t *testing.T) {
	b := &book{due: matters(3), broken: map[string]bool{"queue": true}}
	if err := run(t, b); err == nil {
		t.Error("the run says nothing")
	}
	if len(b.due) != 2 {
		t.Errorf("%d are left, want both mails", len(b.due))
	}
}

func TestARunStopsWellBeforeItIsStopped(t *testing.T) {
	b := &book{due: matters(3)}
	h := Handler{Ledger: b, Queue: b, Now: func() time.Time { return time.Unix(0, 0) }, Log: slog.New(slog.DiscardHandler)}
	ctx, cancel := context.WithTimeout(t.Context(), spare)
	defer cancel()
	if err := h.Handle(ctx, nil); err != nil || b.looks != 0 {
		t.Errorf("it looked %d times, %v", b.looks, err)
	}
}
