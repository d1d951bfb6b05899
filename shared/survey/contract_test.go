package survey_test

import (
	"testing"
	"time"

	"kaiku/shared/survey"
)

const graceDays = 30

// say is an event about contract K-1.
func say(t testing.TB, on survey.EventType, at, fields string) survey.Event {
	return survey.Event{Type: on, At: moment(t, at), CustomerID: "C-1", ContractID: "K-1", Contract: object(t, fields)}
}

func backfill(t testing.TB, on survey.EventType, at, fields string) survey.Event {
	e := say(t, on, at, fields)
	e.Backfill = true
	return e
}

func TestWhenAContractRuns(t *testing.T) {
	helsinki := zone(t, "Europe/Helsinki")
	const started, changed, renewed, ended = survey.ContractStarted, survey.ContractChanged, survey.ContractRenewed, survey.ContractEnded
	for _, c := range []struct {
		name   string
		events []survey.Event
		begin  string
		over   string // empty: goes on
	}{
		{"started",
			[]survey.Event{say(t, started, "2026-01-10T09:30:00Z", `{"startsOn":"2026-01-01"}`)},
			"2026-01-10T09:30:00Z", ""},
		{"loaded: it began on its start date, not when it was loaded",
			[]survey.Event{backfill(t, started, "2026-01-10T09:30:00Z", `{"startsOn":"2024-02-01"}`)},
			"2024-01-31T22:00:00Z", ""},
		{"loaded without a start date",
			[]survey.Event{backfill(t, started, "2026-01-10T09:30:00Z", `{}`)},
			"2026-01-10T09:30:00Z", ""},
		{"loaded after it was said to have started",
			[]survey.Event{say(t, started, "2026-01-10T09:30:00Z", `{}`), backfill(t, started, "2026-02-01T00:00:00Z", `{"startsOn":"2025-01-01"}`)},
			"2026-01-10T09:30:00Z", ""},
		{"first heard of by a change",
			[]survey.Event{say(t, changed, "2026-01-10T09:30:00Z", `{"startsOn":"2024-07-01"}`)},
			"2024-06-30T21:00:00Z", ""},
		{"first heard of by a change, start unknown",
			[]survey.Event{say(t, changed, "2026-01-10T09:30:00Z", `{}`), say(t, changed, "2025-12-01T00:00:00Z", `{}`)},
			"2025-12-01T00:00:00Z", ""},
		{"an update of the customer says nothing of its contract",
			[]survey.Event{say(t, started, "2026-01-10T09:30:00Z", `{}`), say(t, survey.CustomerUpdated, "2026-01-11T09:30:00Z", `{"startsOn":"2025-03-01","endsOn":"2027-02-28"}`)},
			"2026-01-10T09:30:00Z", ""},

		{"ended",
			[]survey.Event{say(t, started, "2026-01-01T00:00:00Z", `{}`), say(t, ended, "2026-05-05T12:00:00Z", `{}`)},
			"2026-01-01T00:00:00Z", "2026-05-05T12:00:00Z"},
		{"ended, then its start is told late",
			[]survey.Event{say(t, ended, "2026-05-05T12:00:00Z", `{}`), say(t, started, "2026-01-01T00:00:00Z", `{}`)},
			"2026-01-01T00:00:00Z", "2026-05-05T12:00:00Z"},
		{"ended and renewed at the same moment: ended",
			[]survey.Event{say(t, renewed, "2026-05-05T12:00:00Z", `{}`), say(t, ended, "2026-05-05T12:00:00Z", `{}`), say(t, started, "2026-01-01T00:00:00Z", `{}`)},
			"2026-01-01T00:00:00Z", "2026-05-05T12:00:00Z"},
		{"renewed after it ended",
			[]survey.Event{say(t, started, "2026-01-01T00:00:00Z", `{}`), say(t, ended, "2026-05-05T12:00:00Z", `{}`), say(t, renewed, "2026-06-01T00:00:00Z", `{}`)},
			"2026-01-01T00:00:00Z", ""},
		{"started again after it ended",
			[]survey.Event{say(t, started, "2026-01-01T00:00:00Z", `{}`), say(t, ended, "2026-05-05T12:00:00Z", `{}`), say(t, started, "2026-06-01T00:00:00Z", `{}`)},
			"2026-06-01T00:00:00Z", ""},
		{"changed after it ended: still ended",
			[]survey.Event{say(t, started, "2026-01-01T00:00:00Z", `{}`), say(t, ended, "2026-05-05T12:00:00Z", `{}`), say(t, changed, "2026-06-01T00:00:00Z", `{}`)},
			"2026-01-01T00:00:00Z", "2026-05-05T12:00:00Z"},
		{"ended twice: the later stands",
			[]survey.Event{say(t, started, "2026-01-01T00:00:00Z", `{}`), say(t, ended, "2026-06-06T00:00:00Z", `{}`), say(t, ended, "2026-05-05T12:00:00Z", `{}`)},
			"2026-01-01T00:00:00Z", "2026-06-06T00:00:00Z"},

		{"lapses 30 days past its last day",
			[]survey.Event{say(t, started, "2025-02-01T08:00:00Z", `{"endsOn":"2026-01-31"}`)},
			"2025-02-01T08:00:00Z", "2026-03-02T22:00:00Z"},
		{"ended before it would lapse",
			[]survey.Event{say(t, started, "2025-02-01T08:00:00Z", `{"endsOn":"2026-01-31"}`), say(t, ended, "2026-01-31T12:00:00Z", `{}`)},
			"2025-02-01T08:00:00Z", "2026-01-31T12:00:00Z"},
		{"ended after it had lapsed",
			[]survey.Event{say(t, started, "2025-02-01T08:00:00Z", `{"endsOn":"2026-01-31"}`), say(t, ended, "2026-05-31T12:00:00Z", `{}`)},
			"2025-02-01T08:00:00Z", "2026-03-02T22:00:00Z"},
		{"an end without an end",
			[]survey.Event{say(t, started, "2025-02-01T08:00:00Z", `{"endsOn":"2026-01-31"}`), say(t, changed, "2025-05-01T08:00:00Z", `{"endsOn":null}`)},
			"2025-02-01T08:00:00Z", ""},
		{"renewed with a new end",
			[]survey.Event{say(t, started, "2025-02-01T08:00:00Z", `{"endsOn":"2026-01-31"}`), say(t, renewed, "2026-01-05T08:00:00Z", `{"endsOn":"2028-01-31"}`)},
			"2025-02-01T08:00:00Z", "2028-03-01T22:00:00Z"},
		{"renewed without a word of its end: the old end is moot",
			[]survey.Event{say(t, started, "2025-02-01T08:00:00Z", `{"endsOn":"2026-01-31"}`), say(t, renewed, "2026-01-05T08:00:00Z", `{}`)},
			"2025-02-01T08:00:00Z", ""},
		{"renewed, and the old end is told late",
			[]survey.Event{say(t, renewed, "2026-01-05T08:00:00Z", `{}`), say(t, started, "2025-02-01T08:00:00Z", `{"endsOn":"2026-01-31"}`)},
			"2025-02-01T08:00:00Z", ""},
		{"renewed, and a new end is told afterwards",
			[]survey.Event{say(t, started, "2025-02-01T08:00:00Z", `{"endsOn":"2026-01-31"}`), say(t, renewed, "2026-01-05T08:00:00Z", `{}`), say(t, changed, "2026-01-06T08:00:00Z", `{"endsOn":"2026-12-31"}`)},
			"2025-02-01T08:00:00Z", "2027-01-30T22:00:00Z"},
		{"renewed after it lapsed",
			[]survey.Event{say(t, started, "2025-02-01T08:00:00Z", `{"endsOn":"2026-01-31"}`), say(t, renewed, "2026-06-01T08:00:00Z", `{"endsOn":"2027-01-31"}`)},
			"2025-02-01T08:00:00Z", "2027-03-02T22:00:00Z"},
		{"a renewal begins a new term, not the contract",
			[]survey.Event{backfill(t, started, "2025-03-01T00:00:00Z", `{"startsOn":"2024-02-01"}`), say(t, renewed, "2026-01-05T08:00:00Z", `{"startsOn":"2026-02-01","endsOn":"2028-01-31"}`)},
			"2024-01-31T22:00:00Z", "2028-03-01T22:00:00Z"},
		{"a renewal is all that is known",
			[]survey.Event{say(t, renewed, "2026-01-05T08:00:00Z", `{"startsOn":"2026-02-01"}`)},
			"2026-01-31T22:00:00Z", ""},
		{"no end in sight, as some systems write it",
			[]survey.Event{say(t, started, "2025-02-01T08:00:00Z", `{"endsOn":"9999-12-31"}`)},
			"2025-02-01T08:00:00Z", "10000-01-30T22:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := survey.State{ID: "C-1"}
			apply(t, &s, c.events...)
			customer := customerOf(t, s)
			k, found := customer.Contract("K-1")
			if !found {
				t.Fatal("the contract is not there")
			}
			if got := k.Begin(helsinki).UTC().Format(time.RFC3339); got != c.begin {
				t.Errorf("begins %s, want %s", got, c.begin)
			}
			begin, over := k.Begin(helsinki), k.Over(helsinki, graceDays)
			got := ""
			if !over.IsZero() {
				got = over.UTC().Format(time.RFC3339)
			}
			if got != c.over {
				t.Errorf("is over %q, want %q", got, c.over)
			}
			wantActive := func(when string, at time.Time, want bool) {
				if got := k.Active(at, helsinki, graceDays); got != want {
					t.Errorf("%s: active %v, want %v", when, got, want)
				}
			}
			wantActive("the moment before it begins", begin.Add(-1), false)
			wantActive("as it begins", begin, true)
			if over.IsZero() {
				wantActive("a hundred years on", begin.AddDate(100, 0, 0), true)
				return
			}
			wantActive("the moment before it is over", over.Add(-1), true)
			wantActive("as it is over", over, false)
			wantActive("the year after", over.AddDate(1, 0, 0), false)
		})
	}
}

