package rehearse

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// However a file is cut into blocks, and whatever its cells hold, every customer's
// rows come out together, with their lines, as the standard reader sees them.
func TestCuttingAFileLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.OneOf(rapid.SampledFrom([]string{"", "x", "a,b", "\"", "one\ntwo", "\n", "ä€", "\r\n", "long " + strings.Repeat("x", 40)}))
		ids := rapid.SliceOfN(rapid.SampledFrom([]string{"C-1", "C-2", "C,3", "C\"4", "C-5"}), 0, 30).Draw(t, "customers")
		first := rapid.Bool().Draw(t, "the customer's column is the first")
		var b strings.Builder
		w := csv.NewWriter(&b)
		w.UseCRLF = rapid.Bool().Draw(t, "CRLF")
		for _, id := range ids {
			if row := []string{id, cell.Draw(t, "cell"), cell.Draw(t, "cell")}; first {
				_ = w.Write(row)
			} else {
				_ = w.Write([]string{row[1], row[0], row[2]})
			}
		}
		w.Flush()
		text := b.String()
		if len(ids) > 0 && rapid.Bool().Draw(t, "no last newline") {
			text = strings.TrimRight(text, "\r\n")
		}
		head := "customerId,name,email\n"
		if !first {
			head = "name,customerId,email\n"
		}
		standard := csv.NewReader(strings.NewReader(head + text))
		rows, err := standard.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		reader := csv.NewReader(strings.NewReader(head + text))
		for i := range rows {
			if _, err := reader.Read(); err != nil {
				t.Fatal(err)
			}
			if line, _ := reader.FieldPos(0); i > 0 {
				at := slices.Index(rows[0], "customerId")
				want = append(want, fmt.Sprintf("%d %s %s", line, rows[i][at], strings.TrimSpace(rows[i][2])))
			}
		}

		in := bufio.NewReader(strings.NewReader(head + text))
		l, skipped, err := openCSV(in)
		if err != nil {
			t.Fatal(err)
		}
		var got, order []string
		size := rapid.IntRange(1, 100).Draw(t, "bytes of a block")
		if err := blocks(t.Context(), in, l, skipped, size, func(b block) bool {
			for _, p := range b.pieces {
				var of []string
				err := l.rows(p, func(r *row) error {
					got = append(got, fmt.Sprintf("%d %s %s", r.line, r.cell[customerID], r.cell[email]))
					of = append(of, r.cell[customerID])
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				if len(slices.Compact(of)) != 1 {
					t.Fatalf("a piece has the rows of %v", of)
				}
				order = append(order, of[0])
			}
			return true
		}); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(want, got) {
			t.Fatalf("want %q\ngot  %q", want, got)
		}
		if !slices.Equal(slices.Compact(slices.Clone(ids)), order) {
			t.Fatalf("customers %q came in pieces %q", ids, order)
		}
	})
}

// What is held is what was read.
func TestPackedRowsComeOutAsTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rows []row
		var pack packer
		for range rapid.IntRange(1, 4).Draw(t, "rows") {
			r := row{line: 7}
			for i := range r.cell {
				r.cell[i] = rapid.StringMatching(`[ -~äö€]{0,12}`).Draw(t, "cell")
			}
			rows = append(rows, r)
			pack.add(&r)
		}
		var got []row
		if err := unpack([]held{{line: 7, rows: pack.String()}}, func(r *row) error { got = append(got, *r); return nil }); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(rows, got) {
			t.Fatalf("want %v\ngot  %v", rows, got)
		}
	})
}

// Few customers who depend on each other need little memory, however many the
// file has. A circle that would not fit is refused, and told by ids alone.
func TestACircleThatIsTooLargeIsRefusedByIDs(t *testing.T) {
	r := &rehearsal{roster: newRoster()}
	hash := r.roster.hash("stand-in@firm.example")
	c := circle{}
	for i := range maxCircle + 1 {
		c[fmt.Sprintf("C-%07d", i)] = []held{{shared: []uint64{hash}}}
	}
	var pack packer
	one := row{}
	one.cell[customerID], one.cell[contactID], one.cell[email] = "C-0000000", "P-9", "Stand-In@firm.example"
	pack.add(&one)
	c["C-0000000"] = []held{{shared: []uint64{hash}, rows: pack.String()}}
	err := r.small(c)
	if err == nil || !strings.Contains(err.Error(), "400001 customers depend on each other") ||
		!strings.Contains(err.Error(), "the address of contact P-9 of customer C-0000000 is that of 400001 customers") ||
		strings.Contains(err.Error(), "firm.example") {
		t.Errorf("got %v", err)
	}
	delete(c, "C-0000001")
	if err := r.small(c); err != nil {
		t.Errorf("a circle that is just small enough: %v", err)
	}
}

func TestAddressesConnectCustomersToCircles(t *testing.T) {
	w := waiting{}
	for customer, shared := range map[string][]uint64{"A": {1}, "B": {2}, "C": {1, 3}, "D": {3}, "E": {}, "F": {4}, "G": {2, 4}} {
		w.add(held{customer: customer, shared: shared})
	}
	w.expect("H")
	var got []string
	for _, c := range w.circles(map[string][]uint64{"H": {9}, "E": {9}}) {
		var ids []string
		for id := range c {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		got = append(got, strings.Join(ids, ""))
	}
	if want := []string{"ACD", "BFG", "EH"}; !slices.Equal(want, got) {
		t.Errorf("got %v, want %v", got, want)
	}
}
