// Package aggregate is the function that turns new answers into figures, once
// an hour: what changed since is counted, and nothing else is looked at.
package aggregate

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"
)

// Ledger is what the function needs of the ledger.
type Ledger interface {
	Count(ctx context.Context, now time.Time) (outcomes int, err error)
}

// Handler runs once an hour.
type Handler struct {
	Ledger Ledger
	Now    func() time.Time
	Log    *slog.Logger
}

// Handle counts what changed.
func (h *Handler) Handle(ctx context.Context, _ json.RawMessage) error {
	outcomes, err := h.Ledger.Count(ctx, h.Now())
	if err != nil {
		return err
	}
	h.Log.InfoContext(ctx, "counted", "outcomes", outcomes)
	return nil
}
