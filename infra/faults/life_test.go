package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/survey"
	"kaiku/shared/table"
	"kaiku/shared/table/bolt"
)

// view is a table that remembers which items there are, and can show each once
// more as it stood before: what somebody has read who was held up since.
type view struct {
	table.Table
	keys  map[table.Key]bool
	stale map[table.Key]table.Item
}

func (v *view) Write(ctx context.Context, writes ...table.Write) error {
	for _, w := range writes {
		v.keys[w.Item.Key] = true
	}
	return v.Table.Write(ctx, writes...)
}

func (v *view) Get(ctx context.Context, key table.Key) (table.Item, error) {
	if item, ok := v.stale[key]; ok {
		delete(v.stale, key)
		return item, nil
	}
	return v.Table.Get(ctx, key)
}

// items are all that are stored now.
func (v *view) items(t *testing.T) map[table.Key]table.Item {
	t.Helper()
	all := map[table.Key]table.Item{}
	for key := range v.keys {
		item, err := v.Table.Get(t.Context(), key)
		if errors.Is(err, table.ErrNotFound) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		all[key] = item
	}
	return all
}

// walk is an invitation on its way through its life.
type walk struct {
	*ledger.Ledger
	setting *setting
	view    *view
	planned survey.Decision
	matter  ledger.Matter
	claim   ledger.Claim
	at      time.Time
	// seen is all that was stored when the invitation was in a state, the last time.
	seen map[survey.InvitationState]map[table.Key]table.Item
}

func newWalk(t *testing.T, s *setting, db table.Table) *walk {
	t.Helper()
	v := &view{Table: db, keys: map[table.Key]bool{}}
	w := &walk{Ledger: ledger.New(v, s.policy, ledger.NewIDs()), setting: s, view: v, seen: map[survey.InvitationState]map[table.Key]table.Item{}}
	w.planned, _ = planned(t, s, v)
	w.matter = ledger.Matter{Customer: w.planned.Customer, Invitation: w.planned.Invitation}
	w.at = w.planned.SendAt
	w.look(t)
	return w
}

// look notes what is stored in the state that the invitation is in.
func (w *walk) look(t *testing.T) { w.seen[w.state(t)] = w.view.items(t) }

func (w *walk) state(t *testing.T) survey.InvitationState {
	t.Helper()
	inv, err := w.Invitation(t.Context(), w.matter.Customer, w.matter.Invitation)
	if err != nil {
		t.Fatal(err)
	}
	if inv.State != survey.InvitationSent {
		return inv.State
	}
	o, err := w.Outcome(t.Context(), ledger.Ref{Customer: inv.Customer, Invitation: inv.ID, Day: inv.Day})
	if err != nil {
		t.Fatal(err)
	}
	return o.State
}

const (
	pause   = 2 * time.Minute
	evening = 10 * time.Hour
	closing = 31 * 24 * time.Hour
)

// to takes the invitation to a state, by the ledger's own operation.
func (w *walk) to(ctx context.Context, to survey.InvitationState) error {
	fate := func(f ledger.MailFate) error { return w.NoteFate(ctx, w.claim.Ref, f, w.at, w.at) }
	switch to {
	case survey.InvitationPlanned: // its turn comes outside the openings
		_, err := w.Claim(ctx, w.matter, w.at.Add(evening))
		return err
	case survey.InvitationQueued:
		return w.NoteQueued(ctx, w.matter, w.at)
	case survey.InvitationSending:
		c, err := w.Claim(ctx, w.matter, w.at)
		if err == nil {
			w.claim = c
		}
		return err
	case survey.InvitationCancelled:
		return w.Unsubscribe(ctx, ledger.HashAddress("anna@example.com"), ledger.Ref{}, w.at)
	case survey.InvitationSent:
		return w.NoteSent(ctx, w.claim, "ses-1", w.at)
	case survey.InvitationDelivered:
		return fate(ledger.FateDelivered)
	case survey.InvitationBounced:
		return fate(ledger.FateBounced)
	case survey.InvitationComplained:
		return fate(ledger.FateComplained)
	case survey.InvitationExpired:
		_, err := w.FallDue(ctx, w.matter, w.at.Add(closing))
		return err
	case survey.InvitationAnswered:
		_, err := w.Answer(ctx, w.claim.Ref, func(survey.Outcome) (survey.Answer, error) { return survey.Answer{Score: 3}, nil }, w.at)
		return err
	}
	return fmt.Errorf("no way leads to %s", to)
}

