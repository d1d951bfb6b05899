package sns_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"kaiku/shared/sns"
)

const topicARN = "arn:aws:sns:eu-north-1:123456789012:kaiku-mail-events"

var (
	now   = time.Date(2026, 11, 25, 8, 0, 7, 0, time.UTC)
	begin = now.AddDate(0, -1, 0)
	end   = now.AddDate(0, 1, 0)
)

type fetcher func(url string) ([]byte, error)

func (f fetcher) Fetch(_ context.Context, url string) ([]byte, error) { return f(url) }

func topic(t testing.TB, arn string) sns.Topic {
	t.Helper()
	topic, err := sns.ParseTopic(arn)
	if err != nil {
		t.Fatal(err)
	}
	return topic
}

func signer(t testing.TB, arn, version string, begin, end time.Time) *sns.Signer {
	t.Helper()
	s, err := sns.NewSigner(topic(t, arn), version, begin, end)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sample is one that SES might have published, with a subject, line breaks and
// letters beyond ASCII.
func sample() sns.Notification {
	subject := "Amazon SES Email Event Notification"
	return sns.Notification{MessageID: "a856b9f3-d156-4d8e-a63e-b5911b62038a", Subject: &subject, Timestamp: "2026-11-25T08:00:05.700Z",
		Message: "{\"eventType\":\"Send\",\n\"subject\":\"Miten muutos onnistui? ☃\"}\n"}
}

func sign(t testing.TB, s *sns.Signer, n sns.Notification) sns.Notification {
	t.Helper()
	signed, err := s.Sign(n)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

func TestASignedNotificationIsAcceptedAndAnyAlterationRefused(t *testing.T) {
	other := signer(t, topicARN, "2", begin, end)
	foreign := signer(t, topicARN+"-2", "2", begin, end)
	for _, version := range []string{"1", "2"} {
		s := signer(t, topicARN, version, begin, end)
		good := sign(t, s, sample())
		bare := sample()
		bare.Subject = nil
		v := sns.NewVerifier(topic(t, topicARN), s, at(now))
		for name, n := range map[string]sns.Notification{"with a subject": good, "without": sign(t, s, bare)} {
			if err := v.Verify(t.Context(), n); err != nil {
				t.Errorf("version %s, %s: %v", version, name, err)
			}
		}
		empty := ""
		for name, alter := range map[string]func(n *sns.Notification){
			"message":           func(n *sns.Notification) { n.Message += " " },
			"message id":        func(n *sns.Notification) { n.MessageID = "b" + n.MessageID[1:] },
			"timestamp":         func(n *sns.Notification) { n.Timestamp = "2026-11-25T08:00:05.7Z" },
			"subject":           func(n *sns.Notification) { n.Subject = &n.MessageID },
			"subject, emptied":  func(n *sns.Notification) { n.Subject = &empty },
			"subject, left out": func(n *sns.Notification) { n.Subject = nil },
			"topic":             func(n *sns.Notification) { n.TopicARN = topicARN + "-2" },
			"no topic":          func(n *sns.Notification) { n.TopicARN = "" },
			"type":              func(n *sns.Notification) { n.Type = "SubscriptionConfirmation" },
			"signature":         func(n *sns.Notification) { n.Signature = "A" + n.Signature[1:] },
			"no signature":      func(n *sns.Notification) { n.Signature = "" },
			"signature no text": func(n *sns.Notification) { n.Signature = "EXAMPLE!" },
			"other version":     func(n *sns.Notification) { n.SignatureVersion = map[string]string{"1": "2", "2": "1"}[version] },
			"unknown version":   func(n *sns.Notification) { n.SignatureVersion = "3" },
			"no version":        func(n *sns.Notification) { n.SignatureVersion = "" },
			"another's key":     func(n *sns.Notification) { n.Signature = sign(t, other, *n).Signature },
			"other topic's own": func(n *sns.Notification) { *n = sign(t, foreign, *n) },
			"a field moved into the next": func(n *sns.Notification) {
				head, tail, _ := strings.Cut(n.Message, "\n")
				n.Message, n.MessageID = head, tail+"\nMessageId\n"+n.MessageID
			},
		} {
			n := good
			alter(&n)
			err := v.Verify(t.Context(), n)
			if !errors.Is(err, sns.ErrRefused) {
				t.Errorf("version %s, %s: %v", version, name, err)
			} else if strings.Contains(err.Error(), n.MessageID) && n.MessageID != "" || strings.Contains(err.Error(), "muutos") {
				t.Errorf("version %s, %s: the error tells what it says: %v", version, name, err)
			}
		}
	}
}

// The certificate is asked for nowhere but at SNS of the topic's own region: its
// address is what a forger would choose.
func TestACertificateFromElsewhereIsNotEvenFetched(t *testing.T) {
	s := signer(t, topicARN, "2", begin, end)
	v := sns.NewVerifier(topic(t, topicARN), fetcher(func(url string) ([]byte, error) {
		t.Errorf("%s is fetched", url)
		return nil, errors.New("not reached")
	}), at(now))
	for _, url := range []string{"", "x.pem", "/x.pem",
		"http://sns.eu-north-1.amazonaws.com/x.pem",
		"HTTPS://sns.eu-north-1.amazonaws.com/x.pem",
		"https://sns.eu-north-1.amazonaws.com",
		"https://sns.eu-north-1.amazonaws.com/",
		"https://sns.eu-north-1.amazonaws.com/.pem",
		"https://sns.eu-north-1.amazonaws.com/x.pem.txt",
		"https://sns.eu-north-1.amazonaws.com/x.pem\n",
		"https://sns.eu-north-1.amazonaws.com/x.pem?y",
		"https://sns.eu-north-1.amazonaws.com/?x.pem",
		"https://sns.eu-north-1.amazonaws.com/x.pem#y.pem",
		"https://sns.eu-north-1.amazonaws.com/a/../x.pem",
		"https://sns.eu-north-1.amazonaws.com//x.pem",
		"https://sns.eu-north-1.amazonaws.com/%2e.pem",
		"https://sns.eu-north-1.amazonaws.com:443/x.pem",
		"https://sns.eu-north-1.amazonaws.com:8443/x.pem",
		"https://u@sns.eu-north-1.amazonaws.com/x.pem",
		"https://sns.eu-north-1.amazonaws.com@evil.example/x.pem",
		"https://sns.eu-north-1.amazonaws.com.evil.example/x.pem",
		"https://evil.example/sns.eu-north-1.amazonaws.com/x.pem",
		"https://sns.eu-west-1.amazonaws.com/x.pem",       // another region's
		"https://sns.s3-us-west-2.amazonaws.com/x.pem",    // anybody's bucket
		"https://sns.eu-north-1.amazonaws.com.cn/x.pem",   // another partition's
		"https://s3.eu-north-1.amazonaws.com/sns/x.pem",   // another service's
		"https://sns.eu-north-1.amazonaws.com\\@e/x.pem",  // read so or so
		"https://sns.eu-north-1.amazonaws.com/x\x00y.pem", // cut or not
	} {
		n := sign(t, s, sample())
		n.SigningCertURL = url
		if err := v.Verify(t.Context(), n); !errors.Is(err, sns.ErrRefused) {
			t.Errorf("%q: %v", url, err)
		}
	}
}

func TestACertificateIsFetchedWhenNeededAndKept(t *testing.T) {
	s := signer(t, topicARN, "2", begin, end)
	fetched := 0
	v := sns.NewVerifier(topic(t, topicARN), fetcher(func(url string) ([]byte, error) {
		if fetched++; fetched == 1 {
			return nil, errors.New("no route to host")
		}
		return s.Fetch(t.Context(), url)
	}), at(now))
	if fetched != 0 {
		t.Error("it is fetched before it is needed")
	}
	n := sign(t, s, sample())
	if err := v.Verify(t.Context(), n); err == nil || errors.Is(err, sns.ErrRefused) {
		t.Errorf("without a network: %v; want an error that lets it be tried again", err)
	}
	for range 3 {
		if err := v.Verify(t.Context(), n); err != nil {
			t.Error(err)
		}
	}
	if fetched != 2 {
		t.Errorf("fetched %d times, want once without success and once with", fetched)
	}
}

func TestACertificateThatIsNotInForceOrNotSNSsIsRefused(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		key        crypto.Signer
		host       string
		begin, end time.Time
	}{
		"run out":        {rsaKey, "sns.amazonaws.com", begin, now.Add(-time.Second)},
		"not yet":        {rsaKey, "sns.amazonaws.com", now.Add(time.Second), end},
		"another's name": {rsaKey, "sqs.amazonaws.com", begin, end},
		"no AWS name":    {rsaKey, "sns.amazonaws.com.evil.example", begin, end},
		"almost AWS":     {rsaKey, "sns.xamazonaws.com", begin, end},
		"a small key":    {small, "sns.amazonaws.com", begin, end},
		"no RSA":         {ec, "sns.amazonaws.com", begin, end},
	} {
		template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{c.host}, NotBefore: c.begin, NotAfter: c.end}
		der, err := x509.CreateCertificate(rand.Reader, template, template, c.key.Public(), c.key)
		if err != nil {
			t.Fatal(err)
		}
		v := sns.NewVerifier(topic(t, topicARN), fetcher(func(string) ([]byte, error) {
			return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
		}), at(now))
		err = v.Verify(t.Context(), sign(t, signer(t, topicARN, "2", begin, end), sample()))
		if !errors.Is(err, sns.ErrRefused) || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An error page in place of the certificate says nothing of the notification.
func TestWhatIsNoCertificateIsTriedAgain(t *testing.T) {
	s := signer(t, topicARN, "2", begin, end)
	for _, answer := range []string{"", "<html>503</html>", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"} {
		v := sns.NewVerifier(topic(t, topicARN), fetcher(func(string) ([]byte, error) { return []byte(answer), nil }), at(now))
		if err := v.Verify(t.Context(), sign(t, s, sample())); err == nil || errors.Is(err, sns.ErrRefused) {
			t.Errorf("%q: %v", answer, err)
		}
	}
}

func TestTopicsAreReadByTheirARN(t *testing.T) {
	for _, arn := range []string{topicARN, "arn:aws-cn:sns:cn-north-1:123456789012:x", "arn:aws-us-gov:sns:us-gov-west-1:123456789012:x"} {
		s := signer(t, arn, "1", begin, end)
		if err := sns.NewVerifier(topic(t, arn), s, at(now)).Verify(t.Context(), sign(t, s, sample())); err != nil {
			t.Errorf("%s: %v", arn, err)
		}
	}
	for _, arn := range []string{"", "kaiku", "arn:aws:sqs:eu-north-1:123456789012:x", "arn:aws:sns:s3:123456789012:x", "arn:aws:sns::123456789012:x",
		"arn:aws:sns:eu-north-1.evil.example/-1:123456789012:x", "arn:aws-new:sns:eu-north-1:123456789012:x", "arn:aws:sns:eu-north-1:123456789012:"} {
		if _, err := sns.ParseTopic(arn); err == nil {
			t.Errorf("%q is read", arn)
		}
	}
}
