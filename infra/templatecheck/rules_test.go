package templatecheck

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"kaiku/functions/agenda"
	"kaiku/functions/mailevent"
	"kaiku/functions/respond"
	"kaiku/infra/parts"
	"kaiku/shared/table/dynamo"
)

func TestLint(t *testing.T) {
	if _, err := exec.LookPath("cfn-lint"); err != nil {
		parts.Missing(t, "cfn-lint", install)
	}
	cmd := exec.Command("cfn-lint", template)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("cfn-lint: %v\n%s", err, out)
	}
}

// Each function has one folder, one resource.
func TestEveryFunctionIsDeployed(t *testing.T) {
	mains, err := filepath.Glob(filepath.Join(root, "functions", "*", "bootstrap", "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	var written []string
	for _, m := range mains {
		written = append(written, filepath.Base(filepath.Dir(filepath.Dir(m))))
	}
	deployed := slices.Sorted(maps.Keys(translated(t).functions(t)))
	if diff := cmp.Diff(written, deployed); diff != "" {
		t.Errorf("functions/*/bootstrap (-) and the functions of %s (+) differ:\n%s", template, diff)
	}
}

// grants is all that the functions may do, by the resource that they may do it
// to. A function that needs more gets it here as well as there, seen by whoever
// reviews it.
var grants = map[string]map[string][]string{
	"webhook": {
		"WebhookLog":                       logging,
		"Table":                            updating,
		"parameterWebhookSecretsParameter": {"ssm:GetParameter"},
		"SecretsKeyArn":                    {"kms:Decrypt"},
	},
	"agenda": {
		"AgendaLog":       logging,
		"Table":           sweeping,
		"Table/index/due": {"dynamodb:Query"},
		"SendQueue":       {"sqs:SendMessage"},
		"AgendaFailures":  {"sqs:SendMessage"},
		"*":               {"ses:GetAccount"},
	},
	"send": {
		"SendLog":                            logging,
		"SendQueue":                          {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"},
		"Table":                              updating,
		"identity/SenderIdentity":            {"ses:SendEmail"},
		"configuration-set/ConfigurationSet": {"ses:SendEmail"},
		"parameterLinkKeysParameter":         {"ssm:GetParameter"},
		"SecretsKeyArn":                      {"kms:Decrypt"},
	},
	"respond": {
		"RespondLog":                 logging,
		"Table":                      updating,
		"parameterLinkKeysParameter": {"ssm:GetParameter"},
		"SecretsKeyArn":              {"kms:Decrypt"},
	},
	"mailevent": {
		"MaileventLog":      logging,
		"Table":             updating,
		"MaileventFailures": {"sqs:SendMessage"},
	},
	"aggregate": {
		"AggregateLog":                       logging,
		"Table":                              sweeping,
		"Table/index/due":                    {"dynamodb:Query"},
		"AggregateFailures":                  {"sqs:SendMessage"},
		"identity/SenderIdentity":            {"ses:SendEmail"},
		"configuration-set/ConfigurationSet": {"ses:SendEmail"},
		"parameterLinkKeysParameter":         {"ssm:GetParameter"},
		"SecretsKeyArn":                      {"kms:Decrypt"},
	},
	"report": {
		"ReportLog":                      logging,
		"Table":                          reading,
		"parameterLinkKeysParameter":     {"ssm:GetParameter"},
		"parameterReportTokenParameter":  {"ssm:GetParameter"},
		"parameterAnswersTokenParameter": {"ssm:GetParameter"},
		"SecretsKeyArn":                  {"kms:Decrypt"},
	},
}

var (
	logging  = []string{"logs:CreateLogStream", "logs:PutLogEvents"}
	reading  = []string{"dynamodb:GetItem", "dynamodb:Query"}
	updating = []string{"dynamodb:GetItem", "dynamodb:UpdateItem"}
	sweeping = []string{"dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"}
)

func TestFunctionsMayDoWhatIsListedAndNoMore(t *testing.T) {
	d := translated(t)
	got := map[string]map[string][]string{}
	owner := map[string]string{}
	for name, f := range d.functions(t) {
		roleID := short(f.Properties["Role"])
		if other, taken := owner[roleID]; taken {
			t.Errorf("%s and %s share the role %s", name, other, roleID)
		}
		owner[roleID] = name
		role := d.Resources[roleID]
		if managed := role.Properties["ManagedPolicyArns"]; managed != nil {
			t.Errorf("%s: managed policies %v: what they grant is not seen here", roleID, managed)
		}
		got[name] = map[string][]string{}
		for _, s := range ofRole(role) {
			for _, r := range list(s["Resource"]) {
				got[name][short(r)] = append(got[name][short(r)], stringsOf(s["Action"])...)
			}
		}
		for _, actions := range got[name] {
			sort.Strings(actions)
		}
	}
	if diff := cmp.Diff(grants, got); diff != "" {
		t.Errorf("granted, listed (-) and in the template (+):\n%s", diff)
	}
}

// What the ledger does to items is granted, and what it does not is not. The
// driver writes with UpdateItem; each part of a transaction needs the permission
// of the single operation.
func TestGrantsCoverWhatTheLedgerDoes(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "shared", "ledger", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatal("shared/ledger is not there", err)
	}
	var source strings.Builder
	for _, f := range files {
		if !strings.HasSuffix(f, "_test.go") {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			source.Write(b)
		}
	}
	granted := map[string]bool{}
	for _, resources := range grants {
		for _, action := range resources["Table"] {
			granted[action] = true
		}
	}
	for call, action := range map[string]string{"table.Put(": "dynamodb:UpdateItem", "table.Delete(": "dynamodb:DeleteItem", "table.Check(": "dynamodb:ConditionCheckItem"} {
		if used := strings.Contains(source.String(), call); used != granted[action] {
			t.Errorf("shared/ledger calls %s: %t; a function may %s: %t", call+")", used, action, granted[action])
		}
	}
}

// No role, those that SAM adds included, may act on everything or do everything,
// and no resource policy lets in everyone.
func TestNothingIsGrantedOnEverything(t *testing.T) {
	d := translated(t)
	for id, role := range d.of(t, "AWS::IAM::Role") {
		for _, s := range ofRole(role) {
			for _, r := range stringsOf(s["Resource"]) {
				// AWS lists GetAccount without a resource type (Service Authorization
				// Reference, Amazon SES v2).
				if account := slices.Equal(stringsOf(s["Action"]), []string{"ses:GetAccount"}); strings.Contains(r, "*") && !account {
					t.Errorf("%s: Resource %q", id, r)
				}
			}
			for _, a := range stringsOf(s["Action"]) {
				if strings.Contains(a, "*") {
					t.Errorf("%s: Action %q", id, a)
				}
			}
			if s["NotAction"] != nil || s["NotResource"] != nil {
				t.Errorf("%s: grants by exclusion", id)
			}
		}
	}
	for _, kind := range []string{"AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy"} {
		for id, r := range d.of(t, kind) {
			for _, s := range statements(r.Properties["PolicyDocument"]) {
				principal, _ := s["Principal"].(map[string]any)
				if len(principal) != 1 || principal["Service"] == nil {
					t.Errorf("%s: Principal %v; want one service", id, s["Principal"])
				}
				if cond := fmt.Sprint(s["Condition"]); !strings.Contains(cond, "aws:SourceArn") {
					t.Errorf("%s: lets in %v for any account's resource", id, principal["Service"])
				}
			}
		}
	}
}

// environment is what each function is told, beside TABLE, POLICY and LOG_LEVEL.
var environment = map[string][]string{
	"webhook":   {"WEBHOOK_SECRETS_PARAMETER"},
	"agenda":    {"QUEUE_URL"},
	"send":      {"BASE_URL", "CONFIGURATION_SET", "LINK_KEYS_PARAMETER"},
	"respond":   {"BASE_URL", "LINK_KEYS_PARAMETER"},
	"mailevent": {"MAIL_EVENTS_TOPIC_ARN"},
	"aggregate": {"BASE_URL", "CONFIGURATION_SET", "LINK_KEYS_PARAMETER"},
	"report":    {"BASE_URL", "LINK_KEYS_PARAMETER", "REPORT_TOKEN_PARAMETER", "ANSWERS_TOKEN_PARAMETER"},
}

func TestFunctionsAreToldWhatTheyNeed(t *testing.T) {
	for name, f := range translated(t).functions(t) {
		vars, _ := f.Properties.at("Environment", "Variables").(map[string]any)
		want := append([]string{"LOG_LEVEL", "POLICY", "TABLE"}, environment[name]...)
		sort.Strings(want)
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(vars))); diff != "" {
			t.Errorf("environment of %s, wanted (-) and in the template (+):\n%s", name, diff)
		}
	}
}

