package years

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kaiku/shared/policy"
	"kaiku/shared/survey"
)

// calendar reckons the annual due dates of a programme by the words of the rule,
// midnight by midnight: the anniversary of the oldest contract that is active, and
// the spread. It knows nothing of what was decided.
type calendar struct {
	*programme
	zone  *time.Location
	firms map[string]*firm
}

// firm is one customer, as the calendar knows it.
type firm struct {
	spread    int // days
	contracts map[string]*contract
	// due are the due dates, in order; over are midnights at which no contract was
	// active; next is what was then to be expected as the due date after that.
	due  []time.Time
	over map[time.Time]bool
	next map[time.Time]time.Time
}

// contract is from when until when a contract runs; a day is its midnight, zero is
// never.
type contract struct{ began, endsOn, ended time.Time }

// lapse is by how many days a contract outlives its last day when no renewal comes.
const lapse = 30

func (k *contract) active(at time.Time) bool {
	lapsed := !k.endsOn.IsZero() && !at.Before(k.endsOn.AddDate(0, 0, 1+lapse))
	return !k.began.After(at) && k.ended.IsZero() && !lapsed
}

// oldest is the one that began first of the contracts that are active.
func (f *firm) oldest(at time.Time) *contract {
	var oldest *contract
	for _, id := range slices.Sorted(maps.Keys(f.contracts)) {
		if k := f.contracts[id]; k.active(at) && (oldest == nil || k.began.Before(oldest.began)) {
			oldest = k
		}
	}
	return oldest
}

// anniversary is the day a number of years after a day; that of 29 February is the
// 28th where there is no 29th.
func anniversary(of time.Time, years int) time.Time {
	day := of.AddDate(years, 0, 0)
	if day.Month() != of.Month() {
		day = day.AddDate(0, 0, -1)
	}
	return day
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// dueFrom is when the contract's first anniversary from a midnight on falls due.
func (f *firm) dueFrom(k *contract, today time.Time) time.Time {
	for years := 1; ; years++ {
		due := anniversary(midnight(k.began.In(today.Location())), years).AddDate(0, 0, f.spread)
		if !due.Before(today) {
			return due
		}
	}
}

// spreadOf asks a ledger of its own by how many days a customer's annual survey
// follows the anniversary: fixed by its id, and so the same in any.
func spreadOf(t *rapid.T, p *policy.Policy, id string) int {
	w := newProgramme(t, p)
	w.take(w.event("msg", survey.ContractStarted, w.now, object{"backfill": true, "customer": object{"id": id},
		"contract": object{"id": "K-1", "startsOn": "2025-06-01"}}))
	_, err := w.ledger.Count(t.Context(), w.now.Add(time.Hour)) // of what is due, the customer is counted first
	w.must(err)
	due, ok, err := w.ledger.NextDue(t.Context(), begins.AddDate(1, 0, 0))
	w.must(err)
	days := int(due.Sub(time.Date(2026, 6, 1, 0, 0, 0, 0, p.Zone)) / day)
	if !ok || days < 0 || days > 28 {
		t.Fatalf("%s is due at %v, by an anniversary on 2026-06-01", id, due)
	}
	return days
}

func TestEveryAnnualDueDateIsDecidedOnce(t *testing.T) {
	for name, yaml := range map[string]string{
		"as it comes":      "",
		"put off for long": "rules: {not_steady: 250d, change_ahead: 100d, surveyed_this_year: {counts: []}}\n",
	} {
		p := parse(t, yaml)
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				c := &calendar{programme: newProgramme(rt, p), zone: p.Zone, firms: map[string]*firm{}}
				c.load()
				c.liveThrough(rapid.IntRange(1, 3).Draw(rt, "years"))
				for _, id := range c.customers() {
					c.wantEveryDueDateDecided(id)
				}
				c.wantNobodyAskedTooOften()
			})
		})
	}
}

