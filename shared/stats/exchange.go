package stats

// exchange is a way in which answers could have been otherwise: by some in one
// month, and in another month (the same if there is none) by as many the other
// way.
type exchange struct {
	month, other int
	differ       []int // the spans that would differ
}

// exchanges are all that are considered in a calendar. They are numbered, so that
// what is known of each is kept in slices.
type exchanges struct {
	list []exchange
	// making are, by span, those that make it differ: in one of its months alone,
	// or between one and a month near it and outside.
	making [][]int
}

// reach is how far the other month of an exchange is looked for: over the border
// of a year at any rate.
const reach = 6

// exchangesOf are those of a calendar of so many months.
func exchangesOf(spans []Span, months int) exchanges {
	x := exchanges{list: make([]exchange, months*(reach+1)), making: make([][]int, len(spans))}
	for month := range months {
		for other := month; other < min(months, month+reach+1); other++ {
			x.list[number(month, other)] = exchange{month, other, differing(spans, month, other)}
		}
	}
	for i, s := range spans {
		for month := max(0, s.From); month < min(s.To, months); month++ {
			x.making[i] = append(x.making[i], number(month, month))
			for other := max(0, month-reach); other < min(months, month+reach+1); other++ {
				if !s.has(other) {
					x.making[i] = append(x.making[i], number(month, other))
				}
			}
		}
	}
	return x
}

// number is that of the exchange between two months, in either order.
func number(a, b int) int {
	if a > b {
		a, b = b, a
	}
	return a*(reach+1) + b - a
}

// differing are the spans that have one of two months and not both; if the months
// are the same, those that have it.
func differing(spans []Span, a, b int) (differ []int) {
	for i, s := range spans {
		if a == b && s.has(a) || s.has(a) != s.has(b) {
			differ = append(differ, i)
		}
	}
	return differ
}