func TestFunctionsRunAsBuilt(t *testing.T) {
	for name, f := range translated(t).functions(t) {
		for key, want := range map[string]string{"Runtime": "provided.al2023", "Handler": "bootstrap", "Architectures": "[arm64]"} {
			if got := fmt.Sprint(f.Properties[key]); got != want {
				t.Errorf("%s: %s is %s; want %s", name, key, got, want)
			}
		}
	}
}

func TestLogsAreKeptApartAndNotForever(t *testing.T) {
	d := translated(t)
	groups := d.of(t, "AWS::Logs::LogGroup")
	for id, g := range groups {
		if g.Properties["RetentionInDays"] == nil {
			t.Errorf("%s keeps its lines forever", id)
		}
	}
	owner := map[string]string{}
	for name, f := range d.functions(t) {
		group := short(f.Properties.at("LoggingConfig", "LogGroup"))
		if _, ok := groups[group]; !ok {
			t.Errorf("%s logs to %s; want a log group of the template", name, group)
		}
		if other, taken := owner[group]; taken {
			t.Errorf("%s and %s share the log group %s", name, other, group)
		}
		owner[group] = name
	}
}

// A path holds a survey's token or a customer's id.
func TestAccessLogHoldsNoPath(t *testing.T) {
	harmless := []string{"requestTime", "requestId", "routeKey", "status", "responseLatency", "integrationStatus", "integrationLatency"}
	variable := regexp.MustCompile(`\$context\.([A-Za-z.]+)`)
	for id, stage := range translated(t).of(t, "AWS::ApiGatewayV2::Stage") {
		format := fmt.Sprint(stage.Properties.at("AccessLogSettings", "Format"))
		logged := variable.FindAllStringSubmatch(format, -1)
		if len(logged) == 0 {
			t.Errorf("%s logs nothing", id)
		}
		for _, m := range logged {
			if !slices.Contains(harmless, m[1]) {
				t.Errorf("%s logs $context.%s", id, m[1])
			}
		}
	}
}

