package ledger

import (
	"encoding/base64"
	"errors"
	"fmt"
)

// hashSize is the length of the hash of an address, in bytes.
const hashSize = 16

// UnsubscribePayload is what an unsubscribe link carries: the hash of the
// address it takes off, then the survey whose mail it stands in.
func UnsubscribePayload(hash string, from Ref) ([]byte, error) {
	b, err := base64.RawURLEncoding.DecodeString(hash)
	if err != nil || len(b) != hashSize {
		return nil, errors.New("an address is stored under something that is no hash")
	}
	ref, err := from.MarshalBinary()
	if err != nil {
		return nil, err
	}
	return append(b, ref...), nil
}

// ParseUnsubscribe reads what UnsubscribePayload made. A hash alone will do: such
// links never expire, and there were some that named no survey.
func ParseUnsubscribe(b []byte) (hash string, from Ref, err error) {
	if len(b) < hashSize {
		return "", Ref{}, fmt.Errorf("an unsubscribe link of %d bytes", len(b))
	}
	if len(b) > hashSize {
		if err := from.UnmarshalBinary(b[hashSize:]); err != nil {
			return "", Ref{}, err
		}
	}
	return base64.RawURLEncoding.EncodeToString(b[:hashSize]), from, nil
}
