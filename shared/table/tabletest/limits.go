package tabletest

import (
	"errors"
	"strings"
	"testing"

	"kaiku/shared/table"
)

var limitSentences = []sentence{
	{"the largest keys, lanes and bodies are kept", func(t *testing.T, tbl table.Table) {
		long := strings.Repeat("ä", table.MaxKey/2)
		it := dueItem(key(long, long), strings.Repeat("l", table.MaxKey), noon)
		it.Body = bodyOf(table.MaxBody)
		write(t, tbl, table.Put(it, table.Absent))
		it.Version = 1
		wantItem(t, tbl, it)
		wantDue(t, tbl, it.Due.Lane, noon, 1, table.DueKey{Key: it.Key, At: noon})
	}},
	{"the largest write is done: MaxWrites of them", func(t *testing.T, tbl table.Table) {
		var writes []table.Write
		for n := range table.MaxWrites {
			writes = append(writes, table.Put(item(key("p", numbered(n)), n), table.Absent))
		}
		write(t, tbl, writes...)
		wantVersion(t, tbl, key("p", numbered(table.MaxWrites-1)), 1)
	}},
	{"the largest write is done: MaxTotal bytes", func(t *testing.T, tbl table.Table) {
		const parts = 10
		var writes []table.Write
		for n := range parts {
			it := item(key("p", numbered(n)), n)
			it.Body = bodyOf(table.MaxTotal / parts)
			writes = append(writes, table.Put(it, table.Absent))
		}
		write(t, tbl, writes...)
		wantVersion(t, tbl, key("p", numbered(parts-1)), 1)
	}},
	{"what is beyond the limits is invalid and nothing is written", checkInvalid},
}

// bodyOf is a JSON document of this many bytes.
func bodyOf(bytes int) []byte { return []byte(`"` + strings.Repeat("b", bytes-2) + `"`) }

func checkInvalid(t *testing.T, tbl table.Table) {
	good := item(key("p", "good"), 0)
	with := func(change func(*table.Item)) []table.Write {
		bad := item(key("p", "bad"), 0)
		change(&bad)
		return []table.Write{table.Put(good, table.Any), table.Put(bad, table.Any)}
	}
	long := strings.Repeat("k", table.MaxKey+1)
	var tooMany, tooMuch []table.Write
	for n := range table.MaxWrites + 1 {
		tooMany = append(tooMany, table.Put(item(key("p", numbered(n)), n), table.Any))
	}
	for n := range 10 {
		big := item(key("p", numbered(n)), n)
		big.Body = bodyOf(table.MaxTotal/10 + 1)
		tooMuch = append(tooMuch, table.Put(big, table.Any))
	}
	for name, writes := range map[string][]table.Write{
		"empty partition":     with(func(i *table.Item) { i.Key.Partition = "" }),
		"empty sort":          with(func(i *table.Item) { i.Key.Sort = "" }),
		"long partition":      with(func(i *table.Item) { i.Key.Partition = long }),
		"long sort":           with(func(i *table.Item) { i.Key.Sort = long }),
		"NUL in a key":        with(func(i *table.Item) { i.Key.Sort = "a\x00b" }),
		"key not UTF-8":       with(func(i *table.Item) { i.Key.Sort = "a\xff" }),
		"no body":             with(func(i *table.Item) { i.Body = nil }),
		"large body":          with(func(i *table.Item) { i.Body = bodyOf(table.MaxBody + 1) }),
		"body not UTF-8":      with(func(i *table.Item) { i.Body = []byte("\"\xff\"") }),
		"lane with #":         with(func(i *table.Item) { i.Due.Lane = "a#b" }),
		"lane with NUL":       with(func(i *table.Item) { i.Due.Lane = "a\x00b" }),
		"long lane":           with(func(i *table.Item) { i.Due.Lane = long }),
		"due after 9999":      with(func(i *table.Item) { i.Due = table.Due{Lane: "l", At: noon.AddDate(8000, 0, 0)} }),
		"expires before 1":    with(func(i *table.Item) { i.Expires = noon.AddDate(-3000, 0, 0) }),
		"one item twice":      with(func(i *table.Item) { i.Key = good.Key }),
		"unknown operation":   {table.Put(good, table.Any), {Op: 9, Item: item(key("p", "bad"), 0)}},
		"unknown condition":   {table.Put(good, table.Any), table.Put(item(key("p", "bad"), 0), table.Condition{Kind: 9})},
		"check of empty key":  {table.Put(good, table.Any), table.Check(key("", "s"), table.Any)},
		"delete of empty key": {table.Put(good, table.Any), table.Delete(key("p", ""), table.Any)},
		"too many":            tooMany,
		"too much":            tooMuch,
	} {
		if err := tbl.Write(t.Context(), writes...); !errors.Is(err, table.ErrInvalid) {
			t.Errorf("%s: error is %v, want ErrInvalid", name, err)
		}
	}
	wantSorts(t, tbl, table.Query{Partition: "p"})

	for name, call := range map[string]func() error{
		"get of an empty key":      func() error { _, err := tbl.Get(t.Context(), key("p", "")); return err },
		"get of a long key":        func() error { _, err := tbl.Get(t.Context(), key(long, "s")); return err },
		"query of no partition":    func() error { _, err := tbl.Query(t.Context(), table.Query{}); return err },
		"query with a long bound":  func() error { _, err := tbl.Query(t.Context(), table.Query{Partition: "p", To: long}); return err },
		"query with limit below 0": func() error { _, err := tbl.Query(t.Context(), table.Query{Partition: "p", Limit: -1}); return err },
		"due in no lane":           func() error { _, err := tbl.Due(t.Context(), "", noon, 1); return err },
		"due in a lane with #":     func() error { _, err := tbl.Due(t.Context(), "a#0", noon, 1); return err },
		"due without limit":        func() error { _, err := tbl.Due(t.Context(), "a", noon, 0); return err },
	} {
		if err := call(); !errors.Is(err, table.ErrInvalid) {
			t.Errorf("%s: error is %v, want ErrInvalid", name, err)
		}
	}
}
