package stats

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// What exchanges cost is kept up to date while more and more is hidden. It must be
// what it would be if it were computed when all is hidden.
func TestCostsKeptUpAreCostsComputed(t *testing.T) {
	hidden := 0
	rapid.Check(t, func(t *rapid.T) {
		months := rapid.IntRange(1, 30).Draw(t, "months")
		s := newSuppression(Spans(rapid.IntRange(0, 11).Draw(t, "first month"), months), programmeOf(t, months), 5)
		s.run()
		for d := range s.every {
			if d.costs == nil {
				return // nothing had to be hidden
			}
			costs, cheap := slices.Clone(d.costs), slices.Clone(d.cheap)
			d.price(s.exchanges, s.spans)
			if !slices.Equal(costs, d.costs) || !slices.Equal(cheap, d.cheap) {
				t.Fatalf("in %q they cost %v and %v is cheapest, computed %v and %v", d.name, costs, cheap, d.costs, d.cheap)
			}
			for _, v := range d.series {
				for i, n := range v.answered {
					if v.hidden[i] && n >= 5 {
						hidden++
					}
				}
			}
		}
	})
	if hidden == 0 {
		t.Error("nothing was hidden but what is small, so no cost ever changed")
	}
}
