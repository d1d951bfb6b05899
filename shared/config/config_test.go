package config_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"kaiku/shared/config"
)

const (
	webhookSecret = "whsec_dGhlIHNlY3JldCB0aGF0IGlzIGN1cnJlbnQsIHNvISE="
	linkKey       = "bGluayBrZXkgb2YgMzIgYnl0ZXMsIGFsbCBvZiB0aGVt"
	reportToken   = "a-report-token-of-good-length"
)

// environment is one that has everything.
func environment() map[string]string {
	return map[string]string{"WEBHOOK_SECRETS": webhookSecret, "LINK_KEYS": linkKey, "REPORT_TOKEN": reportToken,
		"BASE_URL": "https://kaiku.example/", "TABLE": "kaiku"}
}

// parameters are those of SSM, by name.
type parameters map[string]string

func (p parameters) GetParameter(_ context.Context, in *ssm.GetParameterInput, _ ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	value, ok := p[*in.Name]
	if !ok {
		return nil, errors.New("ParameterNotFound")
	}
	if !aws.ToBool(in.WithDecryption) {
		return nil, errors.New("asked for without decryption")
	}
	return &ssm.GetParameterOutput{Parameter: &types.Parameter{Value: &value}}, nil
}

func reader(t *testing.T, env map[string]string, p config.Parameters) *config.Reader {
	t.Helper()
	return config.New(t.Context(), func(name string) string { return env[name] }, p)
}

func TestAWholeEnvironmentIsRead(t *testing.T) {
	r := reader(t, environment(), nil)
	v, k := r.WebhookSecrets(), r.LinkKeys()
	if r.Required("TABLE") != "kaiku" || r.BaseURL() != "https://kaiku.example" || !slices.Equal(r.ReportTokens(), []string{reportToken}) ||
		r.LogLevel() != slog.LevelInfo || r.Policy() == nil || r.Wording() == nil || v == nil || k == nil {
		t.Error("something was not read")
	}
	if err := r.Err(); err != nil {
		t.Error(err)
	}
	// They are those of the environment, not others.
	body, now := []byte("{}"), time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	header, err := v.Sign("msg_1", now, body)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(header, body, now); err != nil {
		t.Error(err)
	}
}

// Whoever sets a function up learns of everything at once, not one start at a
// time; and learns no secret from the log.
func TestEverythingWrongIsReportedAtOnceAndNoSecretWithIt(t *testing.T) {
	env := map[string]string{
		"WEBHOOK_SECRETS": webhookSecret + " whsec_not*base64/webhook/secret", "LINK_KEYS": "not*base64/link/key", "REPORT_TOKEN": "too short",
		"BASE_URL": "kaiku.example", "LOG_LEVEL": "loud", "POLICY": filepath.Join(t.TempDir(), "missing.yaml"),
	}
	r := reader(t, env, nil)
	r.WebhookSecrets()
	r.LinkKeys()
	r.ReportTokens()
	r.BaseURL()
	r.Required("TABLE")
	r.LogLevel()
	r.Policy()
	err := r.Err()
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, want := range []string{"WEBHOOK_SECRETS", "LINK_KEYS", "REPORT_TOKEN", "BASE_URL", "TABLE is not set", "LOG_LEVEL", "missing.yaml"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("nothing is said of %s: %v", want, err)
		}
	}
	for _, secret := range []string{strings.TrimPrefix(webhookSecret, "whsec_"), "not*base64/webhook/secret", "not*base64/link/key", "too short"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the secret %q is repeated: %v", secret, err)
		}
	}
}

func TestNothingSetIsNamed(t *testing.T) {
	r := reader(t, nil, nil)
	if r.WebhookSecrets() != nil || r.LinkKeys() != nil || r.ReportTokens() != nil || r.BaseURL() != "" || r.Required("TABLE") != "" {
		t.Error("something was read of nothing")
	}
	err := r.Err()
	for _, want := range []string{"WEBHOOK_SECRETS is not set, nor WEBHOOK_SECRETS_PARAMETER", "LINK_KEYS is not set", "REPORT_TOKEN is not set",
		"BASE_URL is not set", "TABLE is not set"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("nothing is said of %q: %v", want, err)
		}
	}
}

func TestSecretsComeFromParametersWhereTheEnvironmentNamesThem(t *testing.T) {
	env := map[string]string{"WEBHOOK_SECRETS_PARAMETER": "/kaiku/webhook", "LINK_KEYS_PARAMETER": "/kaiku/links", "REPORT_TOKEN_PARAMETER": "/kaiku/report"}
	stored := parameters{"/kaiku/webhook": webhookSecret, "/kaiku/links": linkKey, "/kaiku/report": reportToken + "\n"}
	r := reader(t, env, stored)
	if r.WebhookSecrets() == nil || r.LinkKeys() == nil || !slices.Equal(r.ReportTokens(), []string{reportToken}) || r.Err() != nil {
		t.Errorf("not all was read: %v", r.Err())
	}

	t.Run("the environment's own goes before", func(t *testing.T) {
		r := reader(t, map[string]string{"REPORT_TOKEN": reportToken, "REPORT_TOKEN_PARAMETER": "/kaiku/none"}, stored)
		if !slices.Equal(r.ReportTokens(), []string{reportToken}) || r.Err() != nil {
			t.Error(r.Err())
		}
	})
	t.Run("a parameter that is not there is named", func(t *testing.T) {
		r := reader(t, map[string]string{"REPORT_TOKEN_PARAMETER": "/kaiku/none"}, stored)
		if r.ReportTokens() != nil || r.Err() == nil || !strings.Contains(r.Err().Error(), "/kaiku/none") {
			t.Error(r.Err())
		}
	})
	t.Run("a secret that is wrong is not repeated", func(t *testing.T) {
		r := reader(t, map[string]string{"LINK_KEYS_PARAMETER": "/kaiku/links"}, parameters{"/kaiku/links": "not*base64"})
		if r.LinkKeys(); r.Err() == nil || strings.Contains(r.Err().Error(), "not*base64") || !strings.Contains(r.Err().Error(), "LINK_KEYS") {
			t.Error(r.Err())
		}
	})
}

