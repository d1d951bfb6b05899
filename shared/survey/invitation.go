package survey

import "time"

// Invitation is one survey planned for one contact.
type Invitation struct {
	ID       string  `json:"id"`
	Customer string  `json:"customer"`
	Kind     Kind    `json:"kind"`
	Trigger  Trigger `json:"trigger"`
	Contract string  `json:"contract,omitempty"`
	Contact  string  `json:"contact"`
	Address  string  `json:"address"` // the address's key, no address itself
	// Day is the day of its first try to send, by which it is counted.
	Day Date `json:"day,omitzero"`
	// Mailing is how far its mail has come.
	Mailing
	// Reminder is how far the mail has come that reminds of it; nil before there
	// is one.
	Reminder *Mailing `json:"reminder,omitempty"`
}

// Mailing is one mail of an invitation on its way to SES.
type Mailing struct {
	State  InvitationState `json:"state"`
	SendAt time.Time       `json:"sendAt,omitzero"`
	// Tries counts how often a try to send was begun of which nobody knows for
	// sure that no mail went out.
	Tries int `json:"tries,omitempty"`
	// Silent says that of one of them SES was asked and did not answer.
	Silent bool `json:"silent,omitempty"`
	// Claimed is when the last try to send was begun.
	Claimed time.Time `json:"claimed,omitzero"`
	// Again is the time before which it is not to be tried again: SES asked for a
	// pause, or its events are to be waited for, or it was outside the openings.
	Again time.Time `json:"again,omitzero"`
	// Cancel says why and when it was cancelled.
	Cancel *Cancel `json:"cancel,omitempty"`
}

// Move takes the mail to its next state; one that its life does not lead to is
// an *IllegalStepError and changes nothing.
func (m *Mailing) Move(to InvitationState) error {
	if !m.State.CanBecome(to) {
		return &IllegalStepError{m.State, to}
	}
	m.State = to
	return nil
}

// Current is the mail that is on its way: the reminder's once there is one.
func (i *Invitation) Current() *Mailing {
	if i.Reminder != nil {
		return i.Reminder
	}
	return &i.Mailing
}

// Clone shares nothing with i that may change.
func (i Invitation) Clone() Invitation {
	if i.Reminder != nil {
		reminder := *i.Reminder
		i.Reminder = &reminder
	}
	return i
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
	// Worth is what the customer's active contracts were worth a year, in
	// hundredths of Currency: of those in the currency that most is in.
	Worth    int64  `json:"worth,omitempty"`
	Currency string `json:"currency,omitempty"`
}

// Outcome is what became of a survey that was sent.
type Outcome struct {
	Invitation string `json:"id"`
	Customer   string `json:"customer,omitempty"`
	Kind       Kind   `json:"kind"`
	Facts      Facts  `json:"facts"`
	// State is sent or a later one. It follows from what came; the times below
	// say what that was, in whatever order it was heard of.
	State     InvitationState `json:"state"`
	Sent      time.Time       `json:"sent"`
	MessageID string          `json:"messageId,omitempty"`
	Delivered time.Time       `json:"delivered,omitzero"`
	// Bounced is for good, and BounceReason why: bounced, suppressed, rejected,
	// rendering_failure. SoftBounced is for now, a delivery may still follow.
	Bounced      time.Time `json:"bounced,omitzero"`
	BounceReason string    `json:"bounceReason,omitempty"`
	SoftBounced  time.Time `json:"softBounced,omitzero"`
	Complained   time.Time `json:"complained,omitzero"`
	// Unsubscribed is when the link of this mail was used to stop all surveys.
	Unsubscribed time.Time `json:"unsubscribed,omitzero"`
	// Reminded is when the reminder was sent, Expired when the link closed on a
	// survey that nobody had answered.
	Reminded time.Time `json:"reminded,omitzero"`
	Expired  time.Time `json:"expired,omitzero"`
	Answer   *Answer   `json:"answer,omitempty"`
	// Left says, of an NPS, that a contract of the customer came to its end within
	// a year of the answer.
	Left bool `json:"left,omitempty"`
	// Counted is what the figures hold of it; nil before it was first counted.
	Counted *Tally `json:"counted,omitempty"`
}

// Tally is what one survey adds to the figures.
type Tally struct {
	Delivered bool `json:"delivered,omitempty"`
	Bounced   bool `json:"bounced,omitempty"`
	Answered  bool `json:"answered,omitempty"`
	Score     int  `json:"score,omitempty"`
	Commented bool `json:"commented,omitempty"`
	Left      bool `json:"left,omitempty"`
}

// Tally is what the outcome adds to the figures as it stands.
func (o *Outcome) Tally() Tally {
	switch {
	case o.Answer != nil && o.Kind.Valid(o.Answer.Score): // an answer proves that the mail arrived
		return Tally{Delivered: true, Answered: true, Score: o.Answer.Score, Commented: o.Answer.Comment != "", Left: o.Left}
	case !o.Bounced.IsZero():
		return Tally{Bounced: true}
	default:
		return Tally{Delivered: !o.Delivered.IsZero()}
	}
}

// Become takes the outcome to a state if its life leads there. What comes late,
// a delivery heard of after the answer, leaves the state as it is.
func (o *Outcome) Become(to InvitationState) bool {
	if !o.State.CanBecome(to) {
		return false
	}
	o.State = to
	return true
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
