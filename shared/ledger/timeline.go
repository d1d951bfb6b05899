package ledger

// Why did a customer (not) get a survey? A page costs what it shows, however long
// the history: one query (a unit for each 4 KB, some six entries), one read for
// each survey that was sent, and two for each whose story goes on from the page
// before. merge.go puts the lines in order.

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"kaiku/shared/survey"
	"kaiku/shared/table"
)

// Line is one line of a customer's timeline.
type Line struct {
	At time.Time `json:"at"`
	// What is event, decision, mail or answer.
	What string `json:"what"`
	// Event is set with What event; it happened at Happened.
	Event    survey.EventType `json:"event,omitempty"`
	ID       string           `json:"id,omitempty"`
	Happened time.Time        `json:"happened,omitzero"`
	// Said is what the event said that decisions look at.
	Said *Said `json:"said,omitempty"`
	// Decision is set with What decision; its fields stand beside the others.
	*survey.Decision
	// State is what happened to a mail; Invitation which mail or answer.
	State      string         `json:"state,omitempty"`
	Reason     string         `json:"reason,omitempty"` // why a mail bounced
	Invitation string         `json:"invitation,omitempty"`
	Kind       survey.Kind    `json:"kind,omitempty"`
	Trigger    survey.Trigger `json:"trigger,omitempty"`
	Contact    string         `json:"contact,omitempty"`
	Score      *int           `json:"score,omitempty"`
	Class      survey.Class   `json:"class,omitempty"`
}

// Timeline is a page of a customer's history, oldest first.
type Timeline struct {
	Customer string `json:"customer"`
	Entries  []Line `json:"entries"`
	// Next, if not empty, asks for the next page.
	Next string `json:"next,omitempty"`
}

// Timeline reads a page of at most limit lines of a customer's history; after is
// the Next of the page before. ErrNotFound when there is no such customer or page.
func (l *Ledger) Timeline(ctx context.Context, customer, after string, limit int) (Timeline, error) {
	if _, err := l.table.Get(ctx, customerKey(customer)); errors.Is(err, table.ErrNotFound) || errors.Is(err, table.ErrInvalid) {
		return Timeline{}, ErrNotFound
	} else if err != nil {
		return Timeline{}, fmt.Errorf("reading a timeline: %w", err)
	}
	from, err := parseCursor(after)
	if err != nil {
		return Timeline{}, ErrNotFound // no page begins there
	}
	t, err := l.timeline(ctx, customer, from, limit)
	if err != nil {
		return Timeline{}, fmt.Errorf("reading a timeline: %w", err)
	}
	return t, nil
}

func (l *Ledger) timeline(ctx context.Context, customer string, from cursor, limit int) (Timeline, error) {
	m := merge{from: from.place}
	for _, id := range from.open {
		entry, err := l.invitation(ctx, customer, id)
		if err != nil {
			return Timeline{}, err
		}
		if err := m.add(ctx, l, id, entry.value); err != nil {
			return Timeline{}, err
		}
	}
	q := table.Prefix(customerKey(customer).Partition, logPrefix)
	q.Limit = limit
	if from.read != "" {
		q.After = logPrefix + from.read
	}
	for {
		page, err := l.table.Query(ctx, q)
		if err != nil {
			return Timeline{}, err
		}
		for _, item := range page.Items {
			entry, err := decode[Entry](item)
			if err != nil {
				return Timeline{}, err
			}
			id := strings.TrimPrefix(item.Key.Sort, logPrefix)
			m.read = append(m.read, readEntry{id, entry.value.At})
			if err := m.add(ctx, l, id, entry.value); err != nil {
				return Timeline{}, err
			}
		}
		whole := page.Next == ""
		if n := m.settled(whole); n >= limit || whole {
			return m.page(customer, from, min(n, limit)), nil
		}
		q.After = page.Next
	}
}

// lines are what one entry of the history has to tell.
func (l *Ledger) lines(ctx context.Context, e Entry) ([]Line, error) {
	var lines []Line
	if e.Event != nil {
		lines = append(lines, Line{At: e.At, What: "event", Event: e.Event.Type, ID: e.Event.ID, Happened: e.Event.At, Said: e.Event.Said})
	}
	if e.Decision != nil {
		lines = append(lines, decisionLine(e.Decision))
	}
	inv := e.Invitation
	if inv == nil {
		return lines, nil
	}
	if inv.Cancel != nil {
		lines = append(lines, decisionLine(cancelled(e)))
	}
	if inv.Day.IsZero() {
		return lines, nil
	}
	o, err := l.Outcome(ctx, Ref{Customer: inv.Customer, Invitation: inv.ID, Day: inv.Day})
	if errors.Is(err, ErrNotFound) {
		return lines, nil
	}
	if err != nil {
		return nil, err
	}
	mail := func(state string, at time.Time) {
		if !at.IsZero() {
			lines = append(lines, Line{At: at, What: "mail", State: state, Invitation: inv.ID, Kind: inv.Kind, Trigger: inv.Trigger, Contact: inv.Contact})
		}
	}
	mail("sent", o.Sent)
	for _, m := range []*survey.Mailing{&inv.Mailing, inv.Reminder} {
		if m != nil && m.Tries > 1 {
			mail("tried_again", m.Claimed) // what became of the first try nobody knew
		}
	}
	mail("delivered", o.Delivered)
	mail("bounced", o.Bounced)
	if !o.Bounced.IsZero() {
		lines[len(lines)-1].Reason = o.BounceReason
	}
	mail("soft_bounced", o.SoftBounced)
	mail("complained", o.Complained)
	mail("unsubscribed", o.Unsubscribed)
	mail("reminded", o.Reminded)
	if r := inv.Reminder; r != nil && r.Cancel != nil {
		mail("reminder_cancelled", r.Cancel.At)
	}
	mail("expired", o.Expired)
	if a := o.Answer; a != nil {
		lines = append(lines, Line{At: a.Last, What: "answer", Invitation: inv.ID, Kind: inv.Kind, Trigger: inv.Trigger,
			Contact: inv.Contact, Score: &a.Score, Class: inv.Kind.Class(a.Score)})
	}
	return lines, nil
}

// decisionLine fills the fields that lines of every kind have, for they stand
// before those of the decision.
func decisionLine(d *survey.Decision) Line {
	return Line{At: d.At, What: "decision", Decision: d, Invitation: d.Invitation, Kind: d.Kind, Trigger: d.Trigger, Contact: d.Contact}
}

// cancelled is the decision that ended a planned invitation.
func cancelled(e Entry) *survey.Decision {
	d := *e.Decision
	why := e.Invitation.Cancel
	d.At, d.Outcome, d.SendAt = why.At, survey.Cancelled, time.Time{}
	d.Rule, d.Rules = why.Rule, []survey.Rule{why.Rule}
	d.Because = map[survey.Rule]survey.Because{why.Rule: why.Because}
	return &d
}
