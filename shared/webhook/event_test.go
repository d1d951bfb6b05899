package webhook_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaiku/shared/survey"
	"kaiku/shared/webhook"
)

func TestEverySampleEventIsUnderstood(t *testing.T) {
	met := map[survey.EventType]bool{}
	for name, body := range samples(t) {
		e, faults := webhook.ParseEvent("msg_1", []byte(body))
		if len(faults) > 0 {
			t.Errorf("%s: %v", name, faults)
			continue
		}
		if !strings.HasPrefix(name, string(e.Type)) || e.CustomerID == "" || e.At.IsZero() || e.ID != "msg_1" {
			t.Errorf("%s is read as %+v", name, e)
		}
		met[e.Type] = true
	}
	for _, on := range survey.EventTypes {
		if !met[on] {
			t.Errorf("there is no sample of %s", on)
		}
	}
}

func TestAnEventIsReadWhole(t *testing.T) {
	e, faults := webhook.ParseEvent("msg_1", []byte(samples(t)["contract.started.backfill.json"]))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	raw := func(pairs ...string) map[string]json.RawMessage {
		out := map[string]json.RawMessage{}
		for i := 0; i < len(pairs); i += 2 {
			out[pairs[i]] = json.RawMessage(pairs[i+1])
		}
		return out
	}
	want := survey.Event{ID: "msg_1", Type: survey.ContractStarted, At: time.Date(2026, 11, 20, 6, 30, 0, 0, time.UTC), CustomerID: "C-1001",
		Customer: raw("name", `"Leipomo Lahtinen Oy"`, "businessId", `"1234567-1"`, "employees", `11`, "turnover", `1650000`,
			"balanceSheet", `840000`, "industry", `"10710"`, "region", `"Pirkanmaa"`, "chain", `false`, "publicSector", `false`,
			"consumer", `false`, "timezone", `"Europe/Helsinki"`),
		ContractID: "K-55",
		Contract: raw("service", `"access-control"`, "annualValue", `3600`, "currency", `"EUR"`, "startsOn", `"2024-02-01"`,
			"endsOn", `"2030-01-31"`, "owner", `"team-tampere"`),
		Contacts: map[string]map[string]json.RawMessage{
			"P-1": raw("email", `"maija@leipomo.example"`, "name", `"Maija Lahtinen"`, "role", `"decision_maker"`, "language", `"fi"`),
			"P-4": raw("email", `"raimo@leipomo.example"`, "name", `"Raimo Lahtinen"`, "role", `"billing"`, "language", `"fi"`)},
		Backfill: true}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Error(diff)
	}

	e, faults = webhook.ParseEvent("msg_2", []byte(samples(t)["interaction.closed.json"]))
	if len(faults) > 0 || e.InteractionID != "T-9" || e.InteractionContact != "P-3" || e.Backfill {
		t.Errorf("the interaction is %+v, %v", e, faults)
	}
	e, faults = webhook.ParseEvent("msg_3", []byte(samples(t)["customer.surveyed.json"]))
	if len(faults) > 0 || e.SurveyKind != survey.NPS || !e.SurveyAt.Equal(time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC)) {
		t.Errorf("the survey is %+v, %v", e, faults)
	}
}

// body is an event of a type, with a part of its data replaced.
func body(on, part, value string) string {
	data := map[string]string{"customer": `{"id":"C-1"}`, "contract": `{"id":"K-1"}`, "interaction": `{"id":"T-1","contactId":"P-1"}`,
		"survey": `{"kind":"nps","at":"2026-11-22T08:00:00Z"}`}
	if part != "" {
		data[part] = value
	}
	var parts []string
	for name, value := range data {
		if value != "" {
			parts = append(parts, fmt.Sprintf("%q:%s", name, value))
		}
	}
	slices.Sort(parts)
	return fmt.Sprintf(`{"type":%q,"timestamp":"2026-11-22T08:00:00Z","data":{%s}}`, on, strings.Join(parts, ","))
}

func customer(fields string) string {
	return body("customer.updated", "customer", `{"id":"C-1",`+fields+`}`)
}
func contract(fields string) string {
	return body("contract.changed", "contract", `{"id":"K-1",`+fields+`}`)
}
func contact(fields string) string {
	return body("customer.updated", "contacts", `[{"id":"P-0"},{"id":"P-1",`+fields+`}]`)
}

