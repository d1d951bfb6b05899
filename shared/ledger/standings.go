package ledger

// How many customers are in the programme, and how many of them were asked in the
// last year? A customer is counted again when an event changed how it stands, when
// a survey of it was sent, bounced, or was an NPS that was answered, and at the
// time at which its standing changes by itself: the customer and what is counted
// of it are read (2 units), and written with the counts in one transaction (2
// units each, 2 in the index). An event pays 1 unit in the index for being looked at.

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"kaiku/shared/survey"
	"kaiku/shared/table"
)

// Stock counts customers: all of them, and those who were asked in the last 365
// days.
type Stock struct {
	Customers int `json:"customers"`
	Asked     int `json:"asked,omitempty"`
}

// AudienceCount is how many customers there were at the end of a month, or are
// now: by group, dimension and value. Whether a group belongs to the audience is
// for the policy in force to say.
type AudienceCount struct {
	Month  survey.Month
	Groups map[survey.Group]map[string]map[string]Stock
	// At is when something was last counted.
	At time.Time
}

// groupCount is what is stored of it: a group at the end of a month in which
// something of the group changed.
type groupCount struct {
	Month survey.Month                `json:"month"`
	Group survey.Group                `json:"group"`
	Cells map[string]map[string]Stock `json:"cells"` // by dimension and value
	At    time.Time                   `json:"at"`
}

// standing is what is counted of a customer, and what its surveys say of it.
type standing struct {
	Sent    []sentSurvey `json:"sent,omitempty"`
	Counted *counted     `json:"counted,omitempty"` // nil when it is not counted
}

// counted is what the counts hold of a customer.
type counted struct {
	Group survey.Group `json:"group"`
	Facts survey.Facts `json:"facts"`
	Asked bool         `json:"asked,omitempty"`
}

// sentSurvey is a survey of the last year, or an NPS whose year is not over.
type sentSurvey struct {
	Invitation string      `json:"id"`
	Day        survey.Date `json:"day"`
	Sent       time.Time   `json:"sent"`
	// Answered is when an NPS was first answered; zero if it was not.
	Answered time.Time `json:"answered,omitzero"`
	Left     bool      `json:"left,omitempty"`
}

// lastYear is the last in which anything can fall due.
const lastYear = 9998

// askedDays is for how many days after it was sent a survey counts as asked in the
// last year, its own day included.
const askedDays = 365

// leftWithin says whether a contract came to its end in the year after an answer.
func leftWithin(ends []time.Time, answered time.Time) bool {
	return slices.ContainsFunc(ends, func(end time.Time) bool {
		return !end.Before(answered) && end.Before(answered.AddDate(1, 0, 0))
	})
}

// tells says whether an outcome that is about to be counted says something new of
// how its customer stands.
func tells(o *survey.Outcome) bool {
	now, before := o.Tally(), o.Counted
	return o.Customer != "" && (before == nil || before.Bounced != now.Bounced ||
		o.Kind == survey.NPS && before.Answered != now.Answered)
}

// countStandings counts customers again; of each, some outcomes may be told.
func (l *Ledger) countStandings(ctx context.Context, told map[string][]stored[survey.Outcome], now time.Time) error {
	const atOnce = 45 // customers in one transaction
	for some := range slices.Chunk(slices.Sorted(maps.Keys(told)), atOnce) {
		_, err := retrying(ctx, func() (struct{}, error) { return struct{}{}, l.countSomeStandings(ctx, some, told, now) })
		if err != nil {
			return fmt.Errorf("counting customers: %w", err)
		}
	}
	return nil
}

// customerStanding is a customer with what is counted of it.
type customerStanding struct {
	state    survey.State
	standing stored[standing]
}

func (l *Ledger) countSomeStandings(ctx context.Context, customers []string, told map[string][]stored[survey.Outcome], now time.Time) error {
	read, err := gather(ctx, customers, func(id string) (customerStanding, error) {
		var c customerStanding
		state, err := get[survey.State](ctx, l.table, customerKey(id))
		if err != nil && !errors.Is(err, ErrNotFound) {
			return c, err
		}
		state.value.ID = id
		c.state = state.value
		if c.standing, err = get[standing](ctx, l.table, standingKey(id)); errors.Is(err, ErrNotFound) {
			err = nil
		}
		return c, err
	})
	if err != nil {
		return err
	}
	var writes []table.Write
	groups := map[survey.Group]*stored[groupCount]{}
	for i := range read {
		c := &read[i]
		was := c.standing.value.Counted
		changed, err := l.restand(ctx, c, told[customers[i]], now)
		if err != nil {
			return err
		}
		if is := c.standing.value.Counted; !was.same(is) {
			if err := l.move(ctx, groups, was, -1, now); err != nil {
				return err
			}
			if err := l.move(ctx, groups, is, 1, now); err != nil {
				return err
			}
		}
		if !changed {
			continue
		}
		w, err := c.standing.put()
		if err != nil {
			return err
		}
		writes = append(writes, w)
	}
	for _, group := range groups {
		w, err := group.put()
		if err != nil {
			return err
		}
		writes = append(writes, w)
	}
	return l.table.Write(ctx, writes...)
}

