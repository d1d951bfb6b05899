package policy_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kaiku/shared/survey"
)

// unspread is a policy whose annual surveys fall due on the anniversary itself.
const unspread = "rules: {spread: 0d}\n"

// begun is a contract that was loaded: it began on its start date.
func begun(t testing.TB, id, on string) survey.Contract {
	return survey.Contract{ID: id, StartsOn: date(t, on), FirstSay: at(t, "2025-01-01 12:00")}
}

func TestTheAnnualDueDate(t *testing.T) {
	loaded := survey.Yearly{} // the calendar of a customer not met before
	for _, c := range []struct {
		name string
		yaml string
		c    survey.Customer
		y    survey.Yearly
		now  string
		next string // anniversary; empty for none
		due  string
	}{
		{name: "the first anniversary after it was loaded", now: "2026-01-15 12:00", y: loaded,
			c:    survey.Customer{Contracts: []survey.Contract{begun(t, "K-1", "2020-06-01")}},
			next: "2026-06-01", due: "2026-06-01 00:00"},
		{name: "this year's is past", now: "2026-07-15 12:00", y: loaded,
			c:    survey.Customer{Contracts: []survey.Contract{begun(t, "K-1", "2020-06-01")}},
			next: "2027-06-01", due: "2027-06-01 00:00"},
		{name: "not in the first year", now: "2026-01-15 12:00", y: loaded,
			c:    survey.Customer{Contracts: []survey.Contract{begun(t, "K-1", "2026-01-10")}},
			next: "2027-01-10", due: "2027-01-10 00:00"},
		{name: "a contract still to start", now: "2026-01-15 12:00", y: loaded,
			c:    survey.Customer{Contracts: []survey.Contract{begun(t, "K-1", "2026-09-01")}},
			next: "2027-09-01", due: "2027-09-01 00:00"},
		{name: "the event says when it started", now: "2026-01-15 12:00", y: loaded,
			c:    survey.Customer{Contracts: []survey.Contract{{ID: "K-1", Started: at(t, "2025-03-03 23:30"), StartsOn: date(t, "2025-01-01")}}},
			next: "2026-03-03", due: "2026-03-03 00:00"},
		{name: "on the customer's own calendar", now: "2026-01-15 12:00", y: loaded,
			c:    survey.Customer{Timezone: "Asia/Tokyo", Contracts: []survey.Contract{{ID: "K-1", Started: at(t, "2025-03-03 23:30")}}},
			next: "2026-03-04", due: "2026-03-03 17:00"},
		{name: "29 February in a common year", now: "2026-01-15 12:00", y: loaded,
			c:    survey.Customer{Contracts: []survey.Contract{begun(t, "K-1", "2024-02-29")}},
			next: "2026-02-28", due: "2026-02-28 00:00"},
		{name: "29 February in a leap year", now: "2028-01-15 12:00", y: loaded,
			c:    survey.Customer{Contracts: []survey.Contract{begun(t, "K-1", "2024-02-29")}},
			next: "2028-02-29", due: "2028-02-29 00:00"},
		{name: "the oldest of several contracts", now: "2026-01-15 12:00", y: loaded,
			c:    survey.Customer{Contracts: []survey.Contract{begun(t, "K-1", "2024-06-01"), begun(t, "K-2", "2022-09-01"), begun(t, "K-3", "2023-03-01")}},
			next: "2026-09-01", due: "2026-09-01 00:00"},
		{name: "of those that are not over", now: "2026-01-15 12:00", y: loaded,
			c: survey.Customer{Contracts: []survey.Contract{begun(t, "K-1", "2024-06-01"),
				{ID: "K-2", StartsOn: date(t, "2020-03-01"), Ended: at(t, "2025-12-01 12:00")},
				{ID: "K-3", StartsOn: date(t, "2020-04-01"), EndsOn: date(t, "2025-11-30")}}},
			next: "2026-06-01", due: "2026-06-01 00:00"},
		{name: "the oldest will have lapsed by its anniversary: the next oldest's", now: "2026-01-15 12:00", y: loaded,
			c: survey.Customer{Contracts: []survey.Contract{begun(t, "K-1", "2024-06-01"),
				{ID: "K-2", StartsOn: date(t, "2020-03-01"), EndsOn: date(t, "2025-12-31")}}},
			next: "2026-06-01", due: "2026-06-01 00:00"},
		{name: "the oldest lapses after its anniversary: still its", now: "2026-01-15 12:00", y: loaded,
			c: survey.Customer{Contracts: []survey.Contract{begun(t, "K-1", "2024-06-01"),
				{ID: "K-2", StartsOn: date(t, "2020-03-01"), EndsOn: date(t, "2026-01-31")}}},
			next: "2026-03-01", due: "2026-03-01 00:00"},
		{name: "one after the other lapses: that of the last", now: "2026-01-15 12:00", y: loaded,
			c: survey.Customer{Contracts: []survey.Contract{begun(t, "K-1", "2024-12-01"),
				{ID: "K-2", StartsOn: date(t, "2020-03-01"), EndsOn: date(t, "2025-12-31")},
				{ID: "K-3", StartsOn: date(t, "2021-06-01"), EndsOn: date(t, "2026-04-01")}}},
			next: "2026-12-01", due: "2026-12-01 00:00"},
		{name: "the only one will have lapsed: its anniversary says so", now: "2026-01-15 12:00", y: loaded,
			c:    survey.Customer{Contracts: []survey.Contract{{ID: "K-2", StartsOn: date(t, "2020-06-01"), EndsOn: date(t, "2026-01-31")}}},
			next: "2026-06-01", due: "2026-06-01 00:00"},
		{name: "no contract", now: "2026-01-15 12:00", y: loaded, c: survey.Customer{}},
		{name: "every contract over", now: "2026-01-15 12:00",
			y: survey.Yearly{Since: at(t, "2025-01-01 00:00"), Done: date(t, "2025-03-01"), Next: date(t, "2026-03-01"), Due: at(t, "2026-03-01 00:00")},
			c: survey.Customer{Contracts: []survey.Contract{{ID: "K-2", StartsOn: date(t, "2020-03-01"), Ended: at(t, "2025-12-01 12:00")}}}},
		{name: "erased", now: "2026-01-15 12:00", y: loaded,
			c: survey.Customer{Erased: true, Contracts: []survey.Contract{begun(t, "K-1", "2020-06-01")}}},

		{name: "due during an outage: still due", now: "2026-08-15 12:00",
			y:    survey.Yearly{Since: at(t, "2025-01-01 00:00"), Done: date(t, "2025-06-01"), Next: date(t, "2026-06-01"), Due: at(t, "2026-06-01 00:00")},
			c:    survey.Customer{Contracts: []survey.Contract{begun(t, "K-1", "2020-06-01")}},
			next: "2026-06-01", due: "2026-06-01 00:00"},
		{name: "done: the next year's", now: "2026-06-01 00:00",
			y:    survey.Yearly{Since: at(t, "2025-01-01 00:00"), Done: date(t, "2026-06-01")},
			c:    survey.Customer{Contracts: []survey.Contract{begun(t, "K-1", "2020-06-01")}},
			next: "2027-06-01", due: "2027-06-01 00:00"},
		{name: "put off: stays put off", now: "2026-06-10 00:00",
			y: survey.Yearly{Since: at(t, "2025-01-01 00:00"), Done: date(t, "2025-06-01"), Next: date(t, "2026-06-01"),
				Due: at(t, "2026-08-20 13:45"), Postponed: true},
			c:    survey.Customer{Contracts: []survey.Contract{begun(t, "K-1", "2020-06-01")}},
			next: "2026-06-01", due: "2026-08-20 13:45"},
		{name: "put off, then every contract ended", now: "2026-06-10 00:00",
			y: survey.Yearly{Since: at(t, "2025-01-01 00:00"), Done: date(t, "2025-06-01"), Next: date(t, "2026-06-01"),
				Due: at(t, "2026-08-20 13:45"), Postponed: true},
			c: survey.Customer{Contracts: []survey.Contract{{ID: "K-1", StartsOn: date(t, "2020-06-01"), Ended: at(t, "2026-06-09 00:00")}}}},
		{name: "a new customer again: what is past is not made up for", now: "2026-09-01 00:00",
			y:    survey.Yearly{Done: date(t, "2025-06-01")},
			c:    survey.Customer{Contracts: []survey.Contract{begun(t, "K-1", "2020-06-01")}},
			next: "2027-06-01", due: "2027-06-01 00:00"},

		{name: "the oldest contract ended before its anniversary: that of the next oldest", now: "2026-05-02 12:00",
			y: survey.Yearly{Since: at(t, "2025-01-01 00:00"), Done: date(t, "2025-06-01"), Next: date(t, "2026-06-01"), Due: at(t, "2026-06-01 00:00")},
			c: survey.Customer{Contracts: []survey.Contract{begun(t, "K-1", "2022-09-01"),
				{ID: "K-2", StartsOn: date(t, "2020-06-01"), Ended: at(t, "2026-05-02 12:00")}}},
			next: "2026-09-01", due: "2026-09-01 00:00"},
		{name: "the oldest contract ended: no anniversary of the next oldest from before that", now: "2026-11-20 12:00",
			y: survey.Yearly{Since: at(t, "2024-01-01 00:00"), Done: date(t, "2025-12-10"), Next: date(t, "2026-12-10"), Due: at(t, "2026-12-10 00:00")},
			c: survey.Customer{Contracts: []survey.Contract{begun(t, "K-1", "2022-01-15"),
				{ID: "K-2", StartsOn: date(t, "2020-12-10"), Ended: at(t, "2026-11-20 12:00")}}},
			next: "2027-01-15", due: "2027-01-15 00:00"},
		{name: "the oldest contract lapsed: no anniversary of the next oldest from before that", now: "2026-11-20 12:00",
			y: survey.Yearly{Since: at(t, "2024-01-01 00:00"), Done: date(t, "2025-12-10"), Next: date(t, "2026-12-10"), Due: at(t, "2026-12-10 00:00")},
			c: survey.Customer{Contracts: []survey.Contract{begun(t, "K-1", "2022-01-15"),
				{ID: "K-2", StartsOn: date(t, "2020-12-10"), EndsOn: date(t, "2026-10-20")}}},
			next: "2027-01-15", due: "2027-01-15 00:00"},
		{name: "a younger contract ended: nothing changes, an outage included", now: "2026-11-20 12:00",
			y: survey.Yearly{Since: at(t, "2024-01-01 00:00"), Done: date(t, "2025-10-10"), Next: date(t, "2026-10-10"), Due: at(t, "2026-10-10 00:00")},
			c: survey.Customer{Contracts: []survey.Contract{begun(t, "K-1", "2020-10-10"),
				{ID: "K-2", StartsOn: date(t, "2023-05-05"), Ended: at(t, "2026-11-20 12:00")}}},
			next: "2026-10-10", due: "2026-10-10 00:00"},
		{name: "an older contract becomes known", now: "2026-02-01 12:00",
			y:    survey.Yearly{Since: at(t, "2025-01-01 00:00"), Done: date(t, "2025-09-01"), Next: date(t, "2026-09-01"), Due: at(t, "2026-09-01 00:00")},
			c:    survey.Customer{Contracts: []survey.Contract{begun(t, "K-1", "2022-09-01"), begun(t, "K-2", "2019-06-01")}},
			next: "2026-06-01", due: "2026-06-01 00:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.c.ID = "C-1"
			y := parse(t, unspread).Yearly(&c.c, c.y, at(t, c.now))
			want := ""
			if c.next != "" {
				want = at(t, c.due).UTC().Format(time.RFC3339)
			}
			got := ""
			if !y.Due.IsZero() {
				got = y.Due.UTC().Format(time.RFC3339)
			}
			if y.Next.String() != c.next || got != want {
				t.Errorf("anniversary %q due %q, want %q due %q", y.Next, got, c.next, want)
			}
			if y.Since.Location() != time.UTC && c.y.Since.IsZero() || y.Due.Location() != time.UTC && !y.Postponed {
				t.Errorf("since %v and due %v, not in UTC as everything stored", y.Since, y.Due)
			}
			if y.Done != c.y.Done {
				t.Errorf("done became %v, was %v", y.Done, c.y.Done)
			}
			if again := parse(t, unspread).Yearly(&c.c, y, at(t, c.now)); again != y {
				t.Errorf("asked again it is %+v, was %+v", again, y)
			}
		})
	}
}

