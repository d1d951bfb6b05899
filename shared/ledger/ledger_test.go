package ledger_test

import (
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"kaiku/infra/parts"
	"kaiku/shared/ledger"
	"kaiku/shared/policy"
	"kaiku/shared/policyfile"
	"kaiku/shared/survey"
	"kaiku/shared/table"
	"kaiku/shared/table/bolt"
)

// monday is 10 o'clock in Helsinki on a Monday that is no holiday.
var monday = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// bench is a ledger under test and the table below it.
type bench struct {
	*ledger.Ledger
	table  table.Table
	policy *policy.Policy
}

// overEveryStore runs a test on a fresh ledger over each driver.
func overEveryStore(t *testing.T, policyYAML string, test func(t *testing.T, b bench)) {
	p, err := policyfile.Parse("test.yaml", []byte(policyYAML))
	if err != nil {
		t.Fatal(err)
	}
	t.Run("bolt", func(t *testing.T) {
		db, err := bolt.Open(filepath.Join(t.TempDir(), "kaiku.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		test(t, bench{ledger.New(db, p, ledger.NewIDs()), db, p})
	})
	t.Run("dynamodb", func(t *testing.T) {
		db := parts.DynamoTable(t)
		test(t, bench{ledger.New(db, p, ledger.NewIDs()), db, p})
	})
}

func raw(fields map[string]any) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for name, value := range fields {
		b, err := json.Marshal(value)
		if err != nil {
			panic(err)
		}
		out[name] = b
	}
	return out
}

// event is one about a usual customer with one contact.
func event(kind survey.EventType, id, customer string, at time.Time) survey.Event {
	return survey.Event{ID: id, Type: kind, At: at, CustomerID: customer,
		Customer:   raw(map[string]any{"name": "Leipomo Lahtinen Oy", "employees": 12, "turnover": 1_800_000, "industry": "10710", "region": "Pirkanmaa"}),
		ContractID: "K-" + customer,
		Contract:   raw(map[string]any{"service": "access-control", "annualValue": 4200, "startsOn": "2024-02-01", "owner": "team-tampere"}),
		Contacts: map[string]map[string]json.RawMessage{"P-1": raw(map[string]any{
			"email": "maija." + customer + "@leipomo.example", "name": "Maija Lahtinen", "role": "decision_maker", "language": "fi"})}}
}

// take takes an event in and returns its one decision.
func (b bench) take(t *testing.T, e survey.Event, now time.Time) survey.Decision {
	t.Helper()
	r, err := b.TakeEvent(t.Context(), e, now)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Decisions) != 1 {
		t.Fatalf("%d decisions, want 1", len(r.Decisions))
	}
	return r.Decisions[0]
}

// send claims a planned survey at its time and notes it as sent.
func (b bench) send(t *testing.T, d survey.Decision) ledger.Claim {
	t.Helper()
	c, err := b.Claim(t.Context(), ledger.Matter{Customer: d.Customer, Invitation: d.Invitation}, d.SendAt)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.NoteSent(t.Context(), c, "ses-1", d.SendAt); err != nil {
		t.Fatal(err)
	}
	return c
}

// due is what is on the agenda by now.
func (b bench) due(t *testing.T, now time.Time) []ledger.Matter {
	t.Helper()
	due, err := b.Due(t.Context(), now, 100)
	if err != nil {
		t.Fatal(err)
	}
	mails, err := b.DueMails(t.Context(), now, 100)
	if err != nil {
		t.Fatal(err)
	}
	return append(due, mails...)
}

// given is an answer that fits whatever it is asked for.
func given(a survey.Answer) func(survey.Outcome) (survey.Answer, error) {
	return func(survey.Outcome) (survey.Answer, error) { return a, nil }
}