func TestBaseURLIsAnAddressThatLinksCanBeginWith(t *testing.T) {
	for text, want := range map[string]string{
		"https://kaiku.example":        "https://kaiku.example",
		"https://kaiku.example/":       "https://kaiku.example",
		" https://kaiku.example/base/": "https://kaiku.example/base",
		"http://127.0.0.1:8080":        "http://127.0.0.1:8080",
	} {
		r := reader(t, map[string]string{"BASE_URL": text}, nil)
		if got := r.BaseURL(); got != want || r.Err() != nil {
			t.Errorf("%q is %q, %v", text, got, r.Err())
		}
	}
	for _, text := range []string{"", "kaiku.example", "//kaiku.example", "ftp://kaiku.example", "https://", "https:kaiku.example", "javascript:alert(1)", "http://[::1"} {
		r := reader(t, map[string]string{"BASE_URL": text}, nil)
		if got := r.BaseURL(); r.Err() == nil {
			t.Errorf("%q is taken as %q", text, got)
		}
	}
}

func TestReportTokensChangeWithoutATimeWhenNoneIsValid(t *testing.T) {
	r := reader(t, map[string]string{"REPORT_TOKEN": " the-new-report-token  the-old-report-token\n"}, nil)
	if got := r.ReportTokens(); r.Err() != nil || !slices.Equal(got, []string{"the-new-report-token", "the-old-report-token"}) {
		t.Errorf("%q, %v", got, r.Err())
	}
}

func TestReportTokenIsTooLongToBeGuessed(t *testing.T) {
	for text, ok := range map[string]bool{strings.Repeat("x", 15): false, strings.Repeat("x", 16): true, strings.Repeat("x", 16) + " short": false, strings.Repeat(" ", 30): false, "x" + strings.Repeat(" ", 30): false} {
		r := reader(t, map[string]string{"REPORT_TOKEN": text}, nil)
		if got := r.ReportTokens(); (r.Err() == nil) != ok || (got != nil) != ok {
			t.Errorf("%q is %q, %v", text, got, r.Err())
		}
	}
}

func TestLogLevelIsAsSetOrElseInfo(t *testing.T) {
	for text, want := range map[string]slog.Level{"": slog.LevelInfo, "debug": slog.LevelDebug, "INFO": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError} {
		r := reader(t, map[string]string{"LOG_LEVEL": text}, nil)
		if got := r.LogLevel(); got != want || r.Err() != nil {
			t.Errorf("%q is %v, %v", text, got, r.Err())
		}
	}
}

func TestPolicyAndTextsAreThoseOfTheFileNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(path, []byte("rules: {cooldown: 45d}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := reader(t, map[string]string{"POLICY": path}, nil)
	if p := r.Policy(); r.Err() != nil || p.Rules.Cooldown.String() != "45d" {
		t.Error(r.Err())
	}
	if r.Wording() == nil || r.Err() != nil {
		t.Error(r.Err())
	}
	if err := os.WriteFile(path, []byte("rules: {cooldown: 45 days}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r = reader(t, map[string]string{"POLICY": path}, nil)
	if r.Policy(); r.Err() == nil || !strings.Contains(r.Err().Error(), "policy.yaml:1") {
		t.Errorf("a policy that is wrong: %v", r.Err())
	}
}

func TestTheTopicOfMailEventsIsAnARNOfSNS(t *testing.T) {
	for value, fault := range map[string]string{
		"": "is not set", "kaiku-mail-events": "is no ARN", "arn:aws:sqs:eu-north-1:123456789012:x": "is no ARN",
		"arn:aws:sns:eu-north-1:123456789012:kaiku-mail-events": "",
	} {
		r := config.New(t.Context(), func(string) string { return value }, nil)
		topic := r.MailEventsTopic()
		if err := r.Err(); fault == "" && (err != nil || topic.String() != value) || fault != "" && (err == nil || !strings.Contains(err.Error(), fault)) {
			t.Errorf("%q: %v, %v; want a fault like %q", value, topic, err, fault)
		}
	}
}

func TestPersonalTokensAreOfTheirOwn(t *testing.T) {
	const answers = "an-answers-token-of-good-length"
	for text, want := range map[string]struct {
		tokens []string
		fault  string
	}{
		"":                          {nil, ""},
		answers:                     {[]string{answers}, ""},
		answers + " " + reportToken: {[]string{answers, reportToken}, "ANSWERS_TOKEN has a token of REPORT_TOKEN"},
		"short":                     {nil, "ANSWERS_TOKEN"},
	} {
		r := reader(t, map[string]string{"REPORT_TOKEN": reportToken, "ANSWERS_TOKEN": text}, nil)
		r.ReportTokens()
		got := r.PersonalTokens()
		if !slices.Equal(got, want.tokens) || (r.Err() == nil) != (want.fault == "") || r.Err() != nil && !strings.Contains(r.Err().Error(), want.fault) {
			t.Errorf("%q: %v, %v", text, got, r.Err())
		}
		if r.Err() != nil && strings.Contains(r.Err().Error(), reportToken) {
			t.Errorf("the error tells a token: %v", r.Err())
		}
	}
}