func TestWhatIsWellIsTaken(t *testing.T) {
	long := strings.Repeat("x", 128)
	for name, text := range map[string]string{
		"the least":                      `{"type":"customer.updated","timestamp":"2026-11-22T08:00:00Z","data":{"customer":{"id":"C-1"}}}`,
		"more than Kaiku knows":          `{"type":"customer.updated","timestamp":"2026-11-22T08:00:00Z","extra":[{}],"data":{"extra":1,"customer":{"id":"C-1","colour":"red"}}}`,
		"everything cleared":             customer(`"name":null,"businessId":null,"employees":null,"turnover":null,"balanceSheet":null,"industry":null,"region":null,"chain":null,"publicSector":null,"consumer":null,"timezone":null`),
		"a contract cleared":             contract(`"service":null,"annualValue":null,"currency":null,"startsOn":null,"endsOn":null,"owner":null`),
		"a contact cleared":              contact(`"email":null,"name":null,"role":null,"language":null`),
		"parts that are null":            `{"type":"customer.updated","timestamp":"2026-11-22T08:00:00Z","data":{"customer":{"id":"C-1"},"contract":null,"contacts":null,"change":null,"interaction":null,"survey":null,"backfill":null}}`,
		"an id of 128 bytes":             body("contract.ended", "contract", `{"id":"`+long+`"}`),
		"an id of 128 bytes in UTF-8":    body("contract.ended", "contract", `{"id":"`+strings.Repeat("ä", 64)+`"}`),
		"nobody employed":                customer(`"employees":0`),
		"the most employed":              customer(`"employees":9223372036854775807`),
		"no turnover":                    customer(`"turnover":0`),
		"turnover in cents":              customer(`"turnover":1800000.55`),
		"turnover as 1e6":                customer(`"turnover":1e6`),
		"a loss of nothing":              customer(`"turnover":-0`),
		"an end that some systems write": contract(`"endsOn":"9999-12-31"`),
		"an end on the day of the start": contract(`"startsOn":"2026-11-22","endsOn":"2026-11-22"`),
		"an end alone":                   contract(`"endsOn":"1999-12-31"`),
		"a start of long ago":            contract(`"startsOn":"1917-12-06"`),
		"a time with an offset":          strings.Replace(customer(`"name":"Oy"`), "08:00:00Z", "10:00:00.123+02:00", 1),
		"another time zone":              customer(`"timezone":"America/Argentina/Buenos_Aires"`),
		"an address with a plus":         contact(`"email":"maija.l+kaiku@leipomo.example"`),
		"an address in capitals":         contact(`"email":"Maija@LEIPOMO.Example"`),
		"a domain in its ASCII form":     contact(`"email":"maija@xn--strandglntan-ncb.example"`),
		"a name in any letters":          contact(`"name":"Åke Ölander 山田"`),
		"no contacts":                    body("customer.updated", "contacts", `[]`),
		"200 contacts":                   body("customer.updated", "contacts", list(200)),
		"an interaction nobody asked of": body("customer.updated", "interaction", `{"id":5}`),
	} {
		t.Run(name, func(t *testing.T) {
			if _, faults := webhook.ParseEvent("msg_1", []byte(text)); len(faults) > 0 {
				t.Errorf("%s: %v", text, faults)
			}
		})
	}
}

// list is so many contacts.
func list(n int) string {
	var contacts []string
	for i := range n {
		contacts = append(contacts, fmt.Sprintf(`{"id":"P-%d"}`, i))
	}
	return "[" + strings.Join(contacts, ",") + "]"
}

