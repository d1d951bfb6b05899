package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"kaiku/shared/figures"
	"kaiku/shared/stats"
	"kaiku/shared/survey"
)

// The charts are SVG whose heights are in pixels and whose widths are in percent,
// so that they follow the width of the screen and letters stay as large as they are.

const (
	plotHeight = 200.0
	// plotTop leaves room for what stands above the highest point.
	plotTop = 18.0
	// maxLabels is how many periods are named along a chart.
	maxLabels = 13
	// maxTitled is up to how many periods every bar says what it is: of more they
	// are too thin to be pointed at, and the words would make most of the page.
	maxTitled = 24
)

// tick is a line across a chart, or a label along it.
type tick struct {
	At          float64
	Label, Year string
	// NarrowYear stands only on a narrow screen, when the label that the year began
	// with was spare.
	NarrowYear string
	// Spare is a label that a narrow screen has no room for.
	Spare bool
}

// axis is time: a slot for each period from the first to the last, also for those in
// which nothing was sent.
type axis struct {
	first, slots int
	length       stats.Length
	words        *words
}

func axisOf(first, last string, length stats.Length, w *words) axis {
	at := placeOf(first)
	return axis{first: at, slots: placeOf(last) - at + 1, length: length, words: w}
}

// x is the middle of a period's slot, in percent.
func (a axis) x(period string) float64 { return a.middle(placeOf(period)) }

func (a axis) middle(at int) float64 { return (float64(at-a.first) + 0.5) / float64(a.slots) * 100 }

// labels names the periods, those in which nothing was sent as well, as many as
// there is room for: the newest is, and the year is written where it begins.
func (a axis) labels() []tick {
	every, narrow := (a.slots+maxLabels-1)/maxLabels, 2
	if every > 1 {
		narrow = 3 // they stand closer than those of single months
	}
	newest := a.first + a.slots - 1
	var ticks []tick
	year, narrowYear := "", ""
	for at := a.first + (a.slots-1)%every; at <= newest; at += every {
		label, of := a.words.label(at, a.length)
		t := tick{At: a.middle(at), Label: label, Spare: a.slots > 6 && (newest-at)/every%narrow != 0}
		if of != year {
			t.Year, year = of, of
		}
		if !t.Spare && of != narrowYear {
			t.NarrowYear, narrowYear = of, of
		}
		if t.NarrowYear == t.Year {
			t.NarrowYear = "" // one will do
		}
		ticks = append(ticks, t)
	}
	return ticks
}

// trend is a figure over time.
type trend struct {
	Kind   survey.Kind
	Lines  []tick
	Labels []tick
	Points []point
	Joins  []join
	Gaps   []gap
}

// point is a figure with its interval: X in percent, Y, Top and Bottom in pixels.
// Moved is ▲ or ▼ where it is a change since the period before.
type point struct {
	X, Y, Top, Bottom float64
	Title, Moved      string
}

type join struct{ X1, Y1, X2, Y2 float64 }

// gap is a period that is hidden.
type gap struct {
	X     float64
	Title string
}

func (w *words) trend(rows []figures.Row, length stats.Length, hideUnder int) *trend {
	if len(rows) == 0 {
		return nil
	}
	kind := rows[0].Kind
	t := &trend{Kind: kind}
	a := axisOf(rows[0].Period, rows[len(rows)-1].Period, length, w)
	t.Labels = a.labels()
	low, high, step := scaleOf(kind, rows)
	y := func(v float64) float64 { return plotTop + (high-v)/(high-low)*(plotHeight-plotTop) }
	for at := low; at <= high+step/100; at += step {
		t.Lines = append(t.Lines, tick{At: y(at), Label: w.Number(at, stepDecimals(step))})
	}
	before := math.MinInt
	for _, row := range rows {
		at := placeOf(row.Period)
		if row.Score == nil {
			t.Gaps = append(t.Gaps, gap{a.x(row.Period), period(row.Period) + ": " + w.why(row, hideUnder)})
			continue
		}
		p := point{X: a.x(row.Period), Y: y(*row.Score), Top: y(*row.High), Bottom: y(*row.Low)}
		if a.slots <= maxTitled {
			p.Title = fmt.Sprintf("%s: %s (%s)", period(row.Period), w.ScoreOf(row), w.IntervalOf(row))
		}
		if c := row.Change; c != nil && c.Is() {
			p.Moved = arrow(*c)
		}
		if n := len(t.Points); n > 0 && before == at-1 {
			t.Joins = append(t.Joins, join{t.Points[n-1].X, t.Points[n-1].Y, p.X, p.Y})
		}
		t.Points = append(t.Points, p)
		before = at
	}
	return t
}

