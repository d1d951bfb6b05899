package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"kaiku/shared/figures"
	"kaiku/shared/ledger"
	"kaiku/shared/stats"
	"kaiku/shared/survey"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string

	pageTemplate = template.Must(template.New("report").Parse(pageHTML))
)

// pageCSP allows the page its own style and a form to itself.
func pageCSP() string {
	sum := sha256.Sum256([]byte(pageCSS))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
}

type view struct {
	Company   string
	AsOf      string
	Style     template.CSS
	Query     figures.Query
	From, To  string
	Filters   []filter
	ByValue   bool
	Sections  []section
	HideUnder int
}

type filter struct {
	Label, Name, Chosen string
	Options             []string
}

type section struct {
	Title, Lead, Scale, Caption, By, Figure string
	ByValue                                 bool
	Rows                                    []line
}

type line struct {
	figures.Row
	Shown                          bool
	Score, Interval, Response, Why string
	// Moved says how far the score has moved since the period before.
	Moved     string
	X, X1, X2 float64
}

// about says of each kind what its figure is.
var about = map[survey.Kind]struct {
	title, figure, scale string
	low, high            float64
	unit                 string
}{
	survey.NPS:  {"Would they recommend us? (NPS)", "NPS", "Promoters (9–10) less detractors (0–6), from −100 to 100, with the adjusted Wald interval.", -100, 100, ""},
	survey.CSAT: {"Are they satisfied with the change? (CSAT)", "Satisfied", "Share of 4 and 5 on a scale from 1 to 5, with the Wilson interval.", 0, 100, " %"},
	survey.CES:  {"Is it easy to deal with us? (CES)", "Mean", "Mean on a scale from 1 (hard) to 7 (easy), with its interval.", 1, 7, ""},
}

func (h *Handler) page(w http.ResponseWriter, r *http.Request) error {
	q, err := h.query(r)
	if err != nil {
		return err
	}
	f, err := figures.Compute(r.Context(), h.Ledger, q, h.Policy.Results.HideUnder, h.Now())
	if err != nil {
		return err
	}
	year := q // the answer first: this year's figure of everything, against last year's
	year.By, year.Period, year.From = ledger.All, stats.Year, survey.Month{Year: q.To.Year, Month: time.January}
	total, err := figures.Compute(r.Context(), h.Ledger, year, h.Policy.Results.HideUnder, h.Now())
	if err != nil {
		return err
	}
	v := view{Company: h.Policy.Company.Name, AsOf: f.AsOf.In(h.Policy.Zone).Format("2006-01-02 15:04"), Style: template.CSS(pageCSS),
		Query: q, From: q.From.String(), To: q.To.String(), ByValue: q.By != ledger.All, HideUnder: h.Policy.Results.HideUnder}
	kind := ""
	if len(q.Kinds) == 1 {
		kind = string(q.Kinds[0])
	}
	v.Filters = []filter{
		{"Survey", "kind", kind, []string{"", "nps", "csat", "ces"}},
		{"By", "by", q.By, ledger.Dimensions()},
		{"Period", "period", string(q.Period), lengths()},
	}
	for _, kind := range q.Kinds {
		v.Sections = append(v.Sections, sectionOf(kind, q, f.Rows, total.Rows, v.HideUnder))
	}
	var page bytes.Buffer
	if err := pageTemplate.Execute(&page, v); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", pageCSP())
	_, err = page.WriteTo(w)
	return err
}

func sectionOf(kind survey.Kind, q figures.Query, rows, total []figures.Row, hideUnder int) section {
	a := about[kind]
	s := section{Title: a.title, Figure: a.figure, Scale: a.scale, By: q.By, ByValue: q.By != ledger.All,
		Caption: fmt.Sprintf("%s by %s and %s", a.figure, q.By, q.Period), Lead: "No surveys were sent in this time."}
	for _, row := range total {
		if row.Kind == kind {
			s.Lead = lead(lineOf(row, hideUnder), row)
		}
	}
	for _, row := range rows {
		if row.Kind == kind {
			s.Rows = append(s.Rows, lineOf(row, hideUnder))
		}
	}
	return s
}

// lead is the answer in one sentence.
func lead(l line, row figures.Row) string {
	answered := fmt.Sprintf("%d of %d delivered surveys were answered", row.Answered, row.Delivered)
	if !l.Shown {
		return answered + "; " + strings.ToLower(l.Why[:1]) + l.Why[1:]
	}
	return fmt.Sprintf("%s in %s, between %s%s; %s (%s).", l.Score, row.Period, l.Interval, l.Moved, answered, l.Response)
}

func lengths() []string {
	names := make([]string, len(stats.Lengths))
	for i, l := range stats.Lengths {
		names[i] = string(l)
	}
	return names
}

func lineOf(row figures.Row, hideUnder int) line {
	l := line{Row: row, Response: "–"}
	if row.ResponseRate != nil {
		l.Response = fmt.Sprintf("%.0f %%", *row.ResponseRate)
	}
	switch {
	case row.Hidden && row.Answered == 0:
		l.Why = "No answers yet."
	case row.Hidden && row.Answered >= hideUnder:
		l.Why = "Hidden: it would give a smaller group away."
	case row.Hidden:
		l.Why = "Too few answers to show."
	case row.Score != nil:
		a := about[row.Kind]
		format := "%.0f"
		if row.Kind == survey.CES {
			format = "%.1f"
		}
		show := func(x float64) string { return strings.Replace(fmt.Sprintf(format, x), "-", "−", 1) }
		x := func(v float64) float64 { return 6 + (v-a.low)/(a.high-a.low)*188 }
		l.Shown, l.Score = true, show(*row.Score)+a.unit
		l.Interval = show(*row.Low) + " and " + show(*row.High)
		if c := row.Change; c != nil {
			l.Moved = fmt.Sprintf(", %s from the period before (%s, between %s and %s)", c.Word, signed(show(c.Value)), signed(show(c.Low)), signed(show(c.High)))
		}
		l.X, l.X1, l.X2 = x(*row.Score), x(*row.Low), x(*row.High)
	}
	return l
}

// signed puts a plus before what is not negative.
func signed(number string) string {
	if strings.HasPrefix(number, "−") {
		return number
	}
	return "+" + number
}
