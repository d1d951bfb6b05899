package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/oklog/ulid/v2"

	"kaiku/shared/webhook"
)

type sendCmd struct {
	target
	Secrets string `help:"Webhook secrets; the first signs." default:"${secrets}" env:"WEBHOOK_SECRETS"`
	ID      string `help:"The webhook-id; the same id again is the same event. Default: a new one for each file."`
	Now     bool   `help:"Let the event happen now, whatever timestamp its file has."`

	Files []string `arg:"" type:"existingfile" help:"Files with one event each, such as events/webhook/contract.changed.json."`
}

func (c *sendCmd) Run(ctx context.Context) error {
	secrets, err := webhook.ParseSecrets(c.Secrets)
	if err != nil {
		return err
	}
	now, err := clockOf(ctx, c.URL)
	if err != nil {
		return err
	}
	for _, file := range c.Files {
		body, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if c.Now {
			if body, err = withTimestamp(body, now()); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
		}
		id := c.ID
		if id == "" {
			id = "msg_" + ulid.Make().String()
		}
		a, err := post(ctx, c.URL, secrets, id, now(), body)
		if err != nil {
			return err
		}
		if a.status >= http.StatusBadRequest {
			return fmt.Errorf("%s: %w", file, a.failure())
		}
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, a.body, "", "  "); err != nil {
			return fmt.Errorf("%s: reading the answer: %w", file, err)
		}
		fmt.Printf("%s: %d %s\n%s\n", file, a.status, http.StatusText(a.status), bytes.TrimSpace(pretty.Bytes()))
	}
	return nil
}

// withTimestamp lets an event happen at another time.
func withTimestamp(body []byte, at time.Time) ([]byte, error) {
	var event map[string]json.RawMessage
	if err := json.Unmarshal(body, &event); err != nil {
		return nil, fmt.Errorf("is no JSON object: %w", err)
	}
	stamp, err := json.Marshal(at.UTC().Format(time.RFC3339))
	if err != nil {
		return nil, err
	}
	event["timestamp"] = stamp
	return json.Marshal(event)
}
