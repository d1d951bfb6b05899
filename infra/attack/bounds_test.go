package attack

import (
	"cmp"
	"maps"
	"slices"
)

// bounds are what is known of the answers of cells by score without solving
// anything: no number is negative, or larger than the cell, or than any sum that it
// is part of; and what is left of a sum when its other parts are as large, or as
// small, as can be.
type bounds struct {
	kind      string
	scores    int
	of        map[cell]int // a variable each, of every cell with answers
	answered  []int
	low, high [][]int // by variable and score
	sums      [][]int // the first is the sum of the others
}

// newBounds knows how many answered in every row of a kind, and what is told.
func newBounds(kind string, rows map[cell]row, known map[cell]bool) *bounds {
	scale := scales[kind]
	b := &bounds{kind: kind, scores: scale[1] - scale[0] + 1, of: map[cell]int{}}
	cells := slices.SortedFunc(maps.Keys(rows), func(a, b cell) int { return cmp.Compare(a.String(), b.String()) })
	cells = slices.DeleteFunc(cells, func(c cell) bool { return c.kind != kind || rows[c].Answered == 0 })
	for _, c := range cells {
		b.of[c] = len(b.of)
		b.answered = append(b.answered, rows[c].Answered)
		low, high := make([]int, b.scores), slices.Repeat([]int{rows[c].Answered}, b.scores)
		if known[c] {
			low, high = rows[c].histogram(), rows[c].histogram()
		}
		b.low, b.high = append(b.low, low), append(b.high, high)
	}
	values := map[cell][]int{} // of a dimension, by their sum
	for _, c := range cells {
		if c.by != "all" {
			sum := cell{kind, "all", c.by, c.period} // of this dimension
			values[sum] = append(values[sum], b.of[c])
		}
		from, to := months(c.period)
		for _, part := range [][]string{parts(from, to, 1), parts(from, to, 3)} {
			sum := []int{b.of[c]}
			for _, period := range part {
				if v, ok := b.of[cell{kind, c.by, c.value, period}]; ok {
					sum = append(sum, v)
				}
			}
			if len(part) > 1 {
				b.sums = append(b.sums, sum)
			}
		}
	}
	for _, sum := range slices.SortedFunc(maps.Keys(values), func(a, b cell) int { return cmp.Compare(a.String(), b.String()) }) {
		b.sums = append(b.sums, append([]int{b.of[cell{kind, "all", "all", sum.period}]}, values[sum]...))
	}
	return b
}

// parts are the names of the periods of so many months that make up another.
func parts(from, to, length int) (names []string) {
	for m := from; m < to; m += length {
		names = append(names, nameOf(m, m+length, false))
	}
	return names
}

// tighten goes on until nothing more follows.
func (b *bounds) tighten() {
	for changed := true; changed; {
		changed = false
		set := func(v, s, low, high int) {
			if low > b.low[v][s] {
				b.low[v][s], changed = low, true
			}
			if high < b.high[v][s] {
				b.high[v][s], changed = high, true
			}
		}
		for v, n := range b.answered { // the scores of a cell add up to its answers
			low, high := 0, 0
			for s := range b.scores {
				low, high = low+b.low[v][s], high+b.high[v][s]
			}
			for s := range b.scores {
				set(v, s, n-(high-b.high[v][s]), n-(low-b.low[v][s]))
			}
		}
		for _, sum := range b.sums {
			whole, some := sum[0], sum[1:]
			for s := range b.scores {
				low, high := 0, 0
				for _, v := range some {
					low, high = low+b.low[v][s], high+b.high[v][s]
				}
				set(whole, s, low, high)
				for _, v := range some {
					set(v, s, b.low[whole][s]-(high-b.high[v][s]), b.high[whole][s]-(low-b.low[v][s]))
				}
			}
		}
	}
}

// narrowed is how often bounds tell what is hidden.
type narrowed struct {
	small      int // cells of few answers that are hidden
	determined int // of which every answer is known
	alike      int // among them, those inside a shown figure all of whose answers have one score
	some       int // of which the score of some answer is known, and not of all
	examples   []leak
}

// narrow reckons with bounds. It also returns the reckoning of each kind.
func narrow(rows map[cell]row, known map[cell]bool) (n narrowed, all []*bounds) {
	for _, kind := range kinds {
		b := newBounds(kind, rows, known)
		b.tighten()
		all = append(all, b)
		for c, v := range b.of {
			if known[c] || b.answered[v] >= fewest {
				continue
			}
			n.small++
			certain := 0
			for s := range b.scores {
				certain += b.low[v][s]
			}
			switch {
			case certain == b.answered[v] && insideAlike(c, rows, known):
				n.determined++
				n.alike++
			case certain == b.answered[v]:
				n.determined++
				n.examples = append(n.examples, leak{c, b.answered[v], "certain by bounds", b.low[v]})
			case certain > 0:
				n.some++
			}
		}
	}
	return n, all
}

// insideAlike says whether a cell is part of a shown one all of whose answers have
// the same score: whoever is in such a group has no secret, however large it is.
func insideAlike(c cell, rows map[cell]row, known map[cell]bool) bool {
	from, to := months(c.period)
	for k := range known {
		if k.kind != c.kind || k.by != "all" && (k.by != c.by || k.value != c.value) {
			continue
		}
		f, t := months(k.period)
		if f <= from && to <= t && slices.Max(rows[k].histogram()) == rows[k].Answered {
			return true
		}
	}
	return false
}
