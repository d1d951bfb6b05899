package survey_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kaiku/shared/survey"
)

// moment reads a time as a test writes it.
func moment(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// object reads the fields of a JSON object.
func object(t testing.TB, text string) map[string]json.RawMessage {
	t.Helper()
	var out map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// asJSON is the form in which things are stored.
func asJSON(t rapid.TB, value any) string {
	t.Helper()
	b, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// values holds, for the fields of a customer, contract and contact, what events
// may say. Among them: cleared, the same said in two ways, and signs that JSON
// can write in two ways.
var values = map[string][]string{
	"name":        {`null`, `"Leipomo Lahtinen Oy"`, `"A&B Oy"`, `"A\u0026B Oy"`, `"A0B Oy"`, `"<i>Oy</i>"`, `"Å & Ä\u2028"`, `""`},
	"employees":   {`null`, `0`, `12`, `250`},
	"turnover":    {`null`, `1800000`, `1.8e6`},
	"chain":       {`null`, `true`, `false`},
	"timezone":    {`null`, `"Europe/Helsinki"`, `"Asia/Tokyo"`},
	"service":     {`null`, `"access-control"`, `"R&D"`},
	"annualValue": {`null`, `4200`, `0.5`},
	"startsOn":    {`null`, `"2024-02-29"`, `"2025-06-01"`},
	"endsOn":      {`null`, `"2026-01-31"`, `"9999-12-31"`},
	"email":       {`null`, `"maija@leipomo.example"`, `"m@leipomo.example"`},
	"role":        {`null`, `"decision_maker"`, `"billing"`},
}

func fieldsOf(names ...string) *rapid.Generator[map[string]json.RawMessage] {
	return rapid.Custom(func(t *rapid.T) map[string]json.RawMessage {
		out := map[string]json.RawMessage{}
		for _, name := range names {
			if rapid.Bool().Draw(t, "says "+name) {
				out[name] = json.RawMessage(rapid.SampledFrom(values[name]).Draw(t, name))
			}
		}
		return out
	})
}

// instants are few, so that events often share one, and some of them share only
// the millisecond. They span more than the surveys that are kept.
func instants() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		at := time.Date(2023, 1, 1, 8, 0, 0, 0, time.UTC)
		at = at.AddDate(0, rapid.SampledFrom([]int{0, 1, 23, 25, 40}).Draw(t, "month"), 0)
		return at.Add(rapid.SampledFrom([]time.Duration{0, 0, time.Millisecond, 300 * time.Microsecond}).Draw(t, "fraction"))
	})
}

// anyEvent is an event of any type about one customer.
func anyEvent() *rapid.Generator[survey.Event] {
	return rapid.Custom(func(t *rapid.T) survey.Event {
		e := survey.Event{
			ID: "msg", CustomerID: "C-1",
			Type:     rapid.SampledFrom(survey.EventTypes).Draw(t, "type"),
			At:       instants().Draw(t, "at"),
			Backfill: rapid.Bool().Draw(t, "backfill"),
			Customer: fieldsOf("name", "employees", "turnover", "chain", "timezone").Draw(t, "customer"),
			Contacts: map[string]map[string]json.RawMessage{},
		}
		if e.Type.AboutContract() || rapid.Bool().Draw(t, "speaks of a contract") {
			e.ContractID = fmt.Sprintf("K-%d", rapid.IntRange(1, 2).Draw(t, "contract"))
			e.Contract = fieldsOf("service", "annualValue", "startsOn", "endsOn").Draw(t, "contract fields")
		}
		for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"P-1", "P-2", "P-3"}), 0, 2, rapid.ID).Draw(t, "contacts") {
			e.Contacts[id] = fieldsOf("email", "name", "role").Draw(t, "contact fields")
		}
		if e.Type == survey.CustomerSurveyed {
			e.SurveyKind, e.SurveyAt = rapid.SampledFrom(survey.Kinds).Draw(t, "kind"), instants().Draw(t, "surveyed")
		}
		return e
	})
}