func (c *calendar) load() {
	t := c.t
	for i := range 2 {
		id := fmt.Sprintf("C-%d", rapid.IntRange(0, 9999).Draw(t, "id")*2+i)
		f := &firm{spread: spreadOf(t, c.policy, id), contracts: map[string]*contract{}, over: map[time.Time]bool{}, next: map[time.Time]time.Time{}}
		c.firms[id] = f
		for k := range rapid.IntRange(1, 3).Draw(t, "contracts") {
			began := midnight(begins.In(c.zone)).AddDate(0, 0, -rapid.IntRange(0, 1500).Draw(t, "age"))
			if rapid.IntRange(0, 9).Draw(t, "in a leap year") == 0 {
				began = time.Date(2024, 2, 29, 0, 0, 0, 0, c.zone)
			}
			kept := &contract{began: began}
			said := object{"id": fmt.Sprint("K-", k+1), "startsOn": began.Format(time.DateOnly)}
			if rapid.Bool().Draw(t, "has an end") {
				kept.endsOn = midnight(begins.In(c.zone)).AddDate(0, 0, rapid.IntRange(1, 900).Draw(t, "ends in"))
				said["endsOn"] = kept.endsOn.Format(time.DateOnly)
			}
			f.contracts[said["id"].(string)] = kept
			c.take(c.event(fmt.Sprintf("load_%s_%d", id, k), survey.ContractStarted, c.now, object{"backfill": true,
				"customer": object{"id": id}, "contract": said, "contacts": []object{{"id": "own", "email": own(id, 1)}}}))
		}
	}
}

// liveThrough lets years pass, and something happen every now and then, at noon.
func (c *calendar) liveThrough(years int) {
	t := c.t
	ids := slices.Sorted(maps.Keys(c.firms))
	first := midnight(begins.In(c.zone)).AddDate(0, 0, 1)
	happens := map[time.Time]int{}
	for range rapid.IntRange(0, 8*years).Draw(t, "events") {
		happens[first.AddDate(0, 0, rapid.IntRange(0, 365*years).Draw(t, "day"))]++
	}
	for today := first; today.Before(first.AddDate(years, 0, 60)); today = today.AddDate(0, 0, 1) {
		for _, id := range ids {
			f := c.firms[id]
			k := f.oldest(today)
			if k == nil {
				f.over[today] = true
				continue
			}
			if f.dueFrom(k, today).Equal(today) {
				f.due = append(f.due, today)
			}
			f.next[today] = f.dueFrom(k, today.AddDate(0, 0, 1))
		}
		c.turn(today)
		c.turn(today.Add(12 * time.Hour))
		for i := range happens[today] {
			c.turn(c.now.Add(time.Minute)) // of two words of one moment the calendar would not know which stands
			c.happen(fmt.Sprintf("msg_%s_%d", today.Format(time.DateOnly), i), rapid.SampledFrom(ids).Draw(t, "customer"))
		}
	}
}

// happen has something happen to a customer, and tells the calendar.
func (c *calendar) happen(id, customer string) {
	t := c.t
	f := c.firms[customer]
	var running []string
	for name, k := range f.contracts {
		if k.active(c.now) {
			running = append(running, name)
		}
	}
	slices.Sort(running)
	what := rapid.SampledFrom([]survey.EventType{survey.ContractChanged, survey.ContractRenewed, survey.ContractEnded, survey.ContractStarted,
		survey.InteractionClosed, survey.CustomerUpdated, survey.CustomerSurveyed}).Draw(t, "type")
	if len(running) == 0 && what.AboutContract() {
		what = survey.ContractStarted
	}
	data := object{"customer": object{"id": customer}}
	contractID := ""
	if what.AboutContract() && what != survey.ContractStarted {
		contractID = rapid.SampledFrom(running).Draw(t, "contract")
	}
	contractSaid := object{"id": contractID}
	switch what {
	case survey.ContractStarted:
		contractID = fmt.Sprint("K-", len(f.contracts)+1)
		contractSaid["id"] = contractID
		k := &contract{began: c.now}
		if rapid.Bool().Draw(t, "has an end") {
			k.endsOn = midnight(c.now.In(c.zone)).AddDate(0, 0, rapid.IntRange(30, 900).Draw(t, "ends in"))
			contractSaid["endsOn"] = k.endsOn.Format(time.DateOnly)
		}
		f.contracts[contractID] = k
	case survey.ContractRenewed:
		k := f.contracts[contractID]
		k.endsOn = midnight(c.now.In(c.zone)).AddDate(0, 0, rapid.IntRange(30, 900).Draw(t, "ends in"))
		contractSaid["endsOn"] = k.endsOn.Format(time.DateOnly)
		contractSaid["startsOn"] = c.now.In(c.zone).Format(time.DateOnly) // a new term, the same contract
	case survey.ContractEnded:
		f.contracts[contractID].ended = c.now
	case survey.InteractionClosed:
		data["interaction"] = object{"id": id, "contactId": "own"}
	case survey.CustomerSurveyed:
		data["survey"] = object{"kind": "csat", "at": c.now.Format(time.RFC3339)}
	}
	if contractID != "" {
		data["contract"] = contractSaid
	}
	c.take(c.event(id, what, c.now, data))
	if f.oldest(c.now) == nil { // though another may begin before midnight
		f.over[midnight(c.now.In(c.zone))] = true
	}
}

