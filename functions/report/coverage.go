package report

import (
	"cmp"
	"fmt"
	"slices"

	"kaiku/shared/figures"
	"kaiku/shared/ledger"
	"kaiku/shared/stats"
	"kaiku/shared/survey"
)

// coverage says how much of the audience was asked: over time, and of the groups
// that were asked about in the newest of the periods.
func (b *builder) coverage() []section {
	w, q := b.words, b.query
	q.By = ledger.All
	all := b.customers.Coverage(q)
	over := section{ID: "coverage", Title: w.Coverage, Note: w.CoverageNote}
	if len(all) == 0 {
		over.Says = w.NoCoverage
		return []section{over}
	}
	newest := all[len(all)-1]
	over.Says = w.covered(newest, w.CoveredThen, period(newest.Period))
	if q.To.Index() >= survey.MonthOf(survey.DateOf(b.now)).Index() {
		newest = b.customers.Now()
		over.Says = w.covered(newest, w.CoveredNow)
	}
	over.Trend, over.Table = w.coverageTrend(all, q.Period), w.coverageTable(w.Coverage, w.Period, all)
	over.File = b.data(b.again("table", "coverage")).CSV
	sections := []section{over}
	switch groups := b.customers.Coverage(b.query); {
	case b.query.By == ledger.All:
	case !slices.Contains(ledger.AudienceDimensions(), b.query.By):
		sections[0].More = fmt.Sprintf(w.CoverageNotBy, w.Dimensions[b.query.By])
	default:
		name := all[len(all)-1].Period
		groups = slices.DeleteFunc(groups, func(c figures.Coverage) bool { return c.Period != name })
		if len(groups) > 0 {
			sections = append(sections, b.coverageOf(groups, name))
		}
	}
	return sections
}

// covered says how many of how many were asked, and of when that is.
func (w *words) covered(c figures.Coverage, sentence string, when ...any) string {
	if c.Customers == 0 {
		return w.NoCustomers
	}
	return fmt.Sprintf(sentence, append(when, w.Whole(c.Customers), w.Whole(c.Asked), w.percent(c.Share))...)
}

// coverageOf compares groups, the worst covered first.
func (b *builder) coverageOf(groups []figures.Coverage, name string) section {
	w := b.words
	title := fmt.Sprintf(w.GroupsIn, w.Coverage, w.Dimensions[b.query.By], period(name))
	s := section{ID: "coverage-by", Title: title}
	slices.SortStableFunc(groups, func(x, y figures.Coverage) int {
		return cmp.Or(cmp.Compare(share(x), share(y)), cmp.Compare(y.Customers, x.Customers))
	})
	if len(groups) > maxDots {
		s.More = fmt.Sprintf(w.LeastCovered, maxDots, len(groups))
	}
	marks := make([]mark, min(maxDots, len(groups)))
	for i := range marks {
		c := groups[i]
		marks[i] = mark{Label: w.value(c.By, c.Value), Value: share(c), High: share(c),
			Text: w.percent(c.Share) + " (" + w.Whole(c.Asked) + "\u00a0/\u00a0" + w.Whole(c.Customers) + ")"}
	}
	s.Dots = w.marks(percents, marks)
	s.Dots.Bars = true
	s.Table = w.coverageTable(title, w.Group, groups[:min(maxRows, len(groups))])
	if len(groups) > maxRows {
		s.Table.Note = fmt.Sprintf(w.TableLeastCovered, maxRows, len(groups))
		s.Table.All = b.data(b.again("table", "coverage")).CSV
	}
	return s
}

// share is how much of a group was asked: of one without customers there is nobody
// left to ask.
func share(c figures.Coverage) float64 {
	if c.Share == nil {
		return percents.high
	}
	return *c.Share
}

func (w *words) coverageTable(caption, head string, rows []figures.Coverage) *table {
	t := &table{Caption: caption, Head: []string{head, w.Customers, w.Asked, w.Coverage}}
	for _, row := range rows {
		name := period(row.Period)
		if row.By != ledger.All {
			name = w.value(row.By, row.Value)
		}
		t.Rows = append(t.Rows, line{Name: name, Cells: texts(w.Whole(row.Customers), w.Whole(row.Asked), w.percent(row.Share))})
	}
	return t
}

// coverageTrend is the share of the audience over time, on the whole of its scale.
func (w *words) coverageTrend(rows []figures.Coverage, length stats.Length) *trend {
	a := axisOf(rows[0].Period, rows[len(rows)-1].Period, length, w)
	t := &trend{Labels: a.labels()}
	y := func(v float64) float64 { return plotTop + (percents.high-v)/percents.high*(plotHeight-plotTop) }
	for at := percents.low; at <= percents.high; at += percents.step {
		t.Lines = append(t.Lines, tick{At: y(at), Label: w.percent(&at)})
	}
	for _, row := range rows {
		if row.Share == nil {
			continue
		}
		p := point{X: a.x(row.Period), Y: y(*row.Share)}
		p.Top, p.Bottom = p.Y, p.Y
		if a.slots <= maxTitled {
			p.Title = fmt.Sprintf("%s: %s", period(row.Period), w.percent(row.Share))
		}
		if n := len(t.Points); n > 0 {
			t.Joins = append(t.Joins, join{t.Points[n-1].X, t.Points[n-1].Y, p.X, p.Y})
		}
		t.Points = append(t.Points, p)
	}
	return t
}
