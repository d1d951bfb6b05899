package stats

import (
	"fmt"
	"math"
)

// Histogram counts the answers to one kind of survey by score, up to
// 4,294,967,295 of each. It is a plain value: copying it copies the counts, and
// == compares them.
//
// The zero Histogram has no scale; it is where a sum starts, since merging it
// with any other gives the other.
type Histogram struct {
	scale  Scale
	counts [topScore + 1]uint32 // by score; those off the scale stay 0
}

// NewHistogram returns a histogram of no answers on a scale.
func NewHistogram(s Scale) Histogram { return Histogram{scale: s} }

// HistogramOf returns the histogram of the given counts, one for each score
// from the scale's lowest to its highest. It fails when there are more or fewer
// counts than scores, or one is negative or over the largest count.
func HistogramOf(s Scale, counts ...int) (Histogram, error) {
	h := NewHistogram(s)
	if want := s.Max() - s.Min() + 1; len(counts) != want {
		return Histogram{}, fmt.Errorf("stats: %d counts for the %d scores of %s", len(counts), want, s)
	}
	for i, c := range counts {
		if c < 0 || c > math.MaxUint32 {
			return Histogram{}, fmt.Errorf("stats: count %d of score %d is not from 0 to %d", c, s.Min()+i, uint32(math.MaxUint32))
		}
		h.counts[s.Min()+i] = uint32(c)
	}
	return h, nil
}

// Scale returns the scale of the histogram.
func (h Histogram) Scale() Scale { return h.scale }

// N returns how many answers there are.
func (h Histogram) N() int {
	n := 0
	for _, c := range h.counts {
		n += int(c)
	}
	return n
}

// Count returns how many answers gave a score; 0 for a score off the scale.
func (h Histogram) Count(score int) int {
	if !h.scale.Valid(score) {
		return 0
	}
	return int(h.counts[score])
}

// Classes returns how many answers are in each class of the scale:
// unfavourable (detractors, unhappy, hard), neutral (passives) and favourable
// (promoters, satisfied, easy). The three add up to N.
func (h Histogram) Classes() (unfavourable, neutral, favourable int) {
	l := h.scale.layout()
	for score := l.min; score <= l.max; score++ {
		c := int(h.counts[score])
		switch {
		case score <= l.low:
			unfavourable += c
		case score < l.high:
			neutral += c
		default:
			favourable += c
		}
	}
	return unfavourable, neutral, favourable
}

// Add counts one answer. It fails, and changes nothing, when the score is off
// the scale or its count is full.
func (h *Histogram) Add(score int) error {
	if err := h.check(score); err != nil {
		return err
	}
	if h.counts[score] == math.MaxUint32 {
		return fmt.Errorf("stats: the count of score %d is full", score)
	}
	h.counts[score]++
	return nil
}

// Sub takes one answer back, as when it is revised to another score. It fails,
// and changes nothing, when the score is off the scale or nobody gave it.
func (h *Histogram) Sub(score int) error {
	if err := h.check(score); err != nil {
		return err
	}
	if h.counts[score] == 0 {
		return fmt.Errorf("stats: no answer of score %d to take back", score)
	}
	h.counts[score]--
	return nil
}

// Merge returns the answers of both histograms together; neither changes. It
// fails when the scales differ (no scale goes with any) or a count overflows.
// The order of merging does not matter.
func (h Histogram) Merge(other Histogram) (Histogram, error) {
	switch {
	case h.scale == 0:
		return other, nil
	case other.scale == 0:
		return h, nil
	case h.scale != other.scale:
		return Histogram{}, fmt.Errorf("stats: cannot merge %s answers with %s answers", h.scale, other.scale)
	}
	for score, c := range other.counts {
		if c > math.MaxUint32-h.counts[score] {
			return Histogram{}, fmt.Errorf("stats: the count of score %d is full", score)
		}
		h.counts[score] += c
	}
	return h, nil
}

func (h *Histogram) check(score int) error {
	if !h.scale.Valid(score) {
		return fmt.Errorf("stats: score %d is off the %s scale", score, h.scale)
	}
	return nil
}
