// Package token issues and redeems signed links: what a mail or an operator
// hands out, and what comes back by a stranger's hand.
//
// A token says what it is for, until when it holds, and a payload of the
// caller's; a truncated HMAC-SHA256 of 128 bits (RFC 2104, section 5: at least
// half of the hash) keeps it from being made up or changed. It is verified
// without reading anything. It is signed, not secret: its payload must be
// nothing that its holder may not see.
package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// Purpose is what a token is for; one made for another is invalid.
type Purpose byte

// The purposes.
const (
	Answer      Purpose = 'a' // shows the survey page and takes its answer
	Unsubscribe Purpose = 'u' // unsubscribes one address
	Report      Purpose = 'r' // opens the report
)

// Errors of Redeem. ErrInvalid never says why: forged, cut, foreign and
// unknown look the same.
var (
	ErrInvalid = errors.New("token: not valid")
	ErrExpired = errors.New("token: expired")
)

const (
	version   = 1
	macSize   = 16
	headSize  = 1 + 1 + 1 + 4 // version, purpose, key id, expiry
	minSecret = 16
	maxToken  = 512
)

// encoding refuses set padding bits, so that one token has one spelling.
var encoding = base64.RawURLEncoding.Strict()

// Keys sign and verify. The first signs; all verify, so that a key can be
// replaced while links signed with it are still about.
type Keys struct {
	signing byte
	secrets map[byte][]byte
}

// ParseKeys reads secrets as the environment holds them: base64, with or
// without the prefix whsec_, separated by spaces, the signing one first. Each
// must have at least 16 bytes.
func ParseKeys(text string) (*Keys, error) {
	k := &Keys{secrets: map[byte][]byte{}}
	for i, field := range strings.Fields(text) {
		secret, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(field, "whsec_"))
		if err != nil || len(secret) < minSecret {
			return nil, fmt.Errorf("link key %d is not base64 of at least %d bytes", i+1, minSecret)
		}
		sum := sha256.Sum256(secret)
		id := sum[0]
		if _, taken := k.secrets[id]; taken {
			return nil, fmt.Errorf("link key %d has the same key id as another; make a new one", i+1)
		}
		k.secrets[id] = secret
		if i == 0 {
			k.signing = id
		}
	}
	if len(k.secrets) == 0 {
		return nil, errors.New("no link key given")
	}
	return k, nil
}

// Issue makes a token. It holds until expires, to the second and up to the year
// 2106; the zero time is for good.
func (k *Keys) Issue(purpose Purpose, expires time.Time, payload []byte) string {
	b := make([]byte, headSize, headSize+len(payload)+macSize)
	b[0], b[1], b[2] = version, byte(purpose), k.signing
	if !expires.IsZero() {
		binary.BigEndian.PutUint32(b[3:], uint32(min(expires.Unix(), math.MaxUint32)))
	}
	b = append(b, payload...)
	return encoding.EncodeToString(append(b, mac(k.secrets[k.signing], b)...))
}

// Redeem returns the payload of a token made for this purpose: ErrInvalid when
// it is none of ours, ErrExpired with the payload when it was once.
func (k *Keys) Redeem(purpose Purpose, text string, now time.Time) ([]byte, error) {
	if len(text) > maxToken || strings.ContainsAny(text, "\r\n") { // base64 reads past line ends
		return nil, ErrInvalid
	}
	b, err := encoding.DecodeString(text)
	if err != nil || len(b) < headSize+macSize {
		return nil, ErrInvalid
	}
	signed, sum := b[:len(b)-macSize], b[len(b)-macSize:]
	secret, known := k.secrets[b[2]]
	if !known || !hmac.Equal(sum, mac(secret, signed)) || b[0] != version || Purpose(b[1]) != purpose {
		return nil, ErrInvalid
	}
	payload := signed[headSize:]
	if expires := binary.BigEndian.Uint32(b[3:]); expires != 0 && now.Unix() >= int64(expires) {
		return payload, ErrExpired
	}
	return payload, nil
}

func mac(secret, b []byte) []byte {
	h := hmac.New(sha256.New, secret)
	_, _ = h.Write(b)
	return h.Sum(nil)[:macSize]
}
