package survey

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// State is what is stored of a customer: the words of other systems, and what
// Kaiku has asked. Apply takes in an event; Customer is the state made ready
// for a decision.
type State struct {
	ID        string                     `json:"id"`
	Record    Record                     `json:"customer,omitzero"`
	Contracts map[string]*ContractRecord `json:"contracts,omitempty"`
	Contacts  map[string]*Record         `json:"contacts,omitempty"`
	Asked     []Asked                    `json:"asked,omitempty"`
	Yearly    Yearly                     `json:"yearly,omitzero"`
	// Erased is when the customer was erased; zero if not.
	Erased time.Time `json:"erased,omitzero"`
}

// Yearly is where the customer stands in its yearly NPS.
type Yearly struct {
	// Since is from when on anniversaries count: when the customer first had a
	// contract. An anniversary before it was not ours to keep.
	Since time.Time `json:"since,omitzero"`
	// Done is the last anniversary that was decided, planned or suppressed.
	Done Date `json:"done,omitzero"`
	// Next is the anniversary whose decision is due at Due; a postponed one
	// keeps its anniversary and moves its Due. Zero when none is to come.
	Next Date      `json:"next,omitzero"`
	Due  time.Time `json:"due,omitzero"`
	// Postponed says that Due is not the regular day but one that a rule set.
	Postponed bool `json:"postponed,omitempty"`
}

// ContractRecord is the Record of a contract and the latest moment of each
// change point. Latest and earliest do not depend on the order of events either.
type ContractRecord struct {
	Record  Record    `json:"is"`
	Started time.Time `json:"started,omitzero"`
	Changed time.Time `json:"changed,omitzero"`
	Renewed time.Time `json:"renewed,omitzero"`
	Ended   time.Time `json:"ended,omitzero"`
	First   time.Time `json:"first,omitzero"`
}

// renewedFrom keeps the start date that a renewal gives: it begins a new term,
// not the contract, whose anniversary stays where it is.
const renewedFrom = "renewedFrom"

// Limits of what one customer can hold, so that its item stays small enough to
// be read and written with every event.
const (
	// MaxContracts and MaxContacts are far beyond any small firm.
	MaxContracts = 200
	MaxContacts  = 200
	// maxAsked newest surveys are kept, for at most keepAsked: longer than any
	// window of the rules.
	maxAsked  = 32
	keepAsked = 2 * 366 * 24 * time.Hour
)

// ErrTooMany says that an event would give a customer more contracts or
// contacts than MaxContracts or MaxContacts.
var ErrTooMany = fmt.Errorf("a customer can hold at most %d contracts and %d contacts", MaxContracts, MaxContacts)

// Apply takes in what an event says. It is commutative and idempotent. On an
// erased customer it does nothing: erased is for good.
func (s *State) Apply(e Event) error {
	if !s.Erased.IsZero() {
		return nil
	}
	s.Record.Merge(e.Customer, e.At)
	for id, fields := range e.Contacts {
		contact := s.Contacts[id]
		if contact == nil {
			if s.reachable() >= MaxContacts {
				return ErrTooMany
			}
			contact = &Record{}
			if s.Contacts == nil {
				s.Contacts = map[string]*Record{}
			}
			s.Contacts[id] = contact
		}
		contact.Merge(fields, e.At)
	}
	if e.Type.AboutContract() {
		if err := s.applyContract(e); err != nil {
			return err
		}
	}
	if e.Type == CustomerSurveyed {
		s.addExternal(e.SurveyKind, e.SurveyAt)
	}
	return nil
}

// reachable counts the contacts that are not gone. It is looked at only when
// there are many.
func (s *State) reachable() int {
	if len(s.Contacts) < MaxContacts {
		return len(s.Contacts)
	}
	n := 0
	for _, contact := range s.Contacts {
		if string(contact.Fields["email"]) != "null" {
			n++
		}
	}
	return n
}

