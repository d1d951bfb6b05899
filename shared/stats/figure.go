package stats

import "math"

// z is the 97.5th percentile of the standard normal distribution: 95 % of it
// lies between −z and z.
const z = 1.959963984540054

// Figure is a statistic of some answers and its 95 % confidence interval, with
// Low ≤ Value ≤ High, all in the unit of the statistic.
type Figure struct {
	Value, Low, High float64
}

// Difference is how far a figure has moved, now − before, and the 95 %
// confidence interval of that movement, with Low ≤ Value ≤ High. Its unit is
// the figure's: points of NPS, percentage points, points of the scale.
type Difference struct {
	Value, Low, High float64
}

// Change tells whether the movement may be called a change: whether the
// interval excludes zero.
func (d Difference) Change() bool { return d.Low > 0 || d.High < 0 }

// around returns the interval centre ± margin, cut to [lowest, highest], and widened
// where needed to hold the value: methods that draw the centre towards the
// middle can otherwise leave the value itself just outside.
func around(value, centre, margin, lowest, highest float64) Figure {
	return Figure{
		Value: value,
		Low:   math.Min(value, math.Max(lowest, centre-margin)),
		High:  math.Max(value, math.Min(highest, centre+margin)),
	}
}

// recovered returns the difference of two independent figures from their own
// intervals, which need not be symmetric: the variance near each limit is
// recovered from the distance between the limit and its figure.
//
// For shares with Wilson intervals this is method 10 of Newcombe, "Interval
// estimation for the difference between independent proportions", Statistics in
// Medicine 17 (1998) 873–890; for any figures it is the MOVER of Zou and Donner,
// "Construction of confidence limits about effect measures", Statistics in
// Medicine 27 (2008) 1693–1702.
func recovered(now, before Figure) Difference {
	d := now.Value - before.Value
	return Difference{
		Value: d,
		Low:   d - math.Hypot(now.Value-now.Low, before.High-before.Value),
		High:  d + math.Hypot(now.High-now.Value, before.Value-before.Low),
	}
}