func TestAContractThatIsStillToStartIsLiveButNotActive(t *testing.T) {
	s := survey.State{ID: "C-1"}
	apply(t, &s, backfill(t, survey.ContractStarted, "2026-01-10T00:00:00Z", `{"startsOn":"2026-03-01"}`))
	customer := customerOf(t, s)
	k, _ := customer.Contract("K-1")
	now := moment(t, "2026-01-10T00:00:00Z")
	if k.Active(now, time.UTC, graceDays) || !k.Live(now, time.UTC, graceDays) {
		t.Error("a contract of March is active in January, or is not to come")
	}
}

func TestOnlyContractEventsMakeAContract(t *testing.T) {
	for _, on := range survey.EventTypes {
		s := survey.State{ID: "C-1"}
		apply(t, &s, say(t, on, "2026-01-10T00:00:00Z", `{"startsOn":"2025-03-01"}`))
		customer := customerOf(t, s)
		if _, found := customer.Contract("K-1"); found != on.AboutContract() {
			t.Errorf("after %s the contract is there: %v", on, found)
		}
	}
}

func TestContractFieldsAreThoseLastSaid(t *testing.T) {
	s := survey.State{ID: "C-1"}
	apply(t, &s, say(t, survey.ContractStarted, "2026-01-01T00:00:00Z", `{"service":"access-control","annualValue":4200,"currency":"EUR","owner":"team-tampere"}`),
		say(t, survey.ContractChanged, "2026-02-01T00:00:00Z", `{"annualValue":4320,"owner":null}`))
	customer := customerOf(t, s)
	k, _ := customer.Contract("K-1")
	if k.ID != "K-1" || k.Service != "access-control" || k.AnnualValue != 4320 || k.Currency != "EUR" || k.Owner != "" {
		t.Errorf("the contract is %+v", k)
	}
	if _, found := customer.Contract("K-2"); found {
		t.Error("a contract that nobody spoke of is there")
	}
}
