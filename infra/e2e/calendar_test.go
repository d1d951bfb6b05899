package e2e

import (
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // a machine may have no time zones of its own
)

const day = 24 * time.Hour

// holidays are the weekdays on which Finnish offices are closed, in the years
// that the tests run through; from the almanac, not from the code.
var holidays = []string{
	"2026-12-24", "2026-12-25",
	"2027-01-01", "2027-01-06", "2027-03-26", "2027-03-29", "2027-05-06", "2027-06-25", "2027-12-06", "2027-12-24",
}

// zone is a time zone by its name; empty is that of the programme.
func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	if name == "" {
		name = "Europe/Helsinki"
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// open says whether mail may go out at that moment: Monday to Friday from nine
// to three, by the customer's clock, and on no holiday.
func open(at time.Time, loc *time.Location) bool {
	local := at.In(loc)
	weekday := local.Weekday() != time.Saturday && local.Weekday() != time.Sunday
	return weekday && local.Hour() >= 9 && local.Hour() < 15 && !slices.Contains(holidays, local.Format(time.DateOnly))
}

// opening is the first moment from then on at which mail may go out.
func opening(at time.Time, loc *time.Location) time.Time {
	for !open(at, loc) {
		nine := onTheClock(at, loc, 0, 9)
		if !at.Before(nine) {
			nine = onTheClock(at, loc, 1, 9)
		}
		at = nine
	}
	return at
}

// onTheClock is a full hour on the clock of the day of a moment, or some days
// later.
func onTheClock(at time.Time, loc *time.Location, days, hour int) time.Time {
	y, m, d := at.In(loc).Date()
	return time.Date(y, m, d+days, hour, 0, 0, 0, loc)
}

// midnight is when the day of a moment began, or one some days later.
func midnight(at time.Time, loc *time.Location, days int) time.Time {
	return onTheClock(at, loc, days, 0)
}
