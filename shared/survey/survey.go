// Package survey is Kaiku's vocabulary: what customers, contracts, contacts,
// surveys, decisions and answers are. It is pure: values and functions of
// values, the standard library alone, no clock and no I/O.
//
// A Customer is known through Events, each of which carries a few fields and
// says when it happened. Events come late, twice and in any order; Record keeps
// for every field the newest word, so that any order ends in the same state.
//
// A contract event, a service contact or an anniversary is a Trigger. Whether it
// leads to a survey is for package policy to decide; the outcome is a Decision,
// and if that is to ask, an Invitation. Once mailed, what became of it is its
// Outcome, with at most one Answer.
package survey

import (
	"fmt"
	"slices"
)

// Kind is one of the three surveys.
type Kind string

// The kinds: how likely to recommend (0 to 10), how satisfied with one step
// (1 to 5), how easy the matter was (1 to 7).
const (
	NPS  Kind = "nps"
	CSAT Kind = "csat"
	CES  Kind = "ces"
)

// Kinds lists every kind, in the order people expect them.
var Kinds = []Kind{NPS, CSAT, CES}

// Trigger is what a survey follows on.
type Trigger string

// The triggers: the anniversary of the contract for an NPS, the change points
// of a contract for a CSAT, a closed customer-service interaction for a CES.
const (
	Annual      Trigger = "annual"
	Started     Trigger = "started"
	Changed     Trigger = "changed"
	Renewed     Trigger = "renewed"
	Ended       Trigger = "ended"
	Interaction Trigger = "interaction"
	// External marks a survey that another system sent; Kaiku never sends one.
	External Trigger = "external"
)

// Triggers lists every trigger that Kaiku sends a survey for.
var Triggers = []Trigger{Annual, Started, Changed, Renewed, Ended, Interaction}

// Kind is the kind of survey that follows on the trigger; empty for External.
func (t Trigger) Kind() Kind {
	switch t {
	case Annual:
		return NPS
	case Started, Changed, Renewed, Ended:
		return CSAT
	case Interaction:
		return CES
	}
	return ""
}

// Class is the group of answers a score belongs to.
type Class string

// The classes, from the worst to the best of each kind.
const (
	Detractor Class = "detractor"
	Passive   Class = "passive"
	Promoter  Class = "promoter"

	Unhappy   Class = "unhappy"
	Neutral   Class = "neutral"
	Satisfied Class = "satisfied"

	Hard Class = "hard"
	Easy Class = "easy"
)

// Scale is the range of scores of a kind, both ends included; ok is false for
// an unknown kind.
func (k Kind) Scale() (low, high int, ok bool) {
	switch k {
	case NPS:
		return 0, 10, true
	case CSAT:
		return 1, 5, true
	case CES:
		return 1, 7, true
	}
	return 0, 0, false
}

// Valid says whether score is on the scale of k.
func (k Kind) Valid(score int) bool {
	low, high, ok := k.Scale()
	return ok && score >= low && score <= high
}

// Class is the class of a score: nps detractor 0–6, passive 7–8, promoter 9–10
// (Reichheld 2003); csat unhappy 1–2, neutral 3, satisfied 4–5; ces hard 1–3,
// neutral 4, easy 5–7. A score off the scale has none.
func (k Kind) Class(score int) Class {
	if !k.Valid(score) {
		return ""
	}
	pick := func(worst, middle int, classes [3]Class) Class {
		switch {
		case score <= worst:
			return classes[0]
		case score <= middle:
			return classes[1]
		}
		return classes[2]
	}
	switch k {
	case NPS:
		return pick(6, 8, [3]Class{Detractor, Passive, Promoter})
	case CSAT:
		return pick(2, 3, [3]Class{Unhappy, Neutral, Satisfied})
	default:
		return pick(3, 4, [3]Class{Hard, Neutral, Easy})
	}
}

// Classes are the three classes of a kind, from worst to best.
func (k Kind) Classes() []Class {
	switch k {
	case NPS:
		return []Class{Detractor, Passive, Promoter}
	case CSAT:
		return []Class{Unhappy, Neutral, Satisfied}
	case CES:
		return []Class{Hard, Neutral, Easy}
	}
	return nil
}

// Reasons are what a customer who ended a contract may give as the reason.
var Reasons = []string{"price", "service", "need_ended", "competitor", "closed", "other"}

// Feelings are what the optional one-tap feeling offers.
var Feelings = []string{"enthusiastic", "confident", "indifferent", "frustrated", "angry", "worried"}

// Languages are those that texts are written in; the first is the default.
var Languages = []string{"fi", "sv", "en"}

// Role is what a contact is to the contract.
type Role string

// The roles, in the order in which they are asked.
const (
	DecisionMaker Role = "decision_maker"
	User          Role = "user"
	Billing       Role = "billing"
)

// Roles lists the roles in the order in which they are asked.
var Roles = []Role{DecisionMaker, User, Billing}

// rank orders roles; an unknown or missing role comes last.
func (r Role) rank() int {
	if i := slices.Index(Roles, r); i >= 0 {
		return i
	}
	return len(Roles)
}

// Before says whether a contact of role r is asked before one of role other.
func (r Role) Before(other Role) bool { return r.rank() < other.rank() }

// ParseKind reads a kind as a caller wrote it.
func ParseKind(s string) (Kind, error) {
	if k := Kind(s); slices.Contains(Kinds, k) {
		return k, nil
	}
	return "", fmt.Errorf("unknown kind of survey %q; known are nps, csat, ces", s)
}
