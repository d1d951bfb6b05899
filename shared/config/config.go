// Package config reads the environment once, at the start, into typed values,
// and reports all that is wrong with it at once.
package config

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"kaiku/shared/policy"
	"kaiku/shared/policyfile"
	"kaiku/shared/sns"
	"kaiku/shared/token"
	"kaiku/shared/webhook"
	"kaiku/shared/wording"
)

// Reader collects what is missing or wrong while values are read.
type Reader struct {
	ctx    context.Context
	getenv func(string) string
	// parameters reads a secret that is named in the environment.
	parameters Parameters
	faults     []error
	// reportTokens are those that were read, if they were.
	reportTokens []string
}

// Parameters reads SSM parameters.
type Parameters interface {
	GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error)
}

// New reads from getenv; secrets that the environment only names come from
// parameters, which may be nil where it holds them itself.
func New(ctx context.Context, getenv func(string) string, parameters Parameters) *Reader {
	return &Reader{ctx: ctx, getenv: getenv, parameters: parameters}
}

// Err is everything that was wrong, or nil.
func (r *Reader) Err() error {
	if len(r.faults) == 0 {
		return nil
	}
	return fmt.Errorf("the environment is not complete: %w", errors.Join(r.faults...))
}

func (r *Reader) fault(err error) { r.faults = append(r.faults, err) }

// Required reads a variable that must be set.
func (r *Reader) Required(name string) string {
	v := strings.TrimSpace(r.getenv(name))
	if v == "" {
		r.fault(fmt.Errorf("%s is not set", name))
	}
	return v
}

// BaseURL reads BASE_URL, under which the public pages are reached; without a
// slash at its end.
func (r *Reader) BaseURL() string {
	v := strings.TrimRight(r.Required("BASE_URL"), "/")
	if u, err := url.Parse(v); r.getenv("BASE_URL") != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		r.fault(errors.New("BASE_URL is no absolute http or https address"))
	}
	return v
}

// secret reads a secret from the environment, or from the SSM parameter that
// the variable NAME_PARAMETER names.
func (r *Reader) secret(name string) string {
	if v := r.getenv(name); v != "" {
		return v
	}
	parameter := r.getenv(name + "_PARAMETER")
	if parameter == "" || r.parameters == nil {
		r.fault(fmt.Errorf("%s is not set, nor %s_PARAMETER", name, name))
		return ""
	}
	out, err := r.parameters.GetParameter(r.ctx, &ssm.GetParameterInput{Name: &parameter, WithDecryption: aws.Bool(true)})
	if err != nil {
		r.fault(fmt.Errorf("reading the parameter %s: %w", parameter, err))
		return ""
	}
	v := aws.ToString(out.Parameter.Value)
	if strings.TrimSpace(v) == "" {
		r.fault(fmt.Errorf("the parameter %s is empty", parameter))
	}
	return v
}

// read parses a secret that was found.
func read[T any](r *Reader, name string, parse func(string) (T, error)) T {
	var none T
	text := r.secret(name)
	if text == "" {
		return none
	}
	v, err := parse(text)
	if err != nil {
		r.fault(fmt.Errorf("%s: %w", name, err))
	}
	return v
}

// WebhookSecrets reads WEBHOOK_SECRETS, space-separated, each whsec_….
func (r *Reader) WebhookSecrets() *webhook.Verifier {
	return read(r, "WEBHOOK_SECRETS", webhook.ParseSecrets)
}

// LinkKeys reads LINK_KEYS, space-separated, the signing one first.
func (r *Reader) LinkKeys() *token.Keys { return read(r, "LINK_KEYS", token.ParseKeys) }

// minReportToken keeps the report from being opened by guessing.
const minReportToken = 16

// ReportTokens reads REPORT_TOKEN, space-separated, all of them valid: a new one
// is handed out before the old one is taken out.
func (r *Reader) ReportTokens() []string {
	r.reportTokens = read(r, "REPORT_TOKEN", parseTokens)
	return r.reportTokens
}

// PersonalTokens reads ANSWERS_TOKEN likewise: what opens answers with their
// customers and comments. Where it is not set nobody may have these. None may be
// among the ReportTokens that were read before.
func (r *Reader) PersonalTokens() []string {
	const name = "ANSWERS_TOKEN"
	if r.getenv(name) == "" && r.getenv(name+"_PARAMETER") == "" {
		return nil
	}
	personal := read(r, name, parseTokens)
	if slices.ContainsFunc(personal, func(t string) bool { return slices.Contains(r.reportTokens, t) }) {
		r.fault(errors.New(name + " has a token of REPORT_TOKEN: whoever reads the report would have the answers with their persons"))
	}
	return personal
}

func parseTokens(s string) ([]string, error) {
	tokens := strings.Fields(s)
	if len(tokens) == 0 {
		return nil, fmt.Errorf("must have at least %d characters", minReportToken)
	}
	for _, token := range tokens {
		if len(token) < minReportToken {
			return nil, fmt.Errorf("each of them must have at least %d characters", minReportToken)
		}
	}
	return tokens, nil
}

// MailEventsTopic reads MAIL_EVENTS_TOPIC_ARN, the topic that SES publishes to.
func (r *Reader) MailEventsTopic() sns.Topic {
	text := r.Required("MAIL_EVENTS_TOPIC_ARN")
	if text == "" {
		return sns.Topic{}
	}
	topic, err := sns.ParseTopic(text)
	if err != nil {
		r.fault(fmt.Errorf("MAIL_EVENTS_TOPIC_ARN %w", err))
	}
	return topic
}

// Policy reads the policy file that POLICY names; none is the built-in one.
func (r *Reader) Policy() *policy.Policy {
	p, err := policyfile.Load(r.getenv("POLICY"))
	if err != nil {
		r.fault(err)
	}
	return p
}

// Wording reads the texts beside the policy file.
func (r *Reader) Wording() *wording.Book {
	b, err := policyfile.LoadTexts(r.getenv("POLICY"))
	if err != nil {
		r.fault(err)
	}
	return b
}

// LogLevel reads LOG_LEVEL: debug, info, warn or error; info when not set.
func (r *Reader) LogLevel() slog.Level {
	level := slog.LevelInfo
	if v := r.getenv("LOG_LEVEL"); v != "" {
		if err := level.UnmarshalText([]byte(v)); err != nil {
			r.fault(fmt.Errorf("LOG_LEVEL: %w", err))
		}
	}
	return level
}
