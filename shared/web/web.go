// Package web is what Kaiku's HTTP functions share: handlers that return an
// error, one place that turns an error into a status, problem+json (RFC 9457),
// and the security headers.
package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
)

// Problem is an error that the caller is told about, as RFC 9457 has it. All
// other errors become a 500 that says nothing of the inside.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	// Detail says what to do.
	Detail string `json:"detail,omitempty"`
	// Errors has one entry for each bad field.
	Errors any `json:"errors,omitempty"`
}

func (p *Problem) Error() string { return p.Title + ": " + p.Detail }

// NewProblem makes a Problem; its title is the status's own text.
func NewProblem(status int, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

// internal is what a caller is told of an error that is not theirs.
var internal = NewProblem(http.StatusInternalServerError,
	"Something went wrong here. Nothing was changed that you were not told of; try again in a moment.")

// HandlerFunc is a handler that may fail.
type HandlerFunc func(w http.ResponseWriter, r *http.Request) error

// Handle turns a HandlerFunc into a handler that answers errors with
// problem+json. Errors that are not Problems are logged; their texts must hold
// nothing personal, and the path, which may hold a token, is not logged.
func Handle(log *slog.Logger, f HandlerFunc) http.Handler {
	return handle(log, f, func(w http.ResponseWriter, _ *http.Request, p *Problem) { WriteProblem(w, p) })
}

// HandlePage is Handle for what people open: to a browser, which asks for HTML, a
// problem is told by page; to everyone else it is problem+json as ever.
func HandlePage(log *slog.Logger, f HandlerFunc, page func(w http.ResponseWriter, r *http.Request, p *Problem) error) http.Handler {
	return handle(log, f, func(w http.ResponseWriter, r *http.Request, p *Problem) {
		w.Header().Add("Vary", "Accept")
		if !asksForHTML(r) {
			WriteProblem(w, p)
			return
		}
		if err := page(w, r, p); err != nil {
			log.ErrorContext(r.Context(), "rendering a page failed", "route", r.Pattern, "error", err)
			WriteProblem(w, internal)
		}
	})
}

// asksForHTML says whether HTML is named among what is accepted, as all browsers
// do when they open a page and no program does that takes anything (*/*).
func asksForHTML(r *http.Request) bool {
	for media := range strings.SplitSeq(r.Header.Get("Accept"), ",") {
		kind, _, _ := strings.Cut(media, ";")
		if strings.EqualFold(strings.TrimSpace(kind), "text/html") {
			return true
		}
	}
	return false
}

func handle(log *slog.Logger, f HandlerFunc, tell func(w http.ResponseWriter, r *http.Request, p *Problem)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := f(w, r)
		if err == nil {
			return
		}
		var p *Problem
		if !errors.As(err, &p) {
			log.ErrorContext(r.Context(), "request failed", "route", r.Pattern, "error", err)
			p = internal
		}
		tell(w, r, p)
	})
}

// WriteProblem answers with a problem.
func WriteProblem(w http.ResponseWriter, p *Problem) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the caller has gone: nobody is left to tell
}

// WriteJSON answers with a value as JSON.
func WriteJSON(w http.ResponseWriter, status int, value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, err = w.Write(append(b, '\n'))
	return err
}

// Secure puts the headers that every page of Kaiku has before h: nothing may be
// framed, sniffed, indexed, cached, or learn the address of a page, which holds
// a token (OWASP Secure Headers Project).
func Secure(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Robots-Tag", "noindex, nofollow")
		h.ServeHTTP(w, r)
	})
}

// HasBearer says whether the request carries one of the tokens as
// "Authorization: Bearer". Each is compared in constant time, and all of them
// whichever fits, so that the time tells neither how much nor which.
func HasBearer(r *http.Request, tokens ...string) bool {
	scheme, given, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") || given == "" {
		return false
	}
	a, found := sha256.Sum256([]byte(given)), 0
	for _, token := range tokens {
		b := sha256.Sum256([]byte(token))
		found |= subtle.ConstantTimeCompare(a[:], b[:])
	}
	return found == 1
}
