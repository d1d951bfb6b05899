package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"kaiku/shared/figures"
	"kaiku/shared/survey"
)

// leaving answers whether detractors leave: in a sentence, and year by year.
type leaving struct {
	Title, Says, Note, File string
	Years                   []leavingYear
	Table                   *table
}

// leavingYear are the classes of those who were asked in one year; Why says why none
// of them is shown.
type leavingYear struct {
	Title, SoFar, Why string
	Dots              *dots
	Classes           []labelled
}

// yearsBack is how many years before the newest are shown as well: whether people
// left is known a year after they answered, and that year after the last of them.
const yearsBack = 2

// leaving is of the years asked about, and of those before of which more is known;
// nil when no NPS was sent in them.
func (b *builder) leaving() (*leaving, error) {
	w, q := b.words, b.query
	if from := (survey.Month{Year: q.To.Year - yearsBack, Month: time.January}); from.Index() < q.From.Index() {
		q.From = from
	}
	rows, err := b.retention(q)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	l := &leaving{Title: w.Leaving, Note: w.LeavingNote, Says: w.leave(rows), Table: w.leavingTable(rows, b.hideUnder),
		File: b.data(b.again("table", "retention", "kind", string(survey.NPS), "from", q.From.String())).CSV}
	years := slices.Collect(slices.Chunk(rows, len(survey.NPS.Classes())))
	for _, year := range slices.Backward(years[max(0, len(years)-yearsBack-1):]) {
		y := leavingYear{Title: fmt.Sprintf(w.AskedIn, year[0].Period)}
		if !slices.ContainsFunc(year, func(r figures.Retention) bool { return !r.Hidden }) {
			y.Why = w.whyNotLeft(year[0], year, b.hideUnder)
			l.Years = append(l.Years, y)
			continue
		}
		if !year[0].Whole {
			y.SoFar = w.MoreMayLeave
		}
		var marks []mark
		for _, row := range slices.Backward(year) { // promoters first
			marks = append(marks, w.retained(row, year, b.hideUnder))
			y.Classes = append(y.Classes, labelled{Label: w.Classes[row.Class], Text: w.left(row, year, b.hideUnder)})
		}
		s := percents
		if !slices.ContainsFunc(year, func(r figures.Retention) bool { return r.Low != nil && *r.Low < percents.high/2 }) {
			s = scale{50, 100, 10} // mostly they stay, and differ there
		}
		y.Dots = w.marks(s, marks)
		y.Dots.Kind = survey.NPS
		l.Years = append(l.Years, y)
	}
	return l, nil
}

// leave says whether detractors leave more often than promoters, of the newest year
// of which all is known, else of the newest. That there is a difference is said only
// where the intervals do not overlap.
func (w *words) leave(rows []figures.Retention) string {
	newest := rows[len(rows)-1]
	for _, row := range slices.Backward(rows) {
		if row.Whole {
			newest = row
			break
		}
	}
	of := func(class survey.Class) figures.Retention {
		return rows[slices.IndexFunc(rows, func(r figures.Retention) bool { return r.Period == newest.Period && r.Class == class })]
	}
	detractors, promoters := of(survey.Detractor), of(survey.Promoter)
	if detractors.Retained == nil || promoters.Retained == nil {
		return fmt.Sprintf(w.LeaveUnknown, newest.Period)
	}
	sentence := w.LeaveAlike
	switch {
	case *detractors.High < *promoters.Low:
		sentence = w.LeaveMore
	case *promoters.High < *detractors.Low:
		sentence = w.LeaveLess
	}
	leftOf, leftOfPromoters := w.apart(100-*detractors.Retained, 100-*promoters.Retained)
	says := fmt.Sprintf(sentence, newest.Period, leftOf, leftOfPromoters)
	if !newest.Whole {
		says += " " + w.MoreMayLeave
	}
	return says
}

// apart writes two shares with the decimals that it takes to tell them apart.
func (w *words) apart(a, b float64) (first, second string) {
	d := 0
	for a != b && d < 2 && w.Number(a, d) == w.Number(b, d) {
		d++
	}
	return w.Number(a, d) + "\u00a0%", w.Number(b, d) + "\u00a0%"
}

// whyNotLeft says why a class of a year shows nothing; empty where it does.
func (w *words) whyNotLeft(row figures.Retention, year []figures.Retention, hideUnder int) string {
	switch {
	case row.Hidden && !slices.ContainsFunc(year, func(r figures.Retention) bool { return !r.Hidden }):
		return fmt.Sprintf(w.AllHidden, hideUnder)
	case row.Hidden:
		return fmt.Sprintf(w.Few, hideUnder)
	case row.Answered == 0:
		return w.NobodyOfClass
	}
	return ""
}