func TestEveryBadValueIsNamedAndNotRepeated(t *testing.T) {
	const personal = "Maija-Liisa"
	long := strings.Repeat("x", 129)
	for _, c := range []struct {
		name, body string
		fields     []string // of the faults
		says       string   // in the detail of the first
	}{
		{"empty", ``, []string{""}, "one JSON object"},
		{"no JSON", `type=contract.changed`, []string{""}, "one JSON object"},
		{"a list", `[]`, []string{""}, "one JSON object"},
		{"a string", `"` + personal + `"`, []string{""}, "one JSON object"},
		{"two objects", `{}{}`, []string{""}, "one JSON object"},
		{"cut off", customer(`"name":"Oy"`)[:60], []string{""}, "one JSON object"},
		{"a comma too many", `{"type":"customer.updated",}`, []string{""}, "one JSON object"},
		{"not in UTF-8", customer("\"name\":\"Caf\xe9\""), []string{""}, "UTF-8"},
		{"nothing", `null`, []string{"data", "data.customer.id", "timestamp", "type"}, "missing"},
		{"an empty object", `{}`, []string{"data", "data.customer.id", "timestamp", "type"}, "missing"},

		{"no type", strings.Replace(customer(`"name":"Oy"`), `"type"`, `"kind"`, 1), []string{"type"}, "missing"},
		{"unknown type", body("contract.signed", "", ""), []string{"type"}, "contract.started contract.changed"},
		{"a type that is no string", `{"type":7,"timestamp":"2026-11-22T08:00:00Z","data":{"customer":{"id":"C-1"}}}`, []string{"type"}, "string"},
		{"an empty type", body("", "", ""), []string{"type"}, "empty"},

		{"no timestamp", `{"type":"customer.updated","data":{"customer":{"id":"C-1"}}}`, []string{"timestamp"}, "missing"},
		{"a timestamp that is null", `{"type":"customer.updated","timestamp":null,"data":{"customer":{"id":"C-1"}}}`, []string{"timestamp"}, "missing"},
		{"a timestamp without a zone", strings.Replace(customer(`"name":"Oy"`), "08:00:00Z", "08:00:00", 1), []string{"timestamp"}, "RFC 3339"},
		{"a timestamp of a day that does not exist", strings.Replace(customer(`"name":"Oy"`), "2026-11-22", "2026-11-31", 1), []string{"timestamp"}, "RFC 3339"},
		{"a timestamp in seconds", `{"type":"customer.updated","timestamp":1795334400,"data":{"customer":{"id":"C-1"}}}`, []string{"timestamp"}, "string"},
		{"a timestamp before 1970", strings.Replace(customer(`"name":"Oy"`), "2026-11-22", "1969-12-31", 1), []string{"timestamp"}, "1970"},
		{"a timestamp after 9999 in UTC", strings.Replace(customer(`"name":"Oy"`), "2026-11-22T08:00:00Z", "9999-12-31T23:00:00-05:00", 1), []string{"timestamp"}, "RFC 3339"},
		{"a timestamp so far ahead that nothing could follow it", strings.Replace(customer(`"name":"Oy"`), "2026-11-22", "9999-12-31", 1), []string{"timestamp"}, "RFC 3339"},

		{"no data", `{"type":"customer.updated","timestamp":"2026-11-22T08:00:00Z"}`, []string{"data", "data.customer.id"}, "missing"},
		{"data that is no object", `{"type":"customer.updated","timestamp":"2026-11-22T08:00:00Z","data":[]}`, []string{"data", "data.customer.id"}, "object"},
		{"no customer", body("customer.updated", "customer", ""), []string{"data.customer.id"}, "missing"},
		{"a customer that is no object", body("customer.updated", "customer", `"C-1"`), []string{"data.customer", "data.customer.id"}, "object"},
		{"a customer without an id", body("customer.updated", "customer", `{"name":"`+personal+`"}`), []string{"data.customer.id"}, "missing"},
		{"a customer whose id is null", body("customer.updated", "customer", `{"id":null}`), []string{"data.customer.id"}, "missing"},
		{"a customer whose id is a number", body("customer.updated", "customer", `{"id":1001}`), []string{"data.customer.id"}, "string"},
		{"a customer whose id is empty", body("customer.updated", "customer", `{"id":""}`), []string{"data.customer.id"}, "empty"},
		{"a customer id of 129 bytes", body("customer.updated", "customer", `{"id":"`+long+`"}`), []string{"data.customer.id"}, "128 bytes"},
		{"a customer id of 129 bytes in UTF-8", body("customer.updated", "customer", `{"id":"x`+strings.Repeat("ä", 64)+`"}`), []string{"data.customer.id"}, "128 bytes"},
		{"a customer id with NUL", body("customer.updated", "customer", `{"id":"C\u0000`+personal+`"}`), []string{"data.customer.id"}, "control"},
		{"a customer id with a new line", body("customer.updated", "customer", `{"id":"C\n`+personal+`"}`), []string{"data.customer.id"}, "control"},
		{"a customer id with DEL", body("customer.updated", "customer", `{"id":"C\u007f"}`), []string{"data.customer.id"}, "control"},

		{"no contract", body("contract.started", "contract", ""), []string{"data.contract.id"}, "missing"},
		{"a contract without an id", body("contract.renewed", "contract", `{"service":"x"}`), []string{"data.contract.id"}, "missing"},
		{"a contract without an id where none is needed", body("customer.updated", "contract", `{"service":"x"}`), []string{"data.contract.id"}, "missing"},
		{"a contract id of 129 bytes", body("contract.ended", "contract", `{"id":"`+long+`"}`), []string{"data.contract.id"}, "128 bytes"},
		{"a contract id with a new line", body("contract.ended", "contract", `{"id":"K\r\n1"}`), []string{"data.contract.id"}, "control"},
		{"a contract that is no object", body("contract.ended", "contract", `7`), []string{"data.contract", "data.contract.id"}, "object"},

		{"a name that is no string", customer(`"name":["` + personal + `"]`), []string{"data.customer.name"}, "string"},
		{"a name too long", customer(`"name":"` + strings.Repeat(personal, 20) + `"`), []string{"data.customer.name"}, "200"},
		{"a business id too long", customer(`"businessId":"` + long + `"`), []string{"data.customer.businessId"}, "40"},
		{"people fewer than none", customer(`"employees":-1`), []string{"data.customer.employees"}, "0 or more"},
		{"half a person", customer(`"employees":1.5`), []string{"data.customer.employees"}, "whole"},
		{"people as text", customer(`"employees":"12"`), []string{"data.customer.employees"}, "whole"},
		{"more people than can be counted", customer(`"employees":1` + strings.Repeat("0", 400)), []string{"data.customer.employees"}, "whole"},
		{"turnover below nothing", customer(`"turnover":-0.01`), []string{"data.customer.turnover"}, "0 or more"},
		{"turnover beyond numbers", customer(`"turnover":1e400`), []string{"data.customer.turnover"}, "number"},
		{"a balance sheet below nothing", customer(`"balanceSheet":-5`), []string{"data.customer.balanceSheet"}, "0 or more"},
		{"a balance sheet as text", customer(`"balanceSheet":"` + personal + `"`), []string{"data.customer.balanceSheet"}, "number"},
		{"an industry too long", customer(`"industry":"` + long + `"`), []string{"data.customer.industry"}, "20"},
		{"a region too long", customer(`"region":"` + long + `"`), []string{"data.customer.region"}, "100"},
		{"a chain as text", customer(`"chain":"yes"`), []string{"data.customer.chain"}, "true or false"},
		{"public sector as a number", customer(`"publicSector":1`), []string{"data.customer.publicSector"}, "true or false"},
		{"consumer as text", customer(`"consumer":"` + personal + `"`), []string{"data.customer.consumer"}, "true or false"},
		{"an unknown time zone", customer(`"timezone":"Europe/` + personal + `"`), []string{"data.customer.timezone"}, "Europe/Helsinki"},
		{"the machine's own time zone", customer(`"timezone":"Local"`), []string{"data.customer.timezone"}, "unknown"},
		{"an empty time zone", customer(`"timezone":""`), []string{"data.customer.timezone"}, "unknown"},
		{"a time zone that leaves its folder", customer(`"timezone":"../../etc/passwd"`), []string{"data.customer.timezone"}, "unknown"},

		{"a service that is no string", contract(`"service":{}`), []string{"data.contract.service"}, "string"},
		{"a value below nothing", contract(`"annualValue":-4200`), []string{"data.contract.annualValue"}, "0 or more"},
		{"a currency in small letters", contract(`"currency":"eur"`), []string{"data.contract.currency"}, "EUR"},
		{"a currency as a sign", contract(`"currency":"€"`), []string{"data.contract.currency"}, "ISO 4217"},
		{"a currency of four letters", contract(`"currency":"EURO"`), []string{"data.contract.currency"}, "ISO 4217"},
		{"a start that is no day", contract(`"startsOn":"2026-02-29"`), []string{"data.contract.startsOn"}, "exists"},
		{"a start with a time", contract(`"startsOn":"2026-02-01T00:00:00Z"`), []string{"data.contract.startsOn"}, "YYYY-MM-DD"},
		{"a start so far ahead that its years cannot be written", contract(`"startsOn":"9999-06-01"`), []string{"data.contract.startsOn"}, "2200"},
		{"an end that is a number", contract(`"endsOn":20260201`), []string{"data.contract.endsOn"}, "YYYY-MM-DD"},
		{"an end before the start", contract(`"startsOn":"2026-02-02","endsOn":"2026-02-01"`), []string{"data.contract.endsOn"}, "before startsOn"},
		{"an owner too long", contract(`"owner":"` + long + `"`), []string{"data.contract.owner"}, "100"},

		{"contacts that are no list", body("customer.updated", "contacts", `{"id":"P-1"}`), []string{"data.contacts"}, "list"},
		{"a contact that is no object", body("customer.updated", "contacts", `["`+personal+`"]`), []string{"data.contacts"}, "list of objects"},
		{"a contact that is null", body("customer.updated", "contacts", `[null]`), []string{"data.contacts[0].id"}, "missing"},
		{"a contact without an id", body("customer.updated", "contacts", `[{"id":"P-0"},{"email":"`+personal+`@x.example"}]`), []string{"data.contacts[1].id"}, "missing"},
		{"a contact id of 129 bytes", body("customer.updated", "contacts", `[{"id":"`+long+`"}]`), []string{"data.contacts[0].id"}, "128 bytes"},
		{"a contact id with NUL", body("customer.updated", "contacts", `[{"id":"\u0000"}]`), []string{"data.contacts[0].id"}, "control"},
		{"a contact twice", body("customer.updated", "contacts", `[{"id":"P-0"},{"id":"P-0"}]`), []string{"data.contacts[1].id"}, "twice"},
		{"201 contacts", body("customer.updated", "contacts", list(201)), []string{"data.contacts"}, "200"},
		{"an address that is none", contact(`"email":"` + personal + `"`), []string{"data.contacts[1].email"}, "name@firm.example"},
		{"an address with a name", contact(`"email":"` + personal + ` <maija@leipomo.example>"`), []string{"data.contacts[1].email"}, "email address"},
		{"two addresses", contact(`"email":"a@x.example, b@x.example"`), []string{"data.contacts[1].email"}, "one email address"},
		{"an address with spaces", contact(`"email":" maija@leipomo.example"`), []string{"data.contacts[1].email"}, "email address"},
		{"an address without a domain", contact(`"email":"maija@"`), []string{"data.contacts[1].email"}, "email address"},
		{"an address with two ats", contact(`"email":"maija@x@leipomo.example"`), []string{"data.contacts[1].email"}, "email address"},
		{"an address with a new line", contact(`"email":"maija@leipomo.example\nBcc: all@x.example"`), []string{"data.contacts[1].email"}, "email address"},
		{"an address in other letters", contact(`"email":"äijä@leipomo.example"`), []string{"data.contacts[1].email"}, "email address"},
		{"an address too long", contact(`"email":"` + strings.Repeat("x", 250) + `@x.example"`), []string{"data.contacts[1].email"}, "email address"},
		{"an empty address", contact(`"email":""`), []string{"data.contacts[1].email"}, "null for none"},
		{"an address that is a number", contact(`"email":5`), []string{"data.contacts[1].email"}, "email address"},
		{"an address at a machine's number", contact(`"email":"maija@[192.0.2.1]"`), []string{"data.contacts[1].email"}, "email address"},
		{"a contact's name too long", contact(`"name":"` + strings.Repeat(personal, 20) + `"`), []string{"data.contacts[1].name"}, "200"},
		{"an unknown role", contact(`"role":"` + personal + `"`), []string{"data.contacts[1].role"}, "decision_maker user billing"},
		{"an unknown language", contact(`"language":"de"`), []string{"data.contacts[1].language"}, "fi sv en"},
		{"an empty language", contact(`"language":""`), []string{"data.contacts[1].language"}, "fi sv en"},

		{"a change that is no object", body("contract.changed", "change", `"two doors"`), []string{"data.change"}, "object"},
		{"a change told at length", body("contract.changed", "change", `{"summary":"`+strings.Repeat("x", 2001)+`"}`), []string{"data.change.summary"}, "2000"},
		{"no interaction", body("interaction.closed", "interaction", ""), []string{"data.interaction.contactId", "data.interaction.id"}, "missing"},
		{"an interaction without an id", body("interaction.closed", "interaction", `{"contactId":"P-1"}`), []string{"data.interaction.id"}, "missing"},
		{"an interaction with nobody", body("interaction.closed", "interaction", `{"id":"T-1"}`), []string{"data.interaction.contactId"}, "missing"},
		{"an interaction id of 129 bytes", body("interaction.closed", "interaction", `{"id":"`+long+`","contactId":"P-1"}`), []string{"data.interaction.id"}, "128 bytes"},
		{"an interaction with somebody of 129 bytes", body("interaction.closed", "interaction", `{"id":"T-1","contactId":"`+long+`"}`), []string{"data.interaction.contactId"}, "128 bytes"},
		{"no survey", body("customer.surveyed", "survey", ""), []string{"data.survey.at", "data.survey.kind"}, "missing"},
		{"a survey of an unknown kind", body("customer.surveyed", "survey", `{"kind":"`+personal+`","at":"2026-11-22T08:00:00Z"}`), []string{"data.survey.kind"}, "nps csat ces"},
		{"a survey at no time", body("customer.surveyed", "survey", `{"kind":"nps","at":"yesterday"}`), []string{"data.survey.at"}, "RFC 3339"},
		{"backfill as text", body("customer.updated", "backfill", `"yes"`), []string{"data.backfill"}, "true or false"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, faults := webhook.ParseEvent("msg_1", []byte(c.body))
			var fields []string
			for _, f := range faults {
				fields = append(fields, f.Field)
				if strings.Contains(f.Field+f.Detail, personal) || strings.Contains(f.Field+f.Detail, "leipomo") {
					t.Errorf("the fault repeats what may be personal: %v", f)
				}
			}
			if !slices.Equal(fields, c.fields) {
				t.Fatalf("faults are %v, want at %q", faults, c.fields)
			}
			if !strings.Contains(faults[0].Detail, c.says) {
				t.Errorf("%s %q says nothing of %q", faults[0].Field, faults[0].Detail, c.says)
			}
			if diff := cmp.Diff(survey.Event{}, e); diff != "" {
				t.Errorf("there is an event all the same: %s", diff)
			}
		})
	}
}

