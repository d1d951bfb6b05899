package survey_test

import (
	"encoding/json"
	"testing"
	"time"

	"kaiku/shared/survey"
)

func TestTransientBouncesAreCountedOncePerMailAndForAYear(t *testing.T) {
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	var a survey.Address
	for _, c := range []struct {
		name, invitation string
		after            time.Duration
		want             int
	}{
		{"the first", "I-1", 0, 1},
		{"the same mail once more", "I-1", day, 1},
		{"another mail", "I-2", 10 * day, 2},
		{"a third, at the end of the year", "I-3", 365*day - 1, 3},
		{"a fourth, when the first is a year old", "I-4", 365 * day, 3},
	} {
		if got := a.NoteSoftBounce(c.invitation, begin.Add(c.after)); got != c.want {
			t.Errorf("%s: %d count, want %d", c.name, got, c.want)
		}
	}
}

func TestAddressesAreEqualWhenTheSameIsKnownOfThem(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	asked := []survey.AddressAsked{{Invitation: "I-1", At: at}}
	full := survey.Address{Asked: asked, SoftBounces: asked, Unsubscribed: at, Undeliverable: at}
	b, err := json.Marshal(full)
	if err != nil {
		t.Fatal(err)
	}
	var back survey.Address
	if err := json.Unmarshal(b, &back); err != nil || !back.Equal(full) {
		t.Errorf("%s came back as %+v, %v", b, back, err)
	}
	for name, other := range map[string]survey.Address{
		"asked":         {SoftBounces: asked, Unsubscribed: at, Undeliverable: at},
		"bounced":       {Asked: asked, Unsubscribed: at, Undeliverable: at},
		"unsubscribed":  {Asked: asked, SoftBounces: asked, Undeliverable: at},
		"undeliverable": {Asked: asked, SoftBounces: asked, Unsubscribed: at},
	} {
		if full.Equal(other) {
			t.Errorf("one that is not %s is the same", name)
		}
	}
}
