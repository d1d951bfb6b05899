package report

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/stats"
	"kaiku/shared/survey"
)

// Query is what a report is asked for.
type Query struct {
	Kinds  []survey.Kind
	By     string
	Period string
	// From and To are the first and the last day, by which surveys were sent.
	From, To survey.Date
}

// Row is one figure: what was sent to one group in one period, and what came of
// it. Score, Low and High are NPS (−100 to 100), CSAT (% satisfied) or CES (mean,
// 1 to 7) with the 95 % interval; nil when hidden or when nobody answered.
type Row struct {
	Kind      survey.Kind `json:"kind"`
	By        string      `json:"by"`
	Value     string      `json:"value"`
	Period    string      `json:"period"`
	Sent      int         `json:"sent"`
	Delivered int         `json:"delivered"`
	Bounced   int         `json:"bounced"`
	Answered  int         `json:"answered"`
	// ResponseRate is answered ÷ delivered in percent; nil when none arrived.
	ResponseRate *float64 `json:"responseRate"`
	// Counts are the answers by score; none when hidden.
	Counts counts   `json:"counts"`
	Score  *float64 `json:"score"`
	Low    *float64 `json:"low"`
	High   *float64 `json:"high"`
	// Mean is the mean score of CSAT, Favourable the share of easy of CES.
	Mean       *float64 `json:"mean,omitempty"`
	Favourable *float64 `json:"favourable,omitempty"`
	// Hidden says that fewer answered than can be shown without showing who
	// said what, here or, by subtraction, in another group.
	Hidden bool `json:"hidden"`
}

// counts are the answers by score; empty, {}, when hidden.
type counts struct{ *stats.Histogram }

// MarshalJSON writes {"0": 3, …}.
func (c counts) MarshalJSON() ([]byte, error) {
	if c.Histogram == nil {
		return []byte("{}"), nil
	}
	return c.Histogram.MarshalJSON()
}

// Figures is a whole report.
type Figures struct {
	// AsOf is when the newest of the counts was made.
	AsOf time.Time `json:"asOf"`
	Rows []Row     `json:"rows"`
}

type period struct {
	name string
	of   func(survey.Date) string
}

// wholePeriod is the name of the period that takes in everything asked for.
const wholePeriod = "all"

// periods are the lengths that figures are put together by, with the name of the
// period that a day is in.
var periods = []period{
	{"month", func(d survey.Date) string { return fmt.Sprintf("%04d-%02d", d.Year, d.Month) }},
	{"quarter", func(d survey.Date) string { return fmt.Sprintf("%04d-Q%d", d.Year, (d.Month+2)/3) }},
	{"year", func(d survey.Date) string { return fmt.Sprintf("%04d", d.Year) }},
}

func periodNames() []string {
	names := make([]string, len(periods))
	for i, p := range periods {
		names[i] = p.name
	}
	return names
}

// maxYears bounds what one request may read.
const maxYears = 10

// ParseQuery reads the query of a report: kind, by, period, from and to, all of
// them optional; the last twelve months of everything when nothing is said. The
// error names every bad parameter and what is allowed.
func ParseQuery(values url.Values, now time.Time) (Query, error) {
	today := survey.DateOf(now)
	q := Query{Kinds: survey.Kinds, By: ledger.All, Period: "month",
		From: survey.Date{Year: today.Year - 1, Month: today.Month + 1, Day: 1}, To: today}
	if q.From.Month > time.December {
		q.From = survey.Date{Year: today.Year, Month: time.January, Day: 1}
	}
	var faults []error
	if v := values.Get("kind"); v != "" {
		kind, err := survey.ParseKind(v)
		if err != nil {
			faults = append(faults, errors.New("kind: known are nps, csat, ces"))
		}
		q.Kinds = []survey.Kind{kind}
	}
	pick := func(name string, known []string, into *string) {
		v := values.Get(name)
		if v == "" {
			return
		}
		if !slices.Contains(known, v) {
			faults = append(faults, fmt.Errorf("%s: known are %s", name, strings.Join(known, ", ")))
		}
		*into = v
	}
	pick("by", ledger.Dimensions(), &q.By)
	pick("period", periodNames(), &q.Period)
	bound := func(name string, into *survey.Date, last bool) {
		if v := values.Get(name); v != "" {
			d, err := parseBound(v, last)
			if err != nil {
				faults = append(faults, fmt.Errorf("%s: write YYYY-MM, or YYYY, or YYYY-MM-DD", name))
			}
			*into = d
		}
	}
	bound("from", &q.From, false)
	bound("to", &q.To, true)
	if len(faults) == 0 && q.To.Before(q.From) {
		faults = append(faults, errors.New("to: is before from"))
	}
	if len(faults) == 0 && q.To.Year-q.From.Year > maxYears {
		faults = append(faults, fmt.Errorf("from and to: at most %d years apart", maxYears))
	}
	return q, errors.Join(faults...)
}

