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
	"maps"
	"slices"
	"strings"
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
}{
	{All, func(survey.Facts) string { return All }},
	{"size", func(f survey.Facts) string { return string(f.Size) }},
	{"industry", func(f survey.Facts) string { return f.Industry }},
	{"region", func(f survey.Facts) string { return f.Region }},
	{"owner", func(f survey.Facts) string { return f.Owner }},
	{"service", func(f survey.Facts) string { return f.Service }},
	{"trigger", func(f survey.Facts) string { return string(f.Trigger) }},
	{"language", func(f survey.Facts) string { return f.Language }},
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

// recount replaces what is counted of an outcome, in every dimension, by what it
// is now.
func (c *MonthCount) recount(o *survey.Outcome) {
	for _, d := range dimensions {
		value := d.value(o.Facts)
		if value == "" {
			value = NoValue
		}
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
// twice at once: an outcome says what is counted of it, and says so in the same
// transaction that counts it.
func (l *Ledger) Count(ctx context.Context, now time.Time) (counted int, err error) {
	for {
		keys, err := l.table.Due(ctx, laneCount, now, countBatch)
		if err != nil {
			return counted, fmt.Errorf("looking up what to count: %w", err)
		}
		months := map[survey.Month][]table.Key{}
		for _, key := range keys {
			month, err := monthOf(key.Key)
			if err != nil {
				return counted, err
			}
			months[month] = append(months[month], key.Key)
		}
		before := counted
		for _, month := range slices.SortedFunc(maps.Keys(months), func(a, b survey.Month) int { return a.Index() - b.Index() }) {
			for some := range slices.Chunk(months[month], countAtOnce) {
				_, err := retrying(ctx, func() (struct{}, error) {
					n, err := l.countSome(ctx, month, some, now)
					counted += n
					return struct{}{}, err
				})
				if err != nil {
					return counted, fmt.Errorf("counting %s: %w", month, err)
				}
			}
		}
		if counted == before { // nothing is left, or the index lags behind
			return counted, nil
		}
	}
}

// monthOf is the month of the day that an outcome is stored by.
func monthOf(key table.Key) (survey.Month, error) {
	day, _, _ := strings.Cut(strings.TrimPrefix(key.Partition, dayPfx), "#")
	date, err := survey.ParseDate(day)
	if err != nil {
		return survey.Month{}, fmt.Errorf("ledger: %q should not be counted", key.Partition)
	}
	return survey.MonthOf(date), nil
}

// countSome counts outcomes of one month: one transaction for each kind there is
// among them.
func (l *Ledger) countSome(ctx context.Context, month survey.Month, keys []table.Key, now time.Time) (int, error) {
	outcomes, err := l.changed(ctx, keys)
	if err != nil {
		return 0, err
	}
	counted := 0
	for _, kind := range survey.Kinds {
		some := outcomes[kind]
		if len(some) == 0 {
			continue
		}
		counts, err := get[MonthCount](ctx, l.table, countKey(kind, month))
		if err != nil && !errors.Is(err, ErrNotFound) {
			return counted, err
		}
		if counts.value.Cells == nil {
			counts.value.Cells = map[string]map[string]Cell{}
		}
		counts.value.Month, counts.value.At = month, moment(now)
		writes := make([]table.Write, 1, len(some)+1)
		for _, o := range some {
			counts.value.recount(&o.value)
			tally := o.value.Tally()
			o.value.Counted, o.due = &tally, table.Due{}
			w, err := o.put()
			if err != nil {
				return counted, err
			}
			writes = append(writes, w)
		}
		if writes[0], err = counts.put(); err != nil {
			return counted, err
		}
		if err := l.table.Write(ctx, writes...); err != nil {
			return counted, err
		}
		counted += len(some)
	}
	return counted, nil
}

// readAtOnce is how many outcomes are read at once, to wait for DynamoDB in
// parallel.
const readAtOnce = 16

// changed reads outcomes, and keeps by kind those that still are to be counted.
func (l *Ledger) changed(ctx context.Context, keys []table.Key) (map[survey.Kind][]stored[survey.Outcome], error) {
	type read struct {
		outcome stored[survey.Outcome]
		err     error
	}
	slots, reads := make(chan struct{}, readAtOnce), make(chan read)
	go func() {
		for _, key := range keys {
			slots <- struct{}{}
			go func() {
				defer func() { <-slots }()
				o, err := get[survey.Outcome](ctx, l.table, key)
				reads <- read{o, err}
			}()
		}
	}()
	byKind := map[survey.Kind][]stored[survey.Outcome]{}
	var fault error
	for range keys {
		r := <-reads
		switch {
		case errors.Is(r.err, ErrNotFound):
		case r.err != nil:
			fault = r.err
		case r.outcome.due.Lane != "":
			byKind[r.outcome.value.Kind] = append(byKind[r.outcome.value.Kind], r.outcome)
		}
	}
	return byKind, fault
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
