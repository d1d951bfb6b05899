package stats

// Cell is one cell of a report, as far as hiding needs to know it.
type Cell struct {
	Answered int  // how many answers it holds; 0 or more
	Hidden   bool // already hidden, because of another group that it is in too
}

// Hide returns which cells of one group must be hidden so that no cell with
// fewer than fewest answers is shown, and none that was hidden can be had by
// subtracting the shown cells from the total. The result has one entry for each
// cell. The group is a set of siblings whose total is shown: the sizes in one
// month, say, or the months of one year.
//
//   - Small cells, of 1 to fewest−1 answers, and those already Hidden are hidden.
//   - Where any is, larger ones join them, the smallest first (of equals the
//     first in order), until the hidden cells together, which is what the
//     subtraction gives, are at least two cells with answers, hold at least
//     fewest answers, and more answers than they are cells. That is a group that
//     could itself be shown, and no cell follows from it.
//   - Empty cells are never hidden. They are nobody's answers and have no score;
//     to say so reveals nothing, nor do they help to blur a hidden neighbour.
//
// This is primary and complementary suppression in a table of one dimension:
// Cox, "Suppression Methodology and Statistical Disclosure Control", Journal of
// the American Statistical Association 75 (1980) 377–385.
//
// The total is a cell too. Where it has fewer than fewest answers itself the
// caller must not show it, for then all its cells are hidden and still add up
// to it. The same holds where everything is hidden and every cell holds exactly
// one answer: there is nothing left to hide them among.
//
// A cell that is in several groups with shown totals must pass Hide in each: go
// through the groups with Hidden set to what came out so far, until nothing
// changes. That ends, since nothing hidden is ever shown again.
func Hide(cells []Cell, fewest int) []bool {
	hidden := make([]bool, len(cells))
	var withAnswers, answers int // of the hidden cells
	hide := func(i int) {
		hidden[i] = true
		if cells[i].Answered > 0 {
			withAnswers++
			answers += cells[i].Answered
		}
	}
	for i, c := range cells {
		if c.Hidden || 0 < c.Answered && c.Answered < fewest {
			hide(i)
		}
	}
	if withAnswers == 0 {
		return hidden
	}
	// As many answers as cells: each would have to hold exactly one.
	for withAnswers < 2 || answers < fewest || answers == withAnswers {
		next := smallestShown(cells, hidden)
		if next < 0 {
			break
		}
		hide(next)
	}
	return hidden
}

// smallestShown returns the shown cell with the fewest answers, but some, or −1.
func smallestShown(cells []Cell, hidden []bool) int {
	found := -1
	for i, c := range cells {
		if hidden[i] || c.Answered <= 0 {
			continue
		}
		if found < 0 || c.Answered < cells[found].Answered {
			found = i
		}
	}
	return found
}