// restand works out how a customer stands; changed says whether that is to be
// written.
func (l *Ledger) restand(ctx context.Context, c *customerStanding, told []stored[survey.Outcome], now time.Time) (changed bool, err error) {
	before := c.standing
	s := standing{Sent: slices.Clone(before.value.Sent), Counted: before.value.Counted}
	for i := range told {
		if err := s.hear(&told[i]); err != nil {
			return false, err
		}
	}
	customer, err := c.state.Customer()
	if err != nil {
		return false, err
	}
	is := l.policy.Standing(&customer, now)
	if customer.Erased { // what was noted of its answers stays as it is
		s.Sent = nil
	} else if err := l.noteLeft(ctx, &s, is.Ends, now); err != nil {
		return false, err
	}
	asked := time.Time{} // until when it counts as asked
	until := func(at time.Time) time.Time {
		return survey.DateOf(at.In(l.policy.Zone)).AddDays(askedDays).Start(l.policy.Zone).UTC()
	}
	if !is.External.IsZero() && !is.External.After(now) {
		asked = until(is.External)
	}
	s.Sent = slices.DeleteFunc(s.Sent, func(sent sentSurvey) bool {
		end := until(sent.Sent)
		if end.After(asked) {
			asked = end
		}
		return !end.After(now) && !sent.Answered.AddDate(1, 0, 0).After(now)
	})
	due := is.Until
	sooner := func(at time.Time) {
		if at.After(now) && (due.IsZero() || at.Before(due)) {
			due = at
		}
	}
	sooner(asked)
	for i := range s.Sent {
		if answered := s.Sent[i].Answered; !answered.IsZero() { // the last look at who left
			sooner(answered.AddDate(1, 0, 0))
		}
	}
	s.Counted = nil
	if is.Member {
		f := is.Facts
		f.Worth, f.Currency = 0, "" // nothing is counted by them
		s.Counted = &counted{is.Group, f, asked.After(now)}
	}
	c.standing.value, c.standing.due, c.standing.expires = s, table.Due{}, time.Time{}
	switch {
	case is.Member || len(s.Sent) > 0 || !is.Until.IsZero():
		if !due.IsZero() && due.Year() <= lastYear {
			c.standing.due = table.Due{Lane: laneCount, At: due}
		}
	case before.version == 0:
		return false, nil
	default: // nothing is left to be known
		c.standing.expires = moment(now)
	}
	if before.version > 0 && before.due == c.standing.due && before.expires.IsZero() == c.standing.expires.IsZero() && slices.Equal(before.value.Sent, s.Sent) && before.value.Counted.same(s.Counted) {
		return false, nil
	}
	return true, nil
}

func (c *counted) same(other *counted) bool {
	return c == nil && other == nil || c != nil && other != nil && *c == *other
}

// hear takes in what became of a survey.
func (s *standing) hear(o *stored[survey.Outcome]) error {
	day, err := dayOf(o.key)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(s.Sent, func(sent sentSurvey) bool { return sent.Invitation == o.value.Invitation })
	tally := o.value.Tally()
	switch {
	case tally.Bounced && i >= 0:
		s.Sent = slices.Delete(s.Sent, i, i+1)
	case tally.Bounced:
	case i < 0:
		s.Sent = append(s.Sent, sentSurvey{Invitation: o.value.Invitation, Day: day, Sent: o.value.Sent})
		i = len(s.Sent) - 1
		fallthrough
	default:
		if o.value.Kind == survey.NPS && tally.Answered {
			s.Sent[i].Answered = o.value.Answer.First
		}
	}
	return nil
}

// noteLeft tells the outcomes of NPS answers whether a contract came to its end in
// the year after.
func (l *Ledger) noteLeft(ctx context.Context, s *standing, ends []time.Time, now time.Time) error {
	for i := range s.Sent {
		sent := &s.Sent[i]
		left := !sent.Answered.IsZero() && leftWithin(ends, sent.Answered)
		if left == sent.Left {
			continue
		}
		_, err := l.changeOutcome(ctx, outcomeKey(sent.Day, sent.Invitation), func(o *stored[survey.Outcome]) error {
			if o.value.Left == left {
				return ErrNotDue
			}
			o.value.Left = left
			mark(o, now)
			return nil
		})
		if err != nil && !errors.Is(err, ErrNotDue) {
			return err
		}
		sent.Left = left
	}
	return nil
}

// audienceDimensions are those that a customer has a value of without being asked.
var audienceDimensions = []string{All, "size", "industry", "region", "owner", "service"}

// AudienceDimensions lists what customers are counted by, All first.
func AudienceDimensions() []string { return slices.Clone(audienceDimensions) }

// MaxValues is how many values of a dimension customers of a group are counted by,
// so that the group's item can always be written. What comes beyond is counted under
// OtherValue.
const (
	MaxValues  = 1000
	OtherValue = "other"
)

