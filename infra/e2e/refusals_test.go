package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// problem is an error as RFC 9457 has it.
type problem struct {
	Type, Title, Detail string
	Status              int
	Errors              []struct{ Field, Detail string }
}

// wantProblem says that an answer is an error of this status, told as RFC 9457
// has it, and that it says what to do.
func wantProblem(t testing.TB, a answer, status int) problem {
	t.Helper()
	var p problem
	if a.status != status || a.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("the answer is %s of %s, want a problem of %d", a, a.header.Get("Content-Type"), status)
		return p
	}
	if err := json.Unmarshal(a.body, &p); err != nil || p.Status != status || p.Title == "" || p.Detail == "" {
		t.Errorf("the problem is %s, error %v", a, err)
	}
	return p
}

func TestARefusedEventChangesNothing(t *testing.T) {
	onEachStore(t, sunday, func(t *testing.T, env environment) {
		k, _ := asked(t, env)
		k.advance(15 * day) // an address is not asked twice within two weeks
		body := k.event("contract.ended", sampleContract())
		before := k.everything("C-1001")
		tooLarge := bytes.Join([][]byte{body, bytes.Repeat([]byte(" "), 256<<10-len(body)+1)}, nil)

		for what, refused := range map[string]struct {
			status int
			body   []byte
			header func(http.Header)
		}{
			"another secret":       {http.StatusUnauthorized, body, func(h http.Header) { sign(t, h, "whsec_c29tZWJvZHkgZWxzZSdzIHNlY3JldA==", k.now(), body) }},
			"another body":         {http.StatusUnauthorized, bytes.Replace(body, []byte("K-55"), []byte("K-56"), 1), nil},
			"another id":           {http.StatusUnauthorized, body, func(h http.Header) { h.Set("webhook-id", "msg_other") }},
			"no signature":         {http.StatusUnauthorized, body, func(h http.Header) { h.Del("webhook-signature") }},
			"no id":                {http.StatusUnauthorized, body, func(h http.Header) { h.Del("webhook-id") }},
			"no timestamp":         {http.StatusUnauthorized, body, func(h http.Header) { h.Del("webhook-timestamp") }},
			"signed six min ago":   {http.StatusUnauthorized, body, func(h http.Header) { sign(t, h, webhookSecret, k.now().Add(-6*time.Minute), body) }},
			"signed six min ahead": {http.StatusUnauthorized, body, func(h http.Header) { sign(t, h, webhookSecret, k.now().Add(6*time.Minute), body) }},
			"signed by our time":   {http.StatusUnauthorized, body, func(h http.Header) { sign(t, h, webhookSecret, time.Now().AddDate(-20, 0, 0), body) }},
			"not JSON":             {http.StatusBadRequest, []byte("contract ended"), nil},
			"a list":               {http.StatusBadRequest, []byte("[]"), nil},
			"an empty object":      {http.StatusBadRequest, []byte("{}"), nil},
			"no body":              {http.StatusBadRequest, nil, nil},
			"over 256 KiB":         {http.StatusRequestEntityTooLarge, tooLarge, nil},
			"text":                 {http.StatusUnsupportedMediaType, body, func(h http.Header) { h.Set("Content-Type", "text/plain") }},
			"no type of content":   {http.StatusUnsupportedMediaType, body, func(h http.Header) { h.Del("Content-Type") }},
		} {
			signedBody := refused.body
			if what == "another body" {
				signedBody = body
			}
			header := signed(t, webhookSecret, "msg_refused", k.now(), signedBody)
			if refused.header != nil {
				refused.header(header)
			}
			t.Log(what)
			wantProblem(t, k.send(http.MethodPost, eventsPath, header, refused.body), refused.status)
		}
		if after := k.everything("C-1001"); after != before {
			t.Errorf("it was\n%s\nand is\n%s", before, after)
		}
		// None of them used up the id.
		planned(t, k.post("msg_refused", body))
	})
}

// sign replaces the signature of a message.
func sign(t testing.TB, h http.Header, secret string, at time.Time, body []byte) {
	t.Helper()
	for name, values := range signed(t, secret, h.Get("webhook-id"), at, body) {
		h[name] = values
	}
}

