// Package attack tries to learn from the report what it hides. It reads all that
// is served, as JSON, CSV and a page, for every question that can be asked, and
// reckons with it: by linear algebra, which must give nothing away, and by bounds,
// where what it gives away is measured. It knows the outside interface alone.
package attack

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// fewest is under how many answers a figure is hidden by the default policy.
const fewest = 5

var (
	kinds      = []string{"nps", "csat", "ces"}
	dimensions = []string{"all", "size", "industry", "region", "owner", "service", "trigger", "language"}
	periods    = []string{"month", "quarter", "year", "rolling"}
	scales     = map[string][2]int{"nps": {0, 10}, "csat": {1, 5}, "ces": {1, 7}}
)

// cell is what a figure is about.
type cell struct{ kind, by, value, period string }

func (c cell) String() string { return strings.Join([]string{c.kind, c.by, c.value, c.period}, " ") }

// row is a row of the report.
type row struct {
	Kind, By, Value, Period            string
	Sent, Delivered, Bounced, Answered int
	Counts                             map[string]int
	Score, Low, High, Mean, Favourable *float64
	Change                             *struct{ Value, Low, High float64 }
	Hidden                             bool
}

func (r row) cell() cell { return cell{r.Kind, r.By, r.Value, r.Period} }

// tells says whether the row has any figure made of scores.
func (r row) tells() bool {
	return len(r.Counts) > 0 || r.Score != nil || r.Low != nil || r.High != nil || r.Mean != nil || r.Favourable != nil
}

// histogram is the answers by score, from the lowest.
func (r row) histogram() []int {
	scale := scales[r.Kind]
	counts := make([]int, scale[1]-scale[0]+1)
	for score, n := range r.Counts {
		if s, err := strconv.Atoi(score); err == nil && scale[0] <= s && s <= scale[1] {
			counts[s-scale[0]] = n
		}
	}
	return counts
}

// get asks for a path of the report and returns what is served.
type get func(path string) string

// reader collects what is served, and holds that one cell is told of in one way
// whatever is asked.
type reader struct {
	t    testing.TB
	get  get
	rows map[cell]row
	// known are the cells of which any figure was told anywhere: one number is
	// taken for all there is to know, which makes the attacker stronger than it is.
	known map[cell]bool
	asked int
	// figures is how many figures the page told, of how many pages.
	pages, figures int
	// quoted is what each comment was told of.
	quoted map[string]cell
	// groups are the histograms that single answers make up.
	groups map[cell][]int
	// classes is how many are said to have answered in a class, by year and class.
	classes map[string]int
	// texts are the rows of JSON as they were served first.
	texts map[cell]string
}

func newReader(t testing.TB, get get) *reader {
	return &reader{t: t, get: get, rows: map[cell]row{}, known: map[cell]bool{}, texts: map[cell]string{}, quoted: map[string]cell{}, groups: map[cell][]int{}, classes: map[string]int{}}
}

// question is a query of the report; empty parts are left out.
type question struct{ kind, by, period, from, to string }

func (q question) String() string {
	v := url.Values{}
	for name, value := range map[string]string{"kind": q.kind, "by": q.by, "period": q.period, "from": q.from, "to": q.to} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v.Encode()
}

// json reads the report as JSON and returns the cells it has.
func (r *reader) json(q question) []cell {
	r.t.Helper()
	r.asked++
	body := r.get("/report.json?" + q.String())
	var served struct {
		Rows      []json.RawMessage
		Retention []struct {
			Period, Class string
			Answered      int
			Hidden        bool
		}
	}
	if err := json.Unmarshal([]byte(body), &served); err != nil {
		r.t.Fatalf("%s: %v: %s", q, err, body)
	}
	for _, c := range served.Retention {
		if c.Hidden {
			if c.Answered != 0 {
				r.t.Errorf("%s: %+v", q, c)
			}
			continue
		}
		r.known[cell{"nps", "all", "all", c.Period}] = true
		r.classes[c.Period+" "+c.Class] = c.Answered
	}
	var cells []cell
	for _, text := range served.Rows {
		var one row
		if err := json.Unmarshal(text, &one); err != nil {
			r.t.Fatalf("%s: %v: %s", q, err, text)
		}
		c := one.cell()
		if slices.Contains(cells, c) {
			r.t.Errorf("%s: %v comes twice", q, c)
		}
		cells = append(cells, c)
		if before, ok := r.texts[c]; ok {
			if before != string(text) {
				r.t.Errorf("%s: %v is %s, to another question it was %s", q, c, text, before)
			}
			continue
		}
		r.texts[c], r.rows[c] = string(text), one
		if one.tells() {
			r.known[c] = true
		}
		if one.Change != nil {
			r.known[before(c)] = true // the score less its change
			r.known[c] = true
		}
	}
	return cells
}