func TestAllFaultsAreReportedAtOnce(t *testing.T) {
	_, faults := webhook.ParseEvent("msg_\n", []byte(`{"type":"contract.signed","timestamp":"noon","data":{
		"customer":{"id":"","employees":-1,"turnover":-1,"timezone":"Mars","chain":"x"},
		"contract":{"startsOn":"2026-02-02","endsOn":"2026-02-01","currency":"e"},
		"contacts":[{"email":"x"},{"id":"P-1","role":"x","language":"x"}],"backfill":3}}`))
	var fields []string
	for _, f := range faults {
		fields = append(fields, f.Field)
	}
	want := []string{"data.backfill", "data.contacts[0].email", "data.contacts[0].id", "data.contacts[1].language", "data.contacts[1].role",
		"data.contract.currency", "data.contract.endsOn", "data.contract.id", "data.customer.chain", "data.customer.employees", "data.customer.id",
		"data.customer.timezone", "data.customer.turnover", "timestamp", "type", "webhook-id"}
	if !slices.Equal(fields, want) {
		t.Errorf("faults at\n%q, want\n%q", fields, want)
	}
}

func TestTheIdOfAMessageBecomesAKey(t *testing.T) {
	text := []byte(customer(`"name":"Oy"`))
	for id, ok := range map[string]bool{"msg_1": true, strings.Repeat("x", 128): true, strings.Repeat("x", 129): false,
		"msg\x00": false, "msg\n": false, "msg\x7f": false, "msg\xff": false} {
		if _, faults := webhook.ParseEvent(id, text); (len(faults) == 0) != ok || !ok && faults[0].Field != "webhook-id" {
			t.Errorf("%q: %v", id, faults)
		}
	}
}

