package ledger

// What does an event change, and was it here before? Reads: the customer, its
// contacts' addresses, and each unsent survey of the contract (1 unit each).
// One transaction: customer, memory of the event, entry in the history (2 units
// a kilobyte each), and with a survey the address (2) and the due index (1).

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"kaiku/shared/policy"
	"kaiku/shared/survey"
	"kaiku/shared/table"
)

// rememberEvents is for how long the same webhook-id is the same event.
const rememberEvents = 7 * 24 * time.Hour

// Receipt is what came of an event.
type Receipt struct {
	Decisions []survey.Decision `json:"decisions"`
	// Duplicate says that the event was here before, and that nothing changed.
	Duplicate bool `json:"duplicate,omitempty"`
}

// memory is what is kept of an event by its id.
type memory struct {
	At        time.Time         `json:"at"`
	Decisions []survey.Decision `json:"decisions"`
	// Stands are the customers that are to be counted again because of it.
	Stands []string `json:"stands,omitempty"`
}

// TakeEvent stores what an event says and the decision it leads to, in one
// transaction with the memory of its id.
func (l *Ledger) TakeEvent(ctx context.Context, e survey.Event, now time.Time) (Receipt, error) {
	r, err := retrying(ctx, func() (Receipt, error) { return l.takeEvent(ctx, e, now) })
	if err != nil {
		return Receipt{}, fmt.Errorf("taking in an event %s: %w", e.Type, err)
	}
	return r, nil
}

func (l *Ledger) takeEvent(ctx context.Context, e survey.Event, now time.Time) (Receipt, error) {
	d, err := l.open(ctx, e.CustomerID, now)
	if err != nil {
		return Receipt{}, err
	}
	note := &EventNote{ID: e.ID, Type: e.Type, At: e.At}
	if d.state.value.Erased.IsZero() && e.Type != survey.CustomerErased {
		if note.Said, err = said(e); err != nil {
			return Receipt{}, err
		}
	}
	before, err := d.standing()
	if err != nil {
		return Receipt{}, err
	}
	if err := d.state.value.Apply(e); err != nil {
		return Receipt{}, err
	}
	if e.Type == survey.CustomerErased {
		d.erase()
	}
	if large, err := d.tooLarge(); err != nil || large {
		return Receipt{}, cmp.Or(err, survey.ErrTooMany)
	}
	facts, err := d.facts(ctx)
	if err != nil {
		return Receipt{}, err
	}
	receipt := Receipt{Decisions: []survey.Decision{}}
	if trigger := e.Type.Trigger(); trigger != "" && !e.Backfill {
		decision, err := d.decide(ctx, facts, e)
		if err != nil {
			return Receipt{}, err
		}
		if err := d.record(facts, &decision, note); err != nil {
			return Receipt{}, err
		}
		receipt.Decisions = append(receipt.Decisions, decision)
	} else if err := d.record(facts, nil, note); err != nil {
		return Receipt{}, err
	}
	d.schedule(facts.Customer)
	if e.Type == survey.CustomerErased {
		d.state.due = table.Due{Lane: laneAgenda, At: d.now}
	}
	moved := e.Type == survey.CustomerErased || !before.Same(l.policy.Standing(facts.Customer, d.now))
	return l.commitEvent(ctx, d, e.ID, receipt, moved)
}

// standing is how the customer stands.
func (d *draft) standing() (policy.Standing, error) {
	customer, err := d.state.value.Customer()
	if err != nil {
		return policy.Standing{}, err
	}
	return d.policy.Standing(&customer, d.now), nil
}

