// Package figures computes what reports show from what the aggregator counted:
// NPS, CSAT and CES with their intervals, by dimension and period, with the small
// ones hidden.
package figures

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/stats"
	"kaiku/shared/survey"
)

// Query is what a report is asked for.
type Query struct {
	Kinds  []survey.Kind
	By     string
	Period stats.Length
	// From and To are the first and the last month that is asked about, by the day
	// of sending. A period is always whole, whatever part of it they take in: parts
	// could be subtracted from each other.
	From, To survey.Month
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
	// Change is how far the score has moved since the period before of the same
	// length; nil where that is hidden, or nobody answered then.
	Change *Change `json:"change,omitempty"`
	// Hidden says that fewer answered than can be shown without showing who
	// said what, here or, by subtraction, in another group.
	Hidden bool `json:"hidden"`
}

// Change is a movement of the score with its 95 % interval, and whether it may be
// called one: whether the interval excludes zero.
type Change struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	Word  string  `json:"word"` // "change" or "no change"
}

// Is says whether the movement may be called a change.
func (c Change) Is() bool { return c.Word == "change" }

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

// Rule is what a parameter was not as.
type Rule string

// The rules of a report's parameters.
const (
	OneOf         Rule = "one of" // one of Fault.Known
	AMonth        Rule = "month"  // YYYY-MM, YYYY or YYYY-MM-DD
	NotBeforeFrom Rule = "not before from"
)

// Fault is a parameter that cannot be taken.
type Fault struct {
	Field string
	Rule  Rule
	Known []string
}

func (f Fault) Error() string {
	switch f.Rule {
	case AMonth:
		return f.Field + ": write YYYY-MM, or YYYY, or YYYY-MM-DD, whose month is meant"
	case NotBeforeFrom:
		return f.Field + ": is before from"
	}
	s := f.Field + ": known are " + strings.Join(f.Known, ", ")
	if f.Field == "period" {
		s += " (the twelve months that end with a quarter)"
	}
	return s
}

// Faults are all that is wrong with a query.
type Faults []Fault

func (f Faults) Error() string { return strings.Join(f.Texts(), "\n") }

// Texts are the faults in words, one each.
func (f Faults) Texts() []string {
	texts := make([]string, len(f))
	for i, fault := range f {
		texts[i] = fault.Error()
	}
	return texts
}

// ParseQuery reads the query of a report: kind, by, period, from and to, all of
// them optional; the last twelve months of everything when nothing is said. The
// error is Faults: every bad parameter and what is allowed.
func ParseQuery(values url.Values, now time.Time) (Query, error) {
	month := survey.MonthOf(survey.DateOf(now))
	q := Query{Kinds: survey.Kinds, By: ledger.All, Period: stats.Month, From: month.AddMonths(-11), To: month}
	var faults Faults
	if v := values.Get("kind"); v != "" {
		kind, err := survey.ParseKind(v)
		if err != nil {
			faults = append(faults, Fault{"kind", OneOf, names(survey.Kinds)})
		}
		q.Kinds = []survey.Kind{kind}
	}
	if v := values.Get("by"); v != "" {
		if q.By = v; !slices.Contains(ledger.Dimensions(), v) {
			faults = append(faults, Fault{"by", OneOf, ledger.Dimensions()})
		}
	}
	if v := values.Get("period"); v != "" {
		if q.Period = stats.Length(v); !slices.Contains(stats.Lengths, q.Period) {
			faults = append(faults, Fault{"period", OneOf, names(stats.Lengths)})
		}
	}
	bound := func(name string, into *survey.Month, month int) {
		v := values.Get(name)
		if v == "" {
			return
		}
		m, err := parseBound(v, month)
		if err != nil {
			faults = append(faults, Fault{Field: name, Rule: AMonth})
		}
		*into = m
	}
	bound("from", &q.From, 1)
	bound("to", &q.To, 12)
	if len(faults) == 0 && q.To.Index() < q.From.Index() {
		faults = append(faults, Fault{Field: "to", Rule: NotBeforeFrom})
	}
	if len(faults) > 0 {
		return q, faults
	}
	return q, nil
}

