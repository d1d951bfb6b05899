package rehearse

import (
	"fmt"
	"maps"
	"slices"
)

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

// maxCircle is how many customers can be rehearsed together: what is known of
// them, some 2 KB each, is all in memory at once.
const maxCircle = 400_000

// small refuses a circle that is too large, and says what connects it most.
func (r *rehearsal) small(c circle) error {
	if len(c) <= maxCircle {
		return nil
	}
	customers := map[uint64]int{}
	var most uint64
	for _, all := range c {
		for _, h := range all {
			for _, a := range h.shared {
				if customers[a]++; customers[a] > customers[most] {
					most = a
				}
			}
		}
	}
	example := ""
	for _, id := range slices.Sorted(maps.Keys(c)) {
		err := unpack(c[id], func(row *row) error {
			if example == "" && r.roster.hash(sameAddress(row.cell[email])) == most {
				example = fmt.Sprintf("contact %s of customer %s", row.cell[contactID], id)
			}
			return nil
		})
		if err != nil || example != "" {
			break
		}
	}
	return fmt.Errorf("%d customers depend on each other by shared addresses, and at most %d can be rehearsed together; "+
		"the address of %s is that of %d customers: is it a stand-in?", len(c), maxCircle, example, customers[most])
}
