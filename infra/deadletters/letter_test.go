package deadletters

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"
)

// sample is a payload of events/lambda.
func sample(t *testing.T, name string) json.RawMessage {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "events", "lambda", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// notification is a sample's first record as SNS itself puts it into a queue.
func notification(t *testing.T, name string) string {
	t.Helper()
	var r struct {
		Records []struct{ Sns json.RawMessage }
	}
	if err := json.Unmarshal(sample(t, name), &r); err != nil {
		t.Fatal(err)
	}
	return string(r.Records[0].Sns)
}

// record is what Lambda leaves at a function's failure destination
// (AWS Lambda Developer Guide, "Retain records of asynchronous invocations").
func record(t *testing.T, payload json.RawMessage, failure string) string {
	t.Helper()
	b, err := json.Marshal(map[string]any{
		"version": "1.0", "timestamp": "2026-11-25T08:03:11.021Z",
		"requestContext":  map[string]any{"requestId": "c4b5", "functionArn": "arn:aws:lambda:eu-north-1:1:function:kaiku-mailevent:$LATEST", "condition": "RetriesExhausted", "approximateInvokeCount": 3},
		"requestPayload":  payload,
		"responseContext": map[string]any{"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
		"responsePayload": map[string]any{"errorMessage": failure, "errorType": "joinError"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func message(body string) types.Message {
	return types.Message{MessageId: aws.String("m-1"), Body: &body,
		Attributes: map[string]string{"SentTimestamp": "1795593601204", "ApproximateReceiveCount": "6"}}
}

func TestALetterSaysWhoseItIsAndWhy(t *testing.T) {
	const invitation = "01JD8Q4Z5X8T2V7W9Y3B6N1M0K"
	scheduled := message(`{"version":"0"}`)
	scheduled.MessageAttributes = map[string]types.MessageAttributeValue{
		"ERROR_CODE": {StringValue: aws.String("AWS.Scheduler.InternalServerError")}, "ERROR_MESSAGE": {StringValue: aws.String("Rate exceeded")}}
	for name, c := range map[string]struct {
		message types.Message
		want    Letter
	}{
		"mail": {message(`{"customer":"C-1","invitation":"` + invitation + `"}`), Letter{What: whatMail, Customer: "C-1", Invitation: invitation}},
		"SES event that the function failed on": {message(record(t, sample(t, "mailevent.bounce-permanent.sns.json"), "the table is not there")),
			Letter{What: whatEvent, Customer: "C-1001", Invitation: invitation, Reason: "RetriesExhausted after 3: joinError the table is not there"}},
		"SES event that SNS gave up": {message(notification(t, "mailevent.bounce-permanent.sns.json")), Letter{What: whatEvent, Customer: "C-1001", Invitation: invitation}},
		"SES event of no mail of ours": {message(record(t, sample(t, "mailevent.topic-validated.sns.json"), "x")),
			Letter{What: whatEvent, Reason: "RetriesExhausted after 3: joinError x"}},
		"run that failed": {message(record(t, sample(t, "agenda.schedule.json"), "it is late")),
			Letter{What: whatRun, Reason: "RetriesExhausted after 3: joinError it is late"}},
		"run that never began": {scheduled, Letter{What: whatRun, Reason: "AWS.Scheduler.InternalServerError, Rate exceeded"}},
		"no JSON":              {message("hello"), Letter{What: whatUndefined}},
		"no invitation":        {message("{}"), Letter{What: whatUndefined}},
	} {
		t.Run(name, func(t *testing.T) {
			c.want.ID, c.want.Since, c.want.Received = "m-1", time.UnixMilli(1795593601204), 6
			if diff := cmp.Diff(c.want, read(c.message)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestALetterHoldsNothingPersonal(t *testing.T) {
	quoting := "cannot write \"Maija Lahtinen <maija@leipomo.example>\"\x1b[2J\n" + strings.Repeat("long ", 200)
	for _, body := range []string{
		notification(t, "mailevent.bounce-permanent.sns.json"), notification(t, "mailevent.complaint.sns.json"),
		record(t, sample(t, "mailevent.bounce-permanent.sns.json"), quoting), `{"email":"maija@leipomo.example"}`, "maija@leipomo.example",
	} {
		told := fmt.Sprintf("%+v", read(message(body)))
		for _, word := range []string{"@", "leipomo", "TOKEN", "\x1b", "\n"} {
			if strings.Contains(told, word) {
				t.Errorf("told %q", told)
			}
		}
		if n := len([]rune(read(message(body)).Reason)); n > maxReason {
			t.Errorf("a reason of %d characters", n)
		}
	}
}

func TestThePayloadIsWhatTheFunctionWasCalledWith(t *testing.T) {
	want := sample(t, "mailevent.delivery.sns.json")
	got, err := payloadOf(record(t, want, "x"))
	if err != nil || !sameJSON(t, want, got) {
		t.Errorf("%v, %s", err, got)
	}
	got, err = payloadOf(notification(t, "mailevent.delivery.sns.json"))
	var r records
	if err != nil || json.Unmarshal(got, &r) != nil || len(r.Records) != 1 || !strings.Contains(r.Records[0].Sns.Message, `"Delivery"`) {
		t.Errorf("%v, %s", err, got)
	}
	for _, none := range []string{"hello", "{}", `{"customer":"C-1","invitation":"I"}`} {
		if got, err := payloadOf(none); err == nil {
			t.Errorf("%s became %s", none, got)
		}
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal(a, &x); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &y); err != nil {
		t.Fatal(err)
	}
	return cmp.Equal(x, y)
}
