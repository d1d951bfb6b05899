package rehearse

import "strings"

// held is what a piece of the file says of a customer who has to wait for others.
type held struct {
	customer string
	line     int
	rows     string // packed
	shared   []uint64
}

// Cells and rows of what is held are kept with these between; no cell holds them.
const (
	betweenCells = "\x1f"
	betweenRows  = "\x1e"
)

// packer keeps rows as short as can be.
type packer struct{ strings.Builder }

func (p *packer) add(r *row) {
	if p.Len() > 0 {
		p.WriteString(betweenRows)
	}
	for i, cell := range r.cell {
		if i > 0 {
			p.WriteString(betweenCells)
		}
		p.WriteString(cell)
	}
}

// unpack calls visit with each row that is held.
func unpack(all []held, visit func(*row) error) error {
	for _, h := range all {
		for text := range strings.SplitSeq(h.rows, betweenRows) {
			r := row{line: h.line}
			i := 0
			for cell := range strings.SplitSeq(text, betweenCells) {
				r.cell[i] = cell
				i++
			}
			if err := visit(&r); err != nil {
				return err
			}
		}
	}
	return nil
}
