package attack

import (
	"cmp"
	"fmt"
	"maps"
	"math/bits"
	"slices"
)

// The unknowns of a kind are the answers of one value in one month, score by score.
// Each figure that is told is a sum of them, and the values of a dimension add up to
// everything: equations that have the same left side for every score. Whatever
// follows from equations is a combination of them.
//
// Reckoned modulo a prime of 61 bits, where numbers do not grow: every entry is 0, 1
// or −1, and what holds over the rationals holds here. The other way round it fails
// only where the prime divides a minor of the matrix.
const prime = 1<<61 - 1

func add(a, b uint64) uint64 {
	if s := a + b; s >= prime {
		return s - prime
	} else {
		return s
	}
}

func negative(a uint64) uint64 {
	if a == 0 {
		return 0
	}
	return prime - a
}

func times(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return add(low&prime, high<<3|low>>61)
}

// inverse is by Fermat's little theorem.
func inverse(a uint64) uint64 {
	result := uint64(1)
	for e := uint64(prime - 2); e > 0; e >>= 1 {
		if e&1 == 1 {
			result = times(result, a)
		}
		a = times(a, a)
	}
	return result
}

// atom is what one value was answered in one month.
type atom struct {
	by, value string
	month     int
}

// equations are what an attacker knows of the answers of a kind.
type equations struct {
	kind   string
	column map[atom]int
	scores int
	rows   [][]uint64 // the unknowns, then what their sum is by score
	lead   []int
	// answered is how many answers each unknown is of; that is told of hidden cells too.
	answered map[atom]int
}

// atoms are the unknowns that a cell is the sum of.
func (e *equations) atoms(c cell) (sum []atom) {
	from, to := months(c.period)
	for m := from; m < to; m++ {
		if a := (atom{c.by, c.value, m}); e.answered[a] > 0 {
			sum = append(sum, a)
		}
	}
	return sum
}

// newEquations takes the rows of a kind, all of them, and those that are known.
func newEquations(kind string, rows map[cell]row, known map[cell]bool) *equations {
	scale := scales[kind]
	e := &equations{kind: kind, column: map[atom]int{}, scores: scale[1] - scale[0] + 1, answered: map[atom]int{}}
	// In a fixed order, and the months of everything last, so that the sums over
	// dimensions take few steps.
	var atoms []atom
	for c, r := range rows {
		if from, to := months(c.period); c.kind == kind && to-from == 1 && r.Answered > 0 {
			a := atom{c.by, c.value, from}
			e.answered[a] = r.Answered
			atoms = append(atoms, a)
		}
	}
	slices.SortFunc(atoms, func(a, b atom) int {
		return cmp.Or(-cmp.Compare(a.by, b.by), cmp.Compare(a.value, b.value), cmp.Compare(a.month, b.month))
	})
	sums := map[int]map[string][]uint64{}
	for i, a := range atoms {
		e.column[a] = i
	}
	for _, a := range atoms {
		if a.by == "all" {
			continue
		}
		if sums[a.month] == nil {
			sums[a.month] = map[string][]uint64{}
		}
		if sums[a.month][a.by] == nil {
			sums[a.month][a.by] = e.vector()
			if all, ok := e.column[atom{"all", "all", a.month}]; ok {
				sums[a.month][a.by][all] = prime - 1
			}
		}
		sums[a.month][a.by][e.column[a]] = 1
	}
	for _, m := range slices.Sorted(maps.Keys(sums)) {
		for _, by := range slices.Sorted(maps.Keys(sums[m])) {
			e.learn(sums[m][by])
		}
	}
	for _, c := range slices.SortedFunc(maps.Keys(known), func(a, b cell) int { return cmp.Compare(a.String(), b.String()) }) {
		if c.kind == kind {
			v := e.sum(c)
			for i, n := range rows[c].histogram() {
				v[len(e.column)+i] = uint64(n)
			}
			e.learn(v)
		}
	}
	return e
}

func (e *equations) vector() []uint64 { return make([]uint64, len(e.column)+e.scores) }

// sum is the left side of the equation of a cell.
func (e *equations) sum(c cell) []uint64 {
	v := e.vector()
	for _, a := range e.atoms(c) {
		v[e.column[a]] = 1
	}
	return v
}

// reduce takes away from v what is known; each known row is free of the leads of
// those before it, so one pass does it. What is left of the right side is minus
// what it must be.
func (e *equations) reduce(v []uint64) {
	for i, known := range e.rows {
		if factor := negative(v[e.lead[i]]); factor != 0 {
			for j := e.lead[i]; j < len(v); j++ {
				if known[j] != 0 {
					v[j] = add(v[j], times(factor, known[j]))
				}
			}
		}
	}
}

func (e *equations) first(v []uint64) int {
	return slices.IndexFunc(v[:len(e.column)], func(x uint64) bool { return x != 0 })
}

func (e *equations) learn(v []uint64) {
	e.reduce(v)
	lead := e.first(v)
	if lead < 0 {
		return
	}
	factor := inverse(v[lead])
	for j := range v {
		v[j] = times(v[j], factor)
	}
	e.rows, e.lead = append(e.rows, v), append(e.lead, lead)
}

// solve is what follows for a sum of unknowns; ok is false when nothing does.
func (e *equations) solve(v []uint64) (histogram []int, ok bool) {
	e.reduce(v)
	if e.first(v) >= 0 {
		return nil, false
	}
	for _, x := range v[len(e.column):] {
		n := int(negative(x))
		if n > prime/2 {
			n -= prime
		}
		histogram = append(histogram, n)
	}
	return histogram, true
}

// leak is a cell of few answers that is told, or follows from what is.
type leak struct {
	cell
	answered  int
	how       string
	histogram []int
}

func (l leak) String() string {
	return fmt.Sprintf("%v has %d answers, and they are %s: %v by score", l.cell, l.answered, l.how, l.histogram)
}

// subtract tries to learn each cell of few answers; small is how many there are.
func subtract(rows map[cell]row, known map[cell]bool) (leaks []leak, small int) {
	for _, kind := range kinds {
		e := newEquations(kind, rows, known)
		for c, r := range rows {
			if c.kind != kind || r.Answered == 0 || r.Answered >= fewest {
				continue
			}
			small++
			if known[c] {
				leaks = append(leaks, leak{c, r.Answered, "told", r.histogram()})
			} else if histogram, ok := e.solve(e.sum(c)); ok {
				leaks = append(leaks, leak{c, r.Answered, "what is left by subtraction", histogram})
			}
		}
	}
	slices.SortFunc(leaks, func(a, b leak) int { return cmp.Compare(a.String(), b.String()) })
	return leaks, small
}
