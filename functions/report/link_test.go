package report

import (
	"bytes"
	"context"
	"errors"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/survey"
	"kaiku/shared/token"
)

var hrefs = regexp.MustCompile(`href="([^"#][^"]*)"`)

// A reader has a link or a token, and wherever the page leads must be open to it.
func TestWhateverThePageLinksToIsOpenToWhoReadsIt(t *testing.T) {
	many := sample(3, 3000, map[string][]string{"size": {"micro"}, "owner": values(70, "%03d@kaiku.example")})
	h, keys := serverFor(t, many)
	link := "/report/" + keys.Issue(token.Report, now.Add(time.Hour), nil)
	query := "?by=owner&from=2026&kind=nps&lang=fi"
	for _, c := range []struct{ page, bearer string }{{"/report", bearer}, {link, ""}} {
		base, err := url.Parse(c.page + query)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]int{}
		for _, href := range hrefs.FindAllStringSubmatch(get(h, base.String(), c.bearer).Body.String(), -1) {
			if strings.HasPrefix(href[1], "data:") {
				continue
			}
			to, err := base.Parse(html.UnescapeString(href[1]))
			if err != nil {
				t.Fatal(err)
			}
			answer := get(h, to.String(), c.bearer)
			kind, _, _ := strings.Cut(answer.Header().Get("Content-Type"), ";")
			seen[kind]++
			if answer.Code != http.StatusOK {
				t.Errorf("%s of %s leads to %d", href[1], c.page, answer.Code)
			}
			if kind == "text/csv" && strings.Contains(to.RawQuery, "period=year") {
				if n := strings.Count(answer.Body.String(), "\n"); n != 71 {
					t.Errorf("the CSV of all 70 groups has %d lines with its head", n)
				}
			}
		}
		if seen["text/html"] == 0 || seen["text/csv"] < 3 || seen["application/json"] == 0 {
			t.Errorf("%s leads to %v", c.page, seen)
		}
	}
}

func TestALinkGivesTheSameFiguresAsTheToken(t *testing.T) {
	h, keys := server(t)
	good, old := keys.Issue(token.Report, now.Add(time.Hour), nil), keys.Issue(token.Report, now.Add(-time.Hour), nil)
	for _, file := range []string{"report.json", "report.csv"} {
		const query = "?kind=nps&by=size&period=year"
		byLink, byToken := get(h, "/report/"+good+"/"+file+query, ""), get(h, "/"+file+query, bearer)
		if byLink.Code != 200 || byLink.Body.String() != byToken.Body.String() || byLink.Header().Get("Content-Type") != byToken.Header().Get("Content-Type") {
			t.Errorf("%s: %d %s\nwant %s", file, byLink.Code, byLink.Body, byToken.Body)
		}
		for token, want := range map[string]int{old: 410, "AAAA": 404, keys.Issue(token.Answer, now.Add(time.Hour), nil): 404} {
			if got := get(h, "/report/"+token+"/"+file, "").Code; got != want {
				t.Errorf("%s: %d, want %d", file, got, want)
			}
		}
	}
}

// broken is a ledger that fails.
type broken struct{ counted }

func (broken) Counts(context.Context, survey.Kind) ([]ledger.MonthCount, error) {
	return nil, errors.New("the table does not answer")
}

func TestTheTokenOfALinkGoesNowhere(t *testing.T) {
	var log bytes.Buffer
	h, keys := handlerFor(t, broken{})
	h.Log = slog.New(slog.NewJSONHandler(&log, nil))
	mux := http.NewServeMux()
	h.Routes(mux)
	secret := keys.Issue(token.Report, now.Add(time.Hour), nil)
	for _, path := range []string{"", "/report.json", "/report.csv"} {
		for _, accept := range []string{"text/html", "*/*"} {
			w := accepting(mux, "/report/"+secret+path+"?by=size", accept)
			if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), secret) {
				t.Errorf("%s: %d %s", path, w.Code, w.Body)
			}
			if w.Header().Get("Referrer-Policy") != "no-referrer" || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %v", path, w.Header())
			}
		}
	}
	if n := strings.Count(log.String(), "the table does not answer"); n != 6 || strings.Contains(log.String(), secret) {
		t.Errorf("%d failures logged, or the token: %s", n, log.String())
	}
}