func (s *State) applyContract(e Event) error {
	c := s.Contracts[e.ContractID]
	if c == nil {
		if len(s.Contracts) >= MaxContracts {
			return ErrTooMany
		}
		c = &ContractRecord{}
		if s.Contracts == nil {
			s.Contracts = map[string]*ContractRecord{}
		}
		s.Contracts[e.ContractID] = c
	}
	fields := e.Contract
	if start, ok := fields["startsOn"]; ok && e.Type == ContractRenewed {
		fields = maps.Clone(fields)
		delete(fields, "startsOn")
		fields[renewedFrom] = start
	}
	c.Record.Merge(fields, e.At)

	at := e.At.Truncate(time.Millisecond).UTC()
	if c.First.IsZero() || at.Before(c.First) {
		c.First = at
	}
	latest := func(t *time.Time) {
		if at.After(*t) {
			*t = at
		}
	}
	switch e.Type {
	case ContractStarted:
		if !e.Backfill {
			latest(&c.Started)
		}
	case ContractChanged:
		latest(&c.Changed)
	case ContractRenewed:
		latest(&c.Renewed)
	case ContractEnded:
		latest(&c.Ended)
	}
	return nil
}

// addExternal notes a survey of another system, once.
func (s *State) addExternal(kind Kind, at time.Time) {
	a := Asked{Kind: kind, Trigger: External, At: at.Truncate(time.Millisecond).UTC()}
	same := func(b Asked) bool { return b.Trigger == External && b.Kind == a.Kind && b.At.Equal(a.At) }
	if !slices.ContainsFunc(s.Asked, same) {
		s.Asked = append(s.Asked, a)
		s.tidyAsked()
	}
}

// AddAsked notes a survey of ours that is planned.
func (s *State) AddAsked(a Asked) {
	s.Asked = append(s.Asked, a)
	s.tidyAsked()
}

// DropAsked forgets a survey that was cancelled or bounced. It says whether
// there was one.
func (s *State) DropAsked(invitation string) bool {
	before := len(s.Asked)
	s.Asked = slices.DeleteFunc(s.Asked, func(a Asked) bool { return a.Invitation == invitation })
	return len(s.Asked) < before
}

// tidyAsked sorts, and drops what no rule can still look at. It measures from
// the newest survey of ours, not from a clock, so the result is the same
// whenever the events come; and not from another system's, whose date may be
// wrong.
func (s *State) tidyAsked() {
	sortAsked(s.Asked)
	for _, last := range slices.Backward(s.Asked) {
		if last.Invitation != "" {
			s.Asked = slices.DeleteFunc(s.Asked, func(a Asked) bool { return last.At.Sub(a.At) > keepAsked })
			break
		}
	}
	if extra := len(s.Asked) - maxAsked; extra > 0 {
		s.Asked = slices.Delete(s.Asked, 0, extra)
	}
}

// Customer is the state made ready for a decision.
func (s *State) Customer() (Customer, error) {
	c := Customer{Erased: !s.Erased.IsZero()}
	if err := s.Record.Decode(&c); err != nil {
		return Customer{}, fmt.Errorf("reading customer: %w", err)
	}
	c.ID, c.Asked = s.ID, s.Asked
	for id, stored := range s.Contracts {
		k := Contract{Started: stored.Started, Changed: stored.Changed, Renewed: stored.Renewed,
			Ended: stored.Ended, FirstSay: stored.First}
		if err := stored.Record.Decode(&k); err != nil {
			return Customer{}, fmt.Errorf("reading a contract: %w", err)
		}
		k.ID = id
		if raw := stored.Record.Fields[renewedFrom]; k.StartsOn.IsZero() && raw != nil {
			if err := json.Unmarshal(raw, &k.StartsOn); err != nil {
				return Customer{}, fmt.Errorf("reading a contract: %w", err)
			}
		}
		// An end date said before the latest renewal is the end of a term that
		// has been renewed since.
		if stored.Record.Stamps["endsOn"] < k.Renewed.UnixMilli() && !k.Renewed.IsZero() {
			k.EndsOn = Date{}
		}
		c.Contracts = append(c.Contracts, k)
	}
	slices.SortFunc(c.Contracts, func(a, b Contract) int { return cmp.Compare(a.ID, b.ID) })
	for id, stored := range s.Contacts {
		var p Contact
		if err := stored.Decode(&p); err != nil {
			return Customer{}, fmt.Errorf("reading a contact: %w", err)
		}
		if p.ID = id; p.Email != "" {
			c.Contacts = append(c.Contacts, p)
		}
	}
	slices.SortFunc(c.Contacts, func(a, b Contact) int { return cmp.Compare(a.ID, b.ID) })
	return c, nil
}
