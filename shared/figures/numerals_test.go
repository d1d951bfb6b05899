package figures

import (
	"testing"

	"kaiku/shared/survey"
)

var (
	inEnglish = Numerals{Range: " to ", Decimal: ".", Thousands: ","}
	inFinnish = Numerals{Range: "…", Decimal: ",", Thousands: "\u00a0"}
)

func TestNumbersAreWrittenAsInTheLanguage(t *testing.T) {
	for got, want := range map[string]string{
		inEnglish.Number(-0.2, 0): "0", inEnglish.Number(-12.4, 0): "−12", inFinnish.Number(-5.25, 1): "−5,2", inEnglish.Number(6.04, 1): "6.0",
		inEnglish.Whole(1234567): "1,234,567", inFinnish.Whole(1234): "1\u00a0234", inFinnish.Whole(999): "999",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAChangeIsWrittenWithTheDecimalsThatKeepZeroOutside(t *testing.T) {
	for want, c := range map[string]Change{
		"+9.29 (+0.04 to +18.18)": {Value: 9.29, Low: 0.04, High: 18.18, Word: "change"},
		"−9 (−18 to −1)":          {Value: -9.29, Low: -18.18, High: -0.6, Word: "change"},
		"+9 (0 to +18)":           {Value: 9.29, Low: -0.04, High: 18.18, Word: "no change"},
		"0 (−3 to +3)":            {Value: 0.2, Low: -3.1, High: 3.4, Word: "no change"},
	} {
		by, interval := inEnglish.MovementOf(survey.NPS, c)
		if got := by + " (" + interval + ")"; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAnIntervalIsWrittenWithTheDecimalsThatKeepItsEndsApart(t *testing.T) {
	row := func(kind survey.Kind, score, low, high float64) Row {
		return Row{Kind: kind, Score: &score, Low: &low, High: &high}
	}
	for _, c := range []struct {
		row             Row
		score, interval string
	}{
		{row(survey.NPS, 31.4, 12.2, 48.8), "31", "12…49"},
		{row(survey.NPS, 10.25, 10.17, 10.33), "10,2", "10,2…10,3"},
		{row(survey.CSAT, 80.4, 75.2, 84.6), "80\u00a0%", "75…85"},
		{row(survey.CES, 5.62, 5.31, 5.93), "5,6", "5,3…5,9"},
		{row(survey.NPS, -100, -100, -100), "−100", "−100…−100"},
		{Row{Kind: survey.NPS, Hidden: true}, NoFigure, NoFigure},
	} {
		if score, interval := inFinnish.ScoreOf(c.row), inFinnish.IntervalOf(c.row); score != c.score || interval != c.interval {
			t.Errorf("%s, %s; want %s, %s", score, interval, c.score, c.interval)
		}
	}
}