func accepting(h http.Handler, path, accept string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const browsers = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

func TestABrowserIsToldInWordsAndAProgramByAProblem(t *testing.T) {
	h, keys := server(t)
	good, old := keys.Issue(token.Report, now.Add(time.Hour), nil), keys.Issue(token.Report, now.Add(-time.Hour), nil)
	for path, c := range map[string]struct {
		status  int
		en, fi  string
		company bool
	}{
		"/report":                        {401, "This report opens with a link", "Raportti avautuu linkistä", false},
		"/report/AAAA":                   {404, "There is no such page", "Tällaista sivua ei ole", false},
		"/report/AAAA/report.csv":        {404, "There is no such page", "Tällaista sivua ei ole", false},
		"/report/" + old:                 {410, "This link has expired", "Linkki on vanhentunut", true},
		"/report/" + old + "/report.csv": {410, "This link has expired", "Linkki on vanhentunut", true},
		"/report/" + good + "?by=shoe":   {400, "These filters cannot be read", "Näitä rajauksia ei voi lukea", true},
	} {
		for lang, title := range map[string]string{"en": c.en, "fi": c.fi} {
			asked := path + "?lang=" + lang
			if strings.Contains(path, "?") {
				asked = path + "&lang=" + lang
			}
			page := accepting(h, asked, browsers)
			wantWellFormed(t, page.Body.String())
			if page.Code != c.status || !strings.Contains(page.Body.String(), "<h1>"+title+"</h1>") || page.Header().Get("Content-Language") != lang {
				t.Errorf("%s in %s: %d %s", path, lang, page.Code, page.Body)
			}
			if got := strings.Contains(page.Body.String(), "Kaiku Palvelut Oy"); got != c.company {
				t.Errorf("%s: whose report it is, is told: %v", path, got)
			}
			if !strings.Contains(page.Header().Get("Content-Security-Policy"), "style-src 'sha256-") {
				t.Errorf("%s: its style is not let through", path)
			}
		}
		for _, accept := range []string{"", "*/*", "application/json"} {
			if w := accepting(h, path, accept); w.Code != c.status || w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s to %q: %d %s", path, accept, w.Code, w.Header().Get("Content-Type"))
			}
		}
	}
	// JSON and CSV by the token are for programs, whatever they say that they take.
	for _, path := range []string{"/report.json", "/report.csv"} {
		if w := accepting(h, path, browsers); w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %s", path, w.Header().Get("Content-Type"))
		}
	}
}

func TestBadFiltersAreNamedAndKept(t *testing.T) {
	h, keys := server(t)
	link := "/report/" + keys.Issue(token.Report, now.Add(time.Hour), nil)
	for query, want := range map[string][]string{
		"from=abc&by=size&period=year&lang=en": {`<a href="#ask-from">From</a>: write a month as YYYY-MM (2026-01)`, `name="from" value="abc"`,
			`value="size" selected`, `value="year" selected`, `aria-invalid="true" aria-describedby="fault-from"`, `id="fault-from"`},
		"from=abc&to=2026-13&lang=fi":        {`>Alkaen</a>: kirjoita kuukausi muodossa VVVV-KK`, `>Asti</a>: kirjoita kuukausi`, `value="2026-13"`},
		"from=2026-05&to=2026-04&lang=en":    {`>To</a>: must not be before “From”.`, `value="2026-05"`, `value="2026-04"`},
		"by=shoe&period=week&kind=x&lang=en": {`>Group by</a>: must be one of all, size,`, `>Period</a>: must be one of month, quarter, year, rolling.`, `>Survey</a>: must be one of nps, csat, ces.`},
		`from="><script>&lang=en`:            {`value="&#34;&gt;&lt;script&gt;"`},
	} {
		w := accepting(h, link+"?"+strings.NewReplacer(`"`, "%22", "<", "%3C", ">", "%3E").Replace(query), browsers)
		if w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", query, w.Code)
		}
		wantWellFormed(t, w.Body.String())
		for _, text := range want {
			if !strings.Contains(w.Body.String(), text) {
				t.Errorf("%s: the page lacks %s:\n%s", query, text, w.Body)
			}
		}
	}
	w := get(h, "/report.json?from=abc&by=shoe", bearer)
	if w.Code != 400 || !strings.Contains(w.Body.String(), `"errors":["by: known are all, size`) || !strings.Contains(w.Body.String(), `"from: write YYYY-MM`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
