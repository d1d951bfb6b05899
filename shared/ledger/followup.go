package ledger

// What is still to be done about a survey that was sent? At the time of the
// reminder the outcome is read (1) and, where nobody has answered, the reminder
// is planned (1, and 2 in the index); when the link closes, the outcome becomes
// expired (1) and the invitation leaves the agenda (1, and 1).

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kaiku/shared/survey"
	"kaiku/shared/table"
)

// closes is when the links of a sent invitation stop working.
func (l *Ledger) closes(inv *survey.Invitation) time.Time {
	return inv.Claimed.Add(l.policy.Sending.LinkOpen.Std())
}

// followUpAt is when something is to be done next about a sent invitation: the
// reminder, if there is to be one, and then its end.
func (l *Ledger) followUpAt(inv *survey.Invitation) table.Due {
	at := l.closes(inv)
	if remind := inv.Claimed.Add(l.policy.Sending.ReminderAfter.Std()); l.policy.Sending.Reminders > 0 && inv.Reminder == nil && remind.Before(at) {
		at = remind
	}
	return table.Due{Lane: laneAgenda, At: at}
}

// followUp plans the reminder of a sent invitation, or ends it.
func (l *Ledger) followUp(ctx context.Context, entry stored[Entry], now time.Time) error {
	inv := entry.value.Invitation
	o, err := get[survey.Outcome](ctx, l.table, outcomeKey(inv.Day, inv.ID))
	if err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("following up a survey: %w", err)
	}
	open := err == nil && (o.value.State == survey.InvitationSent || o.value.State == survey.InvitationDelivered)
	closes := l.closes(inv)
	switch next := l.followUpAt(inv); {
	case !open:
		entry.due = table.Due{}
	case !now.Before(closes):
		if err := l.expire(ctx, o.key, closes); err != nil {
			return err
		}
		entry.due = table.Due{}
	case next.At.After(now): // the policy has changed since
		entry.due = next
	default:
		inv.Reminder = &survey.Mailing{State: survey.InvitationPlanned, SendAt: moment(now)}
		entry.due = table.Due{Lane: laneMail, At: inv.Reminder.SendAt}
	}
	if err := l.write(ctx, entry); err != nil {
		return fmt.Errorf("following up a survey: %w", err)
	}
	return nil
}

// expire ends a survey that nobody answered in time. It changes no figure.
func (l *Ledger) expire(ctx context.Context, key table.Key, at time.Time) error {
	_, err := l.changeOutcome(ctx, key, func(o *stored[survey.Outcome]) error {
		if o.value.Become(survey.InvitationExpired) {
			o.value.Expired = moment(at)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("ending a survey whose link closed: %w", err)
	}
	return nil
}

// stillRemind says why a reminder is not to be sent after all: the survey has
// been answered or has bounced meanwhile, is about to close, or its mail went to
// an address that the contact no longer has.
func (d *draft) stillRemind(ctx context.Context, inv *survey.Invitation, hash string) (*survey.Cancel, error) {
	o, err := get[survey.Outcome](ctx, d.table, outcomeKey(inv.Day, inv.ID))
	if err != nil {
		return nil, fmt.Errorf("reading what became of a survey: %w", err)
	}
	cancel := func(rule survey.Rule, because survey.Because) (*survey.Cancel, error) {
		return &survey.Cancel{Rule: rule, At: d.now, Because: because}, nil
	}
	switch state := o.value.State; {
	case state != survey.InvitationSent && state != survey.InvitationDelivered:
		return cancel(survey.Rule(state), nil)
	case !d.now.Before(d.closes(inv)):
		return cancel(survey.TooLate, survey.Because{"closes": d.closes(inv).Format(time.RFC3339)})
	case hash != inv.Address:
		return cancel(survey.NoContact, survey.Because{"contact": inv.Contact, "address": "changed"})
	}
	return nil, nil
}
