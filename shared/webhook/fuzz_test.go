package webhook_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"kaiku/shared/policy"
	"kaiku/shared/policyfile"
	"kaiku/shared/survey"
	"kaiku/shared/webhook"
)

// What is taken in can be stored, read back and decided on, whatever it says:
// an event that was answered with 202 must never be in the way of the next.
func FuzzParseEvent(f *testing.F) {
	for _, text := range samples(f) {
		f.Add("msg_1", []byte(text))
	}
	for _, text := range []string{``, `{}`, `null`, `{"data":{"contacts":[null]}}`, contract(`"startsOn":"9999-12-31"`), contract(`"endsOn":"9999-12-31"`),
		contract(`"startsOn":"0000-01-01"`), strings.Replace(contract(`"service":"x"`), "2026", "9999", 1), customer(`"turnover":1e308`),
		customer("\"name\":\"\xff\""), contact(`"email":"\"a b\"@x.example"`)} {
		f.Add("msg_1", []byte(text))
	}
	p, err := policyfile.Load("")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, id string, body []byte) {
		e, faults := webhook.ParseEvent(id, body)
		for _, fault := range faults {
			if fault.Detail == "" || len(fault.Detail) > 300 {
				t.Errorf("the fault is %+v", fault)
			}
		}
		if len(faults) > 0 {
			return
		}
		for what, id := range map[string]string{"message": e.ID, "customer": e.CustomerID, "contract": e.ContractID, "interaction": e.InteractionID} {
			if len(id) > webhook.MaxID || strings.ContainsAny(id, "\x00\r\n") {
				t.Errorf("the id of the %s is %q", what, id)
			}
		}
		if !e.Type.Known() || e.At.IsZero() || e.CustomerID == "" || e.Type.AboutContract() && e.ContractID == "" {
			t.Errorf("the event is %+v", e)
		}
		takeIn(t, p, e)
	})
}

func takeIn(t *testing.T, p *policy.Policy, e survey.Event) {
	s := survey.State{ID: e.CustomerID}
	if err := s.Apply(e); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	c, err := s.Customer()
	if err != nil {
		t.Fatalf("the state cannot be read: %v", err)
	}
	s.Yearly = p.Yearly(&c, s.Yearly, now)
	stored, err := json.Marshal(s)
	if err != nil {
		t.Fatalf("the state cannot be stored: %v", err)
	}
	var back survey.State
	if err := json.Unmarshal(stored, &back); err != nil {
		t.Fatalf("the state cannot be read back: %v", err)
	}
	if again, err := json.Marshal(back); err != nil || string(again) != string(stored) {
		t.Errorf("stored %s, read back %s, %v", stored, again, err)
	}
	if trigger := e.Type.Trigger(); trigger != "" {
		d := p.Decide(policy.Facts{Customer: &c}, policy.Occasion{Trigger: trigger, Contract: e.ContractID, At: e.At,
			Interaction: e.InteractionID, Contact: e.InteractionContact}, now)
		if _, err := json.Marshal(d); err != nil {
			t.Errorf("the decision cannot be stored: %v", err)
		}
	}
}
