package binaries

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"kaiku/infra/parts"
	"kaiku/infra/runtimeapi"
)

const stack = "kaiku-dead"

// deadLetters makes a queue as CloudFormation would name it.
func (c *cloud) deadLetters(t *testing.T, logical string) (url string) {
	t.Helper()
	made, err := c.sqs.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(stack + "-" + logical + "-1A2B3C")})
	if err != nil {
		t.Fatal(err)
	}
	return *made.QueueUrl
}

// afterFive lets what failed five times end in another queue, as template.yaml
// does.
func (c *cloud) afterFive(t *testing.T, deadLetters string) {
	t.Helper()
	of, err := c.sqs.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &deadLetters, AttributeNames: []sqstypes.QueueAttributeName{"QueueArn"}})
	if err != nil {
		t.Fatal(err)
	}
	policy := fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":"5"}`, of.Attributes["QueueArn"])
	if _, err := c.sqs.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &c.queue, Attributes: map[string]string{"RedrivePolicy": policy}}); err != nil {
		t.Fatal(err)
	}
}

// poll does what Lambda's poller does until the queue is empty: hands batches to
// send, deletes what it did not report as failed, lets the rest be seen again. It
// returns how many batches there were.
func (c *cloud) poll(t *testing.T) (batches int) {
	t.Helper()
	for {
		out, err := c.sqs.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &c.queue, MaxNumberOfMessages: 10})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Messages) == 0 {
			return batches
		}
		if batches++; batches > 20 {
			t.Fatal("the queue does not get empty")
		}
		var batch events.SQSEvent
		for _, m := range out.Messages {
			batch.Records = append(batch.Records, events.SQSMessage{MessageId: *m.MessageId, Body: *m.Body})
		}
		var answer events.SQSEventResponse
		if err := json.Unmarshal(c.invoke(t, "send", batch), &answer); err != nil {
			t.Fatal(err)
		}
		failed := map[string]bool{}
		for _, f := range answer.BatchItemFailures {
			failed[f.ItemIdentifier] = true
		}
		for _, m := range out.Messages {
			if failed[*m.MessageId] {
				_, err = c.sqs.ChangeMessageVisibility(t.Context(), &sqs.ChangeMessageVisibilityInput{QueueUrl: &c.queue, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: 0})
			} else {
				_, err = c.sqs.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &c.queue, ReceiptHandle: m.ReceiptHandle})
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// plan plans a survey for a customer of its own, and puts it into the queue.
func (c *cloud) plan(t *testing.T, customer, address string) (invitation string) {
	t.Helper()
	taken := c.request(t, "webhook", "webhook.apigateway-v2.json", func(r *events.APIGatewayV2HTTPRequest) {
		r.Body = strings.ReplaceAll(r.Body, `"C-1001"`, `"`+customer+`"`)
		sign(t, "msg_"+customer, "maija@leipomo.example", address)(r)
	})
	var answer struct {
		Decisions []struct{ Invitation string }
	}
	if err := json.Unmarshal([]byte(taken.Body), &answer); err != nil || len(answer.Decisions) != 1 || answer.Decisions[0].Invitation == "" {
		t.Fatalf("%d %s", taken.StatusCode, taken.Body)
	}
	return answer.Decisions[0].Invitation
}

// kaiku runs the operator's command.
func (c *cloud) kaiku(t *testing.T, env []string, arguments ...string) (output string, failed error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), runtimeapi.Build(t, "kaiku/infra/kaiku"), arguments...)
	cmd.Env = append([]string{"AWS_REGION=" + region, "AWS_ACCESS_KEY_ID=" + parts.AccessKey, "AWS_SECRET_ACCESS_KEY=" + parts.SecretKey,
		"AWS_EC2_METADATA_DISABLED=true", "AWS_ENDPOINT_URL_SQS=" + c.moto, "KAIKU_STACK=" + stack, "HOME=" + t.TempDir()}, env...)
	b, err := cmd.CombinedOutput()
	return string(b), err
}