func TestTheSpreadIsFixedForACustomerAndEvenOverAll(t *testing.T) {
	p := parse(t, "")
	const customers, days = 29_000, 29
	var on [days]int
	for i := range customers {
		c := survey.Customer{ID: fmt.Sprintf("C-%05d", i), Contracts: []survey.Contract{begun(t, "K-1", "2020-06-01")}}
		y := p.Yearly(&c, survey.Yearly{}, at(t, "2026-01-15 12:00"))
		later := int(y.Due.Sub(at(t, "2026-06-01 00:00")) / day)
		if later < 0 || later >= days || y.Next.String() != "2026-06-01" {
			t.Fatalf("%s is due %d days after %s", c.ID, later, y.Next)
		}
		on[later]++
		if i%1000 == 0 {
			next := p.Yearly(&c, survey.Yearly{Since: y.Since, Done: y.Next}, at(t, "2026-07-15 12:00"))
			if next.Due.Sub(at(t, "2027-06-01 00:00")) != time.Duration(later)*day {
				t.Errorf("%s was due %d days after its anniversary, the year after %v", c.ID, later, next.Due)
			}
		}
	}
	// A thousand a day are expected, with a standard deviation of 31.
	for later, n := range on {
		if n < 850 || n > 1150 {
			t.Errorf("%d of %d customers are due %d days after", n, customers, later)
		}
	}
}

