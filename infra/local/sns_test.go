package local

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"kaiku/shared/sns"
)

// The local run has no way past the signature: what it would take unsigned, the
// cloud would refuse.
func TestTheLocalRunBelievesMailEventsForTheirSignatureToo(t *testing.T) {
	env := map[string]string{"DATA": t.TempDir(), "KAIKU_NOW": "2026-11-23T08:00:00Z"}
	l, err := open(t.Context(), Getenv(func(name string) string { return env[name] }), "http://127.0.0.1:8080", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.close(); err != nil {
			t.Error(err)
		}
	})
	for _, at := range []time.Time{earliest.Add(time.Hour), l.clock.Now(), latest.Add(-time.Hour)} {
		e, err := l.sesEvent(Mail{MessageID: "local-1", At: at}, "Bounce", "Permanent", at)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.mailevent.Handle(t.Context(), e); err != nil { // of nobody's mail, so nothing is noted
			t.Errorf("of %v, signed: %v", at, err)
		}
		e.Records[0].SNS.Message += " "
		if err := l.mailevent.Handle(t.Context(), e); !errors.Is(err, sns.ErrRefused) {
			t.Errorf("of %v, altered: %v", at, err)
		}
	}
}