func TestEveryBadFieldOfAnEventIsNamed(t *testing.T) {
	long := strings.Repeat("x", 129)
	k := start(t, local(t, sunday))
	for what, c := range map[string]struct {
		body   string
		fields []string
	}{
		"an unknown type and no data": {`{"type": "contract.lost", "timestamp": "2026-11-22T08:00:00Z"}`,
			[]string{"data", "data.customer.id", "type"}},
		"no time": {`{"type": "contract.changed", "data": {"customer": {"id": "C-1"}, "contract": {"id": "K-1"}}}`,
			[]string{"timestamp"}},
		"a time that is none": {`{"type": "contract.changed", "timestamp": "yesterday", "data": {"customer": {"id": "C-1"}, "contract": {"id": "K-1"}}}`,
			[]string{"timestamp"}},
		"no contract": {`{"type": "contract.changed", "timestamp": "2026-11-22T08:00:00Z", "data": {"customer": {"id": "C-1"}}}`,
			[]string{"data.contract.id"}},
		"everything": {`{"type": "contract.changed", "timestamp": "2026-11-22T08:00:00Z", "data": {
			"customer": {"id": "` + long + `", "employees": -1, "turnover": -0.5, "balanceSheet": "much", "timezone": "Europe/Atlantis", "chain": "no"},
			"contract": {"id": "` + long + `", "annualValue": -5, "startsOn": "2026-02-01", "endsOn": "2026-01-31"},
			"contacts": [{"id": "P-1", "email": "maija at leipomo", "role": "boss", "language": "de"}, {"email": "a@leipomo.example"}]}}`,
			[]string{"data.contacts[0].email", "data.contacts[0].language", "data.contacts[0].role", "data.contacts[1].id",
				"data.contract.annualValue", "data.contract.endsOn", "data.contract.id", "data.customer.balanceSheet", "data.customer.chain",
				"data.customer.employees", "data.customer.id", "data.customer.timezone", "data.customer.turnover"}},
	} {
		a, err := k.tryPost("msg_bad", []byte(c.body))
		if err != nil {
			t.Fatal(err)
		}
		p := wantProblem(t, a, http.StatusBadRequest)
		var fields []string
		for _, e := range p.Errors {
			fields = append(fields, e.Field)
			if e.Detail == "" {
				t.Errorf("%s: nothing is said about %s", what, e.Field)
			}
			known := map[string][]string{"type": {"contract.changed", "customer.erased"}, "data.contacts[0].language": {"fi", "sv", "en"},
				"data.contacts[0].role": {"decision_maker", "user", "billing"}}
			for _, one := range known[e.Field] {
				if !strings.Contains(e.Detail, one) {
					t.Errorf("%s: about %s it says %q, want the known ones listed", what, e.Field, e.Detail)
				}
			}
		}
		if slices.Sort(fields); !slices.Equal(fields, c.fields) {
			t.Errorf("%s: the fields are %v, want %v", what, fields, c.fields)
		}
		if strings.Contains(string(a.body), "maija") {
			t.Errorf("%s: the answer repeats an address", what)
		}
	}
	if a := k.send(http.MethodGet, "/customers/C-1/timeline", k.bearer(), nil); a.status != http.StatusNotFound {
		t.Errorf("the customer of the refused events is known: %s", a)
	}
}

func TestAnEventOfExactly256KiBIsTaken(t *testing.T) {
	k := start(t, local(t, sunday))
	body := readSample(t, "webhook/contract.changed.json")
	planned(t, k.post("msg_large", append(body, bytes.Repeat([]byte(" "), 256<<10-len(body))...)))
}

func TestReportAndTimelineAreClosedWithoutTheToken(t *testing.T) {
	onEachStore(t, sunday, func(t *testing.T, env environment) {
		k, _ := asked(t, env)
		for _, path := range []string{"/report", "/report.json", "/report.csv", "/customers/C-1001/timeline", "/customers/C-9999/timeline"} {
			for _, authorization := range []string{"", "Bearer", "Bearer ", "Bearer a report token of the test", "Basic " + reportToken, reportToken} {
				header := http.Header{}
				if authorization != "" {
					header.Set("Authorization", authorization)
				}
				a := k.send(http.MethodGet, path, header, nil)
				if p := wantProblem(t, a, http.StatusUnauthorized); p.Status != 0 && a.header.Get("WWW-Authenticate") == "" {
					t.Errorf("%s with %q does not say how to get in", path, authorization)
				}
			}
		}
		for _, path := range []string{"/report", "/report.json", "/report.csv", "/customers/C-1001/timeline"} {
			if a := k.send(http.MethodGet, path, k.bearer(), nil); a.status != http.StatusOK {
				t.Errorf("%s with the token: %d", path, a.status)
			}
		}
	})
}
