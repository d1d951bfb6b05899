package stats_test

import (
	"math"
	"math/big"
	"testing"

	"kaiku/shared/stats"
	"pgregory.net/rapid"
)

func TestNetPromoterScoreIsPromotersLessDetractors(t *testing.T) {
	for _, c := range []struct {
		name                            string
		detractors, passives, promoters int
		want                            float64
	}{
		{"all promoters", 0, 0, 7, 100},
		{"all detractors", 7, 0, 0, -100},
		{"all passives", 0, 7, 0, 0},
		{"as many of each end", 4, 1, 4, 0},
		{"half promoters, a fifth detractors", 2, 3, 5, 30},
		{"one detractor in three", 1, 2, 0, -100. / 3},
	} {
		f, ok := stats.NetPromoterScore(npsOf(t, c.detractors, c.passives, c.promoters))
		if !ok || !near(f.Value, c.want, 1e-12) {
			t.Errorf("%s: %v (%v), want %v", c.name, f.Value, ok, c.want)
		}
	}
}

// The interval by its definition, told another way: three imagined answers (¾,
// 1½, ¾; so in Rocks's own R package NPS, pseudo_observations) join the real
// ones, each answer is −1, 0 or 1, and the variance of those is taken about
// their mean. In exact fractions, but for the root.
func rocks(detractors, passives, promoters int64) (centre, margin float64) {
	weights := []*big.Rat{
		new(big.Rat).Add(big.NewRat(detractors, 1), big.NewRat(3, 4)),
		new(big.Rat).Add(big.NewRat(passives, 1), big.NewRat(3, 2)),
		new(big.Rat).Add(big.NewRat(promoters, 1), big.NewRat(3, 4)),
	}
	n, mean, variance := new(big.Rat), new(big.Rat), new(big.Rat)
	for i, w := range weights {
		n.Add(n, w)
		mean.Add(mean, new(big.Rat).Mul(w, big.NewRat(int64(i-1), 1)))
	}
	mean.Quo(mean, n)
	for i, w := range weights {
		off := new(big.Rat).Sub(big.NewRat(int64(i-1), 1), mean)
		variance.Add(variance, off.Mul(off, off).Mul(off, w))
	}
	variance.Quo(variance, n)
	c, _ := mean.Float64()
	v, _ := variance.Quo(variance, n).Float64()
	return 100 * c, 100 * 1.959963984540054 * math.Sqrt(v)
}

func TestNetPromoterScoreIntervalIsAdjustedWald(t *testing.T) {
	for _, c := range []struct {
		name                            string
		detractors, passives, promoters int64
		low, high                       float64 // worked by hand, to 0.01
	}{
		// n+3 = 13: p = 5.75/13, d = 2.75/13; 0.230769 ± 1.959964·√(0.600592/13)
		{"2, 3, 5 of 10", 2, 3, 5, -19.05, 65.20},
		// n+3 = 103: p = 50.75/103, d = 20.75/103; 0.291262 ± 1.959964·√(0.609340/103)
		{"20, 30, 50 of 100", 20, 30, 50, 14.05, 44.20},
		// n+3 = 8: p = 5.75/8, d = 0.75/8; 0.625 ± 1.959964·√(0.421875/8), cut at 100
		{"all of 5 promoters", 0, 0, 5, 17.49, 100},
	} {
		f, ok := stats.NetPromoterScore(npsOf(t, int(c.detractors), int(c.passives), int(c.promoters)))
		if !ok || !near(f.Low, c.low, 0.006) || !near(f.High, c.high, 0.006) {
			t.Errorf("%s: [%.4f, %.4f] (%v), want [%v, %v]", c.name, f.Low, f.High, ok, c.low, c.high)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		count := rapid.Int64Range(0, 2000)
		d, n, p := count.Draw(rt, "detractors"), count.Draw(rt, "passives"), 1+count.Draw(rt, "promoters")
		f, _ := stats.NetPromoterScore(npsOf(t, int(d), int(n), int(p)))
		centre, margin := rocks(d, n, p)
		low, high := math.Max(-100, centre-margin), math.Min(100, centre+margin)
		if d+n+p > 1 && (!near(f.Low, low, 1e-9) || !near(f.High, high, 1e-9)) {
			rt.Fatalf("[%v, %v], want [%v, %v]", f.Low, f.High, low, high)
		}
	})
}

