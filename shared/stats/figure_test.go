package stats_test

import (
	"testing"

	"kaiku/shared/stats"
	"pgregory.net/rapid"
)

var figures = map[string]func(stats.Histogram) (stats.Figure, bool){
	"score": stats.Score, "nps": stats.NetPromoterScore, "favourable": stats.Favourable, "mean": stats.Mean,
}

var differences = map[string]func(now, before stats.Histogram) (stats.Difference, bool){
	"score": stats.ScoreDifference, "nps": stats.NetPromoterScoreDifference,
	"favourable": stats.FavourableDifference, "mean": stats.MeanDifference,
}

// rangeOf is where a figure can lie on a scale.
func rangeOf(name string, s stats.Scale) (lowest, highest float64) {
	if name == "score" {
		name = map[stats.Scale]string{stats.NPS: "nps", stats.CSAT: "favourable", stats.CES: "mean"}[s]
	}
	switch name {
	case "nps":
		return -100, 100
	case "favourable":
		return 0, 100
	default:
		return float64(s.Min()), float64(s.Max())
	}
}

func TestFiguresAreNumbersInsideTheirIntervals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScale().Draw(t, "scale")
		h := drawHistogram(s).Draw(t, "h")
		for name, figure := range figures {
			f, ok := figure(h)
			if ok != (h.N() > 0) {
				t.Fatalf("%s of %d answers: ok is %v", name, h.N(), ok)
			}
			if !ok {
				if f != (stats.Figure{}) {
					t.Fatalf("%s of no answers is %v", name, f)
				}
				continue
			}
			lowest, highest := rangeOf(name, s)
			mustBeSound(t, name, f.Value, f.Low, f.High, lowest, highest)
		}
	})
}

func TestDifferencesAreNumbersInsideTheirIntervals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScale().Draw(t, "scale")
		now, before := drawHistogram(s).Draw(t, "now"), drawHistogram(s).Draw(t, "before")
		for name, difference := range differences {
			d, ok := difference(now, before)
			if ok != (now.N() > 0 && before.N() > 0) {
				t.Fatalf("%s of %d and %d answers: ok is %v", name, now.N(), before.N(), ok)
			}
			if !ok {
				if d != (stats.Difference{}) {
					t.Fatalf("%s without answers is %v", name, d)
				}
				continue
			}
			lowest, highest := rangeOf(name, s)
			mustBeSound(t, name, d.Value, d.Low, d.High, lowest-highest, highest-lowest)

			a, _ := figures[name](now)
			b, _ := figures[name](before)
			if !near(d.Value, a.Value-b.Value, 1e-9) {
				t.Fatalf("%s moved from %v to %v, said to be by %v", name, b.Value, a.Value, d.Value)
			}
			back, _ := difference(before, now)
			if !near(back.Value, -d.Value, 1e-9) || !near(back.Low, -d.High, 1e-9) || !near(back.High, -d.Low, 1e-9) {
				t.Fatalf("%s: %v there, %v back", name, d, back)
			}
			if back.Change() != d.Change() {
				t.Fatalf("%s: a change one way only", name)
			}
		}
	})
}

func TestNothingMovedIsNoChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHistogram(drawScale().Draw(t, "scale")).Draw(t, "h")
		for name, difference := range differences {
			if d, _ := difference(h, h); d.Value != 0 || d.Change() {
				t.Fatalf("%s: the same answers moved by %v", name, d)
			}
		}
	})
}

func TestAChangeIsAnIntervalWithoutZero(t *testing.T) {
	for _, c := range []struct {
		d    stats.Difference
		want bool
	}{
		{stats.Difference{Value: 5, Low: 1, High: 9}, true},
		{stats.Difference{Value: -5, Low: -9, High: -1}, true},
		{stats.Difference{Value: 5, Low: -1, High: 11}, false},
		{stats.Difference{Value: 5, Low: 0, High: 10}, false},
		{stats.Difference{Value: -5, Low: -10, High: 0}, false},
		{stats.Difference{}, false},
	} {
		if c.d.Change() != c.want {
			t.Errorf("%v: change %v", c.d, c.d.Change())
		}
	}
}

func TestDifferentScalesHaveNoDifference(t *testing.T) {
	csat, ces := histogramOf(t, stats.CSAT, 1, 1, 1, 1, 1), histogramOf(t, stats.CES, 1, 1, 1, 1, 1, 1, 1)
	for name, difference := range differences {
		if d, ok := difference(csat, ces); ok {
			t.Errorf("%s: %v between CSAT and CES", name, d)
		}
	}
}

func TestScoreIsTheFigureOfItsKind(t *testing.T) {
	for _, c := range []struct {
		h    stats.Histogram
		want func(stats.Histogram) (stats.Figure, bool)
	}{
		{npsOf(t, 2, 3, 5), stats.NetPromoterScore},
		{histogramOf(t, stats.CSAT, 1, 2, 3, 4, 5), stats.Favourable},
		{histogramOf(t, stats.CES, 1, 2, 3, 4, 5, 6, 7), stats.Mean},
	} {
		got, ok := stats.Score(c.h)
		if want, _ := c.want(c.h); !ok || got != want {
			t.Errorf("%s: %v, want %v", c.h.Scale(), got, want)
		}
	}
	if f, ok := stats.Score(stats.Histogram{}); ok {
		t.Errorf("no scale has score %v", f)
	}
	if d, ok := stats.ScoreDifference(stats.Histogram{}, stats.Histogram{}); ok {
		t.Errorf("no scale moved by %v", d)
	}
}
