package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// Every page of the local run opens, and what it links to does too.
func TestTheLocalPagesOpen(t *testing.T) {
	k := start(t, local(t, "2026-11-22T08:05:00Z"))
	post := func(path, form string) int {
		t.Helper()
		r, err := http.Post(k.base+path, "application/x-www-form-urlencoded", strings.NewReader(form))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Body.Close() }() // only its status is looked at
		return r.StatusCode
	}
	if got := post("/local/samples/contract.changed", ""); got != http.StatusOK {
		t.Fatalf("the button of a sample event: %d", got)
	}
	if got := post("/local/clock", "advance=168h"); got != http.StatusOK { // back on the page
		t.Fatalf("the button of the clock: %d", got)
	}
	mails := k.mails()
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	for _, path := range []string{"/", "/local", "/local/mailbox", "/local/mailbox/" + mails[0].MessageID} {
		r, err := http.Get(k.base + path)
		if err != nil {
			t.Fatal(err)
		}
		if r.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
		_ = r.Body.Close() // only its status is looked at
	}
	for _, body := range []string{`{"to": "2199-01-01T00:00:00Z"}`, `{"advance": "-1h"}`, `{"to": "2020-01-01T00:00:00Z"}`} {
		if got := post("/local/clock", body); got != http.StatusBadRequest {
			t.Errorf("%s: %d", body, got)
		}
	}
}
