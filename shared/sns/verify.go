package sns

import (
	"context"
	"crypto"
	"crypto/rsa"
	_ "crypto/sha1" // signature version 1
	_ "crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// ErrRefused says that a notification is not what the topic sent: it is forged,
// altered, another topic's, or signed with a certificate that is not in force.
// Nothing that it says may be believed, nor logged.
var ErrRefused = errors.New("sns: notification refused")

// refuse is ErrRefused with its reason, which holds nothing of the notification.
func refuse(reason string) error { return fmt.Errorf("%w: %s", ErrRefused, reason) }

// hashes are those of the signature versions, both RSASSA-PKCS1-v1_5 (SNS
// Developer Guide, "Verifying the signatures of Amazon SNS messages"). A topic
// signs by version 1 unless it is told otherwise.
var hashes = map[string]crypto.Hash{"1": crypto.SHA1, "2": crypto.SHA256}

// certificateName is a file at the root of the certificates' host.
var certificateName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}\.pem$`)

// Verifier takes the notifications of one topic. It may be used by many at once.
type Verifier struct {
	topic        Topic
	certificates certificates
	now          func() time.Time
}

// NewVerifier makes a Verifier. It fetches nothing before a notification needs it.
func NewVerifier(topic Topic, fetcher Fetcher, now func() time.Time) *Verifier {
	return &Verifier{topic: topic, certificates: certificates{fetcher: fetcher}, now: now}
}

// Verify says whether the topic sent the notification. Its error is ErrRefused if
// not; any other means that this cannot be known now, and may be asked again.
func (v *Verifier) Verify(ctx context.Context, n Notification) error {
	hash, known := hashes[n.SignatureVersion]
	switch {
	case n.Type != typeNotification:
		return refuse("it is of a type that is not sent to functions")
	case n.TopicARN != v.topic.arn || n.TopicARN == "":
		return refuse("it is another topic's")
	case !known:
		return refuse("its signature is of a version that is not known")
	case !n.unambiguous():
		return refuse("it has line breaks where there are none")
	}
	// The host is the one of the topic's region, to the letter: any other host
	// under amazonaws.com may be a bucket of anybody's.
	if name, ok := strings.CutPrefix(n.SigningCertURL, v.topic.certificates); !ok || !certificateName.MatchString(name) {
		return refuse("its certificate is not where SNS of the topic's region keeps them")
	}
	signature, err := base64.StdEncoding.DecodeString(n.Signature)
	if err != nil || len(signature) == 0 {
		return refuse("it has no signature")
	}
	cert, err := v.certificates.get(ctx, n.SigningCertURL)
	if err != nil {
		return err
	}
	key, err := signing(cert, v.now())
	if err != nil {
		return err
	}
	digest := hash.New()
	digest.Write([]byte(n.canonical()))
	if rsa.VerifyPKCS1v15(key, hash, digest.Sum(nil), signature) != nil {
		return refuse("its signature is not over what it says")
	}
	return nil
}
