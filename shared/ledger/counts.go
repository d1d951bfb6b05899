package ledger

// How many were sent, delivered, bounced and answered in a month, and with what
// scores? Counting reads each outcome that changed (1 unit) and the counts of its
// month (a unit for each 4 KB), once for every 90 of them; it writes both in one
// transaction (2 units an outcome, and 1 in the index; 2 a kilobyte of counts).
// Nothing else is read, so the cost follows what is new, however much is old.
// Figures read one item a month and kind.

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"kaiku/shared/survey"
	"kaiku/shared/table"
)

// Cell counts the surveys of one value of one dimension.
type Cell struct {
	Sent      int `json:"sent"`
	Delivered int `json:"delivered,omitempty"`
	Bounced   int `json:"bounced,omitempty"`
	Answered  int `json:"answered,omitempty"`
	// Scores counts the answers from the lowest score of the scale to the
	// highest; nil when there are none.
	Scores []int `json:"scores,omitempty"`
}

// Add adds other's counts.
func (c *Cell) Add(other Cell) { c.add(other, 1) }

func (c *Cell) add(other Cell, times int) {
	c.Sent += times * other.Sent
	c.Delivered += times * other.Delivered
	c.Bounced += times * other.Bounced
	c.Answered += times * other.Answered
	for i, n := range other.Scores {
		if i == len(c.Scores) {
			c.Scores = append(c.Scores, 0)
		}
		c.Scores[i] += times * n
	}
}

// MonthCount is what was counted for one kind and one month of sending: by
// dimension and value.
type MonthCount struct {
	Month survey.Month               `json:"month"`
	Cells map[string]map[string]Cell `json:"cells"`
	// Classes are the answers of an NPS by class.
	Classes map[survey.Class]ClassCount `json:"classes,omitempty"`
	// Comments are the newest of the month, newest first, at most MaxComments.
	Comments []CommentRef `json:"comments,omitempty"`
	// At is when something was last counted.
	At time.Time `json:"at"`
}

// All is the name of the dimension that holds everything, and of its value.
const All = "all"

// NoValue is the value of those of whom a dimension is not known.
const NoValue = "unknown"

// dimensions are what results can be broken down by.
var dimensions = []struct {
	name  string
	value func(survey.Facts) string
	// set replaces it, of what anybody may have written.
	set func(*survey.Facts, string)
}{
	{All, func(survey.Facts) string { return All }, nil},
	{"size", func(f survey.Facts) string { return string(f.Size) }, nil},
	{"industry", func(f survey.Facts) string { return f.Industry }, nil},
	{"region", func(f survey.Facts) string { return f.Region }, func(f *survey.Facts, v string) { f.Region = v }},
	{"owner", func(f survey.Facts) string { return f.Owner }, func(f *survey.Facts, v string) { f.Owner = v }},
	{"service", func(f survey.Facts) string { return f.Service }, func(f *survey.Facts, v string) { f.Service = v }},
	{"trigger", func(f survey.Facts) string { return string(f.Trigger) }, nil},
	{"language", func(f survey.Facts) string { return f.Language }, nil},
}

// Dimensions lists the names of what results can be broken down by, All first.
func Dimensions() []string {
	names := make([]string, len(dimensions))
	for i, d := range dimensions {
		names[i] = d.name
	}
	return names
}

// cellOf is what a tally counts.
func cellOf(kind survey.Kind, t survey.Tally) Cell {
	c := Cell{Sent: 1}
	if t.Delivered {
		c.Delivered = 1
	}
	if t.Bounced {
		c.Bounced = 1
	}
	if t.Answered {
		low, high, _ := kind.Scale()
		c.Answered, c.Scores = 1, make([]int, high-low+1)
		c.Scores[t.Score-low] = 1
	}
	return c
}

// ValueOf is the value of a dimension that facts are counted by.
func ValueOf(dimension string, f survey.Facts) string {
	for _, d := range dimensions {
		if d.name == dimension {
			return valueOf(d.value, f)
		}
	}
	return NoValue
}