// wantEveryDueDateDecided reads the annual decisions of a customer as chains: the
// first of each at a due date, after one that puts it off the next at the moment
// that it names, and the last for good. Each due date has one chain. Where two
// overlap, for one was put off, the later comes when the earlier is done.
func (c *calendar) wantEveryDueDateDecided(id string) {
	f := c.firms[id]
	var left []survey.Decision
	for _, d := range c.decisions(id) {
		if d.Trigger == survey.Annual && d.Outcome != survey.Cancelled {
			left = append(left, d)
		}
	}
	all := slices.Clone(left)
	wrong := func(format string, args ...any) {
		c.t.Errorf("%s, spread %d: %s\ndue\n%v\ndecided\n%s", id, f.spread, fmt.Sprintf(format, args...), f.due, listed(all))
	}
	free := time.Time{} // when the chain before was done
	for i, due := range f.due {
		left = slices.DeleteFunc(left, func(d survey.Decision) bool { // the last contract has lapsed, and its anniversary says so
			return d.Rule == survey.NoActiveContract && d.At.Before(due) && f.over[midnight(d.At.In(c.zone))]
		})
		at := due
		if free.After(due) {
			at = free
		}
		for {
			if len(left) == 0 || !left[0].At.Equal(at) {
				wrong("nothing was decided at %v on what was due at %v", at, due)
				return
			}
			d := left[0]
			left = left[1:]
			if free = d.At; d.Outcome != survey.Postponed {
				break
			}
			if !d.Until.After(d.At) {
				wrong("at %v put off to %v", d.At, d.Until)
				return
			}
			if d.Until.After(c.now) {
				break // so far, at the end of the test
			}
			// Given up for the next, or with the last contract: nothing is decided then.
			next := f.next[midnight(d.At.In(c.zone))]
			if i+1 < len(f.due) && d.Until.Equal(f.due[i+1]) {
				break // what is decided at that moment is the next's
			}
			late := !d.Until.Before(next) || i+1 < len(f.due) && !d.Until.Before(f.due[i+1])
			if (late || c.allOver(f, d.At, d.Until)) && (len(left) == 0 || !left[0].At.Equal(d.Until)) {
				break
			}
			at = d.Until
		}
	}
	for _, d := range left {
		if d.Rule != survey.NoActiveContract || !f.over[midnight(d.At.In(c.zone))] {
			wrong("at %v it was decided on what was not due", d.At)
		}
	}
}

// allOver says whether there was a time without any contract.
func (c *calendar) allOver(f *firm, from, to time.Time) bool {
	for today := midnight(from.In(c.zone)); !today.After(to.AddDate(0, 0, 1)); today = today.AddDate(0, 0, 1) {
		if f.over[today] {
			return true
		}
	}
	return false
}

func listed(decisions []survey.Decision) (text string) {
	for _, d := range decisions {
		text += fmt.Sprintln(d.At, d.Outcome, d.Rules, d.Until)
	}
	return text
}
