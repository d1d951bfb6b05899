package figures

import (
	"math"
	"strconv"
	"strings"

	"kaiku/shared/survey"
)

// NoFigure stands where there is no figure.
const NoFigure = "–"

// Numerals writes figures for people to read, the same wherever they are read: with
// the marks of a language, and with the decimals that a figure deserves.
type Numerals struct {
	// Range stands between the ends of an interval, Decimal before the decimals,
	// Thousands between each three digits of a count.
	Range, Decimal, Thousands string
}

// Number writes a figure with so many decimals.
func (n Numerals) Number(x float64, decimals int) string {
	s := strconv.FormatFloat(math.Abs(x), 'f', decimals, 64)
	if strings.Trim(s, "0.") != "" && x < 0 {
		s = "−" + s
	}
	return strings.Replace(s, ".", n.Decimal, 1)
}

// Whole writes a number of things.
func (n Numerals) Whole(things int) string {
	s := strconv.Itoa(things)
	for at := len(s) - 3; at > 0; at -= 3 {
		s = s[:at] + n.Thousands + s[at:]
	}
	return s
}

// Percent writes a share, 0 to 100.
func (n Numerals) Percent(x float64) string { return n.percent(x, 0) }

func (n Numerals) percent(x float64, decimals int) string {
	return n.Number(x, decimals) + "\u00a0%"
}

// Decimals are as many as a figure of the kind deserves.
func Decimals(kind survey.Kind) int {
	if kind == survey.CES {
		return 1
	}
	return 0
}

// decimals are those that a row takes: of very many answers the interval is so
// narrow that its ends would else be written alike, and the figure outside.
func (n Numerals) decimals(row Row) int {
	d := Decimals(row.Kind)
	for row.Low != nil && row.High != nil && *row.Low < *row.High && d < 3 && n.Number(*row.Low, d) == n.Number(*row.High, d) {
		d++
	}
	return d
}

// ScoreOf writes a row's figure, with its unit.
func (n Numerals) ScoreOf(row Row) string {
	switch {
	case row.Score == nil:
		return NoFigure
	case row.Kind == survey.CSAT:
		return n.percent(*row.Score, n.decimals(row))
	}
	return n.Number(*row.Score, n.decimals(row))
}

// IntervalOf writes a row's interval.
func (n Numerals) IntervalOf(row Row) string {
	if row.Low == nil || row.High == nil {
		return NoFigure
	}
	d := n.decimals(row)
	return n.Number(*row.Low, d) + n.Range + n.Number(*row.High, d)
}

// MovementOf writes how far a figure has moved, and the interval of that. What is a
// change gets the decimals that it takes to show that zero is outside, and that
// its interval has two ends.
func (n Numerals) MovementOf(kind survey.Kind, c Change) (by, interval string) {
	d := Decimals(kind)
	zero := func() string { return n.Number(0, d) }
	for c.Is() && d < 4 && (n.Number(c.Low, d) == zero() || n.Number(c.High, d) == zero() || n.Number(c.Low, d) == n.Number(c.High, d)) {
		d++
	}
	signed := func(x float64) string {
		s := n.Number(x, d)
		if x > 0 && s != zero() {
			return "+" + s
		}
		return s
	}
	return signed(c.Value), signed(c.Low) + n.Range + signed(c.High)
}
