package sns

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Fetcher gets the file at a URL that a Verifier has found to be SNS's own. Its
// error is ErrRefused when the host knows of no such file; any other means that
// it may be had later.
type Fetcher interface {
	Fetch(ctx context.Context, url string) ([]byte, error)
}

const (
	// fetchTime leaves time for the rest of a function that has 30 seconds.
	fetchTime = 5 * time.Second
	// maxCertificate is many times the size of one, in bytes.
	maxCertificate = 64 << 10
)

// HTTPS fetches from the web. The host is known by its own certificate, which
// is checked as any is; it is never followed elsewhere.
func HTTPS() Fetcher {
	return web{&http.Client{Timeout: fetchTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

type web struct{ client *http.Client }

// Fetch implements Fetcher.
func (f web) Fetch(ctx context.Context, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("fetching a signing certificate: its address is none")
	}
	response, err := f.client.Do(request)
	if err != nil {
		var outer *url.Error
		if errors.As(err, &outer) { // without the address, which a forger may have written
			err = outer.Err
		}
		return nil, fmt.Errorf("fetching a signing certificate: %w", err)
	}
	defer func() { _ = response.Body.Close() }() // what matters of it has been read
	switch code := response.StatusCode; {
	case code == http.StatusForbidden || code == http.StatusNotFound || code == http.StatusGone:
		return nil, refuse("its certificate does not exist")
	case code != http.StatusOK:
		return nil, fmt.Errorf("fetching a signing certificate: the host answers %d", code)
	}
	b, err := io.ReadAll(io.LimitReader(response.Body, maxCertificate+1))
	if err != nil {
		return nil, fmt.Errorf("fetching a signing certificate: %w", err)
	}
	if len(b) > maxCertificate {
		return nil, errors.New("fetching a signing certificate: the answer is too large to be one")
	}
	return b, nil
}

// certificates keeps what was fetched. SNS signs with one certificate for months,
// and names it anew when it changes.
type certificates struct {
	fetcher Fetcher
	mutex   sync.Mutex
	known   map[string]*x509.Certificate
}

// maxKnown bounds what is kept; beyond it all is fetched again.
const maxKnown = 8

func (c *certificates) get(ctx context.Context, url string) (*x509.Certificate, error) {
	c.mutex.Lock()
	cert := c.known[url]
	c.mutex.Unlock()
	if cert != nil {
		return cert, nil
	}
	b, err := c.fetcher.Fetch(ctx, url)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(b)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, errors.New("fetching a signing certificate: what came is none")
	}
	if cert, err = x509.ParseCertificate(block.Bytes); err != nil {
		return nil, errors.New("fetching a signing certificate: what came cannot be read")
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.known == nil || len(c.known) >= maxKnown {
		c.known = map[string]*x509.Certificate{}
	}
	c.known[url] = cert
	return cert, nil
}

// minKey is the smallest RSA key taken, in bits; SNS's own have 2048.
const minKey = 2048

// signing is the certificate's key, if the certificate is one that SNS signs
// with, and in force.
func signing(cert *x509.Certificate, now time.Time) (*rsa.PublicKey, error) {
	if now.Before(cert.NotBefore) || now.After(cert.NotAfter) {
		return nil, refuse("its certificate is not in force")
	}
	if !ofSNS(cert.DNSNames) {
		return nil, refuse("its certificate is not SNS's")
	}
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok || key.N.BitLen() < minKey {
		return nil, refuse("its certificate has no RSA key of 2048 bits or more")
	}
	return key, nil
}

// ofSNS says whether a certificate is for SNS itself. What it is called differs
// by region: sns.amazonaws.com, sns-signing.eu-south-1.amazonaws.com,
// sns-cn-north-1.amazonaws.com.cn (AWS SDK for Java 2, SnsHostProvider).
func ofSNS(names []string) bool {
	for _, name := range names {
		first, rest, _ := strings.Cut(name, ".")
		if (first == "sns" || strings.HasPrefix(first, "sns-")) &&
			(strings.HasSuffix("."+rest, ".amazonaws.com") || strings.HasSuffix("."+rest, ".amazonaws.com.cn")) {
			return true
		}
	}
	return false
}
