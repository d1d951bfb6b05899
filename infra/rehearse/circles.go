package rehearse

import (
	"maps"
	"slices"
	"strings"
)

// held is what a piece of the file says of a customer who has to wait for others.
type held struct {
	customer string
	line     int
	rows     string // packed
	shared   []uint64
}

// circle is customers who have to be rehearsed together, since addresses connect
// them: what is held of each, in the order of the file. Of one whom events alone
// tell of nothing is held.
type circle map[string][]held

// waiting is all that is held, by customer.
type waiting map[string][]held

func (w waiting) add(h held) { w[h.customer] = append(w[h.customer], h) }

// expect lets a customer wait, though nothing may be held of it.
func (w waiting) expect(customer string) {
	if _, known := w[customer]; !known {
		w[customer] = nil
	}
}

// circles divides those who wait into circles, the one with the least customer id
// first. more are further addresses of customers, by hash.
func (w waiting) circles(more map[string][]uint64) []circle {
	ids := slices.Sorted(maps.Keys(w))
	above := make([]int, len(ids)) // leads towards the least of the circle
	top := func(i int) int {
		for above[i] != i {
			above[i] = above[above[i]]
			i = above[i]
		}
		return i
	}
	first := map[uint64]int{} // who was seen first with an address
	for i, id := range ids {
		above[i] = i
		meet := func(addresses []uint64) {
			for _, a := range addresses {
				other, seen := first[a]
				if !seen {
					first[a] = i
					continue
				}
				x, y := top(i), top(other)
				above[max(x, y)] = min(x, y)
			}
		}
		for _, h := range w[id] {
			meet(h.shared)
		}
		meet(more[id])
	}
	var all []circle
	at := map[int]int{}
	for i, id := range ids {
		n, known := at[top(i)]
		if !known {
			n = len(all)
			at[top(i)] = n
			all = append(all, circle{})
		}
		all[n][id] = w[id]
	}
	return all
}

// Cells and rows of what is held are kept with these between; no cell holds them.
const (
	betweenCells = "\x1f"
	betweenRows  = "\x1e"
)

// packer keeps rows as short as can be.
type packer struct{ strings.Builder }

func (p *packer) add(r *row) {
	if p.Len() > 0 {
		p.WriteString(betweenRows)
	}
	for i, cell := range r.cell {
		if i > 0 {
			p.WriteString(betweenCells)
		}
		p.WriteString(cell)
	}
}

// unpack calls visit with each row that is held.
func unpack(all []held, visit func(*row) error) error {
	for _, h := range all {
		for text := range strings.SplitSeq(h.rows, betweenRows) {
			r := row{line: h.line}
			i := 0
			for cell := range strings.SplitSeq(text, betweenCells) {
				r.cell[i] = cell
				i++
			}
			if err := visit(&r); err != nil {
				return err
			}
		}
	}
	return nil
}
