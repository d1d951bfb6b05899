package sns

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The fetcher of production, but for whom it trusts: httptest's own authority.
func TestCertificatesAreFetchedOverHTTPSWithinBounds(t *testing.T) {
	for name, c := range map[string]struct {
		status  int
		body    string
		refused bool
		want    string
	}{
		"there":              {status: 200, body: "certificate", want: "certificate"},
		"not there":          {status: 404, refused: true},
		"not to be had":      {status: 403, refused: true},
		"too many questions": {status: 429},
		"host in trouble":    {status: 503},
		"elsewhere":          {status: 302},
		"endless":            {status: 200, body: strings.Repeat("x", maxCertificate+1)},
	} {
		server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://evil.example/x.pem")
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		}))
		f := HTTPS().(web)
		f.client.Transport = server.Client().Transport
		b, err := f.Fetch(t.Context(), server.URL+"/x.pem")
		if string(b) != c.want || (err == nil) != (c.want != "") || errors.Is(err, ErrRefused) != c.refused {
			t.Errorf("%s: %d bytes, %v", name, len(b), err)
		}
		server.Close()
		if _, err := f.Fetch(t.Context(), server.URL+"/secret.pem"); err == nil || errors.Is(err, ErrRefused) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s, once the host is gone: %v", name, err)
		}
	}
}

func TestAHostThatCannotProveItsNameIsNotBelieved(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	server.Config.ErrorLog = nil
	if _, err := HTTPS().Fetch(t.Context(), server.URL+"/x.pem"); err == nil || errors.Is(err, ErrRefused) {
		t.Errorf("its 404 counts: %v", err)
	}
}
