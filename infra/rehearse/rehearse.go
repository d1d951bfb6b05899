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
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"

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
		return nil, fmt.Errorf("%s: %w", o.File, err)
	}
	if err := r.secondReading(ctx); err != nil {
		return nil, fmt.Errorf("%s: %w", o.File, err)
	}
	if err := r.playCircles(ctx); err != nil {
		return nil, fmt.Errorf("%s: %w", o.File, err)
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

// read hands the file's blocks to workers, and what they make of them to collect
// in the order of the file.
func read[Out any](ctx context.Context, r *rehearsal, newWorker func() func(block) Out, collect func(Out) error) error {
	file, err := os.Open(r.File)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	in, skipped, err := r.begin(file)
	if err != nil {
		return err
	}
	type result struct {
		out   Out
		bytes int64
	}
	return inOrder(r.workers,
		func(yield func(block) bool) error { return blocks(ctx, in, r.layout, skipped, blockSize, yield) },
		func() func(block) result {
			work := newWorker()
			return func(b block) result { return result{work(b), b.bytes} }
		},
		func(one result) error {
			r.done += one.bytes
			if r.Progress != nil {
				r.Progress(r.done, 2*r.size)
			}
			return collect(one.out)
		})
}

// begin finds out how the file is written and reads its header, if it has one.
func (r *rehearsal) begin(file io.Reader) (rest io.Reader, lines int, err error) {
	if isJSONLines(r.File) {
		r.layout = jsonLayout{}
		return file, 0, nil
	}
	buffered := bufio.NewReader(file)
	r.layout, lines, err = openCSV(buffered)
	return buffered, lines, err
}

// load reads one customer into m. The rows are all that the file says of it, in
// the order of the file.
func (r *rehearsal) load(m *member, rows func(visit func(*row) error) error) error {
	m.reset()
	in := intake{member: m, at: r.from}
	if err := rows(in.take); err != nil {
		return err
	}
	in.settle()
	if in.contradicted || len(r.told[m.facts.ID]) > 0 {
		return r.loadStateful(m, m.facts.ID, rows)
	}
	return nil
}

func (r *rehearsal) loadStateful(m *member, id string, rows func(visit func(*row) error) error) error {
	m.reset()
	m.facts.ID = id
	m.state = &survey.State{ID: id}
	err := rows(func(one *row) error {
		e, err := one.event(r.from)
		if err == nil {
			err = m.state.Apply(e)
		}
		if err != nil {
			return Fault{one.line, err.Error()}
		}
		return nil
	})
	if err != nil {
		return err
	}
	m.told = r.told[id]
	m.foretold = foretold(m.told, r.from)
	m.facts, err = m.state.Customer()
	return err
}

// loadHeld reads a customer that was held.
func (r *rehearsal) loadHeld(m *member, id string, all []held) error {
	if _, lines := r.layout.(jsonLayout); lines && len(all) > 1 {
		return Fault{all[1].line, "the customer has a line of its own already; put all of it on one"}
	}
	rows := func(visit func(*row) error) error { return unpack(all, visit) }
	if len(all) == 0 { // events alone tell of it
		return r.loadStateful(m, id, rows)
	}
	return r.load(m, rows)
}

// firstReading checks the file and fills the roster.
func (r *rehearsal) firstReading(ctx context.Context) error {
	type found struct {
		sightings []sighting
		faults    []Fault
	}
	var wrong faults
	err := read(ctx, r, func() func(block) found {
		var m member
		return func(b block) (out found) {
			for _, p := range b.pieces {
				err := r.load(&m, func(visit func(*row) error) error { return r.layout.rows(p, visit) })
				if fault := (Fault{}); errors.As(err, &fault) {
					out.faults = append(out.faults, fault)
				} else if err != nil {
					out.faults = append(out.faults, Fault{p.line, err.Error()})
				}
				out.sightings = append(out.sightings, r.roster.sighted(&m))
			}
			return out
		}
	}, func(f found) error {
		wrong.add(f.faults...)
		for _, s := range f.sightings {
			r.roster.add(s)
		}
		return nil
	})
	if err := errors.Join(wrong.err(), err); err != nil {
		return err
	}
	r.roster.close(r.told)
	return nil
}

// secondReading rehearses those who need not be held, and holds the others.
func (r *rehearsal) secondReading(ctx context.Context) error {
	return read(ctx, r, func() func(block) played {
		p := r.newPlayer()
		return func(b block) (out played) {
			for _, one := range b.pieces {
				if out.err = p.alone(one, &out); out.err != nil {
					break
				}
			}
			return out
		}
	}, func(p played) error {
		for _, h := range p.held {
			r.waiting.add(h)
		}
		return r.take(p)
	})
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

// maxCircle is how many customers can be rehearsed together: what is known of
// them, some 2 KB each, is all in memory at once.
const maxCircle = 400_000

// small refuses a circle that is too large, and says what connects it most.
func (r *rehearsal) small(c circle) error {
	if len(c) <= maxCircle {
		return nil
	}
	customers := map[uint64]int{}
	var most uint64
	for _, all := range c {
		for _, h := range all {
			for _, a := range h.shared {
				if customers[a]++; customers[a] > customers[most] {
					most = a
				}
			}
		}
	}
	example := ""
	for _, id := range slices.Sorted(maps.Keys(c)) {
		err := unpack(c[id], func(row *row) error {
			if example == "" && r.roster.hash(sameAddress(row.cell[email])) == most {
				example = fmt.Sprintf("contact %s of customer %s", row.cell[contactID], id)
			}
			return nil
		})
		if err != nil || example != "" {
			break
		}
	}
	return fmt.Errorf("%d customers depend on each other by shared addresses, and at most %d can be rehearsed together; "+
		"the address of %s is that of %d customers: is it a stand-in?", len(c), maxCircle, example, customers[most])
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
