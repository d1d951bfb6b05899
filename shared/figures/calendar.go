package figures

import (
	"fmt"

	"kaiku/shared/ledger"
	"kaiku/shared/stats"
	"kaiku/shared/survey"
)

const monthsOfYear = 12

// calendar is the counts of one kind, month after month without a gap.
type calendar struct {
	first  survey.Month
	months []map[string]map[string]ledger.Cell // by dimension and value
	// classCounts and comments are those of each month.
	classCounts []map[survey.Class]ledger.ClassCount
	comments    [][]ledger.CommentRef
}

func newCalendar(counts []ledger.MonthCount) calendar {
	if len(counts) == 0 {
		return calendar{}
	}
	c := calendar{first: counts[0].Month}
	last := counts[len(counts)-1].Month
	n := last.Index() - c.first.Index() + 1
	c.months = make([]map[string]map[string]ledger.Cell, n)
	c.classCounts, c.comments = make([]map[survey.Class]ledger.ClassCount, n), make([][]ledger.CommentRef, n)
	for _, count := range counts {
		i := count.Month.Index() - c.first.Index()
		c.months[i], c.classCounts[i], c.comments[i] = count.Cells, count.Classes, count.Comments
	}
	return c
}

// spans are all that figures are given for.
func (c calendar) spans() []stats.Span {
	return stats.Spans(c.first.Index()%monthsOfYear, len(c.months))
}

// classes adds up the months of a span, by class.
func (c calendar) classes(span stats.Span) map[survey.Class]ledger.ClassCount {
	sums := map[survey.Class]ledger.ClassCount{}
	for m := max(0, span.From); m < min(span.To, len(c.months)); m++ {
		for class, count := range c.classCounts[m] {
			sum := sums[class]
			sum.Add(count)
			sums[class] = sum
		}
	}
	return sums
}

// answered is how many answered in each month.
func (c calendar) answered() stats.Answered {
	a := stats.Answered{All: make([]int, len(c.months)), Values: map[string]map[string][]int{}}
	for i, cells := range c.months {
		a.All[i] = cells[ledger.All][ledger.All].Answered
		for dimension, values := range cells {
			if dimension == ledger.All {
				continue
			}
			if a.Values[dimension] == nil {
				a.Values[dimension] = map[string][]int{}
			}
			for value, cell := range values {
				if a.Values[dimension][value] == nil {
					a.Values[dimension][value] = make([]int, len(c.months))
				}
				a.Values[dimension][value][i] = cell.Answered
			}
		}
	}
	return a
}

// sums adds up the months of a span, by the values of a dimension.
func (c calendar) sums(dimension string, span stats.Span) map[string]ledger.Cell {
	sums := map[string]ledger.Cell{}
	for m := max(0, span.From); m < min(span.To, len(c.months)); m++ {
		for value, cell := range c.months[m][dimension] {
			sum := sums[value]
			sum.Add(cell)
			sums[value] = sum
		}
	}
	return sums
}

// before is the span of the same length that ends where one begins.
func before(span stats.Span) stats.Span {
	length := span.To - span.From
	return stats.Span{Length: span.Length, From: span.From - length, To: span.To - length}
}

// touches says whether a span has a month between two, both included; of twelve
// rolling months, whether they end there.
func (c calendar) touches(span stats.Span, from, to survey.Month) bool {
	first, last := c.first.Index()+span.From, c.first.Index()+span.To-1
	if span.Length == stats.Rolling {
		first = last - 2 // the quarter they end with
	}
	return first <= to.Index() && last >= from.Index()
}

// name is what a span is called in a report: 2026-11, 2026-Q4, 2026, or
// 2025-Q4..2026-Q3.
func (c calendar) name(span stats.Span) string {
	quarter := func(m survey.Month) string { return fmt.Sprintf("%04d-Q%d", m.Year, (int(m.Month)+2)/3) }
	first := c.first.AddMonths(span.From)
	switch span.Length {
	case stats.Quarter:
		return quarter(first)
	case stats.Year:
		return fmt.Sprintf("%04d", first.Year)
	case stats.Rolling:
		return quarter(first) + ".." + quarter(c.first.AddMonths(span.To-1))
	default:
		return first.String()
	}
}
