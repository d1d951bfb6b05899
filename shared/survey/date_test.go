package survey_test

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kaiku/shared/survey"
)

func date(t testing.TB, text string) survey.Date {
	t.Helper()
	d, err := survey.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestAddingDays(t *testing.T) {
	for _, c := range []struct {
		from string
		days int
		want string
	}{
		{"2026-01-31", 1, "2026-02-01"},
		{"2026-02-28", 1, "2026-03-01"},
		{"2028-02-28", 1, "2028-02-29"},
		{"2028-02-29", 1, "2028-03-01"},
		{"2100-02-28", 1, "2100-03-01"}, // no leap year
		{"2000-02-28", 1, "2000-02-29"}, // but this was one
		{"2026-12-31", 1, "2027-01-01"},
		{"2027-01-01", -1, "2026-12-31"},
		{"2028-03-01", -1, "2028-02-29"},
		{"2026-03-28", 2, "2026-03-30"}, // over a change of clocks
		{"2026-05-05", 0, "2026-05-05"},
		{"2024-02-29", 366, "2025-03-01"},
	} {
		if got := date(t, c.from).AddDays(c.days).String(); got != c.want {
			t.Errorf("%s and %d days is %s, want %s", c.from, c.days, got, c.want)
		}
	}
}

func TestAddingYears(t *testing.T) {
	for _, c := range []struct {
		from  string
		years int
		want  string
	}{
		{"2024-02-29", 1, "2025-02-28"},
		{"2024-02-29", 4, "2028-02-29"},
		{"2096-02-29", 4, "2100-02-28"},
		{"2024-02-28", 1, "2025-02-28"},
		{"2024-03-01", 1, "2025-03-01"},
		{"2023-02-28", 1, "2024-02-28"},
		{"2026-12-31", 3, "2029-12-31"},
		{"2024-02-29", 0, "2024-02-29"},
		{"2024-02-29", -1, "2023-02-28"},
	} {
		if got := date(t, c.from).AddYears(c.years).String(); got != c.want {
			t.Errorf("%s and %d years is %s, want %s", c.from, c.years, got, c.want)
		}
	}
}

func TestADayBeginsWithItsFirstMomentInTheZone(t *testing.T) {
	for _, c := range []struct{ name, day, zone, want string }{
		{"winter", "2026-01-15", "Europe/Helsinki", "2026-01-14T22:00:00Z"},
		{"summer", "2026-07-15", "Europe/Helsinki", "2026-07-14T21:00:00Z"},
		{"clocks go forward later that day", "2026-03-29", "Europe/Helsinki", "2026-03-28T22:00:00Z"},
		{"clocks go back later that day", "2026-10-25", "Europe/Helsinki", "2026-10-24T21:00:00Z"},
		{"east", "2026-01-15", "Asia/Tokyo", "2026-01-14T15:00:00Z"},
		{"west", "2026-01-15", "America/New_York", "2026-01-15T05:00:00Z"},
		{"no midnight, east of Greenwich", "2026-04-24", "Africa/Cairo", "2026-04-23T22:00:00Z"},
		{"no midnight, west of Greenwich", "2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00Z"},
		{"two midnights", "2025-11-02", "America/Havana", "2025-11-02T04:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			loc := zone(t, c.zone)
			start := date(t, c.day).Start(loc)
			if got := start.UTC().Format(time.RFC3339); got != c.want {
				t.Errorf("%s begins at %s, want %s", c.day, got, c.want)
			}
			if got := survey.DateOf(start.In(loc)).String(); got != c.day {
				t.Errorf("the first moment of %s falls on %s", c.day, got)
			}
		})
	}
}

func TestATimeOfDayThatTheClocksJumpOverIsTheMomentTheyJumpTo(t *testing.T) {
	for _, c := range []struct {
		name, day, zone string
		minute          int
		want            string
	}{
		{"in the morning", "2026-03-29", "Europe/Helsinki", 9 * 60, "2026-03-29T06:00:00Z"},
		{"skipped, east of Greenwich", "2026-03-29", "Europe/Helsinki", 3*60 + 30, "2026-03-29T01:00:00Z"},
		{"skipped, west of Greenwich", "2026-03-08", "America/New_York", 2*60 + 30, "2026-03-08T07:00:00Z"},
		{"twice there", "2026-11-01", "America/New_York", 60 + 30, "2026-11-01T05:30:00Z"},
		{"the end of the day", "2026-01-15", "Europe/Helsinki", 24 * 60, "2026-01-15T22:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := date(t, c.day).Clock(c.minute, zone(t, c.zone)).UTC().Format(time.RFC3339)
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestOnlyDaysThatExistAreDates(t *testing.T) {
	for _, text := range []string{"", "2026-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-01-00", "2026-1-1", "26-01-01",
		"2026-01-01T00:00:00Z", "01.02.2026", " 2026-01-01", "2026-01-01 "} {
		if d, err := survey.ParseDate(text); err == nil {
			t.Errorf("%q is read as %s", text, d)
		}
	}
	for _, text := range []string{"2028-02-29", "0001-01-01", "9999-12-31"} {
		if d, err := survey.ParseDate(text); err != nil || d.String() != text {
			t.Errorf("%q is read as %s, %v", text, d, err)
		}
	}
}

func TestADateIsWrittenAsItIsRead(t *testing.T) {
	for _, d := range []survey.Date{{}, date(t, "2026-11-22"), date(t, "0033-04-03")} {
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var got survey.Date
		if err := json.Unmarshal(b, &got); err != nil || got != d {
			t.Errorf("%s is written %s and read %v, %v", d, b, got, err)
		}
	}
	var d survey.Date
	if err := json.Unmarshal([]byte(`"2026-02-30"`), &d); err == nil {
		t.Errorf("30 February is read as %s", d)
	}
}

// Days run as the standard library's calendar does.
func TestDatesAreOrderedAndCountedLikeTheCalendar(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		days := rapid.IntRange(-100_000, 100_000)
		base := survey.Date{Year: 2000, Month: 1, Day: 1}
		n, m := days.Draw(rt, "n"), days.Draw(rt, "m")
		a, b := base.AddDays(n), base.AddDays(m)
		if a.Before(b) != (n < m) || (a.Compare(b) == 0) != (n == m) || a.Compare(b)*b.Compare(a) > 0 {
			rt.Errorf("%s and %s are out of order", a, b)
		}
		if back := a.AddDays(-n); back != base {
			rt.Errorf("%d days there and back is %s", n, back)
		}
		if gap := a.Start(time.UTC).Sub(base.Start(time.UTC)); gap != time.Duration(n)*24*time.Hour {
			rt.Errorf("%s lies %v away, want %d days", a, gap, n)
		}
		years := rapid.IntRange(-50, 50).Draw(rt, "years")
		if y := a.AddYears(years); y.Year != a.Year+years || y.Month != a.Month || y.Day > a.Day || y.Day < min(a.Day, 28) {
			rt.Errorf("%s and %d years is %s", a, years, y)
		}
	})
}
