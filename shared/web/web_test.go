package web_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"kaiku/shared/web"
)

// answer is what a caller gets of a handler, and what was logged meanwhile.
func answer(t *testing.T, f web.HandlerFunc) (w *httptest.ResponseRecorder, logged string) {
	t.Helper()
	var log bytes.Buffer
	mux := http.NewServeMux()
	mux.Handle("GET /s/{token}", web.Handle(slog.New(slog.NewJSONHandler(&log, nil)), f))
	w = httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/s/secret-token?score=9", nil))
	return w, log.String()
}

func TestProblemsAreToldToTheCaller(t *testing.T) {
	withErrors := web.NewProblem(http.StatusBadRequest, "See errors.")
	withErrors.Errors = []map[string]string{{"field": "type"}}
	for _, c := range []struct {
		name   string
		err    error
		status int
		body   string
	}{
		{"as it is", web.NewProblem(http.StatusNotFound, "There is no such survey."), 404,
			`{"type":"about:blank","title":"Not Found","status":404,"detail":"There is no such survey."}`},
		{"wrapped", fmt.Errorf("reading a table: %w", web.NewProblem(http.StatusGone, "It is closed.")), 410,
			`{"type":"about:blank","title":"Gone","status":410,"detail":"It is closed."}`},
		{"with an entry for each field", withErrors, 400,
			`{"type":"about:blank","title":"Bad Request","status":400,"detail":"See errors.","errors":[{"field":"type"}]}`},
		{"without a detail", web.NewProblem(http.StatusTeapot, ""), 418, `{"type":"about:blank","title":"I'm a teapot","status":418}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, log := answer(t, func(http.ResponseWriter, *http.Request) error { return c.err })
			if w.Code != c.status || strings.TrimSpace(w.Body.String()) != c.body {
				t.Errorf("%d %s\nwant %d %s", w.Code, w.Body, c.status, c.body)
			}
			if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("Content-Type is %q", got)
			}
			if got := w.Header().Get("Cache-Control"); got != "no-store" {
				t.Errorf("Cache-Control is %q", got)
			}
			if log != "" {
				t.Errorf("the caller's own fault is logged: %s", log)
			}
		})
	}
}

func TestOtherErrorsSayNothingOfTheInside(t *testing.T) {
	inside := fmt.Errorf("reading the customer: %w", errors.New("dial tcp 10.0.0.7:8000: connection refused"))
	w, log := answer(t, func(http.ResponseWriter, *http.Request) error { return inside })
	if w.Code != http.StatusInternalServerError || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %s", w.Code, w.Header().Get("Content-Type"))
	}
	body := w.Body.String()
	var problem map[string]any
	if err := json.Unmarshal([]byte(body), &problem); err != nil || problem["status"] != 500.0 || problem["title"] != "Internal Server Error" {
		t.Errorf("the body is %s (%v)", body, err)
	}
	for _, word := range []string{"customer", "dial", "10.0.0.7", "refused"} {
		if strings.Contains(body, word) {
			t.Errorf("the caller learns of %q: %s", word, body)
		}
	}
	var line map[string]any
	if err := json.Unmarshal([]byte(log), &line); err != nil || line["error"] != inside.Error() || line["level"] != "ERROR" || line["route"] != "GET /s/{token}" {
		t.Errorf("the log is %s (%v)", log, err)
	}
	if strings.Contains(log, "secret-token") || strings.Contains(log, "score") {
		t.Errorf("the log holds the path, and so the token: %s", log)
	}
}

func TestABrowserIsToldByAPageAndEveryoneElseByAProblem(t *testing.T) {
	for accept, html := range map[string]bool{
		"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": true, "application/json, TEXT/HTML;q=0.5": true,
		"": false, "*/*": false, "application/json": false, "text/*": false,
	} {
		for _, fails := range []bool{false, true} {
			var log bytes.Buffer
			h := web.HandlePage(slog.New(slog.NewJSONHandler(&log, nil)), func(http.ResponseWriter, *http.Request) error {
				return web.NewProblem(http.StatusGone, "Over.")
			}, func(w http.ResponseWriter, _ *http.Request, p *web.Problem) error {
				if fails {
					return errors.New("no words for it")
				}
				w.Header().Set("Content-Type", "text/html")
				w.WriteHeader(p.Status)
				return nil
			})
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			r.Header.Set("Accept", accept)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			status, kind, logged := http.StatusGone, "application/problem+json", ""
			if html && fails {
				status, logged = http.StatusInternalServerError, "no words for it"
			} else if html {
				kind = "text/html"
			}
			if w.Code != status || w.Header().Get("Content-Type") != kind || (logged == "") != (log.Len() == 0) || !strings.Contains(log.String(), logged) {
				t.Errorf("%q: %d %s, logged %q", accept, w.Code, w.Header().Get("Content-Type"), log.String())
			}
			if w.Header().Get("Vary") != "Accept" {
				t.Errorf("Vary is %q", w.Header().Get("Vary"))
			}
		}
	}
}

func TestWhatSucceedsIsLeftAlone(t *testing.T) {
	w, log := answer(t, func(w http.ResponseWriter, _ *http.Request) error {
		return web.WriteJSON(w, http.StatusAccepted, map[string]int{"n": 1})
	})
	if w.Code != http.StatusAccepted || w.Body.String() != "{\"n\":1}\n" || log != "" ||
		w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %s %v, logged %s", w.Code, w.Body, w.Header(), log)
	}
}

func TestWhatIsNoJSONIsAnErrorAndNotHalfAnAnswer(t *testing.T) {
	w, _ := answer(t, func(w http.ResponseWriter, _ *http.Request) error {
		return web.WriteJSON(w, http.StatusOK, map[string]float64{"n": math.NaN()})
	})
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "NaN") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestTheBearerTokenOpens(t *testing.T) {
	const token = "report-token-of-32-characters..."
	for _, c := range []struct {
		name, header, token string
		want                bool
	}{
		{"the token", "Bearer " + token, token, true},
		{"in small letters, as schemes may be written", "bearer " + token, token, true},
		{"another", "Bearer report-token-of-32-characters.!!", token, false},
		{"its beginning", "Bearer " + token[:20], token, false},
		{"more behind it", "Bearer " + token + "x", token, false},
		{"in other letters", "Bearer " + strings.ToUpper(token), token, false},
		{"none", "", token, false},
		{"the scheme alone", "Bearer", token, false},
		{"an empty one", "Bearer ", token, false},
		{"another scheme", "Basic " + token, token, false},
		{"without a scheme", token, token, false},
		{"two spaces", "Bearer  " + token, token, false},
		{"when none is set, none opens", "Bearer ", "", false},
		{"when none is set, nothing opens", "", "", false},
		{"the newer of two", "Bearer " + token, token + " the-one-that-is-going-out", true},
		{"the older of two", "Bearer " + token, "the-one-that-is-coming-in " + token, true},
		{"neither of two", "Bearer another", "the-one-that-is-coming-in " + token, false},
		{"two at once", "Bearer " + token + " " + token, token + " " + token, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/report", nil)
			if c.header != "" {
				r.Header.Set("Authorization", c.header)
			}
			if got := web.HasBearer(r, strings.Fields(c.token)...); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// A page's address holds its token, so nothing may pass it on or keep it.
func TestEveryAnswerHasTheSecurityHeaders(t *testing.T) {
	for name, h := range map[string]http.Handler{
		"a page":      http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }),
		"a problem":   web.Handle(slog.New(slog.DiscardHandler), func(http.ResponseWriter, *http.Request) error { return web.NewProblem(404, "") }),
		"not a route": http.NewServeMux(),
	} {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			web.Secure(h).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/s/token", nil))
			for header, want := range map[string]string{
				"Cache-Control":             "no-store",
				"Referrer-Policy":           "no-referrer",
				"X-Content-Type-Options":    "nosniff",
				"X-Robots-Tag":              "noindex, nofollow",
				"Strict-Transport-Security": "max-age=63072000; includeSubDomains",
			} {
				if got := w.Header().Get(header); got != want {
					t.Errorf("%s is %q, want %q", header, got, want)
				}
			}
			policy := strings.Split(w.Header().Get("Content-Security-Policy"), "; ")
			for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"} {
				if !slices.Contains(policy, want) {
					t.Errorf("Content-Security-Policy %q is without %s", policy, want)
				}
			}
			if w.Header().Get("Set-Cookie") != "" || w.Header().Get("Server") != "" {
				t.Errorf("headers are %v", w.Header())
			}
		})
	}
}

func TestAPageCanLoosenItsOwnPolicy(t *testing.T) {
	w := httptest.NewRecorder()
	web.Secure(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; form-action 'self'")
	})).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	if got := w.Header().Get("Content-Security-Policy"); got != "default-src 'none'; form-action 'self'" {
		t.Errorf("Content-Security-Policy is %q", got)
	}
}
