package webhook_test

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"kaiku/shared/webhook"
)

// Secrets as Standard Webhooks writes them, of 32 bytes each.
var (
	current = secret("the secret that is current, so!!")
	older   = secret("the secret that is on its way...")
	foreign = secret("a secret of somebody else's, ha!")
)

func secret(key string) string { return "whsec_" + base64.StdEncoding.EncodeToString([]byte(key)) }

var (
	signedAt = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	payload  = []byte(`{"type":"customer.updated","timestamp":"2026-11-22T08:00:00Z","data":{"customer":{"id":"C-1001"}}}`)
)

func verifier(t testing.TB, secrets string) *webhook.Verifier {
	t.Helper()
	v, err := webhook.ParseSecrets(secrets)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// signed is what a sender with this secret sends along.
func signed(t testing.TB, secret string) http.Header {
	t.Helper()
	header, err := verifier(t, secret).Sign("msg_1", signedAt, payload)
	if err != nil {
		t.Fatal(err)
	}
	return header
}

const (
	idHeader        = "Webhook-Id"
	timeHeader      = "Webhook-Timestamp"
	signatureHeader = "Webhook-Signature"
)

func TestWhatIsSignedWithASecretOfOursIsLetIn(t *testing.T) {
	type change = func(http.Header)
	set := func(name, value string) change { return func(h http.Header) { h.Set(name, value) } }
	without := func(name string) change { return func(h http.Header) { h.Del(name) } }
	prefix := func(text string) change {
		return func(h http.Header) { h.Set(signatureHeader, text+h.Get(signatureHeader)) }
	}
	both := current + " " + older
	for _, c := range []struct {
		name    string
		secrets string // of ours
		by      string // whose secret it is signed with
		change  change
		late    time.Duration // now, after it was signed
		body    string
		ok      bool
	}{
		{name: "with the only secret", secrets: current, by: current, ok: true},
		{name: "with another", secrets: current, by: foreign},
		{name: "in rotation: with the current", secrets: both, by: current, ok: true},
		{name: "in rotation: with the one on its way out", secrets: both, by: older, ok: true},
		{name: "in rotation: with neither", secrets: both, by: foreign},
		{name: "after rotation: with the one that is out", secrets: current, by: older},

		{name: "signed 5 minutes ago", secrets: current, by: current, late: 5 * time.Minute, ok: true},
		{name: "signed 5 minutes and a second ago", secrets: current, by: current, late: 5*time.Minute + time.Second},
		{name: "signed 5 minutes ahead", secrets: current, by: current, late: -5 * time.Minute, ok: true},
		{name: "signed 5 minutes and a second ahead", secrets: current, by: current, late: -5*time.Minute - time.Second},
		{name: "signed a day ago", secrets: current, by: current, late: 24 * time.Hour},
		{name: "signed a day ahead", secrets: current, by: current, late: -24 * time.Hour},

		{name: "no id", secrets: current, by: current, change: without(idHeader)},
		{name: "no timestamp", secrets: current, by: current, change: without(timeHeader)},
		{name: "no signature", secrets: current, by: current, change: without(signatureHeader)},
		{name: "an empty signature", secrets: current, by: current, change: set(signatureHeader, "")},
		{name: "another id", secrets: current, by: current, change: set(idHeader, "msg_2")},
		{name: "another timestamp, within the tolerance", secrets: current, by: current, change: set(timeHeader, strconv.FormatInt(signedAt.Unix()+1, 10))},
		{name: "a timestamp that is no number", secrets: current, by: current, change: set(timeHeader, "2026-11-22T08:00:00Z")},
		{name: "a timestamp that is no whole number", secrets: current, by: current, change: set(timeHeader, strconv.FormatInt(signedAt.Unix(), 10)+".0")},
		{name: "a timestamp beyond all time", secrets: current, by: current, change: set(timeHeader, "9223372036854775807")},
		{name: "a timestamp before all time", secrets: current, by: current, change: set(timeHeader, "-9223372036854775808")},
		{name: "a timestamp beyond all numbers", secrets: current, by: current, change: set(timeHeader, strings.Repeat("9", 40))},

		{name: "several signatures, ours last", secrets: current, by: current, change: prefix("v1,AAAA v1a,BBBB v2,CCCC "), ok: true},
		{name: "several signatures, ours first", secrets: current, by: current, change: func(h http.Header) { h.Set(signatureHeader, h.Get(signatureHeader)+" v1,AAAA") }, ok: true},
		{name: "several signatures, none ours", secrets: current, by: current, change: set(signatureHeader, "v1,AAAA v1,BBBB")},
		{name: "of a version that is not known", secrets: current, by: current, change: func(h http.Header) { h.Set(signatureHeader, strings.Replace(h.Get(signatureHeader), "v1,", "v2,", 1)) }},
		{name: "without a version", secrets: current, by: current, change: func(h http.Header) { h.Set(signatureHeader, strings.TrimPrefix(h.Get(signatureHeader), "v1,")) }},
		{name: "cut short", secrets: current, by: current, change: func(h http.Header) { h.Set(signatureHeader, h.Get(signatureHeader)[:20]) }},

		{name: "another body", secrets: current, by: current, body: strings.Replace(string(payload), "C-1001", "C-1002", 1)},
		{name: "a body with a space more", secrets: current, by: current, body: string(payload) + " "},
		{name: "an empty body", secrets: current, by: current, body: " "},
	} {
		t.Run(c.name, func(t *testing.T) {
			header, body := signed(t, c.by), payload
			if c.change != nil {
				c.change(header)
			}
			if c.body != "" {
				body = []byte(c.body)
			}
			id, err := verifier(t, c.secrets).Verify(header, body, signedAt.Add(c.late))
			if c.ok && (err != nil || id != "msg_1") {
				t.Errorf("refused: %v (id %q)", err, id)
			}
			if !c.ok && (!errors.Is(err, webhook.ErrUnsigned) || id != "") {
				t.Errorf("let in as %q with error %v", id, err)
			}
			if err != nil && (strings.Contains(err.Error(), header.Get(signatureHeader)) && header.Get(signatureHeader) != "" || strings.Contains(err.Error(), "msg_")) {
				t.Errorf("the error repeats what was sent: %v", err)
			}
		})
	}
}

// The clock of a local run is its own: nothing may be held against the machine's.
func TestTheTimeOfSigningIsHeldAgainstTheClockGiven(t *testing.T) {
	for _, year := range []int{1999, 2026, 2100} {
		now := time.Date(year, 2, 3, 4, 5, 6, 0, time.UTC)
		v := verifier(t, current)
		header, err := v.Sign("msg_1", now, payload)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Verify(header, payload, now); err != nil {
			t.Errorf("in %d: %v", year, err)
		}
	}
}

func TestOurSignatureIsMadeWithTheFirstSecret(t *testing.T) {
	header := signed(t, current+" "+older)
	if _, err := verifier(t, current).Verify(header, payload, signedAt); err != nil {
		t.Errorf("the first does not verify it: %v", err)
	}
	if _, err := verifier(t, older).Verify(header, payload, signedAt); err == nil {
		t.Error("the second verifies it")
	}
	if header.Get(idHeader) != "msg_1" || header.Get(timeHeader) != "1795334400" {
		t.Errorf("the headers are %v", header)
	}
}

func TestSecretsThatAreNoneAreRefusedUnrepeated(t *testing.T) {
	for name, text := range map[string]string{
		"none":                 "",
		"only spaces":          " \n\t",
		"no prefix":            strings.TrimPrefix(current, "whsec_"),
		"too short":            "whsec_c2hvcnQ=",
		"not base64":           "whsec_not+base64/at*all!not+base64",
		"the second is no one": current + " whsec_not+base64/at*all!not+base64",
		"of another kind":      "whsk_" + strings.TrimPrefix(current, "whsec_"),
	} {
		t.Run(name, func(t *testing.T) {
			v, err := webhook.ParseSecrets(text)
			if err == nil {
				t.Fatalf("read as %v", v)
			}
			for _, field := range strings.Fields(text) {
				if strings.Contains(err.Error(), strings.TrimPrefix(field, "whsec_")) {
					t.Errorf("the error repeats the secret: %v", err)
				}
			}
		})
	}
	if _, err := webhook.ParseSecrets("\n " + current + "\t" + older + " \n"); err != nil {
		t.Errorf("secrets between spaces: %v", err)
	}
}
