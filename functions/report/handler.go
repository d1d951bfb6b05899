// Package report is the function that shows figures, as a page, JSON and CSV,
// and a customer's timeline. It only reads, and is open to nobody without the
// report token or a signed link.
package report

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"kaiku/shared/figures"
	"kaiku/shared/ledger"
	"kaiku/shared/policy"
	"kaiku/shared/token"
	"kaiku/shared/web"
)

// Ledger is what the function needs of the ledger.
type Ledger interface {
	figures.Counts
	Answers
	figures.Audiences
	figures.CommentReader
	Timeline(ctx context.Context, customer, after string, limit int) (ledger.Timeline, error)
}

// Handler serves the report.
type Handler struct {
	Ledger Ledger
	Policy *policy.Policy
	// Tokens open everything, each of them, as a bearer token; Keys sign links to
	// the page.
	Tokens []string
	Keys   *token.Keys
	// PersonalTokens open answers with their customers and comments too; none when
	// nobody may have these.
	PersonalTokens []string
	Now            func() time.Time
	Log            *slog.Logger
}

// Routes adds the function's routes to mux.
func (h *Handler) Routes(mux *http.ServeMux) {
	handle := func(pattern string, f web.HandlerFunc) {
		mux.Handle(pattern, web.Secure(web.Handle(h.Log, f)))
	}
	opened := func(pattern string, f web.HandlerFunc) {
		mux.Handle(pattern, web.Secure(web.HandlePage(h.Log, f, h.message)))
	}
	opened("GET /report", h.bearer(h.page))
	handle("GET /report.json", h.bearer(h.json))
	handle("GET /report.csv", h.bearer(h.csv))
	handle("GET /answers.csv", h.permitted(h.answers))
	handle("GET /customers/{id}/timeline", h.bearer(h.timeline))
	// The same for who has a link alone. What is downloaded is opened as a page is:
	// a link that expired meanwhile is told in words.
	opened("GET /report/{token}", h.linked(h.page))
	opened("GET /report/{token}/report.json", h.linked(h.json))
	opened("GET /report/{token}/report.csv", h.linked(h.csv))
}

// bearer lets through who carries a report token.
func (h *Handler) bearer(next web.HandlerFunc) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		if !web.HasBearer(r, h.Tokens...) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="kaiku report"`)
			return web.NewProblem(http.StatusUnauthorized, "Send the report token as Authorization: Bearer, or open a signed link.")
		}
		return next(w, r)
	}
}

// linked lets through who has a signed link.
func (h *Handler) linked(next web.HandlerFunc) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		switch _, err := h.Keys.Redeem(token.Report, r.PathValue("token"), h.Now()); {
		case errors.Is(err, token.ErrExpired):
			return web.NewProblem(http.StatusGone, "This link has expired; ask for a new one.")
		case err != nil:
			return web.NewProblem(http.StatusNotFound, "There is no such page.")
		}
		return next(w, r)
	}
}

func (h *Handler) query(r *http.Request) (figures.Query, error) {
	q, err := figures.ParseQuery(r.URL.Query(), h.now())
	if err != nil {
		return q, refused(err)
	}
	return q, nil
}

// refused tells a reader of a query that cannot be taken.
func refused(err error) error {
	p := web.NewProblem(http.StatusBadRequest, "The report cannot be asked for in this way. See errors.")
	var faults figures.Faults
	if errors.As(err, &faults) {
		p.Errors = faults.Texts()
	}
	return p
}

// timelinePage is how many lines of a timeline make a page.
const timelinePage = 100

func (h *Handler) timeline(w http.ResponseWriter, r *http.Request) error {
	t, err := h.Ledger.Timeline(r.Context(), r.PathValue("id"), r.URL.Query().Get("after"), timelinePage)
	if errors.Is(err, ledger.ErrNotFound) {
		return web.NewProblem(http.StatusNotFound, "No event about this customer has been taken in.")
	}
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, t)
}
