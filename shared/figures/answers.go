package figures

import (
	"cmp"
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

// Answers are the rows of the answers of a month that a query takes in; left is how
// many are left out because no period that has them may be shown. The order of rows
// says nothing of when they were given: it is for SortAnswers to make, over all of
// them.
func (p Programme) Answers(q Query, month survey.Month, answers []survey.Outcome) (rows []AnswerRow, left int) {
	type label struct {
		period, value string
		ok            bool
	}
	type group struct {
		kind  survey.Kind
		value string
	}
	labels := map[group]label{}
	for i := range answers {
		o := &answers[i]
		if o.Answer == nil || o.Counted == nil || !o.Counted.Answered || !slices.Contains(q.Kinds, o.Kind) {
			continue // one that the figures do not hold yet would stand out beside them
		}
		of := group{o.Kind, ledger.ValueOf(q.By, o.Facts)}
		to, known := labels[of]
		if !known {
			v := p.kinds[o.Kind]
			to.period, to.value, to.ok = v.label(q.By, of.value, month)
			labels[of] = to
		}
		if !to.ok {
			left++
			continue
		}
		row := AnswerRow{Kind: o.Kind, By: q.By, Value: to.value, Period: to.period, Score: o.Counted.Score, Class: o.Kind.Class(o.Counted.Score)}
		if q.By == ledger.All {
			row.Reason, row.Feeling = o.Answer.Reason, o.Answer.Feeling
		}
		rows = append(rows, row)
	}
	return rows, left
}

// label is the shortest period that a group is shown in; of one that never is, the
// year of everyone.
func (v views) label(by, value string, month survey.Month) (period, group string, ok bool) {
	i := month.Index() - v.first.Index()
	if i < 0 || i >= len(v.months) {
		return "", "", false // not counted yet
	}
	if span, ok := v.shortest(by, value, i); ok {
		return v.name(span), value, true
	}
	for _, span := range v.spans() {
		if span.Length == stats.Year && i >= span.From && i < span.To && !v.hidden(ledger.All, ledger.All, span, v.sums(ledger.All, span)[ledger.All].Answered) {
			return v.name(span), "", by != ledger.All
		}
	}
	return "", "", false
}

// SortAnswers puts rows in an order that follows from what they say alone.
func SortAnswers(rows []AnswerRow) {
	slices.SortFunc(rows, func(a, b AnswerRow) int {
		return cmp.Or(slices.Index(survey.Kinds, a.Kind)-slices.Index(survey.Kinds, b.Kind), cmp.Compare(a.Period, b.Period),
			cmp.Compare(a.Value, b.Value), a.Score-b.Score, cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Feeling, b.Feeling))
	})
}

// Answered is how many answers were counted of what a query takes in.
func (p Programme) Answered(q Query) int {
	n := 0
	for _, kind := range q.Kinds {
		c := p.kinds[kind].calendar
		for i, cells := range c.months {
			if m := c.first.AddMonths(i); m.Index() >= q.From.Index() && m.Index() <= q.To.Index() {
				n += cells[ledger.All][ledger.All].Answered
			}
		}
	}
	return n
}
