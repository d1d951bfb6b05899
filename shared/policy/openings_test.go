package policy_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"kaiku/shared/survey"
)

const closedOn = "openings: {closed: [2026-08-10, 2026-08-11]}\n"

func TestMailLeavesInTheNextOpening(t *testing.T) {
	const helsinki, tokyo, newYork = "Europe/Helsinki", "Asia/Tokyo", "America/New_York"
	for _, c := range []struct{ name, zone, from, want, yaml string }{
		{"in the middle of one", helsinki, "2026-03-10 11:22", "2026-03-10 11:22", ""},
		{"a minute before it", helsinki, "2026-03-10 08:59", "2026-03-10 09:00", ""},
		{"as it begins", helsinki, "2026-03-10 09:00", "2026-03-10 09:00", ""},
		{"its last minute", helsinki, "2026-03-10 14:59", "2026-03-10 14:59", ""},
		{"as it ends", helsinki, "2026-03-10 15:00", "2026-03-11 09:00", ""},
		{"in the night", helsinki, "2026-03-10 23:30", "2026-03-11 09:00", ""},
		{"just after midnight", helsinki, "2026-03-11 00:00", "2026-03-11 09:00", ""},
		{"Friday, its last minute", helsinki, "2026-03-13 14:59", "2026-03-13 14:59", ""},
		{"Friday, as it ends", helsinki, "2026-03-13 15:00", "2026-03-16 09:00", ""},
		{"Saturday", helsinki, "2026-03-14 12:00", "2026-03-16 09:00", ""},
		{"Sunday", helsinki, "2026-03-15 12:00", "2026-03-16 09:00", ""},

		{"New Year", helsinki, "2026-01-01 10:00", "2026-01-02 09:00", ""},
		{"Epiphany", helsinki, "2026-01-06 10:00", "2026-01-07 09:00", ""},
		{"Thursday evening before Easter", helsinki, "2026-04-02 15:00", "2026-04-07 09:00", ""},
		{"Good Friday 2026", helsinki, "2026-04-03 10:00", "2026-04-07 09:00", ""},
		{"Easter Monday 2026", helsinki, "2026-04-06 10:00", "2026-04-07 09:00", ""},
		{"Good Friday 2024", helsinki, "2024-03-29 10:00", "2024-04-02 09:00", ""},
		{"Easter Monday 2025", helsinki, "2025-04-21 10:00", "2025-04-22 09:00", ""},
		{"Easter Monday 2038, as late as it comes", helsinki, "2038-04-26 10:00", "2038-04-27 09:00", ""},
		{"First of May on a Friday", helsinki, "2026-05-01 10:00", "2026-05-04 09:00", ""},
		{"Ascension 2026", helsinki, "2026-05-14 10:00", "2026-05-15 09:00", ""},
		{"Ascension 2027", helsinki, "2027-05-06 10:00", "2027-05-07 09:00", ""},
		{"Midsummer Eve 2026, as early as it comes", helsinki, "2026-06-19 10:00", "2026-06-22 09:00", ""},
		{"Midsummer Eve 2027, as late as it comes", helsinki, "2027-06-25 10:00", "2027-06-28 09:00", ""},
		{"Midsummer Eve 2028", helsinki, "2028-06-23 10:00", "2028-06-26 09:00", ""},
		{"the Friday before Midsummer's", helsinki, "2027-06-18 10:00", "2027-06-18 10:00", ""},
		{"Independence Day on a Monday", helsinki, "2027-12-06 10:00", "2027-12-07 09:00", ""},
		{"Christmas Eve 2026", helsinki, "2026-12-24 10:00", "2026-12-28 09:00", ""},
		{"Christmas Day 2028", helsinki, "2028-12-25 10:00", "2028-12-27 09:00", ""},
		{"Boxing Day 2025", helsinki, "2025-12-26 10:00", "2025-12-29 09:00", ""},
		{"New Year's Eve is a working day", helsinki, "2026-12-31 14:00", "2026-12-31 14:00", ""},

		{"the Monday after clocks went forward", helsinki, "2026-03-30 06:00", "2026-03-30 09:00", ""},
		{"the Monday after clocks went back", helsinki, "2026-10-26 06:00", "2026-10-26 09:00", ""},
		{"over the change to summer time", helsinki, "2026-03-27 15:00", "2026-03-30 09:00", ""},
		{"over the change to winter time", helsinki, "2026-10-23 15:00", "2026-10-26 09:00", ""},
		{"open on the Sunday of the change", helsinki, "2026-03-29 02:59", "2026-03-29 09:00", "openings: {days: [sun]}\n"},
		{"open from a time that the clocks jump over", helsinki, "2026-03-29 02:00", "2026-03-29 04:00", "openings: {days: [sun], from: \"03:30\"}\n"},

		{"Tokyo by its own clock", tokyo, "2026-03-10 08:00", "2026-03-10 09:00", ""},
		{"Tokyo, its last minute", tokyo, "2026-03-10 14:59", "2026-03-10 14:59", ""},
		{"Tokyo on a Saturday that is Friday in Helsinki", tokyo, "2026-03-14 05:00", "2026-03-16 09:00", ""},
		{"Tokyo on Finland's holiday", tokyo, "2026-01-06 10:00", "2026-01-07 09:00", ""},
		{"New York by its own clock", newYork, "2026-03-10 08:59", "2026-03-10 09:00", ""},
		{"New York on a Friday that is Saturday in Helsinki", newYork, "2026-03-13 18:00", "2026-03-16 09:00", ""},
		{"New York after its own change of clocks", newYork, "2026-03-09 03:00", "2026-03-09 09:00", ""},
		{"New York on Finland's Independence Day", newYork, "2027-12-06 10:00", "2027-12-07 09:00", ""},

		{"days closed by the policy", helsinki, "2026-08-10 10:00", "2026-08-12 09:00", closedOn},
		{"the evening before days closed", helsinki, "2026-08-07 15:00", "2026-08-12 09:00", closedOn},
		{"other hours", helsinki, "2026-03-10 15:00", "2026-03-10 15:00", "openings: {from: \"12:00\", to: \"16:30\"}\n"},
		{"other hours, before", helsinki, "2026-03-10 09:00", "2026-03-10 12:00", "openings: {from: \"12:00\", to: \"16:30\"}\n"},
		{"to midnight", helsinki, "2026-03-10 23:59", "2026-03-10 23:59", "openings: {from: \"00:00\", to: \"24:00\"}\n"},
		{"one day a week", helsinki, "2026-03-10 10:00", "2026-03-12 09:00", "openings: {days: [thu]}\n"},
		{"no holidays", helsinki, "2026-01-06 10:00", "2026-01-06 10:00", "openings: {holidays: none}\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			loc := zone(t, c.zone)
			read := func(text string) time.Time {
				moment, err := time.ParseInLocation("2006-01-02 15:04", text, loc)
				if err != nil {
					t.Fatal(err)
				}
				return moment
			}
			got := parse(t, c.yaml).Opening(read(c.from), loc)
			if !got.Equal(read(c.want)) {
				t.Errorf("from %s it is %s, want %s", c.from, got.In(loc).Format("Mon 2006-01-02 15:04"), c.want)
			}
			if got.Location() != time.UTC {
				t.Errorf("the opening is in %v, not in UTC as everything stored", got.Location())
			}
		})
	}
}

