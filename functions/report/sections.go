package report

import (
	"fmt"
	"net/url"
	"slices"
	"time"

	"kaiku/shared/figures"
	"kaiku/shared/ledger"
	"kaiku/shared/stats"
	"kaiku/shared/survey"
)

const (
	// maxDots is how many groups a chart shows, maxRows a table: the page has to
	// stay one that a phone opens, and a list of a thousand is for a spreadsheet.
	maxDots = 20
	maxRows = 40
	// maxMatrix is how many groups a table by period shows.
	maxMatrix = 16
	// maxPeriods is how many periods stand beside each other.
	maxPeriods = 12
)

// builder makes the parts of a page from one reading of what was counted. It only
// asks for figures and words them: nothing is computed from what is hidden.
type builder struct {
	words     *words
	query     figures.Query
	hideUnder int
	reading
	// now is the time where the programme is.
	now  time.Time
	asOf time.Time
	// asked is the query as it was asked, files where JSON and CSV are.
	asked url.Values
	files string
}

// year is the one that the page answers for: that in which the time asked about
// ends.
func (b *builder) year() string { return fmt.Sprintf("%04d", b.query.To.Year) }

// ofYear asks for the year, and before it so many years.
func (b *builder) ofYear(by string, kinds []survey.Kind, before int) ([]figures.Row, error) {
	f, err := b.programme.Figures(figures.Query{Kinds: kinds, By: by, Period: stats.Year,
		From: survey.Month{Year: b.query.To.Year - before, Month: time.January}, To: survey.Month{Year: b.query.To.Year, Month: time.December}})
	return f.Rows, err
}

func (b *builder) view() (view, error) {
	w, q := b.words, b.query
	v := view{Form: w.form(q, b.asked, nil), Data: b.data(b.again()), Span: fmt.Sprintf(w.SentIn, q.From, q.To), Note: fmt.Sprintf(w.Note, b.hideUnder)}
	years, err := b.ofYear(ledger.All, survey.Kinds, 1)
	if err != nil {
		return v, err
	}
	for _, kind := range survey.Kinds {
		v.Answers = append(v.Answers, b.answer(kind, years))
	}
	asked, err := b.programme.Figures(q)
	if err != nil {
		return v, err
	}
	b.asOf, v.Empty = asked.AsOf, len(asked.Rows) == 0
	v.Coverage = b.coverage()
	if v.Empty {
		v.Elsewhere, v.ElsewhereLink = b.elsewhere()
		v.Coverage = slices.DeleteFunc(v.Coverage, func(s section) bool { return s.Table == nil })
		return v, nil
	}
	everyone := q
	everyone.By = ledger.All
	all, err := b.programme.Figures(everyone)
	if err != nil {
		return v, err
	}
	groups, err := b.ofYear(q.By, q.Kinds, 0)
	if err != nil {
		return v, err
	}
	moved := w.Moved
	if q.Period == stats.Rolling {
		moved = w.MovedRolling
	}
	for _, kind := range q.Kinds {
		rows := of(kind, all.Rows)
		name := w.Kinds[kind].Name
		v.Activity = append(v.Activity, section{ID: "sent-" + string(kind), Title: name, Columns: w.columns(rows, q.Period), Table: w.activityTable(name, rows)})
		if len(rows) == 0 {
			continue // that nothing was sent is said once
		}
		v.Results = append(v.Results, section{ID: string(kind), Title: w.Kinds[kind].Question, Note: w.Kinds[kind].Scale, Moved: moved,
			Why: w.whyNone(rows, b.hideUnder), Trend: w.trend(rows, q.Period, b.hideUnder), Table: w.resultTable(w.Kinds[kind].Question, w.Period, rows, b.hideUnder)})
		if q.By != ledger.All {
			v.Groups = append(v.Groups, b.groups(kind, of(kind, groups), of(kind, asked.Rows), of(kind, years), rows))
		}
	}
	if slices.Contains(q.Kinds, survey.NPS) {
		if v.Leaving, err = b.leaving(); err != nil {
			return v, err
		}
	}
	if q.By != "trigger" && slices.Contains(q.Kinds, survey.CSAT) {
		points, err := b.ofYear("trigger", []survey.Kind{survey.CSAT}, 0)
		if err != nil {
			return v, err
		}
		if len(points) > 0 {
			v.Points = append(v.Points, b.compared("points", "trigger", survey.CSAT, points, ofPeriod(b.year(), of(survey.CSAT, years)), b.year()))
		}
	}
	return v, nil
}

