package tabletest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaiku/shared/table"
)

// noon is a moment for tests in which the moment does not matter.
var noon = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

func key(partition, sort string) table.Key { return table.Key{Partition: partition, Sort: sort} }

// item has a body that tells items apart.
func item(k table.Key, n int) table.Item {
	return table.Item{Key: k, Body: fmt.Appendf(nil, `{"n":%d}`, n)}
}

func dueItem(k table.Key, lane string, at time.Time) table.Item {
	i := item(k, 0)
	i.Due = table.Due{Lane: lane, At: at}
	return i
}

func write(t testing.TB, tbl table.Table, writes ...table.Write) {
	t.Helper()
	if err := tbl.Write(t.Context(), writes...); err != nil {
		t.Fatalf("write: %v", err)
	}
}

func get(t testing.TB, tbl table.Table, k table.Key) table.Item {
	t.Helper()
	got, err := tbl.Get(t.Context(), k)
	if err != nil {
		t.Fatalf("get %q: %v", k, err)
	}
	return got
}

func wantItem(t testing.TB, tbl table.Table, want table.Item) {
	t.Helper()
	if diff := cmp.Diff(want, get(t, tbl, want.Key)); diff != "" {
		t.Fatalf("item %q is not as expected (-want +got):\n%s", want.Key, diff)
	}
}

func wantMissing(t testing.TB, tbl table.Table, k table.Key) {
	t.Helper()
	got, err := tbl.Get(t.Context(), k)
	if !errors.Is(err, table.ErrNotFound) {
		t.Fatalf("get %q: item %+v and error %v, want ErrNotFound", k, got, err)
	}
}

func wantVersion(t testing.TB, tbl table.Table, k table.Key, want int64) {
	t.Helper()
	if got := get(t, tbl, k).Version; got != want {
		t.Fatalf("version of %q is %d, want %d", k, got, want)
	}
}

// wantRefused checks that err is a *table.ConditionError for n writes that names
// some of the failed parts and no other.
func wantRefused(t testing.TB, err error, n int, failed ...int) {
	t.Helper()
	if fault := refusalFault(err, n, failed); fault != "" {
		t.Fatal(fault)
	}
}

func refusalFault(err error, n int, failed []int) string {
	got, ok := table.Failed(err)
	switch {
	case !ok || !errors.Is(err, table.ErrCondition):
		return fmt.Sprintf("error is %v, want a failed condition at one of %v", err, failed)
	case len(got) != n:
		return fmt.Sprintf("%d parts are said to have failed or not, want %d", len(got), n)
	case !slices.Contains(got, true):
		return "a condition failed, but none is named"
	}
	for i, f := range got {
		if f && !slices.Contains(failed, i) {
			return fmt.Sprintf("part %d is said to have failed; those that did are %v", i, failed)
		}
	}
	return ""
}

// walk reads a query to its end, a page after the other, and checks the pages.
func walk(t testing.TB, tbl table.Table, q table.Query) (items []table.Item, pages int) {
	t.Helper()
	const endless = 10_000
	for pages < endless {
		page, err := tbl.Query(t.Context(), q)
		if err != nil {
			t.Fatalf("query %+v: %v", q, err)
		}
		pages++
		if q.Limit > 0 && len(page.Items) > q.Limit {
			t.Fatalf("query %+v: a page of %d items", q, len(page.Items))
		}
		items = append(items, page.Items...)
		if page.Next == "" {
			return items, pages
		}
		q.After = page.Next
	}
	t.Fatalf("query %+v: no end after %d pages", q, endless)
	return nil, 0
}

func sortKeys(items []table.Item) []string {
	keys := make([]string, len(items))
	for i, it := range items {
		keys[i] = it.Key.Sort
	}
	return keys
}

func wantSorts(t testing.TB, tbl table.Table, q table.Query, want ...string) {
	t.Helper()
	items, _ := walk(t, tbl, q)
	if got := sortKeys(items); !slices.Equal(got, want) {
		t.Fatalf("query %+v\n gives %q\n want  %q", q, got, want)
	}
}

// lag is how long the due index may lag behind before a test fails.
var lag = 3 * time.Second

// lookAgain is the time between two looks at it.
const lookAgain = 20 * time.Millisecond

// soon looks until fault is empty and returns what it was last.
func soon(fault func() string) string {
	end := time.NewTimer(lag)
	defer end.Stop()
	again := time.NewTicker(lookAgain)
	defer again.Stop()
	for {
		last := fault()
		if last == "" {
			return ""
		}
		select {
		case <-end.C:
			return last
		case <-again.C:
		}
	}
}

// wantDue expects entries in this order; a lane in which two are due at the same
// time has no order to expect.
func wantDue(t testing.TB, tbl table.Table, lane string, until time.Time, limit int, want ...table.DueKey) {
	t.Helper()
	if fault := soon(func() string {
		got, err := tbl.Due(t.Context(), lane, until, limit)
		if err != nil {
			t.Fatalf("due in %q: %v", lane, err)
		}
		return cmp.Diff(want, got, equateEmpty)
	}); fault != "" {
		t.Fatalf("due in %q until %s is not as expected (-want +got):\n%s", lane, until, fault)
	}
}

// equateEmpty lets a driver return nil or an empty slice for nothing.
var equateEmpty = cmp.FilterValues(
	func(a, b []table.DueKey) bool { return len(a) == 0 && len(b) == 0 },
	cmp.Comparer(func(_, _ []table.DueKey) bool { return true }),
)
