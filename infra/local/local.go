// Package local is Kaiku in one process: the handlers that Lambda starts, over
// bbolt or a DynamoDB endpoint, with a clock that can be turned and a mailbox
// that the real SES v2 client fills.
package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"kaiku/functions/agenda"
	"kaiku/functions/aggregate"
	"kaiku/functions/mailevent"
	"kaiku/functions/report"
	"kaiku/functions/respond"
	"kaiku/functions/send"
	webhookfn "kaiku/functions/webhook"
	"kaiku/shared/config"
	"kaiku/shared/ledger"
	"kaiku/shared/mail"
	"kaiku/shared/mail/quota"
	"kaiku/shared/sns"
	"kaiku/shared/table"
	"kaiku/shared/table/bolt"
	"kaiku/shared/table/dynamo"
	"kaiku/shared/token"
	"kaiku/shared/webhook"
)

// The secrets of a local run where the environment gives none. They are in
// public, and good for nothing else.
const (
	DefaultWebhookSecrets = "whsec_bG9jYWwgcnVuIG9ubHksIG5vdCBhIHNlY3JldA=="
	DefaultReportToken    = "local-report-token"
	DefaultAnswersToken   = "local-answers-token"
	DefaultLinkKeys       = "bG9jYWwgcnVuIG9ubHk6IGxpbmtzIG9mIG5vIHdvcnRo"
	DefaultPort           = "8080"
	DefaultData           = ".kaiku"
	DefaultTable          = "kaiku"
)

// Local is the running process.
type Local struct {
	clock   *Clock
	mailbox *Mailbox
	ledger  *ledger.Ledger
	secrets *webhook.Verifier
	keys    *token.Keys
	sns     *sns.Signer
	base    string
	log     *slog.Logger
	close   func() error

	agenda    *agenda.Handler
	send      *send.Handler
	mailevent *mailevent.Handler
	aggregate *aggregate.Handler
	handler   http.Handler

	// turn is held by whoever does what falls due: the clock's turning and the
	// background do not get into each other's way.
	turn  sync.Mutex
	queue queue
}

// Getenv reads the environment with the local run's defaults behind it.
func Getenv(getenv func(string) string) func(string) string {
	defaults := map[string]string{"WEBHOOK_SECRETS": DefaultWebhookSecrets, "REPORT_TOKEN": DefaultReportToken, "ANSWERS_TOKEN": DefaultAnswersToken,
		"LINK_KEYS": DefaultLinkKeys, "PORT": DefaultPort, "DATA": DefaultData, "TABLE": DefaultTable}
	return func(name string) string {
		if v := getenv(name); v != "" {
			return v
		}
		return defaults[name]
	}
}

// Serve runs until ctx ends, and calls ready with the address once it serves.
func Serve(ctx context.Context, getenv func(string) string, log *slog.Logger, ready func(base string)) error {
	getenv = Getenv(getenv)
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", getenv("PORT")))
	if err != nil {
		return fmt.Errorf("PORT %s cannot be listened on; set PORT to another: %w", getenv("PORT"), err)
	}
	base := "http://" + listener.Addr().String()
	l, err := open(ctx, getenv, base, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	server := &http.Server{Handler: l.handler, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	background, stop := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() { l.keepUp(background) })
	ready(base)

	select {
	case err = <-served:
	case <-ctx.Done():
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		err = server.Shutdown(grace)
		cancel()
	}
	stop()
	group.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, l.close())
}

