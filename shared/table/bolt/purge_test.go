package bolt_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"kaiku/shared/table"
)

func TestPurgeRemovesWhatHasExpiredAtTheCallersTime(t *testing.T) {
	tbl := open(t, filepath.Join(t.TempDir(), "kaiku.db"))
	now := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	item := func(sort string, expires time.Time) table.Item {
		return table.Item{
			Key: table.Key{Partition: "p", Sort: sort}, Body: []byte(`{}`), Expires: expires,
			Due: table.Due{Lane: "lane", At: now},
		}
	}
	kept := []table.Item{item("never", time.Time{}), item("later", now.Add(time.Second))}
	gone := []table.Item{item("before", now.Add(-time.Hour)), item("now", now)}
	for _, it := range append(kept, gone...) {
		put(t, tbl, it)
	}
	removed, err := tbl.Purge(t.Context(), now)
	if err != nil || removed != len(gone) {
		t.Fatalf("removed %d with error %v, want %d", removed, err, len(gone))
	}
	for _, it := range kept {
		if _, err := tbl.Get(t.Context(), it.Key); err != nil {
			t.Error(err)
		}
	}
	for _, it := range gone {
		if _, err := tbl.Get(t.Context(), it.Key); !errors.Is(err, table.ErrNotFound) {
			t.Errorf("error of %q is %v, want ErrNotFound", it.Key, err)
		}
	}
	due, err := tbl.Due(t.Context(), "lane", now, 10)
	if err != nil || len(due) != len(kept) {
		t.Errorf("due: %v, %v; want those of the %d items kept", due, err, len(kept))
	}
}

func TestPurgeGoesThroughManyItems(t *testing.T) {
	tbl := open(t, filepath.Join(t.TempDir(), "kaiku.db"))
	now := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	const parts = 31
	want := 0
	for part := range parts {
		var writes []table.Write
		for n := range table.MaxWrites {
			it := table.Item{Key: table.Key{Partition: fmt.Sprint(part), Sort: fmt.Sprint(n)}, Body: []byte(`{}`)}
			if n%4 != 0 {
				it.Expires = now
				want++
			}
			writes = append(writes, table.Put(it, table.Any))
		}
		if err := tbl.Write(t.Context(), writes...); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []int{want, 0} {
		if removed, err := tbl.Purge(t.Context(), now); err != nil || removed != want {
			t.Fatalf("removed %d with error %v, want %d", removed, err, want)
		}
	}
}
