package policy

import (
	"slices"
	"time"

	"kaiku/shared/survey"
)

// maxShut is how many days in a row the search for an opening looks through: a
// policy cannot close a whole year without the calendar being wrong.
const maxShut = 400

// Opening is the first moment from t on at which mail may be sent: t itself
// when it lies in an opening, else the start of the next, in loc. Openings are
// half-open: the closing minute itself is shut.
func (p *Policy) Opening(t time.Time, loc *time.Location) time.Time {
	local := t.In(loc)
	day := survey.DateOf(local)
	for range maxShut {
		if p.open(day) {
			from, to := day.Clock(int(p.Openings.From), loc), day.Clock(int(p.Openings.To), loc)
			if local.Before(from) {
				return from.UTC()
			}
			if local.Before(to) {
				return t.UTC()
			}
		}
		day = day.AddDays(1)
	}
	return t.UTC()
}

// open says whether anything is sent on that day.
func (p *Policy) open(day survey.Date) bool {
	weekday := Weekday(time.Date(day.Year, day.Month, day.Day, 12, 0, 0, 0, time.UTC).Weekday())
	return slices.Contains(p.Openings.Days, weekday) &&
		!slices.Contains(p.Openings.Closed, day) &&
		(p.Holiday == nil || !p.Holiday(day))
}