// elsewhere says when something was sent, where nothing was in the time asked
// about, and leads there.
func (b *builder) elsewhere() (text, link string) {
	from, to, ok := b.programme.Span(b.query.Kinds)
	if !ok {
		return b.words.NeverSent, ""
	}
	q := b.again("from", from.String(), "to", to.String())
	q.Set("lang", b.words.Lang)
	return fmt.Sprintf(b.words.SentThen, from, to), "?" + q.Encode()
}

func of(kind survey.Kind, rows []figures.Row) (own []figures.Row) {
	for _, row := range rows {
		if row.Kind == kind {
			own = append(own, row)
		}
	}
	return own
}

// ofPeriod is the figure of everyone in a period; nil when nothing was sent.
func ofPeriod(name string, rows []figures.Row) *figures.Row {
	for i := range rows {
		if rows[i].Period == name {
			return &rows[i]
		}
	}
	return nil
}

// answer says the year's figure, its interval, how it moved, and how many it is of.
func (b *builder) answer(kind survey.Kind, years []figures.Row) answer {
	w := b.words
	a := answer{Kind: kind, Name: w.Kinds[kind].Name, Unit: w.Kinds[kind].Unit, Figure: missing}
	row := ofPeriod(b.year(), of(kind, years))
	if row == nil {
		a.Why = fmt.Sprintf(w.NoRow, b.year())
		return a
	}
	before := fmt.Sprintf("%04d", b.query.To.Year-1)
	a.Answered = w.answered(*row)
	if row.Score == nil {
		a.Why = w.why(*row, b.hideUnder)
		return a
	}
	a.Figure, a.Interval = w.ScoreOf(*row), fmt.Sprintf(w.IntervalIs, w.IntervalOf(*row))
	switch c := row.Change; {
	case c == nil && ofPeriod(before, of(kind, years)) == nil:
		a.Moved = fmt.Sprintf(w.NoneBefore, before)
	case c == nil:
		a.Moved = fmt.Sprintf(w.Uncompared, before)
	case c.Is():
		by, interval := w.MovementOf(kind, *c)
		a.Changed, a.Moved = true, arrow(*c)+" "+fmt.Sprintf(w.Changed, before, by, interval)
	default:
		by, interval := w.MovementOf(kind, *c)
		a.Moved = fmt.Sprintf(w.Unchanged, before, by, interval)
	}
	return a
}

// groups compares groups in the year; where all of it is hidden, in the newest
// period asked about of which something is shown.
func (b *builder) groups(kind survey.Kind, year, asked, years, all []figures.Row) section {
	rows, name, total := year, b.year(), ofPeriod(b.year(), years)
	if !anyShown(rows) {
		for _, row := range slices.Backward(asked) {
			if row.Score != nil {
				name = row.Period
				rows, total = slices.DeleteFunc(slices.Clone(asked), func(r figures.Row) bool { return r.Period != name }), ofPeriod(name, all)
				break
			}
		}
	}
	s := b.compared("by-"+string(kind), b.query.By, kind, rows, total, name)
	if b.query.Period != stats.Year && len(asked) > 0 {
		s.Matrix = b.words.matrix(fmt.Sprintf(b.words.ByPeriod, b.words.Kinds[kind].Name, b.words.Dimensions[b.query.By]), asked)
		s.Matrix.All = b.data(b.again("kind", string(kind))).CSV
	}
	return s
}

// allOf asks for all groups of a period: of the year, or of what was asked about.
func (b *builder) allOf(kind survey.Kind, by, period string) url.Values {
	if period == b.year() {
		return b.again("kind", string(kind), "by", by, "period", string(stats.Year), "from", period, "to", period)
	}
	return b.again("kind", string(kind), "by", by)
}

func anyShown(rows []figures.Row) bool {
	return slices.ContainsFunc(rows, func(r figures.Row) bool { return r.Score != nil })
}

// compared is a chart of groups in one period, and its table.
func (b *builder) compared(id, by string, kind survey.Kind, rows []figures.Row, all *figures.Row, name string) section {
	w := b.words
	title := fmt.Sprintf(w.GroupsIn, w.Kinds[kind].Name, w.Dimensions[by], period(name))
	s := section{ID: id, Title: title}
	largest := bySize(rows)
	if len(largest) > maxDots {
		s.More = fmt.Sprintf(w.Largest, maxDots, len(rows))
	}
	s.Dots = w.dots(inOrder(largest[:min(maxDots, len(largest))]), all, b.hideUnder)
	s.Table = w.resultTable(title, w.Group, inOrder(largest[:min(maxRows, len(largest))]), b.hideUnder)
	s.Why = w.whyNone(rows, b.hideUnder)
	if len(largest) > maxRows {
		s.Table.Note = fmt.Sprintf(w.TableLargest, maxRows, len(rows))
		s.Table.All = b.data(b.allOf(kind, by, name)).CSV
	}
	return s
}