func TestOfAFieldSaidTwiceTheLastCounts(t *testing.T) {
	e, faults := webhook.ParseEvent("msg_1", []byte(`{"type":"customer.erased","type":"customer.updated","timestamp":"2026-11-22T08:00:00Z",
		"data":{"customer":{"id":"C-1","name":"A","name":"B","id":"C-2"}}}`))
	if len(faults) > 0 || e.Type != survey.CustomerUpdated || e.CustomerID != "C-2" || string(e.Customer["name"]) != `"B"` {
		t.Errorf("got %+v, %v", e, faults)
	}
}

func TestDeepJSONIsRefusedOrLeftAlone(t *testing.T) {
	nested := func(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }
	if _, faults := webhook.ParseEvent("msg_1", []byte(customer(`"colour":`+nested(9_000)))); len(faults) > 0 {
		t.Errorf("9,000 deep in what is not known: %v", faults)
	}
	if _, faults := webhook.ParseEvent("msg_1", []byte(customer(`"name":`+nested(9_000)))); len(faults) != 1 || faults[0].Field != "data.customer.name" {
		t.Errorf("9,000 deep in a name: %v", faults)
	}
	if _, faults := webhook.ParseEvent("msg_1", []byte(customer(`"colour":`+nested(10_000)))); len(faults) != 1 || faults[0].Field != "" {
		t.Errorf("10,000 deep: %v", faults)
	}
	if _, faults := webhook.ParseEvent("msg_1", []byte(strings.Repeat("[", 100_000))); len(faults) != 1 {
		t.Errorf("100,000 deep and never closed: %v", faults)
	}
}
