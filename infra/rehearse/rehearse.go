// Package rehearse plays a year of a customer file before anyone is mailed, by
// the very rules of production: who would be asked what and when, what each rule
// keeps from being asked, and what another policy would change.
//
// Customers go through the year each by itself, on all cores. Only those whom an
// address connects (a bookkeeper is the contact of many firms) go through it
// together, in the order of time. So nothing depends on how many cores there
// are, and the same input always gives the same answer.
//
// The file is read twice. The first reading checks it and finds out who shares
// an address; the second rehearses customers as they stream by and holds only
// those that have to wait for others.
package rehearse

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"runtime"

	"kaiku/shared/policy"
	"kaiku/shared/survey"
)

// NamedPolicy is a policy and the name it goes by in a report.
type NamedPolicy struct {
	Name string
	*policy.Policy
}

// Options say what to rehearse.
type Options struct {
	// File holds the customers: JSON Lines if its name ends in .jsonl or
	// .ndjson, else CSV.
	File string
	// Events, if not empty, holds further events as the CRM would post them,
	// one a line.
	Events string
	Policy NamedPolicy
	// Against is a second policy to compare with; none if its Policy is nil.
	Against NamedPolicy
	// From is the first day, Days how many are rehearsed, 1 to MaxDays.
	From survey.Date
	Days int
	Ends Ends
	// Top is how many customers and addresses are told that are asked most.
	Top int
	// Workers is how many work at once; 0 is one for each core.
	Workers int
	// Progress, if not nil, is told how far it is: done out of all, in bytes. It
	// is called by one goroutine at a time.
	Progress func(done, all int64)
	// Differing, if not nil, is given each customer whom the two policies treat
	// differently: first those who share no address and are told of by no event,
	// in the order of the file, then the others.
	Differing func(Difference) error

	block int // how many bytes are read at once; 0: blockSize
}

// MaxDays is the longest time that can be rehearsed, in days.
const MaxDays = 10 * 366

// rehearsal is one run.
type rehearsal struct {
	*Options
	window
	policies []NamedPolicy
	told     told
	layout   layout
	roster   *roster
	waiting  waiting
	players  []*player
	workers  int

	size, done int64 // of the file, and of its two readings, in bytes
	differing  int64
}

// Run rehearses. Its error names the file, and the line where there is one.
func Run(ctx context.Context, o Options) (*Report, error) {
	r, err := prepare(&o)
	if err != nil {
		return nil, err
	}
	if err := r.firstReading(ctx); err != nil {
		return nil, inFile(o.File, err)
	}
	if err := r.secondReading(ctx); err != nil {
		return nil, inFile(o.File, err)
	}
	if err := r.playCircles(ctx); err != nil {
		return nil, inFile(o.File, err)
	}
	if o.Progress != nil {
		o.Progress(2*r.size, 2*r.size)
	}
	return r.report(), nil
}

func prepare(o *Options) (*rehearsal, error) {
	if o.Days < 1 || o.Days > MaxDays {
		return nil, fmt.Errorf("%d days cannot be rehearsed; allowed are 1 to %d", o.Days, MaxDays)
	}
	r := &rehearsal{Options: o, policies: []NamedPolicy{o.Policy}, roster: newRoster(), waiting: waiting{}, workers: o.Workers}
	if o.Against.Policy != nil {
		r.policies = append(r.policies, o.Against)
	}
	if r.workers < 1 {
		r.workers = runtime.GOMAXPROCS(0)
	}
	r.block = cmp.Or(o.block, blockSize)
	zone := o.Policy.Zone
	r.window = window{first: o.From, from: o.From.Start(zone).UTC(), to: o.From.AddDays(o.Days).Start(zone).UTC(), zone: zone, ends: o.Ends}
	about, err := os.Stat(o.File)
	if err != nil {
		return nil, err
	}
	if !about.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: must be a file, for it is read twice", o.File)
	}
	r.size = about.Size()
	r.told, err = readEvents(o.Events)
	return r, err
}

// playCircles rehearses those who were held.
func (r *rehearsal) playCircles(ctx context.Context) error {
	more := map[string][]uint64{}
	for id, events := range r.told {
		r.waiting.expect(id)
		more[id] = r.roster.hashes(emails(events))
	}
	circles := r.waiting.circles(more)
	r.waiting = nil
	for _, c := range circles {
		if err := r.small(c); err != nil {
			return err
		}
	}
	return inOrder(r.workers,
		func(yield func(circle) bool) error {
			for i, c := range circles {
				circles[i] = nil // not to be kept when it has been played
				if err := ctx.Err(); err != nil || !yield(c) {
					return err
				}
			}
			return nil
		},
		func() func(circle) played {
			p := r.newPlayer()
			return func(c circle) (out played) {
				out.err = p.together(c, &out)
				return out
			}
		}, r.take)
}

// take hands on what came of customers, in their order.
func (r *rehearsal) take(p played) error {
	if p.err != nil {
		return p.err
	}
	r.differing += int64(len(p.differences))
	if r.Differing == nil {
		return nil
	}
	for _, d := range p.differences {
		if err := r.Differing(d); err != nil {
			return err
		}
	}
	return nil
}

func (r *rehearsal) report() *Report {
	report := &Report{From: r.From, To: r.From.AddDays(r.Days - 1), Timezone: r.zone.String(), Ends: r.Ends,
		Input: r.roster.input, Differing: r.differing}
	for _, events := range r.told {
		for _, e := range events {
			switch {
			case e.At.Before(r.from):
				report.Input.EventsBefore++
			case e.At.Before(r.to):
				report.Input.Events++
			default:
				report.Input.EventsAfter++
			}
		}
	}
	most := newMost(r.Top)
	for _, p := range r.players {
		most.merge(p.most)
	}
	report.Customers, report.Addresses = most.customers.best, most.addresses.best
	for i, p := range r.policies {
		whole := newTally(&r.window)
		for _, one := range r.players {
			whole.merge(one.tallies[i])
		}
		f := whole.figures(p.Name, p.Policy)
		if i == 0 {
			report.Policy = f
		} else {
			report.Against = f
		}
	}
	return report
}
