package ledger

// How is an entry of a customer's history stored? As small as it can be: with all
// that an event said it must stay under a kilobyte, for every kilobyte begun
// costs four write units from the event to the mail.

import (
	"encoding/json"
	"time"

	"kaiku/shared/survey"
)

// Entry is one item of a customer's history.
type Entry struct {
	At         time.Time
	Event      *EventNote
	Decision   *survey.Decision
	Invitation *survey.Invitation
}

// EventNote says which event an entry follows on.
type EventNote struct {
	ID   string           `json:"id"`
	Type survey.EventType `json:"type"`
	// At is when it happened, by the sender's word.
	At time.Time `json:"at"`
	// Said is what it said that decisions look at.
	Said *Said `json:"said,omitempty"`
}

// entryBody is an Entry as it is stored.
type entryBody struct {
	At         time.Time         `json:"at"`
	Event      *EventNote        `json:"event,omitempty"`
	Decision   *survey.Decision  `json:"decision,omitempty"`
	Invitation *storedInvitation `json:"invitation,omitempty"`
}

// storedInvitation is what an invitation has beside the decision that planned it,
// which also says when its mail is to be sent.
type storedInvitation struct {
	Address string      `json:"address,omitempty"`
	Day     survey.Date `json:"day,omitzero"`
	survey.Mailing
	Reminder *survey.Mailing `json:"reminder,omitempty"`
}

// MarshalJSON leaves out of the invitation what stands in its decision.
func (e Entry) MarshalJSON() ([]byte, error) {
	body := entryBody{At: e.At, Event: e.Event, Decision: e.Decision}
	if i := e.Invitation; i != nil {
		body.Invitation = &storedInvitation{i.Address, i.Day, i.Mailing, i.Reminder}
		body.Invitation.SendAt = time.Time{}
	}
	return json.Marshal(body)
}

// UnmarshalJSON puts the invitation together again.
func (e *Entry) UnmarshalJSON(b []byte) error {
	var body entryBody
	if err := json.Unmarshal(b, &body); err != nil {
		return err
	}
	*e = Entry{At: body.At, Event: body.Event, Decision: body.Decision}
	if i, d := body.Invitation, body.Decision; i != nil && d != nil {
		e.Invitation = &survey.Invitation{ID: d.Invitation, Customer: d.Customer, Kind: d.Kind, Trigger: d.Trigger,
			Contract: d.Contract, Contact: d.Contact, Address: i.Address, Day: i.Day, Mailing: i.Mailing, Reminder: i.Reminder}
		e.Invitation.SendAt = d.SendAt
	}
	return nil
}

// forgetPersons takes out what an event said of persons, and what a decision
// against asking them said. It says whether there was anything. Whom a survey was
// planned for stays until it is cancelled or done: the id of a contact that
// names nobody any more.
func (e *Entry) forgetPersons() bool {
	found := false
	if e.Event != nil && e.Event.Said != nil {
		said := *e.Event.Said
		found = said.Contacts != nil || said.Interaction != nil
		said.Contacts, said.Interaction = nil, nil
		note := *e.Event
		note.Said, e.Event = &said, &note
	}
	if e.Decision == nil {
		return found
	}
	for _, because := range e.Decision.Because {
		for _, fact := range []string{"contacts", "since", "asked", "surveys", "at"} {
			switch because[fact].(type) {
			case map[string]any, []any: // by contact
				found = true
				delete(because, fact)
			}
		}
	}
	return found
}
