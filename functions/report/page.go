package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"

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

	pageTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
		"f":   func(x float64) string { return fmt.Sprintf("%.2f", x) },
		"s":   fmt.Sprintf,
		"add": func(a, b float64) float64 { return a + b },
		// in hands a part of the page on with the words that it is in.
		"in": func(w *words, part any) any {
			return struct {
				W       *words
				Section any
			}{w, part}
		},
	}).Parse(pageHTML))
)

// pageCSP allows the page its own style and a form to itself.
func pageCSP() string {
	sum := sha256.Sum256([]byte(pageCSS))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
}

// view is what the page shows.
type view struct {
	W              *words
	Company, AsOf  string
	Span           string
	Style          template.CSS
	Other          *words
	OtherLink      string
	From, To       string
	Filters        []filter
	Answers        []answer
	Activity       []section
	Results        []section
	Groups, Points []section
	Note           string
	// Empty says that nothing was sent in the time asked about.
	Empty bool
	// When is the year of the answers.
	When string
}

type filter struct {
	Label, Name string
	Options     []option
}

type option struct {
	Value, Label string
	Chosen       bool
}

// answer is the year's figure of a kind in words.
type answer struct {
	Kind         survey.Kind
	Name, Figure string
	Lines        []string
}

// section is a chart with the table that says the same.
type section struct {
	ID, Title, Note, More string
	// Moved says since when a figure has changed.
	Moved   string
	Trend   *trend
	Dots    *dots
	Columns *columns
	Table   *table
	// Matrix is groups by period.
	Matrix *table
}

// page writes the report for people to read.
func (h *Handler) page(w http.ResponseWriter, r *http.Request) error {
	q, err := h.query(r)
	if err != nil {
		return err
	}
	programme, err := figures.Load(r.Context(), h.Ledger, survey.Kinds, h.Policy.Results.HideUnder, h.Now())
	if err != nil {
		return err
	}
	b := builder{words: wordsFor(r), query: q, hideUnder: h.Policy.Results.HideUnder, programme: programme}
	v, err := b.view()
	if err != nil {
		return err
	}
	v.Company, v.Style = h.Policy.Company.Name, template.CSS(pageCSS)
	v.AsOf = fmt.Sprintf(b.words.Counted, b.asOf.In(h.Policy.Zone).Format("2006-01-02 15:04"))
	v.When = fmt.Sprintf(b.words.InYear, b.year())
	if q.To.Year == h.Now().In(h.Policy.Zone).Year() {
		v.When = fmt.Sprintf(b.words.InYearSoFar, b.year())
	}
	other := r.URL.Query()
	other.Set("lang", v.Other.Lang)
	v.OtherLink = "?" + other.Encode()
	var page bytes.Buffer
	if err := pageTemplate.Execute(&page, v); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", b.words.Lang)
	w.Header().Set("Vary", "Accept-Language")
	w.Header().Set("Content-Security-Policy", pageCSP())
	_, err = page.WriteTo(w)
	return err
}

func (b *builder) filters() []filter {
	w, q := b.words, b.query
	kind := ""
	if len(q.Kinds) == 1 {
		kind = string(q.Kinds[0])
	}
	kinds := filter{w.Survey, "kind", []option{{"", w.AllSurveys, kind == ""}}}
	for _, k := range survey.Kinds {
		kinds.Options = append(kinds.Options, option{string(k), w.Kinds[k].Name, kind == string(k)})
	}
	by := filter{Label: w.By, Name: "by"}
	for _, d := range ledger.Dimensions() {
		by.Options = append(by.Options, option{d, w.Dimensions[d], d == q.By})
	}
	lengths := filter{Label: w.Period, Name: "period"}
	for _, l := range stats.Lengths {
		lengths.Options = append(lengths.Options, option{string(l), w.Lengths[string(l)], l == q.Period})
	}
	return []filter{kinds, by, lengths}
}
