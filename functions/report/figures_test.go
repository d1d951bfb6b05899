package report

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/policyfile"
	"kaiku/shared/survey"
	"kaiku/shared/token"
)

var now = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// counted is a programme that was counted: two days of NPS in two months.
type counted struct {
	days map[survey.Kind][]ledger.DayCount
}

func (c counted) Counts(_ context.Context, kind survey.Kind, from, to survey.Date) ([]ledger.DayCount, error) {
	var in []ledger.DayCount
	for _, d := range c.days[kind] {
		if !d.Day.Before(from) && !to.Before(d.Day) {
			in = append(in, d)
		}
	}
	return in, nil
}

func (counted) Timeline(_ context.Context, customer, _ string, _ int) (ledger.Timeline, error) {
	return ledger.Timeline{Customer: customer, Entries: []ledger.Line{}}, nil
}

// nps is a cell of promoters (10), passives (8) and detractors (0).
func nps(sent, promoters, passives, detractors int) ledger.Cell {
	return ledger.Cell{Sent: sent, Delivered: sent, Answered: promoters + passives + detractors,
		Scores: []int{detractors, 0, 0, 0, 0, 0, 0, 0, passives, 0, promoters}}
}

func programme() counted {
	day := func(m time.Month, d int, cells map[string]map[string]ledger.Cell) ledger.DayCount {
		return ledger.DayCount{Day: survey.Date{Year: 2026, Month: m, Day: d}, Cells: cells, At: now}
	}
	return counted{map[survey.Kind][]ledger.DayCount{survey.NPS: {
		day(10, 5, map[string]map[string]ledger.Cell{"all": {"all": nps(20, 6, 2, 2)}, "size": {"micro": nps(12, 5, 1, 1), "small": nps(8, 1, 1, 1)}}),
		day(10, 20, map[string]map[string]ledger.Cell{"all": {"all": nps(20, 4, 4, 2)}, "size": {"micro": nps(10, 2, 2, 1), "small": nps(10, 2, 2, 1)}}),
		day(11, 3, map[string]map[string]ledger.Cell{"all": {"all": nps(10, 1, 1, 1)}, "size": {"micro": nps(10, 1, 1, 1)}}),
	}}}
}

