package stats

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// MarshalJSON writes every score of the scale with its count, in the order of
// the scale: {"1":0,"2":0,"3":1,"4":7,"5":12}. A histogram of no scale is {}.
func (h Histogram) MarshalJSON() ([]byte, error) {
	// Written by hand because encoding/json sorts the keys of a map as text,
	// which puts "10" before "2".
	b := append(make([]byte, 0, 128), '{')
	for score := h.scale.Min(); score <= h.scale.Max(); score++ {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = strconv.AppendInt(b, int64(score), 10)
		b = append(b, '"', ':')
		b = strconv.AppendUint(b, uint64(h.counts[score]), 10)
	}
	return append(b, '}'), nil
}

// UnmarshalJSON reads what MarshalJSON writes. The scale is known by its scores
// (0–10, 1–5, 1–7), so all must be there and no other. It fails, and changes
// nothing, on any other keys and on counts that are no whole number from 0 to
// 4,294,967,295.
func (h *Histogram) UnmarshalJSON(data []byte) error {
	// Pointers, because a null count would otherwise pass for 0.
	var counts map[string]*uint32
	if err := json.Unmarshal(data, &counts); err != nil {
		return fmt.Errorf("stats: counts by score: %w", err)
	}
	for s := Scale(0); s <= CES; s++ {
		if len(counts) == s.Max()-s.Min()+1 {
			return h.fill(s, counts)
		}
	}
	return fmt.Errorf("stats: %d scores are those of no scale", len(counts))
}

func (h *Histogram) fill(s Scale, counts map[string]*uint32) error {
	read := NewHistogram(s)
	for score := s.Min(); score <= s.Max(); score++ {
		c := counts[strconv.Itoa(score)]
		if c == nil {
			return fmt.Errorf("stats: no count for score %d of %s", score, s)
		}
		read.counts[score] = *c
	}
	*h = read
	return nil
}