// An item that somebody spoilt by hand makes one mail fail whatever is done,
// until it is mended.
func TestAPoisonMessageEndsAmongTheDeadLettersAndComesBack(t *testing.T) {
	c := deploy(t)
	dead := c.deadLetters(t, "SendDeadLetters")
	c.afterFive(t, dead)
	const poisoned, neighbour, other = "p@poison.example", "n@neighbour.example", "o@other.example"
	invitation := c.plan(t, "C-poison", poisoned)
	c.plan(t, "C-neighbour", neighbour)
	c.plan(t, "C-other", other)
	mend := c.spoil(t, "C-poison")
	c.invoke(t, "agenda", payload(t, "agenda.schedule.json"))
	if batches := c.poll(t); batches != 5 {
		t.Errorf("the message was tried %d times, want 5", batches)
	}
	for address, want := range map[string]int{poisoned: 0, neighbour: 1, other: 1} {
		if n := len(c.mails(t, address)); n != want {
			t.Errorf("%d mails to %s, want %d", n, address, want)
		}
	}

	for range 2 { // looking takes nothing away
		listed, err := c.kaiku(t, nil, "dead-letters", "list", "send")
		if err != nil || !strings.HasPrefix(listed, "send: 1 message\n") || !strings.Contains(listed, "C-poison") || !strings.Contains(listed, invitation) || strings.Contains(listed, "@") {
			t.Fatalf("list: %v\n%s", err, listed)
		}
	}
	if said, err := c.kaiku(t, nil, "dead-letters", "redrive", "send"); err == nil || !strings.Contains(said, "nothing was moved") {
		t.Errorf("without a yes: %v\n%s", err, said)
	}
	// moto has no tasks, as an SQS that lacks them would not.
	if said, err := c.kaiku(t, nil, "dead-letters", "redrive", "send", "--yes"); err == nil || !strings.Contains(said, "--one-by-one") {
		t.Errorf("where SQS cannot: %v\n%s", err, said)
	}

	mend()
	said, err := c.kaiku(t, nil, "dead-letters", "redrive", "send", "--yes", "--one-by-one", "--max-per-second", "100")
	if err != nil || !strings.Contains(said, "1 went back") {
		t.Fatalf("redrive: %v\n%s", err, said)
	}
	c.poll(t)
	for _, address := range []string{poisoned, neighbour, other} {
		if n := len(c.mails(t, address)); n != 1 {
			t.Errorf("%d mails to %s after all was mended, want 1", n, address)
		}
	}
	if listed, err := c.kaiku(t, nil, "dead-letters", "list", "send"); err != nil || listed != "send: nothing waits\n" {
		t.Errorf("list: %v\n%s", err, listed)
	}
}

// spoil overwrites the stored state of a customer; mend puts it back.
func (c *cloud) spoil(t *testing.T, customer string) (mend func()) {
	t.Helper()
	client := parts.DynamoClient(t)
	key := map[string]dynamotypes.AttributeValue{"pk": &dynamotypes.AttributeValueMemberS{Value: "CUSTOMER#" + customer}, "sk": &dynamotypes.AttributeValueMemberS{Value: "STATE"}}
	before, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &c.table, Key: key})
	if err != nil || before.Item == nil {
		t.Fatalf("no state of %s: %v", customer, err)
	}
	set := func(body dynamotypes.AttributeValue) {
		_, err := client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &c.table, Key: key, UpdateExpression: aws.String("SET #b = :b"),
			ExpressionAttributeNames: map[string]string{"#b": "body"}, ExpressionAttributeValues: map[string]dynamotypes.AttributeValue{":b": body}})
		if err != nil {
			t.Fatal(err)
		}
	}
	set(&dynamotypes.AttributeValueMemberS{Value: "{spoilt"})
	return func() { set(before.Item["body"]) }
}

// invocations answers for Lambda's Invoke with the real function.
func (c *cloud) invocations(t *testing.T) (endpoint string, calls *int) {
	t.Helper()
	calls = new(int)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2015-03-31/functions/{name}/invocations", func(w http.ResponseWriter, r *http.Request) {
		*calls++
		body, err := io.ReadAll(r.Body)
		if err != nil || r.PathValue("name") != stack+"-mailevent" {
			t.Errorf("%s: %v", r.PathValue("name"), err)
		}
		answer, err := c.functions["mailevent"].Invoke(r.Context(), body)
		var failed *runtimeapi.FunctionError
		if errors.As(err, &failed) {
			w.Header().Set("X-Amz-Function-Error", "Unhandled")
			answer, err = json.Marshal(map[string]string{"errorType": failed.Type, "errorMessage": failed.Message})
		}
		if err != nil {
			t.Error(err)
		}
		w.Write(answer)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL, calls
}