// move counts a customer so many times more in its group, of which the counts are
// read when they are first needed.
func (l *Ledger) move(ctx context.Context, groups map[survey.Group]*stored[groupCount], c *counted, times int, now time.Time) error {
	if c == nil {
		return nil
	}
	group := groups[c.Group]
	if group == nil {
		var err error
		if group, err = l.group(ctx, c.Group, now); err != nil {
			return err
		}
		groups[c.Group] = group
	}
	for _, d := range dimensions {
		if !slices.Contains(audienceDimensions, d.name) {
			continue
		}
		values := group.value.Cells[d.name]
		if values == nil {
			values = map[string]Stock{}
			group.value.Cells[d.name] = values
		}
		value := valueOf(d.value, c.Facts)
		if _, known := values[value]; !known && len(values) >= MaxValues && d.set != nil {
			d.set(&c.Facts, OtherValue)
			value = OtherValue
		}
		s := values[value]
		s.Customers += times
		if c.Asked {
			s.Asked += times
		}
		if values[value] = s; s == (Stock{}) {
			delete(values, value)
		}
	}
	return nil
}

// group reads the counts of a group in the month of now; a new month begins with
// those of the one before. Where a clock ahead of this one has begun a later month,
// it is that: what was counted since would miss there.
func (l *Ledger) group(ctx context.Context, g survey.Group, now time.Time) (*stored[groupCount], error) {
	month := survey.MonthOf(survey.DateOf(now.In(l.policy.Zone)))
	key := audienceKey(g, month)
	page, err := l.table.Query(ctx, table.Query{Partition: key.Partition, From: audienceKey(g, survey.Month{}).Sort, To: audienceKey(g, survey.Month{Year: lastYear + 1}).Sort,
		Reverse: true, Limit: 1})
	if err != nil {
		return nil, fmt.Errorf("reading how many customers there are: %w", err)
	}
	count := stored[groupCount]{}
	if len(page.Items) > 0 {
		if count, err = decode[groupCount](page.Items[0]); err != nil {
			return nil, err
		}
	}
	if count.value.Month.Index() > month.Index() {
		month, key = count.value.Month, count.key
	}
	if count.key != key {
		count.key, count.version = key, 0
	}
	if count.value.Cells == nil {
		count.value.Cells = map[string]map[string]Stock{}
	}
	count.value.Group, count.value.Month, count.value.At = g, month, moment(now)
	return &count, nil
}

// Audience reads how many customers there were at the end of every month in which
// that changed, oldest first.
func (l *Ledger) Audience(ctx context.Context) ([]AudienceCount, error) {
	var changes []groupCount
	for item, err := range table.All(ctx, l.table, table.Query{Partition: audiencePfx, Eventually: true}) {
		if err != nil {
			return nil, fmt.Errorf("reading how many customers there are: %w", err)
		}
		c, err := decode[groupCount](item)
		if err != nil {
			return nil, err
		}
		changes = append(changes, c.value)
	}
	slices.SortStableFunc(changes, func(a, b groupCount) int { return a.Month.Index() - b.Month.Index() })
	var months []AudienceCount
	for _, c := range changes {
		if n := len(months); n == 0 || months[n-1].Month != c.Month {
			next := AudienceCount{Month: c.Month, Groups: map[survey.Group]map[string]map[string]Stock{}}
			if n > 0 { // a group without a change is as it was
				maps.Copy(next.Groups, months[n-1].Groups)
				next.At = months[n-1].At
			}
			months = append(months, next)
		}
		month := &months[len(months)-1]
		month.Groups[c.Group] = c.Cells
		if c.At.After(month.At) {
			month.At = c.At
		}
	}
	return months, nil
}

// moved reads events that changed how their customers stand, and notes whose.
func (l *Ledger) moved(ctx context.Context, keys []table.Key, told map[string][]stored[survey.Outcome]) ([]stored[memory], error) {
	events, err := gather(ctx, keys, func(key table.Key) (stored[memory], error) {
		e, err := get[memory](ctx, l.table, key)
		if errors.Is(err, ErrNotFound) {
			err = nil
		}
		return e, err
	})
	if err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	for i := range events {
		for _, customer := range events[i].value.Stands {
			told[customer] = nil
		}
	}
	return events, nil
}

// release lets go of events whose customers were counted.
func (l *Ledger) release(ctx context.Context, events []stored[memory]) error {
	_, err := gather(ctx, events, func(e stored[memory]) (struct{}, error) {
		if e.due.Lane == "" {
			return struct{}{}, nil
		}
		e.value.Stands, e.due, e.expires = nil, table.Due{}, e.value.At.Add(rememberEvents)
		w, err := e.put()
		if err == nil {
			err = l.table.Write(ctx, w)
		}
		if errors.Is(err, table.ErrCondition) { // somebody else did, or it is marked anew
			err = nil
		}
		return struct{}{}, err
	})
	if err != nil {
		return fmt.Errorf("noting events as counted: %w", err)
	}
	return nil
}

// standingOf is whose standing a key holds; ok is false for another item.
func standingOf(key table.Key) (customer string, ok bool) {
	if key.Sort != standingSort {
		return "", false
	}
	return strings.CutPrefix(key.Partition, customerPfx)
}
