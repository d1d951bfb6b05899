package rehearse

import (
	_ "embed"
	"html/template"
	"io"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

var page = template.Must(template.New("page").Parse(pageHTML))

// chartSection is a section with its chart, and its rows as texts.
type chartSection struct {
	section
	Chart    chart
	Compared bool
	Cells    []textRow
	// Height is that of its bars, in pixels.
	Height float64
}

type textRow struct {
	Label  string
	Total  bool
	Texts  []string
	Change string
}

// WriteHTML writes the report as one page with charts that needs nothing but
// itself. It holds no address and no name.
func (r *Report) WriteHTML(out io.Writer) error {
	title, facts := r.heading()
	view := struct {
		Title    string
		Facts    []string
		Style    template.CSS
		Names    []string // of the policies, where there are two
		Sections []chartSection
	}{Title: title, Facts: facts, Style: template.CSS(pageCSS)}
	if r.Against != nil {
		view.Names = []string{r.Policy.Name, r.Against.Name}
	}
	for _, s := range r.sections(false) {
		c := chartSection{section: s, Compared: r.Against != nil}
		for _, l := range s.Rows {
			row := textRow{Label: l.Label, Total: l.Total, Change: l.Cells[s.Tells].change()}
			for _, p := range l.Cells {
				row.Texts = append(row.Texts, p.text())
			}
			c.Cells = append(c.Cells, row)
		}
		switch s.ID {
		case "months":
			c.Chart.Columns = r.columns()
		case "days":
			c.Chart.Days = r.days()
		default:
			c.Chart.Bars = bars(&s, 0, c.Compared)
			if n := len(c.Chart.Bars); n > 0 {
				last := c.Chart.Bars[n-1].Bars
				c.Height = last[len(last)-1].Y + barHeight
			}
		}
		view.Sections = append(view.Sections, c)
	}
	return page.Execute(out, view)
}
