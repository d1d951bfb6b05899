package tabletest

import (
	"errors"
	"testing"
	"time"

	"kaiku/shared/table"
)

var expirySentences = []sentence{
	{"an item that will expire is read like any other", func(t *testing.T, tbl table.Table) {
		it := dueItem(key("p", "s"), "lane", noon)
		it.Expires = noon.AddDate(50, 0, 0)
		write(t, tbl, table.Put(it, table.Any))
		it.Version = 1
		wantItem(t, tbl, it)
		wantSorts(t, tbl, table.Query{Partition: "p"}, "s")
		wantDue(t, tbl, "lane", noon, 10, table.DueKey{Key: it.Key, At: noon})
	}},
	{"an expired item is read like any other until it is gone altogether", checkExpired},
}

// checkExpired lets the items vanish at any moment, but not by halves: a key at
// which none is found is free.
func checkExpired(t *testing.T, tbl table.Table) {
	// The driver's own clock decides, which is the real one.
	expired := time.Now().Add(-time.Hour).UTC().Truncate(time.Second)
	isFound := map[string]func(table.Item) bool{
		"get": func(it table.Item) bool {
			got, err := tbl.Get(t.Context(), it.Key)
			if err != nil && !errors.Is(err, table.ErrNotFound) {
				t.Fatal(err)
			}
			return err == nil && string(got.Body) == string(it.Body) && got.Expires.Equal(expired)
		},
		"query": func(it table.Item) bool {
			items, _ := walk(t, tbl, table.Query{Partition: it.Key.Partition})
			return len(items) == 1
		},
		"present": func(it table.Item) bool {
			return tbl.Write(t.Context(), table.Check(it.Key, table.Present)) == nil
		},
	}
	for name, found := range isFound {
		it := item(key("p "+name, "s"), 1)
		it.Expires = expired
		write(t, tbl, table.Put(it, table.Any))
		if found(it) {
			continue
		}
		if err := tbl.Write(t.Context(), table.Put(item(it.Key, 2), table.Absent)); err != nil {
			t.Errorf("by %s the expired item is not there, yet its key is not free: %v", name, err)
		}
	}
}
