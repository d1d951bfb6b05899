package survey

import (
	"fmt"
	"slices"
)

// InvitationState is where an invitation stands in its life.
type InvitationState string

// The states. Up to sent they are those of the invitation itself, and of its
// reminder in the same way; from sent on its Outcome carries the story on.
const (
	InvitationPlanned   InvitationState = "planned"
	InvitationQueued    InvitationState = "queued"
	InvitationSending   InvitationState = "sending"
	InvitationCancelled InvitationState = "cancelled"

	InvitationSent       InvitationState = "sent"
	InvitationDelivered  InvitationState = "delivered"
	InvitationExpired    InvitationState = "expired"
	InvitationBounced    InvitationState = "bounced"
	InvitationComplained InvitationState = "complained"
	InvitationAnswered   InvitationState = "answered"
)

// Step is one that an invitation can take, and what makes it.
type Step struct {
	From, To InvitationState
	By       string
}

// Life is every step there is. It is drawn in docs/INVITATION.md, and a test
// holds the drawing to it.
//
// What SES tells comes in any order, so from sent on the steps only go one way:
// whichever order the same news comes in, the state it ends in is the same. An
// answer beats all else, for whoever answered had the mail; a complaint beats a
// bounce, which beats the mail's merely having been delivered.
var Life = []Step{
	{InvitationPlanned, InvitationQueued, "due, handed to the queue"},
	{InvitationPlanned, InvitationSending, "claimed before the queueing was noted"},
	{InvitationPlanned, InvitationSent, "SES tells of an earlier try"},
	{InvitationPlanned, InvitationCancelled, "superseded, or a rule says no"},
	{InvitationQueued, InvitationPlanned, "its turn came outside the openings"},
	{InvitationQueued, InvitationSending, "claimed by a sender"},
	{InvitationQueued, InvitationCancelled, "superseded, or a rule says no"},
	{InvitationQueued, InvitationSent, "SES tells of an earlier try"},
	{InvitationSending, InvitationQueued, "SES did not take it, or nobody knows after an hour"},
	{InvitationSending, InvitationSent, "SES took it"},
	{InvitationSending, InvitationCancelled, "SES refuses it for good"},

	{InvitationSent, InvitationDelivered, "SES tells"},
	{InvitationSent, InvitationExpired, "the link closed"},
	{InvitationSent, InvitationBounced, "SES tells"},
	{InvitationSent, InvitationComplained, "SES tells"},
	{InvitationSent, InvitationAnswered, "the contact answers"},
	{InvitationDelivered, InvitationExpired, "the link closed"},
	{InvitationDelivered, InvitationBounced, "SES tells"},
	{InvitationDelivered, InvitationComplained, "SES tells"},
	{InvitationDelivered, InvitationAnswered, "the contact answers"},
	{InvitationExpired, InvitationBounced, "SES tells late"},
	{InvitationExpired, InvitationComplained, "SES tells late"},
	{InvitationBounced, InvitationComplained, "SES tells"},
	{InvitationBounced, InvitationAnswered, "the contact answers"},
	{InvitationComplained, InvitationAnswered, "the contact answers"},
}

// CanBecome says whether a step leads from s to another state.
func (s InvitationState) CanBecome(to InvitationState) bool {
	return slices.ContainsFunc(Life, func(step Step) bool { return step.From == s && step.To == to })
}

// Unsent says whether no try to send has begun: the mail can still be cancelled.
func (s InvitationState) Unsent() bool { return s == InvitationPlanned || s == InvitationQueued }

// IllegalStepError is a step that no life takes.
type IllegalStepError struct{ From, To InvitationState }

// Error names the step.
func (e *IllegalStepError) Error() string {
	return fmt.Sprintf("an invitation that is %s cannot become %s", e.From, e.To)
}
