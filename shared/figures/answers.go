package figures

import (
	"cmp"
	"maps"
	"slices"

	"kaiku/shared/ledger"
	"kaiku/shared/stats"
	"kaiku/shared/survey"
)

// AnswerRow is one answer without anything that says whose it is. It says no more
// than the figures that are shown: to the period it is given by, there is one.
type AnswerRow struct {
	Kind survey.Kind
	By   string
	// Value is the group; empty where the group may not be said.
	Value  string
	Period string
	Score  int
	Class  survey.Class
	// Reason and Feeling are given with the answers of everyone only: beside a group
	// they would be a mark by which to find the same answer in another.
	Reason, Feeling string
}

// Answers is which answers a query takes in, and what may be said of each.
type Answers struct {
	query  Query
	labels map[survey.Kind]labels
	// Months are those that have any. They may be more than the query names: as with
	// figures, a period is taken in whole, or a month that is hidden could be asked for.
	Months []survey.Month
	// Count is how many were counted of them.
	Count int
}

// labels are what may be said of the answers of one kind.
type labels struct {
	calendar
	of map[part]label
}

// part is what one value was answered in a month of the calendar.
type part struct {
	value string
	month int
}

// label is the shortest period that a group is shown in; of one that never is, the
// year of everyone, and no value.
type label struct {
	span  stats.Span
	value string
}

// Answers says which answers a query takes in.
func (p Programme) Answers(q Query) Answers {
	a := Answers{query: q, labels: map[survey.Kind]labels{}}
	months := map[survey.Month]bool{}
	for _, kind := range q.Kinds {
		v := p.kinds[kind]
		l := labels{v.calendar, v.labels(q.By)}
		a.labels[kind] = l
		for i, cells := range v.months {
			for value, cell := range cells[q.By] {
				if _, known := l.of[part{value, i}]; cell.Answered > 0 && a.has(l, value, i) {
					months[v.first.AddMonths(i)] = true
					if known {
						a.Count += cell.Answered
					}
				}
			}
		}
	}
	a.Months = slices.SortedFunc(maps.Keys(months), func(a, b survey.Month) int { return a.Index() - b.Index() })
	return a
}

// has says whether the query takes in what a value was answered in a month: by the
// period it is labelled with, and by the month where it has none.
func (a Answers) has(l labels, value string, month int) bool {
	to, known := l.of[part{value, month}]
	if !known {
		to.span = stats.Span{From: month, To: month + 1}
	}
	return l.touches(to.span, a.query.From, a.query.To)
}

// Rows are those of the answers of a month, some or all of them; left is how many are
// left out because no period that has them may be shown. The order of rows says
// nothing of when they were given: it is for SortAnswers to make, over all of them.
func (a Answers) Rows(month survey.Month, answers []survey.Outcome) (rows []AnswerRow, left int) {
	for i := range answers {
		o := &answers[i]
		l, asked := a.labels[o.Kind]
		if !asked || o.Answer == nil || o.Counted == nil || !o.Counted.Answered {
			continue // one that the figures do not hold yet would stand out beside them
		}
		value, m := ledger.ValueOf(a.query.By, o.Facts), month.Index()-l.first.Index()
		if !a.has(l, value, m) {
			continue
		}
		to, known := l.of[part{value, m}]
		if !known {
			left++
			continue
		}
		row := AnswerRow{Kind: o.Kind, By: a.query.By, Value: to.value, Period: l.name(to.span), Score: o.Counted.Score, Class: o.Kind.Class(o.Counted.Score)}
		if a.query.By == ledger.All {
			row.Reason, row.Feeling = o.Answer.Reason, o.Answer.Feeling
		}
		rows = append(rows, row)
	}
	return rows, left
}

// labels are those of the values of a dimension, by month.
func (v views) labels(by string) map[part]label {
	labels := map[part]label{}
	for _, length := range []stats.Length{stats.Year, stats.Quarter, stats.Month} { // the shortest last, and it stays
		for _, span := range v.spans() {
			if span.Length != length {
				continue
			}
			everyone := length == stats.Year && by != ledger.All && !v.hidden(ledger.All, ledger.All, span, v.sums(ledger.All, span)[ledger.All].Answered)
			for value, cell := range v.sums(by, span) {
				to := label{span, value}
				if v.hidden(by, value, span, cell.Answered) {
					if !everyone {
						continue
					}
					to.value = ""
				}
				for m := max(0, span.From); m < min(span.To, len(v.months)); m++ {
					labels[part{value, m}] = to
				}
			}
		}
	}
	return labels
}

// SortAnswers puts rows in an order that follows from what they say alone.
func SortAnswers(rows []AnswerRow) {
	slices.SortFunc(rows, func(a, b AnswerRow) int {
		return cmp.Or(slices.Index(survey.Kinds, a.Kind)-slices.Index(survey.Kinds, b.Kind), cmp.Compare(a.Period, b.Period),
			cmp.Compare(a.Value, b.Value), a.Score-b.Score, cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Feeling, b.Feeling))
	})
}