// paths lead to each state, and all by way of a claim, which is kept: whoever
// held it may still act on it.
var paths = map[survey.InvitationState][]survey.InvitationState{
	survey.InvitationSending:    {survey.InvitationQueued, survey.InvitationSending},
	survey.InvitationQueued:     {survey.InvitationQueued, survey.InvitationSending, "released"},
	survey.InvitationPlanned:    {survey.InvitationQueued, survey.InvitationSending, "released", survey.InvitationPlanned},
	survey.InvitationCancelled:  {survey.InvitationQueued, survey.InvitationSending, "released", survey.InvitationCancelled},
	survey.InvitationSent:       {survey.InvitationQueued, survey.InvitationSending, survey.InvitationSent},
	survey.InvitationDelivered:  {survey.InvitationQueued, survey.InvitationSending, survey.InvitationSent, survey.InvitationDelivered},
	survey.InvitationExpired:    {survey.InvitationQueued, survey.InvitationSending, survey.InvitationSent, survey.InvitationExpired},
	survey.InvitationBounced:    {survey.InvitationQueued, survey.InvitationSending, survey.InvitationSent, survey.InvitationBounced},
	survey.InvitationComplained: {survey.InvitationQueued, survey.InvitationSending, survey.InvitationSent, survey.InvitationComplained},
	survey.InvitationAnswered:   {survey.InvitationQueued, survey.InvitationSending, survey.InvitationSent, survey.InvitationAnswered},
}

// reach takes a new invitation to a state.
func reach(t *testing.T, s *setting, db table.Table, state survey.InvitationState) *walk {
	t.Helper()
	w := newWalk(t, s, db)
	for _, next := range paths[state] {
		var err error
		if next == "released" {
			err = w.Release(t.Context(), w.claim, w.at.Add(pause))
			w.at = w.at.Add(pause)
		} else {
			err = w.to(t.Context(), next)
		}
		if outside := next == survey.InvitationPlanned; err != nil && (!outside || !errors.Is(err, ledger.ErrNotDue)) {
			t.Fatalf("on the way to %s: %s: %v", state, next, err)
		}
		w.look(t)
	}
	if got := w.state(t); got != state {
		t.Fatalf("the way to %s led to %s", state, got)
	}
	return w
}

// acts are what somebody may do who has read the invitation in some state and does
// not know that it has left that since.
func acts() map[survey.InvitationState]map[string]func(ctx context.Context, w *walk) error {
	all := map[survey.InvitationState]map[string]func(context.Context, *walk) error{}
	for to := range paths {
		all[to] = map[string]func(context.Context, *walk) error{"the usual": func(ctx context.Context, w *walk) error { return w.to(ctx, to) }}
	}
	all[survey.InvitationQueued]["giving a claim back"] = func(ctx context.Context, w *walk) error {
		return w.Release(ctx, w.claim, w.at)
	}
	all[survey.InvitationQueued]["settling"] = func(ctx context.Context, w *walk) error {
		_, err := w.FallDue(ctx, w.matter, w.at.Add(2*time.Hour))
		return err
	}
	all[survey.InvitationCancelled]["a rejection"] = func(ctx context.Context, w *walk) error {
		short, cancel := context.WithTimeout(ctx, 200*time.Millisecond) // it tries again for as long as it may
		defer cancel()
		return w.Reject(short, w.claim, nil, w.at)
	}
	return all
}

// share is of how many steps one is tried: over DynamoDB, where all take long, a
// few each time, and never the same, unless all are asked for.
func share(db table.Table) int {
	if _, fast := db.(*bolt.Table); fast || full() {
		return 1
	}
	return 6
}

// Whatever somebody read, the store refuses the step from a state that the
// invitation has left, if no life leads there from the one it is in.
func TestEveryIllegalStepIsRefused(t *testing.T) {
	s := newSetting(t)
	overEveryStore(t, func(t *testing.T, db table.Table) {
		tried, step := 0, 0
		for from := range paths {
			for to, ways := range acts() {
				if from == to || from.CanBecome(to) {
					continue
				}
				for name, act := range ways {
					for _, read := range survey.Life {
						if read.To != to {
							continue
						}
						if read.From == from || !slices.Contains(append([]survey.InvitationState{survey.InvitationPlanned}, paths[from]...), read.From) {
							continue
						}
						if step++; step%share(db) != 0 {
							continue
						}
						tried++
						w := reach(t, s, namespaced{db, fmt.Sprint("walk ", tried)}, from)
						then := w.seen[read.From]
						before := w.view.items(t)
						w.view.stale = then
						err := act(t.Context(), w)
						w.view.stale = nil
						if got := w.state(t); got != from {
							t.Errorf("%s became %s by %s towards %s, read when it was %s: %v", from, got, name, to, read.From, err)
						}
						if key := (table.Key{Partition: "CUSTOMER#anna", Sort: "LOG#" + w.matter.Invitation}); !bytes.Equal(before[key].Body, w.view.items(t)[key].Body) {
							t.Errorf("%s was changed by %s towards %s, read when it was %s: %v", from, name, to, read.From, err)
						}
					}
				}
			}
		}
		t.Logf("%d steps tried", tried)
	})
}
