package stats_test

import (
	"encoding/json"
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
