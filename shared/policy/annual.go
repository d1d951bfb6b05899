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
	if loc, err := time.LoadLocation(c.Timezone); err == nil {
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

// anchor is the day whose anniversaries count: when the customer's oldest
// contract that is not over began. They count from since, when the last contract
// that was older came to its end: until then they were not the oldest's.
func (p *Policy) anchor(c *survey.Customer, now time.Time, loc *time.Location) (_ survey.Date, since time.Time, ok bool) {
	var oldest time.Time
	for i := range c.Contracts {
		if k := &c.Contracts[i]; k.Live(now, loc, p.lapseDays()) {
			if begin := k.Begin(loc); oldest.IsZero() || begin.Before(oldest) {
				oldest = begin
			}
		}
	}
	for i := range c.Contracts {
		if k := &c.Contracts[i]; !k.Live(now, loc, p.lapseDays()) && k.Begin(loc).Before(oldest) {
			since = later(since, k.Over(loc, p.lapseDays()))
		}
	}
	return survey.DateOf(oldest.In(loc)), since, !oldest.IsZero()
}

// Yearly brings the calendar of the annual NPS up to date with the customer's
// contracts: which anniversary is next and when its decision is due. It keeps
// what is done and what is postponed. An anniversary counts from the moment the
// customer first had a contract; one that fell due during an outage is not
// skipped but due at once.
func (p *Policy) Yearly(c *survey.Customer, y survey.Yearly, now time.Time) survey.Yearly {
	loc := p.Location(c)
	anchor, since, ok := p.anchor(c, now, loc)
	if !ok || c.Erased {
		return survey.Yearly{Done: y.Done}
	}
	if y.Since.IsZero() {
		y.Since = now.UTC().Truncate(time.Millisecond)
	}
	if y.Postponed && y.Done.Before(y.Next) {
		return y
	}
	spread := p.spreadDays(c.ID)
	since = later(since, y.Since)
	from := survey.DateOf(since.In(loc)).Year - anchor.Year - 2
	for k := max(1, from); ; k++ {
		anniversary := anchor.AddYears(k)
		due := anniversary.AddDays(spread).Start(loc)
		if y.Done.Before(anniversary) && !due.Before(since) {
			y.Next, y.Due = anniversary, due.UTC()
			return y
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
