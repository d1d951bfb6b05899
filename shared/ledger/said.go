package ledger

// What did an event say? Of each only what decisions look at is kept, so that
// every reason can be computed again from the timeline alone: no address, no
// name, no free text. It costs nothing of its own: it stands in the entry of the
// history that the event gets anyway.

import (
	"encoding/json"
	"time"

	"kaiku/shared/survey"
)

// Said is what an event said, as far as decisions look at it. A field that the
// event left out is not there; one that it cleared is null.
type Said struct {
	// Customer has the figures of the size, the flags of the audience and the
	// time zone; Contract the id and the two dates.
	Customer map[string]json.RawMessage `json:"customer,omitempty"`
	Contract map[string]json.RawMessage `json:"contract,omitempty"`
	// Contacts are those that the event named, by their ids.
	Contacts    map[string]SaidContact `json:"contacts,omitempty"`
	Interaction *SaidInteraction       `json:"interaction,omitempty"`
	Survey      *SaidSurvey            `json:"survey,omitempty"`
	Backfill    bool                   `json:"backfill,omitempty"`
}

// SaidContact is what an event said of a person.
type SaidContact struct {
	Role json.RawMessage `json:"role,omitempty"`
	// Address says whether there is one; nil when the event did not say.
	Address *bool `json:"address,omitempty"`
}

// SaidInteraction names a closed matter and whom it was with.
type SaidInteraction struct {
	ID      string `json:"id"`
	Contact string `json:"contactId,omitempty"`
}

// SaidSurvey is a survey of another system.
type SaidSurvey struct {
	Kind survey.Kind `json:"kind"`
	At   time.Time   `json:"at"`
}

var (
	saidOfCustomer = []string{"employees", "turnover", "balanceSheet", "chain", "publicSector", "consumer", "timezone"}
	saidOfContract = []string{"startsOn", "endsOn"}
)

// said is what is kept of an event's words; nil for nothing.
func said(e survey.Event) (*Said, error) {
	s := Said{Customer: pick(e.Customer, saidOfCustomer), Backfill: e.Backfill}
	if e.Type.AboutContract() {
		s.Contract = pick(e.Contract, saidOfContract)
		id, err := json.Marshal(e.ContractID)
		if err != nil {
			return nil, err
		}
		s.Contract["id"] = id
	}
	for id, fields := range e.Contacts {
		c := SaidContact{Role: fields["role"]}
		if email, ok := fields["email"]; ok {
			has := string(email) != "null" && string(email) != `""`
			c.Address = &has
		}
		if s.Contacts == nil {
			s.Contacts = map[string]SaidContact{}
		}
		s.Contacts[id] = c
	}
	switch e.Type {
	case survey.InteractionClosed:
		s.Interaction = &SaidInteraction{ID: e.InteractionID, Contact: e.InteractionContact}
	case survey.CustomerSurveyed:
		s.Survey = &SaidSurvey{Kind: e.SurveyKind, At: moment(e.SurveyAt)}
	}
	if len(s.Customer) == 0 && len(s.Contract) == 0 && s.Contacts == nil && s.Interaction == nil && s.Survey == nil && !s.Backfill {
		return nil, nil
	}
	return &s, nil
}

func pick(fields map[string]json.RawMessage, names []string) map[string]json.RawMessage {
	picked := map[string]json.RawMessage{}
	for _, name := range names {
		if value, ok := fields[name]; ok {
			picked[name] = value
		}
	}
	return picked
}
