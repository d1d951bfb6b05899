package rehearse

import (
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"kaiku/shared/policy"
	"kaiku/shared/survey"
)

// errEndsFirst refuses a contract.
var errEndsFirst = errors.New("endsOn: is before startsOn")

// Ends is what becomes of a contract whose end date falls into the rehearsal and
// of which no event says what becomes of it.
type Ends string

// A contract is renewed for twelve months when its last day is over, or it ends
// then.
const (
	Renew Ends = "renew"
	End   Ends = "end"
)

// expectation is what a contract's own dates let expect.
type expectation struct {
	at       time.Time
	kind     survey.EventType
	contract string
	endsOn   survey.Date // of a renewed contract: its new end
}

// foretelling is what --events says of a contract, so that its dates need not:
// that it starts, or else that it is renewed or ends.
type foretelling struct {
	contract string
	starts   bool
}

// expect finds what the contracts' own dates let expect from now on.
func (m *member) expect(w *window, p *policy.Policy) {
	m.expected = m.expected[:0]
	if m.facts.Erased {
		return
	}
	loc := p.Location(&m.facts)
	for i := range m.facts.Contracts {
		k := &m.facts.Contracts[i]
		if !k.StartsOn.IsZero() && !k.StartsOn.Before(w.first) && k.Started.IsZero() && !m.foretold[foretelling{k.ID, true}] {
			m.add(w, expectation{at: k.StartsOn.Start(loc), kind: survey.ContractStarted, contract: k.ID})
		}
		if k.EndsOn.IsZero() || k.EndsOn.Before(w.first) || m.foretold[foretelling{k.ID, false}] {
			continue
		}
		over := k.EndsOn.AddDays(1).Start(loc)
		if !k.Over(loc, 0).Equal(over) || k.Ended.Equal(over) {
			continue // it has ended, or will before
		}
		x := expectation{at: over, kind: survey.ContractEnded, contract: k.ID}
		if w.ends == Renew {
			x.kind, x.endsOn = survey.ContractRenewed, k.EndsOn.AddYears(1)
		}
		m.add(w, x)
	}
}

// add keeps what falls into the rest of the window; earliest first.
func (m *member) add(w *window, x expectation) {
	if x.at.Before(m.clock) || !x.at.Before(w.to) {
		return
	}
	x.at = x.at.UTC()
	m.expected = append(m.expected, x)
	for i := len(m.expected) - 1; i > 0 && m.expected[i].at.Before(m.expected[i-1].at); i-- {
		m.expected[i], m.expected[i-1] = m.expected[i-1], m.expected[i]
	}
}

// event is the expectation as the event that a CRM would send.
func (x *expectation) event(customer string) survey.Event {
	e := survey.Event{Type: x.kind, At: x.at, CustomerID: customer, ContractID: x.contract}
	if !x.endsOn.IsZero() {
		e.Contract = map[string]json.RawMessage{"endsOn": json.RawMessage(strconv.Quote(x.endsOn.String()))}
	}
	return e
}

// comeTrue puts an expectation into the facts.
func (m *member) comeTrue(x expectation) error {
	if m.stateful() {
		return m.hear(x.event(m.facts.ID))
	}
	k, ok := m.facts.Contract(x.contract)
	if !ok {
		return errors.New("an expectation of a contract that is not there")
	}
	switch x.kind {
	case survey.ContractStarted:
		k.Started = x.at
	case survey.ContractRenewed:
		k.Renewed, k.EndsOn = x.at, x.endsOn
	case survey.ContractEnded:
		k.Ended = x.at
	}
	return nil
}

// hear takes an event into a stateful member.
func (m *member) hear(e survey.Event) error {
	if err := m.state.Apply(e); err != nil {
		return err
	}
	if e.Type == survey.CustomerErased && m.state.Erased.IsZero() {
		*m.state = survey.State{ID: m.state.ID, Erased: e.At}
	}
	var err error
	m.facts, err = m.state.Customer()
	return err
}
