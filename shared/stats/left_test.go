package stats

import (
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A quarter of 9 answers and its first month of 5 are shown: what is left, two months
// of 2, follows, though neither does by itself.
func TestFewAnswersAreNotLeftOfAQuarterBesideItsShownMonth(t *testing.T) {
	a := Answered{All: []int{10, 4, 2}, Values: map[string]map[string][]int{"region": {
		"0": {0, 1, 0}, "1": {3, 0, 0}, "2": {5, 2, 2}, "5": {2, 1, 0}}}}
	m := NewMask(3, a, 5) // April to June
	if !m.Hides("region", "2", Span{Quarter, 0, 3}) && !m.Hides("region", "2", Span{Month, 0, 1}) {
		t.Error("quarter less April is 4 answers of May and June")
	}
}

// What is left need be no stretch of months (the first and the last of a quarter),
// and no one value (two that are hidden beside the shown ones).
func TestNoSumOfFewAnswersFollowsFromShownFigures(t *testing.T) {
	const fewest = 5
	left := 0
	rapid.Check(t, func(t *rapid.T) {
		months := rapid.IntRange(1, 20).Draw(t, "months")
		first := rapid.IntRange(0, 11).Draw(t, "first month")
		a := programmeOf(t, months)
		hiding, telling := knowing(a, first, NewMask(first, a, fewest)), knowing(a, first, NewMask(first, a, 1))
		dimensions := maps.Clone(a.Values)
		dimensions["all"] = map[string][]int{"": a.All}
		for name, values := range dimensions {
			hiding.few(name, values, fewest, func(sum []string, answers int) {
				t.Fatalf("%v have %d answers together, and they follow from what is shown", sum, answers)
			})
			telling.few(name, values, fewest, func([]string, int) { left++ })
		}
	})
	if left == 0 {
		t.Error("nothing follows where nothing is hidden, so nothing was looked for")
	}
}

// few finds the sums of parts of a dimension, of few answers, that follow. What is
// not known of each part is taken as a number at random, modulo a prime: those that
// follow add up to 0, and of others one in as many.
func (k *attacker) few(dimension string, values map[string][]int, fewest int, found func(sum []string, answers int)) {
	type unknown struct {
		part    string
		answers int
		rest    uint64
	}
	const prime = 1<<61 - 1
	random, modulus := rand.New(rand.NewPCG(1, 2)), big.NewInt(prime)
	weights := make([]*big.Int, len(k.columns))
	for i := range weights {
		weights[i] = new(big.Int).SetUint64(random.Uint64N(prime))
	}
	var parts []unknown
	for _, value := range slices.Sorted(maps.Keys(values)) {
		for m, n := range values[value] {
			if n == 0 || n >= fewest {
				continue
			}
			row := k.sum(dimension+value, values[value], Span{Month, m, m + 1})
			k.reduce(row)
			rest := new(big.Int)
			for c, x := range row {
				factor := new(big.Int).ModInverse(x.Denom(), modulus)
				rest.Add(rest, factor.Mul(factor, x.Num()).Mul(factor, weights[c]))
			}
			parts = append(parts, unknown{fmt.Sprint(dimension, value, " ", m), n, rest.Mod(rest, modulus).Uint64()})
		}
	}
	var extend func(sum []string, from, answers int, rest uint64)
	extend = func(sum []string, from, answers int, rest uint64) {
		if len(sum) > 0 && rest == 0 {
			found(sum, answers)
		}
		for i, p := range parts[from:] {
			if answers+p.answers < fewest {
				extend(append(slices.Clip(sum), p.part), from+i+1, answers+p.answers, (rest+p.rest)%prime)
			}
		}
	}
	extend(nil, 0, 0, 0)
}
