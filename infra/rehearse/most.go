package rehearse

import (
	"cmp"
	"slices"
	"strings"

	"kaiku/shared/ledger"
)

// most finds the customers and addresses that are sent the most surveys.
type most struct {
	customers ranking[CustomerFigure]
	addresses ranking[AddressFigure]
}

func newMost(top int) *most {
	return &most{
		ranking[CustomerFigure]{limit: top, compare: func(a, b CustomerFigure) int {
			return cmp.Or(cmp.Compare(max(b.Sent, b.Against), max(a.Sent, a.Against)),
				cmp.Compare(b.Sent+b.Against, a.Sent+a.Against), cmp.Compare(a.Customer, b.Customer))
		}, keep: keepCustomer},
		ranking[AddressFigure]{limit: top, compare: func(a, b AddressFigure) int {
			return cmp.Or(cmp.Compare(max(b.Sent, b.Against), max(a.Sent, a.Against)),
				cmp.Compare(b.Sent+b.Against, a.Sent+a.Against), cmp.Compare(sameAddress(a.Email), sameAddress(b.Email)))
		}, keep: keepAddress}}
}

// What is kept is copied: its text would keep a whole block of the file in
// memory.

func keepCustomer(c CustomerFigure) CustomerFigure {
	c.Customer = strings.Clone(c.Customer)
	return c
}

func keepAddress(a AddressFigure) AddressFigure {
	a.Email, a.Hash, a.Contacts = strings.Clone(a.Email), ledger.HashAddress(a.Email), slices.Clone(a.Contacts)
	for i, c := range a.Contacts {
		a.Contacts[i] = Contact{strings.Clone(c.Customer), strings.Clone(c.Contact)}
	}
	slices.SortFunc(a.Contacts, func(a, b Contact) int {
		return cmp.Or(strings.Compare(a.Customer, b.Customer), strings.Compare(a.Contact, b.Contact))
	})
	a.Contacts = slices.Compact(a.Contacts)
	return a
}

// customer counts one customer by how many surveys it was sent on each stage.
func (m *most) customer(id string, came []outcome) {
	f := CustomerFigure{Customer: id, Sent: len(came[0].sent)}
	if len(came) > 1 {
		f.Against = len(came[1].sent)
	}
	if f.Sent+f.Against > 0 {
		m.customers.add(f)
	}
}

// addressed counts the addresses of those who have just been on the stages.
func (m *most) addressed(stages []*stage) {
	for same, a := range stages[0].addresses {
		f := AddressFigure{Email: a.email, Contacts: a.asked, Sent: a.sent}
		if len(stages) > 1 {
			if b := stages[1].addresses[same]; b != nil {
				f.Against, f.Contacts = b.sent, slices.Concat(a.asked, b.asked)
			}
		}
		m.address(f)
	}
	if len(stages) > 1 {
		for same, b := range stages[1].addresses {
			if stages[0].addresses[same] == nil {
				m.address(AddressFigure{Email: b.email, Contacts: b.asked, Against: b.sent})
			}
		}
	}
}

func (m *most) address(f AddressFigure) {
	if f.Sent+f.Against > 0 {
		m.addresses.add(f)
	}
}

func (m *most) merge(other *most) {
	m.customers.merge(&other.customers)
	m.addresses.merge(&other.addresses)
}
