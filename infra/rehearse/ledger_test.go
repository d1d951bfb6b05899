package rehearse_test

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"kaiku/infra/rehearse"
	"kaiku/shared/ledger"
	"kaiku/shared/policyfile"
	"kaiku/shared/survey"
	"kaiku/shared/table"
	"kaiku/shared/table/bolt"
	"kaiku/shared/webhook"
)

const (
	contractsFile = "../../events/contracts.csv"
	yearFile      = "../../events/year.jsonl"
)

var firstDay = survey.Date{Year: 2026, Month: 11, Day: 22}

// production is the ledger of production over bolt, and a clock that jumps from
// one moment at which something happens to the next.
type production struct {
	t      *testing.T
	table  *bolt.Table
	ledger *ledger.Ledger
	ids    map[string]bool
	now    time.Time
}

func newProduction(t *testing.T, p rehearse.NamedPolicy) *production {
	db, err := bolt.Open(filepath.Join(t.TempDir(), "kaiku.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return &production{t, db, ledger.New(db, p.Policy, ledger.NewIDs()), map[string]bool{}, time.Time{}}
}

func (p *production) take(e survey.Event, now time.Time) {
	p.t.Helper()
	p.ids[e.CustomerID] = true
	if _, err := p.ledger.TakeEvent(p.t.Context(), e, now); err != nil {
		p.t.Fatal(err)
	}
}

// live takes events in, in order, and does what falls due until to.
func (p *production) live(events []survey.Event, to time.Time) {
	p.t.Helper()
	for {
		var due []table.DueKey
		for _, lane := range []string{"agenda", "mail"} {
			first, err := p.table.Due(p.t.Context(), lane, to.Add(-time.Millisecond), 1)
			if err != nil {
				p.t.Fatal(err)
			}
			due = append(due, first...)
		}
		slices.SortFunc(due, func(a, b table.DueKey) int { return a.At.Compare(b.At) })
		switch {
		case len(events) > 0 && events[0].At.Before(to) && (len(due) == 0 || !due[0].At.Before(events[0].At)):
			p.now = events[0].At
			p.take(events[0], p.now)
			events = events[1:]
		case len(due) > 0:
			if p.now.Before(due[0].At) { // else it fell due by the last event
				p.now = due[0].At
			}
			p.doDue(p.now)
		default:
			return
		}
	}
}

// doDue does all that is due at now: the annual decisions first, then the mails,
// each by customer.
func (p *production) doDue(now time.Time) {
	p.t.Helper()
	matters, err := p.ledger.Due(p.t.Context(), now, 10_000)
	if err != nil {
		p.t.Fatal(err)
	}
	mails, err := p.ledger.DueMails(p.t.Context(), now, 10_000)
	if err != nil {
		p.t.Fatal(err)
	}
	matters = append(matters, mails...)
	slices.SortStableFunc(matters, func(a, b ledger.Matter) int {
		return cmp.Or(cmp.Compare(len(a.Invitation), len(b.Invitation)), cmp.Compare(a.Customer, b.Customer))
	})
	for _, m := range matters {
		if m.Invitation == "" {
			if err := p.ledger.CustomerDue(p.t.Context(), m.Customer, now); err != nil {
				p.t.Fatal(err)
			}
			continue
		}
		next, err := p.ledger.FallDue(p.t.Context(), m, now)
		if err != nil {
			p.t.Fatal(err)
		}
		if next != ledger.NextQueue { // it was sent before, and is followed up
			continue
		}
		claim, err := p.ledger.Claim(p.t.Context(), m, now)
		if err == nil {
			err = p.ledger.NoteSent(p.t.Context(), claim, "ses-"+m.Invitation, now)
		}
		if err != nil && err != ledger.ErrNotDue { //nolint:errorlint // it is returned as it is
			p.t.Fatal(err)
		}
	}
}

// found is what came of a year, in the terms of a report.
type found struct {
	Decisions map[rehearse.DecisionKind]int64
	Rules     map[survey.Rule]int64 // that said no to a decision
	Days      map[survey.Date]int64
	Customers map[string]int
}

func newFound() found {
	return found{map[rehearse.DecisionKind]int64{}, map[survey.Rule]int64{}, map[survey.Date]int64{}, map[string]int{}}
}

// recount reads every customer's timeline.
func (p *production) recount(zone *time.Location, to time.Time) found {
	p.t.Helper()
	f := newFound()
	for customer := range p.ids {
		for after := ""; ; {
			page, err := p.ledger.Timeline(p.t.Context(), customer, after, 100)
			if err != nil {
				p.t.Fatal(err)
			}
			for _, line := range page.Entries {
				day := survey.DateOf(line.At.In(zone))
				switch {
				case line.What == "decision":
					d := line.Decision
					f.Decisions[rehearse.DecisionKind{Month: day.String()[:7], Kind: d.Kind, Trigger: d.Trigger, Outcome: d.Outcome, Rule: d.Rule}]++
					if d.Outcome != survey.Cancelled {
						for _, rule := range d.Rules {
							f.Rules[rule]++
						}
					}
				case line.What == "mail" && line.State == "sent" && line.At.Before(to):
					f.Days[day]++
					f.Customers[customer]++
				}
			}
			if after = page.Next; after == "" {
				break
			}
		}
	}
	return f
}

// rehearsed is what a report says, in the same terms.
func rehearsed(r *rehearse.Report) found {
	f := newFound()
	for _, d := range r.Policy.Decisions {
		f.Decisions[d.DecisionKind] = d.Count
	}
	for _, rule := range r.Policy.Rules {
		if rule.Any > 0 {
			f.Rules[rule.Rule] = rule.Any
		}
	}
	for _, d := range r.Policy.Days {
		f.Days[d.Day] = d.Sent
	}
	for _, c := range r.Customers {
		f.Customers[c.Customer] = c.Sent
	}
	return f
}

// imported makes the events of an import of a file, as `kaiku import` does, and
// those that the contracts' own dates let expect, unless they are foretold. It
// reads the file in its own way.
func imported(t *testing.T, file string, from, to time.Time, zone *time.Location, foretold map[string]bool) (backfill, expected []survey.Event) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for n, values := range rows[1:] {
		customer, contract, contact := map[string]any{}, map[string]any{}, map[string]any{}
		for i, value := range values {
			if value == "" {
				continue
			}
			switch name := rows[0][i]; name {
			case "customerId":
				customer["id"] = value
			case "contractId":
				contract["id"] = value
			case "contactId":
				contact["id"] = value
			case "contactName":
				contact["name"] = value
			case "email", "role", "language":
				contact[name] = value
			case "service", "currency", "startsOn", "endsOn", "owner":
				contract[name] = value
			case "annualValue":
				contract[name] = json.Number(value)
			case "employees", "turnover", "balanceSheet":
				customer[name] = json.Number(value)
			case "chain", "publicSector", "consumer":
				customer[name] = value == "true"
			default:
				customer[name] = value
			}
		}
		data := map[string]any{"customer": customer, "backfill": true}
		kind := survey.CustomerUpdated
		if contract["id"] != nil {
			kind, data["contract"] = survey.ContractStarted, contract
		}
		if contact["id"] != nil {
			data["contacts"] = []any{contact}
		}
		backfill = append(backfill, parsed(t, fmt.Sprint("row-", n), kind, from, data))
		loc := zone
		if name, ok := customer["timezone"].(string); ok {
			if loc, err = time.LoadLocation(name); err != nil {
				t.Fatal(err)
			}
		}
		expect := func(kind survey.EventType, date string, days int, more map[string]any) {
			day, err := time.ParseInLocation(time.DateOnly, date, loc)
			if err != nil {
				t.Fatal(err)
			}
			more["id"] = contract["id"]
			at := day.AddDate(0, 0, days)
			if date >= from.In(zone).Format(time.DateOnly) && !at.Before(from) && at.Before(to) {
				expected = append(expected, parsed(t, fmt.Sprint(kind, n, at), kind, at, map[string]any{
					"customer": map[string]any{"id": customer["id"]}, "contract": more}))
			}
		}
		if start, ok := contract["startsOn"].(string); ok && !foretold["start of "+contract["id"].(string)] {
			expect(survey.ContractStarted, start, 0, map[string]any{})
		}
		if end, ok := contract["endsOn"].(string); ok && !foretold["end of "+contract["id"].(string)] {
			for day := dateOf(t, end); day.Start(loc).Before(to); day = day.AddYears(1) {
				expect(survey.ContractRenewed, day.String(), 1, map[string]any{"endsOn": day.AddYears(1).String()})
				if day.Before(firstDay) {
					break // it was over before
				}
			}
		}
	}
	return backfill, expected
}

func parsed(t *testing.T, id string, kind survey.EventType, at time.Time, data map[string]any) survey.Event {
	t.Helper()
	body, err := json.Marshal(map[string]any{"type": kind, "timestamp": at.Format(time.RFC3339), "data": data})
	if err != nil {
		t.Fatal(err)
	}
	e, faults := webhook.ParseEvent(id, body)
	if len(faults) > 0 {
		t.Fatalf("%s: %v", body, faults)
	}
	return e
}

// told is a file of events, and which starts and ends of contracts it foretells.
func told(t *testing.T, file string) (events []survey.Event, foretold map[string]bool) {
	t.Helper()
	foretold = map[string]bool{}
	if file == "" {
		return nil, foretold
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		e, faults := webhook.ParseEvent("line-"+strconv.Itoa(len(events)), line)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		switch e.Type {
		case survey.ContractRenewed, survey.ContractEnded:
			foretold["end of "+e.ContractID] = true
		case survey.ContractStarted:
			foretold["start of "+e.ContractID] = true
		}
		events = append(events, e)
	}
	return events, foretold
}

// What is rehearsed is what production then does: the same customers, taken
// through the ledger of production event by event and day by day, are decided
// upon alike.
func TestARehearsalDecidesAsProductionDoes(t *testing.T) {
	const (
		tight = "rules: {address_cap: 1, customer_cap: 1, cooldown: 90d, spread: 0d}"
		loose = "rules: {surveyed_this_year: {within: 0d, counts: []}, not_steady: 0d, change_ahead: 0d, too_young: 0d}"
		slow  = "triggers: {renewed: {on: true, delay: 90d}, changed: {on: true, delay: 60d}, started: {on: false, delay: 0d}}"
	)
	for _, c := range []struct {
		name, policy, file, events string
		days                       int
	}{
		{"a year of imported customers", "", contractsFile, "", 365},
		{"a year with its events", "", contractsFile, yearFile, 365},
		{"three years", "", contractsFile, "", 3 * 365},
		{"tight caps", tight, contractsFile, yearFile, 365},
		{"loose rules", loose, contractsFile, yearFile, 365},
		{"slow surveys", slow, contractsFile, yearFile, 365},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wantAsInProduction(t, c.policy, c.file, c.events, c.days)
		})
	}
	for seed, policy := range []string{"", "", tight, loose, slow} {
		t.Run(fmt.Sprint("invented programme ", seed), func(t *testing.T) {
			t.Parallel()
			file, events := inventedProgramme(t, uint64(seed))
			wantAsInProduction(t, policy, file, events, 500)
		})
	}
}

