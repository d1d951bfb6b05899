package report

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/policyfile"
	"kaiku/shared/survey"
	"kaiku/shared/token"
)

var now = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// counted is a programme that was counted: two months of NPS.
type counted map[survey.Kind][]ledger.MonthCount

func (c counted) Counts(_ context.Context, kind survey.Kind) ([]ledger.MonthCount, error) {
	return c[kind], nil
}

func (counted) Timeline(_ context.Context, customer, _ string, _ int) (ledger.Timeline, error) {
	return ledger.Timeline{Customer: customer, Entries: []ledger.Line{}}, nil
}

func (counted) Audience(context.Context) ([]ledger.AudienceCount, error) { return nil, nil }

func (counted) Comment(context.Context, ledger.CommentRef) (survey.Outcome, error) {
	return survey.Outcome{}, ledger.ErrNotFound
}

// nps is a cell of promoters (10), passives (8) and detractors (0).
func nps(sent, promoters, passives, detractors int) ledger.Cell {
	return ledger.Cell{Sent: sent, Delivered: sent, Answered: promoters + passives + detractors,
		Scores: []int{detractors, 0, 0, 0, 0, 0, 0, 0, passives, 0, promoters}}
}

func programme() counted {
	month := func(m time.Month, cells map[string]map[string]ledger.Cell) ledger.MonthCount {
		return ledger.MonthCount{Month: survey.Month{Year: 2026, Month: m}, Cells: cells, At: now}
	}
	return counted{survey.NPS: {
		month(10, map[string]map[string]ledger.Cell{"all": {"all": nps(40, 10, 6, 4)}, "size": {"micro": nps(22, 7, 3, 2), "small": nps(18, 3, 3, 2)}}),
		month(11, map[string]map[string]ledger.Cell{"all": {"all": nps(10, 3, 2, 1)}, "size": {"micro": nps(10, 3, 2, 1)}}),
	}}
}

func server(t *testing.T) (http.Handler, *token.Keys) {
	t.Helper()
	return serverFor(t, programme())
}

func serverFor(t *testing.T, l Ledger) (http.Handler, *token.Keys) {
	t.Helper()
	h, keys := handlerFor(t, l)
	mux := http.NewServeMux()
	h.Routes(mux)
	return mux, keys
}

func handlerFor(t *testing.T, l Ledger) (*Handler, *token.Keys) {
	t.Helper()
	policy, err := policyfile.Load("")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := token.ParseKeys("YSBrZXkgb2YgYXQgbGVhc3QgMTYgYnl0ZXM=")
	if err != nil {
		t.Fatal(err)
	}
	return &Handler{Ledger: l, Policy: policy, Tokens: []string{bearer, "the old report token"}, Keys: keys, Now: func() time.Time { return now },
		Log: slog.New(slog.DiscardHandler)}, keys
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
		for bearer, want := range map[string]int{"": 401, "wrong": 401, "the report toke": 401, "the report token": 200, "the old report token": 200} {
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

func TestThePageIsClosedToScriptsAndOthersStyles(t *testing.T) {
	h, _ := server(t)
	page := get(h, "/report?kind=nps&by=size", "the report token")
	body := page.Body.String()
	for _, want := range []string{"2026-10", "NPS by size, 2026"} {
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
	for text, want := range map[string]string{"=HYPERLINK(1)": "'=HYPERLINK(1)", "\t=1": "\t'=1", "hyvä;=cmd|' /C calc'!A0;\n=1+1": "hyvä;'=cmd|' /C calc'!A0;\n'=1+1",
		"a-b = c, -5 e@f": "a-b = c, -5 e@f", "": ""} {
		if got := plain(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
