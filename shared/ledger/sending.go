package ledger

// Where does a mail stand, and may it be sent now? Reading costs 1 unit;
// queueing writes 1 and moves it in the index (2); a claim reads customer and
// address (2) and writes 1, leaving the index alone; noting it as sent writes
// the outcome (1, and 1 in the index) and moves the invitation on to when it is
// followed up (1, and 2). A reminder costs the same once more, and a read of the
// outcome.

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
	return table.Due{Lane: laneMail, At: moment(now).Add(l.policy.Sending.SettleAfter.Std() + queueSlack)}
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
	inv := entry.value.Invitation.Clone()
	entry.value.Invitation = &inv
	return entry, nil
}

// write stores an invitation as it was changed.
func (l *Ledger) write(ctx context.Context, entry stored[Entry]) error {
	w, err := entry.put()
	if err != nil {
		return err
	}
	return l.table.Write(ctx, w)
}

// Next is what is to be done with a mail that fell due.
type Next int

const (
	// NextNothing: it was settled, or is to wait.
	NextNothing Next = iota
	// NextQueue: it is to be queued.
	NextQueue
	// NextQueueAgain: it is to be queued, though it may have gone out already: a
	// try to send it ended unknown, and SES has not told of it within the hour.
	NextQueueAgain
	// NextUnknown: all its tries ended unknown. It counts as sent.
	NextUnknown
)

// FallDue looks at an invitation that fell due and says what is to be done with
// its mail. One that a crash left in sending is settled here: it is sent, if SES
// has said so; else it is to be tried once more; and one that was tried
// MaxSendTries times counts as sent. One that was sent is
// followed up: reminded of, or closed.
func (l *Ledger) FallDue(ctx context.Context, m Matter, now time.Time) (Next, error) {
	entry, err := l.invitation(ctx, m.Customer, m.Invitation)
	if err != nil {
		return NextNothing, err
	}
	if entry.due.Lane == "" || entry.due.At.After(now) {
		return NextNothing, nil
	}
	switch mail := entry.value.Invitation.Current(); mail.State {
	case survey.InvitationPlanned, survey.InvitationQueued:
		if mail.Tries > 0 && mail.Again.IsZero() { // settled before, by an agenda that did not live to say so
			return NextQueueAgain, nil
		}
		return NextQueue, nil
	case survey.InvitationSending:
		return l.settle(ctx, entry, now)
	default:
		return NextNothing, l.followUp(ctx, entry, now)
	}
}

// The most tries of one mail that may end unknown, each with no word of SES within
// the hour.
const (
	// MaxSendTries where the sender died each time, most likely before it had asked
	// SES: for a second mail it must have died just after, and SES told nobody.
	MaxSendTries = 5
	// MaxSilentTries where SES was asked and did not answer: it may well have taken
	// the mail, and two mails are the most that anybody gets.
	MaxSilentTries = 2
)

func (l *Ledger) settle(ctx context.Context, entry stored[Entry], now time.Time) (Next, error) {
	inv := entry.value.Invitation
	if known, err := l.knownSent(ctx, entry); err != nil || known {
		return NextNothing, err
	}
	mail := inv.Current()
	most := MaxSendTries
	if mail.Silent {
		most = MaxSilentTries
	}
	if mail.Tries >= most {
		facts, err := l.factsFor(ctx, inv)
		if err != nil {
			return NextNothing, err
		}
		return NextUnknown, l.NoteSent(ctx, Claim{entry: entry, Facts: facts}, "", mail.Claimed)
	}
	if err := mail.Move(survey.InvitationQueued); err != nil {
		return NextNothing, err
	}
	entry.due = l.lease(now)
	return NextQueueAgain, l.write(ctx, entry)
}

