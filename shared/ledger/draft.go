package ledger

// What does a decision need, and what does it change? One read of the customer
// and one of each contact's address (1 unit each); one transaction (2 units a
// kilobyte and item): customer, entry in its history, address asked.

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"kaiku/shared/policy"
	"kaiku/shared/survey"
	"kaiku/shared/table"
)

// draft is a transaction in the making around one customer.
type draft struct {
	*Ledger
	now       time.Time
	state     stored[survey.State]
	addresses map[string]*stored[survey.Address] // by hash
	writes    []table.Write
	touched   []string // hashes of addresses to be written
}

// open reads the customer; one that is not known yet begins empty.
func (l *Ledger) open(ctx context.Context, customer string, now time.Time) (*draft, error) {
	d := &draft{Ledger: l, now: moment(now), addresses: map[string]*stored[survey.Address]{}}
	var err error
	d.state, err = get[survey.State](ctx, l.table, customerKey(customer))
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, fmt.Errorf("reading the customer: %w", err)
	}
	d.state.value.ID = customer
	return d, nil
}

// address reads what is known of an address, once.
func (d *draft) address(ctx context.Context, hash string) (*stored[survey.Address], error) {
	if a, ok := d.addresses[hash]; ok {
		return a, nil
	}
	a, err := get[survey.Address](ctx, d.table, addressKey(hash))
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, fmt.Errorf("reading an address: %w", err)
	}
	d.addresses[hash] = &a
	return &a, nil
}

// facts are what the policy decides on.
func (d *draft) facts(ctx context.Context) (policy.Facts, error) {
	customer, err := d.state.value.Customer()
	if err != nil {
		return policy.Facts{}, err
	}
	f := policy.Facts{Customer: &customer, Addresses: map[string]survey.Address{}}
	for _, contact := range customer.Contacts {
		a, err := d.address(ctx, HashAddress(contact.Email))
		if err != nil {
			return policy.Facts{}, err
		}
		f.Addresses[contact.ID] = a.value
	}
	return f, nil
}

// record adds an entry to the history and, if its decision plans a survey,
// the invitation, and counts it with the customer and the address.
func (d *draft) record(facts policy.Facts, decision *survey.Decision, note *EventNote) error {
	id := d.newID(d.now)
	entry := stored[Entry]{key: logKey(d.state.value.ID, id), value: Entry{At: d.now, Event: note, Decision: decision}}
	if decision != nil && decision.Outcome == survey.Planned {
		decision.Invitation = id
		contact, ok := facts.Customer.Contact(decision.Contact)
		if !ok {
			return fmt.Errorf("the policy chose a contact that the customer does not have")
		}
		hash := HashAddress(contact.Email)
		entry.value.Invitation = &survey.Invitation{ID: id, Customer: decision.Customer, Kind: decision.Kind,
			Trigger: decision.Trigger, Contract: decision.Contract, Contact: contact.ID, Address: hash,
			Mailing: survey.Mailing{State: survey.InvitationPlanned, SendAt: decision.SendAt}}
		entry.due = table.Due{Lane: laneMail, At: decision.SendAt}
		d.state.value.AddAsked(survey.Asked{Invitation: id, Kind: decision.Kind, Trigger: decision.Trigger,
			Contract: decision.Contract, Contact: contact.ID, At: decision.SendAt})
		d.noteAsked(hash, survey.AddressAsked{Invitation: id, Customer: decision.Customer, At: decision.SendAt})
	}
	w, err := entry.putIf(table.Absent)
	d.writes = append(d.writes, w)
	return err
}

// keepAddressAsked is how long surveys to an address are kept: longer than the
// window of its cap.
const keepAddressAsked = 400 * 24 * time.Hour

func (d *draft) noteAsked(hash string, asked survey.AddressAsked) {
	a := d.addresses[hash]
	a.value.Asked = slices.DeleteFunc(a.value.Asked, func(b survey.AddressAsked) bool {
		return d.now.Sub(b.At) > keepAddressAsked
	})
	a.value.Asked = append(a.value.Asked, asked)
	d.touch(hash)
}

// tooLarge says whether what was stored of the customer has grown beyond maxState.
func (d *draft) tooLarge() (bool, error) {
	w, err := d.state.put()
	return len(w.Item.Body) > maxState, err
}

// forget takes a survey that will not be sent, or did not arrive, out of what
// counts as asked.
func (d *draft) forget(ctx context.Context, inv *survey.Invitation) error {
	d.state.value.DropAsked(inv.ID)
	a, err := d.address(ctx, inv.Address)
	if err != nil {
		return err
	}
	before := len(a.value.Asked)
	a.value.Asked = slices.DeleteFunc(slices.Clone(a.value.Asked), func(b survey.AddressAsked) bool { return b.Invitation == inv.ID })
	if len(a.value.Asked) < before {
		d.touch(inv.Address)
	}
	return nil
}

func (d *draft) touch(hash string) {
	if !slices.Contains(d.touched, hash) {
		d.touched = append(d.touched, hash)
	}
}

// cancel ends a mail that was not sent yet. A reminder that is not sent leaves
// the survey what it is.
func (d *draft) cancel(ctx context.Context, entry stored[Entry], why survey.Cancel) error {
	inv := entry.value.Invitation.Clone()
	mail := inv.Current()
	if err := mail.Move(survey.InvitationCancelled); err != nil {
		return err
	}
	mail.Cancel = &why
	entry.value.Invitation, entry.due = &inv, table.Due{}
	if inv.Reminder != nil {
		entry.due = d.followUpAt(&inv)
	} else if err := d.forget(ctx, &inv); err != nil {
		return err
	}
	w, err := entry.put()
	d.writes = append(d.writes, w)
	return err
}

// schedule puts the customer's next annual survey on the agenda; an erased
// customer stays there until its answers have lost their comments, whatever is
// still told of it.
func (d *draft) schedule(customer *survey.Customer) {
	s := &d.state.value
	if !s.Erased.IsZero() {
		return
	}
	s.Yearly = d.policy.Yearly(customer, s.Yearly, d.now)
	d.setDue()
}

func (d *draft) setDue() {
	d.state.due = table.Due{}
	if due := d.state.value.Yearly.Due; !due.IsZero() {
		d.state.due = table.Due{Lane: laneAgenda, At: due}
	}
}

// maxState is the largest a customer may grow by an event, in bytes: well below
// what an item can hold, so that what Kaiku itself adds always fits.
const maxState = 300 << 10

// commit writes everything or nothing.
func (d *draft) commit(ctx context.Context) error {
	w, err := d.state.put()
	if err != nil {
		return err
	}
	writes := append([]table.Write{w}, d.writes...)
	for _, hash := range d.touched {
		w, err := d.addresses[hash].put()
		if err != nil {
			return err
		}
		writes = append(writes, w)
	}
	return d.table.Write(ctx, writes...)
}
