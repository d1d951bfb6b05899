package policy

import (
	"slices"
	"time"

	"kaiku/shared/survey"
)

// Standing is how a customer stands in the programme at one moment, apart from
// the surveys that Kaiku sent it.
type Standing struct {
	// Member says that a contract is active and that the customer is not erased.
	// Group and Facts are zero of one that is not.
	Member bool
	Group  survey.Group
	// Facts are what the customer is counted by; of the contract that is worth
	// most, for the facts of a contract.
	Facts survey.Facts
	// External is when another system last surveyed the customer; zero if none did.
	External time.Time
	// Ends are when contracts came to their end, earliest first.
	Ends []time.Time
	// Until is when any of this next changes by itself, as a contract begins or
	// lapses; zero when it does not, as far as is known.
	Until time.Time
}

// Standing is how the customer stands at a moment.
func (p *Policy) Standing(c *survey.Customer, at time.Time) Standing {
	var s Standing
	if c.Erased {
		return s
	}
	loc := p.Location(c)
	for i := range c.Contracts {
		k := &c.Contracts[i]
		begin, over := k.Begin(loc), k.Over(loc, p.lapseDays())
		for _, change := range []time.Time{begin, over} {
			if change.After(at) {
				s.changes(change)
			}
		}
		if !over.IsZero() && !over.After(at) {
			s.Ends = append(s.Ends, over.UTC())
		}
		s.Member = s.Member || k.Active(at, loc, p.lapseDays())
	}
	slices.SortFunc(s.Ends, time.Time.Compare)
	for i := range c.Asked {
		switch a := &c.Asked[i]; {
		case a.Trigger != survey.External:
		case a.At.After(at): // told ahead, by a clock that runs fast
			s.changes(a.At)
		case a.At.After(s.External):
			s.External = a.At
		}
	}
	if s.Member {
		s.Group, s.Facts = c.Group(), p.FactsOf(c, at)
	}
	return s
}

// changes notes when something changes by itself.
func (s *Standing) changes(at time.Time) {
	if s.Until.IsZero() || at.Before(s.Until) {
		s.Until = at.UTC()
	}
}

// FactsOf are what a customer is counted by at a moment: its own, and those of the
// active contract that is worth most (of all its contracts, when none is active).
func (p *Policy) FactsOf(c *survey.Customer, at time.Time) survey.Facts {
	f := survey.Facts{Size: c.Size(), Industry: survey.IndustrySection(c.Industry), Region: c.Region}
	loc := p.Location(c)
	worth := map[string]float64{} // of the active contracts, by currency
	var main *survey.Contract
	mainActive := false
	for i := range c.Contracts {
		k := &c.Contracts[i]
		active := k.Active(at, loc, p.lapseDays())
		if active {
			worth[k.Currency] += k.AnnualValue
		}
		if main == nil || active && !mainActive || active == mainActive && k.AnnualValue > main.AnnualValue {
			main, mainActive = k, active
		}
	}
	if main != nil {
		f.Owner, f.Service = main.Owner, main.Service
	}
	for currency, value := range worth {
		if cents := centsOf(value); cents > f.Worth || cents == f.Worth && cents > 0 && currency < f.Currency {
			f.Worth, f.Currency = cents, currency
		}
	}
	return f
}

// maxCents keeps sums over any number of customers inside 64 bits.
const maxCents = 1e14

func centsOf(value float64) int64 { return int64(min(max(value*100, 0), maxCents) + 0.5) }

// Same says whether nothing of two standings differs.
func (s Standing) Same(other Standing) bool {
	return s.Member == other.Member && s.Group == other.Group && s.Facts == other.Facts &&
		s.External.Equal(other.External) && s.Until.Equal(other.Until) && slices.EqualFunc(s.Ends, other.Ends, time.Time.Equal)
}

// Includes says whether customers of a group belong to the audience.
func (a *Audience) Includes(g survey.Group) bool {
	return slices.Contains(a.Sizes, g.Size) && (a.Chains || !g.Chain) && (a.PublicSector || !g.PublicSector) && (a.Consumers || !g.Consumer)
}
