package ledger

// Where does an invitation stand, and may it be sent now? Reading costs 1 unit;
// queueing writes 1 and moves it in the index (2); a claim reads customer and
// address (2) and writes 1, leaving the index alone; noting it as sent writes
// the outcome (1, and 1 in the index) and takes the invitation off the agenda
// (1, and 1).

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"kaiku/shared/policy"
	"kaiku/shared/survey"
	"kaiku/shared/table"
)

// queueSlack is how long a mail may wait in the queue without its claim having
// to move it in the index.
const queueSlack = 10 * time.Minute

// lease is until when a queued mail is left alone: one that was claimed soon is
// settled then, one that was not is queued again. The sender lets one of two
// messages through, so to be queued again too early does no harm.
func (l *Ledger) lease(now time.Time) table.Due {
	return table.Due{Lane: laneAgenda, At: moment(now).Add(l.policy.Sending.SettleAfter.Std() + queueSlack)}
}

// Invitation reads an invitation.
func (l *Ledger) Invitation(ctx context.Context, customer, id string) (survey.Invitation, error) {
	entry, err := l.invitation(ctx, customer, id)
	if err != nil {
		return survey.Invitation{}, err
	}
	return *entry.value.Invitation, nil
}

func (l *Ledger) invitation(ctx context.Context, customer, id string) (stored[Entry], error) {
	entry, err := get[Entry](ctx, l.table, logKey(customer, id))
	if err != nil {
		return entry, fmt.Errorf("reading an invitation: %w", err)
	}
	if entry.value.Invitation == nil {
		return entry, fmt.Errorf("reading an invitation: %w", ErrNotFound)
	}
	return entry, nil
}

// ToQueue looks at an invitation that fell due and says whether it is to be
// queued for sending. One that a crash left in sending is settled here: it is
// sent, if SES has said so; else it is to be tried once more; and one that was
// tried twice counts as sent, for two mails would be worse than none.
func (l *Ledger) ToQueue(ctx context.Context, m Matter, now time.Time) (bool, error) {
	entry, err := l.invitation(ctx, m.Customer, m.Invitation)
	if err != nil {
		return false, err
	}
	inv := entry.value.Invitation
	if entry.due.Lane == "" || entry.due.At.After(now) {
		return false, nil
	}
	switch inv.State {
	case survey.InvitationPlanned, survey.InvitationQueued:
		return true, nil
	case survey.InvitationSending:
		return l.settle(ctx, entry, now)
	default:
		return false, fmt.Errorf("an invitation is on the agenda though it is %s", inv.State)
	}
}

// maxTries of sending one invitation: the first, and one more when nobody knows
// what became of it.
const maxSendTries = 2

func (l *Ledger) settle(ctx context.Context, entry stored[Entry], now time.Time) (bool, error) {
	inv := *entry.value.Invitation
	entry.value.Invitation = &inv
	if known, err := l.knownSent(ctx, entry); err != nil || known {
		return false, err
	}
	if inv.Tries >= maxSendTries {
		return false, l.NoteSent(ctx, Claim{entry: entry, Facts: survey.Facts{Trigger: inv.Trigger}}, "", inv.Claimed)
	}
	inv.State = survey.InvitationQueued
	entry.due = l.lease(now)
	w, err := entry.put()
	if err != nil {
		return false, err
	}
	return true, l.table.Write(ctx, w)
}

// NoteQueued notes that an invitation is in the queue. It is no error when it
// has gone further already.
func (l *Ledger) NoteQueued(ctx context.Context, m Matter, now time.Time) error {
	entry, err := l.invitation(ctx, m.Customer, m.Invitation)
	if err != nil {
		return err
	}
	inv := *entry.value.Invitation
	waits := inv.State == survey.InvitationPlanned || inv.State == survey.InvitationQueued
	if !waits || entry.due.At.After(now) { // further already, put off, or given back
		return nil
	}
	inv.State = survey.InvitationQueued
	entry.value.Invitation = &inv
	entry.due = l.lease(now)
	w, err := entry.put()
	if err != nil {
		return err
	}
	if err := l.table.Write(ctx, w); err != nil && !errors.Is(err, table.ErrCondition) {
		return fmt.Errorf("noting a mail as queued: %w", err)
	}
	return nil
}

// Claim is the right to send one mail, and what it needs.
type Claim struct {
	Ref        Ref
	Invitation survey.Invitation
	Contact    survey.Contact
	Owner      string
	Facts      survey.Facts

	entry stored[Entry]
}

