package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"kaiku/shared/figures"
	"kaiku/shared/ledger"
	"kaiku/shared/stats"
)

// missing stands where there is no figure.
const missing = figures.NoFigure

// money writes an amount in whole units of its currency.
func (w *words) money(amount float64, currency string) string {
	sign := "€"
	if currency != "EUR" {
		if sign = currency; strings.HasPrefix(w.Money, "¤") {
			sign += "\u00a0"
		}
	}
	return strings.NewReplacer("¤", sign, "#", w.Whole(int(math.Round(amount)))).Replace(w.Money)
}

func (w *words) percent(x *float64) string {
	if x == nil {
		return missing
	}
	return w.Number(*x, 0) + "\u00a0%"
}

// more writes the second figure that a kind has.
func (w *words) more(row figures.Row) string {
	switch {
	case row.Mean != nil:
		return w.Number(*row.Mean, 1)
	case row.Favourable != nil:
		return w.percent(row.Favourable)
	}
	return missing
}

// change writes a movement in a table.
func (w *words) change(row figures.Row) string {
	if row.Change == nil {
		return missing
	}
	by, interval := w.MovementOf(row.Kind, *row.Change)
	s := by + " (" + interval + ")"
	if !row.Change.Is() {
		return s
	}
	return arrow(*row.Change) + " " + s
}

// arrow is where a change goes.
func arrow(c figures.Change) string {
	if c.Value < 0 {
		return "▼"
	}
	return "▲"
}

// whyNone says why no row shows a figure; nothing where one does, or there is none.
func (w *words) whyNone(rows []figures.Row, hideUnder int) string {
	answered, most := 0, 0
	for _, row := range rows {
		if row.Score != nil {
			return ""
		}
		answered, most = answered+row.Answered, max(most, row.Answered)
	}
	switch {
	case len(rows) == 0:
		return ""
	case answered == 0:
		return w.NoAnswers
	case most < hideUnder:
		return fmt.Sprintf(w.Few, hideUnder)
	}
	return fmt.Sprintf(w.AllHidden, hideUnder)
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

// placeOf is where a period stands in the order of those of its length; the
// rolling stand where they end.
func placeOf(name string) int {
	if _, end, ok := strings.Cut(name, ".."); ok {
		name = end
	}
	year, part, _ := strings.Cut(name, "-")
	y, _ := strconv.Atoi(year) // the names are our own
	quarter, ofQuarter := strings.CutPrefix(part, "Q")
	n, _ := strconv.Atoi(quarter)
	switch {
	case part == "":
		return y
	case ofQuarter:
		return y*4 + n - 1
	}
	return y*12 + n - 1
}

// label is what is written on an axis under a place, and the year of it, where
// that is not the label itself.
func (w *words) label(at int, length stats.Length) (label, year string) {
	switch length {
	case stats.Year:
		return strconv.Itoa(at), ""
	case stats.Quarter, stats.Rolling:
		return w.Quarter + strconv.Itoa(at%4+1), strconv.Itoa(at / 4)
	default:
		return w.Months[at%12], strconv.Itoa(at / 12)
	}
}
