package stats_test

import (
	"slices"
	"testing"

	"kaiku/shared/stats"
	"pgregory.net/rapid"
)

const fewest = 5

func cells(answered ...int) []stats.Cell {
	group := make([]stats.Cell, len(answered))
	for i, n := range answered {
		group[i].Answered = n
	}
	return group
}

func TestHide(t *testing.T) {
	const o, x = false, true
	for _, c := range []struct {
		name  string
		group []stats.Cell
		want  []bool
	}{
		{"no cells", nil, []bool{}},
		{"all large", cells(5, 6, 50), []bool{o, o, o}},
		{"all empty", cells(0, 0), []bool{o, o}},
		{"empty cells are no secret", cells(0, 9, 0, 12), []bool{o, o, o, o}},
		{"one small takes the smallest sibling along", cells(3, 40, 9, 20), []bool{x, o, x, o}},
		{"four is small, five is not", cells(4, 5, 6), []bool{x, x, o}},
		{"an empty sibling does not blur", cells(3, 0, 9, 20), []bool{x, o, x, o}},
		{"two small that add up to enough", cells(2, 3, 9, 20), []bool{x, x, o, o}},
		{"two small that do not", cells(2, 2, 9, 20), []bool{x, x, x, o}},
		{"of equals the first", cells(20, 3, 9, 9), []bool{o, x, x, o}},
		{"five of one each follow from their sum", cells(1, 1, 1, 1, 1, 30, 20), []bool{x, x, x, x, x, o, x}},
		{"six answers in five cells do not", cells(1, 1, 2, 1, 1, 30, 20), []bool{x, x, x, x, x, o, o}},
		{"nothing left to hide it among", cells(3), []bool{x}},
		{"a large cell alone is its own total", cells(12), []bool{o}},
		{"a total under the fewest", cells(1, 0, 2), []bool{x, o, x}},
		{"hidden elsewhere: needs company here too", []stats.Cell{{Answered: 30, Hidden: true}, {Answered: 60}, {Answered: 40}}, []bool{x, o, x}},
		{"hidden elsewhere: blurs a small one", []stats.Cell{{Answered: 30, Hidden: true}, {Answered: 2}, {Answered: 40}}, []bool{x, x, o}},
		{"hidden elsewhere but empty", []stats.Cell{{Hidden: true}, {Answered: 60}}, []bool{x, o}},
	} {
		if got := stats.Hide(c.group, fewest); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestFewestOfOneHidesNothing(t *testing.T) {
	for _, least := range []int{-1, 0, 1} {
		if got := stats.Hide(cells(1, 2, 0, 30), least); slices.Contains(got, true) {
			t.Errorf("fewest %d hides %v", least, got)
		}
	}
}

func drawGroup(t *rapid.T) []stats.Cell {
	// Mostly small ones: that is where it is hard.
	answered := rapid.OneOf(rapid.IntRange(0, 3), rapid.IntRange(0, 12), rapid.IntRange(0, 1000))
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) stats.Cell {
		return stats.Cell{
			Answered: answered.Draw(t, "answered"),
			Hidden:   rapid.IntRange(0, 9).Draw(t, "hidden elsewhere, in ten") == 0,
		}
	}), 0, 12).Draw(t, "group")
}

func TestSubtractionRevealsNoHiddenCell(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		group := drawGroup(t)
		hidden := stats.Hide(group, fewest)

		// What a reader can do: the total less all that is shown.
		total, shown, secrets := 0, 0, []int{}
		canBlur := false // some cell holds more than one answer
		for i, c := range group {
			total += c.Answered
			canBlur = canBlur || c.Answered > 1
			if !hidden[i] || c.Answered == 0 {
				shown += c.Answered
			} else {
				secrets = append(secrets, c.Answered)
			}
			if !hidden[i] && 0 < c.Answered && c.Answered < fewest {
				t.Fatalf("%d answers are shown", c.Answered)
			}
		}
		rest := total - shown
		if rest == 0 || total < fewest {
			return // nothing hidden; or a total that must not be shown
		}
		onlyCell := len(secrets) == 1 && shown == 0 // which is the total itself
		if onlyCell {
			return
		}
		if len(secrets) < 2 {
			t.Fatalf("%v: the one hidden cell is %d", group, rest)
		}
		if rest < fewest {
			t.Fatalf("%v: the hidden cells together are %d", group, rest)
		}
		// Hidden cells hold at least one answer each. A cell is safe when another
		// number of answers would fit the same sum just as well.
		if canBlur {
			for _, secret := range secrets {
				if most := rest - (len(secrets) - 1); most == 1 {
					t.Fatalf("%v: a hidden cell must be %d", group, secret)
				}
			}
		}
	})
}

func TestHidingOnlyWhatIsNeeded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		group := drawGroup(t)
		hidden := stats.Hide(group, fewest)
		var first, along []int // hidden for themselves; to blur the others
		for i, c := range group {
			switch {
			case c.Hidden && !hidden[i]:
				t.Fatal("a hidden cell came out shown")
			case c.Answered == 0 && hidden[i] != c.Hidden:
				t.Fatal("an empty cell was hidden")
			case !hidden[i] || c.Answered == 0:
			case c.Hidden || c.Answered < fewest:
				first = append(first, c.Answered)
			default:
				along = append(along, c.Answered)
			}
		}
		if len(along) == 0 {
			return
		}
		if len(first) == 0 {
			t.Fatalf("%v: hidden without a need", group)
		}
		// Without the last, and largest, to come along it would not have done.
		slices.Sort(along)
		without := append(first, along[:len(along)-1]...)
		sum := 0
		for _, n := range without {
			sum += n
		}
		if len(without) >= 2 && sum >= fewest && sum > len(without) {
			t.Fatalf("%v: %v were enough, %v went along", group, without, along)
		}
	})
}

func TestHidingAgainHidesNoMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		group := drawGroup(t)
		once := stats.Hide(group, fewest)
		for i := range group {
			group[i].Hidden = once[i]
		}
		if again := stats.Hide(group, fewest); !slices.Equal(once, again) {
			t.Fatalf("%v, then %v", once, again)
		}
	})
}