func TestEventsThatWereGivenUpAreHandedToTheFunctionAgain(t *testing.T) {
	c := deploy(t)
	failures := c.deadLetters(t, "MaileventFailures")
	const address = "e@events.example"
	invitation := c.plan(t, "C-events", address)
	c.invoke(t, "agenda", payload(t, "agenda.schedule.json"))
	c.poll(t)
	bounce := string(c.sns.sign(t, []byte(strings.NewReplacer(
		`\"customer\":[\"Qy0xMDAx\"]`, `\"customer\":[\"`+base64.RawURLEncoding.EncodeToString([]byte("C-events"))+`\"]`,
		"01JD8Q4Z5X8T2V7W9Y3B6N1M0K", invitation, `\"day\":[\"2026-11-25\"]`, `\"day\":[\"`+today()+`\"]`, "maija@leipomo.example", address,
	).Replace(string(payload(t, "mailevent.bounce-permanent.sns.json"))))))
	var called struct {
		Records []struct{ Sns json.RawMessage }
	}
	if err := json.Unmarshal([]byte(bounce), &called); err != nil {
		t.Fatal(err)
	}
	put := func(body string) {
		t.Helper()
		if _, err := c.sqs.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &failures, MessageBody: &body}); err != nil {
			t.Fatal(err)
		}
	}
	// What Lambda leaves, and what SNS leaves.
	put(`{"version":"1.0","requestContext":{"requestId":"r","condition":"RetriesExhausted","approximateInvokeCount":3},"requestPayload":` + bounce +
		`,"responsePayload":{"errorType":"wrapError","errorMessage":"the table is not there"}}`)
	put(string(called.Records[0].Sns))

	listed, err := c.kaiku(t, nil, "dead-letters", "list", "mailevent")
	if err != nil || strings.Count(listed, invitation) != 2 || !strings.Contains(listed, "the table is not there") || strings.Contains(listed, "@") {
		t.Errorf("list: %v\n%s", err, listed)
	}
	lambda, calls := c.invocations(t)
	at := []string{"AWS_ENDPOINT_URL_LAMBDA=" + lambda}
	said, err := c.kaiku(t, at, "dead-letters", "redrive", "mailevent", "--yes")
	if err != nil || *calls != 2 || !strings.Contains(said, "2 went to the function again") {
		t.Fatalf("redrive: %v, %d calls\n%s", err, *calls, said)
	}
	timeline := c.request(t, "report", "timeline.apigateway-v2.json", func(r *events.APIGatewayV2HTTPRequest) {
		r.Headers["authorization"] = "Bearer " + reportToken
		r.RawPath, r.RequestContext.HTTP.Path = "/customers/C-events/timeline", "/customers/C-events/timeline"
	})
	if strings.Count(timeline.Body, `"state":"bounced"`) != 1 {
		t.Errorf("timeline: %s", timeline.Body)
	}

	put(`{"requestContext":{"condition":"RetriesExhausted"},"requestPayload":{"Records":[{"Sns":{"Message":"no event"}}]}}`)
	if said, err := c.kaiku(t, at, "dead-letters", "redrive", "mailevent", "--yes"); err == nil || !strings.Contains(said, "refused") {
		t.Errorf("one that fails again: %v\n%s", err, said)
	}
	if listed, err := c.kaiku(t, nil, "dead-letters", "list", "mailevent"); err != nil || !strings.HasPrefix(listed, "mailevent: 1 message\n") {
		t.Errorf("it must stay: %v\n%s", err, listed)
	}
}

func TestRunsAreNotHandedBack(t *testing.T) {
	c := deploy(t)
	for _, logical := range []string{"AgendaFailures", "AggregateFailures"} {
		c.deadLetters(t, logical)
	}
	for _, function := range []string{"agenda", "aggregate"} {
		if said, err := c.kaiku(t, nil, "dead-letters", "redrive", function, "--yes"); err == nil || !strings.Contains(said, "purge-queue") {
			t.Errorf("%s: %v\n%s", function, err, said)
		}
	}
	if said, err := c.kaiku(t, nil, "dead-letters", "list", "--stack", "nobodys"); err == nil || !strings.Contains(said, "--stack") {
		t.Errorf("a stack that is not there: %v\n%s", err, said)
	}
}
