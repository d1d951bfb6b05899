package rehearse

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// csvLayout reads the columns of events/contracts.csv, in any order.
type csvLayout struct {
	width int
	// at says where each column stands in the file; -1: it is not there.
	at [columns]int
}

// openCSV reads the header and says how many lines it has.
func openCSV(r *bufio.Reader) (l *csvLayout, lines int, err error) {
	var head strings.Builder
	for {
		line, err := r.ReadString('\n')
		head.WriteString(line)
		lines++
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, 0, err
		}
		if _, whole := recordLength(head.String()); whole || err != nil || head.Len() > blockSize {
			break
		}
	}
	text := strings.TrimPrefix(head.String(), "\uFEFF") // spreadsheets begin a file with it
	names, err := csv.NewReader(strings.NewReader(text)).Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, 0, errors.New("is empty; its first line must name the columns, as that of events/contracts.csv does")
	case err != nil || !utf8.ValidString(text):
		return nil, 0, Fault{1, "cannot be read; save the file as CSV in UTF-8, with commas between the columns"}
	}
	l = &csvLayout{width: len(names)}
	for i := range l.at {
		l.at[i] = slices.Index(names, columnNames[i])
	}
	for _, name := range names {
		if err := columnName(name); err != nil {
			return nil, 0, err
		}
	}
	if l.at[customerID] < 0 {
		return nil, 0, Fault{1, "the column customerId is missing; it says whose each row is"}
	}
	return l, lines, nil
}

// columnName refuses what is no column.
func columnName(name string) error {
	known := slices.Concat(columnNames[:], otherColumns)
	if slices.Contains(known, name) {
		return nil
	}
	meant := slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(k, strings.TrimSpace(name)) })
	switch {
	case meant >= 0:
		return Fault{1, fmt.Sprintf("unknown column %q; write %s", name, known[meant])}
	case strings.ContainsAny(name, ";\t"):
		return Fault{1, "must have commas between the columns; save the file as CSV with commas"}
	}
	return Fault{1, fmt.Sprintf("unknown column %q; known are %s", name, strings.Join(known, ", "))}
}

// recordLength is how long the first record of text is, its newline included;
// whole is false when text ends before it does. A newline between quotes does
// not end a record.
func recordLength(text string) (n int, whole bool) {
	for quotes := 0; ; {
		end := strings.IndexByte(text[n:], '\n')
		if end < 0 {
			return len(text), false
		}
		line := text[n : n+end]
		if strings.IndexByte(line, '"') >= 0 {
			quotes += strings.Count(line, `"`)
		}
		n += end + 1
		if quotes%2 == 0 {
			return n, true
		}
	}
}

func (l *csvLayout) cut(text string, line int, last bool) (pieces []piece, used int) {
	var (
		open  bool
		id    string
		start int
		first int
	)
	for at := 0; at < len(text); {
		n, whole := recordLength(text[at:])
		if !whole && !last {
			break
		}
		record := text[at : at+n]
		if next := l.idOf(record); strings.TrimSpace(record) == "" {
			if !open {
				start = at + n // empty lines are nobody's
			}
		} else if !open || next != id {
			if open {
				pieces = append(pieces, piece{text[start:at], first})
			}
			open, id, start, first = true, next, at, line
		}
		line += strings.Count(record, "\n")
		at += n
	}
	if open && last {
		return append(pieces, piece{text[start:], first}), len(text)
	}
	return pieces, start
}

// idOf is the text of the customer's column; what is wrong with a record is for
// rows to say.
func (l *csvLayout) idOf(record string) string {
	if strings.IndexByte(record, '"') >= 0 {
		fields, err := quoted(record)
		if err != nil || len(fields) <= l.at[customerID] {
			return ""
		}
		return strings.TrimSpace(fields[l.at[customerID]])
	}
	for range l.at[customerID] {
		_, record, _ = strings.Cut(record, ",")
	}
	id, _, _ := strings.Cut(record, ",")
	return strings.TrimSpace(id)
}

func quoted(record string) ([]string, error) {
	return csv.NewReader(strings.NewReader(record)).Read()
}

func (l *csvLayout) rows(p piece, visit func(*row) error) error {
	r, line := row{}, p.line
	fields := make([]string, 0, 32)
	for text := p.text; text != ""; {
		n, _ := recordLength(text)
		record := text[:n]
		text, r.line = text[n:], line
		line += strings.Count(record, "\n")
		if record = strings.TrimRight(record, "\r\n"); record == "" {
			continue
		}
		fields = fields[:0]
		if strings.IndexByte(record, '"') < 0 {
			for field, rest, more := strings.Cut(record, ","); ; field, rest, more = strings.Cut(rest, ",") {
				if fields = append(fields, field); !more {
					break
				}
			}
		} else {
			var err error
			if fields, err = quoted(record); err != nil {
				var wrong *csv.ParseError
				if errors.As(err, &wrong) {
					err = wrong.Err // its line is counted from here
				}
				return Fault{r.line, err.Error()}
			}
		}
		if len(fields) != l.width {
			return Fault{r.line, fmt.Sprintf("has %d columns, the header %d; a cell with a comma needs quotes", len(fields), l.width)}
		}
		for i, at := range l.at {
			if r.cell[i] = ""; at >= 0 {
				r.cell[i] = strings.TrimSpace(fields[at])
			}
		}
		if err := visit(&r); err != nil {
			return err
		}
	}
	return nil
}