func names[T ~string](values []T) []string {
	names := make([]string, len(values))
	for i, value := range values {
		names[i] = string(value)
	}
	return names
}

// parseBound reads a month or a day, or a year, of which month is meant.
func parseBound(s string, month int) (survey.Month, error) {
	if t, err := time.Parse("2006", s); err == nil {
		return survey.Month{Year: t.Year(), Month: time.Month(month)}, nil
	}
	if d, err := survey.ParseDate(s); err == nil {
		return survey.MonthOf(d), nil
	}
	return survey.ParseMonth(s)
}

// Counts is what figures are made from. It is asked for several kinds at once.
type Counts interface {
	Counts(ctx context.Context, kind survey.Kind) ([]ledger.MonthCount, error)
}

// Programme is what was counted, read once: any number of queries of it agree.
type Programme struct {
	kinds map[survey.Kind]views
	asOf  map[survey.Kind]time.Time
	now   time.Time
}

// Load reads what was counted of some kinds. Of them figures can be made; cells of
// fewer than hideUnder answers are hidden in these, and what would give them away.
func Load(ctx context.Context, counts Counts, kinds []survey.Kind, hideUnder int, now time.Time) (Programme, error) {
	p := Programme{kinds: map[survey.Kind]views{}, asOf: map[survey.Kind]time.Time{}, now: now}
	// The kinds know nothing of each other, and reading one is mostly waiting and
	// decoding: so they are read at once.
	type loaded struct {
		views views
		asOf  time.Time
		err   error
	}
	each := make([]loaded, len(kinds))
	var group sync.WaitGroup
	for i, kind := range kinds {
		group.Go(func() { each[i].views, each[i].asOf, each[i].err = load(ctx, counts, kind, hideUnder) })
	}
	group.Wait()
	for i, kind := range kinds {
		if each[i].err != nil {
			return Programme{}, each[i].err
		}
		p.kinds[kind], p.asOf[kind] = each[i].views, each[i].asOf
	}
	return p, nil
}

// load reads what was counted of one kind, and when the newest of it was.
func load(ctx context.Context, counts Counts, kind survey.Kind, hideUnder int) (v views, asOf time.Time, err error) {
	months, err := counts.Counts(ctx, kind)
	if err != nil {
		return views{}, asOf, err
	}
	for _, month := range months {
		if month.At.After(asOf) {
			asOf = month.At
		}
	}
	v = views{kind: kind, calendar: newCalendar(months), hideUnder: hideUnder}
	if len(v.months) > 0 {
		v.mask = stats.NewMask(v.first.Index()%monthsOfYear, v.answered(), hideUnder)
	}
	return v, asOf, nil
}

// Span is the first and the last month in which surveys of some kinds were sent;
// ok is false when none ever was.
func (p Programme) Span(kinds []survey.Kind) (from, to survey.Month, ok bool) {
	for _, kind := range kinds {
		c := p.kinds[kind].calendar
		if len(c.months) == 0 {
			continue
		}
		last := c.first.AddMonths(len(c.months) - 1)
		if !ok || c.first.Index() < from.Index() {
			from = c.first
		}
		if !ok || last.Index() > to.Index() {
			to = last
		}
		ok = true
	}
	return from, to, ok
}

// Figures makes the figures that a query asks for, of the kinds that were loaded.
// What is hidden depends on what was answered alone and not on the query, so that no
// two queries say more than one.
func (p Programme) Figures(q Query) (Figures, error) {
	f := Figures{Rows: []Row{}}
	for _, kind := range q.Kinds {
		if at := p.asOf[kind]; at.After(f.AsOf) {
			f.AsOf = at
		}
		rows, err := p.kinds[kind].rows(q)
		if err != nil {
			return Figures{}, err
		}
		f.Rows = append(f.Rows, rows...)
	}
	if f.AsOf.IsZero() {
		f.AsOf = p.now.UTC()
	}
	return f, nil
}

