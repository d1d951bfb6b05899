package stats

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestTCriticalEqualsTheTables(t *testing.T) {
	// NIST/SEMATECH e-Handbook 1.3.6.7.2, "Critical Values of the Student's t
	// Distribution", column 0.975, as printed.
	for df, want := range map[float64]float64{
		1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 10: 2.228,
		11: 2.201, 12: 2.179, 13: 2.160, 14: 2.145, 15: 2.131, 16: 2.120, 17: 2.110, 18: 2.101, 19: 2.093, 20: 2.086,
		21: 2.080, 22: 2.074, 23: 2.069, 24: 2.064, 25: 2.060, 26: 2.056, 27: 2.052, 28: 2.048, 29: 2.045, 30: 2.042,
		40: 2.021, 50: 2.009, 60: 2.000, 80: 1.990, 100: 1.984, math.MaxFloat64: 1.960,
	} {
		if got := tCritical(df); !near(got, want, 5e-4) {
			t.Errorf("t(%v) = %.6f, want %.3f", df, got, want)
		}
	}
	// By bisection of the incomplete beta function at 30 digits (mpmath 1.3).
	for df, want := range map[float64]float64{
		1:            12.7062047361747,
		1.5:          6.01666310442793,
		2:            4.30265272974946,
		2.5:          3.57465484200368,
		5:            2.57058183563632,
		7.25:         2.34819484910537,
		17.776473516: 2.10281724157134,
		30:           2.04227245630124,
		99.9:         1.98399583807694,
		100:          1.98397151852355,
		250.5:        1.96947927205168,
		1e6:          1.95996635681411,
	} {
		if got := tCritical(df); !near(got, want, 1e-9) {
			t.Errorf("t(%v) = %.12f, want %.12f", df, got, want)
		}
	}
}

func TestTCriticalFallsTowardsTheNormal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		df := rapid.Float64Range(1, 1e12).Draw(t, "df")
		more := df * rapid.Float64Range(1.01, 3).Draw(t, "factor")
		if a, b := tCritical(df), tCritical(more); a < b || b < z {
			t.Fatalf("t(%v) = %v, t(%v) = %v", df, a, more, b)
		}
	})
}

func TestTwoWaysToTCriticalMeet(t *testing.T) {
	below, above := tCritical(math.Nextafter(seriesFrom, 0)), tCritical(seriesFrom)
	if !near(below, above, 1e-9) {
		t.Errorf("%v below and %v above", below, above)
	}
}

func TestStudentIntervalEqualsNISTs(t *testing.T) {
	// NIST/SEMATECH e-Handbook 1.3.5.2, data ZARR13.DAT.
	const mean, deviation, n = 9.261460, 0.2278881e-01, 195
	f := student(moments{n: n, mean: mean, variance: deviation * deviation}, 0, 10)
	if !near(f.Low, 9.258242, 1e-6) || !near(f.High, 9.264679, 1e-6) {
		t.Errorf("[%.6f, %.6f]", f.Low, f.High)
	}
}

// The examples of R's manual, ?t.test, with the intervals that R prints.
func TestWelchIntervalEqualsRs(t *testing.T) {
	for _, c := range []struct {
		source      string
		now, before moments
		low, high   float64
		change      bool
	}{
		{"t.test(extra ~ group, data = sleep): t = -1.8608, df = 17.776; Student's own data of 1908",
			momentsOfValues(0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0),
			momentsOfValues(1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4), -3.3654832, 0.2054832, false},
		{"t.test(1:10, y = c(7:20)): t = -5.4349, df = 21.982",
			momentsOfValues(1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
			momentsOfValues(7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20), -11.052802, -4.947198, true},
	} {
		d := welch(c.now, c.before, 100)
		if !near(d.Low, c.low, 6e-7) || !near(d.High, c.high, 6e-7) || d.Change() != c.change {
			t.Errorf("%s: %v, change %v", c.source, d, d.Change())
		}
	}
}

func momentsOfValues(values ...float64) moments {
	m := moments{n: float64(len(values))}
	for _, v := range values {
		m.mean += v / m.n
	}
	for _, v := range values {
		m.variance += (v - m.mean) * (v - m.mean) / (m.n - 1)
	}
	return m
}

func near(got, want, within float64) bool { return math.Abs(got-want) <= within }

func BenchmarkTCritical(b *testing.B) {
	for _, c := range []struct {
		name string
		df   float64
	}{{"few", 4}, {"some", 60}, {"many", 1000}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				tCritical(c.df)
			}
		})
	}
}