// Rocks's finding: the adjusted interval covers the truth about as often as it
// says, for few answers too. Here by going through every possible sample.
func TestNetPromoterScoreIntervalCoversTheTruth(t *testing.T) {
	for _, n := range []int{10, 20, 50} {
		for _, p := range []struct{ detractors, promoters float64 }{
			{0.2, 0.5}, {0.3, 0.3}, {0.1, 0.7}, {0.6, 0.1}, {0.05, 0.35}, {0.45, 0.45},
		} {
			truth, covered := 100*(p.promoters-p.detractors), 0.0
			for d := 0; d <= n; d++ {
				for u := 0; d+u <= n; u++ {
					f, _ := stats.NetPromoterScore(npsOf(t, d, n-d-u, u))
					if f.Low <= truth && truth <= f.High {
						covered += trinomial(d, n-d-u, u, p.detractors, p.promoters)
					}
				}
			}
			if covered < 0.93 || covered > 0.99 {
				t.Errorf("n = %d, %v: covers the truth %.1f %% of the time", n, p, 100*covered)
			}
		}
	}
}

func trinomial(d, n, u int, pd, pu float64) float64 {
	factorial := func(k int) float64 { l, _ := math.Lgamma(float64(k + 1)); return l }
	return math.Exp(factorial(d+n+u) - factorial(d) - factorial(n) - factorial(u) +
		float64(d)*math.Log(pd) + float64(n)*math.Log(1-pd-pu) + float64(u)*math.Log(pu))
}

func TestNetPromoterScoreMirrorsWhenTheEndsSwap(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		count := rapid.IntRange(0, 50)
		d, n, p := count.Draw(rt, "detractors"), count.Draw(rt, "passives"), 1+count.Draw(rt, "promoters")
		a, _ := stats.NetPromoterScore(npsOf(t, d, n, p))
		b, _ := stats.NetPromoterScore(npsOf(t, p, n, d))
		if !near(a.Value, -b.Value, 1e-9) || !near(a.Low, -b.High, 1e-9) || !near(a.High, -b.Low, 1e-9) {
			rt.Fatalf("%v is not the mirror of %v", a, b)
		}
	})
}

func TestNetPromoterScoreDifferenceAddsTheAdjustedVariances(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		count := rapid.Int64Range(2, 500)
		var c [6]int64
		for i := range c {
			c[i] = count.Draw(rt, "count")
		}
		got, ok := stats.NetPromoterScoreDifference(
			npsOf(t, int(c[0]), int(c[1]), int(c[2])), npsOf(t, int(c[3]), int(c[4]), int(c[5])))
		centreNow, marginNow := rocks(c[0], c[1], c[2])
		centreBefore, marginBefore := rocks(c[3], c[4], c[5])
		centre, margin := centreNow-centreBefore, math.Sqrt(marginNow*marginNow+marginBefore*marginBefore)
		low, high := math.Min(got.Value, math.Max(-200, centre-margin)), math.Max(got.Value, math.Min(200, centre+margin))
		if !ok || !near(got.Low, low, 1e-9) || !near(got.High, high, 1e-9) {
			rt.Fatalf("%v (%v), want [%v, %v]", got, ok, low, high)
		}
	})
}

func TestNetPromoterScoreMoveIsAChangeOnlyWhenClear(t *testing.T) {
	for _, c := range []struct {
		name        string
		now, before stats.Histogram
		want        bool
	}{
		{"30 points up on 10 answers", npsOf(t, 1, 2, 7), npsOf(t, 2, 4, 4), false},
		{"30 points up on 200 answers", npsOf(t, 20, 60, 120), npsOf(t, 40, 80, 80), true},
		{"30 points down on 200 answers", npsOf(t, 40, 80, 80), npsOf(t, 20, 60, 120), true},
		{"nothing moved", npsOf(t, 20, 60, 120), npsOf(t, 20, 60, 120), false},
		{"from end to end", npsOf(t, 0, 0, 5), npsOf(t, 5, 0, 0), true},
	} {
		d, ok := stats.NetPromoterScoreDifference(c.now, c.before)
		if !ok || d.Change() != c.want {
			t.Errorf("%s: %v, change %v", c.name, d, d.Change())
		}
	}
}
