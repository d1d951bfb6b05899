package tabletest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kaiku/shared/table"
)

func numbered(n int) string { return fmt.Sprintf("n%05d", n) }

// fill writes items 0 to n-1 of partition p, most of them a hundred at a time.
func fill(t testing.TB, tbl table.Table, n int) (sorts []string) {
	t.Helper()
	var writes []table.Write
	for i := range n {
		sorts = append(sorts, numbered(i))
		writes = append(writes, table.Put(item(key("p", numbered(i)), i), table.Absent))
	}
	for part := range slices.Chunk(writes, table.MaxWrites) {
		write(t, tbl, part...)
	}
	return sorts
}

func reversed(sorts []string) []string {
	r := slices.Clone(sorts)
	slices.Reverse(r)
	return r
}

var querySentences = []sentence{
	{"a partition without items is empty", func(t *testing.T, tbl table.Table) {
		wantSorts(t, tbl, table.Query{Partition: "p"})
		wantSorts(t, tbl, table.Query{Partition: "p", Reverse: true})
		wantSorts(t, tbl, table.Prefix("p", "a"))
	}},
	{"a query gives whole items of its partition alone", func(t *testing.T, tbl table.Table) {
		want := []table.Item{dueItem(key("p", "a"), "lane", noon), item(key("p", "b"), 2)}
		want[0].Expires = noon.AddDate(50, 0, 0)
		for n, partition := range []string{"o", "o\U0010FFFF", "p\x01", "p ", "pp", "p#", "q", "P"} {
			write(t, tbl, table.Put(item(key(partition, "a"), n), table.Any))
		}
		for i := range want {
			write(t, tbl, table.Put(want[i], table.Any))
			want[i].Version = 1
		}
		got, _ := walk(t, tbl, table.Query{Partition: "p"})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("items are not as expected (-want +got):\n%s", diff)
		}
		wantSorts(t, tbl, table.Query{Partition: "p", Reverse: true}, "b", "a")
		wantSorts(t, tbl, table.Query{Partition: "p", Reverse: true, From: "a"}, "b", "a")
		wantSorts(t, tbl, table.Query{Partition: "p", To: "z"}, "a", "b")
	}},
	{"sort keys are ordered byte by byte", func(t *testing.T, tbl table.Table) {
		sorts := []string{
			" ", "#", "0", "10", "9", "A", "B", "Z", "_", "a", "a\x01", "a ", "aa", "b", "z", "~", "\x7f",
			"ä", "é", "ö", "Ω", "中", "\uFF5E", "\U0001F600", "\U0010FFFF",
		}
		slices.Sort(sorts) // Go compares strings byte by byte
		for n, i := range []int{7, 3, 24, 0, 12, 5, 20, 1, 15, 9, 23, 2, 18, 11, 4, 22, 6, 14, 8, 10, 13, 16, 17, 19, 21} {
			write(t, tbl, table.Put(item(key("p", sorts[i]), n), table.Absent))
		}
		wantSorts(t, tbl, table.Query{Partition: "p"}, sorts...)
		wantSorts(t, tbl, table.Query{Partition: "p", Reverse: true}, reversed(sorts)...)
		for i, from := range sorts {
			wantSorts(t, tbl, table.Query{Partition: "p", From: from}, sorts[i:]...)
			wantSorts(t, tbl, table.Query{Partition: "p", To: from}, sorts[:i+1]...)
			wantSorts(t, tbl, table.Query{Partition: "p", After: from}, sorts[i+1:]...)
		}
	}},
	{"bounds are inclusive and may be open or hold nothing", checkBounds},
	{"a prefix gives what begins with it", func(t *testing.T, tbl table.Table) {
		for n, sort := range []string{"ANSWER", "ANSWER#", "ANSWER#1", "ANSWER#2#x", "ANSWER#\U0001F600", "ANSWER$", "ANSWES", "answer#1"} {
			write(t, tbl, table.Put(item(key("p", sort), n), table.Any))
		}
		wantSorts(t, tbl, table.Prefix("p", "ANSWER#"), "ANSWER#", "ANSWER#1", "ANSWER#2#x", "ANSWER#\U0001F600")
		backward := table.Prefix("p", "ANSWER#")
		backward.Reverse = true
		wantSorts(t, tbl, backward, "ANSWER#\U0001F600", "ANSWER#2#x", "ANSWER#1", "ANSWER#")
		wantSorts(t, tbl, table.Prefix("p", "answer#1"), "answer#1")
		wantSorts(t, tbl, table.Prefix("p", "B"))
		longest := strings.Repeat("k", table.MaxKey-4)
		write(t, tbl, table.Put(item(key("p", longest+"1"), 0), table.Any))
		wantSorts(t, tbl, table.Prefix("p", longest), longest+"1")
	}},
	{"pages join without gap or repeat", func(t *testing.T, tbl table.Table) {
		sorts := fill(t, tbl, 1050)
		for _, limit := range []int{0, 1049, 100} {
			for _, q := range []table.Query{{}, {Eventually: true}, {From: numbered(10), To: numbered(1000)}} {
				q.Partition, q.Limit = "p", limit
				want := sorts
				if q.From != "" {
					want = sorts[10:1001]
				}
				wantSorts(t, tbl, q, want...)
				q.Reverse = true
				wantSorts(t, tbl, q, reversed(want)...)
			}
		}
		wantSorts(t, tbl, table.Query{Partition: "p", To: numbered(30), Limit: 1}, sorts[:31]...)
	}},
	{"a limit is kept and the rest follows", func(t *testing.T, tbl table.Table) {
		sorts := fill(t, tbl, 10)
		page, err := tbl.Query(t.Context(), table.Query{Partition: "p", Limit: 4})
		if err != nil {
			t.Fatal(err)
		}
		if got := sortKeys(page.Items); !slices.Equal(got, sorts[:4]) || page.Next == "" {
			t.Fatalf("page is %q and next %q, want %q and more to come", got, page.Next, sorts[:4])
		}
		wantSorts(t, tbl, table.Query{Partition: "p", After: page.Next}, sorts[4:]...)
	}},
	{"large items come in several pages", func(t *testing.T, tbl table.Table) {
		var want []string
		for n := range 12 {
			it := item(key("p", numbered(n)), n)
			it.Body = bodyOf(200 << 10)
			write(t, tbl, table.Put(it, table.Any))
			want = append(want, it.Key.Sort)
		}
		for _, q := range []table.Query{{}, {Reverse: true}, {Limit: 11}} {
			q.Partition = "p"
			items, pages := walk(t, tbl, q)
			if q.Reverse {
				slices.Reverse(items)
			}
			if got := sortKeys(items); !slices.Equal(got, want) || pages < 2 {
				t.Fatalf("query %+v gives %q in %d pages, want %q in 2 or more", q, got, pages, want)
			}
			for _, it := range items {
				if len(it.Body) != 200<<10 {
					t.Fatalf("body of %q has %d bytes", it.Key, len(it.Body))
				}
			}
		}
	}},
	{"a query sees every write before it", func(t *testing.T, tbl table.Table) {
		var want []string
		for n := range 20 {
			write(t, tbl, table.Put(item(key("p", numbered(n)), n), table.Any))
			want = append(want, numbered(n))
			wantSorts(t, tbl, table.Query{Partition: "p"}, want...)
		}
	}},
	{"All walks every page", func(t *testing.T, tbl table.Table) {
		sorts := fill(t, tbl, 25)
		var got []string
		for it, err := range table.All(t.Context(), tbl, table.Query{Partition: "p", Limit: 4}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, it.Key.Sort)
		}
		if !slices.Equal(got, sorts) {
			t.Fatalf("All gives %q, want %q", got, sorts)
		}
	}},
}

