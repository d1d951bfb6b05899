package webhook

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"kaiku/shared/survey"
)

// MaxBody is the largest body of a message, in bytes.
const MaxBody = 256 << 10

// MaxID is the longest id of anything, in bytes.
const MaxID = 128

// Fault is one bad field of an event.
type Fault struct {
	// Field is where, such as data.contacts[0].email.
	Field string `json:"field"`
	// Detail is what is wrong and what is allowed. It never repeats a value
	// that could be personal.
	Detail string `json:"detail"`
}

// reader collects the faults of one event.
type reader struct{ faults []Fault }

func (r *reader) fault(field, format string, args ...any) {
	r.faults = append(r.faults, Fault{field, fmt.Sprintf(format, args...)})
}

type object = map[string]json.RawMessage

// object reads an object; a field that is missing or null is none.
func (r *reader) object(from object, parent, name string) object {
	raw, ok := from[name]
	if !ok || string(raw) == "null" {
		return nil
	}
	var o object
	if json.Unmarshal(raw, &o) != nil {
		r.fault(path(parent, name), "must be an object")
	}
	return o
}

func path(parent, name string) string {
	if parent == "" {
		return name
	}
	return parent + "." + name
}

// ParseEvent reads the body of a message. Every bad field is reported, and an
// event with any is no event. Fields that are not known are left alone: a
// sender may say more than Kaiku understands.
func ParseEvent(id string, body []byte) (survey.Event, []Fault) {
	var r reader
	var top object
	// encoding/json lets bytes that are no UTF-8 by; RFC 8259 does not, and two
	// stores would keep them differently.
	if err := json.Unmarshal(body, &top); err != nil || !utf8.Valid(body) {
		return survey.Event{}, []Fault{{"", "the body must be one JSON object, in UTF-8"}}
	}
	e := survey.Event{ID: id}
	r.id("webhook-id", id)
	e.Type = survey.EventType(r.text(top, "", "type", true))
	if e.Type != "" && !e.Type.Known() {
		r.fault("type", "unknown type; known are %v", survey.EventTypes)
	}
	e.At = r.moment(top, "", "timestamp")

	if _, ok := top["data"]; !ok {
		r.fault("data", "is missing")
	}
	data := r.object(top, "", "data")
	customer := r.object(data, "data", "customer")
	e.CustomerID = r.idField(customer, "data.customer", true)
	e.Customer = r.fields(customer, "data.customer", customerFields)

	contract := r.object(data, "data", "contract")
	e.ContractID = r.idField(contract, "data.contract", e.Type.AboutContract() || contract != nil)
	e.Contract = r.fields(contract, "data.contract", contractFields)
	r.endAfterStart(contract)
	e.Contacts = r.contacts(data)

	if change := r.object(data, "data", "change"); change != nil {
		r.fields(change, "data.change", changeFields)
	}
	if interaction := r.object(data, "data", "interaction"); e.Type == survey.InteractionClosed {
		e.InteractionID = r.idField(interaction, "data.interaction", true)
		e.InteractionContact = r.text(interaction, "data.interaction", "contactId", true)
		if e.InteractionContact != "" {
			r.id("data.interaction.contactId", e.InteractionContact)
		}
	}
	if asked := r.object(data, "data", "survey"); e.Type == survey.CustomerSurveyed {
		e.SurveyAt = r.moment(asked, "data.survey", "at")
		if kind := r.text(asked, "data.survey", "kind", true); kind != "" {
			var err error
			if e.SurveyKind, err = survey.ParseKind(kind); err != nil {
				r.fault("data.survey.kind", "unknown kind; known are %v", survey.Kinds)
			}
		}
	}
	if raw, ok := data["backfill"]; ok && string(raw) != "null" && json.Unmarshal(raw, &e.Backfill) != nil {
		r.fault("data.backfill", "must be true or false")
	}
	if len(r.faults) > 0 {
		slices.SortFunc(r.faults, func(a, b Fault) int { return strings.Compare(a.Field, b.Field) })
		return survey.Event{}, r.faults
	}
	return e, nil
}

// contacts reads the contacts by their ids.
func (r *reader) contacts(data object) map[string]map[string]json.RawMessage {
	raw, ok := data["contacts"]
	if !ok || string(raw) == "null" {
		return nil
	}
	var list []object
	if json.Unmarshal(raw, &list) != nil {
		r.fault("data.contacts", "must be a list of objects")
		return nil
	}
	if len(list) > survey.MaxContacts {
		r.fault("data.contacts", "at most %d contacts", survey.MaxContacts)
		return nil
	}
	byID := make(map[string]map[string]json.RawMessage, len(list))
	for i, one := range list {
		at := fmt.Sprintf("data.contacts[%d]", i)
		id := r.idField(one, at, true)
		if _, twice := byID[id]; twice && id != "" {
			r.fault(at+".id", "the same contact twice in one event")
		}
		byID[id] = r.fields(one, at, contactFields)
	}
	return byID
}

// fields keeps the known fields of an object that are well.
func (r *reader) fields(from object, parent string, known map[string]check) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for name, ok := range known {
		raw, given := from[name]
		if !given {
			continue
		}
		if string(raw) != "null" {
			if wrong := ok(raw); wrong != "" {
				r.fault(path(parent, name), "%s", wrong)
				continue
			}
		}
		out[name] = raw
	}
	return out
}

// text reads a string field.
func (r *reader) text(from object, parent, name string, needed bool) string {
	raw, ok := from[name]
	if !ok || string(raw) == "null" {
		if needed {
			r.fault(path(parent, name), "is missing")
		}
		return ""
	}
	var s string
	if json.Unmarshal(raw, &s) != nil || s == "" {
		r.fault(path(parent, name), "must be a string that is not empty")
	}
	return s
}

func (r *reader) idField(from object, parent string, needed bool) string {
	id := r.text(from, parent, "id", needed)
	if id != "" {
		r.id(parent+".id", id)
	}
	return id
}

// id checks an id: it becomes part of a key.
func (r *reader) id(field, id string) {
	if len(id) > MaxID {
		r.fault(field, "is longer than %d bytes", MaxID)
	}
	if hasControl(id) {
		r.fault(field, "must hold no control characters")
	}
}

// A start or an event in such a year is a slip of the pen. Nor could it be
// counted from: years end at 9999. That end dates say 9999 is the way of some
// systems, and well.
const (
	firstYear = 1970 // of moments
	lastYear  = 2199 // of moments and start dates
)

// moment reads an RFC 3339 time.
func (r *reader) moment(from object, parent, name string) time.Time {
	text := r.text(from, parent, name, true)
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, text)
	if t = t.UTC(); err != nil || t.Year() < firstYear || t.Year() > lastYear {
		r.fault(path(parent, name), "must be a time by RFC 3339 from %d to %d, such as 2026-11-22T08:00:00Z", firstYear, lastYear)
		return time.Time{}
	}
	return t
}

// endAfterStart refuses a contract that ends before it starts, as far as one
// event tells.
func (r *reader) endAfterStart(contract object) {
	var start, end survey.Date
	if json.Unmarshal(contract["startsOn"], &start) != nil || json.Unmarshal(contract["endsOn"], &end) != nil {
		return // missing, or reported by its own check
	}
	if !start.IsZero() && !end.IsZero() && end.Before(start) {
		r.fault("data.contract.endsOn", "is before startsOn")
	}
}
