package rehearse

import (
	"bufio"
	"io"
	"strings"
	"unicode/utf8"
)

// WriteTable writes the report for a terminal. It shows addresses as they are in
// the file: it is for the operator's own eyes.
func (r *Report) WriteTable(out io.Writer) error {
	w := bufio.NewWriter(out)
	say := func(lines ...string) {
		for _, l := range lines {
			_, _ = w.WriteString(l + "\n") // Flush tells of it
		}
	}
	title, facts := r.heading()
	say(title)
	say(facts...)
	for _, s := range r.sections(true) {
		say("", s.Title)
		if len(s.Rows) == 0 {
			say("  " + s.Empty)
			continue
		}
		say(s.grid(r.Against != nil)...)
		if s.Note != "" {
			say(wrapped(s.Note, "  ")...)
		}
	}
	return w.Flush()
}

// grid is the section's table with its columns under each other.
func (s *section) grid(compared bool) []string {
	rows := [][]string{s.Columns}
	if compared {
		rows[0] = append(rows[0][:len(rows[0]):len(rows[0])], "change")
	}
	for _, l := range s.Rows {
		row := []string{l.Label}
		for _, p := range l.Cells {
			row = append(row, p.text())
		}
		if compared {
			row = append(row, l.Cells[s.Tells].change())
		}
		rows = append(rows, row)
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	lines := make([]string, len(rows))
	for n, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i == 0 {
				b.WriteString("  " + cell + pad)
			} else {
				b.WriteString("  " + pad + cell)
			}
		}
		lines[n] = strings.TrimRight(b.String(), " ")
	}
	return lines
}

// lineWidth is where text for a terminal is broken.
const lineWidth = 100

func wrapped(text, indent string) []string {
	var lines []string
	now := indent
	for word := range strings.FieldsSeq(text) {
		if utf8.RuneCountInString(now)+1+len(word) > lineWidth && now != indent {
			lines, now = append(lines, now), indent
		}
		if now != indent {
			now += " "
		}
		now += word
	}
	return append(lines, now)
}