// parseBound reads a year, month or day, and returns its first or last day.
func parseBound(s string, last bool) (survey.Date, error) {
	if t, err := time.Parse("2006", s); err == nil {
		if last {
			return survey.Date{Year: t.Year(), Month: time.December, Day: 31}, nil
		}
		return survey.DateOf(t), nil
	}
	if t, err := time.Parse("2006-01", s); err == nil {
		if last {
			return survey.DateOf(t.AddDate(0, 1, -1)), nil
		}
		return survey.DateOf(t), nil
	}
	return survey.ParseDate(s)
}

// Counts is what figures are made from.
type Counts interface {
	Counts(ctx context.Context, kind survey.Kind, from, to survey.Date) ([]ledger.DayCount, error)
}

// Compute makes the figures; cells of fewer than hideUnder answers are hidden.
func Compute(ctx context.Context, counts Counts, q Query, hideUnder int, now time.Time) (Figures, error) {
	f := Figures{Rows: []Row{}}
	for _, kind := range q.Kinds {
		days, err := counts.Counts(ctx, kind, q.From, q.To)
		if err != nil {
			return Figures{}, err
		}
		for _, day := range days {
			if day.At.After(f.AsOf) {
				f.AsOf = day.At
			}
		}
		rows, err := rowsOf(kind, q, days, hideUnder)
		if err != nil {
			return Figures{}, err
		}
		f.Rows = append(f.Rows, rows...)
	}
	if f.AsOf.IsZero() {
		f.AsOf = now.UTC()
	}
	return f, nil
}

// rowsOf sums the days of one kind into the query's periods, and hides.
func rowsOf(kind survey.Kind, q Query, days []ledger.DayCount, hideUnder int) ([]Row, error) {
	label := func(survey.Date) string { return wholePeriod }
	if i := slices.IndexFunc(periods, func(p period) bool { return p.name == q.Period }); i >= 0 {
		label = periods[i].of
	}
	sums := map[string]map[string]*ledger.Cell{} // period → value
	for _, day := range days {
		period := label(day.Day)
		if sums[period] == nil {
			sums[period] = map[string]*ledger.Cell{}
		}
		for value, cell := range day.Cells[q.By] {
			if sums[period][value] == nil {
				sums[period][value] = &ledger.Cell{}
			}
			sums[period][value].Add(cell)
		}
	}
	var rows []Row
	for _, period := range slices.Sorted(maps.Keys(sums)) {
		values := slices.Sorted(maps.Keys(sums[period]))
		group := make([]stats.Cell, len(values))
		total := 0
		for i, value := range values {
			group[i].Answered = sums[period][value].Answered
			total += group[i].Answered
		}
		hidden := stats.Hide(group, hideUnder)
		for i, value := range values {
			row, err := rowOf(kind, *sums[period][value], hidden[i] || group[i].Answered < hideUnder || total < hideUnder)
			if err != nil {
				return nil, err
			}
			row.By, row.Value, row.Period = q.By, value, period
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Period, b.Period), sizeOrder(a, b), cmp.Compare(a.Value, b.Value))
	})
	return rows, nil
}

// sizeOrder puts size classes in the order of size.
func sizeOrder(a, b Row) int {
	if a.By != "size" {
		return 0
	}
	return slices.Index(survey.Sizes, survey.Size(a.Value)) - slices.Index(survey.Sizes, survey.Size(b.Value))
}

func rowOf(kind survey.Kind, c ledger.Cell, hidden bool) (Row, error) {
	row := Row{Kind: kind, Sent: c.Sent, Delivered: c.Delivered, Bounced: c.Bounced, Answered: c.Answered, Hidden: hidden}
	if rate, ok := stats.ResponseRate(c.Answered, c.Delivered); ok {
		row.ResponseRate = &rate.Value
	}
	if hidden {
		return row, nil
	}
	scale, ok := stats.ScaleOf(string(kind))
	if !ok {
		return row, fmt.Errorf("no scale for %q", kind)
	}
	histogram, err := stats.HistogramOf(scale, c.Scores...)
	if err != nil {
		return row, fmt.Errorf("reading the scores of a cell: %w", err)
	}
	row.Counts = counts{&histogram}
	if score, ok := stats.Score(histogram); ok {
		row.Score, row.Low, row.High = &score.Value, &score.Low, &score.High
	}
	if mean, ok := stats.Mean(histogram); ok && kind == survey.CSAT {
		row.Mean = &mean.Value
	}
	if easy, ok := stats.Favourable(histogram); ok && kind == survey.CES {
		row.Favourable = &easy.Value
	}
	return row, nil
}