func figures(t *testing.T, query string) Figures {
	t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	q, err := ParseQuery(values, now)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Compute(t.Context(), programme(), q, 5, now)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestPeriodsAreSumsOfTheirDays(t *testing.T) {
	f := figures(t, "kind=nps&period=month")
	if len(f.Rows) != 2 {
		t.Fatalf("%d rows", len(f.Rows))
	}
	october := f.Rows[0]
	if october.Period != "2026-10" || october.Sent != 40 || october.Answered != 20 || *october.Score != 30 || *october.ResponseRate != 50 {
		t.Errorf("October: %+v, score %v", october, *october.Score)
	}
	if *october.Low >= 30 || *october.High <= 30 {
		t.Errorf("interval %v to %v", *october.Low, *october.High)
	}
	for query, want := range map[string]string{"period=quarter&from=2026-10": "2026-Q4", "period=year": "2026"} {
		if rows := figures(t, "kind=nps&"+query).Rows; len(rows) != 1 || rows[0].Period != want || rows[0].Sent != 50 {
			t.Errorf("%s: %+v", query, rows)
		}
	}
}

func TestAFigureOfFewIsHiddenAndItsCountsWithIt(t *testing.T) {
	november := figures(t, "kind=nps&from=2026-11&to=2026-11").Rows[0]
	if !november.Hidden || november.Score != nil || november.Low != nil || november.Counts.Histogram != nil || november.Answered != 3 || november.Sent != 10 {
		t.Errorf("three answers: %+v", november)
	}
	b, err := json.Marshal(november)
	if err != nil || !strings.Contains(string(b), `"counts":{}`) || !strings.Contains(string(b), `"score":null`) {
		t.Errorf("%s, %v", b, err)
	}
}

func TestANeighbourIsHiddenThatWouldGiveAHiddenOneAway(t *testing.T) {
	p := programme()
	p.days[survey.NPS] = p.days[survey.NPS][:1] // micro 7, small 3 answers, of 10 in all
	q, err := ParseQuery(url.Values{"kind": {"nps"}, "by": {"size"}}, now)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Compute(t.Context(), p, q, 5, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range f.Rows {
		if !row.Hidden {
			t.Errorf("%s is shown, and with the total it gives the other away", row.Value)
		}
	}
}

func TestAnEmptyProgrammeHasNoRows(t *testing.T) {
	q, err := ParseQuery(nil, now)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Compute(t.Context(), counted{}, q, 5, now)
	if err != nil || f.Rows == nil || len(f.Rows) != 0 || !f.AsOf.Equal(now) {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestAQueryIsRefusedWithAllThatIsWrong(t *testing.T) {
	for query, want := range map[string][]string{
		"kind=gnps&by=shoe&period=week": {"kind: known are nps", "by: known are all, size", "period: known are month"},
		"from=yesterday":                {"from: write YYYY-MM"},
		"from=2026-05&to=2026-04":       {"to: is before from"},
		"from=1990":                     {"at most 10 years"},
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		_, err = ParseQuery(values, now)
		for _, text := range want {
			if err == nil || !strings.Contains(err.Error(), text) {
				t.Errorf("%s: %v, want %s", query, err, text)
			}
		}
	}
}

func TestTheLastTwelveMonthsAreTheDefault(t *testing.T) {
	for today, want := range map[string]string{"2026-11-22": "2025-12-01", "2026-12-31": "2026-01-01", "2027-01-01": "2026-02-01"} {
		at, err := time.Parse(time.DateOnly, today)
		if err != nil {
			t.Fatal(err)
		}
		q, err := ParseQuery(nil, at)
		if err != nil || q.From.String() != want || q.To.String() != today {
			t.Errorf("on %s: %s to %s, %v", today, q.From, q.To, err)
		}
	}
}

func server(t *testing.T) (http.Handler, *token.Keys) {
	t.Helper()
	policy, err := policyfile.Load("")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := token.ParseKeys("YSBrZXkgb2YgYXQgbGVhc3QgMTYgYnl0ZXM=")
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	(&Handler{Ledger: programme(), Policy: policy, Token: "the report token", Keys: keys, Now: func() time.Time { return now },
		Log: slog.New(slog.DiscardHandler)}).Routes(mux)
	return mux, keys
}

func get(h http.Handler, path, bearer string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestNothingIsOpenWithoutTheTokenOrASignedLink(t *testing.T) {
	h, keys := server(t)
	for _, path := range []string{"/report", "/report.json", "/report.csv", "/customers/C-1/timeline"} {
		for bearer, want := range map[string]int{"": 401, "wrong": 401, "the report toke": 401, "the report token": 200} {
			if got := get(h, path, bearer).Code; got != want {
				t.Errorf("%s with %q: %d, want %d", path, bearer, got, want)
			}
		}
	}
	for name, c := range map[string]struct {
		token string
		want  int
	}{
		"a signed link":               {keys.Issue(token.Report, now.Add(time.Hour), nil), 200},
		"an expired one":              {keys.Issue(token.Report, now.Add(-time.Hour), nil), 410},
		"a link of a survey":          {keys.Issue(token.Answer, now.Add(time.Hour), nil), 404},
		"one that was never a link":   {"AAAA", 404},
		"the report token as a token": {"the%20report%20token", 404},
	} {
		if got := get(h, "/report/"+c.token, "").Code; got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestThePageShowsWhatJSONSays(t *testing.T) {
	h, _ := server(t)
	page := get(h, "/report?kind=nps&by=size", "the report token")
	body := page.Body.String()
	for _, want := range []string{"2026-10", "Too few answers to show.", "NPS by size and month", "<svg"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if csp := page.Header().Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") {
		t.Errorf("CSP %s", csp)
	}
}

func TestCSVHasTheSameFiguresAndNoFormulas(t *testing.T) {
	h, _ := server(t)
	body := get(h, "/report.csv?kind=nps", "the report token").Body.String()
	if !strings.Contains(body, "nps,all,all,2026-10,40,40,0,20,50.0000,30.0000,") {
		t.Error(body)
	}
	if got := plain("=HYPERLINK(1)"); got != "'=HYPERLINK(1)" {
		t.Error(got)
	}
}
