package rehearse

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
)

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
		func(yield func(block) bool) error { return blocks(ctx, in, r.layout, skipped, r.block, yield) },
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
