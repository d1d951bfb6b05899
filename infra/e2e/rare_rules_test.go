package e2e

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"
)

// everyRule is the table of the specification.
var everyRule = []string{"erased", "outside_audience", "trigger_off", "too_old", "no_active_contract", "too_young", "not_steady", "change_ahead",
	"asked_this_year", "surveyed_this_year", "cooldown", "customer_cap", "not_sampled", "no_contact", "unsubscribed", "undeliverable", "address_cap"}

// choosy is a policy under which rules say no that the sample year has no
// occasion for.
const choosy = oneMailEach + `
triggers:
  renewed: {on: false, delay: 7d}
rules:
  sample_percent: 50
  too_young: 400d
  surveyed_this_year: {within: 335d, counts: [csat, external]}
`

// rareRules plays a few customers by such a policy, and returns how often each
// rule said no for a reason that the timelines bear out.
func rareRules(t *testing.T) map[string]int {
	t.Helper()
	h := &history{kaiku: start(t, local(t, "2026-11-23T08:00:00Z").withPolicy(t, choosy))}
	n := 0
	post := func(kind, customer string, happened time.Time, data map[string]any) {
		t.Helper()
		n++
		about := map[string]any{"customer": map[string]any{"id": customer, "name": "Rauta Oy", "employees": 7}}
		for name, value := range data {
			about[name] = value
		}
		h.post(fmt.Sprint("msg_rare_", n), h.eventAt(kind, happened, about))
	}
	contract := func(id string, more map[string]any) map[string]any {
		fields := map[string]any{"id": "K-" + id}
		for name, value := range more {
			fields[name] = value
		}
		return map[string]any{"contract": fields, "contacts": []any{map[string]any{"id": "P-" + id, "email": "rauta." + id + "@rauta.example", "role": "user"}}}
	}
	loaded := func(id string) map[string]any {
		data := contract(id, map[string]any{"startsOn": "2019-08-01"})
		data["backfill"] = true
		return data
	}
	from := h.now()
	post("contract.started", "C-young", from, contract("young", map[string]any{"startsOn": "2026-11-23"}))
	post("contract.started", "C-late", from, loaded("late"))
	post("contract.changed", "C-late", from.Add(-20*day), contract("late", nil))
	post("contract.renewed", "C-late", from, contract("late", map[string]any{"endsOn": "2029-01-31"}))
	for i := range 12 { // an even chance for each
		post("contract.started", "C-served", from, loaded("served"))
		h.advance(40 * day)
		post("interaction.closed", "C-served", h.now(), map[string]any{"interaction": map[string]any{"id": fmt.Sprint("T-", i), "contactId": "P-served"}})
	}
	post("contract.started", "C-gone", from, loaded("gone"))
	post("contract.changed", "C-gone", h.now(), contract("gone", nil))
	post("customer.erased", "C-gone", h.now(), nil)
	h.advance(time.Minute)
	post("contract.changed", "C-gone", h.now(), contract("gone", nil))
	h.advance(10 * day) // what was planned is cancelled
	lines := map[string][]line{}
	for _, id := range []string{"C-young", "C-late", "C-served", "C-gone"} {
		lines[id] = h.timeline(id)
	}
	reasons := wantBorneOut(t, lines, choosy)
	wantLiesFound(t, lines)
	h.wantCalmLog()
	return reasons
}

// wantLiesFound tells a lie in each fact of each reason, one after the other, and
// says that the check finds it.
func wantLiesFound(t *testing.T, lines map[string][]line) {
	t.Helper()
	lies := 0
	for id, all := range lines {
		for i, l := range all {
			for rule, because := range l.Because {
				for fact, value := range because {
					told := slices.Clone(all)
					told[i].Because = maps.Clone(l.Because)
					told[i].Because[rule] = maps.Clone(because)
					told[i].Because[rule][fact] = lie(value)
					heard := maps.Clone(lines)
					heard[id] = told
					ear := &listener{TB: t}
					wantBorneOut(ear, heard, choosy)
					if lies++; !ear.complained {
						t.Errorf("%s: nobody finds that %s of %s is %v and not %v", id, fact, rule, told[i].Because[rule][fact], value)
					}
				}
			}
		}
	}
	t.Logf("%d lies were found", lies)
}

// lie is something else in the place of a fact.
func lie(fact any) any {
	switch v := fact.(type) {
	case string:
		if at, err := time.Parse(time.RFC3339, v); err == nil {
			return utc(at.Add(-time.Second))
		}
		return v + "0"
	case float64:
		return v + 1
	case bool:
		return !v
	case []any:
		return v[:len(v)-1]
	case map[string]any:
		return map[string]any{}
	}
	return nil
}

// listener hears whether a check found something.
type listener struct {
	testing.TB
	complained bool
}

func (l *listener) Errorf(string, ...any) { l.complained = true }
