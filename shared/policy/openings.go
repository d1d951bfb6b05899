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
	day, weekday := survey.DateOf(local), local.Weekday()
	for range maxShut {
		if p.open(day, weekday) {
			if from := day.Clock(int(p.Openings.From), loc); local.Before(from) {
				return from.UTC()
			}
			if local.Before(day.Clock(int(p.Openings.To), loc)) {
				return t.UTC()
			}
		}
		day, weekday = day.AddDays(1), (weekday+1)%7
	}
	return t.UTC()
}

// DigestAt is when the digest about a month goes: at the first opening after it,
// by the policy's own clock.
func (p *Policy) DigestAt(month survey.Month) time.Time {
	next := month.AddMonths(1)
	return p.Opening(survey.Date{Year: next.Year, Month: next.Month, Day: 1}.Start(p.Zone), p.Zone)
}

// open says whether anything is sent on that day.
func (p *Policy) open(day survey.Date, weekday time.Weekday) bool {
	return slices.Contains(p.Openings.Days, Weekday(weekday)) &&
		!slices.Contains(p.Openings.Closed, day) &&
		(p.Holiday == nil || !p.Holiday(day))
}