// NoteQueued notes that a mail is in the queue. It is no error when it has gone
// further already.
func (l *Ledger) NoteQueued(ctx context.Context, m Matter, now time.Time) error {
	entry, err := l.invitation(ctx, m.Customer, m.Invitation)
	if err != nil {
		return err
	}
	mail := entry.value.Invitation.Current()
	if !mail.State.Unsent() || entry.due.At.After(now) { // further already, put off, or given back
		return nil
	}
	if mail.State == survey.InvitationPlanned {
		if err := mail.Move(survey.InvitationQueued); err != nil {
			return err
		}
	}
	entry.due = l.lease(now)
	if err := l.write(ctx, entry); err != nil && !errors.Is(err, table.ErrCondition) {
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
	// Closes is when the links in the mail stop working.
	Closes time.Time

	entry stored[Entry]
}

// Claim takes a mail to send it now. ErrNotDue says that it is not to be sent:
// somebody else has it or sent it, a rule has cancelled it meanwhile, or its time
// has not come in the customer's openings.
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
	inv := entry.value.Invitation
	mail := inv.Current()
	if latest := now.Add(clockSlack); !mail.State.Unsent() || mail.SendAt.After(latest) || mail.Again.After(latest) {
		return Claim{}, ErrNotDue
	}
	if !mail.Claimed.IsZero() {
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
	why, err := d.stillSend(ctx, &customer, inv)
	if err != nil {
		return Claim{}, err
	}
	if why != nil && why.Rule != survey.Erased && mail.Tries > 0 {
		// It may well have arrived: so it counts as sent, not as never asked. Of an
		// erased customer nothing more is noted.
		f, _ := l.factsOf(&customer, *inv, survey.Contact{}, d.now)
		return Claim{}, cmp.Or(l.NoteSent(ctx, Claim{entry: entry, Facts: f}, "", mail.Claimed), ErrNotDue)
	}
	if why != nil {
		if err := d.cancel(ctx, entry, *why); err != nil {
			return Claim{}, err
		}
		if err := d.commit(ctx); err != nil {
			return Claim{}, err
		}
		return Claim{}, cmp.Or(l.returnQuota(ctx, now), ErrNotDue)
	}
	if opening := l.policy.Opening(d.now, l.policy.Location(&customer)); opening.After(d.now) {
		if err := l.putOff(ctx, entry, opening); err != nil {
			return Claim{}, err
		}
		return Claim{}, cmp.Or(l.returnQuota(ctx, now), ErrNotDue)
	}
	contact, _ := customer.Contact(inv.Contact)
	if err := l.take(ctx, d, &entry, HashAddress(contact.Email)); err != nil {
		return Claim{}, err
	}
	c := Claim{Ref: Ref{Customer: m.Customer, Invitation: inv.ID, Day: inv.Day, Reminder: inv.Reminder != nil},
		Invitation: *inv, Contact: *contact, Closes: l.closes(inv), entry: entry}
	c.Facts, c.Owner = l.factsOf(&customer, *inv, *contact, d.now)
	return c, nil
}

// stillSend asks the rules about the person and the contract once more, and of a
// reminder whether there is still something to remind of.
func (d *draft) stillSend(ctx context.Context, customer *survey.Customer, inv *survey.Invitation) (*survey.Cancel, error) {
	facts := policy.Facts{Customer: customer, Addresses: map[string]survey.Address{}}
	hash := inv.Address
	if contact, found := customer.Contact(inv.Contact); found {
		hash = HashAddress(contact.Email)
		a, err := d.address(ctx, hash)
		if err != nil {
			return nil, err
		}
		facts.Addresses[contact.ID] = a.value
	}
	if why := d.policy.StillSend(facts, *inv, inv.Reminder == nil && hash != inv.Address, d.now); why != nil || inv.Reminder == nil {
		return why, nil
	}
	return d.stillRemind(ctx, inv, hash)
}

// take notes the claim: from here on nobody else sends the mail.
func (l *Ledger) take(ctx context.Context, d *draft, entry *stored[Entry], hash string) error {
	inv := entry.value.Invitation
	mail := inv.Current()
	if inv.Day.IsZero() {
		inv.Day = survey.DateOf(d.now.In(l.policy.Zone))
	}
	if err := mail.Move(survey.InvitationSending); err != nil {
		return err
	}
	mail.Claimed, mail.Again = d.now, time.Time{}
	mail.Tries++
	if settle := d.now.Add(l.policy.Sending.SettleAfter.Std()); entry.due.Lane != laneMail || entry.due.At.Before(settle) {
		entry.due = table.Due{Lane: laneMail, At: settle}
	}
	late := d.now.Sub(mail.SendAt) >= lateBy
	if inv.Reminder != nil || !late && hash == inv.Address {
		err := l.write(ctx, *entry)
		entry.version++
		return err
	}
	at := mail.SendAt
	if late {
		at = d.now
	}
	if err := d.readdress(ctx, inv, hash, at); err != nil {
		return err
	}
	w, err := entry.put()
	if err != nil {
		return err
	}
	d.writes = append(d.writes, w)
	err = d.commit(ctx)
	entry.version++
	return err
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
	o, err := get[survey.Outcome](ctx, l.table, outcomeKey(inv.Day, inv.ID))
	switch {
	case errors.Is(err, ErrNotFound), err == nil && inv.Reminder != nil && o.value.Reminded.IsZero():
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
	d.noteAsked(hash, survey.AddressAsked{Invitation: inv.ID, Customer: inv.Customer, At: at})
	return nil
}

// putOff leaves a mail whose turn came outside the customer's openings until
// the next.
func (l *Ledger) putOff(ctx context.Context, entry stored[Entry], until time.Time) error {
	mail := entry.value.Invitation.Current()
	if mail.State == survey.InvitationQueued {
		if err := mail.Move(survey.InvitationPlanned); err != nil {
			return err
		}
	}
	mail.Again = until
	entry.due = table.Due{Lane: laneMail, At: until}
	return l.write(ctx, entry)
}

// Release gives a claim back: the mail surely did not go out, or SES said that it
// failed, and is to be queued again after a while. Until then a copy of its message
// is not to send it either. Its place in the day's cap is given back too.
func (l *Ledger) Release(ctx context.Context, c Claim, again time.Time) error {
	inv := c.entry.value.Invitation.Clone()
	mail := inv.Current()
	err := mail.Move(survey.InvitationQueued)
	if err == nil {
		mail.Tries--
		mail.Again = moment(again)
		c.entry.value.Invitation, c.entry.due = &inv, table.Due{Lane: laneMail, At: mail.Again}
		err = l.write(ctx, c.entry)
	}
	if err != nil {
		return fmt.Errorf("giving an invitation back: %w", err)
	}
	return l.returnQuota(ctx, mail.Claimed)
}

// NoteSilence notes that SES was asked to send a claimed mail and did not answer.
// It stays claimed, to be settled.
func (l *Ledger) NoteSilence(ctx context.Context, c Claim) error {
	inv := c.entry.value.Invitation.Clone()
	inv.Current().Silent = true
	c.entry.value.Invitation = &inv
	if err := l.write(ctx, c.entry); err != nil && !errors.Is(err, table.ErrCondition) { // SES told of it meanwhile
		return fmt.Errorf("noting that SES did not answer: %w", err)
	}
	return nil
}

// Reject cancels a claimed mail that SES will never take. One of which an earlier
// try ended unknown counts as sent: SES may well have taken it then.
func (l *Ledger) Reject(ctx context.Context, c Claim, because survey.Because, now time.Time) error {
	if mail := c.entry.value.Invitation.Current(); mail.Tries > 1 {
		return l.NoteSent(ctx, c, "", mail.Claimed)
	}
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
// the mail counts as sent, and if a crash comes between, the agenda finds the
// outcome there and settles the rest.
func (l *Ledger) NoteSent(ctx context.Context, c Claim, messageID string, at time.Time) error {
	inv := c.entry.value.Invitation
	var err error
	if inv.Reminder != nil {
		_, err = l.changeOutcome(ctx, outcomeKey(inv.Day, inv.ID), func(o *stored[survey.Outcome]) error {
			noteEarliest(&o.value.Reminded, moment(at))
			return nil
		})
	} else {
		outcome := l.newOutcome(*inv, c.Facts, messageID, moment(at))
		var w table.Write
		if w, err = outcome.putIf(table.Absent); err == nil {
			if err = l.table.Write(ctx, w); errors.Is(err, table.ErrCondition) {
				err = nil // SES told of it before
			}
		}
	}
	if err != nil {
		return fmt.Errorf("noting a mail as sent: %w", err)
	}
	return l.noteSent(ctx, c.entry)
}

// noteSent leaves a sent mail until it is to be followed up.
func (l *Ledger) noteSent(ctx context.Context, entry stored[Entry]) error {
	inv := entry.value.Invitation.Clone()
	if err := inv.Current().Move(survey.InvitationSent); err != nil {
		return err
	}
	entry.value.Invitation, entry.due = &inv, l.followUpAt(&inv)
	if err := l.write(ctx, entry); err != nil && !errors.Is(err, table.ErrCondition) {
		return fmt.Errorf("noting a mail as sent: %w", err)
	}
	return nil
}

// factsOf freezes what results are shown by, and finds the owning team. Owner
// and service are those of the contract the survey is about, or of the one
// worth most.
func (l *Ledger) factsOf(c *survey.Customer, inv survey.Invitation, contact survey.Contact, at time.Time) (survey.Facts, string) {
	f := l.policy.FactsOf(c, at)
	f.Trigger, f.Language = inv.Trigger, cmp.Or(contact.Language, survey.Languages[0])
	if k, ok := c.Contract(inv.Contract); ok {
		f.Owner, f.Service = k.Owner, k.Service
	}
	return f, f.Owner
}