func checkBounds(t *testing.T, tbl table.Table) {
	for n, sort := range []string{"b", "d", "f", "h"} {
		write(t, tbl, table.Put(item(key("p", sort), n), table.Any))
	}
	for _, c := range []struct {
		from, to, after string
		forward         string
		backward        string
	}{
		{"", "", "", "bdfh", "hfdb"},
		{"d", "", "", "dfh", "hfd"},
		{"c", "", "", "dfh", "hfd"},
		{"", "f", "", "bdf", "fdb"},
		{"", "g", "", "bdf", "fdb"},
		{"d", "f", "", "df", "fd"},
		{"c", "g", "", "df", "fd"},
		{"d", "d", "", "d", "d"},
		{"c", "c", "", "", ""},
		{"f", "d", "", "", ""}, // bounds that cross
		{"i", "", "", "", ""},
		{"", "a", "", "", ""},
		{"", "", "d", "fh", "b"},
		{"", "", "e", "fh", "db"}, // behind a key that is not there
		{"", "", "a", "bdfh", ""},
		{"", "", "z", "", "hfdb"},
		{"d", "f", "d", "f", ""},
		{"d", "f", "f", "", "d"},
		{"d", "f", "e", "f", "d"},
		{"d", "f", "a", "df", ""}, // outside of the bounds
		{"d", "f", "z", "", "fd"},
		{"d", "", "a", "dfh", ""},
		{"", "f", "z", "", "fdb"},
	} {
		q := table.Query{Partition: "p", From: c.from, To: c.to, After: c.after}
		for _, limit := range []int{0, 1, 2} {
			q.Limit = limit
			q.Reverse = false
			wantSorts(t, tbl, q, strings.Split(c.forward, "")...)
			q.Reverse = true
			wantSorts(t, tbl, q, strings.Split(c.backward, "")...)
		}
	}
}
