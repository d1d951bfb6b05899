package sns

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// Signer does what SNS does with a topic's notifications, where there is no SNS:
// in the local run and in tests. It is the Fetcher of its own certificate.
type Signer struct {
	topic   Topic
	version string
	key     *rsa.PrivateKey
	url     string
	pem     []byte
}

// TimestampFormat is how SNS writes a time, in UTC.
const TimestampFormat = "2006-01-02T15:04:05.000Z"

// NewSigner makes a key, and a certificate for it that is in force from begin to
// end. The version of its signatures is 1 or 2.
func NewSigner(topic Topic, version string, begin, end time.Time) (*Signer, error) {
	if _, known := hashes[version]; !known {
		return nil, fmt.Errorf("sns: signatures of version %q are not known", version)
	}
	key, err := rsa.GenerateKey(rand.Reader, minKey)
	if err != nil {
		return nil, fmt.Errorf("sns: making a key: %w", err)
	}
	name := "sns.amazonaws.com"
	if strings.HasSuffix(topic.certificates, ".cn/") {
		name += ".cn"
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: begin, NotAfter: end, KeyUsage: x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("sns: making a certificate: %w", err)
	}
	return &Signer{topic: topic, version: version, key: key,
		url: topic.certificates + "SimpleNotificationService-" + strings.ToLower(rand.Text()) + ".pem",
		pem: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}, nil
}

// Sign makes a notification one of the topic's.
func (s *Signer) Sign(n Notification) (Notification, error) {
	n.Type, n.TopicARN, n.SignatureVersion, n.SigningCertURL = typeNotification, s.topic.arn, s.version, s.url
	hash := hashes[s.version]
	digest := hash.New()
	digest.Write([]byte(n.canonical()))
	signature, err := rsa.SignPKCS1v15(nil, s.key, hash, digest.Sum(nil))
	if err != nil {
		return n, fmt.Errorf("sns: signing a notification: %w", err)
	}
	n.Signature = base64.StdEncoding.EncodeToString(signature)
	return n, nil
}

// Fetch implements Fetcher: it has one certificate, at its URL.
func (s *Signer) Fetch(_ context.Context, url string) ([]byte, error) {
	if url != s.url {
		return nil, refuse("its certificate does not exist")
	}
	return s.pem, nil
}

// URL is where the certificate is said to be.
func (s *Signer) URL() string { return s.url }
