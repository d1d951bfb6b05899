package stats_test

import (
	"testing"

	"kaiku/shared/stats"
)

func TestScaleHoldsItsScoresAlone(t *testing.T) {
	for _, c := range []struct {
		scale    stats.Scale
		kind     string
		min, max int
	}{
		{stats.NPS, "nps", 0, 10},
		{stats.CSAT, "csat", 1, 5},
		{stats.CES, "ces", 1, 7},
	} {
		if c.scale.Min() != c.min || c.scale.Max() != c.max || c.scale.String() != c.kind {
			t.Errorf("%s is %d–%d, want %s %d–%d", c.scale, c.scale.Min(), c.scale.Max(), c.kind, c.min, c.max)
		}
		for score := -2; score <= 12; score++ {
			if got, want := c.scale.Valid(score), c.min <= score && score <= c.max; got != want {
				t.Errorf("%s: Valid(%d) = %v", c.scale, score, got)
			}
		}
		if s, ok := stats.ScaleOf(c.kind); !ok || s != c.scale {
			t.Errorf("ScaleOf(%q) = %v, %v", c.kind, s, ok)
		}
	}
}

func TestNoScaleHasNoScores(t *testing.T) {
	for _, s := range []stats.Scale{0, 4, 255} {
		for score := -1; score <= 11; score++ {
			if s.Valid(score) {
				t.Errorf("scale %d takes score %d", uint8(s), score)
			}
		}
	}
	for _, kind := range []string{"", "none", "NPS", "nsat"} {
		if s, ok := stats.ScaleOf(kind); ok {
			t.Errorf("ScaleOf(%q) = %v", kind, s)
		}
	}
}

func TestEachScoreIsInItsClass(t *testing.T) {
	for _, c := range []struct {
		scale                             stats.Scale
		unfavourable, neutral, favourable []int
	}{
		{stats.NPS, []int{0, 1, 2, 3, 4, 5, 6}, []int{7, 8}, []int{9, 10}},
		{stats.CSAT, []int{1, 2}, []int{3}, []int{4, 5}},
		{stats.CES, []int{1, 2, 3}, []int{4}, []int{5, 6, 7}},
	} {
		check := func(scores []int, want [3]int) {
			for _, score := range scores {
				h := stats.NewHistogram(c.scale)
				if err := h.Add(score); err != nil {
					t.Fatal(err)
				}
				var got [3]int
				got[0], got[1], got[2] = h.Classes()
				if got != want {
					t.Errorf("%s %d: classes %v, want %v", c.scale, score, got, want)
				}
			}
		}
		check(c.unfavourable, [3]int{1, 0, 0})
		check(c.neutral, [3]int{0, 1, 0})
		check(c.favourable, [3]int{0, 0, 1})
	}
}