// scaleOf fits the intervals that are shown between round numbers: the whole scale
// would make every difference that matters a hair's breadth.
func scaleOf(kind survey.Kind, rows []figures.Row) (low, high, step float64) {
	scale := map[survey.Kind]struct {
		low, high float64
		steps     []float64
	}{survey.NPS: {-100, 100, []float64{10, 20, 50}}, survey.CSAT: {0, 100, []float64{10, 20}}, survey.CES: {1, 7, []float64{0.5, 1}}}[kind]
	least, most := math.Inf(1), math.Inf(-1)
	for _, row := range rows {
		if row.Low != nil && row.High != nil {
			least, most = min(least, *row.Low), max(most, *row.High)
		}
	}
	if least > most {
		return scale.low, scale.high, scale.steps[len(scale.steps)-1]
	}
	for _, step = range scale.steps {
		low, high = max(scale.low, math.Floor(least/step)*step), min(scale.high, math.Ceil(most/step)*step)
		if low == high {
			low, high = max(scale.low, low-step), min(scale.high, high+step)
		}
		if high-low <= 6*step {
			break
		}
	}
	return low, high, step
}

func stepDecimals(step float64) int {
	if step < 1 {
		return 1
	}
	return 0
}

// dots are groups beside each other, a row each.
type dots struct {
	Kind   survey.Kind
	Lines  []tick
	Rows   []dot
	Height float64
	// All is where the figure of everyone stands; Under is the height of what stands
	// under the rows.
	All   *tick
	Under float64
	// Bars says that the rows are amounts, from nothing on.
	Bars bool
}

// dot is a group: X and its interval in percent, Y in pixels; without a figure it
// is Hidden.
type dot struct {
	// Narrow is the label on a narrow screen, where it has no room.
	Label, Narrow, Text, Title string
	Top, Y, LabelY             float64
	X, From, To                float64
	Hidden                     bool
}

const (
	dotHeight = 38.0
	// dotLabel is the baseline of a label, dotLine the dot's own line, from the
	// top of its row.
	dotLabel = 16.0
	dotLine  = 27.0
	// dotScale is the height of the scale under the rows, dotAll of what is said of
	// everyone there.
	dotScale, dotAll = 22.0, 22.0
	// margin keeps a dot at the end of the scale whole, in percent.
	margin = 2.0
	// maxName is as long as a name may be beside its figure, and maxNarrow on a
	// phone, in characters; the table has it whole.
	maxName, maxNarrow = 60, 22
)

// mark is what a row of a chart says: a value with its interval, or, where it has
// none, Why.
type mark struct {
	Label, Text, Why string
	Value, Low, High float64
}

// scale is what a chart reaches over, and how far its lines are apart.
type scale struct{ low, high, step float64 }

// percents is the scale of shares that are to be seen whole.
var percents = scale{0, 100, 20}

// x is where a value stands on a chart of rows, in percent.
func (s scale) x(v float64) float64 { return margin + (v-s.low)/(s.high-s.low)*(100-2*margin) }

func (w *words) dots(rows []figures.Row, all *figures.Row, hideUnder int) *dots {
	if len(rows) == 0 {
		return nil
	}
	seen := rows
	if all != nil {
		seen = append(slices.Clone(rows), *all)
	}
	var s scale
	s.low, s.high, s.step = scaleOf(rows[0].Kind, seen)
	marks := make([]mark, len(rows))
	for i, row := range rows {
		m := &marks[i]
		m.Label = w.value(row.By, row.Value)
		if row.Score == nil {
			m.Text, m.Why = w.HiddenShort, w.why(row, hideUnder)
			if row.Answered == 0 {
				m.Text = missing
			}
			continue
		}
		m.Value, m.Low, m.High = *row.Score, *row.Low, *row.High
		m.Text = fmt.Sprintf("%s (%s)", w.ScoreOf(row), w.IntervalOf(row))
	}
	d := w.marks(s, marks)
	d.Kind = rows[0].Kind
	if all != nil && all.Score != nil {
		d.All = &tick{At: s.x(*all.Score), Label: fmt.Sprintf(w.Everyone, w.ScoreOf(*all))}
		d.Under += dotAll
	}
	return d
}

