// Package webhook is the function that contract events come in by: it verifies
// the signature, checks every field, and has the ledger store the event with
// the decision it leads to.
package webhook

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/survey"
	"kaiku/shared/web"
	"kaiku/shared/webhook"
)

// Ledger is what the function needs of the ledger.
type Ledger interface {
	TakeEvent(ctx context.Context, e survey.Event, now time.Time) (ledger.Receipt, error)
}

// Handler takes POST /webhooks/contracts.
type Handler struct {
	Verifier *webhook.Verifier
	Ledger   Ledger
	Now      func() time.Time
	Log      *slog.Logger
}

// Routes adds the function's routes to mux.
func (h *Handler) Routes(mux *http.ServeMux) {
	mux.Handle("POST /webhooks/contracts", web.Secure(web.Handle(h.Log, h.take)))
}

func (h *Handler) take(w http.ResponseWriter, r *http.Request) error {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return web.NewProblem(http.StatusUnsupportedMediaType, "Send the event as Content-Type: application/json.")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, webhook.MaxBody))
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return web.NewProblem(http.StatusRequestEntityTooLarge, "An event may have at most 256 KiB.")
		}
		return web.NewProblem(http.StatusBadRequest, "The body could not be read to its end.")
	}
	id, err := h.Verifier.Verify(r.Header, body, h.Now())
	if err != nil {
		return web.NewProblem(http.StatusUnauthorized, err.Error())
	}
	event, faults := webhook.ParseEvent(id, body)
	if len(faults) == 0 {
		faults = webhook.Ahead(event, h.Now())
	}
	if len(faults) > 0 {
		p := web.NewProblem(http.StatusBadRequest, "The event was not taken in; nothing has changed. See errors.")
		p.Errors = faults
		return p
	}
	receipt, err := h.Ledger.TakeEvent(r.Context(), event, h.Now())
	if errors.Is(err, survey.ErrTooMany) {
		p := web.NewProblem(http.StatusBadRequest, "The event was not taken in; nothing has changed. See errors.")
		p.Errors = []webhook.Fault{{Field: "data", Detail: survey.ErrTooMany.Error()}}
		return p
	}
	if err != nil {
		return err
	}
	status := http.StatusAccepted
	if receipt.Duplicate {
		status = http.StatusOK
	}
	return web.WriteJSON(w, status, receipt)
}
