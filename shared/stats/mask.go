package stats

import (
	"maps"
	"math"
	"slices"
)

// Mask says which figures of a programme must be hidden: of everything, and by
// each dimension and value, for every span of its months.
//
// Every figure is a sum of answers over months, and the values of a dimension add
// up to everything. So a hidden figure could be had from shown ones wherever it
// is a sum of them, with plus and minus, however many that takes. A Mask rules
// that out by a witness: for each figure of 1 to fewest−1 answers it finds some
// answers that could have been otherwise (one answer's score exchanged with
// another's, in another value or month) such that this figure would differ and
// every shown one would be the same. What would differ on the way is hidden too.
// To hide more never spoils a witness, so they are found one after the other.
//
// This is complementary suppression in linked tables: Cox, "Suppression
// Methodology and Statistical Disclosure Control", Journal of the American
// Statistical Association 75 (1980) 377–385, has the exchange along rows and
// columns.
type Mask struct {
	fewest int
	spans  []Span
	all    *series
	values map[string]map[string]*series // by dimension and value
	cover  [][]int                       // the spans of each month
}

// series is what one value was answered, month by month.
type series struct {
	months   []int
	answered []int // by span
	hidden   []bool
	weight   float64
}

// Answered is how many answers there were, month by month: of everything and, by
// dimension and value, of each part. All are of the same length.
type Answered struct {
	All    []int
	Values map[string]map[string][]int
}

// NewMask makes the mask of a calendar whose first month is month first of its
// year (0 is January). Figures of fewer than fewest answers are hidden.
func NewMask(first int, a Answered, fewest int) *Mask {
	m := &Mask{fewest: fewest, spans: Spans(first, len(a.All)), values: map[string]map[string]*series{}}
	m.cover = make([][]int, len(a.All))
	for i, s := range m.spans {
		for month := max(0, s.From); month < min(s.To, len(a.All)); month++ {
			m.cover[month] = append(m.cover[month], i)
		}
	}
	// The figure of everything is what people look at first: to keep it shown is
	// worth several of the parts.
	const worthOfAll = 8
	m.all = m.newSeries(a.All, worthOfAll)
	for dimension, values := range a.Values {
		m.values[dimension] = map[string]*series{}
		for value, months := range values {
			m.values[dimension][value] = m.newSeries(months, 1)
		}
	}
	for _, dimension := range m.dimensions() {
		m.hideSiblings(dimension)
	}
	m.protectAll()
	for _, dimension := range m.dimensions() {
		m.protect(dimension)
	}
	return m
}

func (m *Mask) dimensions() []string { return slices.Sorted(maps.Keys(m.values)) }

func (m *Mask) newSeries(months []int, weight float64) *series {
	s := &series{months: months, answered: make([]int, len(m.spans)), hidden: make([]bool, len(m.spans)), weight: weight}
	for i, span := range m.spans {
		s.answered[i] = span.answered(months)
		s.hidden[i] = m.small(s.answered[i])
	}
	return s
}

func (m *Mask) small(answers int) bool { return answers > 0 && answers < m.fewest }

// HidesAll says whether the figure of everything is hidden in a span. One without
// any answer is not: that there is none is no secret.
func (m *Mask) HidesAll(s Span) bool { return m.hides(m.all, s) }

// Hides says whether the figure of a value is hidden in a span.
func (m *Mask) Hides(dimension, value string, s Span) bool {
	return m.hides(m.values[dimension][value], s)
}

func (m *Mask) hides(of *series, s Span) bool {
	i := slices.Index(m.spans, s)
	return of != nil && i >= 0 && of.hidden[i]
}

// hideSiblings sees to it that what is hidden of the values in one span is, taken
// together, something that could be shown: that much follows by one subtraction.
func (m *Mask) hideSiblings(dimension string) {
	values := m.values[dimension]
	names := slices.Sorted(maps.Keys(values))
	cells := make([]Cell, len(names))
	for i := range m.spans {
		if m.all.hidden[i] {
			continue // there is no total to subtract from
		}
		for n, name := range names {
			cells[n] = Cell{Answered: values[name].answered[i], Hidden: values[name].hidden[i]}
		}
		for n, hide := range Hide(cells, m.fewest) {
			values[names[n]].hidden[i] = values[names[n]].hidden[i] || hide && cells[n].Answered > 0
		}
	}
}

// exchange is a way in which answers could have been otherwise: by some in one
// month, and in another month (none if −1) by as many the other way.
type exchange struct {
	month, back int
	differ      []int // the spans that would differ
}