// An opening, asked about again, is itself; it never lies before, and nothing
// that is open lies in between.
func TestTheNextOpeningIsTheNext(t *testing.T) {
	p := parse(t, closedOn)
	zones := []*time.Location{zone(t, "Europe/Helsinki"), zone(t, "Asia/Tokyo"), zone(t, "America/New_York"), zone(t, "Pacific/Chatham")}
	rapid.Check(t, func(rt *rapid.T) {
		loc := rapid.SampledFrom(zones).Draw(rt, "zone")
		from := time.Unix(rapid.Int64Range(1_700_000_000, 1_900_000_000).Draw(rt, "from"), 0)
		opening := p.Opening(from, loc)
		if opening.Before(from) || !p.Opening(opening, loc).Equal(opening) {
			rt.Fatalf("from %v it is %v, and from there %v", from, opening, p.Opening(opening, loc))
		}
		local := opening.In(loc)
		minutes := local.Hour()*60 + local.Minute()
		if local.Weekday() == time.Saturday || local.Weekday() == time.Sunday || minutes < 9*60 || minutes >= 15*60 {
			rt.Errorf("mail leaves on %s", local.Format("Mon 15:04"))
		}
		between := from.Add(time.Duration(rapid.Int64Range(0, max(0, int64(opening.Sub(from))-1)).Draw(rt, "between")))
		if between.Before(opening) && p.Opening(between, loc).Before(opening) {
			rt.Errorf("from %v it is %v, though %v is open", from, opening, p.Opening(between, loc))
		}
	})
}

// A calendar that shuts for good must not hang the one who asks.
func TestAPolicyThatNeverOpensStillAnswers(t *testing.T) {
	p := parse(t, "")
	p.Holiday = func(survey.Date) bool { return true }
	from := at(t, "2026-03-10 10:00")
	if got := p.Opening(from, p.Zone); !got.Equal(from) || got.Location() != time.UTC {
		t.Errorf("got %v, want to have given up at %v", got, from)
	}
}

func TestTheCustomersZoneOrElseThePolicys(t *testing.T) {
	p := parse(t, "timezone: Europe/Stockholm\n")
	for own, want := range map[string]string{"": "Europe/Stockholm", "Europe/Stockholm": "Europe/Stockholm",
		"Asia/Tokyo": "Asia/Tokyo", "Mars/Olympus": "Europe/Stockholm"} {
		if got := p.Location(&survey.Customer{Timezone: own}).String(); got != want {
			t.Errorf("%q is %s, want %s", own, got, want)
		}
	}
}
