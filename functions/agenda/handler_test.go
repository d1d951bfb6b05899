package agenda

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/mail/quota"
)

// book is a ledger of due matters: what is done leaves it, what fails stays.
type book struct {
	mutex  sync.Mutex
	due    []ledger.Matter
	broken map[string]bool
	queued []string
	at     []time.Time
	looks  int

	quota    quota.Quota
	dailyCap int
}

func (b *book) Due(_ context.Context, _ time.Time, limit int) ([]ledger.Matter, error) {
	return b.look(limit, func(m ledger.Matter) bool { return m.Invitation == "" })
}

func (b *book) DueMails(_ context.Context, _ time.Time, limit int) ([]ledger.Matter, error) {
	return b.look(limit, func(m ledger.Matter) bool { return m.Invitation != "" })
}

func (b *book) look(limit int, lane func(ledger.Matter) bool) ([]ledger.Matter, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.looks++
	due := slices.DeleteFunc(slices.Clone(b.due), func(m ledger.Matter) bool { return !lane(m) })
	return due[:min(limit, len(due))], nil
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

func (b *book) FallDue(_ context.Context, m ledger.Matter, _ time.Time) (ledger.Next, error) {
	if b.broken[m.Customer] {
		return ledger.NextNothing, errors.New("the table is not there")
	}
	return ledger.NextQueue, nil
}

func (b *book) QuotaLeft(context.Context, time.Time) (int, error) {
	if b.dailyCap == 0 {
		return math.MaxInt, nil
	}
	return b.dailyCap - len(b.queued), nil
}

func (b *book) TakeQuota(_ context.Context, n int, _ time.Time) (int, error) {
	if b.dailyCap == 0 {
		return n, nil
	}
	n = min(n, b.dailyCap-len(b.queued))
	return n, nil
}

// Quota is what SES says.
func (b *book) Quota(context.Context) (quota.Quota, error) {
	if b.broken["SES"] {
		return quota.Quota{}, errors.New("SES is not there")
	}
	return b.quota, nil
}

func (b *book) NoteQueued(_ context.Context, m ledger.Matter, _ time.Time) error {
	b.done(m)
	return nil
}

func (b *book) Send(_ context.Context, mails []Mail) error {
	for _, m := range mails {
		if b.broken["queue"] {
			return errors.New("the queue is not there")
		}
		b.queued = append(b.queued, m.Invitation)
		b.at = append(b.at, m.At)
	}
	return nil
}

func look(t *testing.T, b *book) error {
	t.Helper()
	if b.quota == (quota.Quota{}) {
		b.quota = quota.Quota{PerSecond: 1000, Left: 1e6}
	}
	h := Handler{Ledger: b, Queue: b, Account: b, Now: func() time.Time { return time.Unix(0, 0) }, Log: slog.New(slog.DiscardHandler), Workers: 4}
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
	if err := look(t, b); err != nil {
		t.Fatal(err)
	}
	if len(b.due) != 0 || len(b.queued) != 3*batch/2 {
		t.Errorf("%d are left, %d were queued", len(b.due), len(b.queued))
	}
}

func TestAMatterThatFailsStaysAndKeepsNobodyBack(t *testing.T) {
	all := matters(3 * batch)
	b := &book{due: slices.Clone(all), broken: map[string]bool{all[0].Customer: true, all[1].Customer: true}}
	if err := look(t, b); err == nil || !strings.Contains(err.Error(), "2 matters failed") {
		t.Errorf("the run says %v", err)
	}
	if len(b.due) != 2 {
		t.Errorf("%d are left, want the two that failed", len(b.due))
	}
}

func TestWhatTheQueueDoesNotTakeStaysOnTheAgenda(t *testing.T) {
	b := &book{due: matters(3), broken: map[string]bool{"queue": true}}
	if err := look(t, b); err == nil {
		t.Error("the run says nothing")
	}
	if len(b.due) != 2 {
		t.Errorf("%d are left, want both mails", len(b.due))
	}
}

func TestARunStopsWellBeforeItIsStopped(t *testing.T) {
	b := &book{due: matters(3)}
	h := Handler{Ledger: b, Queue: b, Account: b, Now: func() time.Time { return time.Unix(0, 0) }, Log: slog.New(slog.DiscardHandler)}
	ctx, cancel := context.WithTimeout(t.Context(), spare)
	defer cancel()
	if err := h.Handle(ctx, nil); err != nil || b.looks != 0 {
		t.Errorf("it looked %d times, %v", b.looks, err)
	}
}

func TestMailsLeaveNoFasterThanSESTakesThem(t *testing.T) {
	for name, c := range map[string]struct {
		quota    quota.Quota
		dailyCap int
		broken   string
		want     int
		last     time.Duration
	}{
		"fourteen a second":         {quota: quota.Quota{PerSecond: 14, Left: 50_000}, want: 744, last: 58 * time.Second},
		"a day's quota nearly used": {quota: quota.Quota{PerSecond: 14, Left: 20}, want: 20, last: time.Second},
		"sending is paused":         {quota: quota.Quota{PerSecond: 14}, want: 0},
		"SES does not say":          {broken: "SES", want: 54, last: 58 * time.Second},
		"a cap of the policy":       {quota: quota.Quota{PerSecond: 14, Left: 50_000}, dailyCap: 30, want: 30, last: 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			var mails []ledger.Matter
			for i := range 1000 {
				mails = append(mails, ledger.Matter{Customer: "C", Invitation: strconv.Itoa(i)})
			}
			b := &book{due: append(mails, ledger.Matter{Customer: "annual"}), quota: c.quota, dailyCap: c.dailyCap, broken: map[string]bool{c.broken: true}}
			if err := look(t, b); err != nil {
				t.Fatal(err)
			}
			if len(b.queued) != c.want {
				t.Fatalf("%d mails were queued, want %d", len(b.queued), c.want)
			}
			if c.want == 0 {
				return
			}
			if last := b.at[c.want-1].Sub(time.Unix(0, 0)); last != c.last {
				t.Errorf("the last one leaves after %v, want %v", last, c.last)
			}
			if slices.Contains(b.due, ledger.Matter{Customer: "annual"}) {
				t.Error("the waiting mails kept the annual decision from being made")
			}
		})
	}
}
