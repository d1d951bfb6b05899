package stats

import "math"

// seriesFrom is the number of degrees of freedom from which the asymptotic
// series is exact to 1e-9; below it the distribution is inverted.
const seriesFrom = 100

// tCritical returns the 97.5th percentile of Student's t distribution with df
// degrees of freedom (df ≥ 1, not necessarily whole), right to 1e-9: 95 % of the
// distribution lies between −t and t.
func tCritical(df float64) float64 {
	if df >= seriesFrom {
		return tSeries(df)
	}
	// The tail is convex and falling, and t is above z for every df: from z on
	// Newton's steps climb to the root and never pass it.
	t := z
	for range 50 {
		step := (tTails(t, df) - 0.05) / (2 * tDensity(t, df))
		t += step
		if step < 1e-12*t {
			break
		}
	}
	return t
}

// tSeries is the expansion of the percentile in powers of 1/df: Abramowitz and
// Stegun, Handbook of Mathematical Functions (1964), 26.7.5, with the normal
// percentile z put in.
func tSeries(df float64) float64 {
	const (
		z2 = z * z
		g1 = z * (z2 + 1) / 4
		g2 = z * ((5*z2+16)*z2 + 3) / 96
		g3 = z * (((3*z2+19)*z2+17)*z2 - 15) / 384
		g4 = z * ((((79*z2+776)*z2+1482)*z2-1920)*z2 - 945) / 92160
	)
	return z + (g1+(g2+(g3+g4/df)/df)/df)/df
}

// tTails returns P(|T| > t), for t ≥ z: the regularized incomplete beta function
// I_x(df/2, ½) at x = df/(df+t²), by its continued fraction (NIST Digital
// Library of Mathematical Functions, 8.17.22).
//
// The fraction converges fast below x = (a+1)/(a+b+2), which every t ≥ z is.
func tTails(t, df float64) float64 {
	const (
		b     = 0.5
		terms = 32 // for df < seriesFrom, 24 are already right to 1e-13
	)
	a, x := df/2, df/(df+t*t)
	odd := func(m float64) float64 { return -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1)) }
	even := func(m float64) float64 { return m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m)) }
	// From the innermost term outwards: a fixed number needs no test for an end.
	fraction := 1.0
	for m := float64(terms); m > 0; m-- {
		fraction = 1 + odd(m)/fraction
		fraction = 1 + even(m)/fraction
	}
	fraction = 1 + odd(0)/fraction
	return math.Exp(a*math.Log(x)+b*math.Log1p(-x)-logBeta(a, b)) / a / fraction
}

func tDensity(t, df float64) float64 {
	return math.Exp(-(df+1)/2*math.Log1p(t*t/df)-logBeta(df/2, 0.5)) / math.Sqrt(df)
}

func logBeta(a, b float64) float64 {
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	return la + lb - lab
}
