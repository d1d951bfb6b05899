package stats

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// programme is answers by month, in a few dimensions whose values add up to all.
func programmeOf(t *rapid.T, months int) Answered {
	a := Answered{All: make([]int, months), Values: map[string]map[string][]int{}}
	sizes := map[string]int{"size": 3, "region": 2, "trigger": 1}
	for _, d := range slices.Sorted(maps.Keys(sizes)) {
		n := sizes[d]
		a.Values[d] = map[string][]int{}
		for v := range n {
			a.Values[d][fmt.Sprint("v", v)] = make([]int, months)
		}
	}
	// Few answers in most months, so that much has to be hidden.
	busy := rapid.IntRange(0, 12).Draw(t, "answers in a busy month")
	for m := range months {
		for range rapid.IntRange(0, busy).Draw(t, "answers") {
			a.All[m]++
			for _, d := range slices.Sorted(maps.Keys(sizes)) {
				n := sizes[d]
				v := rapid.IntRange(0, n*n-1).Draw(t, d) // the first values are rarer
				a.Values[d][fmt.Sprint("v", min(v, n-1))][m]++
			}
		}
	}
	return a
}

// attacker knows linear equations between the answers of months: each shown
// figure is one. What follows from them is what they span.
type attacker struct {
	columns map[string]int
	rows    []map[int]*big.Rat // reduced, by their first column
	lead    []int
}

func (k *attacker) column(name string) int {
	if _, ok := k.columns[name]; !ok {
		k.columns[name] = len(k.columns)
	}
	return k.columns[name]
}

// reduce takes away from a row what is known. Each known row is free of the leads
// of those before it, so one pass does it.
func (k *attacker) reduce(row map[int]*big.Rat) {
	for i, known := range k.rows {
		factor, ok := row[k.lead[i]]
		if !ok {
			continue
		}
		factor = new(big.Rat).Set(factor)
		for c, x := range known {
			v := new(big.Rat)
			if have, ok := row[c]; ok {
				v.Set(have)
			}
			if v.Sub(v, new(big.Rat).Mul(factor, x)); v.Sign() == 0 {
				delete(row, c)
			} else {
				row[c] = v
			}
		}
	}
}

func (k *attacker) learn(row map[int]*big.Rat) {
	if k.reduce(row); len(row) == 0 {
		return
	}
	lead := slices.Min(slices.Collect(maps.Keys(row)))
	inverse := new(big.Rat).Inv(row[lead])
	for c := range row {
		row[c].Mul(row[c], inverse)
	}
	k.rows, k.lead = append(k.rows, row), append(k.lead, lead)
}

func (k *attacker) knows(row map[int]*big.Rat) bool {
	k.reduce(row)
	return len(row) == 0
}

// sum is the equation of a span: the months of a series that have answers.
func (k *attacker) sum(name string, byMonth []int, s Span) map[int]*big.Rat {
	row := map[int]*big.Rat{}
	for m, n := range byMonth {
		if n > 0 && s.has(m) {
			row[k.column(fmt.Sprint(name, " ", m))] = big.NewRat(1, 1)
		}
	}
	return row
}

// knowing is an attacker who is told all that a mask shows.
func knowing(a Answered, first int, mask *Mask) *attacker {
	k := &attacker{columns: map[string]int{}}
	// The values of a dimension add up to everything, in each month.
	for d, values := range a.Values {
		for m := range a.All {
			row := k.sum("all", a.All, Span{Month, m, m + 1})
			for v, byMonth := range values {
				for c := range k.sum(d+v, byMonth, Span{Month, m, m + 1}) {
					row[c] = big.NewRat(-1, 1)
				}
			}
			k.learn(row)
		}
	}
	a.each(first, mask, func(name string, byMonth []int, s Span, hidden bool) {
		if !hidden {
			k.learn(k.sum(name, byMonth, s))
		}
	})
	return k
}

// each visits every figure.
func (a Answered) each(first int, mask *Mask, visit func(name string, byMonth []int, s Span, hidden bool)) {
	for _, s := range Spans(first, len(a.All)) {
		visit("all", a.All, s, mask.HidesAll(s))
		for d, values := range a.Values {
			for v, byMonth := range values {
				visit(d+v, byMonth, s, mask.Hides(d, v, s))
			}
		}
	}
}

func TestNoHiddenFigureFollowsFromShownOnes(t *testing.T) {
	hiddenLarge, largeOnes := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		const fewest = 5
		months := rapid.IntRange(1, 20).Draw(t, "months")
		first := rapid.IntRange(0, 11).Draw(t, "first month")
		a := programmeOf(t, months)
		mask := NewMask(first, a, fewest)
		k := knowing(a, first, mask)
		a.each(first, mask, func(name string, byMonth []int, s Span, hidden bool) {
			n := s.answered(byMonth)
			if n >= fewest {
				largeOnes++
				if hidden {
					hiddenLarge++
				}
			}
			if n > 0 && n < fewest && (!hidden || k.knows(k.sum(name, byMonth, s))) {
				t.Fatalf("%s in %+v has %d answers (hidden: %v), and they follow from what is shown", name, s, n, hidden)
			}
		})
	})
	t.Logf("%d of %d figures of enough answers are hidden too", hiddenLarge, largeOnes)
}
