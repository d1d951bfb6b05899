package stats_test

import (
	"math"
	"testing"

	"kaiku/shared/stats"
	"pgregory.net/rapid"
)

// Newcombe, "Two-sided confidence intervals for the single proportion: comparison
// of seven methods", Statistics in Medicine 17 (1998) 857–872, table I, method 3,
// as printed there.
func TestShareIntervalEqualsPublishedWilsonIntervals(t *testing.T) {
	for _, c := range []struct {
		part, whole int
		low, high   float64
	}{
		{81, 263, 0.2553, 0.3662},
		{15, 148, 0.0624, 0.1605},
		{0, 20, 0, 0.1611},
		{1, 29, 0.0061, 0.1718},
	} {
		f, ok := stats.Share(c.part, c.whole)
		if !ok || !near(f.Low/100, c.low, 5e-5) || !near(f.High/100, c.high, 5e-5) {
			t.Errorf("%d/%d: [%v, %v], want [%v, %v]", c.part, c.whole, f.Low/100, f.High/100, c.low, c.high)
		}
	}
}

// Newcombe, "Interval estimation for the difference between independent
// proportions: comparison of eleven methods", Statistics in Medicine 17 (1998)
// 873–890, table II, method 10: all eight of its examples, (a) to (h), as printed.
func TestShareDifferenceEqualsPublishedNewcombeIntervals(t *testing.T) {
	for _, c := range []struct {
		example                      string
		part1, whole1, part2, whole2 int
		low, high                    float64
		change                       bool
	}{
		{"a", 56, 70, 48, 80, 0.0524, 0.3339, true},
		{"b", 9, 10, 3, 10, 0.1705, 0.8090, true},
		{"c", 6, 7, 2, 7, 0.0582, 0.8062, true},
		{"d", 5, 56, 0, 29, -0.0381, 0.1926, false},
		{"e", 0, 10, 0, 20, -0.1611, 0.2775, false},
		{"f", 0, 10, 0, 10, -0.2775, 0.2775, false},
		{"g", 10, 10, 0, 20, 0.6791, 1.0000, true},
		{"h", 10, 10, 0, 10, 0.6075, 1.0000, true},
	} {
		now, _ := stats.Share(c.part1, c.whole1)
		before, _ := stats.Share(c.part2, c.whole2)
		d := stats.ShareDifference(now, before)
		if !near(d.Low/100, c.low, 5.1e-5) || !near(d.High/100, c.high, 5.1e-5) || d.Change() != c.change {
			t.Errorf("(%s) %d/%d − %d/%d: %v (change %v), want [%v, %v] (change %v)",
				c.example, c.part1, c.whole1, c.part2, c.whole2, d, d.Change(), c.low, c.high, c.change)
		}
	}
}

// Wilson's limits are where the score test just does not reject.
func TestShareLimitsAreTheEdgeOfTheScoreTest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.IntRange(2, 5000).Draw(t, "whole")
		part := rapid.IntRange(1, whole-1).Draw(t, "part")
		f, _ := stats.Share(part, whole)
		p := float64(part) / float64(whole)
		for _, limit := range []float64{f.Low / 100, f.High / 100} {
			score := math.Abs(p-limit) / math.Sqrt(limit*(1-limit)/float64(whole))
			if !near(score, 1.959963984540054, 1e-6) {
				t.Fatalf("%d/%d: z at %v is %v", part, whole, limit, score)
			}
		}
	})
}

func TestShareOfTheRestMirrors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.IntRange(1, 1_000_000_000).Draw(t, "whole")
		part := rapid.IntRange(0, whole).Draw(t, "part")
		f, ok := stats.Share(part, whole)
		rest, restOK := stats.Share(whole-part, whole)
		if !ok || !restOK || !near(f.Value, 100-rest.Value, 1e-9) || !near(f.Low, 100-rest.High, 1e-9) {
			t.Fatalf("%v and the rest %v", f, rest)
		}
		mustBeSound(t, "share", f.Value, f.Low, f.High, 0, 100)
		if part == 0 && f.Low != 0 || part == whole && f.High != 100 {
			t.Fatalf("%d/%d: rounding is left at the end of %v", part, whole, f)
		}
		if f.Low == f.High {
			t.Fatalf("%d/%d is certain: %v", part, whole, f)
		}
	})
}

func TestShareOfNothingIsNoFigure(t *testing.T) {
	for _, c := range [][2]int{{0, 0}, {1, 0}, {-1, 5}, {6, 5}, {0, -5}, {-5, -5}} {
		if f, ok := stats.Share(c[0], c[1]); ok || f != (stats.Figure{}) {
			t.Errorf("%d of %d is %v", c[0], c[1], f)
		}
	}
}

func TestFavourableIsTheTopClass(t *testing.T) {
	for _, c := range []struct {
		name string
		h    stats.Histogram
		want float64
	}{
		{"4 and 5 are satisfied", histogramOf(t, stats.CSAT, 1, 1, 2, 3, 3), 60},
		{"5, 6 and 7 are easy", histogramOf(t, stats.CES, 1, 0, 0, 1, 1, 0, 1), 50},
		{"9 and 10 are promoters", histogramOf(t, stats.NPS, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 4), 62.5},
	} {
		f, ok := stats.Favourable(c.h)
		_, _, favourable := c.h.Classes()
		wilson, _ := stats.Share(favourable, c.h.N())
		if !ok || f.Value != c.want || f != wilson {
			t.Errorf("%s: %v (%v), want %v", c.name, f, ok, c.want)
		}
	}
}

func TestFavourableDifferenceIsNewcombes(t *testing.T) {
	now := histogramOf(t, stats.CSAT, 4, 5, 5, 30, 26)     // 56/70
	before := histogramOf(t, stats.CSAT, 20, 2, 10, 8, 40) // 48/80
	d, ok := stats.FavourableDifference(now, before)
	if !ok || !near(d.Value, 20, 1e-9) || !near(d.Low, 5.24, 0.005) || !near(d.High, 33.39, 0.005) || !d.Change() {
		t.Errorf("%v (%v)", d, ok)
	}
}

func TestResponseRateIsAnsweredOfDelivered(t *testing.T) {
	for _, c := range []struct {
		name                string
		answered, delivered int
		want                float64
		ok                  bool
	}{
		{"a quarter", 25, 100, 25, true},
		{"nobody", 0, 100, 0, true},
		{"everybody", 100, 100, 100, true},
		{"nothing delivered", 0, 0, 0, false},
		{"answers whose delivery was never reported", 10, 7, 100, true},
		{"an answer before any report", 1, 0, 100, true},
		{"negative answers", -1, 10, 0, false},
		{"negative deliveries", 1, -10, 0, false},
	} {
		f, ok := stats.ResponseRate(c.answered, c.delivered)
		if ok != c.ok || f.Value != c.want {
			t.Errorf("%s: %v (%v), want %v (%v)", c.name, f.Value, ok, c.want, c.ok)
		}
	}
}
