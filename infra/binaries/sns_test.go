package binaries

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kaiku/functions/mailevent"
	"kaiku/infra/runtimeapi"
	"kaiku/shared/sns"
)

const (
	mailTopic = "arn:aws:sns:eu-north-1:123456789012:kaiku-mailevents"
	snsHost   = "sns.eu-north-1.amazonaws.com:443"
)

// signingHost is SNS as the function meets it: notifications signed by the
// topic, and the host of their certificate. The function is the one that is
// deployed, without a switch for tests: it finds the host by the proxy, and
// trusts it by the authority, that its environment names.
type signingHost struct {
	*sns.Signer
	proxy     string       // for HTTPS_PROXY
	authority string       // for SSL_CERT_FILE
	fetched   atomic.Int32 // how often the certificate was
	down      atomic.Bool  // whether the way to it is cut
}

func startSNS(t *testing.T) *signingHost {
	t.Helper()
	topic, err := sns.ParseTopic(mailTopic)
	if err != nil {
		t.Fatal(err)
	}
	h := &signingHost{}
	if h.Signer, err = sns.NewSigner(topic, "2", time.Now().Add(-time.Hour), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		certificate, err := h.Fetch(r.Context(), "https://"+r.Host+r.URL.Path)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		h.fetched.Add(1)
		_, _ = w.Write(certificate)
	}))
	own, authority := hostCertificate(t)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{own}}
	server.StartTLS()
	t.Cleanup(server.Close)
	h.authority = filepath.Join(t.TempDir(), "authority.pem")
	if err := os.WriteFile(h.authority, authority, 0o600); err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != snsHost || h.down.Load() {
			http.Error(w, "no way there", http.StatusBadGateway)
			return
		}
		if err := tunnel(w, server.Listener.Addr().String()); err != nil {
			t.Errorf("proxy: %v", err)
		}
	}))
	t.Cleanup(proxy.Close)
	h.proxy = proxy.URL
	return h
}

// tunnel joins a CONNECT request to an address until one side is done.
func tunnel(w http.ResponseWriter, address string) error {
	there, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	here, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return errors.Join(err, there.Close())
	}
	if _, err := io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return errors.Join(err, here.Close(), there.Close())
	}
	go relay(there, buffered.Reader)
	go relay(here, bufio.NewReader(there))
	return nil
}

// relay copies until the end; either side may go at any time.
func relay(to net.Conn, from *bufio.Reader) {
	_, _ = io.Copy(to, from)
	_ = to.Close()
}

// hostCertificate is a certificate for SNS's host name, and that of the
// authority which vouches for it.
func hostCertificate(t *testing.T) (tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	name, _, _ := strings.Cut(snsHost, ":")
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// sign puts the topic's signature into a payload, and leaves all else of it as
// Lambda hands it over.
func (h *signingHost) sign(t *testing.T, payload []byte) []byte {
	t.Helper()
	var event struct {
		Records []map[string]json.RawMessage
	}
	if err := json.Unmarshal(payload, &event); err != nil {
		t.Fatal(err)
	}
	for _, record := range event.Records {
		var n sns.Notification
		var fields map[string]any
		if err := errors.Join(json.Unmarshal(record["Sns"], &n), json.Unmarshal(record["Sns"], &fields)); err != nil {
			t.Fatal(err)
		}
		n, err := h.Sign(n)
		if err != nil {
			t.Fatal(err)
		}
		fields["Signature"], fields["SignatureVersion"], fields["SigningCertUrl"] = n.Signature, n.SignatureVersion, n.SigningCertURL
		if record["Sns"], err = json.Marshal(fields); err != nil {
			t.Fatal(err)
		}
	}
	signed, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestTheDeployedFunctionRefusesWhatTheTopicDidNotSend(t *testing.T) {
	c := deploy(t)
	f := c.functions["mailevent"]
	if err := f.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	good := c.sns.sign(t, payload(t, "mailevent.complaint.sns.json"))
	forger := startSNS(t)
	refused := 0
	refuse := func(name string, event []byte) {
		t.Helper()
		_, err := f.Invoke(t.Context(), event)
		var failed *runtimeapi.FunctionError
		if !errors.As(err, &failed) || !strings.Contains(failed.Message, "notification refused") {
			t.Errorf("%s: %v", name, err)
		}
		refused++
	}
	refuse("unsigned", payload(t, "mailevent.complaint.sns.json"))
	refuse("another topic's", []byte(strings.ReplaceAll(string(good), mailTopic, mailTopic+"-2")))
	refuse("a certificate of elsewhere", []byte(strings.Replace(string(good), "https://sns.eu-north-1.amazonaws.com/", "https://sns.evil.example/", 1)))
	if n := c.sns.fetched.Load(); n != 0 {
		t.Errorf("the certificate was fetched %d times before any notification needed it", n)
	}

	c.sns.down.Store(true)
	if _, err := f.Invoke(t.Context(), good); err == nil || strings.Contains(err.Error(), "refused") {
		t.Errorf("with the way to the certificate cut: %v; want an error that is tried again", err)
	}
	c.sns.down.Store(false)
	for range 3 {
		c.invoke(t, "mailevent", good)
	}
	if n := c.sns.fetched.Load(); n != 1 {
		t.Errorf("the certificate was fetched %d times, want once", n)
	}
	refuse("altered", []byte(strings.Replace(string(good), "abuse", "other", 1)))
	refuse("another's certificate", forger.sign(t, payload(t, "mailevent.complaint.sns.json")))

	f.Kill() // so that what it has written is here
	output := f.Output()
	if n := strings.Count(output, fmt.Sprintf(`"msg":%q`, mailevent.Refused)); n != refused {
		t.Errorf("%d refusals are logged, want %d", n, refused)
	}
	if strings.Contains(output, "maija@") {
		t.Error("an address is logged")
	}
}
