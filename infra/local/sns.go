package local

import (
	"encoding/json"
	"fmt"
	"time"

	"kaiku/shared/sns"
)

// mailTopic is the topic that the local SES publishes to.
const mailTopic = "arn:aws:sns:eu-north-1:000000000000:kaiku-mail-events"

// openSNS makes what stands for SNS, with a key of this run, and the verifier
// that the mailevent function has in the cloud: what is not signed is refused
// here too. Its certificate is in force for as long as the clock can run.
func openSNS(now func() time.Time) (*sns.Signer, *sns.Verifier, error) {
	topic, err := sns.ParseTopic(mailTopic)
	if err != nil {
		return nil, nil, fmt.Errorf("the local topic: %w", err)
	}
	signer, err := sns.NewSigner(topic, "2", earliest, latest)
	if err != nil {
		return nil, nil, err
	}
	return signer, sns.NewVerifier(topic, signer, now), nil
}

// sesEvent is the SES event of a mail as SNS hands it to the function.
func (l *Local) sesEvent(mail Mail, kind, bounceType string, at time.Time) (sns.Event, error) {
	tags := map[string][]string{}
	for name, value := range mail.tags {
		tags[name] = []string{value}
	}
	stamp := at.UTC().Format(sns.TimestampFormat)
	event := map[string]any{"eventType": kind, "mail": map[string]any{
		"messageId": mail.MessageID, "timestamp": mail.At.UTC().Format(sns.TimestampFormat), "tags": tags}}
	switch kind {
	case "Bounce":
		event["bounce"] = map[string]any{"bounceType": bounceType, "bounceSubType": "General", "timestamp": stamp}
	case "Complaint":
		event["complaint"] = map[string]any{"timestamp": stamp}
	case "Delivery":
		event["delivery"] = map[string]any{"timestamp": stamp}
	case "DeliveryDelay":
		event["deliveryDelay"] = map[string]any{"timestamp": stamp}
	}
	message, err := json.Marshal(event)
	if err != nil {
		return sns.Event{}, fmt.Errorf("making an SES event: %w", err)
	}
	subject := "Amazon SES Email Event Notification"
	n, err := l.sns.Sign(sns.Notification{MessageID: mail.MessageID + "-" + kind, Subject: &subject, Timestamp: stamp, Message: string(message)})
	return sns.Event{Records: []sns.Record{{SNS: n}}}, err
}