// marks draws rows beside each other.
func (w *words) marks(s scale, marks []mark) *dots {
	d := &dots{Height: dotHeight * float64(len(marks)), Under: dotScale}
	for at := s.low; at <= s.high+s.step/100; at += s.step {
		d.Lines = append(d.Lines, tick{At: s.x(at), Label: w.Number(at, stepDecimals(s.step))})
	}
	for i, m := range marks {
		top := float64(i) * dotHeight
		r := dot{Label: m.Label, Text: m.Text, Hidden: m.Why != "", Top: top, LabelY: top + dotLabel, Y: top + dotLine}
		if r.Hidden {
			r.Title = m.Label + ": " + m.Why
		} else {
			r.X, r.From, r.To = s.x(m.Value), s.x(m.Low), s.x(m.High)
			r.Title = m.Label + ": " + m.Text
		}
		if short := cut(r.Label, maxNarrow); short != r.Label {
			r.Narrow = short
		}
		r.Label = cut(r.Label, maxName)
		d.Rows = append(d.Rows, r)
	}
	return d
}

// cut shortens a text to so many characters.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// columns are what was sent, and of that delivered and answered, by period: each
// stands in front of the other, so that nothing has to be taken from another.
type columns struct {
	Lines, Labels []tick
	Parts         []part
	Rates         []tick
}

// part is a rectangle: X and W in percent, Y and H in pixels.
type part struct {
	Class, Title string
	X, W, Y, H   float64
}

func (w *words) columns(rows []figures.Row, length stats.Length) *columns {
	if len(rows) == 0 {
		return nil
	}
	c := &columns{}
	a := axisOf(rows[0].Period, rows[len(rows)-1].Period, length, w)
	c.Labels = a.labels()
	most := 1
	for _, row := range rows {
		most = max(most, row.Sent)
	}
	step := roundStep(float64(most) / 4)
	top := math.Ceil(float64(most)/step) * step
	height := func(n int) float64 { return float64(n) / top * (plotHeight - plotTop) }
	for at := 0; at <= int(top); at += int(step) {
		c.Lines = append(c.Lines, tick{At: plotHeight - height(at), Label: w.Whole(at)})
	}
	slot := 100 / float64(a.slots)
	width := min(slot*0.7, 9)
	for _, row := range rows {
		for _, bar := range []struct {
			class, name string
			n           int
		}{{"sent", w.Sent, row.Sent}, {"delivered", w.Delivered, row.Delivered}, {"answered", w.Answered, row.Answered}} {
			if bar.n > 0 {
				title := ""
				if a.slots <= maxTitled {
					title = period(row.Period) + ": " + bar.name + " " + w.Whole(bar.n)
				}
				c.Parts = append(c.Parts, part{bar.class, title, a.x(row.Period) - width/2, width, plotHeight - height(bar.n), height(bar.n)})
			}
		}
		if a.slots <= maxLabels && row.ResponseRate != nil {
			at := placeOf(row.Period)
			c.Rates = append(c.Rates, tick{At: a.x(row.Period), Year: fmt.Sprintf("%.1f", plotHeight-height(row.Sent)-5), Label: w.percent(row.ResponseRate),
				Spare: a.slots > 6 && (a.first+a.slots-1-at)%2 != 0})
		}
	}
	return c
}

// roundStep is 1, 2 or 5 times a power of ten, no less than x and than 1.
func roundStep(x float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(max(x, 1))))
	for _, times := range []float64{1, 2, 5} {
		if times*power >= x {
			return times * power
		}
	}
	return 10 * power
}

// bySize puts the groups that most was delivered to first. What was delivered is
// told of hidden groups as well.
func bySize(rows []figures.Row) []figures.Row {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b figures.Row) int { return cmp.Compare(b.Delivered, a.Delivered) })
	return rows
}

// inOrder puts groups in the order of reading: sizes as they are, others from the
// best figure to the worst, hidden ones last.
func inOrder(rows []figures.Row) []figures.Row {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b figures.Row) int {
		switch {
		case a.By == "size":
			return slices.Index(survey.Sizes, survey.Size(a.Value)) - slices.Index(survey.Sizes, survey.Size(b.Value))
		case a.Score == nil && b.Score == nil:
			return 0
		case a.Score == nil:
			return 1
		case b.Score == nil:
			return -1
		}
		return cmp.Compare(*b.Score, *a.Score)
	})
	return rows
}
