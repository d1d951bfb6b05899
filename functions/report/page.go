package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"math"
	"net/http"
	"strconv"

	"kaiku/shared/survey"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed message.html
	messageHTML string
	//go:embed frame.html
	frameHTML string
	//go:embed page.css
	pageCSS string

	functions = template.FuncMap{
		"f":   func(x float64) string { return strconv.FormatFloat(math.Round(x*100)/100, 'f', -1, 64) },
		"s":   fmt.Sprintf,
		"add": func(a, b float64) float64 { return a + b },
		// in hands a part of the page on with the words that it is in.
		"in": func(w *words, part any) any {
			return struct {
				W       *words
				Section any
			}{w, part}
		},
	}
	pageTemplate    = parsed(pageHTML)
	messageTemplate = parsed(messageHTML)
)

// parsed is a page in the frame that all have.
func parsed(page string) *template.Template {
	return template.Must(template.Must(template.New("page").Funcs(functions).Parse(frameHTML)).Parse(page))
}

// pageCSP allows the page its own style, a form to itself, and the empty icon that
// keeps browsers from asking for one.
func pageCSP() string {
	sum := sha256.Sum256([]byte(pageCSS))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
}

// frame is what every page has.
type frame struct {
	W              *words
	Title, Company string
	Style          template.CSS
	Other          *words
	OtherLink      string
}

// frame of a page in the words of a request.
func (h *Handler) frame(r *http.Request, w *words) frame {
	other := r.URL.Query()
	other.Set("lang", w.other().Lang)
	return frame{W: w, Title: w.Title, Company: h.Policy.Company.Name, Style: template.CSS(pageCSS), Other: w.other(), OtherLink: "?" + other.Encode()}
}

// view is what the page shows.
type view struct {
	frame
	AsOf, Span     string
	Form           form
	Data           data
	Answers        []answer
	Activity       []section
	Coverage       []section
	Results        []section
	Groups, Points []section
	Leaving        *leaving
	// Quotes are the newest comments.
	Quotes     []quote
	QuotesNote string
	Note       string
	// Empty says that nothing was sent in the time asked about, Elsewhere when
	// something was, and ElsewhereLink leads there.
	Empty                    bool
	Elsewhere, ElsewhereLink string
	// When is the year of the answers.
	When string
}

// data are the links to the figures of the page for programs and spreadsheets.
type data struct{ CSV, JSON string }

// answer is the year's figure of a kind in words.
type answer struct {
	Kind               survey.Kind
	Name, Figure, Unit string
	// Why says why there is no figure; else Interval is its interval and Moved what
	// has become of the year before's.
	Why, Interval, Moved string
	// Changed says that it is a change.
	Changed  bool
	Answered string
}

// section is a chart with the table that says the same.
type section struct {
	// Says is the sentence that a section comes down to.
	ID, Title, Note, More, Says string
	// File is where the same is for a spreadsheet.
	File string
	// Why says why there is no chart, where no figure of it can be shown.
	Why string
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
	read, err := h.read(r.Context(), survey.Kinds)
	if err != nil {
		return err
	}
	b := builder{words: wordsFor(r), query: q, hideUnder: h.Policy.Results.HideUnder, reading: read, now: h.now(), asked: r.URL.Query(), files: filesFrom(r)}
	v, err := b.view()
	if err != nil {
		return err
	}
	if v.Quotes, err = b.quotes(r.Context(), h.Ledger); err != nil {
		return err
	}
	v.QuotesNote = fmt.Sprintf(b.words.CommentsNote, maxComments)
	v.frame = h.frame(r, b.words)
	v.AsOf = b.words.NeverCounted
	if _, _, ok := b.programme.Span(survey.Kinds); ok {
		v.AsOf = fmt.Sprintf(b.words.Counted, b.asOf.In(h.Policy.Zone).Format("2006-01-02 15:04"))
	}
	v.When = fmt.Sprintf(b.words.InYear, b.year())
	if q.To.Year == b.now.Year() {
		v.When = fmt.Sprintf(b.words.InYearSoFar, b.year())
	}
	return write(w, http.StatusOK, pageTemplate, b.words, v)
}

// write answers with all of a page or none of it.
func write(w http.ResponseWriter, status int, t *template.Template, in *words, v any) error {
	var page bytes.Buffer
	if err := t.Execute(&page, v); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", in.Lang)
	w.Header().Add("Vary", "Accept-Language")
	w.Header().Set("Content-Security-Policy", pageCSP())
	w.WriteHeader(status)
	_, err := w.Write(page.Bytes())
	return err
}
