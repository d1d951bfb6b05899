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

// protect sees to it that nothing of few answers follows about a dimension: not a
// figure, nor any other sum of some months of some of its values.
func (s *suppression) protect(d *dimension) {
	for n, v := range d.series {
		for month, answers := range v.months {
			if s.small(answers) {
				s.protectSum(d, sum{{n, month}})
			}
		}
	}
}

// sum is some months of some values of a dimension, added up.
type sum []part

// part is what one value was answered in one month.
type part struct{ value, month int }

func (p part) after(q part) bool {
	return p.value > q.value || p.value == q.value && p.month > q.month
}

// protectSum finds witnesses for all sums of few answers that have some parts in
// common. A witness for these parts is one for every sum but those that also have a
// part in which the answers were exchanged the other way: so these are next.
func (s *suppression) protectSum(d *dimension, parts sum) {
	if !s.small(d.answers(parts)) {
		return
	}
	w, cost := s.wayOut(d, parts)
	if cost == impossible {
		return
	}
	if cost > 0 {
		s.hide(d, w)
	}
	with := func(p part) {
		// What has an earlier part was protected when that was the first.
		if p.after(parts[0]) && !slices.Contains(parts, p) {
			s.protectSum(d, append(slices.Clone(parts), p))
		}
	}
	if !w.through {
		with(part{w.other, w.month})
	}
	if w.month != w.otherMonth {
		with(part{w.value, w.otherMonth})
	}
}

// witness is an exchange between two months of a value (or within one), and the
// other way in another value of its dimension; or an exchange that changes
// everything, and in each other dimension a value that carries it.
type witness struct {
	value, month, otherMonth int
	through                  bool
	other                    int // if not through everything
}

// wayOut is the witness of least cost that makes a sum differ.
func (s *suppression) wayOut(d *dimension, parts sum) (best witness, least int32) {
	least = impossible
	try := func(p part, other int) {
		if w, cost := s.witness(d, parts, witness{value: p.value, month: p.month, otherMonth: other}, least); cost < least {
			best, least = w, cost
		}
	}
	for _, p := range parts {
		try(p, p.month)
	}
	for _, p := range parts {
		months := d.series[p.value].months
		for other := max(0, p.month-reach); other < min(len(months), p.month+reach+1) && least > 0; other++ {
			if months[other] > 0 && !slices.Contains(parts, part{p.value, other}) {
				try(p, other)
			}
		}
	}
	return best, least
}

// witness is the cheaper of the two that exchange a value's answers in some way, and
// its cost; it need not be found where it costs as much as is known already.
func (s *suppression) witness(d *dimension, parts sum, w witness, most int32) (witness, int32) {
	way := number(w.month, w.otherMonth)
	own := d.cost(way, w.value)
	if own >= most {
		return w, impossible
	}
	through := own
	for other := range s.every {
		if other != d {
			through = min(impossible, through+other.least(way))
		}
	}
	// A value of which the sum has the one month and not the other would make up for
	// the difference.
	other, cost := d.besides(way, w.value, func(value int) bool {
		return slices.Contains(parts, part{value, w.month}) && (w.month == w.otherMonth || !slices.Contains(parts, part{value, w.otherMonth}))
	})
	if cost = min(impossible, own+cost); cost < through {
		w.other = other
		return w, cost
	}
	w.through = true
	return w, through
}

func (s *suppression) hide(d *dimension, w witness) {
	way := number(w.month, w.otherMonth)
	differ := s.exchanges.list[way].differ
	d.hide(w.value, differ, s.exchanges, s.spans)
	if !w.through {
		d.hide(w.other, differ, s.exchanges, s.spans)
		return
	}
	for other := range s.every {
		if other != d {
			other.hide(other.cheap[way], differ, s.exchanges, s.spans)
		}
	}
}