func wantAsInProduction(t *testing.T, yaml, file, eventsFile string, days int) {
	t.Helper()
	p := policyOf(t, yaml)
	report, err := rehearse.Run(t.Context(), rehearse.Options{File: file, Events: eventsFile, Policy: p,
		From: firstDay, Days: days, Ends: rehearse.Renew, Top: 1000})
	if err != nil {
		t.Fatal(err)
	}

	from, to := firstDay.Start(p.Zone), firstDay.AddDays(days).Start(p.Zone)
	real := newProduction(t, p)
	events, foretold := told(t, eventsFile)
	backfill, expected := imported(t, file, from, to, p.Zone, foretold)
	erased := map[string]time.Time{}
	for _, e := range events {
		if e.Type == survey.CustomerErased && erased[e.CustomerID].IsZero() {
			erased[e.CustomerID] = e.At
		}
	}
	for _, e := range expected { // nobody knows the contracts of who was erased
		if gone := erased[e.CustomerID]; gone.IsZero() || e.At.Before(gone) {
			events = append(events, e)
		}
	}
	slices.SortStableFunc(events, func(a, b survey.Event) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.CustomerID, b.CustomerID))
	})
	for _, e := range backfill {
		real.take(e, from)
	}
	real.live(events, to)

	want, got := real.recount(p.Zone, to), rehearsed(report)
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("production (-) and rehearsal (+) differ:\n%s", diff)
	}
	if len(want.Days) < 30 || len(want.Decisions) < 50 {
		t.Errorf("too little happened to say anything: %d days, %d kinds of decisions", len(want.Days), len(want.Decisions))
	}
}

func dateOf(t testing.TB, text string) survey.Date {
	t.Helper()
	d, err := survey.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func policyOf(t testing.TB, yaml string) rehearse.NamedPolicy {
	t.Helper()
	p, err := policyfile.Parse("test.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	return rehearse.NamedPolicy{Name: "test.yaml", Policy: p}
}