func open(ctx context.Context, getenv func(string) string, base string, log *slog.Logger) (*Local, error) {
	env := config.New(ctx, getenv, nil)
	policy, wording := env.Policy(), env.Wording()
	secrets, keys, reportTokens, personalTokens := env.WebhookSecrets(), env.LinkKeys(), env.ReportTokens(), env.PersonalTokens()
	if err := env.Err(); err != nil {
		return nil, err
	}
	start, err := startOf(getenv("KAIKU_NOW"))
	if err != nil {
		return nil, err
	}
	data := getenv("DATA")
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, fmt.Errorf("DATA %s cannot be made: %w", data, err)
	}
	store, closeStore, err := openStore(ctx, getenv, data)
	if err != nil {
		return nil, err
	}
	clock, err := OpenClock(data, start)
	if err != nil {
		return nil, errors.Join(err, closeStore())
	}
	if file, ok := store.(*bolt.Table); ok { // DynamoDB does its own housekeeping
		if _, err := file.Purge(ctx, clock.Now()); err != nil {
			return nil, errors.Join(err, closeStore())
		}
	}
	mailbox, err := OpenMailbox(data)
	if err != nil {
		return nil, errors.Join(err, closeStore())
	}
	signer, verifier, err := openSNS(clock.Now)
	if err != nil {
		return nil, errors.Join(err, mailbox.Close(), closeStore())
	}
	l := &Local{clock: clock, mailbox: mailbox, secrets: secrets, keys: keys, sns: signer, base: base, log: log,
		ledger: ledger.New(store, policy, ledger.NewIDs()),
		close:  func() error { return errors.Join(mailbox.Close(), closeStore()) }}
	now := clock.Now
	ses := sesv2.New(sesv2.Options{Region: "eu-north-1", BaseEndpoint: aws.String(base + sesPath),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
	l.agenda = &agenda.Handler{Ledger: l.ledger, Queue: &l.queue, Account: quota.Account{SES: ses}, Now: now, Log: log, Workers: workers}
	l.send = &send.Handler{Ledger: l.ledger, Sender: mail.Sender{SES: ses}, Policy: policy, Wording: wording, Keys: keys,
		BaseURL: base, Now: now, Log: log}
	l.mailevent = &mailevent.Handler{Verifier: verifier, Ledger: l.ledger, Now: now, Log: log}
	l.aggregate = &aggregate.Handler{Ledger: l.ledger, Now: now, Log: log,
		Monthly: aggregate.Monthly{Sender: mail.Sender{SES: ses}, Policy: policy, Keys: keys, BaseURL: base}}

	mux := http.NewServeMux()
	(&webhookfn.Handler{Verifier: secrets, Ledger: l.ledger, Now: now, Log: log}).Routes(mux)
	(&respond.Handler{Ledger: l.ledger, Policy: policy, Wording: wording, Keys: keys, Now: now, Log: log}).Routes(mux)
	(&report.Handler{Ledger: l.ledger, Policy: policy, Tokens: reportTokens, PersonalTokens: personalTokens, Keys: keys, Now: now, Log: log}).Routes(mux)
	l.routes(mux)
	l.handler = mux
	return l, nil
}

// workers is how many things are done at once: bbolt writes those of one moment
// to disk together.
const workers = 8

// startOf reads KAIKU_NOW.
func startOf(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, fmt.Errorf("KAIKU_NOW is no time; write such as 2026-11-22T08:00:00Z")
	}
	if t.Before(earliest) || !t.Before(latest) {
		return t, fmt.Errorf("KAIKU_NOW is out of range; %s", clockRange)
	}
	return t, nil
}

// The clock keeps within what can be counted and linked to: days from 2020 to
// 2198.
var (
	earliest = time.Date(2020, 1, 2, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2199, 1, 1, 0, 0, 0, 0, time.UTC)
)

const clockRange = "the clock runs from 2020-01-02 to the end of 2198"

// openStore opens bbolt in the data folder or, with STORE=dynamodb, the table
// at AWS_ENDPOINT_URL_DYNAMODB, which it makes if it is missing.
func openStore(ctx context.Context, getenv func(string) string, data string) (table.Table, func() error, error) {
	switch store := getenv("STORE"); store {
	case "", "bolt":
		t, err := bolt.Open(filepath.Join(data, "kaiku.db"))
		if err != nil {
			return nil, nil, err
		}
		return t, t.Close, nil
	case "dynamodb":
		endpoint := getenv("AWS_ENDPOINT_URL_DYNAMODB")
		if endpoint == "" {
			return nil, nil, errors.New("STORE=dynamodb needs AWS_ENDPOINT_URL_DYNAMODB, such as http://127.0.0.1:8000")
		}
		client := dynamodb.New(dynamodb.Options{Region: "eu-north-1", BaseEndpoint: &endpoint,
			Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
		name := getenv("TABLE")
		if err := dynamo.Create(ctx, client, name); err != nil {
			return nil, nil, err
		}
		return dynamo.New(client, name), func() error { return nil }, nil
	default:
		return nil, nil, fmt.Errorf("STORE %q is not known; known are bolt, dynamodb", store)
	}
}
