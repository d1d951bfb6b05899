// Package binaries tests what is deployed: every function's built bootstrap, as
// a process driven over the Lambda Runtime API with the payloads of events/,
// against DynamoDB Local and moto's SES v2 and SQS, with one answer of SES that
// moto lacks (GetAccount) beside it.
package binaries

import (
	"encoding/json"
	"html"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"kaiku/infra/parts"
	"kaiku/infra/runtimeapi"
	"kaiku/shared/table/dynamo"
)

const (
	secrets     = "whsec_dGhlIHNlY3JldCBvZiB0aGUgYmluYXJpZXMnIHRlc3Q="
	linkKeys    = "dGhlIGxpbmsga2V5IG9mIHRoZSBiaW5hcmllcycgdGVzdA=="
	reportToken = "the-report-token-of-the-binaries-test"
	baseURL     = "https://kysely.kaiku.example"
	region      = "eu-north-1"
)

// atOnce is a policy under which a survey leaves in the minute of its event: a
// deployed function has no clock to turn.
const atOnce = `
triggers:
  changed: {on: true, delay: 0m}
openings: {days: [mon, tue, wed, thu, fri, sat, sun], from: "00:00", to: "24:00", holidays: none}
`

// cloud is a deployment: a table, a queue, SES, and the functions.
type cloud struct {
	functions map[string]*runtimeapi.Function
	moto      string
	sns       *signingHost
	queue     string
	table     string
	sqs       *sqs.Client
}

var names = []string{"webhook", "agenda", "send", "respond", "mailevent", "aggregate", "report"}

func deploy(t *testing.T) *cloud {
	t.Helper()
	client, table := parts.DynamoClient(t), "kaiku-"+strings.ToLower(strings.NewReplacer("/", "-").Replace(t.Name()))
	if err := dynamo.Create(t.Context(), client, table); err != nil {
		t.Fatal(err)
	}
	c := &cloud{functions: map[string]*runtimeapi.Function{}, moto: parts.Moto(t), table: table}
	login := credentials.NewStaticCredentialsProvider(parts.AccessKey, parts.SecretKey, "")
	c.sqs = sqs.New(sqs.Options{Region: region, BaseEndpoint: &c.moto, Credentials: login})
	queue, err := c.sqs.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(table)})
	if err != nil {
		t.Fatal(err)
	}
	c.queue = *queue.QueueUrl
	ses := sesv2.New(sesv2.Options{Region: region, BaseEndpoint: &c.moto, Credentials: login})
	if _, err := ses.CreateEmailIdentity(t.Context(), &sesv2.CreateEmailIdentityInput{EmailIdentity: aws.String("kaiku.example")}); err != nil &&
		!strings.Contains(err.Error(), "AlreadyExists") {
		t.Fatal(err)
	}
	policy := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(policy, []byte(atOnce), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"AWS_REGION": region, "AWS_ACCESS_KEY_ID": parts.AccessKey, "AWS_SECRET_ACCESS_KEY": parts.SecretKey,
		"AWS_ENDPOINT_URL_DYNAMODB": parts.DynamoDB(t), "AWS_ENDPOINT_URL_SESV2": c.moto, "AWS_ENDPOINT_URL_SQS": c.moto,
		"TABLE": table, "POLICY": policy, "LOG_LEVEL": "debug"}
	c.sns = startSNS(t)
	own := map[string]map[string]string{
		"mailevent": {"MAIL_EVENTS_TOPIC_ARN": mailTopic, "HTTPS_PROXY": c.sns.proxy, "SSL_CERT_FILE": c.sns.authority},
		"webhook":   {"WEBHOOK_SECRETS": secrets},
		"agenda":    {"QUEUE_URL": c.queue, "AWS_ENDPOINT_URL_SESV2": account(t)},
		"send":      {"CONFIGURATION_SET": "kaiku", "BASE_URL": baseURL, "LINK_KEYS": linkKeys},
		"aggregate": {"CONFIGURATION_SET": "kaiku", "BASE_URL": baseURL, "LINK_KEYS": linkKeys},
		"respond":   {"BASE_URL": baseURL, "LINK_KEYS": linkKeys},
		"report":    {"BASE_URL": baseURL, "LINK_KEYS": linkKeys, "REPORT_TOKEN": reportToken},
	}
	for _, name := range names {
		all := maps.Clone(env)
		maps.Copy(all, own[name])
		c.functions[name] = runtimeapi.Start(t, runtimeapi.Build(t, "kaiku/functions/"+name+"/bootstrap"), all)
	}
	return c
}

