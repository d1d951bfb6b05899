package stats_test

import (
	"math"
	"testing"

	"kaiku/shared/stats"
	"pgregory.net/rapid"
)

var everyScale = []stats.Scale{stats.NPS, stats.CSAT, stats.CES}

// drawHistogram makes histograms as reports have them: of few answers, of many,
// of one score only, and of none.
func drawHistogram(s stats.Scale) *rapid.Generator[stats.Histogram] {
	return rapid.Custom(func(t *rapid.T) stats.Histogram {
		most := rapid.SampledFrom([]int{0, 1, 3, 40, 100_000, math.MaxUint32 / 8}).Draw(t, "most of a score")
		one := rapid.Bool().Draw(t, "one score only")
		at := rapid.IntRange(s.Min(), s.Max()).Draw(t, "that score")
		counts := make([]int, s.Max()-s.Min()+1)
		for i := range counts {
			if !one || s.Min()+i == at {
				counts[i] = rapid.IntRange(0, most).Draw(t, "count")
			}
		}
		h, err := stats.HistogramOf(s, counts...)
		if err != nil {
			t.Fatal(err)
		}
		return h
	})
}

func drawScale() *rapid.Generator[stats.Scale] { return rapid.SampledFrom(everyScale) }

// npsOf is the histogram of so many detractors, passives and promoters.
func npsOf(t testing.TB, detractors, passives, promoters int) stats.Histogram {
	t.Helper()
	return histogramOf(t, stats.NPS, 0, 0, 0, detractors, 0, 0, 0, passives, 0, promoters, 0)
}

func histogramOf(t testing.TB, s stats.Scale, counts ...int) stats.Histogram {
	t.Helper()
	h, err := stats.HistogramOf(s, counts...)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func near(got, want, within float64) bool { return math.Abs(got-want) <= within }

// mustBeSound checks what holds for every figure and difference.
func mustBeSound(t *rapid.T, what string, value, low, high, lowest, highest float64) {
	for _, x := range []float64{value, low, high} {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			t.Fatalf("%s: %v [%v, %v] is no number", what, value, low, high)
		}
	}
	if low > value || value > high {
		t.Fatalf("%s: %v is outside its interval [%v, %v]", what, value, low, high)
	}
	// Rounding may cost the last digits.
	if low < lowest-1e-9 || high > highest+1e-9 {
		t.Fatalf("%s: [%v, %v] is outside [%v, %v]", what, low, high, lowest, highest)
	}
}
