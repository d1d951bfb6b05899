// Package aggregate is the function that turns new answers into figures, once
// an hour: what changed since is counted, and nothing else is looked at. Once a
// month it then mails the digest, from figures that are current.
package aggregate

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"
)

// Ledger is what the function needs of the ledger.
type Ledger interface {
	Count(ctx context.Context, now time.Time) (outcomes int, err error)
	Digests
}

// Handler runs once an hour.
type Handler struct {
	Ledger  Ledger
	Monthly Monthly
	Now     func() time.Time
	Log     *slog.Logger
}

// Handle counts what changed, then mails the digests that are due. A digest that
// fails fails the run, with everything counted.
func (h *Handler) Handle(ctx context.Context, _ json.RawMessage) error {
	outcomes, err := h.Ledger.Count(ctx, h.Now())
	if err != nil {
		return err
	}
	h.Log.InfoContext(ctx, "counted", "outcomes", outcomes)
	if err := h.mailDigests(ctx); err != nil {
		return fmt.Errorf("mailing the digest: %w", err)
	}
	return nil
}
