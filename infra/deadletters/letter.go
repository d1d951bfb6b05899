package deadletters

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"kaiku/shared/ledger"
)

// Letter is what may be told of a failed message: ids and reasons, never what is
// in it. Bodies of SES events hold addresses.
type Letter struct {
	ID         string
	Since      time.Time // when it was first queued
	Received   int       // how often it was taken, looking at it included
	What       string    // one of the kinds below, for a person
	Customer   string    // empty where the message names none
	Invitation string
	Reason     string // what Lambda or the sender of the message gave as reason; empty where they give none
}

// kinds of messages.
const (
	whatMail      = "mail to send"
	whatEvent     = "SES event"
	whatRun       = "run of a schedule"
	whatUndefined = "unreadable"
)

// body is all forms a message can have: a mail of the send queue, a record of
// Lambda's failure destination, a notification that SNS gave up.
type body struct {
	ledger.Matter

	RequestContext *struct {
		RequestID string `json:"requestId"`
		Condition string `json:"condition"`
		Attempts  int    `json:"approximateInvokeCount"`
	} `json:"requestContext"`
	RequestPayload  json.RawMessage `json:"requestPayload"`
	ResponsePayload *struct {
		Type    string `json:"errorType"`
		Message string `json:"errorMessage"`
	} `json:"responsePayload"`

	Type    string `json:"Type"`
	Message string `json:"Message"`
}

// records is the payload of a function that SNS calls.
type records struct {
	Records []struct {
		Sns struct{ Message string }
	}
}

// read tells of a message what may be told.
func read(m types.Message) Letter {
	l := Letter{ID: aws.ToString(m.MessageId), What: whatUndefined}
	if ms, err := strconv.ParseInt(m.Attributes[string(types.MessageSystemAttributeNameSentTimestamp)], 10, 64); err == nil {
		l.Since = time.UnixMilli(ms)
	}
	if n, err := strconv.Atoi(m.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)]); err == nil {
		l.Received = n
	}
	l.Reason = attributeReason(m)
	var b body
	if err := json.Unmarshal([]byte(aws.ToString(m.Body)), &b); err != nil {
		return l
	}
	switch {
	case b.RequestContext != nil:
		l.What, l.Reason = whatRun, b.reason()
		var r records
		if json.Unmarshal(b.RequestPayload, &r) == nil && len(r.Records) > 0 {
			l.What = whatEvent
			l.Customer, l.Invitation = named(r.Records[0].Sns.Message)
		}
	case b.Type == "Notification":
		l.What = whatEvent
		l.Customer, l.Invitation = named(b.Message)
	case b.Invitation != "":
		l.What, l.Customer, l.Invitation = whatMail, b.Customer, b.Invitation
	case l.Reason != "":
		l.What = whatRun // what the scheduler could not deliver: its reason is in the attributes
	}
	return l
}

// named is the invitation that an SES event's tags name.
func named(event string) (customer, invitation string) {
	var e struct {
		Mail struct{ Tags map[string][]string }
	}
	if err := json.Unmarshal([]byte(event), &e); err != nil {
		return "", ""
	}
	ref, err := ledger.ParseTags(e.Mail.Tags)
	if err != nil {
		return "", ""
	}
	return ref.Customer, ref.Invitation
}

// reason is Lambda's: why it gave up, and the last error of the function.
func (b *body) reason() string {
	why := b.RequestContext.Condition
	if n := b.RequestContext.Attempts; n > 0 {
		why += " after " + strconv.Itoa(n)
	}
	if p := b.ResponsePayload; p != nil {
		why += ": " + strings.TrimSpace(p.Type+" "+p.Message)
	}
	return speakable(why)
}

// reasons are the attributes in which EventBridge Scheduler says why it gave up.
var reasons = []string{"ERROR_CODE", "ERROR_MESSAGE", "EXHAUSTED_RETRY_CONDITION", "RETRY_ATTEMPTS"}

func attributeReason(m types.Message) string {
	var said []string
	for _, name := range reasons {
		if v, ok := m.MessageAttributes[name]; ok && aws.ToString(v.StringValue) != "" {
			said = append(said, *v.StringValue)
		}
	}
	return speakable(strings.Join(said, ", "))
}

// maxReason of characters is what a line has room for.
const maxReason = 200

var (
	addressLike = regexp.MustCompile(`\S*@\S*`)
	control     = regexp.MustCompile(`[\pC\s]+`)
)

// speakable takes from a reason whatever could be an address, and what would
// disturb a terminal. Our own errors hold no personal datum; those of a library
// might quote one.
func speakable(reason string) string {
	reason = addressLike.ReplaceAllString(control.ReplaceAllString(reason, " "), "(address)")
	if r := []rune(reason); len(r) > maxReason {
		reason = string(r[:maxReason-1]) + "…"
	}
	return strings.TrimSpace(reason)
}
