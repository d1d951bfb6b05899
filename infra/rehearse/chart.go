package rehearse

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"kaiku/shared/survey"
)

// The charts of the page are SVG whose heights are in pixels and whose widths are
// in percent, so that bars follow the width of the screen and letters stay as
// large as they are.

// chart is one of them; the others are nil.
type chart struct {
	Columns *columnChart
	Bars    []barGroup
	Days    *dayChart
}

const (
	plotHeight = 200.0
	// plotTop leaves room for the label of the highest line.
	plotTop = 16.0
)

// tick is a line across a chart, or a label along it.
type tick struct {
	At    float64
	Label string
	Year  string // under the label, where a year begins
	// Spare is a label that a narrow screen has no room for: every second one,
	// but not that of a new year.
	Spare bool
}

// scale fits values up to most between the bottom and the top of a plot, with
// lines at round numbers.
func scale(most int64) (height func(int64) float64, lines []tick) {
	step := roundStep(float64(max(most, 1)) / 5)
	top := math.Ceil(float64(max(most, 1))/step) * step
	height = func(n int64) float64 { return float64(n) / top * (plotHeight - plotTop) }
	for at := 0.0; at <= top; at += step {
		lines = append(lines, tick{At: plotHeight - height(int64(at)), Label: thousands(int64(at))})
	}
	return height, lines
}

// roundStep is 1, 2 or 5 times a power of ten, no less than x and than 1.
func roundStep(x float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(max(x, 1))))
	for _, times := range []float64{1, 2, 5, 10} {
		if times*power >= x {
			return max(times*power, 1)
		}
	}
	return 10 * power
}

// columnChart is surveys by month: in each a column for each policy, its kinds on
// top of each other.
type columnChart struct {
	Lines  []tick
	Months []tick
	Parts  []part
	Height float64
}

// part is a rectangle: X and W in percent, Y and H in pixels.
type part struct {
	X, W, Y, H float64
	Class      string
	Title      string
}

func (r *Report) columns() *columnChart {
	c := &columnChart{Height: plotHeight}
	figures := r.both()
	var most int64
	for _, f := range figures {
		for _, m := range f.Surveys {
			most = max(most, m.Sent)
		}
	}
	height, lines := scale(most)
	c.Lines = lines
	months := len(r.Policy.Surveys)
	slot := 100 / float64(months)
	width := slot * 0.72 / float64(len(figures))
	for i, m := range r.Policy.Surveys {
		left := float64(i)*slot + slot*0.14
		for j, f := range figures {
			y := plotHeight
			for _, kind := range survey.Kinds {
				n := f.Surveys[i].Kinds[kind]
				if n == 0 {
					continue
				}
				y -= height(n)
				c.Parts = append(c.Parts, part{X: left + float64(j)*width, W: width * 0.96, Y: y, H: height(n),
					Class: string(kind) + second(j), Title: fmt.Sprintf("%s %s: %s%s", m.Month, kind, thousands(n), r.by(j))})
			}
		}
	}
	c.Months = r.monthTicks(func(i int, _ survey.Date) float64 { return (float64(i) + 0.5) * slot })
	return c
}

// second is the class of what belongs to the second policy.
func second(policy int) string {
	if policy == 1 {
		return " second"
	}
	return ""
}

// both are the figures of each policy.
func (r *Report) both() []*Figures {
	if r.Against == nil {
		return []*Figures{r.Policy}
	}
	return []*Figures{r.Policy, r.Against}
}

// by names the policy where there are two.
func (r *Report) by(policy int) string {
	if r.Against == nil {
		return ""
	}
	return ", " + r.both()[policy].Name
}

const (
	// maxMonthLabels is how many months are named along a chart, monthLabel how
	// wide a name is on a narrow screen, in percent.
	maxMonthLabels = 14
	monthLabel     = 6
)

// monthTicks are the labels of months along a chart, as many as there is room
// for.
func (r *Report) monthTicks(at func(i int, first survey.Date) float64) []tick {
	months := r.Policy.Surveys
	every := (len(months) + maxMonthLabels - 1) / maxMonthLabels
	var ticks []tick
	for i := 0; i < len(months); i += every {
		first, err := survey.ParseDate(months[i].Month + "-01")
		if err != nil {
			continue // it is ours
		}
		t := tick{At: at(i, first), Label: first.Month.String()[:3], Year: fmt.Sprint(first.Year)}
		if n := len(ticks); n > 0 && t.At-ticks[n-1].At < monthLabel { // the days of a first month that has hardly any
			ticks = ticks[:n-1]
		}
		if t.At < 100-monthLabel/2 {
			ticks = append(ticks, t)
		}
	}
	for i := len(ticks) - 1; i > 0; i-- {
		if ticks[i].Year == ticks[i-1].Year {
			ticks[i].Year = ""
		} else if i == 1 && ticks[1].At-ticks[0].At < 2*monthLabel {
			ticks[0].Year = ""
		}
	}
	year := 0
	for i := range ticks {
		if ticks[i].Year != "" {
			year = i
		}
	}
	for i := range ticks {
		ticks[i].Spare = (i-year)%2 != 0
	}
	return ticks
}

// barGroup is a label, and a bar for each policy under it.
type barGroup struct {
	Label string
	Text  string
	Bars  []part
	Y     float64 // of the label
}

const (
	barLabel  = 20.0 // height of a label
	barHeight = 12.0
	barGap    = 10.0
)

// bars makes bars of one cell of every row.
func bars(s *section, cell int, compared bool) []barGroup {
	var most int64 = 1
	for _, l := range s.Rows {
		most = max(most, l.Cells[cell].A, l.Cells[cell].B)
	}
	var groups []barGroup
	y := 0.0
	for _, l := range s.Rows {
		p := l.Cells[cell]
		if p == (pair{}) {
			continue
		}
		g := barGroup{Label: cmp.Or(l.Short, l.Label), Text: p.text(), Y: y + barLabel - 6}
		y += barLabel
		values := []int64{p.A}
		if compared {
			values = append(values, p.B)
		}
		for i, n := range values {
			g.Bars = append(g.Bars, part{W: float64(n) / float64(most) * 100, Y: y, H: barHeight, Class: "bar" + second(i)})
			y += barHeight + 1
		}
		y += barGap
		groups = append(groups, g)
	}
	return groups
}

// dayChart is surveys day by day, one plot for each policy.
type dayChart struct {
	Plots  []dayPlot
	Days   int
	Months []tick
}

// dayPlot is one policy's days: an outline, one unit wide for each day.
type dayPlot struct {
	Name   string
	Path   string
	Lines  []tick
	Height float64
}

func (r *Report) days() *dayChart {
	days := daysBetween(r.From, r.To) + 1
	c := &dayChart{Days: days}
	var most int64
	for _, f := range r.both() {
		for _, d := range f.Days {
			most = max(most, d.Sent)
		}
	}
	height, lines := scale(most)
	for _, f := range r.both() {
		path := []byte{}
		for _, d := range f.Days {
			path = fmt.Appendf(path, "M%d %gv-%.2fh1v%.2f", daysBetween(r.From, d.Day), plotHeight, height(d.Sent), height(d.Sent))
		}
		plot := dayPlot{Path: string(path), Lines: lines, Height: plotHeight}
		if r.Against != nil {
			plot.Name = f.Name
		}
		c.Plots = append(c.Plots, plot)
	}
	c.Months = r.monthTicks(func(_ int, first survey.Date) float64 {
		return max(0, first.Start(time.UTC).Sub(r.From.Start(time.UTC)).Hours()/24/float64(days)*100)
	})
	return c
}
