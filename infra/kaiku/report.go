package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/token"
)

type timeline struct {
	target
	Token string `help:"The report token." default:"${token}" env:"REPORT_TOKEN"`

	Customer string `arg:"" help:"The customer's id."`
}

func (c *timeline) Run(ctx context.Context) error {
	s := story{zone: time.Local}
	for after := ""; ; {
		where := c.URL + "/customers/" + url.PathEscape(c.Customer) + "/timeline?after=" + url.QueryEscape(after)
		a, err := do(ctx, http.MethodGet, where, http.Header{"Authorization": {"Bearer " + first(c.Token)}}, nil)
		if err != nil {
			return err
		}
		if a.status != http.StatusOK {
			return a.failure()
		}
		var page ledger.Timeline
		if err := json.Unmarshal(a.body, &page); err != nil {
			return fmt.Errorf("reading the timeline: %w", err)
		}
		for _, e := range page.Entries {
			s.add(e)
		}
		if after = page.Next; after == "" {
			_, err := os.Stdout.WriteString(s.text.String())
			return err
		}
	}
}

// first is the newest of the tokens that the functions' own variable may hold.
func first(tokens string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(tokens), " ")
	return first
}

type linkCmd struct {
	target
	Keys string        `help:"The keys that sign links; the first signs." default:"${keys}" env:"LINK_KEYS"`
	For  time.Duration `help:"How long the link holds." default:"24h"`
}

func (c *linkCmd) Run(ctx context.Context) error {
	keys, err := token.ParseKeys(c.Keys)
	if err != nil {
		return err
	}
	now, err := clockOf(ctx, c.URL)
	if err != nil {
		return err
	}
	fmt.Println(c.URL + "/report/" + keys.Issue(token.Report, now().Add(c.For), nil))
	return nil
}
