package stats_test

import (
	"testing"

	"kaiku/shared/stats"
	"pgregory.net/rapid"
)

func TestMeanAndItsStudentInterval(t *testing.T) {
	for _, c := range []struct {
		name            string
		h               stats.Histogram
		mean, low, high float64
	}{
		// R prints 1.036757 4.963243 for t.test(1:5), and 3.334149 7.665851 for t.test(1:10).
		{"1 to 5 once each", histogramOf(t, stats.CSAT, 1, 1, 1, 1, 1), 3, 1.036757, 4.963243},
		{"1 to 10 once each", histogramOf(t, stats.NPS, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), 5.5, 3.334149, 7.665851},
		// By hand: s² = 14/6, t(6) = 2.446912: 4 ± 2.446912·√(28/6/7)
		{"1 to 7 once each", histogramOf(t, stats.CES, 1, 1, 1, 1, 1, 1, 1), 4, 2.002105, 5.997895},
		// By hand: s² = 0.2, t(4) = 2.776445: 6.8 ± 0.555289, cut at 7
		{"nearly all 7", histogramOf(t, stats.CES, 0, 0, 0, 0, 0, 1, 4), 6.8, 6.244711, 7},
	} {
		f, ok := stats.Mean(c.h)
		if !ok || !near(f.Value, c.mean, 1e-12) || !near(f.Low, c.low, 1e-6) || !near(f.High, c.high, 1e-6) {
			t.Errorf("%s: %v (%v), want %v [%v, %v]", c.name, f, ok, c.mean, c.low, c.high)
		}
	}
}

func TestMeanOfAnswersThatAgreeIsNotCertain(t *testing.T) {
	for _, c := range []struct {
		name string
		h    stats.Histogram
		want stats.Figure
	}{
		// Wilson's upper limit for 0 of 20 is 0.1611 (Newcombe 1998).
		{"twenty of 7", histogramOf(t, stats.CES, 0, 0, 0, 0, 0, 0, 20), stats.Figure{Value: 7, Low: 7 - 0.1611*6, High: 7}},
		{"twenty of 4", histogramOf(t, stats.CES, 0, 0, 0, 20, 0, 0, 0), stats.Figure{Value: 4, Low: 4 - 0.1611*3, High: 4 + 0.1611*3}},
		// and for 0 of 1 z²/(1+z²) = 0.7935.
		{"a single 5", histogramOf(t, stats.CSAT, 0, 0, 0, 0, 1), stats.Figure{Value: 5, Low: 5 - 0.7935*4, High: 5}},
	} {
		f, ok := stats.Mean(c.h)
		if !ok || f.Value != c.want.Value || !near(f.Low, c.want.Low, 5e-4) || !near(f.High, c.want.High, 5e-4) {
			t.Errorf("%s: %v (%v), want %v", c.name, f, ok, c.want)
		}
	}
}

func TestMeanMoveIsAChangeOnlyWhenClear(t *testing.T) {
	ces := func(counts ...int) stats.Histogram { return histogramOf(t, stats.CES, counts...) }
	for _, c := range []struct {
		name        string
		now, before stats.Histogram
		want        bool
	}{
		{"a point up on 6 answers", ces(0, 0, 0, 1, 1, 2, 2), ces(0, 1, 0, 1, 2, 1, 1), false},
		{"the same on 600", ces(0, 0, 0, 100, 100, 200, 200), ces(0, 100, 0, 100, 200, 100, 100), true},
		{"nothing moved", ces(1, 2, 3, 4, 5, 6, 7), ces(1, 2, 3, 4, 5, 6, 7), false},
		{"from one answer to another", ces(0, 0, 0, 0, 0, 0, 1), ces(1, 0, 0, 0, 0, 0, 0), false},
		{"two answers that agree, twice", ces(0, 0, 0, 0, 0, 0, 2), ces(0, 0, 0, 0, 0, 2, 0), false},
		{"many that agree, twice", ces(0, 0, 0, 0, 0, 0, 500), ces(0, 0, 0, 0, 0, 500, 0), true},
		{"one period agrees", ces(0, 0, 0, 0, 0, 0, 500), ces(0, 0, 0, 9, 50, 40, 0), true},
	} {
		d, ok := stats.MeanDifference(c.now, c.before)
		if !ok || d.Change() != c.want {
			t.Errorf("%s: %v, change %v", c.name, d, d.Change())
		}
	}
}

// A tenfold of the same answers is not worth less than they are.
func TestMoreOfTheSameAnswersNarrowTheInterval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScale().Draw(t, "scale")
		few := make([]int, s.Max()-s.Min()+1)
		many := make([]int, len(few))
		for i := range few {
			few[i] = rapid.IntRange(0, 30).Draw(t, "count")
			many[i] = 10 * few[i]
		}
		a, _ := stats.HistogramOf(s, few...)
		b, _ := stats.HistogramOf(s, many...)
		for name, figure := range figures {
			f, ok := figure(a)
			g, _ := figure(b)
			if ok && g.High-g.Low > f.High-f.Low+1e-9 {
				t.Fatalf("%s: %v of the few, %v of the many", name, f, g)
			}
		}
	})
}
