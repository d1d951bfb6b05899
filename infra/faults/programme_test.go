package faults

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/survey"
)

// begins is a Monday morning in Helsinki.
var begins = time.Date(2026, 2, 2, 8, 0, 30, 0, time.UTC)

// policyYAML lets the annual survey come on its anniversary, and one address
// belong to two firms that are asked within days.
const policyYAML = "rules: {spread: 0d, address_cooldown: 1h}\n"

const (
	hour = time.Hour
	day  = 24 * time.Hour
)

type object = map[string]any

// oneMail is one survey, and an event that would have replaced it come too late:
// little enough for every pair of faults.
func (w *world) oneMail() {
	w.readers = map[string]reader{"gus@example.com": {reads: func(w *world, l letter) {
		w.answer(l, 5*hour, survey.Answer{Score: 3})
	}}}
	w.event(0, "gus-1", survey.ContractChanged, "gus", object{"startsOn": "2023-12-01"})
	w.event(3*day+95*minute, "gus-2", survey.ContractChanged, "gus", nil)
}

// programme has, among few customers, everything that can happen to a survey: it is
// superseded, answered and revised, reminded of and answered or not, stopped by
// unsubscribing, bounced and complained of; and an annual one.
func (w *world) programme() {
	w.readers = map[string]reader{
		"anna@example.com": {reads: func(w *world, l letter) {
			w.answer(l, 3*hour, survey.Answer{Score: 4, Comment: "hyvin"})
			w.answer(l, 27*hour, survey.Answer{Score: 5, Comment: "vielä paremmin"})
		}},
		"bo@example.com": {},
		"cia@example.com": {reads: func(w *world, l letter) {
			w.unsubscribe(l, day)
		}},
		"dan@example.com": {bounces: true},
		"eva@example.com": {reads: func(w *world, l letter) {
			if l.ref.Reminder {
				w.answer(l, 2*hour, survey.Answer{Score: 2, Reason: "price"})
			}
		}},
		"fia@example.com": {complains: 5 * hour},
	}
	old := object{"startsOn": "2023-12-01"}
	w.event(0, "anna-1", survey.ContractChanged, "anna", old)
	w.event(day, "anna-2", survey.ContractChanged, "anna", old) // before the first has left
	w.event(0, "bo", survey.ContractStarted, "bo", object{"startsOn": "2024-02-04"}, "backfill")
	w.event(2*hour, "cia", survey.InteractionClosed, "cia", nil)
	w.event(0, "cia-2", survey.ContractStarted, "cia-2", object{"startsOn": "2026-02-02"})
	w.event(0, "dan", survey.ContractRenewed, "dan", old)
	w.event(0, "eva", survey.ContractEnded, "eva", old)
	w.event(time.Second, "fia-0", survey.ContractStarted, "fia", old, "backfill")
	w.event(hour, "fia", survey.InteractionClosed, "fia", nil)
	w.event(0, "gus-1", survey.ContractChanged, "gus", old)
	w.event(3*day+95*minute, "gus-2", survey.ContractChanged, "gus", old) // just after the first has left
}

// address is that of a customer's one contact; two customers share one.
func address(customer string) string {
	if customer == "cia-2" {
		customer = "cia"
	}
	return customer + "@example.com"
}

// event has the CRM tell of an event, and again with the same id until it is told
// that it was taken.
func (w *world) event(after time.Duration, id string, kind survey.EventType, customer string, contract object, backfill ...string) {
	happened := begins.Add(after)
	w.due++
	if !slices.Contains(w.customers, customer) {
		w.customers = append(w.customers, customer)
	}
	switch kind {
	case survey.ContractEnded:
		delete(w.members, customer)
	case survey.ContractStarted, survey.ContractChanged, survey.ContractRenewed:
		w.members[customer] = true
	}
	data := object{"customer": object{"id": customer, "employees": 12, "region": "Pirkanmaa"}, "backfill": len(backfill) > 0,
		"contacts": []object{{"id": "P-1", "email": address(customer), "role": "decision_maker", "language": "fi"}}}
	if kind == survey.InteractionClosed {
		data["interaction"] = object{"id": "T-" + id, "contactId": "P-1"}
	}
	if kind != survey.CustomerUpdated {
		terms := object{"id": "K-" + customer, "service": "access-control", "owner": "team-tampere", "annualValue": 4200}
		for name, value := range contract {
			terms[name] = value
		}
		data["contract"] = terms
	}
	body, err := json.Marshal(object{"type": kind, "timestamp": happened.Format(time.RFC3339), "data": data})
	w.must(err)
	w.chores = append(w.chores, chore{happened, func(p *process) bool {
		headers, err := w.secrets.Sign("msg-"+id, w.now, body)
		w.must(err)
		headers.Set("Content-Type", "application/json")
		answer := w.request(p, http.MethodPost, "/webhooks/contracts", body, headers)
		switch answer.Code {
		case http.StatusAccepted, http.StatusOK:
			var receipt ledger.Receipt
			w.must(json.Unmarshal(answer.Body.Bytes(), &receipt))
			w.told["msg-"+id] = receipt.Decisions
			return true
		case http.StatusInternalServerError:
			return false
		}
		w.t.Errorf("event %s is answered with %d: %s", id, answer.Code, answer.Body)
		return true
	}})
}

// answer has the reader of a letter answer it, and again until the page says
// thanks.
func (w *world) answer(l letter, after time.Duration, given survey.Answer) {
	form := url.Values{"score": {strconv.Itoa(given.Score)}, "comment": {given.Comment}, "reason": {given.Reason}}
	w.submit(l.page, w.now.Add(after), form, func() { w.answered[l.ref.Invitation] = given })
}

// unsubscribe has the reader of a letter press its button, until it is done.
func (w *world) unsubscribe(l letter, after time.Duration) {
	w.submit(l.stop, w.now.Add(after), url.Values{"List-Unsubscribe": {"One-Click"}}, func() { w.stopped[l.to] = w.now })
}

func (w *world) submit(path string, at time.Time, form url.Values, done func()) {
	w.chores = append(w.chores, chore{at, func(p *process) bool {
		answer := w.request(p, http.MethodPost, path, []byte(form.Encode()), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
		switch answer.Code {
		case http.StatusOK:
			done()
			return true
		case http.StatusInternalServerError:
			return false
		}
		w.t.Errorf("%v: a form is answered with %d", w.faults.struck, answer.Code)
		return true
	}})
}
