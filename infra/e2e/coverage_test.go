package e2e

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/go-cmp/cmp"
)

// stock is a line of coverage.
type stock struct{ Customers, Asked int }

// wantCoverageOf says that the report covers the customers of the audience, by what
// the files tell of each, and of these the ones who got a mail in the last 365 days,
// or were asked by another system.
func (r *recount) wantCoverageOf(at time.Time) {
	r.t.Helper()
	helsinki := zone(r.t, "Europe/Helsinki")
	lately := func(sent time.Time) bool {
		return at.Before(midnight(sent.In(helsinki), helsinki, 365))
	}
	asked := map[string]bool{}
	for _, s := range r.sent {
		asked[s.firm] = asked[s.firm] || !s.bounced && lately(s.mail.At)
	}
	for _, e := range r.run.events {
		asked[e.customer()] = asked[e.customer()] || e.Type == "customer.surveyed" && lately(e.Data.Survey.At)
	}
	values := map[string]func(*firm) string{"all": func(*firm) string { return "all" }, "size": (*firm).size,
		"region": func(f *firm) string { return f.region }}
	for by, value := range values {
		want := map[string]stock{}
		for id, f := range r.firms {
			if f.erased || !f.inAudience() || len(f.active(r.t, at)) == 0 {
				continue
			}
			s := want[value(f)]
			s.Customers++
			if asked[id] {
				s.Asked++
			}
			want[value(f)] = s
		}
		var told struct {
			Coverage []struct {
				By, Value, Period string
				stock
				Share *float64
			}
		}
		month := at.In(helsinki).Format("2006-01")
		r.run.read(r.run.send(http.MethodGet, "/report.json?period=month&by="+by+"&from="+month+"&to="+month, r.run.bearer(), nil), &told)
		got := map[string]stock{}
		for _, row := range told.Coverage {
			if row.By != by || row.Period != month || row.Customers > 0 && (row.Share == nil || *row.Share != 100*float64(row.Asked)/float64(row.Customers)) {
				r.t.Errorf("a line of coverage by %s: %+v", by, row)
			}
			got[row.Value] = row.stock
		}
		if diff := cmp.Diff(want, got); diff != "" {
			r.t.Errorf("coverage by %s differs from what the files and mails say (-recount +report):\n%s", by, diff)
		}
		r.t.Logf("coverage by %s: %v", by, want)
	}
}

// wantRetentionOf says that the report counts who left within a year of answering,
// by class, and hides classes of fewer than five.
func (r *recount) wantRetentionOf(people *respondents, scores map[string]int) {
	r.t.Helper()
	helsinki := zone(r.t, "Europe/Helsinki")
	type class struct{ Period, Class string }
	type count struct {
		Answered, Left int
		Hidden         bool
	}
	want := map[class]count{}
	left := 0
	for _, s := range r.sent {
		score, answered := scores[s.mail.MessageID]
		if !answered || s.kind != "nps" {
			continue
		}
		c := class{s.mail.At.In(helsinki).Format("2006"), "passive"}
		if score >= 9 {
			c.Class = "promoter"
		} else if score <= 6 {
			c.Class = "detractor"
		}
		n := want[c]
		n.Answered++
		f, first := r.firms[s.firm], people.seen[s.mail.MessageID].first
		for _, k := range f.contracts {
			if over := k.over(r.t, f.zone(r.t)); !over.Before(first) && over.Before(first.AddDate(1, 0, 0)) && !over.After(r.run.to) {
				n.Left++
				left++
				break
			}
		}
		want[c] = n
	}
	years := map[string]row{}
	for _, row := range r.run.report("kind=nps&period=year&from=2026&to=2027") {
		years[row.Period] = row
	}
	var told struct {
		Retention []struct {
			class
			count
			Whole bool
		}
	}
	r.run.read(r.run.send(http.MethodGet, "/report.json?kind=nps&from=2026&to=2027", r.run.bearer(), nil), &told)
	for _, row := range told.Retention {
		expected := want[row.class]
		if years[row.Period].Hidden || expected.Answered > 0 && expected.Answered < 5 {
			expected = count{Hidden: true}
		}
		if row.count != expected || row.Whole {
			r.t.Errorf("retention of %v is %+v, and a recount makes %+v", row.class, row.count, expected)
		}
	}
	if len(told.Retention) != 6 || left == 0 {
		r.t.Errorf("%d lines of retention, and %d left: too little to say anything", len(told.Retention), left)
	}
	r.t.Logf("retention: %v", want)
}

// wantAnswersOf says that an export with persons has every answer, and one without
// no more than the figures show of each.
func (h *history) wantAnswersOf(all []*sent, scores map[string]int) {
	h.t.Helper()
	var want, got []string
	for _, s := range all {
		if score, answered := scores[s.mail.MessageID]; answered {
			want = append(want, s.kind+" "+strconv.Itoa(score))
		}
	}
	for _, line := range h.csv("/answers.csv?personal=true&from=2026&to=2027", answersToken)[1:] {
		got = append(got, line[0]+" "+line[5])
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		h.t.Errorf("answers with persons differ from what was answered (-answered +exported):\n%s", diff)
	}
	hidden := map[cell]bool{}
	for _, period := range []string{"month", "quarter", "year"} {
		for _, by := range []string{"all", "size", "region"} {
			for _, row := range h.report("by=" + by + "&period=" + period + "&from=2026-01&to=2027-12") {
				hidden[cell{row.Kind, row.By, row.Value, row.Period}] = row.Hidden
			}
		}
	}
	for _, by := range []string{"all", "size", "region"} {
		lines := h.csv("/answers.csv?by="+by+"&from=2026&to=2027", reportToken)[1:]
		if len(lines) == 0 || len(lines) > len(want) {
			h.t.Errorf("%d answers by %s, of %d", len(lines), by, len(want))
		}
		for _, line := range lines {
			if c := (cell{line[0], line[1], line[2], line[3]}); line[2] != "" && hidden[c] {
				h.t.Errorf("an answer of %v is told, and hidden in the report", c)
			}
		}
	}
}

// csv reads a file of lines.
func (c *client) csv(path, token string) [][]string {
	c.t.Helper()
	a := c.send(http.MethodGet, path, http.Header{"Authorization": {"Bearer " + token}}, nil)
	lines, err := csv.NewReader(bytes.NewReader(a.body)).ReadAll()
	if err != nil || a.status != http.StatusOK || len(lines) == 0 {
		c.t.Fatalf("%s: %v, %s", path, err, a)
	}
	return lines
}
