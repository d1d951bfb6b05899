// Package webhook is the door that contract events come in by: the Standard
// Webhooks signature (standardwebhooks.com), and the schema of an event.
package webhook

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Tolerance is how far the time of signing may be from now, either way; the
// five minutes of the Standard Webhooks libraries.
const Tolerance = 5 * time.Minute

// ErrUnsigned says that a message is not signed with any of the secrets, or not
// at this time. Its text is fit for the sender; it never says which secret.
var ErrUnsigned = errors.New("the message is not signed as it should be")

// Verifier knows the secrets that senders may sign with: several while one is
// being replaced.
type Verifier struct{ secrets []*standardwebhooks.Webhook }

// ParseSecrets reads secrets as the environment holds them, separated by
// spaces, each whsec_ and base64.
func ParseSecrets(text string) (*Verifier, error) {
	var v Verifier
	for i, field := range strings.Fields(text) {
		if !strings.HasPrefix(field, "whsec_") || len(field) < len("whsec_")+16 {
			return nil, fmt.Errorf("webhook secret %d does not begin with whsec_ or is too short", i+1)
		}
		w, err := standardwebhooks.NewWebhook(field)
		if err != nil {
			return nil, fmt.Errorf("webhook secret %d is not base64 behind whsec_", i+1)
		}
		v.secrets = append(v.secrets, w)
	}
	if len(v.secrets) == 0 {
		return nil, errors.New("no webhook secret given")
	}
	return &v, nil
}

// Verify says whether body was signed at about now, and returns the id of the
// message. The time of signing is held against now and not against the
// machine's clock: a local run has a clock of its own. The error is ErrUnsigned.
func (v *Verifier) Verify(header http.Header, body []byte, now time.Time) (id string, err error) {
	header = joined(header)
	id = header.Get(standardwebhooks.HeaderWebhookID)
	seconds := header.Get(standardwebhooks.HeaderWebhookTimestamp)
	if id == "" || seconds == "" || header.Get(standardwebhooks.HeaderWebhookSignature) == "" {
		return "", fmt.Errorf("%w: it needs the headers webhook-id, webhook-timestamp and webhook-signature", ErrUnsigned)
	}
	unix, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return "", fmt.Errorf("%w: webhook-timestamp is not a number of seconds since 1970", ErrUnsigned)
	}
	if now.Sub(time.Unix(unix, 0)).Abs() > Tolerance {
		return "", fmt.Errorf("%w: webhook-timestamp is more than %v from now; sign again at each attempt", ErrUnsigned, Tolerance)
	}
	for _, secret := range v.secrets {
		if secret.VerifyIgnoringTimestamp(body, header) == nil {
			return id, nil
		}
	}
	return "", fmt.Errorf("%w: webhook-signature matches none of the secrets", ErrUnsigned)
}

// joined puts each header back into one value: a field may come as several lines
// or as one with commas, which mean the same (RFC 9110, section 5.3), and the
// adapter of API Gateway's requests takes a signature, v1,…, for two.
func joined(header http.Header) http.Header {
	out := make(http.Header, 3)
	for _, name := range []string{standardwebhooks.HeaderWebhookID, standardwebhooks.HeaderWebhookTimestamp, standardwebhooks.HeaderWebhookSignature} {
		out.Set(name, strings.Join(header.Values(name), ","))
	}
	return out
}

// Sign makes the headers of a message, with the first secret, as a sender does.
func (v *Verifier) Sign(id string, at time.Time, body []byte) (http.Header, error) {
	signature, err := v.secrets[0].Sign(id, at, body)
	if err != nil {
		return nil, fmt.Errorf("signing a message: %w", err)
	}
	h := http.Header{}
	h.Set(standardwebhooks.HeaderWebhookID, id)
	h.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	h.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return h, nil
}
