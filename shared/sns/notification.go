// Package sns tells what Amazon SNS has sent from what only says so: it checks
// the signature of a notification as the SNS Developer Guide has it ("Verifying
// the signatures of Amazon SNS messages"), before anyone acts on its word.
package sns

import "strings"

// Event is what SNS hands to a Lambda function (AWS Lambda Developer Guide,
// "Using Lambda with Amazon SNS"). It is decoded here, not by aws-lambda-go's
// SNSEvent: that one parses the timestamp, and what was signed is its text.
type Event struct {
	Records []Record
}

// Record holds one notification; SNS sends events of one record.
type Record struct {
	SNS Notification `json:"Sns"`
}

// Notification is one message of a topic. SNS spells SigningCertURL so towards
// HTTP endpoints and SigningCertUrl towards Lambda; encoding/json takes both.
type Notification struct {
	Type      string
	MessageID string `json:"MessageId"`
	TopicARN  string `json:"TopicArn"`
	// Subject is nil when the publisher gave none: it is not signed then.
	Subject   *string
	Message   string
	Timestamp string

	SignatureVersion string
	Signature        string
	SigningCertURL   string
}

// typeNotification is the one type that Lambda is ever sent. The other two, the
// confirmations of subscribing and unsubscribing, are for HTTP endpoints.
const typeNotification = "Notification"

// canonical is the text that SNS signs: names and values, a line each, in
// alphabetical order (SNS Developer Guide, "Verifying the signature of an Amazon
// SNS message when using HTTP query-based requests", step 5).
func (n Notification) canonical() string {
	var b strings.Builder
	line := func(name, value string) {
		b.WriteString(name)
		b.WriteByte('\n')
		b.WriteString(value)
		b.WriteByte('\n')
	}
	line("Message", n.Message)
	line("MessageId", n.MessageID)
	if n.Subject != nil {
		line("Subject", *n.Subject)
	}
	line("Timestamp", n.Timestamp)
	line("TopicArn", n.TopicARN)
	line("Type", n.Type)
	return b.String()
}

// unambiguous says whether canonical can be read in one way alone. The form has
// no escapes: if values beside the message could hold line breaks, part of a
// signed message could be passed off as another field.
func (n Notification) unambiguous() bool {
	values := n.MessageID + n.Timestamp + n.TopicARN + n.Type
	if n.Subject != nil {
		values += *n.Subject
	}
	return !strings.Contains(values, "\n")
}
