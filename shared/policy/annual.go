package policy

import (
	"hash/fnv"
	"time"

	"kaiku/shared/survey"
)

const day = 24 * time.Hour

// Location is the customer's time zone, or the policy's when it has none of
// its own or an unknown one.
func (p *Policy) Location(c *survey.Customer) *time.Location {
	if c.Timezone == "" || c.Timezone == p.Timezone {
		return p.Zone
	}
	if loc, err := location(c.Timezone); err == nil {
		return loc
	}
	return p.Zone
}

// lapseDays is the grace of a contract past its end date, in days.
func (p *Policy) lapseDays() int { return int(p.Rules.LapseAfter.Std() / day) }

// spreadDays is by how many days the customer's annual survey follows the
// anniversary: 0 to Spread, fixed by its id, so that one import does not send
// everything on one day.
func (p *Policy) spreadDays(customer string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(customer))
	return int(mix(h.Sum32()) % uint32(p.Rules.Spread.Std()/day+1))
}

// mix spreads the bits of h, which FNV leaves alike for ids that differ in
// their last digits only (the finaliser of MurmurHash3).
func mix(h uint32) uint32 {
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}

// oldest is the contract that began first of those that are not over at a
// moment; nil when all are.
func (p *Policy) oldest(c *survey.Customer, at time.Time, loc *time.Location) *survey.Contract {
	var oldest *survey.Contract
	for i := range c.Contracts {
		k := &c.Contracts[i]
		if k.Live(at, loc, p.lapseDays()) && (oldest == nil || k.Begin(loc).Before(oldest.Begin(loc))) {
			oldest = k
		}
	}
	return oldest
}

// Yearly brings the calendar of the annual NPS up to date with the customer's
// contracts: which anniversary is next and when its decision is due. It keeps
// what is done and what is postponed. An anniversary counts from the moment the
// customer first had a contract; one that fell due during an outage is not
// skipped but due at once.
//
// An anniversary is the oldest contract's as long as that runs. Where the oldest
// is to come to its end before its next, by its end date, the next one's count
// from that day. Where it is the last, its anniversary stays on the calendar: the
// decision then says that no contract is active.
func (p *Policy) Yearly(c *survey.Customer, y survey.Yearly, now time.Time) survey.Yearly {
	loc := p.Location(c)
	if c.Erased || p.oldest(c, now, loc) == nil {
		return survey.Yearly{Done: y.Done}
	}
	if y.Since.IsZero() {
		y.Since = now.UTC().Truncate(time.Millisecond)
	}
	if y.Postponed && y.Done.Before(y.Next) {
		return y
	}
	for from := y.Since; ; {
		k := p.oldest(c, from, loc)
		if k == nil {
			return y // the last one's, which it will not live to see
		}
		over := k.Over(loc, p.lapseDays())
		next, due := p.anniversary(c, k, y.Done, from, loc)
		if over.IsZero() || over.After(now) {
			y.Next, y.Due = next, due
		}
		if over.IsZero() || due.Before(over) {
			y.Next, y.Due = next, due
			return y
		}
		from = over
	}
}

// anniversary is the contract's first one after done whose survey is due at from
// or later, and when that is.
func (p *Policy) anniversary(c *survey.Customer, k *survey.Contract, done survey.Date, from time.Time, loc *time.Location) (survey.Date, time.Time) {
	began := survey.DateOf(k.Begin(loc).In(loc))
	spread := p.spreadDays(c.ID)
	for n := max(1, survey.DateOf(from.In(loc)).Year-began.Year-2); ; n++ {
		day := began.AddYears(n)
		if due := day.AddDays(spread).Start(loc); done.Before(day) && !due.Before(from) {
			return day, due.UTC()
		}
	}
}

// AfterAnnual is the calendar after the decision d on the anniversary y.Next:
// put off when it was postponed, else done, and the next one looked up. An
// anniversary that would be put off beyond the next one's day is given up for
// that.
func (p *Policy) AfterAnnual(c *survey.Customer, y survey.Yearly, d survey.Decision, now time.Time) survey.Yearly {
	anniversary := y.Next
	done := y
	done.Done, done.Postponed = anniversary, false
	done = p.Yearly(c, done, now)
	if d.Outcome != survey.Postponed {
		return done
	}
	if !done.Due.IsZero() && !d.Until.Before(done.Due) {
		return done
	}
	y.Due, y.Postponed = d.Until.UTC(), true
	return y
}
