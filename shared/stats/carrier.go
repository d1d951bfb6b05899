package stats

import (
	"maps"
	"math"
	"slices"
)

// series is what one value was answered, month by month.
type series struct {
	value    string
	months   []int
	answered []int // by span
	hidden   []bool
}

// fits says whether there are answers that could be exchanged that way.
func (s *series) fits(x exchange) bool { return s.months[x.month] > 0 && s.months[x.other] > 0 }

// dimension is a division of the answers into values. It knows what each exchange
// would cost in each of them, which is how much is shown and would be hidden, and
// which one it would cost least. That is looked up for every small figure in many
// ways, and changes only where something more is hidden: so it is kept, and not
// computed when it is asked for.
type dimension struct {
	name   string
	series []*series // by value
	weight int32     // of what is shown
	costs  []int32   // by exchange and series; impossible where it does not fit
	cheap  []int     // by exchange, the series of least cost, of equals the first
}

// impossible is what an exchange costs for which there are no answers: more than
// any that is possible, and little enough to be added up.
const impossible = math.MaxInt32 / 2

// worth is what it costs to hide a figure, by its length.
var worth = map[Length]int32{Month: 1, Quarter: 3, Year: 12, Rolling: 2}

func newDimension(name string, values map[string][]int, weight int32, spans []Span) *dimension {
	d := &dimension{name: name, weight: weight}
	for _, value := range slices.Sorted(maps.Keys(values)) {
		s := &series{value: value, months: values[value], answered: make([]int, len(spans)), hidden: make([]bool, len(spans))}
		for i, span := range spans {
			s.answered[i] = span.answered(s.months)
		}
		d.series = append(d.series, s)
	}
	return d
}

// price computes what each exchange costs in each series.
func (d *dimension) price(x exchanges, spans []Span) {
	worths := make([]int32, len(spans))
	for i, span := range spans {
		worths[i] = d.weight * worth[span.Length]
	}
	d.costs, d.cheap = make([]int32, len(x.list)*len(d.series)), make([]int, len(x.list))
	shown := make([]int32, len(spans))
	for n, s := range d.series {
		for i := range spans {
			shown[i] = 0
			if s.answered[i] > 0 && !s.hidden[i] {
				shown[i] = worths[i]
			}
		}
		for way, exchange := range x.list {
			cost := int32(impossible)
			if s.fits(exchange) {
				cost = 0
				for _, i := range exchange.differ {
					cost += shown[i]
				}
			}
			d.costs[way*len(d.series)+n] = cost
			if cost < d.cost(way, d.cheap[way]) {
				d.cheap[way] = n
			}
		}
	}
}

// cost is what an exchange costs in a series.
func (d *dimension) cost(way, n int) int32 { return d.costs[way*len(d.series)+n] }

// least is what an exchange costs where it costs least.
func (d *dimension) least(way int) int32 {
	if len(d.series) == 0 {
		return impossible
	}
	return d.cost(way, d.cheap[way])
}

// besides is the series other than one, and not one of some, in which an exchange
// costs least, and what it costs there.
func (d *dimension) besides(way, n int, not func(series int) bool) (other int, cost int32) {
	if first := d.cheap[way]; first != n && !not(first) {
		return first, d.least(way)
	}
	cost = impossible
	for i, c := range d.costs[way*len(d.series) : (way+1)*len(d.series)] {
		if c < cost && i != n && !not(i) {
			other, cost = i, c
		}
	}
	return other, cost
}

// answers is how many a sum has.
func (d *dimension) answers(of sum) (n int) {
	for _, p := range of {
		n += d.series[p.value].months[p.month]
	}
	return n
}

// hide hides spans of a series, which makes other exchanges cheaper.
func (d *dimension) hide(n int, hide []int, x exchanges, spans []Span) {
	s := d.series[n]
	for _, i := range hide {
		if s.hidden[i] || s.answered[i] == 0 {
			continue
		}
		s.hidden[i] = true
		saved := d.weight * worth[spans[i].Length]
		for _, way := range x.making[i] {
			if !s.fits(x.list[way]) {
				continue
			}
			d.costs[way*len(d.series)+n] -= saved
			if cost, least := d.cost(way, n), d.least(way); cost < least || cost == least && n < d.cheap[way] {
				d.cheap[way] = n
			}
		}
	}
}