// account is SES's GetAccount, which moto does not have.
func account(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/v2/email/account" {
			t.Errorf("the agenda asks SES to %s %s", r.Method, r.URL.Path)
		}
		w.Header().Set("Content-Type", "application/json")
		if _, err := io.WriteString(w, `{"SendingEnabled":true,"EnforcementStatus":"HEALTHY","SendQuota":{"Max24HourSend":50000,"MaxSendRate":1000,"SentLast24Hours":0}}`); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// payload reads a sample event.
func payload(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "events", "lambda", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// invoke calls a function and fails the test if it fails.
func (c *cloud) invoke(t *testing.T, function string, event any) []byte {
	t.Helper()
	b, ok := event.([]byte)
	if !ok {
		var err error
		if b, err = json.Marshal(event); err != nil {
			t.Fatal(err)
		}
	}
	answer, err := c.functions[function].Invoke(t.Context(), b)
	if err != nil {
		t.Fatalf("%s: %v", function, err)
	}
	return answer
}

// request calls an HTTP function with a sample event that change has made fit.
func (c *cloud) request(t *testing.T, function, sample string, change func(*events.APIGatewayV2HTTPRequest)) events.APIGatewayV2HTTPResponse {
	t.Helper()
	var r events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(payload(t, sample), &r); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&r)
	}
	var answer events.APIGatewayV2HTTPResponse
	if err := json.Unmarshal(c.invoke(t, function, r), &answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

// queued takes what waits in the queue, as Lambda's poller hands it over.
func (c *cloud) queued(t *testing.T) events.SQSEvent {
	t.Helper()
	out, err := c.sqs.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &c.queue, MaxNumberOfMessages: 10,
		MessageSystemAttributeNames: []sqstypes.MessageSystemAttributeName{"All"}})
	if err != nil {
		t.Fatal(err)
	}
	var batch events.SQSEvent
	for _, m := range out.Messages {
		batch.Records = append(batch.Records, events.SQSMessage{MessageId: *m.MessageId, ReceiptHandle: *m.ReceiptHandle,
			Body: *m.Body, Attributes: m.Attributes, EventSource: "aws:sqs", AWSRegion: region})
		if _, err := c.sqs.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &c.queue, ReceiptHandle: m.ReceiptHandle}); err != nil {
			t.Fatal(err)
		}
	}
	return batch
}

// sent is a mail that moto's SES took.
type sent struct {
	ID           string
	Body         string
	Subject      string
	Destinations map[string][]string
}

// mails are those sent to an address.
func (c *cloud) mails(t *testing.T, to string) []sent {
	t.Helper()
	response, err := http.Get(c.moto + "/moto-api/data.json")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }() // it is read to its end
	b, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var data struct{ Ses struct{ Message []sent } }
	if err := json.Unmarshal(b, &data); err != nil {
		t.Fatal(err)
	}
	var mine []sent
	for _, m := range data.Ses.Message {
		for _, address := range m.Destinations["ToAddresses"] {
			if address == to {
				mine = append(mine, m)
			}
		}
	}
	return mine
}

// links finds the tokens of a mail: of its survey page and of unsubscribing.
func links(t *testing.T, m sent) (answer, unsubscribe string) {
	t.Helper()
	body := html.UnescapeString(m.Body)
	s := regexp.MustCompile(`/s/([\w-]+)\?score=4`).FindStringSubmatch(body)
	u := regexp.MustCompile(`/u/([\w-]+)`).FindStringSubmatch(body)
	if s == nil || u == nil {
		t.Fatalf("the mail has no links: %.300s", body)
	}
	return s[1], u[1]
}