// routes are the public paths and who answers them.
var routes = map[string]string{
	"POST /webhooks/contracts":        "webhook",
	"GET /s/{token+}":                 "respond",
	"HEAD /s/{token+}":                "respond",
	"POST /s/{token+}":                "respond",
	"GET /u/{token+}":                 "respond",
	"HEAD /u/{token+}":                "respond",
	"POST /u/{token+}":                "respond",
	"GET /report":                     "report",
	"GET /report.json":                "report",
	"GET /report.csv":                 "report",
	"GET /report/{token}":             "report",
	"GET /report/{token}/report.json": "report",
	"GET /report/{token}/report.csv":  "report",
	"GET /answers.csv":                "report",
	"GET /customers/{id}/timeline":    "report",
}

func TestRoutesReachTheirFunctions(t *testing.T) {
	d := translated(t)
	named := map[string]string{}
	for name, f := range d.functions(t) {
		named[f.id] = name
	}
	got := map[string]string{}
	for id, r := range d.of(t, "AWS::ApiGatewayV2::Route") {
		key := fmt.Sprint(r.Properties["RouteKey"])
		integration := d.Resources[strings.TrimPrefix(short(r.Properties["Target"]), "integrations/")]
		functionID := short(integration.Properties["IntegrationUri"])
		got[key] = named[functionID]
		if integration.Properties["PayloadFormatVersion"] != "2.0" {
			t.Errorf("%s: payload format %v; the adapters read 2.0", id, integration.Properties["PayloadFormatVersion"])
		}
		if !mayCall(d.of(t, "AWS::Lambda::Permission"), functionID, key) {
			t.Errorf("%s: the API may not call %s for %s", id, named[functionID], key)
		}
	}
	if diff := cmp.Diff(routes, got); diff != "" {
		t.Errorf("routes, wanted (-) and in the template (+):\n%s", diff)
	}
}

// mayCall tells whether a permission lets the API call the function for a route.
func mayCall(permissions map[string]resource, functionID, routeKey string) bool {
	method, path, _ := strings.Cut(routeKey, " ")
	for _, p := range permissions {
		source := short(p.Properties["SourceArn"])
		pattern, ofAPI := strings.CutPrefix(source, "Api")
		if !ofAPI || !refersTo(p.Properties["FunctionName"], functionID) {
			continue
		}
		like := "^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + "$"
		if regexp.MustCompile(like).MatchString("/$default/" + method + path) {
			return true
		}
	}
	return false
}