func valueOf(dimension func(survey.Facts) string, f survey.Facts) string {
	if value := dimension(f); value != "" {
		return value
	}
	return NoValue
}

// recount replaces what is counted of an outcome of a day, in every dimension, by
// what it is now.
func (c *MonthCount) recount(o *survey.Outcome, day survey.Date) {
	c.recountClass(o)
	c.recountComment(o, day)
	for _, d := range dimensions {
		value := valueOf(d.value, o.Facts)
		if c.Cells[d.name] == nil {
			c.Cells[d.name] = map[string]Cell{}
		}
		cell := c.Cells[d.name][value]
		if o.Counted != nil {
			cell.add(cellOf(o.Kind, *o.Counted), -1)
		}
		cell.Add(cellOf(o.Kind, o.Tally()))
		c.Cells[d.name][value] = cell
	}
}

const (
	// countBatch is how many changed outcomes one look takes on.
	countBatch = 1000
	// countAtOnce is how many of one month are counted in one transaction, beside
	// the counts themselves.
	countAtOnce = table.MaxWrites - 10
)

// Count brings the counts up to date with every change marked by now, and
// returns how many outcomes it counted. It may be stopped anywhere, run twice or
// twice at once: an outcome and a customer say what is counted of them, and say so
// in the same transaction that counts it.
func (l *Ledger) Count(ctx context.Context, now time.Time) (counted int, err error) {
	seen := map[table.DueKey]bool{}
	for {
		keys, err := l.table.Due(ctx, laneCount, now, countBatch)
		if err != nil {
			return counted, fmt.Errorf("looking up what to count: %w", err)
		}
		fresh := false
		for _, key := range keys {
			fresh = fresh || !seen[key]
			seen[key] = true
		}
		if !fresh { // nothing is left, or the index lags behind
			return counted, nil
		}
		n, err := l.countKeys(ctx, keys, now)
		counted += n
		if err != nil {
			return counted, err
		}
	}
}

// countKeys counts what some keys of the lane stand for. Customers come first: once
// an outcome or an event is done with, nothing asks for its customer.
func (l *Ledger) countKeys(ctx context.Context, keys []table.DueKey, now time.Time) (counted int, err error) {
	told := map[string][]stored[survey.Outcome]{}
	var eventKeys, outcomeKeys []table.Key
	for _, key := range keys {
		if customer, ok := standingOf(key.Key); ok {
			told[customer] = nil
		} else if key.Key.Sort == memorySort {
			eventKeys = append(eventKeys, key.Key)
		} else {
			outcomeKeys = append(outcomeKeys, key.Key)
		}
	}
	events, err := l.moved(ctx, eventKeys, told)
	if err != nil {
		return 0, err
	}
	outcomes, err := l.outcomes(ctx, outcomeKeys)
	if err != nil {
		return 0, err
	}
	outcomes = uncounted(outcomes)
	tell(told, outcomes)
	if err := l.countStandings(ctx, told, now); err != nil {
		return 0, err
	}
	if err := l.release(ctx, events); err != nil {
		return 0, err
	}
	months := map[countOf][]stored[survey.Outcome]{}
	for _, o := range outcomes {
		day, err := dayOf(o.key)
		if err != nil {
			return 0, err
		}
		of := countOf{o.value.Kind, survey.MonthOf(day)}
		months[of] = append(months[of], o)
	}
	for of, outcomes := range months {
		for some := range slices.Chunk(outcomes, countAtOnce) {
			n, err := l.countOutcomes(ctx, of, some, now)
			counted += n
			if err != nil {
				return counted, fmt.Errorf("counting %s of %s: %w", of.kind, of.month, err)
			}
		}
	}
	return counted, nil
}

// countOf names the counts of a kind and month.
type countOf struct {
	kind  survey.Kind
	month survey.Month
}

