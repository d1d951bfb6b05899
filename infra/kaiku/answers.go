package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
)

type answersCmd struct {
	target
	Token        string `help:"The report token." default:"${token}" env:"REPORT_TOKEN"`
	AnswersToken string `help:"The token for --personal." default:"${answersToken}" env:"ANSWERS_TOKEN"`

	Kind     string `help:"nps, csat or ces; all of them when left out."`
	By       string `help:"The group to say beside each answer: size, industry, region, owner, service, trigger, language."`
	From     string `help:"The first month, by the day of sending, such as 2026-01; the last twelve when left out."`
	To       string `help:"The last month."`
	Personal bool   `help:"With customers, comments and every group. Needs the second permission."`
}

// Help is shown below the flags.
func (*answersCmd) Help() string {
	return `Writes a line for each answer to standard output, as CSV:

    kaiku answers --kind nps --from 2026-01 --to 2026-12 > answers.csv

Without --personal a line says no more than the report does: the period is the
shortest that the group is shown in, and a group that is hidden is left empty.`
}

// Run follows the pages of an export to its end.
func (c *answersCmd) Run(ctx context.Context) error {
	query := url.Values{}
	for name, value := range map[string]string{"kind": c.Kind, "by": c.By, "from": c.From, "to": c.To} {
		if value != "" {
			query.Set(name, value)
		}
	}
	bearer := first(c.Token)
	if c.Personal {
		query.Set("personal", "true")
		bearer = first(c.AnswersToken)
	}
	out := csv.NewWriter(os.Stdout)
	rows := 0
	for next := "answers.csv?" + query.Encode(); next != ""; {
		a, err := do(ctx, http.MethodGet, c.URL+"/"+next, http.Header{"Authorization": {"Bearer " + bearer}}, nil)
		if err != nil {
			return err
		}
		if a.status != http.StatusOK {
			return a.failure()
		}
		lines, err := csv.NewReader(strings.NewReader(string(a.body))).ReadAll()
		if err != nil {
			return fmt.Errorf("reading the answers: %w", err)
		}
		if rows > 0 {
			lines = lines[1:] // the first page had the head
		}
		if err := out.WriteAll(lines); err != nil {
			return err
		}
		rows += len(lines)
		if left, err := strconv.Atoi(a.header.Get("Kaiku-Left-Out")); err == nil && left > 0 {
			fmt.Fprintf(os.Stderr, "%d answers are left out: too few share a period with them to be shown.\n", left)
		}
		if next = nextPage(a.header.Get("Link")); next != "" {
			fmt.Fprintf(os.Stderr, "%d answers, and more to come\n", rows-1)
		}
	}
	fmt.Fprintf(os.Stderr, "%d answers\n", rows-1)
	return nil
}

// nextPage is where a Link header leads; empty when there is none.
func nextPage(link string) string {
	where, rest, ok := strings.Cut(strings.TrimPrefix(link, "<"), ">")
	if !ok || !strings.Contains(rest, `rel="next"`) {
		return ""
	}
	return where
}