// A message that is still being retried must not be handed to a second sender:
// AWS asks for six times the function's timeout.
func TestQueueConsumers(t *testing.T) {
	d := translated(t)
	functions := map[string]resource{}
	for _, f := range d.functions(t) {
		functions[f.id] = f.resource
	}
	for id, m := range d.of(t, "AWS::Lambda::EventSourceMapping") {
		queue := d.Resources[short(m.Properties["EventSourceArn"])].Properties
		function := functions[short(m.Properties["FunctionName"])].Properties
		visible, _ := queue["VisibilityTimeout"].(float64)
		timeout, _ := function["Timeout"].(float64)
		if timeout == 0 || visible < 6*timeout {
			t.Errorf("%s: visibility timeout %v s for a function of %v s; want 6 times", id, visible, timeout)
		}
		if got := fmt.Sprint(m.Properties["FunctionResponseTypes"]); got != "[ReportBatchItemFailures]" {
			t.Errorf("%s: FunctionResponseTypes %s: one failure would repeat its neighbours", id, got)
		}
		if m.Properties.at("ScalingConfig", "MaximumConcurrency") == nil {
			t.Errorf("%s: no MaximumConcurrency", id)
		}
		redrive, _ := queue["RedrivePolicy"].(map[string]any)
		if d.Resources[short(redrive["deadLetterTargetArn"])].Type != "AWS::SQS::Queue" || redrive["maxReceiveCount"] != 5.0 {
			t.Errorf("%s: dead letters %v; want a queue after five attempts", id, redrive)
		}
	}
}

// What calls a function without waiting for it must leave what failed somewhere.
func TestAsynchronousCallsHaveAFailureTarget(t *testing.T) {
	d := translated(t)
	async := map[string]bool{}
	for id, s := range d.of(t, "AWS::Scheduler::Schedule") {
		async[short(s.Properties.at("Target", "Arn"))] = true
		if d.Resources[short(s.Properties.at("Target", "DeadLetterConfig", "Arn"))].Type != "AWS::SQS::Queue" {
			t.Errorf("%s: no dead-letter queue", id)
		}
		if s.Properties.at("Target", "RetryPolicy") == nil {
			t.Errorf("%s: no retry policy", id)
		}
		if s.Properties["Name"] != nil {
			t.Errorf("%s has a fixed name: a second stack in the account could not be deployed", id)
		}
	}
	for id, s := range d.of(t, "AWS::SNS::Subscription") {
		if s.Properties["Protocol"] != "lambda" {
			continue
		}
		async[short(s.Properties["Endpoint"])] = true
		if d.Resources[short(s.Properties.at("RedrivePolicy", "deadLetterTargetArn"))].Type != "AWS::SQS::Queue" {
			t.Errorf("%s: no dead-letter queue", id)
		}
	}
	targets := map[string]string{}
	for _, c := range d.of(t, "AWS::Lambda::EventInvokeConfig") {
		targets[short(c.Properties["FunctionName"])] = short(c.Properties.at("DestinationConfig", "OnFailure", "Destination"))
	}
	for id := range async {
		if d.Resources[targets[id]].Type != "AWS::SQS::Queue" {
			t.Errorf("%s: failures go nowhere", id)
		}
	}
}

func TestQueuesAreEncryptedAndKept(t *testing.T) {
	for id, q := range translated(t).of(t, "AWS::SQS::Queue") {
		if q.Properties["SqsManagedSseEnabled"] != true {
			t.Errorf("%s is not encrypted", id)
		}
		if q.Properties["MessageRetentionPeriod"] != 14*24*3600.0 {
			t.Errorf("%s forgets after %v s; want 14 days", id, q.Properties["MessageRetentionPeriod"])
		}
	}
}

