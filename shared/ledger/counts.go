package ledger

// How many were sent, delivered, bounced and answered on a day, and with what
// scores? Counting reads the whole of each day that changed (its outcomes, at
// half a unit for each 4 KB), rewrites its counts, and takes each changed
// outcome off the lane (1 unit, and 1 in the index). Nothing else is read, so
// the cost follows what is new. Figures read one item a day and kind.

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
func (c *Cell) Add(other Cell) {
	c.Sent += other.Sent
	c.Delivered += other.Delivered
	c.Bounced += other.Bounced
	c.Answered += other.Answered
	for i, n := range other.Scores {
		if i == len(c.Scores) {
			c.Scores = append(c.Scores, 0)
		}
		c.Scores[i] += n
	}
}

// DayCount is what was counted for one kind and one day of sending: by
// dimension and value.
type DayCount struct {
	Day   survey.Date                `json:"day"`
	Cells map[string]map[string]Cell `json:"cells"`
	// At is when it was counted.
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

// add counts one outcome in every dimension.
func (c *DayCount) add(o *survey.Outcome) {
	low, high, _ := o.Kind.Scale()
	one := Cell{Sent: 1}
	if !o.Bounced.IsZero() {
		one.Bounced = 1
	} else if !o.Delivered.IsZero() || o.Answer != nil {
		one.Delivered = 1 // an answer proves that the mail arrived
	}
	if o.Answer != nil && o.Kind.Valid(o.Answer.Score) {
		one.Answered = 1
		one.Scores = make([]int, high-low+1)
		one.Scores[o.Answer.Score-low] = 1
		one.Delivered, one.Bounced = 1, 0
	}
	for _, d := range dimensions {
		value := d.value(o.Facts)
		if value == "" {
			value = NoValue
		}
		if c.Cells[d.name] == nil {
			c.Cells[d.name] = map[string]Cell{}
		}
		cell := c.Cells[d.name][value]
		cell.Add(one)
		c.Cells[d.name][value] = cell
	}
}

// countBatch is how many changed outcomes one round of counting takes on.
const countBatch = 1000

// Count brings the counts up to date with every change marked by now, and
// returns how many days it counted. It may be stopped anywhere, run twice or
// twice at once: a day is always counted whole, and stays marked until it is.
func (l *Ledger) Count(ctx context.Context, now time.Time) (days int, err error) {
	for {
		keys, err := l.table.Due(ctx, laneCount, now, countBatch)
		if err != nil {
			return days, fmt.Errorf("looking up what to count: %w", err)
		}
		if len(keys) == 0 {
			return days, nil
		}
		changed := map[survey.Date]bool{}
		for _, key := range keys {
			var day string
			if _, err := fmt.Sscanf(key.Key.Partition, "DAY#%10s", &day); err != nil {
				return days, fmt.Errorf("ledger: %q should not be counted", key.Key.Partition)
			}
			date, err := survey.ParseDate(day)
			if err != nil {
				return days, err
			}
			changed[date] = true
		}
		for day := range changed {
			_, err := retrying(ctx, func() (struct{}, error) { return struct{}{}, l.countDay(ctx, day, now) })
			if err != nil {
				return days, fmt.Errorf("counting %s: %w", day, err)
			}
			days++
		}
	}
}

// countDay counts a day whole. Its counts are read before its outcomes and
// written only if nobody has written them since: of two at once the one with
// the older view begins again.
func (l *Ledger) countDay(ctx context.Context, day survey.Date, now time.Time) error {
	counts := map[survey.Kind]*stored[DayCount]{}
	for _, kind := range survey.Kinds {
		c, err := get[DayCount](ctx, l.table, countKey(kind, day))
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		c.value = DayCount{Day: day, Cells: map[string]map[string]Cell{}, At: moment(now)}
		counts[kind] = &c
	}
	var marked []stored[survey.Outcome]
	for shard := range dayShards {
		for item, err := range table.All(ctx, l.table, table.Query{Partition: dayPartition(day, shard)}) {
			if err != nil {
				return err
			}
			o, err := decode[survey.Outcome](item)
			if err != nil {
				return err
			}
			if c := counts[o.value.Kind]; c != nil {
				c.value.add(&o.value)
			}
			if o.due.Lane != "" {
				marked = append(marked, o)
			}
		}
	}
	for _, kind := range survey.Kinds {
		c := counts[kind]
		if c.version == 0 && len(c.value.Cells) == 0 {
			continue
		}
		w, err := c.put()
		if err != nil {
			return err
		}
		if err := l.table.Write(ctx, w); err != nil {
			return err
		}
	}
	for _, o := range marked {
		o.due = table.Due{}
		w, err := o.put()
		if err != nil {
			return err
		}
		// One that changed meanwhile stays marked, and is counted again.
		if err := l.table.Write(ctx, w); err != nil && !errors.Is(err, table.ErrCondition) {
			return err
		}
	}
	return nil
}

// Counts reads the counts of a kind from one day to another, both included.
func (l *Ledger) Counts(ctx context.Context, kind survey.Kind, from, to survey.Date) ([]DayCount, error) {
	q := table.Query{Partition: countKey(kind, from).Partition, From: from.String(), To: to.String(), Eventually: true}
	var days []DayCount
	for item, err := range table.All(ctx, l.table, q) {
		if err != nil {
			return nil, fmt.Errorf("reading the counts of %s: %w", kind, err)
		}
		c, err := decode[DayCount](item)
		if err != nil {
			return nil, err
		}
		days = append(days, c.value)
	}
	return slices.Clip(days), nil
}
