package ledger_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"kaiku/infra/parts"
	"kaiku/shared/ledger"
	"kaiku/shared/policyfile"
	"kaiku/shared/survey"
	"kaiku/shared/table/dynamo"
)

// The budget of one survey, from its event to its answer.
const (
	writeBudget = 24.0
	readBudget  = 12.0
)

// One survey is followed for many customers at once, so that what each look at
// the agenda costs is shared as it is in use.
func TestASurveyFromEventToAnswerStaysWithinItsBudget(t *testing.T) {
	const customers = 100
	p, err := policyfile.Load("")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		loaded bool
		full   bool
	}{{"of a customer that was loaded before", true, false}, {"of a customer that nothing was known of", false, false},
		{"after an event that says all it can of two contacts", true, true}} {
		t.Run(c.name, func(t *testing.T) {
			db := parts.DynamoTable(t)
			b := bench{ledger.New(db, p, ledger.NewIDs()), db, p}
			if c.loaded {
				for i := range customers {
					e := event(survey.ContractStarted, fmt.Sprint("load_", i), fmt.Sprint("C-", 1000+i), monday.Add(-day))
					e.Backfill = true
					if _, err := b.TakeEvent(t.Context(), e, monday); err != nil {
						t.Fatal(err)
					}
				}
			}
			m := meter{t: t, db: db, per: customers, last: db.Consumed()}
			var decisions []survey.Decision
			for i := range customers {
				e := event(survey.ContractChanged, fmt.Sprint("msg_", i), fmt.Sprint("C-", 1000+i), monday)
				if c.full {
					sayEverything(&e)
				}
				decisions = append(decisions, b.take(t, e, monday))
			}
			m.step("webhook")
			now := decisions[0].SendAt
			for _, matter := range b.due(t, now) {
				if next, err := b.FallDue(t.Context(), matter, now); err != nil || next != ledger.NextQueue {
					t.Fatal(next, err)
				}
				if err := b.NoteQueued(t.Context(), matter, now); err != nil {
					t.Fatal(err)
				}
			}
			m.step("agenda")
			var refs []ledger.Ref
			for _, d := range decisions {
				refs = append(refs, b.send(t, d).Ref)
			}
			m.step("send")
			for _, ref := range refs {
				for _, fate := range []ledger.MailFate{ledger.FateSent, ledger.FateDelivered} {
					if err := b.NoteFate(t.Context(), ref, fate, now.Add(time.Second), now.Add(time.Second)); err != nil {
						t.Fatal(err)
					}
				}
			}
			m.step("mailevent")
			for _, ref := range refs {
				if _, err := b.Outcome(t.Context(), ref); err != nil { // the page
					t.Fatal(err)
				}
				if _, err := b.Answer(t.Context(), ref, given(survey.Answer{Score: 5, Comment: "Kaikki sujui hyvin."}), now.Add(time.Hour)); err != nil {
					t.Fatal(err)
				}
			}
			m.step("respond")
			if m.total.Write > writeBudget || m.total.Read > readBudget {
				t.Errorf("a survey costs %.1f write and %.1f read units; its budget is %.0f and %.0f", m.total.Write, m.total.Read, writeBudget, readBudget)
			}
			t.Logf("%-10s %5.1f write units %5.1f read units", "in all", m.total.Write, m.total.Read)
		})
	}
}

// sayEverything fills in what the timeline keeps of an event.
func sayEverything(e *survey.Event) {
	maps.Copy(e.Customer, raw(map[string]any{"balanceSheet": 900_000, "chain": false, "publicSector": false, "consumer": false, "timezone": "Europe/Helsinki"}))
	maps.Copy(e.Contract, raw(map[string]any{"endsOn": "2031-01-31", "currency": "EUR"}))
	e.Contacts["P-2"] = raw(map[string]any{"email": nil, "name": nil, "role": "billing", "language": "sv"})
}

// meter prints what each step cost, by the customer.
type meter struct {
	t     *testing.T
	db    *dynamo.Table
	per   float64
	last  dynamo.Units
	total dynamo.Units
}

func (m *meter) step(name string) {
	now := m.db.Consumed()
	used := now.Sub(m.last)
	m.last = now
	used.Read, used.Write = used.Read/m.per, used.Write/m.per
	m.total.Read += used.Read
	m.total.Write += used.Write
	m.t.Logf("%-10s %5.1f write units %5.1f read units", name, used.Write, used.Read)
}

// What counting costs follows what is new: the same for the first hundred answers
// and for a hundred after many others, in a month that has been counted before. A
// new answer is one item to read. A survey newly sent to a customer newly heard of
// is four: its outcome, the event, the customer, and what is counted of it.
func TestCountingCostsWhatIsNew(t *testing.T) {
	p, err := policyfile.Load("")
	if err != nil {
		t.Fatal(err)
	}
	db := parts.DynamoTable(t)
	b := bench{ledger.New(db, p, ledger.NewIDs()), db, p}
	const some = 100
	count := func(what string, round int, now time.Time, items float64) {
		t.Helper()
		before := db.Consumed()
		n, err := b.Count(t.Context(), now.Add(time.Hour))
		if err != nil || n != some {
			t.Fatalf("%d outcomes were counted, %v", n, err)
		}
		used := db.Consumed().Sub(before)
		t.Logf("with %d old answers, counting %d new %s takes %.0f read and %.0f write units", round*some, some, what, used.Read, used.Write)
		if most := 1.5 * items * some; used.Read > most {
			t.Errorf("counting %d %s reads %.0f units; what is new takes %.0f", some, what, used.Read, items*some)
		}
	}
	for round := range 4 {
		var refs []ledger.Ref
		now := monday
		for i := range some {
			e := event(survey.ContractChanged, fmt.Sprint("msg_", round, "_", i), fmt.Sprint("C-", round, "-", i), monday)
			d := b.take(t, e, monday)
			now = d.SendAt
			refs = append(refs, b.send(t, d).Ref)
		}
		count("surveys", round, now, 4)
		for _, ref := range refs {
			if _, err := b.Answer(t.Context(), ref, given(survey.Answer{Score: 4}), now.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		count("answers", round, now.Add(time.Hour), 1)
	}
}
