package rehearse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A piece is the adjacent lines of one customer in a file, as they stand there.
type piece struct {
	text string
	line int // of its first line, counted from 1
}

// A block is some pieces read at once.
type block struct {
	pieces []piece
	bytes  int64 // how long it is in the file
}

// A layout is how a customer file is written: CSV or JSON Lines.
type layout interface {
	// cut divides text, which begins on the given line, into pieces. What is
	// left over may go on in text yet to be read, unless this is the last.
	cut(text string, line int, last bool) (pieces []piece, used int)
	// rows calls visit with what each row of a piece says. The row is the
	// caller's to keep; its strings point into the piece.
	rows(p piece, visit func(*row) error) error
}

const (
	blockSize = 1 << 20
	// maxPiece is how long the adjacent lines of one customer can be.
	maxPiece = 16 << 20
)

// blocks reads a file to its end, size bytes at a time. skipped is how many lines
// were read before.
func blocks(ctx context.Context, r io.Reader, l layout, skipped, size int, yield func(block) bool) error {
	buffer := make([]byte, size)
	kept, line := 0, skipped+1
	for last := false; !last; {
		n, err := io.ReadFull(r, buffer[kept:])
		switch {
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
			last = true
		case err != nil:
			return err
		}
		text := string(buffer[:kept+n])
		pieces, used := l.cut(text, line, last)
		line += strings.Count(text[:used], "\n")
		kept = copy(buffer, text[used:])
		if kept > len(buffer)/2 {
			if len(buffer) > maxPiece {
				return Fault{line, "one customer's lines have more than 16 MiB; is a quote left open?"}
			}
			buffer = append(buffer, make([]byte, len(buffer))...)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if !yield(block{pieces, int64(used)}) {
			return nil
		}
	}
	return nil
}

// Fault is one thing wrong in a file.
type Fault struct {
	Line int
	Text string
}

func (f Fault) Error() string { return fmt.Sprintf("line %d: %s", f.Line, f.Text) }

// inFile names the file in an error of reading it, and in each where it joins
// several: file:line, as editors and terminals jump to it.
func inFile(name string, err error) error {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, one := range several.Unwrap() {
			all = append(all, inFile(name, one))
		}
		return errors.Join(all...)
	}
	if fault := (Fault{}); errors.As(err, &fault) {
		return fmt.Errorf("%s:%d: %s", name, fault.Line, fault.Text)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// maxFaults is how many faults of one file are told at once.
const maxFaults = 20

// faults gathers what is wrong in a file, in the order of its lines.
type faults struct {
	first []Fault
	count int
}

func (f *faults) add(more ...Fault) {
	f.count += len(more)
	f.first = append(f.first, more[:min(len(more), maxFaults-len(f.first))]...)
}

// err is the first faults as one error; nil when there is none.
func (f *faults) err() error {
	if f.count == 0 {
		return nil
	}
	all := make([]error, 0, len(f.first)+1)
	for _, one := range f.first {
		all = append(all, one)
	}
	if more := f.count - len(f.first); more > 0 {
		all = append(all, fmt.Errorf("and %d more faults", more))
	}
	return errors.Join(all...)
}