// retained is how many of a class stayed, drawn.
func (w *words) retained(row figures.Retention, year []figures.Retention, hideUnder int) mark {
	m := mark{Label: w.Classes[row.Class], Text: missing, Why: w.whyNotLeft(row, year, hideUnder)}
	if row.Hidden {
		m.Text = w.HiddenShort
	}
	if m.Why == "" {
		m.Value, m.Low, m.High = *row.Retained, *row.Low, *row.High
		share, interval := w.stayed(row)
		m.Text = share + " (" + interval + ")"
	}
	return m
}

// stayed writes the share who stayed and its interval, with the decimals that it
// takes not to say that all did when somebody left.
func (w *words) stayed(row figures.Retention) (share, interval string) {
	d := 0
	for row.Left > 0 && d < 2 && w.Number(*row.Retained, d) == w.Number(percents.high, d) {
		d++
	}
	return w.Number(*row.Retained, d) + "\u00a0%", w.Number(*row.Low, d) + w.Range + w.Number(*row.High, d)
}

// left says in words how many of a class left, and what their contracts were worth.
func (w *words) left(row figures.Retention, year []figures.Retention, hideUnder int) string {
	if why := w.whyNotLeft(row, year, hideUnder); why != "" {
		return why
	}
	return fmt.Sprintf(w.LeftOf, w.Whole(row.Left), w.Whole(row.Answered)) + " " + w.worth(row, hideUnder)
}

func (w *words) worth(row figures.Retention, hideUnder int) string {
	if len(row.Worth) == 0 {
		return w.WorthUnknown
	}
	whole := fmt.Sprintf(w.Worth, w.amounts(row.Worth, nil))
	switch {
	case row.Left == 0:
		return whole + "."
	case row.WorthLeft == nil:
		return whole + ". " + fmt.Sprintf(w.WorthFew, hideUnder)
	}
	gone := maps.Clone(row.WorthLeft)
	maps.DeleteFunc(gone, func(_ string, amount float64) bool { return amount == 0 })
	if len(gone) == 0 {
		return whole + "."
	}
	return whole + fmt.Sprintf(w.WorthLeft, w.amounts(gone, row.Worth))
}

// amounts writes money of every currency, the most first, and what share each is of
// what there is of it.
func (w *words) amounts(worth, of map[string]float64) string {
	var texts []string
	for _, currency := range largestFirst(worth) {
		text := w.money(worth[currency], currency)
		if of[currency] > 0 {
			share := 100 * worth[currency] / of[currency]
			text += " (" + w.percent(&share) + ")"
		}
		texts = append(texts, text)
	}
	if n := len(texts); n > 1 {
		return strings.Join(texts[:n-1], ", ") + w.And + texts[n-1]
	}
	return strings.Join(texts, "")
}

func largestFirst(worth map[string]float64) []string {
	currencies := currenciesOf([]figures.Retention{{Worth: worth}})
	slices.SortStableFunc(currencies, func(a, b string) int { return cmp.Compare(worth[b], worth[a]) })
	return currencies
}

// leavingTable has a row for each class of each year, the newest first.
func (w *words) leavingTable(rows []figures.Retention, hideUnder int) *table {
	t := &table{Caption: w.Leaving, Head: []string{w.Period, w.Answered, w.Left, w.Stayed, w.Interval, w.WorthHead, w.WorthLeftHead}}
	years := slices.Collect(slices.Chunk(rows, len(survey.NPS.Classes())))
	for _, year := range slices.Backward(years) {
		for _, row := range slices.Backward(year) {
			l := line{Name: row.Period + " · " + w.Classes[row.Class]}
			if l.Why = w.whyNotLeft(row, year, hideUnder); l.Why != "" {
				l.Span = len(t.Head) - 1
			} else {
				worth, left := missing, missing
				if len(row.Worth) > 0 {
					worth = w.amounts(row.Worth, nil)
					if left = w.HiddenShort; row.WorthLeft != nil {
						left = cmp.Or(w.amounts(row.WorthLeft, nil), "0")
					}
				}
				share, interval := w.stayed(row)
				l.Cells = texts(w.Whole(row.Answered), w.Whole(row.Left), share, interval, worth, left)
			}
			t.Rows = append(t.Rows, l)
		}
	}
	return t
}
