package binaries

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"kaiku/infra/parts"
	"kaiku/infra/runtimeapi"
)

// sign makes the sample event happen now.
func sign(t *testing.T, id, from, to string) func(*events.APIGatewayV2HTTPRequest) {
	t.Helper()
	wh, err := standardwebhooks.NewWebhook(secrets)
	if err != nil {
		t.Fatal(err)
	}
	return func(r *events.APIGatewayV2HTTPRequest) {
		now := time.Now()
		var body map[string]any
		if err := json.Unmarshal([]byte(strings.ReplaceAll(r.Body, from, to)), &body); err != nil {
			t.Fatal(err)
		}
		body["timestamp"] = now.UTC().Format(time.RFC3339)
		contract := body["data"].(map[string]any)["contract"].(map[string]any)
		contract["endsOn"] = nil // the sample's end will be past one day, and this runs by the real clock
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		signature, err := wh.Sign(id, now, b)
		if err != nil {
			t.Fatal(err)
		}
		r.Body = string(b)
		r.Headers["webhook-id"], r.Headers["webhook-timestamp"], r.Headers["webhook-signature"] = id, strconv.FormatInt(now.Unix(), 10), signature
	}
}

func withToken(token string) func(*events.APIGatewayV2HTTPRequest) {
	return func(r *events.APIGatewayV2HTTPRequest) {
		old := strings.Split(r.RawPath, "/")[2]
		r.RawPath = strings.Replace(r.RawPath, old, token, 1)
		r.RequestContext.HTTP.Path = strings.Replace(r.RequestContext.HTTP.Path, old, token, 1)
		if _, ok := r.PathParameters["token"]; ok {
			r.PathParameters["token"] = token
		}
	}
}

func TestOneSurveyThroughEveryFunction(t *testing.T) {
	c := deploy(t)
	const address = "paula@kaikuluotain.example"

	taken := c.request(t, "webhook", "webhook.apigateway-v2.json", sign(t, "msg_1", "maija@leipomo.example", address))
	if taken.StatusCode != http.StatusAccepted || !strings.Contains(taken.Body, `"planned"`) {
		t.Fatalf("webhook: %d %s", taken.StatusCode, taken.Body)
	}
	again := c.request(t, "webhook", "webhook.apigateway-v2.json", sign(t, "msg_1", "maija@leipomo.example", address))
	if again.StatusCode != http.StatusOK || !strings.Contains(again.Body, `"duplicate":true`) {
		t.Fatalf("webhook, the second time: %d %s", again.StatusCode, again.Body)
	}

	c.invoke(t, "agenda", payload(t, "agenda.schedule.json"))
	batch := c.queued(t)
	if len(batch.Records) != 1 {
		t.Fatalf("%d mails in the queue, want 1", len(batch.Records))
	}
	batch.Records = append(batch.Records, batch.Records[0]) // SQS delivers at least once
	var failed events.SQSEventResponse
	if err := json.Unmarshal(c.invoke(t, "send", batch), &failed); err != nil || len(failed.BatchItemFailures) != 0 {
		t.Fatalf("send: %+v, %v", failed, err)
	}
	mails := c.mails(t, address)
	if len(mails) != 1 {
		t.Fatalf("%d mails, want 1", len(mails))
	}
	answer, unsubscribe := links(t, mails[0])

	var invitation struct{ Customer, Invitation string }
	if err := json.Unmarshal([]byte(batch.Records[0].Body), &invitation); err != nil {
		t.Fatal(err)
	}
	delivery := strings.NewReplacer(
		`\"customer\":[\"Qy0xMDAx\"]`, `\"customer\":[\"`+base64.RawURLEncoding.EncodeToString([]byte(invitation.Customer))+`\"]`,
		"01JD8Q4Z5X8T2V7W9Y3B6N1M0K", invitation.Invitation,
		`\"day\":[\"2026-11-25\"]`, `\"day\":[\"`+today()+`\"]`,
	).Replace(string(payload(t, "mailevent.delivery.sns.json")))
	for range 2 { // SNS delivers at least once, too
		c.invoke(t, "mailevent", c.sns.sign(t, []byte(delivery)))
	}

	page := c.request(t, "respond", "respond.get.apigateway-v2.json", withToken(answer))
	if page.StatusCode != http.StatusOK || !strings.Contains(page.Body, "<form") {
		t.Fatalf("page: %d %.200s", page.StatusCode, page.Body)
	}
	posted := c.request(t, "respond", "respond.post.apigateway-v2.json", func(r *events.APIGatewayV2HTTPRequest) {
		withToken(answer)(r)
		r.IsBase64Encoded, r.Body = true, base64.StdEncoding.EncodeToString([]byte("score=4&comment=Kiitos+Paulalta"))
	})
	if posted.StatusCode != http.StatusOK {
		t.Fatalf("answer: %d %.200s", posted.StatusCode, posted.Body)
	}
	if left := c.request(t, "respond", "unsubscribe.post.apigateway-v2.json", withToken(unsubscribe)); left.StatusCode != http.StatusOK {
		t.Fatalf("unsubscribe: %d", left.StatusCode)
	}
	next := c.request(t, "webhook", "webhook.apigateway-v2.json", sign(t, "msg_2", "maija@leipomo.example", address))
	if next.StatusCode != http.StatusAccepted || !strings.Contains(next.Body, `"unsubscribed"`) {
		t.Errorf("an event after unsubscribing: %d %s", next.StatusCode, next.Body)
	}

	// The count is due at the next full hour, which no test waits for: a look at
	// the report says that it is served, the count itself is the ledger's test.
	c.invoke(t, "aggregate", payload(t, "aggregate.schedule.json"))
	bearer := func(r *events.APIGatewayV2HTTPRequest) { r.Headers["authorization"] = "Bearer " + reportToken }
	if report := c.request(t, "report", "report.apigateway-v2.json", bearer); report.StatusCode != http.StatusOK || !strings.Contains(report.Body, `"asOf"`) {
		t.Errorf("report: %d %s", report.StatusCode, report.Body)
	}
	timeline := c.request(t, "report", "timeline.apigateway-v2.json", bearer)
	for _, want := range []string{`"state":"sent"`, `"state":"delivered"`, `"what":"answer"`, `"score":4`} {
		if timeline.StatusCode != http.StatusOK || strings.Count(timeline.Body, want) != 1 {
			t.Errorf("timeline: %d, want %s once in %s", timeline.StatusCode, want, timeline.Body)
		}
	}

	private := []string{address, "maija@", "Lahtinen", "Kiitos", "Paulalta", answer, unsubscribe, secrets, linkKeys, reportToken}
	for _, name := range names {
		f := c.functions[name]
		output := f.Output()
		for _, word := range private {
			if strings.Contains(output, word) {
				t.Errorf("%s logs something private (%.12s…)", name, word)
			}
		}
		t.Logf("%-9s init %v, invocations %v", name, f.Inits(), f.Durations())
	}
}

