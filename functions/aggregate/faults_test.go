package aggregate

import (
	"context"
	"errors"
	"testing"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/table"
)

// fault is what goes wrong with a write.
type fault int

const (
	lostBefore fault = iota // it does not arrive
	lostAfter               // it arrives, and the answer is lost
	echo                    // it arrives, and a repetition of it finds its condition failed
	faults
)

var errLost = errors.New("the network is gone")

// faulty is a store of which one write goes wrong.
type faulty struct {
	table.Table
	writes int // so far
	at     int
	fault  fault
}

func (f *faulty) Write(ctx context.Context, writes ...table.Write) error {
	f.writes++
	if f.writes != f.at {
		return f.Table.Write(ctx, writes...)
	}
	if f.fault == lostBefore {
		return errLost
	}
	if err := f.Table.Write(ctx, writes...); err != nil {
		return err
	}
	if f.fault == lostAfter {
		return errLost
	}
	failed := make([]bool, len(writes))
	failed[0] = true
	return &table.ConditionError{Failed: failed}
}

// Whatever goes wrong with any write, from the counting of November to two days
// after the digest: where SES tells of its mails, one is sent, and where it tells of
// none, one or two.
func TestAFaultAtAnyWriteCostsNoDigestAndNobodyGetsThree(t *testing.T) {
	points := 0 // and one more, at which nothing went wrong
	for _, tells := range []bool{true, false} {
		for f := range faults {
			reached := true
			for at := 1; reached; at++ {
				s := open(t, readers)
				s.sent(t, 1)
				store := &faulty{Table: s.table, at: at, fault: f}
				s.Ledger = ledger.New(store, s.policy, ledger.NewIDs())
				for now := firstOpening.Add(-12 * time.Hour); now.Before(firstOpening.AddDate(0, 0, 2)); now = now.Add(time.Hour) {
					before := len(s.mails)
					_ = s.runAt(t, now) // the fault is to fail it
					if tells && len(s.mails) > before {
						if err := ledger.New(s.table, s.policy, ledger.NewIDs()).NoteDigestSent(t.Context(), november, "ses", now); err != nil {
							t.Fatal(err)
						}
					}
				}
				if n := len(s.mails); n < 1 || n > 2 || tells && n > 1 {
					t.Errorf("fault %d at write %d, SES tells: %t: %d mails", f, at, tells, n)
				}
				reached = store.writes >= at
				points = max(points, at)
			}
		}
	}
	if points < 6 { // counting, two plans, the claim, the note
		t.Errorf("only %d writes", points-1)
	}
}
