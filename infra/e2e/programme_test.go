package e2e

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"
)

// programme is the customers as the files of events/ tell of them: what is known
// at a moment, after all that was told until then.
type programme struct {
	t     testing.TB
	firms map[string]*firm
}

// firm is one customer.
type firm struct {
	id                            string
	employees, turnover, balance  *float64
	chain, publicSector, consumer bool
	region, timezone              string
	contracts                     map[string]*contract
	contacts                      map[string]*contact
	known                         time.Time // when it was first told of
	erased                        bool
}

// contract is one contract of a firm; zero is never, or open-ended.
type contract struct {
	id                       string
	startsOn, endsOn         string
	started, changed         time.Time
	renewed, ended, firstSay time.Time
}

// contact is one person; without an address it cannot be asked.
type contact struct{ id, email, role, language string }

// told is one event.
type told struct {
	ID        string
	Type      string
	Timestamp time.Time
	Data      struct {
		Customer, Contract map[string]any
		Contacts           []map[string]any
		Interaction        struct{ ID, ContactID string }
		Survey             struct {
			Kind string
			At   time.Time
		}
		Backfill bool
	}
	body []byte // as it is posted
}

// customer is the id of the customer that an event is about.
func (e told) customer() string { return e.Data.Customer["id"].(string) }

// contract is the id of the contract that an event is about.
func (e told) contract() string {
	id, _ := e.Data.Contract["id"].(string)
	return id
}

// trigger is what a survey on an event follows on; empty when none does.
func (e told) trigger() string {
	return map[string]string{"contract.started": "started", "contract.changed": "changed", "contract.renewed": "renewed",
		"contract.ended": "ended", "interaction.closed": "interaction"}[e.Type]
}

// theYear is events/year.jsonl.
func theYear(t testing.TB) []told {
	t.Helper()
	var all []told
	for row := range bytes.Lines(readSample(t, "year.jsonl")) {
		var e told
		var body map[string]json.RawMessage
		if err := json.Unmarshal(row, &e); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(row, &body); err != nil {
			t.Fatal(err)
		}
		delete(body, "id")
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		e.body = b
		all = append(all, e)
	}
	if !slices.IsSortedFunc(all, func(a, b told) int { return a.Timestamp.Compare(b.Timestamp) }) {
		t.Fatal("year.jsonl is not in the order of time")
	}
	return all
}