func TestAnAnniversaryWhoseSpreadLiesAheadIsStillOurs(t *testing.T) {
	p := parse(t, "")
	c := survey.Customer{Contracts: []survey.Contract{begun(t, "K-1", "2020-06-01")}}
	var due time.Time
	for i := 0; due.Before(at(t, "2026-06-15 00:00")); i++ {
		c.ID = fmt.Sprintf("C-%d", i)
		due = p.Yearly(&c, survey.Yearly{}, at(t, "2026-05-01 12:00")).Due
	}
	for _, c2 := range []struct {
		name   string
		loaded time.Time
		next   string
	}{
		{"loaded after the anniversary, before it falls due", due.Add(-day), "2026-06-01"},
		{"loaded as it falls due", due, "2026-06-01"},
		{"loaded a second later", due.Add(time.Second), "2027-06-01"},
	} {
		if y := p.Yearly(&c, survey.Yearly{}, c2.loaded); y.Next.String() != c2.next {
			t.Errorf("%s: the anniversary is %s, want %s", c2.name, y.Next, c2.next)
		}
	}
}

func TestWhatFollowsAnAnnualDecision(t *testing.T) {
	p := parse(t, unspread)
	c := survey.Customer{ID: "C-1", Contracts: []survey.Contract{begun(t, "K-1", "2020-06-01")}}
	y := survey.Yearly{Since: at(t, "2025-01-01 00:00"), Done: date(t, "2025-06-01"), Next: date(t, "2026-06-01"), Due: at(t, "2026-06-01 00:00")}
	now := at(t, "2026-06-01 00:01")
	for _, c2 := range []struct {
		name      string
		d         survey.Decision
		next, due string
		done      string
		postponed bool
	}{
		{"planned: the next year", survey.Decision{Outcome: survey.Planned}, "2027-06-01", "2027-06-01 00:00", "2026-06-01", false},
		{"suppressed: the next year", survey.Decision{Outcome: survey.Suppressed}, "2027-06-01", "2027-06-01 00:00", "2026-06-01", false},
		{"put off: the same anniversary, later", survey.Decision{Outcome: survey.Postponed, Until: at(t, "2026-08-20 13:45")},
			"2026-06-01", "2026-08-20 13:45", "2025-06-01", true},
		{"put off to just before the next", survey.Decision{Outcome: survey.Postponed, Until: at(t, "2027-05-31 23:59")},
			"2026-06-01", "2027-05-31 23:59", "2025-06-01", true},
		{"put off to the next: given up for that", survey.Decision{Outcome: survey.Postponed, Until: at(t, "2027-06-01 00:00")},
			"2027-06-01", "2027-06-01 00:00", "2026-06-01", false},
	} {
		t.Run(c2.name, func(t *testing.T) {
			got := p.AfterAnnual(&c, y, c2.d, now)
			if got.Next != date(t, c2.next) || !got.Due.Equal(at(t, c2.due)) || got.Done != date(t, c2.done) || got.Postponed != c2.postponed || got.Since != y.Since {
				t.Errorf("got %+v", got)
			}
			if got.Due.Location() != time.UTC {
				t.Errorf("due %v, not in UTC as everything stored", got.Due)
			}
			if again := p.Yearly(&c, got, now); again != got {
				t.Errorf("brought up to date it is %+v, was %+v", again, got)
			}
		})
	}
	t.Run("put off twice, then done: the next year", func(t *testing.T) {
		once := p.AfterAnnual(&c, y, survey.Decision{Outcome: survey.Postponed, Until: at(t, "2026-07-20 00:00")}, now)
		twice := p.AfterAnnual(&c, once, survey.Decision{Outcome: survey.Postponed, Until: at(t, "2026-08-20 00:00")}, once.Due)
		if twice.Next != y.Next || !twice.Due.Equal(at(t, "2026-08-20 00:00")) {
			t.Fatalf("put off twice it is %+v", twice)
		}
		done := p.AfterAnnual(&c, twice, survey.Decision{Outcome: survey.Planned}, twice.Due)
		if done.Next.String() != "2027-06-01" || done.Done != y.Next || done.Postponed {
			t.Errorf("done it is %+v", done)
		}
	})
	t.Run("the last contract ended meanwhile", func(t *testing.T) {
		over := survey.Customer{ID: "C-1", Contracts: []survey.Contract{{ID: "K-1", StartsOn: date(t, "2020-06-01"), Ended: at(t, "2026-05-30 00:00")}}}
		if got := p.AfterAnnual(&over, y, survey.Decision{Outcome: survey.Suppressed}, now); !got.Due.IsZero() || got.Done != y.Next {
			t.Errorf("got %+v", got)
		}
	})
}