// exchanges are the ways to make a span differ: in one of its months alone, or
// against a month near it and outside.
func (m *Mask) exchanges(s Span, answered []int) []exchange {
	var ways []exchange
	for month := max(0, s.From); month < min(s.To, len(answered)); month++ {
		if answered[month] == 0 {
			continue
		}
		ways = append(ways, exchange{month, -1, m.cover[month]})
		for back := max(0, month-reach); back <= min(len(answered)-1, month+reach); back++ {
			if answered[back] > 0 && !s.has(back) {
				ways = append(ways, exchange{month, back, m.between(month, back)})
			}
		}
	}
	return ways
}

// reach is how far the other month of an exchange is looked for: over the border
// of a year at any rate.
const reach = 6

// between are the spans that have one of two months.
func (m *Mask) between(a, b int) []int {
	var differ []int
	for _, i := range m.cover[a] {
		if !m.spans[i].has(b) {
			differ = append(differ, i)
		}
	}
	for _, i := range m.cover[b] {
		if !m.spans[i].has(a) {
			differ = append(differ, i)
		}
	}
	return differ
}

// worth is what it costs to hide a figure, by its length.
var worth = map[Length]float64{Month: 1, Quarter: 3, Year: 12, Rolling: 2}

// cost is what is shown of s now and would not be.
func (m *Mask) cost(s *series, differ []int) float64 {
	c := 0.0
	for _, i := range differ {
		if !s.hidden[i] && s.answered[i] > 0 {
			c += s.weight * worth[m.spans[i].Length]
		}
	}
	return c
}

// fits says whether there are answers in s that could be exchanged that way.
func (s *series) fits(way exchange) bool {
	return s.months[way.month] > 0 && (way.back < 0 || s.months[way.back] > 0)
}

func (s *series) hide(differ []int) {
	for _, i := range differ {
		s.hidden[i] = s.hidden[i] || s.answered[i] > 0
	}
}

// carrier is the value of a dimension in which an exchange costs least; nil if it
// is possible in none.
func (m *Mask) carrier(dimension string, way exchange, but *series) (best *series, cost float64) {
	cost = math.Inf(1)
	values := m.values[dimension]
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if s := values[name]; s != but && s.fits(way) {
			if c := m.cost(s, way.differ); c < cost {
				best, cost = s, c
			}
		}
	}
	return best, cost
}

// through is an exchange that changes everything, and in each dimension the value
// that carries it; of the dimension with, it is with that carries it.
func (m *Mask) through(way exchange, dimension string, with *series) (carriers []*series, cost float64) {
	if !m.all.fits(way) {
		return nil, math.Inf(1)
	}
	carriers, cost = []*series{m.all}, m.cost(m.all, way.differ)
	for _, d := range m.dimensions() {
		s, c := m.carrier(d, way, nil)
		if d == dimension {
			s, c = with, m.cost(with, way.differ)
		}
		if s == nil || math.IsInf(c, 1) {
			return nil, math.Inf(1)
		}
		carriers, cost = append(carriers, s), cost+c
	}
	return carriers, cost
}

// protectAll finds the witnesses of the figures of everything.
func (m *Mask) protectAll() {
	for i, span := range m.spans {
		if !m.small(m.all.answered[i]) {
			continue
		}
		m.cheapest(m.exchanges(span, m.all.months), func(way exchange) ([]*series, float64) {
			return m.through(way, "", nil)
		})
	}
}

// protect finds the witnesses of the figures by a dimension.
func (m *Mask) protect(dimension string) {
	values := m.values[dimension]
	for _, name := range slices.Sorted(maps.Keys(values)) {
		s := values[name]
		for i, span := range m.spans {
			if !m.small(s.answered[i]) {
				continue
			}
			m.cheapest(m.exchanges(span, s.months), func(way exchange) ([]*series, float64) {
				own := m.cost(s, way.differ)
				other, cost := m.carrier(dimension, way, s)
				carriers, cost := []*series{s, other}, own+cost
				if all, c := m.through(way, dimension, s); c < cost {
					carriers, cost = all, c
				}
				return carriers, cost
			})
		}
	}
}

// cheapest hides what the way of least cost would make differ.
func (m *Mask) cheapest(ways []exchange, of func(exchange) ([]*series, float64)) {
	var best []*series
	var differ []int
	least := math.Inf(1)
	for _, way := range ways {
		if carriers, cost := of(way); cost < least {
			best, differ, least = carriers, way.differ, cost
		}
		if least == 0 {
			break
		}
	}
	for _, s := range best {
		s.hide(differ)
	}
}
