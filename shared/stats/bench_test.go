package stats_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"kaiku/shared/stats"
)

func BenchmarkFigures(b *testing.B) {
	nps := histogramOf(b, stats.NPS, 3, 0, 1, 2, 4, 9, 11, 40, 61, 80, 120)
	csat := histogramOf(b, stats.CSAT, 4, 8, 20, 60, 90)
	ces := histogramOf(b, stats.CES, 1, 2, 3, 6, 9, 20, 30)
	other := histogramOf(b, stats.CES, 2, 2, 4, 6, 11, 20, 21)
	for name, f := range map[string]func(){
		"NetPromoterScore":           func() { stats.NetPromoterScore(nps) },
		"NetPromoterScoreDifference": func() { stats.NetPromoterScoreDifference(nps, nps) },
		"Favourable":                 func() { stats.Favourable(csat) },
		"FavourableDifference":       func() { stats.FavourableDifference(csat, csat) },
		"Mean":                       func() { stats.Mean(ces) },
		"MeanDifference":             func() { stats.MeanDifference(ces, other) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
}

func BenchmarkHistogram(b *testing.B) {
	h := histogramOf(b, stats.NPS, 3, 0, 1, 2, 4, 9, 11, 40, 61, 80, 120)
	text, err := json.Marshal(h)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("Merge", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := h.Merge(h); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("MarshalJSON", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := h.MarshalJSON(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("UnmarshalJSON", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var back stats.Histogram
			if err := back.UnmarshalJSON(text); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkHide(b *testing.B) {
	group := make([]stats.Cell, 100)
	for i := range group {
		group[i].Answered = (i * 37) % 90
	}
	b.ReportAllocs()
	for b.Loop() {
		stats.Hide(group, 5)
	}
}

// The biggest programme that is thought of: five years, seven dimensions, up to
// sixty values in each. With few answers nearly every figure is small, with some
// hundreds a month most are, and those that are not are of use to hide them with.
func BenchmarkMask(b *testing.B) {
	for _, perMonth := range []int{30, 100, 300, 1_000, 100_000} {
		b.Run(fmt.Sprint(perMonth, " a month"), func(b *testing.B) {
			a := answeredOf(60, perMonth)
			b.ReportAllocs()
			for b.Loop() {
				stats.NewMask(4, a, 5)
			}
		})
	}
}

// answeredOf are so many answers a month. In every dimension a few values have
// most of them.
func answeredOf(months, perMonth int) stats.Answered {
	random := rand.New(rand.NewPCG(1, 2))
	sizes := map[string]int{"size": 5, "industry": 20, "region": 40, "owner": 60, "service": 30, "trigger": 4, "language": 3}
	a := stats.Answered{All: make([]int, months), Values: map[string]map[string][]int{}}
	for m := range months {
		a.All[m] = perMonth
	}
	for _, d := range slices.Sorted(maps.Keys(sizes)) {
		n := sizes[d]
		a.Values[d] = map[string][]int{}
		for v := range n {
			a.Values[d][fmt.Sprint("v", v)] = make([]int, months)
		}
		drawn := min(perMonth, 5000) // the rest are like these
		for m := range months {
			for range drawn {
				u := random.Float64()
				a.Values[d][fmt.Sprint("v", int(u*u*float64(n)))][m] += perMonth / drawn
			}
		}
	}
	return a
}
