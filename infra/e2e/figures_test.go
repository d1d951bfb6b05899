package e2e

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"
)

// cell is what a row of the report is about.
type cell struct{ kind, by, value, period string }

// figures are what was counted for a cell.
type figures struct {
	sent, delivered, bounced, answered int
	counts                             map[int]int
}

// wantFiguresOf says that the report, as JSON and as CSV, counts every survey
// that was sent, in each breakdown and period, and shows nobody's own answer.
func wantFiguresOf(t testing.TB, k *kaiku, all []*sent) {
	t.Helper()
	helsinki := zone(t, "Europe/Helsinki")
	values := map[string]func(*sent) string{
		"all": func(*sent) string { return "all" }, "size": func(s *sent) string { return s.size },
		"trigger": func(s *sent) string { return s.trigger }, "region": func(s *sent) string { return s.region },
		"language": func(s *sent) string { return s.language },
	}
	periods := map[string]func(time.Time) string{
		"month": func(at time.Time) string { return at.Format("2006-01") }, "year": func(at time.Time) string { return at.Format("2006") },
		"quarter": func(at time.Time) string { return fmt.Sprintf("%d-Q%d", at.Year(), (at.Month()+2)/3) },
	}
	for period, periodOf := range periods {
		shown := map[cell]bool{} // by all
		for _, by := range []string{"all", "size", "trigger", "region", "language"} {
			want := map[cell]*figures{}
			for _, s := range all {
				c := cell{s.kind, by, values[by](s), periodOf(s.mail.At.In(helsinki))}
				if want[c] == nil {
					want[c] = &figures{counts: map[int]int{}}
				}
				want[c].count(s)
			}
			query := "by=" + by + "&period=" + period + "&from=2026-11&to=2027-12"
			rows := k.report(query)
			wantRows(t, query, rows, want)
			for _, r := range rows {
				if by == "all" && !r.Hidden {
					shown[cell{r.Kind, "", "", r.Period}] = true
				}
			}
			wantNothingBySubtraction(t, query, rows, shown)
			wantSameCSV(t, query, rows, k.send(http.MethodGet, "/report.csv?"+query, k.bearer(), nil))
		}
	}
}

func (f *figures) count(s *sent) {
	f.sent++
	switch {
	case s.bounced:
		f.bounced++
	default:
		f.delivered++ // here at once
	}
	if s.score != nil {
		f.answered++
		f.counts[*s.score]++
	}
}

// hideUnder is below how many answers a cell is hidden.
const hideUnder = 5

func wantRows(t testing.TB, query string, rows []row, want map[cell]*figures) {
	t.Helper()
	seen := map[cell]bool{}
	for _, r := range rows {
		c := cell{r.Kind, r.By, r.Value, r.Period}
		w := want[c]
		if w == nil || seen[c] {
			t.Errorf("%s: the row %+v is about nothing, or comes twice", query, r)
			continue
		}
		seen[c] = true
		if r.Sent != w.sent || r.Delivered != w.delivered || r.Bounced != w.bounced || r.Answered != w.answered {
			t.Errorf("%s: %v has %d sent, %d delivered, %d bounced, %d answered, by the recount %+v", query, c, r.Sent, r.Delivered, r.Bounced, r.Answered, *w)
		}
		if rate := 100 * float64(w.answered) / float64(w.delivered); w.delivered > 0 && (r.ResponseRate == nil || !equal(*r.ResponseRate, rate)) {
			t.Errorf("%s: %v has another response rate than %v", query, c, rate)
		}
		if r.Hidden {
			if len(r.Counts) > 0 || r.Score != nil || r.Low != nil || r.High != nil {
				t.Errorf("%s: %v is hidden and shows %+v", query, c, r)
			}
			continue
		}
		if w.answered < hideUnder {
			t.Errorf("%s: %v shows %d answers", query, c, w.answered)
		}
		wantScores(t, query, r, w)
	}
	for c, w := range want {
		if !seen[c] {
			t.Errorf("%s: no row about %v, by the recount %+v", query, c, *w)
		}
	}
}

