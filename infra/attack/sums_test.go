package attack

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// sum is some months of some values of a dimension, of few answers together.
type sum struct {
	kind      string
	atoms     []atom
	answered  int
	histogram []int
}

func (s sum) String() string {
	parts := make([]string, len(s.atoms))
	for i, a := range s.atoms {
		parts[i] = a.value + " " + monthName(a.month)
	}
	return fmt.Sprintf("%s %s %s: %d answers, %v", s.kind, s.atoms[0].by, strings.Join(parts, " + "), s.answered, s.histogram)
}

// wantTrue says that the sum is so.
func (s sum) wantTrue(t *testing.T, rows map[cell]row) {
	t.Helper()
	want := make([]int, len(s.histogram))
	for _, a := range s.atoms {
		for i, n := range rows[cell{s.kind, a.by, a.value, monthName(a.month)}].histogram() {
			want[i] += n
		}
	}
	if !slices.Equal(s.histogram, want) {
		t.Fatalf("%v, but they are %v", s, want)
	}
}

// sums finds all that follow from what is told.
func sums(rows map[cell]row, known map[cell]bool) (found []sum) {
	for _, kind := range kinds {
		e := newEquations(kind, rows, known)
		of := map[string][]atom{}
		for a, n := range e.answered {
			if n < fewest {
				of[a.by] = append(of[a.by], a)
			}
		}
		for _, by := range dimensions {
			found = append(found, e.sums(of[by])...)
		}
	}
	return found
}

// sums finds those of some unknowns that follow. What is not known of each is taken
// as a number at random; those that follow add up to 0, and few others do. There
// are at most four in a sum: so one or two of them are added, and what is missing
// looked up.
func (e *equations) sums(of []atom) (found []sum) {
	slices.SortFunc(of, func(a, b atom) int { return cmp.Or(cmp.Compare(a.value, b.value), cmp.Compare(a.month, b.month)) })
	random := rand.New(rand.NewPCG(7, 1))
	weights := make([]uint64, len(e.column))
	for i := range weights {
		weights[i] = random.Uint64N(prime)
	}
	type part struct {
		atoms    []int
		answered int
	}
	var parts []part
	missing := map[uint64][]part{} // by what is not known of them
	unknown := make([]uint64, len(of))
	for i, a := range of {
		v := e.vector()
		v[e.column[a]] = 1
		e.reduce(v)
		for c, x := range v[:len(e.column)] {
			if x != 0 {
				unknown[i] = add(unknown[i], times(x, weights[c]))
			}
		}
	}
	for i, a := range of {
		one := part{[]int{i}, e.answered[a]}
		parts, missing[unknown[i]] = append(parts, one), append(missing[unknown[i]], one)
		for j := range i {
			if n := e.answered[a] + e.answered[of[j]]; n < fewest {
				two, x := part{[]int{j, i}, n}, add(unknown[i], unknown[j])
				parts, missing[x] = append(parts, two), append(missing[x], two)
			}
		}
	}
	for _, p := range parts {
		x := uint64(0)
		for _, i := range p.atoms {
			x = add(x, unknown[i])
		}
		for _, q := range missing[negative(x)] {
			// Each sum once: the later atoms are those that are looked up.
			if p.answered+q.answered >= fewest || p.atoms[len(p.atoms)-1] >= q.atoms[0] || len(p.atoms) < len(q.atoms) {
				continue
			}
			if s, ok := e.follows(of, slices.Concat(p.atoms, q.atoms)); ok {
				found = append(found, s)
			}
		}
	}
	return found
}

// follows adds some of the unknowns up.
func (e *equations) follows(of []atom, which []int) (s sum, ok bool) {
	s.kind = e.kind
	v := e.vector()
	for _, i := range which {
		v[e.column[of[i]]] = 1
		s.atoms, s.answered = append(s.atoms, of[i]), s.answered+e.answered[of[i]]
	}
	s.histogram, ok = e.solve(v)
	return s, ok
}
