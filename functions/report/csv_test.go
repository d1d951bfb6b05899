package report

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"kaiku/shared/figures"
	"kaiku/shared/ledger"
	"kaiku/shared/survey"
	"kaiku/shared/token"
)

// toldOf is what JSON has beside the figures.
func toldOf(t *testing.T, l Ledger, query string) (told struct {
	Coverage  []figures.Coverage
	Retention []figures.Retention
}) {
	t.Helper()
	if err := json.Unmarshal(get(serverOf(t, l), "/report.json?"+query, bearer).Body.Bytes(), &told); err != nil {
		t.Fatal(err)
	}
	return told
}

// linesOf reads a CSV: each line by the names of its columns.
func linesOf(t *testing.T, l Ledger, query string) (lines []map[string]string) {
	t.Helper()
	w := get(serverOf(t, l), "/report.csv?"+query, bearer)
	read, err := csv.NewReader(w.Body).ReadAll()
	if err != nil || w.Code != http.StatusOK {
		t.Fatal(w.Code, err)
	}
	for _, line := range read[1:] {
		named := map[string]string{}
		for i, name := range read[0] {
			named[name] = line[i]
		}
		lines = append(lines, named)
	}
	return lines
}

func TestJSONHasCoverageAndRetentionOfWhatIsAskedFor(t *testing.T) {
	l := live(sampleYear())
	for query, want := range map[string]struct{ coverage, retention int }{
		"":                                  {12, 6}, // of a month without change as well; classes of two years
		"by=region&from=2026-10":            {14, 3},
		"by=trigger":                        {0, 6},
		"by=language":                       {0, 6},
		"kind=csat&period=year&from=2026":   {1, 0},
		"kind=nps&period=quarter&from=2026": {4, 3},
		"from=2019&to=2019":                 {0, 0},
	} {
		body := get(serverOf(t, l), "/report.json?"+query, bearer).Body.String()
		told := toldOf(t, l, query)
		if len(told.Coverage) != want.coverage || len(told.Retention) != want.retention {
			t.Errorf("%s: %d of coverage, %d of retention, want %v", query, len(told.Coverage), len(told.Retention), want)
		}
		for _, member := range []string{`"asOf":`, `"rows":[`, `"coverage":[`, `"retention":[`} {
			if !strings.Contains(body, member) {
				t.Errorf("%s: no %s", query, member)
			}
		}
	}
	if body := get(serverOf(t, live(sampleYear(), sayings...)), "/report.json", bearer).Body.String(); strings.Contains(body, "Kiitos") {
		t.Error("a comment is in JSON, which is open to more than may read those")
	}
}

func TestCSVTablesAreThoseOfJSON(t *testing.T) {
	l := live(sampleYear())
	for _, query := range []string{"by=region", "by=size&period=quarter", "by=trigger&kind=nps&from=2024", "from=2019&to=2019"} {
		told := toldOf(t, l, query)
		lines := linesOf(t, l, "table=coverage&"+query)
		if len(lines) != len(told.Coverage) {
			t.Fatalf("%s: %d lines, want %d", query, len(lines), len(told.Coverage))
		}
		for i, c := range told.Coverage {
			want := map[string]string{"by": c.By, "value": c.Value, "period": c.Period, "customers": strconv.Itoa(c.Customers), "asked": strconv.Itoa(c.Asked), "share": number(c.Share)}
			if fmt.Sprint(lines[i]) != fmt.Sprint(want) {
				t.Errorf("%s: %v, want %v", query, lines[i], want)
			}
		}
		lines = linesOf(t, l, "table=retention&"+query)
		if len(lines) != len(told.Retention) {
			t.Fatalf("%s: %d lines, want %d", query, len(lines), len(told.Retention))
		}
		for i, r := range told.Retention {
			want := map[string]string{"period": r.Period, "class": string(r.Class), "answered": strconv.Itoa(r.Answered), "left": strconv.Itoa(r.Left), "retained": number(r.Retained),
				"low": number(r.Low), "high": number(r.High), "whole": strconv.FormatBool(r.Whole), "hidden": strconv.FormatBool(r.Hidden)}
			for _, currency := range []string{"EUR", "SEK"} {
				want["worth"+currency], want["worthLeft"+currency] = money(r.Worth, currency), money(r.WorthLeft, currency)
			}
			if fmt.Sprint(lines[i]) != fmt.Sprint(want) {
				t.Errorf("%s: %v, want %v", query, lines[i], want)
			}
		}
	}
}

func TestAHostileCurrencyOrGroupIsNoFormula(t *testing.T) {
	l := live(counted{survey.NPS: {{Month: month(2026, 10), At: now, Cells: map[string]map[string]ledger.Cell{"all": {"all": nps(60, 12, 10, 10)}, "region": {"=1+1": nps(60, 12, 10, 10)}}}}})
	l.counted[survey.NPS][0].Classes[survey.Promoter] = ledger.ClassCount{Answered: 12, Worth: map[string]int64{"=2+2": 100}}
	for table, want := range map[string]string{"coverage": "'=1+1", "retention": "worth=2+2"} {
		if body := get(serverOf(t, l), "/report.csv?by=region&table="+table, bearer).Body.String(); !strings.Contains(body, ","+want+",") {
			t.Errorf("%s: %s", table, body)
		}
	}
}

func TestATableThatIsNotKnownIsRefused(t *testing.T) {
	h, keys := serverFor(t, live(sampleYear()))
	w := get(h, "/report.csv?table=comments", bearer)
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), `"errors":["table: known are coverage, retention"]`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for lang, want := range map[string]string{"en": "<li>table: must be one of coverage, retention.</li>", "fi": "<li>table: sallitut arvot ovat coverage, retention.</li>"} {
		w := accepting(h, "/report/"+keys.Issue(token.Report, now.Add(time.Hour), nil)+"/report.csv?table=x&lang="+lang, browsers)
		wantWellFormed(t, w.Body.String())
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	if w := get(h, "/report.csv?table=retention", bearer); w.Header().Get("Content-Disposition") != `attachment; filename="kaiku-retention.csv"` {
		t.Error(w.Header())
	}
}