// metricsOf are the metrics that an alarm watches: its own, or those of its sum.
func metricsOf(alarm properties) []properties {
	if alarm["Metrics"] == nil {
		return []properties{alarm}
	}
	var out []properties
	for _, query := range list(alarm["Metrics"]) {
		query, _ := query.(map[string]any)
		if m, ok := properties(query).at("MetricStat", "Metric").(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

func TestAlarms(t *testing.T) {
	d := translated(t)
	runbook := regexp.MustCompile(`Runbook: (docs/runbooks/[a-z-]+\.md)$`)
	named := map[string]bool{}
	watched := map[string][]string{} // resource → metrics with an alarm
	for id, a := range d.of(t, "AWS::CloudWatch::Alarm") {
		m := runbook.FindStringSubmatch(fmt.Sprint(a.Properties["AlarmDescription"]))
		if m == nil {
			t.Errorf("%s names no runbook", id)
			continue
		}
		named[m[1]] = true
		for _, key := range []string{"AlarmActions", "OKActions"} {
			if !refersTo(a.Properties[key], "Alarms") {
				t.Errorf("%s: %s does not tell anybody", id, key)
			}
		}
		for _, m := range metricsOf(a.Properties) {
			for _, id := range refs(m["Dimensions"]) {
				watched[id] = append(watched[id], fmt.Sprint(m["MetricName"]))
			}
		}
	}
	want := func(id, metric string) {
		if !slices.Contains(watched[id], metric) {
			t.Errorf("no alarm on %s of %s", metric, id)
		}
	}
	for _, f := range d.functions(t) {
		want(f.id, "Errors")
		want(f.id, "Throttles")
	}
	for _, c := range d.of(t, "AWS::Lambda::EventInvokeConfig") {
		want(short(c.Properties["FunctionName"]), "DestinationDeliveryFailures")
	}
	for _, s := range d.of(t, "AWS::Scheduler::Schedule") {
		want(short(s.Properties.at("Target", "Arn")), "Invocations")
	}
	consumed := map[string]bool{}
	for _, m := range d.of(t, "AWS::Lambda::EventSourceMapping") {
		consumed[short(m.Properties["EventSourceArn"])] = true
	}
	for id := range d.of(t, "AWS::SQS::Queue") {
		want(id, "ApproximateAgeOfOldestMessage")
		if !consumed[id] {
			want(id, "ApproximateNumberOfMessagesVisible") // where failures wait
		}
	}
	want("Api", "5xx")

	files, err := filepath.Glob(filepath.Join(root, "docs", "runbooks", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, f := range files {
		have = append(have, "docs/runbooks/"+filepath.Base(f))
	}
	if diff := cmp.Diff(have, slices.Sorted(maps.Keys(named))); diff != "" {
		t.Errorf("runbooks that exist (-) and that alarms name (+):\n%s", diff)
	}
}

// The functions log these lines and nothing counts them but these filters: a word
// changed on one side alone would silence the alarm.
func TestLinesAboutMailsAreCounted(t *testing.T) {
	d := translated(t)
	counted := map[string][]string{} // metric → "log: line"
	for id, f := range d.of(t, "AWS::Logs::MetricFilter") {
		line := regexp.MustCompile(`^\{ \$\.msg = "(.+)" \}$`).FindStringSubmatch(fmt.Sprint(f.Properties["FilterPattern"]))
		if line == nil {
			t.Errorf("%s: pattern %v finds no line of slog's", id, f.Properties["FilterPattern"])
			continue
		}
		for _, m := range list(f.Properties["MetricTransformations"]) {
			m, _ := m.(map[string]any)
			name := fmt.Sprint(m["MetricName"])
			counted[name] = append(counted[name], short(f.Properties["LogGroupName"])+": "+line[1])
		}
	}
	for _, lines := range counted {
		sort.Strings(lines)
	}
	if diff := cmp.Diff(map[string][]string{
		"RefusedNotifications": {"MaileventLog: " + mailevent.Refused},
		"MailTriedAgain":       {"AgendaLog: " + agenda.TriedAgain},
		"MailUnknown":          {"AgendaLog: " + agenda.UnknownEnd},
		"LinkBursts":           {"RespondLog: " + respond.Burst},
	}, counted); diff != "" {
		t.Errorf("lines that are counted, wanted (-) and in the template (+):\n%s", diff)
	}
	watched := map[string]bool{}
	for _, a := range d.of(t, "AWS::CloudWatch::Alarm") {
		watched[fmt.Sprint(a.Properties["MetricName"])] = true
	}
	for metric := range counted {
		if metric == "LinkBursts" {
			continue // what others' machines do to our links is nothing to wake anybody for
		}
		if !watched[metric] {
			t.Errorf("%s is counted and rings nowhere", metric)
		}
	}
}

// The function takes the notifications of the topic that SES publishes to, and
// of no other.
func TestMailEventsAreTakenFromTheTopicThatSESPublishesTo(t *testing.T) {
	d := translated(t)
	told := short(d.functions(t)["mailevent"].Properties.at("Environment", "Variables", "MAIL_EVENTS_TOPIC_ARN"))
	for id, e := range d.of(t, "AWS::SES::ConfigurationSetEventDestination") {
		if topic := short(e.Properties.at("EventDestination", "SnsDestination", "TopicARN")); topic != told || d.Resources[told].Type != "AWS::SNS::Topic" {
			t.Errorf("%s publishes to %s; mailevent takes %s", id, topic, told)
		}
	}
	if version := d.Resources[told].Properties["SignatureVersion"]; version != "2" {
		t.Errorf("%s signs by version %v; want 2, which does not use SHA-1", told, version)
	}
}

// AWS reviews an account from these rates on and says so; by then an alarm must
// have rung, and a second says that it has come to it.
func TestReputationIsWatchedBeforeAndAtReview(t *testing.T) {
	review := map[string]float64{"Reputation.BounceRate": 0.05, "Reputation.ComplaintRate": 0.001}
	before, at := map[string]bool{}, map[string]bool{}
	for _, a := range translated(t).of(t, "AWS::CloudWatch::Alarm") {
		metric := fmt.Sprint(a.Properties["MetricName"])
		threshold, _ := a.Properties["Threshold"].(float64)
		before[metric] = before[metric] || threshold < review[metric]
		at[metric] = at[metric] || threshold == review[metric]
	}
	for metric := range review {
		if !before[metric] || !at[metric] {
			t.Errorf("%s: an alarm before %v, one at it %v", metric, before[metric], at[metric])
		}
	}
}

func TestMailSettings(t *testing.T) {
	d := translated(t)
	for id, set := range d.of(t, "AWS::SES::ConfigurationSet") {
		if got := set.Properties.at("DeliveryOptions", "TlsPolicy"); got != "REQUIRE" {
			t.Errorf("%s: TLS policy %v", id, got)
		}
		if set.Properties["TrackingOptions"] != nil {
			t.Errorf("%s tracks opens or clicks", id)
		}
	}
	want := []string{"bounce", "complaint", "delivery", "deliveryDelay", "reject", "renderingFailure", "send"}
	for id, e := range d.of(t, "AWS::SES::ConfigurationSetEventDestination") {
		got := stringsOf(e.Properties.at("EventDestination", "MatchingEventTypes"))
		sort.Strings(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: events (-want +got):\n%s", id, diff)
		}
	}
}

// The table of the template is the one that the driver makes for tests and the
// local run.
func TestTableIsWhatTheDriverExpects(t *testing.T) {
	var made recorder
	if err := dynamo.Create(t.Context(), &made, "kaiku"); err != nil {
		t.Fatal(err)
	}
	for id, table := range translated(t).of(t, "AWS::DynamoDB::Table") {
		p := table.Properties
		if diff := cmp.Diff(shapeOf(made.table, made.expiry), shapeIn(p)); diff != "" {
			t.Errorf("%s, as the driver makes it (-) and in the template (+):\n%s", id, diff)
		}
		if table.DeletionPolicy != "Retain" || table.UpdateReplacePolicy != "Retain" {
			t.Errorf("%s goes with the stack", id)
		}
		if p.at("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled") != true {
			t.Errorf("%s: no point-in-time recovery", id)
		}
		if p.at("SSESpecification", "SSEEnabled") != true {
			t.Errorf("%s: not encrypted with a key of KMS", id)
		}
		if p["DeletionProtectionEnabled"] == nil {
			t.Errorf("%s: no deletion protection", id)
		}
	}
}

// shape is what a table is to the code that uses it.
type shape struct {
	Billing    string
	Attributes []string
	Keys       []string
	Indexes    []string
	Expiry     string
}

func shapeOf(in *dynamodb.CreateTableInput, expiry string) shape {
	keys := func(schema []types.KeySchemaElement) (list []string) {
		for _, k := range schema {
			list = append(list, *k.AttributeName+" "+string(k.KeyType))
		}
		return list
	}
	s := shape{Billing: string(in.BillingMode), Keys: keys(in.KeySchema), Expiry: expiry}
	for _, a := range in.AttributeDefinitions {
		s.Attributes = append(s.Attributes, *a.AttributeName+" "+string(a.AttributeType))
	}
	for _, i := range in.GlobalSecondaryIndexes {
		s.Indexes = append(s.Indexes, fmt.Sprint(*i.IndexName, keys(i.KeySchema), i.Projection.ProjectionType))
	}
	return s
}

func shapeIn(p properties) shape {
	pairs := func(v any, name, kind string) (out []string) {
		for _, x := range list(v) {
			x, _ := x.(map[string]any)
			out = append(out, fmt.Sprint(x[name])+" "+fmt.Sprint(x[kind]))
		}
		return out
	}
	s := shape{
		Billing:    fmt.Sprint(p["BillingMode"]),
		Attributes: pairs(p["AttributeDefinitions"], "AttributeName", "AttributeType"),
		Keys:       pairs(p["KeySchema"], "AttributeName", "KeyType"),
		Expiry:     fmt.Sprint(p.at("TimeToLiveSpecification", "AttributeName")),
	}
	for _, i := range list(p["GlobalSecondaryIndexes"]) {
		index := properties(i.(map[string]any))
		s.Indexes = append(s.Indexes, fmt.Sprint(index["IndexName"], pairs(index["KeySchema"], "AttributeName", "KeyType"), index.at("Projection", "ProjectionType")))
	}
	return s
}

// recorder notes what the driver would make.
type recorder struct {
	table  *dynamodb.CreateTableInput
	expiry string
}

func (r *recorder) CreateTable(_ context.Context, in *dynamodb.CreateTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error) {
	r.table = in
	return &dynamodb.CreateTableOutput{}, nil
}

func (r *recorder) DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	return &dynamodb.DescribeTableOutput{Table: &types.TableDescription{TableStatus: types.TableStatusActive}}, nil
}

func (r *recorder) DescribeTimeToLive(context.Context, *dynamodb.DescribeTimeToLiveInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTimeToLiveOutput, error) {
	return &dynamodb.DescribeTimeToLiveOutput{}, nil
}

func (r *recorder) UpdateTimeToLive(_ context.Context, in *dynamodb.UpdateTimeToLiveInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateTimeToLiveOutput, error) {
	r.expiry = *in.TimeToLiveSpecification.AttributeName
	return &dynamodb.UpdateTimeToLiveOutput{}, nil
}

// Whoever deploys sees each parameter explained, grouped and checked, and no
// secret passes through one.
func TestParameters(t *testing.T) {
	d := translated(t)
	form := d.Metadata["AWS::CloudFormation::Interface"]
	var grouped []string
	for _, g := range list(form["ParameterGroups"]) {
		g, _ := g.(map[string]any)
		grouped = append(grouped, stringsOf(g["Parameters"])...)
	}
	sort.Strings(grouped)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(d.Parameters)), grouped); diff != "" {
		t.Errorf("parameters (-) and those in a group (+):\n%s", diff)
	}
	for name, p := range d.Parameters {
		if p["Description"] == nil || form.at("ParameterLabels", name) == nil {
			t.Errorf("%s has no description or no label", name)
		}
		if p["AllowedPattern"] == nil && p["AllowedValues"] == nil && p["MinValue"] == nil {
			t.Errorf("%s takes anything", name)
		}
		if p["NoEcho"] != nil {
			t.Errorf("%s is a secret; those are in SSM, and only their names here", name)
		}
	}
}

func TestDeployGuideNamesTheParameters(t *testing.T) {
	guide := readFile(t, "docs/DEPLOY.md")
	for name := range translated(t).Parameters {
		if !strings.Contains(guide, name) {
			t.Errorf("docs/DEPLOY.md does not mention the parameter %s", name)
		}
	}
}

func TestExampleConfigurationDeploysThisTemplate(t *testing.T) {
	d := translated(t)
	example := readFile(t, "infra/samconfig.example.toml")
	override := regexp.MustCompile(`"([A-Z][A-Za-z]+)=`)
	for _, m := range override.FindAllStringSubmatch(example, -1) {
		if _, ok := d.Parameters[m[1]]; !ok {
			t.Errorf("infra/samconfig.example.toml sets %s, which is no parameter", m[1])
		}
	}
}
