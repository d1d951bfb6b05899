package ledger

// In which order are the lines of a history, and where does a page end? An entry
// stands in the table where it was made, but a mail, an answer or a cancellation
// that belongs to it comes days later, behind entries that were made since. So a
// page is a merge by time, and its cursor carries, beside the place it ends at,
// the surveys that have more to tell: a handful at most, for the caps of the
// rules bound how many are under way at once. What comes to be between the
// reading of two pages may be missing from the later one.

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"kaiku/shared/survey"
)

// place is where a line stands: by time; at one time what was cancelled behind
// what cancelled it, then by entry, then by the order within it.
type place struct {
	at        int64 // in milliseconds since 1970
	cancelled bool
	entry     string
	n         int
}

func (p place) compare(q place) int {
	rank := func(cancelled bool) int {
		if cancelled {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(p.at, q.at), rank(p.cancelled)-rank(q.cancelled), strings.Compare(p.entry, q.entry), p.n-q.n)
}

// cursor is where a page ended.
type cursor struct {
	place
	// read is the entry behind which the next page reads on.
	read string
	// open are the surveys before it that have lines behind the place.
	open []string
}

// maxOpen bounds what a cursor can make a page read.
const maxOpen = 100

// String is the cursor as a caller hands it back: its parts joined by dots.
func (c cursor) String() string {
	rank := "0"
	if c.cancelled {
		rank = "1"
	}
	return strings.Join(append([]string{c.read, strconv.FormatInt(c.at, 10), rank, c.entry, strconv.Itoa(c.n)}, c.open...), ".")
}

var errNoCursor = errors.New("ledger: no cursor")

// parseCursor reads what String wrote; of nothing it is the beginning.
func parseCursor(text string) (cursor, error) {
	if text == "" {
		return cursor{place: place{at: -1 << 62}}, nil
	}
	const fixed = 5
	parts := strings.Split(text, ".")
	if len(parts) < fixed || len(parts) > fixed+maxOpen {
		return cursor{}, errNoCursor
	}
	c := cursor{read: parts[0], open: parts[fixed:]}
	c.cancelled, c.entry = parts[2] == "1", parts[3]
	var faults [2]error
	c.at, faults[0] = strconv.ParseInt(parts[1], 10, 64)
	c.n, faults[1] = strconv.Atoi(parts[4])
	for _, id := range append([]string{c.entry}, c.open...) {
		if _, err := ulid.ParseStrict(id); err != nil {
			return cursor{}, errNoCursor
		}
	}
	if _, err := ulid.ParseStrict(c.read); c.read != "" && err != nil || errors.Join(faults[:]...) != nil {
		return cursor{}, errNoCursor
	}
	return c, nil
}

// merge puts the lines of entries in order.
type merge struct {
	from  place
	read  []readEntry // in the order of the table, which is that of their time
	lines []placedLine
}

type readEntry struct {
	id string
	at time.Time
}

type placedLine struct {
	place
	line Line
}

// add takes those lines of an entry that stand behind where the page begins.
func (m *merge) add(ctx context.Context, l *Ledger, id string, e Entry) error {
	lines, err := l.lines(ctx, e)
	if err != nil {
		return err
	}
	for n, line := range lines {
		// SES's clock may be behind ours; nothing stands before its own entry.
		at := max(line.At.UnixMilli(), e.At.UnixMilli())
		cancelled := line.Decision != nil && line.Decision.Outcome == survey.Cancelled
		p := place{at, cancelled, id, n}
		if p.compare(m.from) > 0 {
			m.lines = append(m.lines, placedLine{p, line})
		}
	}
	return nil
}

// settled sorts, and says how many lines no entry that was not read yet can
// come before.
func (m *merge) settled(whole bool) int {
	slices.SortFunc(m.lines, func(a, b placedLine) int { return a.compare(b.place) })
	if whole || len(m.read) == 0 {
		return len(m.lines)
	}
	frontier := m.read[len(m.read)-1].at.UnixMilli()
	n, _ := slices.BinarySearchFunc(m.lines, frontier, func(p placedLine, at int64) int { return cmp.Compare(p.at, at) })
	return n
}

// page is the first n lines, and where the next page goes on.
func (m *merge) page(customer string, from cursor, n int) Timeline {
	t := Timeline{Customer: customer, Entries: make([]Line, 0, n)}
	for _, p := range m.lines[:n] {
		t.Entries = append(t.Entries, p.line)
	}
	if n == len(m.lines) {
		return t
	}
	next := cursor{place: m.lines[n-1].place, read: from.read}
	for _, e := range m.read {
		if e.at.UnixMilli() >= next.at {
			break
		}
		next.read = e.id
	}
	for _, p := range m.lines[n:] {
		if p.entry <= next.read && !slices.Contains(next.open, p.entry) {
			next.open = append(next.open, p.entry)
		}
	}
	t.Next = next.String()
	return t
}
