// Package mailevent is the function that takes what SES tells of mails, by SNS:
// sent, delivered, bounced, reported as spam.
package mailevent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/sns"
	"kaiku/shared/survey"
)

// Ledger is what the function needs of the ledger.
type Ledger interface {
	NoteFate(ctx context.Context, ref ledger.Ref, fate ledger.MailFate, at, now time.Time) error
	NoteDigestSent(ctx context.Context, month survey.Month, messageID string, at time.Time) error
}

// Verifier says whether a notification is the topic's own.
type Verifier interface {
	Verify(ctx context.Context, n sns.Notification) error
}

// Handler takes SNS notifications with SES events.
type Handler struct {
	Verifier Verifier
	Ledger   Ledger
	Now      func() time.Time
	Log      *slog.Logger
}

// Refused is the line logged of a notification that the topic did not send. The
// template's metric filter counts it.
const Refused = "notification refused"

// Handle notes each event. An error makes Lambda try the notification twice
// more and then hand it to the function's failure target. So does a refusal: it
// may be SNS that has changed, and a bounce must not be lost to that.
func (h *Handler) Handle(ctx context.Context, event sns.Event) error {
	var faults []error
	for _, record := range event.Records {
		if err := h.one(ctx, record.SNS); err != nil {
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

func (h *Handler) one(ctx context.Context, n sns.Notification) error {
	if err := h.Verifier.Verify(ctx, n); err != nil {
		if errors.Is(err, sns.ErrRefused) {
			h.Log.ErrorContext(ctx, Refused, "reason", err) // and nothing of it: the forger chose every word
		}
		return err
	}
	if err := h.note(ctx, n.Message); err != nil {
		return fmt.Errorf("notification %s: %w", n.MessageID, err)
	}
	return nil
}

// note notes what a notification that is SNS's own says.
func (h *Handler) note(ctx context.Context, message string) error {
	e, ok, err := parse(message)
	if err != nil || !ok {
		return err
	}
	if month, ok := ledger.ParseDigestTags(e.Mail.Tags); ok {
		return h.noteDigest(ctx, month, e)
	}
	ref, err := ledger.ParseTags(e.Mail.Tags)
	if err != nil {
		// A mail of somebody else through the same configuration set: trying
		// again would not make it ours.
		h.Log.WarnContext(ctx, "SES event without our tags", "type", e.EventType, "message", e.Mail.MessageID)
		return nil
	}
	fates, at, err := e.happened()
	if err != nil {
		return err
	}
	if at.IsZero() {
		at = h.Now()
	}
	for _, fate := range fates {
		err := h.Ledger.NoteFate(ctx, ref, fate, at, h.Now())
		if errors.Is(err, ledger.ErrNotFound) {
			h.Log.WarnContext(ctx, "SES event of an unknown invitation", "type", e.EventType, "invitation", ref.Invitation)
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// noteDigest notes what became of a month's digest. Whatever SES tells of it, it
// had it: nobody is to get another. That a reader cannot be reached is for who
// keeps the policy to put right, and marks no address.
func (h *Handler) noteDigest(ctx context.Context, month survey.Month, e event) error {
	fates, _, err := e.happened()
	if err != nil {
		return err
	}
	for _, fate := range fates {
		if fate != ledger.FateSent && fate != ledger.FateDelivered && fate != ledger.FateDelayed {
			h.Log.WarnContext(ctx, "digest did not reach a reader", "month", month.String(), "fate", string(fate), "message", e.Mail.MessageID)
		}
	}
	at := e.Mail.Timestamp
	if at.IsZero() {
		at = h.Now()
	}
	err = h.Ledger.NoteDigestSent(ctx, month, e.Mail.MessageID, at)
	if errors.Is(err, ledger.ErrNotFound) {
		h.Log.WarnContext(ctx, "SES event of an unknown digest", "type", e.EventType, "month", month.String())
		return nil
	}
	return err
}
