package survey

import "time"

// InvitationState is where an invitation stands in its life.
type InvitationState string

// The states. An invitation goes planned → queued → sending → sent, or ends as
// cancelled. From sent on its Outcome carries the story: delivered, answered,
// bounced, complained, expired.
const (
	InvitationPlanned   InvitationState = "planned"
	InvitationQueued    InvitationState = "queued"
	InvitationSending   InvitationState = "sending"
	InvitationSent      InvitationState = "sent"
	InvitationCancelled InvitationState = "cancelled"
)

// Invitation is one survey planned for one contact.
type Invitation struct {
	ID       string          `json:"id"`
	Customer string          `json:"customer"`
	Kind     Kind            `json:"kind"`
	Trigger  Trigger         `json:"trigger"`
	Contract string          `json:"contract,omitempty"`
	Contact  string          `json:"contact"`
	Address  string          `json:"address"` // the address's key, no address itself
	State    InvitationState `json:"state"`
	SendAt   time.Time       `json:"sendAt"`
	// Day is the day of its first try to send, by which it is counted.
	Day Date `json:"day,omitzero"`
	// Tries counts how often a try to send was begun.
	Tries int `json:"tries,omitempty"`
	// Claimed is when the last try to send was begun.
	Claimed time.Time `json:"claimed,omitzero"`
	// Cancel says why and when it was cancelled.
	Cancel *Cancel `json:"cancel,omitempty"`
}

// Cancel is why a planned invitation is not sent.
type Cancel struct {
	Rule    Rule      `json:"rule"`
	At      time.Time `json:"at"`
	Because Because   `json:"because,omitempty"`
}

// Facts are the dimensions that results are shown by, frozen when the survey
// was sent. They name no person.
type Facts struct {
	Size     Size    `json:"size,omitempty"`
	Industry string  `json:"industry,omitempty"` // section of TOL 2008, A to U
	Region   string  `json:"region,omitempty"`
	Owner    string  `json:"owner,omitempty"`
	Service  string  `json:"service,omitempty"`
	Trigger  Trigger `json:"trigger,omitempty"`
	Language string  `json:"language,omitempty"`
}

// Outcome is what became of a survey that was sent.
type Outcome struct {
	Invitation string    `json:"id"`
	Customer   string    `json:"customer,omitempty"`
	Kind       Kind      `json:"kind"`
	Facts      Facts     `json:"facts"`
	Sent       time.Time `json:"sent"`
	MessageID  string    `json:"messageId,omitempty"`
	Delivered  time.Time `json:"delivered,omitzero"`
	// Bounced is for good; SoftBounced for now, a delivery may still follow.
	Bounced     time.Time `json:"bounced,omitzero"`
	SoftBounced time.Time `json:"softBounced,omitzero"`
	Complained  time.Time `json:"complained,omitzero"`
	// Unsubscribed is when the link of this mail was used to stop all surveys.
	Unsubscribed time.Time `json:"unsubscribed,omitzero"`
	Answer       *Answer   `json:"answer,omitempty"`
}

// Answer is what the contact said; a revision replaces it and keeps First.
type Answer struct {
	Score   int    `json:"score"`
	Comment string `json:"comment,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Feeling string `json:"feeling,omitempty"`
	// First is when it was first given, Last when it was last revised.
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
}

// MaxComment is how long a comment may be, in characters.
const MaxComment = 4000
