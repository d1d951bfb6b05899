package rehearse

import (
	"time"

	"kaiku/shared/survey"
)

// Report is what a rehearsal found. As JSON it holds no address and no name.
type Report struct {
	// From is the first day, To the last, both included.
	From survey.Date `json:"from"`
	To   survey.Date `json:"to"`
	// Timezone is that of the days and months.
	Timezone string `json:"timezone"`
	Ends     Ends   `json:"ends"`
	Input    Input  `json:"input"`
	// Policy is what the policy leads to, Against what the second one does; nil
	// without one.
	Policy  *Figures `json:"policy"`
	Against *Figures `json:"against,omitempty"`
	// Customers and Addresses are those sent the most, under either policy.
	Customers []CustomerFigure `json:"mostAskedCustomers"`
	Addresses []AddressFigure  `json:"mostAskedAddresses"`
	// Differing is how many customers the two policies treat differently.
	Differing int64 `json:"differing"`
}

// Input says what was read.
type Input struct {
	Customers int64 `json:"customers"`
	Contracts int64 `json:"contracts"`
	Contacts  int64 `json:"contacts"` // with an address
	// SharedAddresses is how many addresses belong to more than one customer.
	SharedAddresses int64 `json:"sharedAddresses"`
	// Events is how many further events fall into the time, EventsBefore and
	// EventsAfter how many before it (taken for history) and after it (left).
	Events       int64 `json:"events"`
	EventsBefore int64 `json:"eventsBefore"`
	EventsAfter  int64 `json:"eventsAfter"`
}

// Figures are what one policy leads to.
type Figures struct {
	// Name is the policy's file, Hash its short hash as decisions carry it.
	Name string `json:"name"`
	Hash string `json:"hash"`
	// Sent is how many surveys leave in the time; Later how many are planned in
	// it and leave after it.
	Sent  int64 `json:"sent"`
	Later int64 `json:"later"`
	// Surveys are those sent, by month; Months without any are among them.
	Surveys []MonthOfSurveys `json:"surveys"`
	// Rules says for every rule how often it kept a survey from being sent, in
	// the order in which they are asked.
	Rules []RuleFigure `json:"rules"`
	// Decisions counts every decision by month, trigger, outcome and rule.
	Decisions []DecisionFigure `json:"decisions"`
	// Days are the days on which surveys are sent, in order; Busiest those with
	// the most.
	Days    []DayFigure `json:"days"`
	Busiest []DayFigure `json:"busiest"`
	// Times says how many customers are sent how many surveys, from none on.
	Times []TimesFigure `json:"times"`
}

// MonthOfSurveys is what is sent in one month.
type MonthOfSurveys struct {
	Month string                   `json:"month"` // YYYY-MM
	Sent  int64                    `json:"sent"`
	Kinds map[survey.Kind]int64    `json:"kinds"`
	For   map[survey.Trigger]int64 `json:"triggers"`
}

// RuleFigure is how often a rule said no.
type RuleFigure struct {
	Rule    survey.Rule            `json:"rule"`
	Outcome survey.DecisionOutcome `json:"outcome"`
	// First is how often it was the first to say no, and so decided; Any how
	// often it said no to a decision at all.
	First int64 `json:"first"`
	Any   int64 `json:"any"`
	// Cancelled is how often it took back a survey that was planned already.
	Cancelled int64 `json:"cancelled"`
}

// DecisionFigure is how often a decision was made.
type DecisionFigure struct {
	DecisionKind
	Count int64 `json:"count"`
}

// DecisionKind is what decisions are counted by: the month in which they are
// made, and what comes of them. A survey that is cancelled after it was planned
// counts once more, by why it was.
type DecisionKind struct {
	Month   string                 `json:"month"`
	Kind    survey.Kind            `json:"kind"`
	Trigger survey.Trigger         `json:"trigger"`
	Outcome survey.DecisionOutcome `json:"outcome"`
	Rule    survey.Rule            `json:"rule,omitempty"`
}

// DayFigure is how many surveys are sent on a day.
type DayFigure struct {
	Day  survey.Date `json:"day"`
	Sent int64       `json:"sent"`
}

// TimesFigure is how many customers are sent so many surveys.
type TimesFigure struct {
	Surveys   int   `json:"surveys"`
	Customers int64 `json:"customers"`
}

// CustomerFigure is how many surveys a customer is sent, under the policy and
// under the second one.
type CustomerFigure struct {
	Customer string `json:"customer"`
	Sent     int    `json:"sent"`
	Against  int    `json:"against"`
}

// AddressFigure is how many surveys an address is sent, at whatever customers,
// under the policy and under the second one.
type AddressFigure struct {
	Email string `json:"-"`
	// Hash names the address as the ledger does.
	Hash string `json:"hash"`
	// Contacts are whose contact it was asked as.
	Contacts []Contact `json:"contacts"`
	Sent     int       `json:"sent"`
	Against  int       `json:"against"`
}

// Contact names a contact by ids.
type Contact struct {
	Customer string `json:"customer"`
	Contact  string `json:"contact"`
}

// Entry is one decision about a customer, or the cancelling of a survey.
type Entry struct {
	At       time.Time
	Kind     survey.Kind
	Trigger  survey.Trigger
	Contract string
	Outcome  survey.DecisionOutcome
	// Rule is the first of Rules, those that said no.
	Rule  survey.Rule
	Rules []survey.Rule
	// SendAt and Contact are of a planned survey, Until of a postponed one.
	SendAt  time.Time
	Until   time.Time
	Contact string
}

// Difference is what two policies decide differently about one customer: what
// the first alone does, and what the second alone does.
type Difference struct {
	Customer string
	Policy   []Entry
	Against  []Entry
}
