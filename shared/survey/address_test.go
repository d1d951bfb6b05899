package survey_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"kaiku/shared/survey"
)

func TestThreeTransientBouncesWithinAYearAreTooMany(t *testing.T) {
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	type bounce struct {
		invitation string
		after      time.Duration
	}
	const never = -1
	for name, c := range map[string]struct {
		bounces []bounce
		since   time.Duration
	}{
		"one mail, thrice":                    {[]bounce{{"I-1", 0}, {"I-1", day}, {"I-1", 2 * day}}, never},
		"two mails, one of them twice":        {[]bounce{{"I-1", 0}, {"I-1", day}, {"I-2", 10 * day}}, never},
		"three mails":                         {[]bounce{{"I-1", 0}, {"I-2", day}, {"I-3", 2 * day}}, 2 * day},
		"the third just within a year":        {[]bounce{{"I-1", 0}, {"I-2", day}, {"I-3", 365*day - 1}}, 365*day - 1},
		"the third when the first has aged":   {[]bounce{{"I-1", 0}, {"I-2", day}, {"I-3", 365 * day}}, never},
		"three of four within a year":         {[]bounce{{"I-1", 0}, {"I-2", 300 * day}, {"I-3", 400 * day}, {"I-4", 401 * day}}, 401 * day},
		"two apart from one long before":      {[]bounce{{"I-1", 0}, {"I-2", 400 * day}, {"I-3", 401 * day}}, never},
		"a fourth changes nothing":            {[]bounce{{"I-1", 0}, {"I-2", day}, {"I-3", 2 * day}, {"I-4", 3 * day}}, 2 * day},
		"nor does one of a much later year":   {[]bounce{{"I-1", 0}, {"I-2", day}, {"I-3", 2 * day}, {"I-4", 2000 * day}}, 2 * day},
		"two, and one of a much later year":   {[]bounce{{"I-1", 0}, {"I-2", day}, {"I-4", 2000 * day}}, never},
		"of one mail the first bounce counts": {[]bounce{{"I-1", 0}, {"I-1", 100 * day}, {"I-2", 300 * day}, {"I-3", 400 * day}}, never},
	} {
		for _, order := range permutations(len(c.bounces)) {
			var a survey.Address
			for _, i := range order {
				a.NoteSoftBounce(c.bounces[i].invitation, begin.Add(c.bounces[i].after))
			}
			want := time.Time{}
			if c.since != never {
				want = begin.Add(c.since)
			}
			if !a.Undeliverable.Equal(want) {
				t.Errorf("%s, told in the order %v: undeliverable since %v, want %v", name, order, a.Undeliverable, want)
			}
		}
	}
}

// permutations are all orders of the numbers below n.
func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{{}}
	}
	var all [][]int
	for _, p := range permutations(n - 1) {
		for i := range n {
			all = append(all, slices.Insert(slices.Clone(p), i, n-1))
		}
	}
	return all
}

func TestABounceForGoodCountsFromTheFirst(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var a survey.Address
	for _, step := range []struct{ told, want time.Time }{{at, at}, {at.Add(time.Hour), at}, {at.Add(-time.Hour), at.Add(-time.Hour)}} {
		if a.NoteBounce(step.told); !a.Undeliverable.Equal(step.want) {
			t.Errorf("undeliverable since %v, want %v", a.Undeliverable, step.want)
		}
	}
}

func TestAddressesAreEqualWhenTheSameIsKnownOfThem(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	asked := []survey.AddressAsked{{Invitation: "I-1", At: at}}
	full := survey.Address{Asked: asked, SoftBounces: asked, Unsubscribed: at, Undeliverable: at, Bounced: at}
	b, err := json.Marshal(full)
	if err != nil {
		t.Fatal(err)
	}
	var back survey.Address
	if err := json.Unmarshal(b, &back); err != nil || !back.Equal(full) {
		t.Errorf("%s came back as %+v, %v", b, back, err)
	}
	for name, change := range map[string]func(*survey.Address){
		"asked":               func(a *survey.Address) { a.Asked = nil },
		"bounced for now":     func(a *survey.Address) { a.SoftBounces = nil },
		"bounced for good":    func(a *survey.Address) { a.Bounced = time.Time{} },
		"unsubscribed":        func(a *survey.Address) { a.Unsubscribed = time.Time{} },
		"marked as such then": func(a *survey.Address) { a.Undeliverable = time.Time{} },
	} {
		other := full
		if change(&other); full.Equal(other) {
			t.Errorf("one that is not %s is the same", name)
		}
	}
}
