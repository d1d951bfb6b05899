package figures

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"kaiku/shared/ledger"
	"kaiku/shared/stats"
	"kaiku/shared/survey"
)

// Digest is what the monthly mail tells: the year's NPS so far, CSAT and CES of the
// month, what was done in it, and which groups have changed.
//
// Each kind is told of in the period that it is asked in. The NPS is asked once a
// year at the anniversary of the contract, so two months of it are two sets of
// customers; a year against the year before are the same. CSAT and CES follow on
// what happened, and are of the month.
type Digest struct {
	Month survey.Month
	// Year is the NPS of the month's year, CSAT and CES are those of the month; nil
	// where nothing was sent.
	Year, CSAT, CES *Row
	// Sent, Delivered and Answered count the month's surveys of all kinds.
	Sent, Delivered, Answered int
	// Changes are the groups of which the figure has changed since the period before,
	// the surest first, MaxChanges at most; Changed is how many there are, of Compared.
	Changes           []Row
	Changed, Compared int
	// Comments are up to MaxComments of the month.
	Comments []Comment
}

// MaxChanges and MaxComments are how many a digest has: it is read in ten seconds.
const (
	MaxChanges  = 5
	MaxComments = 3
)

// Digest makes the digest of a month, and chooses of the comments on it. All kinds
// must have been loaded. It asks for figures as any reader of the report does, so it
// tells nothing that is hidden there.
func (p Programme) Digest(month survey.Month, comments []Comment) (Digest, error) {
	d := Digest{Month: month, Comments: choose(month, comments)}
	for _, kind := range survey.Kinds {
		ofMonth, err := p.one(kind, stats.Month, month)
		if err != nil {
			return Digest{}, err
		}
		if ofMonth != nil {
			d.Sent += ofMonth.Sent
			d.Delivered += ofMonth.Delivered
			d.Answered += ofMonth.Answered
		}
		own, length := ofMonth, stats.Month
		if kind == survey.NPS {
			length = stats.Year
			if own, err = p.one(kind, length, month); err != nil {
				return Digest{}, err
			}
		}
		switch kind {
		case survey.NPS:
			d.Year = own
		case survey.CSAT:
			d.CSAT = own
		case survey.CES:
			d.CES = own
		}
		if own == nil {
			continue
		}
		if err := d.compare(p, *own, length); err != nil {
			return Digest{}, err
		}
	}
	slices.SortStableFunc(d.Changes, func(a, b Row) int { return cmp.Compare(surety(b), surety(a)) })
	d.Changed = len(d.Changes)
	d.Changes = d.Changes[:min(MaxChanges, d.Changed)]
	return d, nil
}

// choose takes one comment of each class, for three complaints or three thanks would
// colour the figure: the worst first, then the best, then the middle; and where a
// class has none, the next in order. Only those count of which the month itself may
// be said: to stand in its digest says it.
func choose(month survey.Month, comments []Comment) (chosen []Comment) {
	var left []Comment
	for _, c := range comments {
		if c.Period == month.String() {
			left = append(left, c)
		}
	}
	take := func(wanted func(Comment) bool) {
		if i := slices.IndexFunc(left, wanted); i >= 0 && len(chosen) < MaxComments {
			chosen, left = append(chosen, left[i]), slices.Delete(left, i, i+1)
		}
	}
	for _, rank := range []int{0, 2, 1} { // of survey.Kind's Classes, from worst to best
		take(func(c Comment) bool { return slices.Index(c.Kind.Classes(), c.Class) == rank })
	}
	for range MaxComments {
		take(func(Comment) bool { return true })
	}
	return chosen
}

// one is the figure of everyone in the period of a length that has the month; nil
// when nothing was sent in it.
func (p Programme) one(kind survey.Kind, length stats.Length, month survey.Month) (*Row, error) {
	f, err := p.Figures(Query{Kinds: []survey.Kind{kind}, By: ledger.All, Period: length, From: month, To: month})
	if err != nil {
		return nil, fmt.Errorf("making the digest of %s: %w", month, err)
	}
	if len(f.Rows) == 0 {
		return nil, nil
	}
	return &f.Rows[0], nil
}

// compare adds the groups of a figure that have changed. A group that is everyone,
// under another name, is none, and of those of whom nothing is known nothing can be
// learned.
func (d *Digest) compare(p Programme, everyone Row, length stats.Length) error {
	for _, by := range ledger.Dimensions() {
		if by == ledger.All {
			continue
		}
		f, err := p.Figures(Query{Kinds: []survey.Kind{everyone.Kind}, By: by, Period: length, From: d.Month, To: d.Month})
		if err != nil {
			return fmt.Errorf("making the digest of %s: %w", d.Month, err)
		}
		for _, row := range f.Rows {
			if row.Change == nil || row.Value == ledger.NoValue || row.Answered == everyone.Answered {
				continue
			}
			d.Compared++
			if row.Change.Is() {
				d.Changes = append(d.Changes, row)
			}
		}
	}
	return nil
}

// surety is how far a change is from none, by the width of its interval.
func surety(row Row) float64 {
	return math.Abs(row.Change.Value) / (row.Change.High - row.Change.Low)
}
