package report

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"kaiku/shared/figures"
	"kaiku/shared/survey"
	"kaiku/shared/web"
)

// reading is what was counted, read once: whatever is made from it agrees.
type reading struct {
	programme figures.Programme
	customers figures.Customers
	linkOpen  time.Duration
}

// read reads what was counted of some kinds, and of customers, side by side.
func (h *Handler) read(ctx context.Context, kinds []survey.Kind) (r reading, err error) {
	now := h.now()
	r.linkOpen = h.Policy.Sending.LinkOpen.Std()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		r.programme, err = figures.Load(ctx, h.Ledger, kinds, h.Policy.Results.HideUnder, now)
		return err
	})
	group.Go(func() (err error) {
		r.customers, err = figures.LoadCustomers(ctx, h.Ledger, h.Policy.Audience.Includes, now)
		return err
	})
	err = group.Wait()
	return r, err
}

// now is the time where the programme is: months begin there.
func (h *Handler) now() time.Time { return h.Now().In(h.Policy.Zone) }

func (r reading) retention(q figures.Query) ([]figures.Retention, error) {
	return r.programme.Retention(q, r.linkOpen)
}

// told is the report for programs.
type told struct {
	figures.Figures
	Coverage  []figures.Coverage  `json:"coverage"`
	Retention []figures.Retention `json:"retention"`
}

// tell makes what a request asks for.
func (h *Handler) tell(r *http.Request) (t told, err error) {
	q, err := h.query(r)
	if err != nil {
		return t, err
	}
	read, err := h.read(r.Context(), q.Kinds)
	if err != nil {
		return t, err
	}
	if t.Figures, err = read.programme.Figures(q); err != nil {
		return t, err
	}
	t.Coverage = read.customers.Coverage(q)
	t.Retention, err = read.retention(q)
	return t, err
}

func (h *Handler) json(w http.ResponseWriter, r *http.Request) error {
	t, err := h.tell(r)
	if err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, t)
}
