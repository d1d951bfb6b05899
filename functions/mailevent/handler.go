// Package mailevent is the function that takes what SES tells of mails, by SNS:
// sent, delivered, bounced, reported as spam.
package mailevent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"kaiku/shared/ledger"
)

// Ledger is what the function needs of the ledger.
type Ledger interface {
	NoteFate(ctx context.Context, ref ledger.Ref, fate ledger.MailFate, at, now time.Time) error
}

// Handler takes SNS notifications with SES events.
type Handler struct {
	Ledger Ledger
	Now    func() time.Time
	Log    *slog.Logger
}

// event is what is used of an SES event (Amazon SES Developer Guide, "Examples
// of event data that Amazon SES publishes to Amazon SNS").
type event struct {
	EventType string `json:"eventType"`
	Mail      struct {
		MessageID string              `json:"messageId"`
		Timestamp time.Time           `json:"timestamp"`
		Tags      map[string][]string `json:"tags"`
	} `json:"mail"`
	Bounce struct {
		BounceType string    `json:"bounceType"`
		Timestamp  time.Time `json:"timestamp"`
	} `json:"bounce"`
	Delivery  struct{ Timestamp time.Time } `json:"delivery"`
	Complaint struct{ Timestamp time.Time } `json:"complaint"`
}

// fate is what the event says became of the mail, and when.
func (e *event) fate() (ledger.MailFate, time.Time, error) {
	switch e.EventType {
	case "Send":
		return ledger.FateSent, e.Mail.Timestamp, nil
	case "Delivery":
		return ledger.FateDelivered, e.Delivery.Timestamp, nil
	case "Bounce":
		if e.Bounce.BounceType == "Permanent" {
			return ledger.FateBounced, e.Bounce.Timestamp, nil
		}
		return ledger.FateSoftBounced, e.Bounce.Timestamp, nil
	case "Complaint":
		return ledger.FateComplained, e.Complaint.Timestamp, nil
	case "Reject", "Rendering Failure":
		return ledger.FateRejected, e.Mail.Timestamp, nil
	case "DeliveryDelay":
		return ledger.FateDelayed, e.Mail.Timestamp, nil
	}
	return "", time.Time{}, fmt.Errorf("unknown type of SES event %.40q", e.EventType)
}

// Handle notes each event. An error makes Lambda try the notification again
// and, in the end, hand it to the function's failure target.
func (h *Handler) Handle(ctx context.Context, notification events.SNSEvent) error {
	var faults []error
	for _, record := range notification.Records {
		if err := h.one(ctx, record.SNS.Message); err != nil {
			faults = append(faults, fmt.Errorf("notification %s: %w", record.SNS.MessageID, err))
		}
	}
	return errors.Join(faults...)
}

// topicValidated begins the plain text that SES posts once, when the topic
// becomes its event destination.
const topicValidated = "Successfully validated SNS topic"

func (h *Handler) one(ctx context.Context, message string) error {
	if strings.HasPrefix(message, topicValidated) {
		return nil
	}
	var e event
	if err := json.Unmarshal([]byte(message), &e); err != nil {
		return errors.New("not an SES event")
	}
	ref, err := ledger.ParseTags(e.Mail.Tags)
	if err != nil {
		// A mail of somebody else through the same configuration set: trying
		// again would not make it ours.
		h.Log.WarnContext(ctx, "SES event without our tags", "type", e.EventType, "message", e.Mail.MessageID)
		return nil
	}
	fate, at, err := e.fate()
	if err != nil {
		return err
	}
	if at.IsZero() {
		at = h.Now()
	}
	err = h.Ledger.NoteFate(ctx, ref, fate, at, h.Now())
	if errors.Is(err, ledger.ErrNotFound) {
		h.Log.WarnContext(ctx, "SES event of an unknown invitation", "type", e.EventType, "invitation", ref.Invitation)
		return nil
	}
	return err
}