// Claim takes an invitation to send it now. ErrNotDue says that it is not to be
// sent: somebody else has it or sent it, a rule has cancelled it meanwhile, or
// its time has not come in the customer's openings.
func (l *Ledger) Claim(ctx context.Context, m Matter, now time.Time) (Claim, error) {
	c, err := retrying(ctx, func() (Claim, error) { return l.claim(ctx, m, now) })
	if err != nil && !errors.Is(err, ErrNotDue) {
		return c, fmt.Errorf("claiming an invitation: %w", err)
	}
	return c, err
}

func (l *Ledger) claim(ctx context.Context, m Matter, now time.Time) (Claim, error) {
	entry, err := l.invitation(ctx, m.Customer, m.Invitation)
	if err != nil {
		return Claim{}, err
	}
	inv := *entry.value.Invitation
	entry.value.Invitation = &inv
	if inv.State != survey.InvitationPlanned && inv.State != survey.InvitationQueued || inv.SendAt.After(now.Add(clockSlack)) {
		return Claim{}, ErrNotDue
	}
	if inv.Tries > 0 {
		if known, err := l.knownSent(ctx, entry); err != nil || known {
			return Claim{}, cmp.Or(err, ErrNotDue)
		}
	}
	d, err := l.open(ctx, m.Customer, now)
	if err != nil {
		return Claim{}, err
	}
	customer, err := d.state.value.Customer()
	if err != nil {
		return Claim{}, err
	}
	facts := policy.Facts{Customer: &customer, Addresses: map[string]survey.Address{}}
	contact, found := customer.Contact(inv.Contact)
	if found {
		a, err := d.address(ctx, HashAddress(contact.Email))
		if err != nil {
			return Claim{}, err
		}
		facts.Addresses[contact.ID] = a.value
	}
	why := l.policy.StillSend(facts, inv, d.now)
	if why != nil && why.Rule == survey.TooLate && inv.Tries > 0 {
		// It may well have arrived: so it counts as sent, not as never asked.
		f, _ := factsOf(&customer, inv, survey.Contact{})
		return Claim{}, cmp.Or(l.NoteSent(ctx, Claim{entry: entry, Facts: f}, "", inv.Claimed), ErrNotDue)
	}
	if why != nil {
		if err := d.cancel(ctx, entry, *why); err != nil {
			return Claim{}, err
		}
		if err := d.commit(ctx); err != nil {
			return Claim{}, err
		}
		return Claim{}, ErrNotDue
	}
	if opening := l.policy.Opening(d.now, l.policy.Location(&customer)); opening.After(d.now) {
		return Claim{}, l.putOff(ctx, entry, opening)
	}
	if inv.Day.IsZero() {
		inv.Day = survey.DateOf(d.now.In(l.policy.Zone))
	}
	inv.State, inv.Claimed = survey.InvitationSending, d.now
	inv.Tries++
	if settle := d.now.Add(l.policy.Sending.SettleAfter.Std()); entry.due.At.Before(settle) {
		entry.due = table.Due{Lane: laneAgenda, At: settle}
	}
	if hash, late := HashAddress(contact.Email), d.now.Sub(inv.SendAt) >= lateBy; late || hash != inv.Address {
		at := inv.SendAt
		if late {
			at = d.now
		}
		if err := d.readdress(ctx, &inv, hash, at); err != nil {
			return Claim{}, err
		}
		w, err := entry.put()
		if err != nil {
			return Claim{}, err
		}
		d.writes = append(d.writes, w)
		if err := d.commit(ctx); err != nil {
			return Claim{}, err
		}
	} else {
		w, err := entry.put()
		if err != nil {
			return Claim{}, err
		}
		if err := l.table.Write(ctx, w); err != nil {
			return Claim{}, err
		}
	}
	entry.version++
	c := Claim{Ref: Ref{Customer: m.Customer, Invitation: inv.ID, Day: inv.Day}, Invitation: inv, Contact: *contact, entry: entry}
	c.Facts, c.Owner = factsOf(&customer, inv, *contact)
	return c, nil
}

const (
	// clockSlack is by how much the sender's clock may be behind the agenda's.
	clockSlack = 30 * time.Second
	// lateBy is how late a mail may leave before the customer's own record of when
	// it was asked is put right: less than that moves no rule by a day.
	lateBy = 12 * time.Hour
)

// knownSent says whether SES, or the person who answered, has told meanwhile of
// an earlier try that nobody knew the end of; it is settled then.
func (l *Ledger) knownSent(ctx context.Context, entry stored[Entry]) (bool, error) {
	inv := entry.value.Invitation
	switch _, err := l.table.Get(ctx, outcomeKey(inv.Day, inv.ID)); {
	case errors.Is(err, table.ErrNotFound):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("settling an invitation: %w", err)
	}
	return true, l.noteSent(ctx, entry)
}

