package stats

import "math"

// Share returns part as a percentage of whole, 0 to 100, with its Wilson score
// interval. When whole is not positive, or part is not from 0 to whole, ok is
// false.
//
// The interval holds the shares that a score test would not reject: Wilson,
// "Probable Inference, the Law of Succession, and Statistical Inference",
// Journal of the American Statistical Association 22 (1927) 209–212, without
// continuity correction; method 3 of Newcombe, "Two-sided confidence intervals
// for the single proportion", Statistics in Medicine 17 (1998) 857–872. It is
// never of no width, not even when all or none are in the part.
func Share(part, whole int) (f Figure, ok bool) {
	if whole <= 0 || part < 0 || part > whole {
		return Figure{}, false
	}
	n, p := float64(whole), float64(part)/float64(whole)
	centre := (p + z*z/(2*n)) / (1 + z*z/n)
	margin := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return around(100*p, 100*centre, 100*margin, 0, 100), true
}

// ShareDifference returns how far a share has moved, −100 to 100, with
// Newcombe's hybrid score interval (1998, method 10). Both arguments must come
// from Share, Favourable or ResponseRate, and from different answers.
func ShareDifference(now, before Figure) Difference { return recovered(now, before) }

// Favourable returns the share of the favourable class, 0 to 100, with its
// Wilson interval: of CSAT the satisfied (4–5), of CES those who found it easy
// (5–7), of NPS the promoters (9–10). Without answers ok is false.
func Favourable(h Histogram) (f Figure, ok bool) {
	_, _, favourable := h.Classes()
	return Share(favourable, h.N())
}

// FavourableDifference returns how far the favourable share has moved, as
// ShareDifference does. When either has no answers, or the scales differ, ok is
// false.
func FavourableDifference(now, before Histogram) (d Difference, ok bool) {
	if !bothAnswered(now, before) {
		return Difference{}, false
	}
	a, _ := Favourable(now)
	b, _ := Favourable(before)
	return ShareDifference(a, b), true
}

// ResponseRate returns the answered surveys as a percentage of the delivered, 0
// to 100, with its Wilson interval. When none was delivered or answered, or a
// number is negative, ok is false.
//
// An answered survey was delivered, whatever the mail system said: where reports
// of delivery are late or lost and fewer are known than answers, the answers
// are the delivered.
func ResponseRate(answered, delivered int) (f Figure, ok bool) {
	if delivered < 0 {
		return Figure{}, false
	}
	return Share(answered, max(answered, delivered))
}
