package digest

import (
	"math"
	"strconv"
	"strings"

	"kaiku/shared/figures"
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

func (w *words) percent(x float64) string { return w.number(x, 0) + "\u00a0%" }

// rate is answered of delivered.
func (w *words) rate(answered, delivered int) string {
	if delivered == 0 {
		return missing
	}
	return w.percent(100 * float64(answered) / float64(delivered))
}

// decimals are as many as a figure of the kind deserves.
func decimals(kind survey.Kind) int {
	if kind == survey.CES {
		return 1
	}
	return 0
}

// score writes a figure that is shown, with its unit.
func (w *words) score(row figures.Row) string {
	if row.Kind == survey.CSAT {
		return w.percent(*row.Score)
	}
	return w.number(*row.Score, decimals(row.Kind))
}

func (w *words) interval(row figures.Row) string {
	d := decimals(row.Kind)
	return w.number(*row.Low, d) + w.Range + w.number(*row.High, d)
}

// movement writes how far a figure has moved, and the interval of that; a change
// with the decimals that it takes to show that zero is outside.
func (w *words) movement(row figures.Row) (by, interval string) {
	c, d := row.Change, decimals(row.Kind)
	for c.Is() && d < 4 && (w.number(c.Low, d) == w.number(0, d) || w.number(c.High, d) == w.number(0, d)) {
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
