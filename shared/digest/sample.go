package digest

import (
	"time"

	"kaiku/shared/figures"
	"kaiku/shared/survey"
)

// Sample is a digest of an invented November, to be looked at: of what there is to
// be said, it says most.
func Sample() figures.Digest {
	p := func(x float64) *float64 { return &x }
	row := func(kind survey.Kind, by, value string, delivered, answered int, score, low, high float64, c figures.Change) figures.Row {
		return figures.Row{Kind: kind, By: by, Value: value, Sent: delivered, Delivered: delivered, Answered: answered,
			Score: p(score), Low: p(low), High: p(high), Change: &c}
	}
	year := row(survey.NPS, "all", "all", 1284, 412, 41.7, 34.2, 48.8, figures.Change{Value: 3.1, Low: -5.9, High: 12.1, Word: "no change"})
	csat := row(survey.CSAT, "all", "all", 61, 24, 83.3, 64.1, 93.3, figures.Change{Value: -2.4, Low: -21.8, High: 16.2, Word: "no change"})
	ces := figures.Row{Kind: survey.CES, By: "all", Value: "all", Sent: 9, Delivered: 9, Answered: 3, Hidden: true}
	return figures.Digest{
		Month: survey.Month{Year: 2026, Month: time.November},
		Year:  &year, CSAT: &csat, CES: &ces,
		Sent: 183, Delivered: 181, Answered: 64,
		Changes: []figures.Row{
			row(survey.NPS, "size", "small", 402, 131, 56.5, 44.8, 66.4, figures.Change{Value: 21.3, Low: 5.6, High: 36.4, Word: "change"}),
			row(survey.NPS, "region", "Pohjois-Pohjanmaa", 96, 38, 13.2, -10.1, 34.9, figures.Change{Value: -31.6, Low: -59.8, High: -0.4, Word: "change"}),
			row(survey.CSAT, "trigger", "changed", 28, 12, 50, 25.4, 74.6, figures.Change{Value: -38.2, Low: -61.3, High: -4.9, Word: "change"}),
		},
		Changed: 3, Compared: 58,
		Comments: []figures.Comment{
			{Text: "Laskussa oli kolmatta kertaa väärä hinta, ja puhelimessa odotin puoli tuntia.", Kind: survey.NPS, Class: survey.Detractor, Period: "2026-11"},
			{Text: "Uusi kulkukortti toimi heti. Kiitos asentajalle!", Kind: survey.CSAT, Class: survey.Satisfied, Period: "2026-11"},
			{Text: "Helt okej, men jag vet inte vem jag ska ringa.", Kind: survey.NPS, Class: survey.Passive, Period: "2026-11"},
		},
	}
}
