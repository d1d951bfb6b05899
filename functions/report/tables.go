package report

import (
	"fmt"
	"slices"
	"strings"

	"kaiku/shared/figures"
	"kaiku/shared/ledger"
	"kaiku/shared/survey"
)

// table is a chart in words and numbers, for who does not see it.
type table struct {
	Caption, Note string
	// All is where all rows are, if the table has not.
	All  string
	Head []string
	Rows []line
}

// line is a row of a table. Why stands in place of the cells that are hidden, Span
// is how many.
type line struct {
	Name  string
	Cells []cell
	Why   string
	Span  int
}

// cell is a figure, and what stands under it.
type cell struct{ Text, Under string }

func texts(texts ...string) (cells []cell) {
	for _, text := range texts {
		cells = append(cells, cell{Text: text})
	}
	return cells
}

// answered says how many answered of how many.
func (w *words) answered(row figures.Row) string {
	return fmt.Sprintf(w.Answers, w.Whole(row.Answered), w.Whole(row.Delivered), w.percent(row.ResponseRate))
}

func (w *words) activityTable(caption string, rows []figures.Row) *table {
	if len(rows) == 0 {
		return nil
	}
	t := &table{Caption: caption, Head: []string{w.Period, w.Sent, w.Delivered, w.Bounced, w.Answered, w.Rate}}
	for _, row := range rows {
		t.Rows = append(t.Rows, line{Name: period(row.Period),
			Cells: texts(w.Whole(row.Sent), w.Whole(row.Delivered), w.Whole(row.Bounced), w.Whole(row.Answered), w.percent(row.ResponseRate))})
	}
	return t
}

// resultTable has a row for each period of everyone, or for each group of a period.
func (w *words) resultTable(caption, head string, rows []figures.Row, hideUnder int) *table {
	if len(rows) == 0 {
		return nil
	}
	k := w.Kinds[rows[0].Kind]
	t := &table{Caption: caption, Head: []string{head, w.Delivered, w.Answered, w.Rate, k.Figure, w.Interval}}
	if k.More != "" {
		t.Head = append(t.Head, k.More)
	}
	change := w.Change
	if strings.Contains(rows[0].Period, "..") {
		change = w.ChangeRolling // of twelve months those before, not the row above
	}
	t.Head = append(t.Head, change)
	for _, row := range rows {
		l := line{Name: period(row.Period), Cells: texts(w.Whole(row.Delivered), w.Whole(row.Answered), w.percent(row.ResponseRate))}
		if row.By != ledger.All {
			l.Name = w.value(row.By, row.Value)
		}
		if row.Score == nil {
			l.Why, l.Span = w.why(row, hideUnder), len(t.Head)-1-len(l.Cells)
		} else {
			l.Cells = append(l.Cells, texts(w.ScoreOf(row), w.IntervalOf(row))...)
			if k.More != "" {
				l.Cells = append(l.Cells, texts(w.more(row))...)
			}
			l.Cells = append(l.Cells, texts(w.change(row))...)
		}
		t.Rows = append(t.Rows, l)
	}
	return t
}

// matrix is groups by period: a row for each of the largest groups, and a column
// for each of the newest periods.
func (w *words) matrix(caption string, rows []figures.Row) *table {
	t := &table{Caption: caption, Head: []string{w.Group}}
	var periods []string
	delivered := map[string]int{}
	for _, row := range rows {
		if !slices.Contains(periods, row.Period) {
			periods = append(periods, row.Period)
		}
	}
	if len(periods) > maxPeriods {
		periods = periods[len(periods)-maxPeriods:]
		t.Note = fmt.Sprintf(w.Newest, maxPeriods)
	}
	cells := map[string]map[string]cell{}
	var values []string
	for _, row := range rows {
		if !slices.Contains(periods, row.Period) {
			continue
		}
		if cells[row.Value] == nil {
			cells[row.Value] = map[string]cell{}
			values = append(values, row.Value)
		}
		delivered[row.Value] = max(delivered[row.Value], row.Delivered)
		c := cell{Text: w.HiddenShort}
		if row.Score != nil {
			c = cell{Text: w.ScoreOf(row), Under: w.IntervalOf(row)}
		}
		cells[row.Value][row.Period] = c
	}
	if rows[0].By == "size" {
		slices.SortFunc(values, func(a, b string) int {
			return slices.Index(survey.Sizes, survey.Size(a)) - slices.Index(survey.Sizes, survey.Size(b))
		})
	} else {
		slices.SortStableFunc(values, func(a, b string) int { return delivered[b] - delivered[a] })
	}
	if len(values) > maxMatrix {
		t.Note = strings.TrimSpace(t.Note + " " + fmt.Sprintf(w.TableLargest, maxMatrix, len(values)))
		values = values[:maxMatrix]
	}
	for _, p := range periods {
		t.Head = append(t.Head, period(p))
	}
	for _, value := range values {
		l := line{Name: w.value(rows[0].By, value)}
		for _, p := range periods {
			c, ok := cells[value][p]
			if !ok {
				c = cell{Text: missing}
			}
			l.Cells = append(l.Cells, c)
		}
		t.Rows = append(t.Rows, l)
	}
	return t
}