// rows sums the months into the query's periods, and hides.
func (v views) rows(q Query) ([]Row, error) {
	// Most spans are asked for twice: for themselves, and as the one before.
	known := map[stats.Span]map[string]ledger.Cell{}
	sums := func(span stats.Span) map[string]ledger.Cell {
		if known[span] == nil {
			known[span] = v.sums(q.By, span)
		}
		return known[span]
	}
	var rows []Row
	for _, span := range v.spans() {
		if span.Length != q.Period || !v.touches(span, q.From, q.To) {
			continue
		}
		was := sums(before(span))
		for value, cell := range sums(span) {
			row, err := v.row(q.By, value, span, cell, was[value])
			if err != nil {
				return nil, err
			}
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Period, b.Period), sizeOrder(a.By, a.Value, b.Value), cmp.Compare(a.Value, b.Value))
	})
	return rows, nil
}

// sizeOrder puts size classes in the order of size.
func sizeOrder(by, a, b string) int {
	if by != "size" {
		return 0
	}
	return slices.Index(survey.Sizes, survey.Size(a)) - slices.Index(survey.Sizes, survey.Size(b))
}

// views are the figures of one kind as they may be shown.
type views struct {
	kind survey.Kind
	calendar
	mask      *stats.Mask
	hideUnder int
}

func (v views) hidden(by, value string, span stats.Span, answered int) bool {
	if by == ledger.All {
		return answered < v.hideUnder || v.mask.HidesAll(span)
	}
	return answered < v.hideUnder || v.mask.Hides(by, value, span)
}

// histogram are the answers of a cell; ok is false where they may not be shown.
func (v views) histogram(by, value string, span stats.Span, c ledger.Cell) (h stats.Histogram, ok bool, err error) {
	if v.hidden(by, value, span, c.Answered) {
		return h, false, nil
	}
	scale, known := stats.ScaleOf(string(v.kind))
	if !known {
		return h, false, fmt.Errorf("no scale for %q", v.kind)
	}
	if h, err = stats.HistogramOf(scale, c.Scores...); err != nil {
		return h, false, fmt.Errorf("reading the scores of a cell: %w", err)
	}
	return h, true, nil
}

// row is the figure of a cell; was is the cell of the span before.
func (v views) row(by, value string, span stats.Span, c, was ledger.Cell) (Row, error) {
	row := Row{Kind: v.kind, By: by, Value: value, Period: v.name(span), Sent: c.Sent, Delivered: c.Delivered, Bounced: c.Bounced, Answered: c.Answered}
	if rate, ok := stats.ResponseRate(c.Answered, c.Delivered); ok {
		row.ResponseRate = &rate.Value
	}
	histogram, ok, err := v.histogram(by, value, span, c)
	if err != nil || !ok {
		row.Hidden = true
		return row, err
	}
	row.Counts = counts{&histogram}
	if score, ok := stats.Score(histogram); ok {
		row.Score, row.Low, row.High = &score.Value, &score.Low, &score.High
	}
	if mean, ok := stats.Mean(histogram); ok && v.kind == survey.CSAT {
		row.Mean = &mean.Value
	}
	if easy, ok := stats.Favourable(histogram); ok && v.kind == survey.CES {
		row.Favourable = &easy.Value
	}
	row.Change, err = v.change(by, value, before(span), histogram, was)
	return row, err
}

// change is the movement since the span before, of which the cell is.
func (v views) change(by, value string, before stats.Span, now stats.Histogram, cell ledger.Cell) (*Change, error) {
	was, ok, err := v.histogram(by, value, before, cell)
	if err != nil || !ok {
		return nil, err
	}
	d, ok := stats.ScoreDifference(now, was)
	if !ok {
		return nil, nil
	}
	c := Change{Value: d.Value, Low: d.Low, High: d.High, Word: "no change"}
	if d.Change() {
		c.Word = "change"
	}
	return &c, nil
}