// commitEvent writes the draft together with the memory of the event; when the
// event was here before, it answers what was answered then. Where the event moved
// how the customer stands, its memory stays until the customer is counted again.
func (l *Ledger) commitEvent(ctx context.Context, d *draft, id string, receipt Receipt, moved bool) (Receipt, error) {
	mem := stored[memory]{key: eventKey(id), expires: d.now.Add(rememberEvents),
		value: memory{At: d.now, Decisions: receipt.Decisions}}
	if moved {
		mem.value.Stands = []string{d.state.value.ID}
		mem.expires, mem.due = time.Time{}, countDue(d.now)
	}
	for {
		w, err := mem.put()
		if err != nil {
			return Receipt{}, err
		}
		before := d.writes
		d.writes = append([]table.Write{w}, d.writes...)
		err = d.commit(ctx)
		d.writes = before
		const memoryPart = 1 // behind the customer
		if failed, ok := table.Failed(err); !ok || !failed[memoryPart] {
			return receipt, err
		}
		known, err := get[memory](ctx, l.table, mem.key)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return Receipt{}, fmt.Errorf("looking an event up: %w", err)
		}
		if err == nil && d.now.Sub(known.value.At) < rememberEvents {
			return Receipt{Decisions: known.value.Decisions, Duplicate: true}, nil
		}
		if known.version == mem.version {
			return Receipt{}, table.ErrContended // gone and come back: begin again
		}
		mem.version = known.version // forgotten by now, though still stored
		if known.due.Lane != "" {   // but not counted
			mem.value.Stands = append(mem.value.Stands, known.value.Stands...)
			mem.expires, mem.due = time.Time{}, countDue(d.now)
		}
	}
}

// decide makes the decision on an event, and cancels the surveys that have not
// left yet and that it replaces.
func (d *draft) decide(ctx context.Context, facts policy.Facts, e survey.Event) (survey.Decision, error) {
	on := policy.Occasion{Trigger: e.Type.Trigger(), At: moment(e.At), Interaction: e.InteractionID, Contact: e.InteractionContact}
	if e.Type.AboutContract() {
		on.Contract = e.ContractID
	}
	older, newer, err := d.unsent(ctx, e)
	if err != nil {
		return survey.Decision{}, err
	}
	unsent := make([]string, len(older))
	for i, entry := range older {
		unsent[i] = entry.value.Invitation.ID
	}
	decision, replaces := d.policy.DecideReplacing(facts, on, unsent, d.now)
	if newer != nil && decision.Outcome == survey.Planned {
		decision.Outcome, decision.Rule, decision.Rules = survey.Suppressed, survey.Superseded, []survey.Rule{survey.Superseded}
		decision.Because = map[survey.Rule]survey.Because{survey.Superseded: {"event": newer.ID, "happened": newer.At.Format(time.RFC3339)}}
		decision.SendAt, decision.Contact = time.Time{}, ""
		return decision, nil
	}
	if !replaces {
		return decision, nil
	}
	for _, entry := range older {
		why := survey.Cancel{Rule: survey.Superseded, At: d.now,
			Because: survey.Because{"event": e.ID, "trigger": string(on.Trigger), "happened": e.At.Format(time.RFC3339)}}
		if err := d.cancel(ctx, entry, why); err != nil {
			return survey.Decision{}, err
		}
	}
	return decision, nil
}

// unsent finds the surveys of the event's contract that have not left: those that
// follow on something no newer than the event, and an event that is newer, if one
// of them follows on that.
func (d *draft) unsent(ctx context.Context, e survey.Event) (older []stored[Entry], newer *EventNote, err error) {
	if !e.Type.AboutContract() {
		return nil, nil, nil
	}
	for _, a := range d.state.value.Asked {
		// Long past its time a survey has been sent or given up.
		waits := a.Invitation != "" && a.Contract == e.ContractID && d.now.Sub(a.At) <= d.policy.GiveUp(a.Kind)
		if !waits {
			continue
		}
		entry, err := get[Entry](ctx, d.table, logKey(d.state.value.ID, a.Invitation))
		if err != nil {
			return nil, nil, fmt.Errorf("reading an invitation: %w", err)
		}
		inv := entry.value.Invitation
		unsent := inv.State.Unsent() && inv.Tries == 0 // of a try of unknown end the mail may be out
		if unsent && !inv.Claimed.IsZero() {           // SES may have told of it since
			known, err := d.knownSent(ctx, entry)
			if err != nil {
				return nil, nil, err
			}
			unsent = !known
		}
		switch {
		case !unsent:
		case entry.value.Event != nil && entry.value.Event.At.After(e.At):
			newer = entry.value.Event
		default:
			older = append(older, entry)
		}
	}
	return older, newer, nil
}
