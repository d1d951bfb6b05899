package survey

import (
	"fmt"
	"slices"
	"strings"
)

// Group is all of a customer that says whether it belongs to the audience of a
// programme. Customers are counted by it, so that another audience in the policy
// needs no customer to be counted again.
type Group struct {
	Size                          Size
	Chain, PublicSector, Consumer bool
}

// Group is the customer's.
func (c *Customer) Group() Group { return Group{c.Size(), c.Chain, c.PublicSector, c.Consumer} }

// The marks of a group beside its size.
const (
	groupChain    = "chain"
	groupPublic   = "public"
	groupConsumer = "consumer"
)

// String is the size and what else holds: small, small+chain.
func (g Group) String() string {
	text := string(g.Size)
	for _, mark := range []struct {
		on   bool
		name string
	}{{g.Chain, groupChain}, {g.PublicSector, groupPublic}, {g.Consumer, groupConsumer}} {
		if mark.on {
			text += "+" + mark.name
		}
	}
	return text
}

// MarshalText writes String.
func (g Group) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// UnmarshalText reads a String.
func (g *Group) UnmarshalText(b []byte) error {
	parts := strings.Split(string(b), "+")
	*g = Group{Size: Size(parts[0])}
	known := slices.Contains(Sizes, g.Size)
	for _, mark := range parts[1:] {
		switch mark {
		case groupChain:
			g.Chain = true
		case groupPublic:
			g.PublicSector = true
		case groupConsumer:
			g.Consumer = true
		default:
			known = false
		}
	}
	if !known {
		return fmt.Errorf("%q is no group of customers", b)
	}
	return nil
}
