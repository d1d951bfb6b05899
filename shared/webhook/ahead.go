package webhook

import (
	"fmt"
	"time"

	"kaiku/shared/survey"
)

// How far ahead of the clock an event may lie. Of two words the later said stands,
// so one dated by a slip far ahead would keep out every true one until then. A year
// and a month is room for a start, end or renewal that is told as soon as it is
// agreed. A survey of another system has been sent when it is told of: one that
// lies ahead would count in every frequency rule before it happens, so a day is
// room enough for clocks and time zones.
const (
	eventAhead  = 400 * 24 * time.Hour
	surveyAhead = 24 * time.Hour
)

// Ahead returns what of an event lies too far ahead of now.
func Ahead(e survey.Event, now time.Time) []Fault {
	var faults []Fault
	if e.Type == survey.CustomerSurveyed && e.SurveyAt.Sub(now) > surveyAhead {
		faults = append(faults, Fault{"data.survey.at", "lies ahead; tell of a survey when it has been sent"})
	}
	if e.At.Sub(now) > eventAhead {
		faults = append(faults, Fault{"timestamp", fmt.Sprintf("lies more than %d days ahead", int(eventAhead.Hours()/24))})
	}
	return faults
}