// However late each due date is looked at, every anniversary is decided once and
// none is left out.
func TestAnOutageSkipsNoYear(t *testing.T) {
	p := parse(t, "")
	rapid.Check(t, func(rt *rapid.T) {
		start := survey.DateOf(time.Unix(rapid.Int64Range(1_300_000_000, 1_700_000_000).Draw(rt, "start"), 0).UTC())
		c := survey.Customer{ID: rapid.StringMatching(`C-[0-9]{1,6}`).Draw(rt, "id"),
			Contracts: []survey.Contract{{ID: "K-1", StartsOn: start}}}
		now := time.Unix(rapid.Int64Range(1_700_000_000, 1_800_000_000).Draw(rt, "loaded"), 0)
		y := p.Yearly(&c, survey.Yearly{}, now)
		last := y.Next
		for range 6 {
			now = y.Due.Add(time.Duration(rapid.Int64Range(0, int64(900*day)).Draw(rt, "late")))
			y = p.Yearly(&c, y, now) // an event on the way changes nothing
			y = p.AfterAnnual(&c, y, survey.Decision{Outcome: survey.Planned}, now)
			if want := start.AddYears(last.Year + 1 - start.Year); y.Next != want || y.Done != last {
				rt.Fatalf("after the anniversary %s comes %s, want %s", last, y.Next, want)
			}
			if spread := y.Due.Sub(y.Next.Start(p.Zone)); spread < -hour || spread > 28*day+hour {
				rt.Errorf("%s is due %v later", y.Next, spread)
			}
			last = y.Next
		}
	})
}
