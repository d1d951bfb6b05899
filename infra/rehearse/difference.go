package rehearse

import (
	"fmt"
	"io"
	"time"

	"kaiku/shared/survey"
)

// Write lists what the first policy alone does with the customer after a minus,
// and what the second alone does after a plus, by the days of a time zone.
func (d *Difference) Write(out io.Writer, zone *time.Location) error {
	if _, err := fmt.Fprintln(out, d.Customer); err != nil {
		return err
	}
	a, b := d.Policy, d.Against
	for len(a)+len(b) > 0 {
		sign, of := "-", &a
		if len(a) == 0 || len(b) > 0 && b[0].At.Before(a[0].At) {
			sign, of = "+", &b
		}
		if _, err := fmt.Fprintf(out, "  %s %s\n", sign, (*of)[0].inWords(zone)); err != nil {
			return err
		}
		*of = (*of)[1:]
	}
	return nil
}

func (e *Entry) inWords(zone *time.Location) string {
	day := func(t time.Time) survey.Date { return survey.DateOf(t.In(zone)) }
	words := fmt.Sprintf("%s %s %s", day(e.At), e.Kind, e.Trigger)
	if e.Contract != "" {
		words += " " + e.Contract
	}
	words += ": " + string(e.Outcome)
	switch e.Outcome {
	case survey.Planned:
		return words + " for " + day(e.SendAt).String()
	case survey.Postponed:
		return fmt.Sprintf("%s to %s (%s)", words, day(e.Until), e.Rule)
	}
	return fmt.Sprintf("%s (%s)", words, e.Rule)
}