// wantScores holds the answers by score, and the figure made of them.
func wantScores(t testing.TB, query string, r row, w *figures) {
	t.Helper()
	counts := map[string]int{}
	var sum, good, bad float64
	for score := scales[r.Kind][0]; score <= scales[r.Kind][1]; score++ {
		n := w.counts[score]
		counts[strconv.Itoa(score)] = n
		sum += float64(n * score)
		switch {
		case r.Kind == "nps" && score >= 9, r.Kind == "csat" && score >= 4:
			good += float64(n)
		case r.Kind == "nps" && score <= 6:
			bad += float64(n)
		}
	}
	if !maps.Equal(r.Counts, counts) {
		t.Errorf("%s: %s of %s has the counts %v, by the recount %v", query, r.Kind, r.Period, r.Counts, counts)
	}
	figure := 100 * (good - bad) / float64(w.answered)
	if r.Kind == "ces" {
		figure = sum / float64(w.answered)
	}
	if r.Score == nil || r.Low == nil || r.High == nil || !equal(*r.Score, figure) {
		t.Errorf("%s: %s of %s in %s has another score than %v", query, r.Kind, r.Value, r.Period, figure)
		return
	}
	// An interval need not have the figure in its middle (Wilson's never has).
	if *r.Low > *r.Score+1e-9 && r.Kind != "nps" || *r.High < *r.Low {
		t.Errorf("%s: the interval of %s is %v to %v around %v", query, r.Kind, *r.Low, *r.High, *r.Score)
	}
}

func equal(a, b float64) bool { return math.Abs(a-b) < 1e-3 }

// wantNothingBySubtraction says that what is hidden among the values of a period
// whose total is shown does not follow from the others.
func wantNothingBySubtraction(t testing.TB, query string, rows []row, shown map[cell]bool) {
	t.Helper()
	type sum struct{ cells, answers int }
	hidden := map[cell]*sum{}
	for _, r := range rows {
		if r.By != "all" && r.Hidden && r.Answered > 0 {
			c := cell{r.Kind, "", "", r.Period}
			if hidden[c] == nil {
				hidden[c] = &sum{}
			}
			hidden[c].cells++
			hidden[c].answers += r.Answered
		}
	}
	for c, s := range hidden {
		if shown[c] && (s.cells == 1 || s.answers < hideUnder) {
			t.Errorf("%s: the %d answers of the %d hidden cells of %v follow from its total", query, s.answers, s.cells, c)
		}
	}
}

// wantSameCSV says that the CSV has the same rows.
func wantSameCSV(t testing.TB, query string, rows []row, a answer) {
	t.Helper()
	lines, err := csv.NewReader(bytes.NewReader(a.body)).ReadAll()
	if err != nil || a.status != http.StatusOK || len(lines) != len(rows)+1 {
		t.Errorf("%s: the CSV has %d lines, the JSON %d rows; status %d, error %v", query, len(lines), len(rows), a.status, err)
		return
	}
	head := lines[0]
	for i, r := range rows {
		field := map[string]string{}
		for j, name := range head {
			field[name] = lines[i+1][j]
		}
		same := field["kind"] == r.Kind && field["by"] == r.By && field["value"] == r.Value && field["period"] == r.Period &&
			field["sent"] == strconv.Itoa(r.Sent) && field["delivered"] == strconv.Itoa(r.Delivered) && field["bounced"] == strconv.Itoa(r.Bounced) &&
			field["answered"] == strconv.Itoa(r.Answered) && field["hidden"] == strconv.FormatBool(r.Hidden) &&
			sameNumber(field["score"], r.Score) && sameNumber(field["low"], r.Low) && sameNumber(field["high"], r.High)
		for score := range 11 {
			text, number := field["count"+strconv.Itoa(score)], strconv.Itoa(score)
			n, has := r.Counts[number]
			same = same && (!has && text == "" || has && text == strconv.Itoa(n))
		}
		if !same {
			t.Errorf("%s: the CSV has %v, the JSON %+v", query, lines[i+1], r)
		}
	}
	if slices.Contains(head, "") {
		t.Errorf("%s: a column has no name", query)
	}
}

func sameNumber(text string, number *float64) bool {
	if number == nil {
		return text == ""
	}
	f, err := strconv.ParseFloat(text, 64)
	return err == nil && equal(f, *number)
}
