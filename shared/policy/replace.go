package policy

import (
	"slices"
	"time"

	"kaiku/shared/survey"
)

// DecideReplacing decides on a change of a contract of which older surveys, named
// by their invitations, have not left yet. It decides as if they had never been:
// a newer change replaces an older one, and the end of a contract cancels what
// is unsent of it. replaces says that they are to be cancelled; where they are
// not, the decision is the one that counts them. Without unsent ones it is
// Decide.
func (p *Policy) DecideReplacing(f Facts, on Occasion, unsent []string, now time.Time) (d survey.Decision, replaces bool) {
	if len(unsent) == 0 {
		return p.Decide(f, on, now), false
	}
	d = p.Decide(without(f, unsent), on, now)
	if d.Outcome != survey.Planned && on.Trigger != survey.Ended {
		return p.Decide(f, on, now), false
	}
	return d, true
}

// without is the facts as if these surveys had never been planned.
func without(f Facts, gone []string) Facts {
	customer := *f.Customer
	customer.Asked = slices.DeleteFunc(slices.Clone(f.Customer.Asked), func(a survey.Asked) bool {
		return a.Invitation != "" && slices.Contains(gone, a.Invitation)
	})
	addresses := make(map[string]survey.Address, len(f.Addresses))
	for id, address := range f.Addresses {
		address.Asked = slices.DeleteFunc(slices.Clone(address.Asked), func(a survey.AddressAsked) bool {
			return slices.Contains(gone, a.Invitation)
		})
		addresses[id] = address
	}
	return Facts{Customer: &customer, Addresses: addresses}
}
