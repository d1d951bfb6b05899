package mailevent

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"kaiku/shared/ledger"
)

// event is what is used of an SES event (Amazon SES Developer Guide, "Examples
// of event data that Amazon SES publishes to Amazon SNS"). Recipients are not:
// each of our mails to customers has one, and its tags say whose it is.
type event struct {
	EventType string `json:"eventType"`
	Mail      struct {
		MessageID string              `json:"messageId"`
		Timestamp time.Time           `json:"timestamp"`
		Tags      map[string][]string `json:"tags"`
	} `json:"mail"`
	Bounce struct {
		BounceType    string    `json:"bounceType"`
		BounceSubType string    `json:"bounceSubType"`
		Timestamp     time.Time `json:"timestamp"`
	} `json:"bounce"`
	Delivery  struct{ Timestamp time.Time } `json:"delivery"`
	Complaint struct {
		ComplaintSubType string    `json:"complaintSubType"`
		Timestamp        time.Time `json:"timestamp"`
	} `json:"complaint"`
	DeliveryDelay struct{ Timestamp time.Time } `json:"deliveryDelay"`
}

// The subtypes of mails that SES took but never sent, because the address is on
// its own suppression list or the account's (SES Developer Guide, "Bounce
// types", "Complaint object").
const (
	suppressed          = "Suppressed"
	suppressedByAccount = "OnAccountSuppressionList"
)

// topicValidated begins the plain text that SES posts once, when the topic
// becomes its event destination.
const topicValidated = "Successfully validated SNS topic"

// parse reads the message of a notification; ok is false for the greeting, which
// is no event.
func parse(message string) (e event, ok bool, err error) {
	if strings.HasPrefix(message, topicValidated) {
		return e, false, nil
	}
	if json.Unmarshal([]byte(message), &e) != nil || e.EventType == "" {
		return e, false, errors.New("not an SES event") // and not what it is: it may hold an address
	}
	return e, true, nil
}

// happened is what the event says became of the mail, and when; nothing for an
// event that changes nothing. An event without a time of its own is as old as
// its mail.
func (e *event) happened() ([]ledger.MailFate, time.Time, error) {
	is := func(at time.Time, fates ...ledger.MailFate) ([]ledger.MailFate, time.Time, error) {
		if at.IsZero() {
			at = e.Mail.Timestamp
		}
		return fates, at, nil
	}
	switch e.EventType {
	case "Send":
		return is(e.Mail.Timestamp, ledger.FateSent)
	case "Delivery":
		return is(e.Delivery.Timestamp, ledger.FateDelivered)
	case "DeliveryDelay":
		return is(e.DeliveryDelay.Timestamp, ledger.FateDelayed)
	case "Bounce":
		subtype := e.Bounce.BounceSubType
		switch {
		case subtype == suppressed || subtype == suppressedByAccount:
			return is(e.Bounce.Timestamp, ledger.FateSuppressed)
		case e.Bounce.BounceType == "Permanent":
			return is(e.Bounce.Timestamp, ledger.FateBounced)
		}
		return is(e.Bounce.Timestamp, ledger.FateSoftBounced) // Transient, and Undetermined: nothing says that it is for good
	case "Complaint":
		if e.Complaint.ComplaintSubType == suppressedByAccount {
			// Of an earlier complaint: this mail was not even sent.
			return is(e.Complaint.Timestamp, ledger.FateComplained, ledger.FateSuppressed)
		}
		return is(e.Complaint.Timestamp, ledger.FateComplained)
	case "Reject":
		return is(e.Mail.Timestamp, ledger.FateRejected)
	case "Rendering Failure":
		return is(e.Mail.Timestamp, ledger.FateRenderFailed)
	case "Open", "Click", "Subscription":
		return is(e.Mail.Timestamp) // the configuration set asks for none, and nobody is tracked
	}
	return nil, time.Time{}, fmt.Errorf("unknown type of SES event %.40q", e.EventType)
}
