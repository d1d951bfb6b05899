package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/survey"
	"kaiku/shared/token"
)

type timeline struct {
	target
	Token string `help:"The report token." default:"${token}" env:"REPORT_TOKEN"`

	Customer string `arg:"" help:"The customer's id."`
}

func (c *timeline) Run(ctx context.Context) error {
	out := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	for after := ""; ; {
		where := c.URL + "/customers/" + url.PathEscape(c.Customer) + "/timeline?after=" + url.QueryEscape(after)
		a, err := do(ctx, http.MethodGet, where, http.Header{"Authorization": {"Bearer " + c.Token}}, nil)
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
			fmt.Fprintf(out, "%s\t%s\t%s\n", e.At.Local().Format("2006-01-02 15:04"), e.What, inWords(e))
		}
		if after = page.Next; after == "" {
			return out.Flush()
		}
	}
}

// inWords is one line of a timeline for a person.
func inWords(e ledger.Line) string {
	switch e.What {
	case "event":
		return fmt.Sprintf("%s, happened %s", e.Event, e.Happened.Local().Format("2006-01-02 15:04"))
	case "mail":
		return fmt.Sprintf("%s %s: %s", e.Kind, e.Trigger, e.State)
	case "answer":
		return fmt.Sprintf("%s %s: %d, %s", e.Kind, e.Trigger, *e.Score, e.Class)
	}
	d := e.Decision
	words := fmt.Sprintf("%s %s: %s", e.Kind, e.Trigger, d.Outcome)
	switch d.Outcome {
	case survey.Planned:
		return words + " for " + d.SendAt.Local().Format("2006-01-02 15:04")
	case survey.Postponed:
		words += " until " + d.Until.Local().Format("2006-01-02 15:04")
	}
	var why []string
	for _, rule := range d.Rules {
		because, err := json.Marshal(d.Because[rule])
		if err != nil {
			because = nil
		}
		why = append(why, fmt.Sprintf("%s %s", rule, because))
	}
	return words + ", because " + strings.Join(why, "; ")
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