// imported is the programme as events/contracts.csv has it, loaded at a moment.
func imported(t testing.TB, at time.Time) *programme {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(readSample(t, "contracts.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	p := &programme{t: t, firms: map[string]*firm{}}
	for _, row := range rows[1:] {
		var e told
		e.Type, e.Timestamp, e.Data.Backfill = "contract.started", at, true
		e.Data.Customer, e.Data.Contract = map[string]any{}, map[string]any{}
		someone := map[string]any{}
		for i, name := range rows[0] {
			var value any = row[i]
			if row[i] == "" {
				continue // says nothing
			}
			if n, err := strconv.ParseFloat(row[i], 64); err == nil {
				value = n
			} else if b, err := strconv.ParseBool(row[i]); err == nil {
				value = b
			}
			switch name {
			case "customerId":
				e.Data.Customer["id"] = row[i]
			case "contractId":
				e.Data.Contract["id"] = row[i]
			case "startsOn", "endsOn", "service", "annualValue", "currency", "owner":
				e.Data.Contract[name] = value
			case "contactId":
				someone["id"] = row[i]
			case "contactName":
				someone["name"] = row[i]
			case "email", "role", "language":
				someone[name] = value
			default:
				e.Data.Customer[name] = value
			}
		}
		if len(someone) > 0 {
			e.Data.Contacts = append(e.Data.Contacts, someone)
		}
		if len(e.Data.Contract) == 0 {
			e.Type = "customer.updated"
		}
		p.take(e, at)
	}
	return p
}

// take takes in an event: a field that is left out stays, null clears it.
func (p *programme) take(e told, now time.Time) *firm {
	f := p.firms[e.customer()]
	if f == nil {
		f = &firm{id: e.customer(), contracts: map[string]*contract{}, contacts: map[string]*contact{}, known: now}
		p.firms[f.id] = f
	}
	d := e.Data.Customer
	set(d, "employees", &f.employees)
	set(d, "turnover", &f.turnover)
	set(d, "balanceSheet", &f.balance)
	setPlain(d, "chain", &f.chain)
	setPlain(d, "publicSector", &f.publicSector)
	setPlain(d, "consumer", &f.consumer)
	setPlain(d, "region", &f.region)
	setPlain(d, "timezone", &f.timezone)
	for _, fields := range e.Data.Contacts {
		id := fields["id"].(string)
		if f.contacts[id] == nil {
			f.contacts[id] = &contact{id: id}
		}
		c := f.contacts[id]
		setPlain(fields, "email", &c.email)
		setPlain(fields, "role", &c.role)
		setPlain(fields, "language", &c.language)
	}
	if id := e.contract(); id != "" {
		k := f.contracts[id]
		if k == nil {
			k = &contract{id: id, firstSay: e.Timestamp}
			f.contracts[id] = k
		}
		if e.Type == "contract.renewed" {
			k.endsOn = "" // the end of the old term is none of the new one
		} else {
			setPlain(e.Data.Contract, "startsOn", &k.startsOn)
		}
		setPlain(e.Data.Contract, "endsOn", &k.endsOn)
		switch {
		case e.Type == "contract.started" && !e.Data.Backfill:
			k.started = e.Timestamp
		case e.Type == "contract.changed":
			k.changed = later(k.changed, e.Timestamp)
		case e.Type == "contract.renewed":
			k.renewed = later(k.renewed, e.Timestamp)
		case e.Type == "contract.ended":
			k.ended = later(k.ended, e.Timestamp)
		}
	}
	return f
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func set[T any](fields map[string]any, name string, into **T) {
	if value, told := fields[name]; told {
		*into = nil
		if v, ok := value.(T); ok {
			*into = &v
		}
	}
}

func setPlain[T any](fields map[string]any, name string, into *T) {
	if value, told := fields[name]; told {
		*into, _ = value.(T) // null is none
	}
}

// size is the size class by the recommendation 2003/361/EC.
func (f *firm) size() string {
	if f.employees == nil && f.turnover == nil && f.balance == nil {
		return "unknown"
	}
	for _, class := range []struct {
		name                      string
		people, turnover, balance float64
	}{{"micro", 10, 2e6, 2e6}, {"small", 50, 10e6, 10e6}, {"medium", 250, 50e6, 43e6}} {
		fewPeople := f.employees == nil || *f.employees < class.people
		littleMoney := f.turnover == nil && f.balance == nil ||
			f.turnover != nil && *f.turnover <= class.turnover || f.balance != nil && *f.balance <= class.balance
		if fewPeople && littleMoney {
			return class.name
		}
	}
	return "large"
}

// inAudience says whether the firm belongs to the programme.
func (f *firm) inAudience() bool {
	return f.size() != "large" && !f.chain && !f.publicSector && !f.consumer
}

// hasAddress says whether there is anybody to ask.
func (f *firm) hasAddress() bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(f.contacts)), func(c *contact) bool { return c.email != "" })
}

func (f *firm) zone(t testing.TB) *time.Location { return zone(t, f.timezone) }

// onDay is the beginning of a day as the files write it.
func onDay(t testing.TB, text string, loc *time.Location) time.Time {
	t.Helper()
	at, err := time.ParseInLocation(time.DateOnly, text, loc)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// began is when a contract started.
func (k *contract) began(t testing.TB, loc *time.Location) time.Time {
	switch {
	case !k.started.IsZero():
		return k.started
	case k.startsOn != "":
		return onDay(t, k.startsOn, loc)
	}
	return k.firstSay
}

// over is when a contract came to its end, or lapsed 30 days after its last day;
// a long time from now when it goes on.
func (k *contract) over(t testing.TB, loc *time.Location) time.Time {
	over := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	if k.endsOn != "" {
		over = midnight(onDay(t, k.endsOn, loc), loc, 31)
	}
	if !k.ended.IsZero() && k.ended.Before(over) && !k.renewed.After(k.ended) && !k.started.After(k.ended) {
		over = k.ended
	}
	return over
}

// active are the contracts that run at a moment, the oldest first.
func (f *firm) active(t testing.TB, at time.Time) []*contract {
	loc := f.zone(t)
	var active []*contract
	for _, k := range f.contracts {
		if !k.began(t, loc).After(at) && k.over(t, loc).After(at) {
			active = append(active, k)
		}
	}
	slices.SortFunc(active, func(a, b *contract) int { return a.began(t, loc).Compare(b.began(t, loc)) })
	return active
}

// anniversary is the last day, up to a moment, on which the firm's oldest active
// contract became another year older; ok is false without one.
func (f *firm) anniversary(t testing.TB, at time.Time) (day time.Time, ok bool) {
	loc := f.zone(t)
	active := f.active(t, at)
	if len(active) == 0 {
		return time.Time{}, false
	}
	began := active[0].began(t, loc).In(loc)
	for years := at.In(loc).Year() - began.Year(); years > 0; years-- {
		d := time.Date(began.Year()+years, began.Month(), began.Day(), 0, 0, 0, 0, loc)
		if d.Month() != began.Month() { // 29 February
			d = d.AddDate(0, 0, -1)
		}
		if !d.After(at) {
			return d, true
		}
	}
	return time.Time{}, false
}
