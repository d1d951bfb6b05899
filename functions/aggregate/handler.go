// Package aggregate is the function that turns new answers into figures, once
// an hour. It counts again, whole, each day on which something changed.
package aggregate

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"
)

// Ledger is what the function needs of the ledger.
type Ledger interface {
	Count(ctx context.Context, now time.Time) (days int, err error)
}

// Handler runs once an hour.
type Handler struct {
	Ledger Ledger
	Now    func() time.Time
	Log    *slog.Logger
}

// Handle counts what changed.
func (h *Handler) Handle(ctx context.Context, _ json.RawMessage) error {
	days, err := h.Ledger.Count(ctx, h.Now())
	if err != nil {
		return err
	}
	h.Log.InfoContext(ctx, "counted", "days", days)
	return nil
}
