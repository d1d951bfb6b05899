package sns_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kaiku/shared/sns"
)

// What SNS itself has signed is the measure of everything else here.
func TestWhatSNSHasSignedIsAccepted(t *testing.T) {
	for name, certificate := range map[string]string{
		"2022-version-1": "2022.pem", "2022-version-2": "2022.pem", "2026-version-1-subject": "2026.pem",
	} {
		t.Run(name, func(t *testing.T) {
			n := recorded(t, name)
			topic, err := sns.ParseTopic(n.TopicARN)
			if err != nil {
				t.Fatal(err)
			}
			sent, err := time.Parse(sns.TimestampFormat, n.Timestamp)
			if err != nil {
				t.Fatal(err)
			}
			fetch := fetcher(func(url string) ([]byte, error) {
				if url != n.SigningCertURL {
					t.Errorf("%s is fetched", url)
				}
				return os.ReadFile(filepath.Join("testdata", certificate))
			})
			verify := func(n sns.Notification, now time.Time) error {
				return sns.NewVerifier(topic, fetch, func() time.Time { return now }).Verify(t.Context(), n)
			}
			if err := verify(n, sent.Add(time.Second)); err != nil {
				t.Error(err)
			}
			altered := n
			altered.Message += " "
			if err := verify(altered, sent); !errors.Is(err, sns.ErrRefused) {
				t.Errorf("with a space more: %v", err)
			}
			if err := verify(n, sent.AddDate(1, 0, 0)); !errors.Is(err, sns.ErrRefused) {
				t.Errorf("when its certificate has run out: %v", err)
			}
		})
	}
}

func recorded(t *testing.T, name string) sns.Notification {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var n sns.Notification
	if err := json.Unmarshal(b, &n); err != nil {
		t.Fatal(err)
	}
	return n
}
