package stats

// Score returns the figure that a survey kind is known by: of NPS the Net
// Promoter Score (−100 to 100), of CSAT the share of the satisfied (0 to 100),
// of CES the mean (1 to 7). Without answers ok is false.
func Score(h Histogram) (f Figure, ok bool) {
	switch h.scale {
	case NPS:
		return NetPromoterScore(h)
	case CSAT:
		return Favourable(h)
	case CES:
		return Mean(h)
	default:
		return Figure{}, false
	}
}

// ScoreDifference returns how far the Score has moved, in the same unit. When
// either has no answers, or the scales differ, ok is false.
func ScoreDifference(now, before Histogram) (d Difference, ok bool) {
	switch now.scale {
	case NPS:
		return NetPromoterScoreDifference(now, before)
	case CSAT:
		return FavourableDifference(now, before)
	case CES:
		return MeanDifference(now, before)
	default:
		return Difference{}, false
	}
}
