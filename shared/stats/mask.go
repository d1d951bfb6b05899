package stats

// Mask says which figures of a programme must be hidden: of everything, and by
// each dimension and value, for every span of its months.
//
// Every figure is a sum of answers over months, and the values of a dimension add
// up to everything. So a hidden figure could be had from shown ones wherever it
// is a sum of them, with plus and minus, however many that takes; and so could what
// is no figure, such as the two months that are left of a quarter beside a shown one.
// A Mask rules that out by witnesses: for each sum of 1 to fewest−1 answers, of any
// months of any values of a dimension, it finds some answers that could have been
// otherwise (one answer's score exchanged with another's, in another value or month)
// such that this sum would differ and every shown figure would be the same. What
// would differ on the way is hidden too. To hide more never spoils a witness, so
// they are found one after the other.
//
// This is complementary suppression in linked tables: Cox, "Suppression
// Methodology and Statistical Disclosure Control", Journal of the American
// Statistical Association 75 (1980) 377–385, has the exchange along rows and
// columns.
//
// A Mask never changes once it is made; any number may read it at once.
type Mask struct {
	spans  map[Span]int
	all    []bool                       // by span
	values map[string]map[string][]bool // by dimension, value and span
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
	s := newSuppression(Spans(first, len(a.All)), a, fewest)
	s.run()
	m := &Mask{spans: make(map[Span]int, len(s.spans)), all: s.all.series[0].hidden, values: map[string]map[string][]bool{}}
	for i, span := range s.spans {
		m.spans[span] = i
	}
	for _, d := range s.dimensions {
		m.values[d.name] = map[string][]bool{}
		for _, v := range d.series {
			m.values[d.name][v.value] = v.hidden
		}
	}
	return m
}

// HidesAll says whether the figure of everything is hidden in a span. One without
// any answer is not: that there is none is no secret.
func (m *Mask) HidesAll(s Span) bool { return m.hides(m.all, s) }

// Hides says whether the figure of a value is hidden in a span.
func (m *Mask) Hides(dimension, value string, s Span) bool {
	return m.hides(m.values[dimension][value], s)
}

func (m *Mask) hides(of []bool, s Span) bool {
	i, known := m.spans[s]
	return known && of != nil && of[i]
}
