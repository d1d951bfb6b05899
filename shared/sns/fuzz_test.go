package sns_test

import (
	"encoding/json"
	"errors"
	"testing"

	"kaiku/shared/sns"
)

// Whatever is handed over is either the very notification that was signed, or is
// refused: as none of what a fuzzer writes is signed, nothing else may pass.
func FuzzVerify(f *testing.F) {
	s := signer(f, topicARN, "1", begin, end)
	good := sign(f, s, sample())
	seed, err := json.Marshal(sns.Event{Records: []sns.Record{{SNS: good}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	for _, text := range []string{`null`, `{"Records":[{}]}`, `{"Records":[{"Sns":{"Subject":null,"Type":"Notification"}}]}`,
		`{"Records":[{"Sns":{"Signature":"AAAA","signaturE":"BBBB"}}]}`} {
		f.Add([]byte(text))
	}
	v := sns.NewVerifier(topic(f, topicARN), s, at(now))
	f.Fuzz(func(t *testing.T, payload []byte) {
		var e sns.Event
		if json.Unmarshal(payload, &e) != nil {
			return
		}
		for _, r := range e.Records {
			n := r.SNS
			err := v.Verify(t.Context(), n)
			if err != nil && !errors.Is(err, sns.ErrRefused) {
				t.Errorf("neither accepted nor refused: %v", err)
			}
			same := n.Message == good.Message && n.MessageID == good.MessageID && n.Timestamp == good.Timestamp &&
				n.Subject != nil && *n.Subject == *good.Subject && n.TopicARN == good.TopicARN && n.Type == good.Type
			if err == nil && !same {
				t.Errorf("accepted, and never signed: %q", payload)
			}
		}
	})
}
