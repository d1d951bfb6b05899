package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"kaiku/shared/webhook"
)

// target is where a command sends to.
type target struct {
	URL string `help:"Where Kaiku runs." default:"${url}" env:"KAIKU_URL"`
}

// patience of one request: a year of the clock may be turned by another one
// meanwhile.
var client = &http.Client{Timeout: 2 * time.Minute}

// answer is what came back.
type answer struct {
	status int
	body   []byte
	header http.Header
}

// failure is an answer's error, in words.
func (a answer) failure() error {
	var p struct {
		Detail string
		Errors []json.RawMessage
	}
	text := strings.TrimSpace(string(a.body))
	if json.Unmarshal(a.body, &p) == nil && p.Detail != "" {
		text = p.Detail
		for _, e := range p.Errors {
			text += "\n  " + string(e)
		}
	}
	return fmt.Errorf("%d %s: %s", a.status, http.StatusText(a.status), text)
}

func do(ctx context.Context, method, url string, header http.Header, body []byte) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	for name, values := range header {
		r.Header[name] = values
	}
	response, err := client.Do(r)
	if err != nil {
		return answer{}, fmt.Errorf("%w (is it running? `make run` starts it here)", err)
	}
	defer func() { _ = response.Body.Close() }() // it was read to its end, or its reading failed
	b, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, b, response.Header}, err
}

// clockOf asks the clock that the other side goes by: a local run has its own.
func clockOf(ctx context.Context, url string) (func() time.Time, error) {
	a, err := do(ctx, http.MethodGet, url+"/local/clock", nil, nil)
	if err != nil {
		return nil, err
	}
	if a.status != http.StatusOK {
		return time.Now, nil // not a local run
	}
	var clock struct{ Now time.Time }
	if err := json.Unmarshal(a.body, &clock); err != nil {
		return nil, fmt.Errorf("reading the local run's clock: %w", err)
	}
	offset := time.Until(clock.Now)
	return func() time.Time { return time.Now().Add(offset) }, nil
}

// post signs an event and posts it.
func post(ctx context.Context, url string, secrets *webhook.Verifier, id string, now time.Time, body []byte) (answer, error) {
	header, err := secrets.Sign(id, now, body)
	if err != nil {
		return answer{}, err
	}
	header.Set("Content-Type", "application/json")
	return do(ctx, http.MethodPost, url+"/webhooks/contracts", header, body)
}

// errRefused says that the other side took in no part of what was sent.
var errRefused = errors.New("not taken in")