// readdress keeps the rules true when a mail leaves late, for they count from
// when it was sent, or to another address than it was planned for: what follows
// on the mail, unsubscribing or bouncing, is about the address it went to.
func (d *draft) readdress(ctx context.Context, inv *survey.Invitation, hash string, at time.Time) error {
	for i := range d.state.value.Asked {
		if a := &d.state.value.Asked[i]; a.Invitation == inv.ID {
			a.At = at
		}
	}
	old, err := d.address(ctx, inv.Address)
	if err != nil {
		return err
	}
	old.value.Asked = slices.DeleteFunc(slices.Clone(old.value.Asked), func(b survey.AddressAsked) bool { return b.Invitation == inv.ID })
	d.touch(inv.Address)
	inv.Address = hash
	if _, err := d.address(ctx, hash); err != nil {
		return err
	}
	d.noteAsked(hash, survey.AddressAsked{Invitation: inv.ID, At: at})
	return nil
}

// putOff leaves a mail whose turn came outside the customer's openings until
// the next.
func (l *Ledger) putOff(ctx context.Context, entry stored[Entry], until time.Time) error {
	entry.value.Invitation.State = survey.InvitationPlanned
	entry.due = table.Due{Lane: laneAgenda, At: until}
	w, err := entry.put()
	if err != nil {
		return err
	}
	if err := l.table.Write(ctx, w); err != nil {
		return err
	}
	return ErrNotDue
}

// Release gives a claim back: the mail surely did not go out, and is to be
// queued again after a while.
func (l *Ledger) Release(ctx context.Context, c Claim, again time.Time) error {
	inv := c.Invitation
	inv.State = survey.InvitationQueued
	inv.Tries--
	c.entry.value.Invitation, c.entry.due = &inv, table.Due{Lane: laneAgenda, At: moment(again)}
	w, err := c.entry.put()
	if err == nil {
		err = l.table.Write(ctx, w)
	}
	if err != nil {
		return fmt.Errorf("giving an invitation back: %w", err)
	}
	return nil
}

// Reject cancels a claimed invitation that SES will never take.
func (l *Ledger) Reject(ctx context.Context, c Claim, because survey.Because, now time.Time) error {
	_, err := retrying(ctx, func() (struct{}, error) {
		d, err := l.open(ctx, c.Ref.Customer, now)
		if err != nil {
			return struct{}{}, err
		}
		if err := d.cancel(ctx, c.entry, survey.Cancel{Rule: survey.RejectedBySES, At: d.now, Because: because}); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, d.commit(ctx)
	})
	if err != nil {
		return fmt.Errorf("cancelling a rejected mail: %w", err)
	}
	return nil
}

// NoteSent notes that SES took the mail. The outcome comes first: from then on
// the invitation counts as sent, and if a crash comes between, the agenda finds
// the outcome there and settles the rest.
func (l *Ledger) NoteSent(ctx context.Context, c Claim, messageID string, at time.Time) error {
	inv := c.entry.value.Invitation
	outcome := l.newOutcome(*inv, c.Facts, messageID, moment(at))
	w, err := outcome.putIf(table.Absent)
	if err != nil {
		return err
	}
	if err := l.table.Write(ctx, w); err != nil && !errors.Is(err, table.ErrCondition) {
		return fmt.Errorf("noting a mail as sent: %w", err)
	}
	return l.noteSent(ctx, c.entry)
}

// noteSent takes a sent invitation off the agenda.
func (l *Ledger) noteSent(ctx context.Context, entry stored[Entry]) error {
	inv := *entry.value.Invitation
	inv.State = survey.InvitationSent
	entry.value.Invitation, entry.due = &inv, table.Due{}
	w, err := entry.put()
	if err != nil {
		return err
	}
	if err := l.table.Write(ctx, w); err != nil && !errors.Is(err, table.ErrCondition) {
		return fmt.Errorf("noting a mail as sent: %w", err)
	}
	return nil
}

// factsOf freezes what results are shown by, and finds the owning team. Owner
// and service are those of the contract the survey is about, or of the one
// worth most.
func factsOf(c *survey.Customer, inv survey.Invitation, contact survey.Contact) (survey.Facts, string) {
	f := survey.Facts{Size: c.Size(), Industry: survey.IndustrySection(c.Industry), Region: c.Region,
		Trigger: inv.Trigger, Language: contact.Language}
	if f.Language == "" {
		f.Language = survey.Languages[0]
	}
	k, ok := c.Contract(inv.Contract)
	for i := range c.Contracts {
		if inv.Contract == "" && (!ok || c.Contracts[i].AnnualValue > k.AnnualValue) {
			k, ok = &c.Contracts[i], true
		}
	}
	if ok {
		f.Owner, f.Service = k.Owner, k.Service
	}
	return f, f.Owner
}
