package stats

import "math"

// Mean returns the mean score, in points of the scale, with its interval cut to
// the scale. Without answers ok is false.
//
// The interval is Student's ("The Probable Error of a Mean", Biometrika 6 (1908)
// 1–25): mean ± t·s/√n with n−1 degrees of freedom.
//
// A single answer, or answers that all agree, have no spread for Student to
// work with: the formula would claim certainty, or nothing at all. Then the
// interval is the widest that the answers allow: the share of people who would
// answer otherwise is at most Wilson's upper limit for 0 of n, z²/(n+z²), and
// those might all be at either end of the scale.
func Mean(h Histogram) (f Figure, ok bool) {
	if h.N() == 0 {
		return Figure{}, false
	}
	return meanFigure(h, momentsOf(h)), true
}

// MeanDifference returns how far the mean has moved, in points of the scale,
// with its interval. When either has no answers, or the scales differ, ok is
// false.
//
// The interval is Welch's ("The generalization of 'Student's' problem when
// several different population variances are involved", Biometrika 34 (1947)
// 28–35), with the degrees of freedom of Satterthwaite ("An approximate
// distribution of estimates of variance components", Biometrics Bulletin 2
// (1946) 110–114). Where the answers of either period all agree it is recovered
// from the intervals of the two means instead (Zou and Donner 2008).
func MeanDifference(now, before Histogram) (d Difference, ok bool) {
	if !bothAnswered(now, before) {
		return Difference{}, false
	}
	a, b := momentsOf(now), momentsOf(before)
	if a.agree() || b.agree() {
		return recovered(meanFigure(now, a), meanFigure(before, b)), true
	}
	span := float64(now.scale.Max() - now.scale.Min())
	return welch(a, b, span), true
}

// moments of n answers; variance is the sample's, and 0 for one answer.
type moments struct {
	n, mean, variance float64
}

// agree tells whether there is no spread to estimate an error from.
func (m moments) agree() bool { return m.variance == 0 }

// momentsOf needs at least one answer. When all agree the mean is exact, and so
// the variance exactly 0.
func momentsOf(h Histogram) moments {
	var n, sum int64
	for score, c := range h.counts {
		n += int64(c)
		sum += int64(score) * int64(c)
	}
	m := moments{n: float64(n), mean: float64(sum) / float64(n)}
	if n == 1 {
		return m
	}
	// Two passes: the one-pass formula subtracts two large, nearly equal sums.
	squares := 0.0
	for score, c := range h.counts {
		off := float64(score) - m.mean
		squares += float64(c) * off * off
	}
	m.variance = squares / (m.n - 1)
	return m
}

func meanFigure(h Histogram, m moments) Figure {
	lowest, highest := float64(h.scale.Min()), float64(h.scale.Max())
	if m.agree() {
		others := z * z / (m.n + z*z)
		return Figure{
			Value: m.mean,
			Low:   m.mean - others*(m.mean-lowest),
			High:  m.mean + others*(highest-m.mean),
		}
	}
	return student(m, lowest, highest)
}

// student returns the t interval of a mean. It needs a spread.
func student(m moments, lowest, highest float64) Figure {
	margin := tCritical(m.n-1) * math.Sqrt(m.variance/m.n)
	return around(m.mean, m.mean, margin, lowest, highest)
}

// welch returns the difference of two means. Both need a spread. The difference
// can be at most span either way.
func welch(now, before moments, span float64) Difference {
	a, b := now.variance/now.n, before.variance/before.n
	df := (a + b) * (a + b) / (a*a/(now.n-1) + b*b/(before.n-1))
	d := now.mean - before.mean
	return Difference(around(d, d, tCritical(df)*math.Sqrt(a+b), -span, span))
}
