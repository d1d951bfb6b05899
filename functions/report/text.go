package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"kaiku/shared/figures"
	"kaiku/shared/ledger"
	"kaiku/shared/stats"
	"kaiku/shared/survey"
)

// missing stands where there is no figure.
const missing = "–"

// number writes a figure in the language: with its minus and its decimal mark.
func (w *words) number(x float64, decimals int) string {
	s := strconv.FormatFloat(math.Abs(x), 'f', decimals, 64)
	if strings.Trim(s, "0.") != "" && x < 0 {
		s = "−" + s
	}
	return strings.Replace(s, ".", w.Decimal, 1)
}

// count writes a number of things.
func (w *words) count(n int) string {
	s := strconv.Itoa(n)
	for at := len(s) - 3; at > 0; at -= 3 {
		s = s[:at] + w.Thousands + s[at:]
	}
	return s
}

func (w *words) percent(x *float64) string {
	if x == nil {
		return missing
	}
	return w.number(*x, 0) + "\u00a0%"
}

// decimals are as many as a figure of the kind deserves.
func decimals(kind survey.Kind) int {
	if kind == survey.CES {
		return 1
	}
	return 0
}

// score writes a row's figure, with its unit.
func (w *words) score(row figures.Row) string {
	if row.Score == nil {
		return missing
	}
	if row.Kind == survey.CSAT {
		return w.percent(row.Score)
	}
	return w.number(*row.Score, decimals(row.Kind))
}

func (w *words) interval(row figures.Row) string {
	if row.Low == nil || row.High == nil {
		return missing
	}
	d := decimals(row.Kind)
	return w.number(*row.Low, d) + w.Range + w.number(*row.High, d)
}

// more writes the second figure that a kind has.
func (w *words) more(row figures.Row) string {
	switch {
	case row.Mean != nil:
		return w.number(*row.Mean, 1)
	case row.Favourable != nil:
		return w.percent(row.Favourable)
	}
	return missing
}

// movement writes how far a figure has moved, and the interval of that. What is a
// change gets the decimals that it takes to show that zero is outside.
func (w *words) movement(kind survey.Kind, c figures.Change) (by, interval string) {
	d := decimals(kind)
	for isChange(c) && d < 4 && (w.number(c.Low, d) == w.number(0, d) || w.number(c.High, d) == w.number(0, d)) {
		d++
	}
	signed := func(x float64) string {
		s := w.number(x, d)
		if x > 0 && s != w.number(0, d) {
			return "+" + s
		}
		return s
	}
	return signed(c.Value), signed(c.Low) + w.Range + signed(c.High)
}

func isChange(c figures.Change) bool { return c.Word == "change" }

// change writes a movement in a table.
func (w *words) change(row figures.Row) string {
	if row.Change == nil {
		return missing
	}
	by, interval := w.movement(row.Kind, *row.Change)
	s := by + " (" + interval + ")"
	switch {
	case !isChange(*row.Change):
		return s
	case row.Change.Value > 0:
		return "▲ " + s
	}
	return "▼ " + s
}

// why says why a row shows no figure.
func (w *words) why(row figures.Row, hideUnder int) string {
	switch {
	case row.Answered == 0:
		return w.NoAnswers
	case row.Answered >= hideUnder:
		return w.Neighbour
	}
	return fmt.Sprintf(w.Few, hideUnder)
}

// value names a group; those that Kaiku does not know itself are named as they
// were told.
func (w *words) value(by, value string) string {
	known := map[string]map[string]string{"size": w.Sizes, "trigger": w.Triggers, "language": w.Languages}[by]
	if name, ok := known[value]; ok {
		return name
	}
	if name, ok := w.Industries[value]; ok && by == "industry" {
		return value + " · " + name
	}
	if value == ledger.NoValue || value == "" {
		return w.Unknown
	}
	return value
}

// period names a period in a table: as in JSON, but for the dots of the rolling.
func period(name string) string { return strings.Replace(name, "..", " – ", 1) }

// place is where a period stands in the order of those of its length, and what is
// written under it on an axis: the rolling stand where they end.
func (w *words) place(name string, length stats.Length) (at int, label, year string) {
	if _, end, ok := strings.Cut(name, ".."); ok {
		name = end
	}
	year = name[:min(4, len(name))]
	y, err := strconv.Atoi(year)
	if err != nil {
		return 0, name, ""
	}
	rest := strings.TrimPrefix(name[len(year):], "-")
	switch n, _ := strconv.Atoi(strings.TrimPrefix(rest, "Q")); {
	case length == stats.Year:
		return y, year, ""
	case strings.HasPrefix(rest, "Q"):
		return y*4 + n - 1, w.Quarter + strconv.Itoa(n), year
	default:
		return y*12 + n - 1, w.Months[(n+11)%12], year
	}
}
