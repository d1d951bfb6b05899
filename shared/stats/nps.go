package stats

import "math"

// Rocks adds three imagined answers to the real ones: ¾ of a promoter, ¾ of a
// detractor and 1½ passives.
const (
	addedToEachEnd = 0.75
	addedInAll     = 3
)

// NetPromoterScore returns the share of promoters less the share of detractors,
// −100 to 100, with its adjusted Wald interval. On a scale other than NPS it is
// the favourable less the unfavourable share. Without answers ok is false.
//
// The value is the plain score. The interval is that of Rocks, "Interval
// Estimation for the Net Promoter Score", The American Statistician 70(4) (2016)
// 365–372, also described by Lewis and Sauro, "Confidence Intervals for Net
// Promoter Scores" (measuringu.com/nps-confidence-intervals): with p = (promoters+¾)/(n+3) and
// d = (detractors+¾)/(n+3),
//
//	(p − d) ± z·√((p + d − (p − d)²) / (n + 3))
//
// cut to −100…100. Its centre is drawn towards 0, as it should be for few
// answers; for a single answer it would just miss the plain score, so it is
// widened to hold it.
func NetPromoterScore(h Histogram) (f Figure, ok bool) {
	n := h.N()
	if n == 0 {
		return Figure{}, false
	}
	centre, variance := adjustedNPS(h)
	return around(plainNPS(h), 100*centre, 100*z*math.Sqrt(variance), -100, 100), true
}

// NetPromoterScoreDifference returns how far the score has moved, −200 to 200,
// with its interval. When either has no answers, or the scales differ, ok is
// false.
//
// The value is the difference of the plain scores. The interval is that of the
// difference of the two adjusted scores, the variances of which add up because
// the answers are independent: Lewis and Sauro, "How to Statistically Compare
// Two Net Promoter Scores" (measuringu.com/nps-significance-test). It is widened
// to hold the value, which matters only from near one end of the scale to near
// the other.
func NetPromoterScoreDifference(now, before Histogram) (d Difference, ok bool) {
	if !bothAnswered(now, before) {
		return Difference{}, false
	}
	centreNow, varianceNow := adjustedNPS(now)
	centreBefore, varianceBefore := adjustedNPS(before)
	return Difference(around(
		plainNPS(now)-plainNPS(before),
		100*(centreNow-centreBefore),
		100*z*math.Sqrt(varianceNow+varianceBefore),
		-200, 200)), true
}

// plainNPS needs at least one answer.
func plainNPS(h Histogram) float64 {
	detractors, _, promoters := h.Classes()
	return 100 * float64(promoters-detractors) / float64(h.N())
}

// adjustedNPS returns the adjusted score, as a fraction, and the square of its
// standard error.
func adjustedNPS(h Histogram) (score, variance float64) {
	detractors, _, promoters := h.Classes()
	n := float64(h.N()) + addedInAll
	p := (float64(promoters) + addedToEachEnd) / n
	d := (float64(detractors) + addedToEachEnd) / n
	return p - d, (p + d - (p-d)*(p-d)) / n
}

// bothAnswered tells whether the figures of two histograms have a difference.
func bothAnswered(now, before Histogram) bool {
	return now.scale == before.scale && now.N() > 0 && before.N() > 0
}