// records reads a path as CSV: its lines, by the names of their columns.
func (r *reader) records(path string) (records []map[string]string) {
	r.t.Helper()
	r.asked++
	lines, err := csv.NewReader(strings.NewReader(r.get(path))).ReadAll()
	if err != nil || len(lines) == 0 {
		r.t.Fatalf("%s: %d lines of CSV, %v", path, len(lines), err)
	}
	for _, line := range lines[1:] {
		record := map[string]string{}
		for i, name := range lines[0] {
			record[name] = line[i]
		}
		records = append(records, record)
	}
	return records
}

// csv reads the report as CSV: that it says of a cell, and of what became of the
// classes, what JSON said, and no more.
func (r *reader) csv(q question) {
	r.t.Helper()
	public := []string{"kind", "by", "value", "period", "sent", "delivered", "bounced", "answered", "responseRate", "hidden"}
	for _, record := range r.records("/report.csv?" + q.String()) {
		c := cell{record["kind"], record["by"], record["value"], record["period"]}
		for name, text := range record {
			if text != "" && !slices.Contains(public, name) {
				r.known[c] = true
			}
		}
	}
	for _, record := range r.records("/report.csv?table=retention&" + q.String()) {
		n, told := r.classes[record["period"]+" "+record["class"]]
		for name, text := range record {
			if !told && text != "" && text != "0" && !slices.Contains([]string{"period", "class", "whole", "hidden"}, name) || told && name == "answered" && text != strconv.Itoa(n) {
				r.t.Errorf("%s: %v, JSON told of %d: %v", q, record, n, told)
			}
		}
	}
}

// everything asks for all that there is between two months, in few questions; of
// the page and the CSV, thoroughly or for one period of each dimension.
func (r *reader) everything(from, to string, thoroughly bool) {
	r.t.Helper()
	for i, by := range dimensions {
		r.answers(question{"", by, "", from, to})
		for j, period := range periods {
			q := question{"", by, period, from, to}
			r.json(q)
			if thoroughly || i%len(periods) == j {
				r.csv(q)
				r.page(q)
			}
		}
	}
}

// months are those of a period's name, counted from the year 0.
func months(period string) (from, to int) {
	if first, last, ok := strings.Cut(period, ".."); ok {
		from, _ = months(first)
		_, to = months(last)
		return from, to
	}
	year, rest, _ := strings.Cut(period, "-")
	y, err := strconv.Atoi(year)
	n, errRest := strconv.Atoi(strings.TrimPrefix(rest, "Q"))
	switch {
	case err != nil || rest != "" && errRest != nil:
		panic("no period: " + period)
	case rest == "":
		return 12 * y, 12*y + 12
	case strings.HasPrefix(rest, "Q"):
		return 12*y + 3*(n-1), 12*y + 3*n
	}
	return 12*y + n - 1, 12*y + n
}

// before is the same cell in the period before of the same length.
func before(c cell) cell {
	from, to := months(c.period)
	c.period = nameOf(from-(to-from), from, strings.Contains(c.period, ".."))
	return c
}

// nameOf names a period of the report.
func nameOf(from, to int, rolling bool) string {
	quarter := func(m int) string { return fmt.Sprintf("%04d-Q%d", m/12, m%12/3+1) }
	switch {
	case rolling:
		return quarter(from) + ".." + quarter(to-1)
	case to-from == 12:
		return fmt.Sprintf("%04d", from/12)
	case to-from == 3:
		return quarter(from)
	}
	return monthName(from)
}

func monthName(m int) string { return fmt.Sprintf("%04d-%02d", m/12, m%12+1) }

// wantHidden says that nothing is told anywhere of what is said to be hidden, or of
// few who answered in one class.
func (r *reader) wantHidden() {
	r.t.Helper()
	for c := range r.known {
		if r.rows[c].Hidden {
			r.t.Errorf("%v is hidden, and told elsewhere", c)
		}
	}
	for class, n := range r.classes {
		if 0 < n && n < fewest {
			r.t.Errorf("what became of the %d of %s is told", n, class)
		}
	}
}
