package policy

import (
	"time"

	"kaiku/shared/survey"
)

// Facts are what is known when a decision is made.
type Facts struct {
	Customer *survey.Customer
	// Addresses is what is known of the contacts' addresses, by contact id. A
	// contact without an entry has an address that nothing is known of.
	Addresses map[string]survey.Address
}

// Occasion is what a decision is about.
type Occasion struct {
	Trigger survey.Trigger
	// Contract is the contract of a change point.
	Contract string
	// At is when it happened; for an annual NPS, when it fell due.
	At time.Time
	// Interaction and Contact are of an interaction: its id, and whom it was
	// with.
	Interaction string
	Contact     string
}

// verdict is what one rule says.
type verdict struct {
	no bool
	// until is to when a postponing rule puts the survey off.
	until   time.Time
	because survey.Because
}

var yes = verdict{}

func no(because survey.Because) verdict { return verdict{no: true, because: because} }

// question is one decision in the making: what the rules look at.
type question struct {
	*Policy
	c    *survey.Customer
	on   Occasion
	kind survey.Kind
	now  time.Time
	loc  *time.Location
	// sendAt is when the mail would go out.
	sendAt    time.Time
	addresses map[string]survey.Address
	// left are the contacts that can still be asked; the rules about persons
	// take away from it, one after the other.
	left []*survey.Contact
	// terms are those of the contracts, when a rule has asked for them.
	terms []term

	// Room for the left and terms of nearly every customer, so that to decide
	// allocates once.
	roomForLeft  [4]*survey.Contact
	roomForTerms [3]term
}

// term is from when until when a contract runs; it goes on if over is zero.
type term struct{ begin, over time.Time }

func (t *term) runs(at time.Time) bool {
	return !t.begin.After(at) && (t.over.IsZero() || at.Before(t.over))
}

// contractTerms are the terms of the customer's contracts, worked out once: it
// takes the time zone.
func (q *question) contractTerms() []term {
	if q.terms == nil {
		q.terms = q.roomForTerms[:0]
		for i := range q.c.Contracts {
			k := &q.c.Contracts[i]
			q.terms = append(q.terms, term{k.Begin(q.loc), k.Over(q.loc, q.lapseDays())})
		}
	}
	return q.terms
}

// Decide says what comes of an occasion. Every rule that applies is asked, so
// that the decision can name all that said no; the first gives the outcome. The
// decision has no Invitation id yet: that is the caller's to give.
//
// A postponing decision is put off until the latest moment that a postponing
// rule names, so that it is made once more and not once for each.
func (p *Policy) Decide(f Facts, on Occasion, now time.Time) (d survey.Decision) {
	loc := p.Location(f.Customer)
	q := question{Policy: p, c: f.Customer, on: on, kind: on.Trigger.Kind(), now: now, loc: loc, addresses: f.Addresses}
	q.sendAt = p.Opening(later(now, on.At.Add(p.Triggers.Of(on.Trigger).Delay.Std())), loc)
	d.At, d.Customer, d.Kind, d.Trigger, d.Contract, d.Policy = now.UTC(), f.Customer.ID, q.kind, on.Trigger, on.Contract, p.Hash
	for _, r := range rulesFor[on.Trigger] {
		v := r.ask(&q)
		if !v.no {
			continue
		}
		if d.Rule == "" {
			d.Rule, d.Outcome = r.name, r.outcome
		}
		d.Rules = append(d.Rules, r.name)
		if d.Because == nil {
			d.Because = map[survey.Rule]survey.Because{}
		}
		d.Because[r.name] = v.because
		if d.Outcome == survey.Postponed && v.until.After(d.Until) {
			d.Until = v.until.UTC()
		}
	}
	if d.Rule != "" {
		return d
	}
	d.Outcome, d.SendAt, d.Contact = survey.Planned, q.sendAt, q.pick().ID
	return d
}

// StillSend asks, at the moment of sending, the rules about the person and the
// contract once more; a no cancels. The contact is the one that was chosen; if its
// address is moved, another than the survey was planned for, the cap of that
// address is asked as well, for it has not been yet.
func (p *Policy) StillSend(f Facts, inv survey.Invitation, moved bool, now time.Time) (cancel *survey.Cancel) {
	q := question{sendAt: now, Policy: p, c: f.Customer, on: Occasion{Trigger: inv.Trigger, Contract: inv.Contract, Contact: inv.Contact},
		kind: inv.Kind, now: now, loc: p.Location(f.Customer), addresses: f.Addresses}
	if late := now.Sub(inv.Current().SendAt); late > p.GiveUp(inv.Kind) {
		return &survey.Cancel{Rule: survey.TooLate, At: now.UTC(),
			Because: survey.Because{"sendAt": stamp(inv.Current().SendAt), "limit": Duration(p.GiveUp(inv.Kind)).String()}}
	}
	for _, r := range rulesFor[inv.Trigger] {
		if !r.again && !(moved && r.name == survey.AddressCap) {
			continue
		}
		if r.name == survey.NoContact {
			q.left = nil
			if contact, ok := q.c.Contact(inv.Contact); ok {
				q.left = []*survey.Contact{contact}
				continue
			}
			return &survey.Cancel{Rule: r.name, At: now.UTC(), Because: survey.Because{"contact": inv.Contact}}
		}
		if v := r.ask(&q); v.no {
			return &survey.Cancel{Rule: r.name, At: now.UTC(), Because: v.because}
		}
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
