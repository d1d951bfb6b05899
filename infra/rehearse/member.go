package rehearse

import (
	"time"

	"kaiku/shared/survey"
)

// member is one customer of a rehearsal: what is known of it, and what is to
// come for it.
//
// What a file's rows say of a customer is put straight into its facts, which is
// fast. Where that would not do, since events tell more of the customer or its
// rows contradict each other, the facts are taken from a survey.State, as in
// production; that costs ten times as much.
type member struct {
	facts survey.Customer
	// state is what the facts are taken from; nil when rows are all there is.
	state *survey.State
	// What the facts' pointers point to.
	employees              int64
	turnover, balanceSheet float64

	told     []survey.Event // of --events, still to come
	foretold map[foretelling]bool
	expected []expectation // of the contracts' own dates
	yearly   survey.Yearly
	unsent   []invitation // by the time of sending
	clock    time.Time    // when the last thing happened to it

	outcome
}

// outcome is what came of a member: every decision, and the surveys that left.
type outcome struct {
	entries []entry
	sent    []sent
}

// sent is a survey that left.
type sent struct {
	at      int64 // milliseconds since 1970
	trigger survey.Trigger
}

// invitation is a survey that is planned and has not left.
type invitation struct {
	survey.Invitation
	to *addressee
}

// reset makes m a new customer and keeps its memory.
func (m *member) reset() {
	*m = member{
		facts:    survey.Customer{Contracts: m.facts.Contracts[:0], Contacts: m.facts.Contacts[:0], Asked: m.facts.Asked[:0]},
		expected: m.expected[:0], unsent: m.unsent[:0], outcome: outcome{m.entries[:0], m.sent[:0]},
	}
}

// ask notes a survey that is planned among those that count.
func (m *member) ask(a survey.Asked) {
	s := m.askedState()
	s.AddAsked(a)
	m.facts.Asked = s.Asked
}

// dropAsked takes one that will not be sent out of what counts.
func (m *member) dropAsked(invitation string) {
	s := m.askedState()
	s.DropAsked(invitation)
	m.facts.Asked = s.Asked
}

// askedState is the state that keeps what was asked.
func (m *member) askedState() *survey.State {
	if m.state != nil {
		return m.state
	}
	return &survey.State{Asked: m.facts.Asked}
}

// stateful says whether the facts are taken from a state.
func (m *member) stateful() bool { return m.state != nil }
