package stats

import (
	"maps"
	"slices"
)

// suppression is a mask in the making.
type suppression struct {
	fewest     int
	spans      []Span
	exchanges  exchanges
	all        *dimension // everything, as the one value of a dimension
	dimensions []*dimension
}

func newSuppression(spans []Span, a Answered, fewest int) *suppression {
	// The figure of everything is what people look at first: to keep it shown is
	// worth several of the parts.
	const worthOfAll = 8
	s := &suppression{fewest: fewest, spans: spans, all: newDimension("", map[string][]int{"": a.All}, worthOfAll, spans)}
	for _, name := range slices.Sorted(maps.Keys(a.Values)) {
		s.dimensions = append(s.dimensions, newDimension(name, a.Values[name], 1, spans))
	}
	return s
}

// run hides what must be hidden.
func (s *suppression) run() {
	if !s.hideSmall() {
		return
	}
	for _, d := range s.dimensions {
		s.hideSiblings(d)
	}
	s.exchanges = exchangesOf(s.spans, len(s.all.series[0].months))
	for d := range s.every {
		d.price(s.exchanges, s.spans)
	}
	s.protect(s.all)
	for _, d := range s.dimensions {
		s.protect(d)
	}
}

// every goes through everything and the dimensions.
func (s *suppression) every(yield func(*dimension) bool) {
	if !yield(s.all) {
		return
	}
	for _, d := range s.dimensions {
		if !yield(d) {
			return
		}
	}
}

func (s *suppression) small(answers int) bool { return answers > 0 && answers < s.fewest }

// hideSmall hides the figures of too few answers, and says whether there are any.
func (s *suppression) hideSmall() (some bool) {
	for d := range s.every {
		for _, v := range d.series {
			for i, n := range v.answered {
				v.hidden[i] = s.small(n)
				some = some || v.hidden[i]
			}
		}
	}
	return some
}

// hideSiblings sees to it that what is hidden of the values in one span is, taken
// together, something that could be shown: that much follows by one subtraction.
func (s *suppression) hideSiblings(d *dimension) {
	cells := make([]Cell, len(d.series))
	for i := range s.spans {
		if s.all.series[0].hidden[i] {
			continue // there is no total to subtract from
		}
		for n, v := range d.series {
			cells[n] = Cell{Answered: v.answered[i], Hidden: v.hidden[i]}
		}
		for n, hide := range Hide(cells, s.fewest) {
			d.series[n].hidden[i] = d.series[n].hidden[i] || hide && cells[n].Answered > 0
		}
	}
}

// protect finds the witnesses of the figures of a dimension, and hides what each
// would make differ: the one for which that is least.
func (s *suppression) protect(d *dimension) {
	for n, v := range d.series {
		for i := range s.spans {
			if !s.small(v.answered[i]) {
				continue
			}
			best, least := witness{}, int32(impossible)
			for _, way := range s.exchanges.making[i] {
				if !v.fits(s.exchanges.list[way]) {
					continue
				}
				if w, cost := s.witness(d, n, way); cost < least {
					best, least = w, cost
				}
				if least == 0 {
					break
				}
			}
			if least > 0 && least < impossible {
				s.hide(d, n, best)
			}
		}
	}
}

// witness is an exchange of a series with another of its dimension; or one that
// changes everything, and in each other dimension a value that carries it.
type witness struct {
	way     int
	through bool
	other   int // if not through everything
}

// witness is the cheaper of the two, and its cost.
func (s *suppression) witness(d *dimension, n, way int) (w witness, cost int32) {
	own := d.cost(way, n)
	through := own
	for other := range s.every {
		if other != d {
			through = min(impossible, through+other.least(way))
		}
	}
	other, cost := d.besides(way, n)
	if cost = min(impossible, own+cost); through < cost {
		return witness{way: way, through: true}, through
	}
	return witness{way: way, other: other}, cost
}

func (s *suppression) hide(d *dimension, n int, w witness) {
	differ := s.exchanges.list[w.way].differ
	d.hide(n, differ, s.exchanges, s.spans)
	if !w.through {
		d.hide(w.other, differ, s.exchanges, s.spans)
		return
	}
	for other := range s.every {
		if other != d {
			other.hide(other.cheap[w.way], differ, s.exchanges, s.spans)
		}
	}
}
