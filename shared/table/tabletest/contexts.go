package tabletest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"kaiku/shared/table"
)

var contextSentences = []sentence{
	{"a context that is done stops every method, and nothing is written", func(t *testing.T, tbl table.Table) {
		done, cancel := context.WithCancel(t.Context())
		cancel()
		late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
		defer cancel()
		one, two := item(key("p", "1"), 1), item(key("p", "2"), 2)
		for ctx, want := range map[context.Context]error{done: context.Canceled, late: context.DeadlineExceeded} {
			for name, call := range map[string]func() error{
				"get":   func() error { _, err := tbl.Get(ctx, one.Key); return err },
				"query": func() error { _, err := tbl.Query(ctx, table.Query{Partition: "p"}); return err },
				"due":   func() error { _, err := tbl.Due(ctx, "lane", noon, 1); return err },
				"put":   func() error { return tbl.Write(ctx, table.Put(one, table.Any)) },
				"check": func() error { return tbl.Write(ctx, table.Check(one.Key, table.Absent)) },
				"write": func() error { return tbl.Write(ctx, table.Put(one, table.Any), table.Put(two, table.Any)) },
			} {
				if err := call(); !errors.Is(err, want) {
					t.Errorf("%s: error is %v, want %v", name, err, want)
				}
			}
		}
		wantSorts(t, tbl, table.Query{Partition: "p"})
	}},
	{"a write that is cancelled on its way is done whole or not at all", func(t *testing.T, tbl table.Table) {
		const writes = 40
		together(writes, func(n int) {
			// Long enough for some, too short for others.
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(n)*500*time.Microsecond)
			defer cancel()
			var parts []table.Write
			for part := range 3 {
				parts = append(parts, table.Put(item(key(fmt.Sprint(n), numbered(part)), part), table.Absent))
			}
			err := tbl.Write(ctx, parts...)
			if err != nil && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, table.ErrCondition) {
				t.Errorf("write %d: %v", n, err)
			}
			if err != nil {
				return
			}
			if items, _ := walk(t, tbl, table.Query{Partition: fmt.Sprint(n)}); len(items) != len(parts) {
				t.Errorf("write %d was done, but %d of %d items are there", n, len(items), len(parts))
			}
		})
		for n := range writes {
			if fault := soon(func() string {
				items, _ := walk(t, tbl, table.Query{Partition: fmt.Sprint(n)})
				if len(items) != 0 && len(items) != 3 {
					return fmt.Sprintf("of write %d there are %d items, want none or all 3", n, len(items))
				}
				return ""
			}); fault != "" {
				t.Error(fault)
			}
		}
	}},
}
