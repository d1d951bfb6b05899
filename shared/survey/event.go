package survey

import (
	"encoding/json"
	"slices"
	"time"
)

// EventType is what a contract event says has happened.
type EventType string

// The event types.
const (
	CustomerUpdated   EventType = "customer.updated"
	ContractStarted   EventType = "contract.started"
	ContractChanged   EventType = "contract.changed"
	ContractRenewed   EventType = "contract.renewed"
	ContractEnded     EventType = "contract.ended"
	InteractionClosed EventType = "interaction.closed"
	CustomerSurveyed  EventType = "customer.surveyed"
	CustomerErased    EventType = "customer.erased"
)

// EventTypes lists every type, in the order of the documentation.
var EventTypes = []EventType{CustomerUpdated, ContractStarted, ContractChanged, ContractRenewed,
	ContractEnded, InteractionClosed, CustomerSurveyed, CustomerErased}

// Known says whether there is such a type.
func (t EventType) Known() bool { return slices.Contains(EventTypes, t) }

// Trigger is the survey trigger that an event of this type is; empty if none.
func (t EventType) Trigger() Trigger {
	switch t {
	case ContractStarted:
		return Started
	case ContractChanged:
		return Changed
	case ContractRenewed:
		return Renewed
	case ContractEnded:
		return Ended
	case InteractionClosed:
		return Interaction
	}
	return ""
}

// AboutContract says whether the event is about one contract.
func (t EventType) AboutContract() bool {
	return t == ContractStarted || t == ContractChanged || t == ContractRenewed || t == ContractEnded
}

// Event is one message of a CRM or ERP, already checked: every field has the
// type and range that the documentation says.
type Event struct {
	// ID is the sender's id of the message; the same id is the same message.
	ID   string
	Type EventType
	// At is when it happened, by the sender's word.
	At time.Time

	CustomerID string
	// Customer, Contract and Contacts (by contact id) hold the fields given;
	// null clears one, one left out is unchanged.
	Customer   map[string]json.RawMessage
	ContractID string
	Contract   map[string]json.RawMessage
	Contacts   map[string]map[string]json.RawMessage

	// InteractionID and InteractionContact are of interaction.closed.
	InteractionID      string
	InteractionContact string
	// SurveyKind and SurveyAt are of customer.surveyed.
	SurveyKind Kind
	SurveyAt   time.Time
	// Backfill loads state without asking anything.
	Backfill bool
}
