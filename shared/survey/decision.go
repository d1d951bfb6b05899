package survey

import "time"

// Outcome of a decision.
type DecisionOutcome string

// What a decision can come to.
const (
	Planned    DecisionOutcome = "planned"
	Suppressed DecisionOutcome = "suppressed"
	Postponed  DecisionOutcome = "postponed"
	Cancelled  DecisionOutcome = "cancelled"
)

// Rule names one reason not to ask.
type Rule string

// The rules in the order in which they are asked; the first that says no gives
// a decision its name. The last three do not decide whether to ask but why an
// invitation that was planned is not sent after all.
const (
	Erased           Rule = "erased"
	OutsideAudience  Rule = "outside_audience"
	TriggerOff       Rule = "trigger_off"
	TooOld           Rule = "too_old"
	NoActiveContract Rule = "no_active_contract"
	TooYoung         Rule = "too_young"
	NotSteady        Rule = "not_steady"
	ChangeAhead      Rule = "change_ahead"
	AskedThisYear    Rule = "asked_this_year"
	SurveyedThisYear Rule = "surveyed_this_year"
	Cooldown         Rule = "cooldown"
	CustomerCap      Rule = "customer_cap"
	NotSampled       Rule = "not_sampled"
	NoContact        Rule = "no_contact"
	Unsubscribed     Rule = "unsubscribed"
	Undeliverable    Rule = "undeliverable"
	AddressCap       Rule = "address_cap"

	Superseded    Rule = "superseded"
	TooLate       Rule = "too_late"
	RejectedBySES Rule = "rejected"
)

// Because holds the facts that made a rule say no, by name: dates as RFC 3339
// or YYYY-MM-DD, counts, limits as the policy writes them.
type Because map[string]any

// Decision says what came of one event or one annual due date, and why.
type Decision struct {
	At       time.Time       `json:"at"`
	Customer string          `json:"customer"`
	Kind     Kind            `json:"kind"`
	Trigger  Trigger         `json:"trigger"`
	Outcome  DecisionOutcome `json:"outcome"`
	// Rule is the first of Rules; both are empty when planned.
	Rule    Rule             `json:"rule,omitempty"`
	Rules   []Rule           `json:"rules,omitempty"`
	Because map[Rule]Because `json:"because,omitempty"`
	// SendAt is when the mail goes out, if planned; Until is to when it is put
	// off, if postponed.
	SendAt     time.Time `json:"sendAt,omitzero"`
	Until      time.Time `json:"until,omitzero"`
	Contact    string    `json:"contact,omitempty"`
	Invitation string    `json:"invitation,omitempty"`
	Contract   string    `json:"contract,omitempty"`
	// Policy is the short hash of the policy in force.
	Policy string `json:"policy"`
}
