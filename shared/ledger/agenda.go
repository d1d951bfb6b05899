package ledger

// What has fallen due, and what comes of an annual due date? The index alone is
// read to find it (Shards queries of half a unit when nothing is due). An
// annual decision reads the customer and its addresses and writes like an event
// without a memory.

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kaiku/shared/policy"
	"kaiku/shared/survey"
	"kaiku/shared/table"
)

// Due lists up to limit matters that are due by now, earliest first, but for
// mails on their way to the queue.
func (l *Ledger) Due(ctx context.Context, now time.Time, limit int) ([]Matter, error) {
	return l.due(ctx, laneAgenda, now, limit)
}

// DueMails lists up to limit mails that are due by now, earliest first. They have
// a lane of their own, so that those that must wait for SES or for tomorrow keep
// nothing else from being done.
func (l *Ledger) DueMails(ctx context.Context, now time.Time, limit int) ([]Matter, error) {
	return l.due(ctx, laneMail, now, limit)
}

func (l *Ledger) due(ctx context.Context, lane string, now time.Time, limit int) ([]Matter, error) {
	keys, err := l.table.Due(ctx, lane, now, limit)
	if err != nil {
		return nil, fmt.Errorf("looking up what is due: %w", err)
	}
	matters := make([]Matter, 0, len(keys))
	for _, key := range keys {
		m, err := matterOf(key.Key)
		if err != nil {
			return nil, err
		}
		matters = append(matters, m)
	}
	return matters, nil
}

// NextDue is when the next thing falls due, in whichever lane;
// ok is false when nothing is to come by until.
func (l *Ledger) NextDue(ctx context.Context, until time.Time) (at time.Time, ok bool, err error) {
	for _, lane := range []string{laneAgenda, laneMail, laneCount, laneDigest} {
		keys, err := l.table.Due(ctx, lane, until, 1)
		if err != nil {
			return time.Time{}, false, fmt.Errorf("looking up what is due next: %w", err)
		}
		if len(keys) > 0 && (!ok || keys[0].At.Before(at)) {
			at, ok = keys[0].At, true
		}
	}
	return at, ok, nil
}

// CustomerDue does what is due for a customer itself: the decision on its
// annual survey, or the erasure of what it answered. ErrNotDue says that
// neither is.
func (l *Ledger) CustomerDue(ctx context.Context, customer string, now time.Time) error {
	_, err := retrying(ctx, func() (struct{}, error) { return struct{}{}, l.customerDue(ctx, customer, now) })
	if err != nil && !errors.Is(err, ErrNotDue) {
		return fmt.Errorf("deciding on an annual survey: %w", err)
	}
	return err
}

func (l *Ledger) customerDue(ctx context.Context, customer string, now time.Time) error {
	d, err := l.open(ctx, customer, now)
	if err != nil {
		return err
	}
	if d.state.due.Lane == "" || d.state.due.At.After(d.now) {
		return ErrNotDue
	}
	if !d.state.value.Erased.IsZero() {
		return l.eraseAnswers(ctx, d)
	}
	facts, err := d.facts(ctx)
	if err != nil {
		return err
	}
	y := &d.state.value.Yearly
	decision := d.policy.Decide(facts, policy.Occasion{Trigger: survey.Annual, At: y.Due}, d.now)
	if err := d.record(facts, &decision, nil); err != nil {
		return err
	}
	*y = d.policy.AfterAnnual(facts.Customer, *y, decision, d.now)
	d.setDue()
	return d.commit(ctx)
}

// erase leaves of the customer that it was erased, and nothing else. No rule looks
// at when it was asked any more; kept, that would name its contacts, and differ by
// whether a survey of another system was told of before or after. What is planned
// is cancelled when its time comes.
func (d *draft) erase() {
	if s := &d.state.value; s.Erased.IsZero() {
		*s = survey.State{ID: s.ID, Erased: d.now}
	}
}

// eraseAnswers takes comments, and the customer's id, out of the outcomes of an
// erased customer, and persons out of what events had said. The scores stay, so that no figure moves.
func (l *Ledger) eraseAnswers(ctx context.Context, d *draft) error {
	for item, err := range table.All(ctx, l.table, table.Prefix(d.state.key.Partition, logPrefix)) {
		if err != nil {
			return fmt.Errorf("reading the history of an erased customer: %w", err)
		}
		entry, err := decode[Entry](item)
		if err != nil {
			return err
		}
		inv := entry.value.Invitation
		if entry.value.forgetPersons() {
			w, err := entry.put()
			if err != nil {
				return err
			}
			if err := l.table.Write(ctx, w); err != nil {
				return fmt.Errorf("taking persons out of a history: %w", err)
			}
		}
		if inv == nil || inv.Day.IsZero() {
			continue
		}
		_, err = l.changeOutcome(ctx, outcomeKey(inv.Day, inv.ID), func(o *stored[survey.Outcome]) error {
			o.value.Customer = ""
			if o.value.Answer != nil {
				answer := *o.value.Answer
				answer.Comment = ""
				o.value.Answer = &answer
			}
			return nil
		})
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	d.state.due = table.Due{}
	return d.commit(ctx)
}
