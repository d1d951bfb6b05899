package ledger_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kaiku/shared/ledger"
	"kaiku/shared/policyfile"
	"kaiku/shared/survey"
	"kaiku/shared/table"
	"kaiku/shared/table/tabletest"
)

// Events that ask nothing, in any order and as often as the sender repeats them,
// end in the same item, byte by byte, and on the same place of the agenda.
func TestAnyOrderOfTheSameEventsIsStoredTheSame(t *testing.T) {
	p, err := policyfile.Parse("test.yaml", []byte("triggers: {started: {on: false, delay: 0d}, changed: {on: false, delay: 0d}, "+
		"renewed: {on: false, delay: 0d}, ended: {on: false, delay: 0d}, interaction: {on: false, delay: 0d}}"))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		var events []survey.Event
		for i := range rapid.IntRange(1, 12).Draw(rt, "events") {
			events = append(events, wordOf(rt, fmt.Sprint("msg_", i)))
		}
		store := func(events []survey.Event) string {
			db := tabletest.NewMemory()
			l := ledger.New(db, p, ledger.NewIDs())
			for _, e := range events {
				if _, err := l.TakeEvent(rt.Context(), e, monday); err != nil {
					rt.Fatal(err)
				}
			}
			item, err := db.Get(rt.Context(), table.Key{Partition: "CUSTOMER#C-1", Sort: "STATE"})
			if err != nil {
				rt.Fatal(err)
			}
			return fmt.Sprintf("due %v %s", item.Due, item.Body)
		}
		straight := store(events)
		repeated := append(events[:len(events):len(events)], rapid.SliceOf(rapid.SampledFrom(events)).Draw(rt, "repeated")...)
		if shuffled := store(rapid.Permutation(repeated).Draw(rt, "order")); shuffled != straight {
			rt.Errorf("in order      %s\nin disorder   %s", straight, shuffled)
		}
	})
}

// wordOf says something of one customer. Its moments are few, so that words of one
// moment contradict each other; null clears, and a contact comes and goes.
func wordOf(t *rapid.T, id string) survey.Event {
	e := survey.Event{ID: id, CustomerID: "C-1", Backfill: rapid.Bool().Draw(t, "backfill"),
		At:   monday.Add(time.Duration(rapid.IntRange(-3, 0).Draw(t, "days")) * 200 * day),
		Type: rapid.SampledFrom(survey.EventTypes[:7]).Draw(t, "type"), Contacts: map[string]map[string]json.RawMessage{}}
	if rapid.IntRange(0, 30).Draw(t, "erased") == 0 {
		e.Type = survey.CustomerErased
	}
	some := func(name string, values ...any) map[string]json.RawMessage {
		if !rapid.Bool().Draw(t, "says "+name) {
			return map[string]json.RawMessage{}
		}
		return raw(map[string]any{name: rapid.SampledFrom(values).Draw(t, name)})
	}
	e.Customer = some("timezone", "Europe/Helsinki", "Asia/Tokyo", nil)
	if e.Type.AboutContract() {
		e.ContractID = rapid.SampledFrom([]string{"K-1", "K-2"}).Draw(t, "contract")
		e.Contract = some("startsOn", "2022-02-01", "2024-02-29", nil)
		for name, value := range some("endsOn", "2026-06-30", "2027-01-31", "2028-01-31", nil) {
			e.Contract[name] = value
		}
	}
	e.Contacts[rapid.SampledFrom([]string{"P-1", "P-2"}).Draw(t, "contact")] = some("email", "a@firm.example", "b@firm.example", nil)
	if e.Type == survey.InteractionClosed {
		e.InteractionID, e.InteractionContact = id, "P-1"
	}
	if e.Type == survey.CustomerSurveyed {
		e.SurveyKind, e.SurveyAt = rapid.SampledFrom(survey.Kinds).Draw(t, "kind"), e.At
	}
	return e
}