// today is the day by which a survey sent now is counted.
func today() string {
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		panic(err)
	}
	return time.Now().In(helsinki).Format(time.DateOnly)
}

// Every sample is understood as it stands: what it asks for is refused or not
// found, and none is an error of the function.
func TestEverySamplePayloadIsUnderstood(t *testing.T) {
	c := deploy(t)
	for sample, want := range map[string]int{
		"webhook.apigateway-v2.json":          http.StatusUnauthorized,
		"respond.get.apigateway-v2.json":      http.StatusNotFound,
		"respond.post.apigateway-v2.json":     http.StatusNotFound,
		"unsubscribe.post.apigateway-v2.json": http.StatusNotFound,
		"report.apigateway-v2.json":           http.StatusUnauthorized,
		"timeline.apigateway-v2.json":         http.StatusUnauthorized,
	} {
		function, _, _ := strings.Cut(sample, ".")
		switch function {
		case "unsubscribe":
			function = "respond"
		case "timeline":
			function = "report"
		}
		if answer := c.request(t, function, sample, nil); answer.StatusCode != want {
			t.Errorf("%s: %d, want %d", sample, answer.StatusCode, want)
		}
	}
	mailEvents, err := filepath.Glob("../../events/lambda/mailevent.*")
	if err != nil || len(mailEvents) == 0 {
		t.Fatal("no sample of a mail event", err)
	}
	for _, file := range mailEvents {
		c.invoke(t, "mailevent", c.sns.sign(t, payload(t, filepath.Base(file))))
	}
	c.invoke(t, "agenda", payload(t, "agenda.schedule.json"))
	c.invoke(t, "aggregate", payload(t, "aggregate.schedule.json"))
	var failed events.SQSEventResponse
	if err := json.Unmarshal(c.invoke(t, "send", payload(t, "send.sqs.json")), &failed); err != nil || len(failed.BatchItemFailures) != 2 {
		t.Errorf("send, of invitations that nobody knows: %+v, %v", failed, err)
	}
}

func TestAMissingEnvironmentIsReportedAtOnce(t *testing.T) {
	parts.DynamoDB(t) // the same condition as the others: this machine can run functions
	f := runtimeapi.Start(t, runtimeapi.Build(t, "kaiku/functions/send/bootstrap"), map[string]string{"AWS_REGION": region})
	if _, err := f.Invoke(t.Context(), []byte("{}")); err == nil {
		t.Fatal("it started")
	}
	for _, name := range []string{"TABLE", "CONFIGURATION_SET", "BASE_URL", "LINK_KEYS"} {
		if !strings.Contains(f.Output(), name) {
			t.Errorf("it does not say that %s is missing: %s", name, f.Output())
		}
	}
}