// tell notes by customer the outcomes that say something new of it.
func tell(told map[string][]stored[survey.Outcome], outcomes []stored[survey.Outcome]) {
	for i := range outcomes {
		if o := &outcomes[i]; tells(&o.value) {
			told[o.value.Customer] = append(told[o.value.Customer], *o)
		}
	}
}

// countOutcomes counts outcomes of one kind and month in one transaction. Where
// another writer was faster, all are read again.
func (l *Ledger) countOutcomes(ctx context.Context, of countOf, outcomes []stored[survey.Outcome], now time.Time) (int, error) {
	keys := make([]table.Key, len(outcomes))
	for i := range outcomes {
		keys[i] = outcomes[i].key
	}
	again := false
	return retrying(ctx, func() (int, error) {
		if again {
			var err error
			if outcomes, err = l.outcomes(ctx, keys); err != nil {
				return 0, err
			}
			// Another counter may have counted some meanwhile, and told of them before we
			// told what we had read.
			told := map[string][]stored[survey.Outcome]{}
			for _, o := range outcomes {
				if o.value.Customer != "" {
					told[o.value.Customer] = append(told[o.value.Customer], o)
				}
			}
			if err := l.countStandings(ctx, told, now); err != nil {
				return 0, err
			}
		}
		again = true
		if outcomes = uncounted(outcomes); len(outcomes) == 0 {
			return 0, nil
		}
		return len(outcomes), l.countSome(ctx, of, outcomes, now)
	})
}

func (l *Ledger) countSome(ctx context.Context, of countOf, outcomes []stored[survey.Outcome], now time.Time) error {
	counts, err := get[MonthCount](ctx, l.table, countKey(of.kind, of.month))
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if counts.value.Cells == nil {
		counts.value.Cells = map[string]map[string]Cell{}
	}
	counts.value.Month, counts.value.At = of.month, moment(now)
	writes := make([]table.Write, 1, len(outcomes)+1)
	for _, o := range outcomes {
		day, err := dayOf(o.key)
		if err != nil {
			return err
		}
		counts.value.recount(&o.value, day)
		tally := o.value.Tally()
		o.value.Counted, o.due = &tally, table.Due{}
		w, err := o.put()
		if err != nil {
			return err
		}
		writes = append(writes, w)
	}
	if writes[0], err = counts.put(); err != nil {
		return err
	}
	return l.table.Write(ctx, writes...)
}

// outcomes reads those at some keys that are still there.
func (l *Ledger) outcomes(ctx context.Context, keys []table.Key) ([]stored[survey.Outcome], error) {
	outcomes, err := gather(ctx, keys, func(key table.Key) (stored[survey.Outcome], error) {
		o, err := get[survey.Outcome](ctx, l.table, key)
		if errors.Is(err, ErrNotFound) {
			err = nil
		}
		return o, err
	})
	if err != nil {
		return nil, fmt.Errorf("reading what became of surveys: %w", err)
	}
	return slices.DeleteFunc(outcomes, func(o stored[survey.Outcome]) bool { return o.version == 0 }), nil
}

// uncounted are the outcomes that still are to be counted.
func uncounted(outcomes []stored[survey.Outcome]) []stored[survey.Outcome] {
	return slices.DeleteFunc(outcomes, func(o stored[survey.Outcome]) bool { return o.due.Lane == "" })
}

// Counts reads the counts of a kind of every month there is, oldest first.
func (l *Ledger) Counts(ctx context.Context, kind survey.Kind) ([]MonthCount, error) {
	q := table.Query{Partition: countKey(kind, survey.Month{}).Partition, Eventually: true}
	var months []MonthCount
	for item, err := range table.All(ctx, l.table, q) {
		if err != nil {
			return nil, fmt.Errorf("reading the counts of %s: %w", kind, err)
		}
		c, err := decode[MonthCount](item)
		if err != nil {
			return nil, err
		}
		months = append(months, c.value)
	}
	return months, nil
}
