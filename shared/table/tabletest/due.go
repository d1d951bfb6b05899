package tabletest

import (
	"testing"
	"time"

	"kaiku/shared/table"
)

var dueSentences = []sentence{
	{"only items with a lane are in the index", func(t *testing.T, tbl table.Table) {
		waiting := dueItem(key("p", "waiting"), "lane", noon)
		write(t, tbl, table.Put(waiting, table.Any), table.Put(item(key("p", "idle"), 0), table.Any))
		wantDue(t, tbl, "lane", noon, 10, table.DueKey{Key: waiting.Key, At: noon})
	}},
	{"lanes are apart", func(t *testing.T, tbl table.Table) {
		lanes := []string{"a", "A", "a ", "aa", "b", "ä"}
		for _, lane := range lanes {
			write(t, tbl, table.Put(dueItem(key("p", lane), lane, noon), table.Any))
		}
		for _, lane := range lanes {
			wantDue(t, tbl, lane, noon, 10, table.DueKey{Key: key("p", lane), At: noon})
		}
		wantDue(t, tbl, "none", noon, 10)
	}},
	{"what is due until a moment is listed, that moment included", func(t *testing.T, tbl table.Table) {
		it := dueItem(key("p", "s"), "lane", noon)
		write(t, tbl, table.Put(it, table.Any))
		want := table.DueKey{Key: it.Key, At: noon}
		helsinki := time.FixedZone("EET", 2*60*60)
		wantDue(t, tbl, "lane", noon, 10, want)
		wantDue(t, tbl, "lane", noon.In(helsinki), 10, want)
		wantDue(t, tbl, "lane", noon.Add(time.Nanosecond), 10, want)
		wantDue(t, tbl, "lane", noon.AddDate(9000, 0, 0), 10, want)
		wantDue(t, tbl, "lane", noon.Add(-time.Nanosecond), 10)
		wantDue(t, tbl, "lane", noon.Add(-time.Millisecond), 10)
		wantDue(t, tbl, "lane", noon.AddDate(-3000, 0, 0), 10)
	}},
	{"the earliest come first across all shards, and a limit cuts the latest", func(t *testing.T, tbl table.Table) {
		const n = 60
		want := make([]table.DueKey, n)
		shards := make(map[int]bool)
		var writes []table.Write
		for i := range n {
			k := key(numbered(i*7%n), "s")
			at := noon.Add(time.Duration(i-30) * 777 * time.Millisecond)
			want[i] = table.DueKey{Key: k, At: at}
			shards[table.Shard(k)] = true
			writes = append(writes, table.Put(dueItem(k, "lane", at), table.Any))
		}
		if len(shards) != table.Shards {
			t.Fatalf("the keys of this test reach %d shards of %d", len(shards), table.Shards)
		}
		write(t, tbl, writes...)
		late := want[n-1].At
		wantDue(t, tbl, "lane", late, 1000, want...)
		wantDue(t, tbl, "lane", late, n, want...)
		for _, limit := range []int{1, 2, 7, 59} {
			wantDue(t, tbl, "lane", late, limit, want[:limit]...)
		}
		wantDue(t, tbl, "lane", want[20].At, 1000, want[:21]...)
		wantDue(t, tbl, "lane", want[20].At, 5, want[:5]...)
	}},
	{"all due items can be in one shard", func(t *testing.T, tbl table.Table) {
		const n = 30
		var want []table.DueKey
		for i := 0; len(want) < n; i++ {
			k := key("p", numbered(i))
			if table.Shard(k) != 3 {
				continue
			}
			at := noon.Add(time.Duration(len(want)) * time.Millisecond)
			want = append(want, table.DueKey{Key: k, At: at})
			write(t, tbl, table.Put(dueItem(k, "lane", at), table.Any))
		}
		wantDue(t, tbl, "lane", noon.Add(time.Hour), 1000, want...)
		wantDue(t, tbl, "lane", noon.Add(time.Hour), 12, want[:12]...)
	}},
	{"times far apart keep their order", func(t *testing.T, tbl table.Table) {
		var want []table.DueKey
		for n, at := range []time.Time{
			{}, // year 1
			time.Date(1899, 12, 31, 23, 59, 59, 999e6, time.UTC),
			time.Date(1969, 12, 31, 23, 59, 59, 999e6, time.UTC),
			time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC),
			time.Date(1970, 1, 1, 0, 0, 0, 1e6, time.UTC),
			noon.Add(-time.Millisecond), noon, noon.Add(time.Millisecond), noon.Add(time.Second),
			time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC),
		} {
			k := key("p", numbered(99-n))
			want = append(want, table.DueKey{Key: k, At: at})
			write(t, tbl, table.Put(dueItem(k, "lane", at), table.Any))
		}
		wantDue(t, tbl, "lane", want[len(want)-1].At, 100, want...)
	}},
	{"an item that moves in time or lane is where it moved alone", func(t *testing.T, tbl table.Table) {
		k := key("p", "s")
		later := noon.Add(time.Hour)
		write(t, tbl, table.Put(dueItem(k, "lane", noon), table.Any))
		write(t, tbl, table.Put(dueItem(k, "lane", later), table.VersionIs(1)))
		wantDue(t, tbl, "lane", later, 10, table.DueKey{Key: k, At: later})
		wantDue(t, tbl, "lane", noon, 10)
		write(t, tbl, table.Put(dueItem(k, "other", noon), table.VersionIs(2)), table.Put(item(key("p", "t"), 1), table.Any))
		wantDue(t, tbl, "lane", later, 10)
		wantDue(t, tbl, "other", later, 10, table.DueKey{Key: k, At: noon})
	}},
	{"an item that stays due is listed once", func(t *testing.T, tbl table.Table) {
		it := dueItem(key("p", "s"), "lane", noon)
		for range 3 {
			write(t, tbl, table.Put(it, table.Any))
		}
		wantDue(t, tbl, "lane", noon, 10, table.DueKey{Key: it.Key, At: noon})
	}},
	{"an item that is put without a lane leaves the index", func(t *testing.T, tbl table.Table) {
		alone, together := dueItem(key("p", "alone"), "lane", noon), dueItem(key("p", "together"), "lane", noon.Add(1e9))
		write(t, tbl, table.Put(alone, table.Any), table.Put(together, table.Any))
		wantDue(t, tbl, "lane", noon.Add(1e9), 10, table.DueKey{Key: alone.Key, At: noon}, table.DueKey{Key: together.Key, At: noon.Add(1e9)})
		write(t, tbl, table.Put(item(alone.Key, 1), table.Any))
		write(t, tbl, table.Put(item(together.Key, 1), table.Any), table.Put(item(key("p", "t"), 1), table.Any))
		wantDue(t, tbl, "lane", noon.Add(1e9), 10)
		write(t, tbl, table.Put(alone, table.Any))
		wantDue(t, tbl, "lane", noon, 10, table.DueKey{Key: alone.Key, At: noon})
	}},
	{"a deleted item leaves the index", func(t *testing.T, tbl table.Table) {
		alone, together := dueItem(key("p", "alone"), "lane", noon), dueItem(key("p", "together"), "lane", noon)
		write(t, tbl, table.Put(alone, table.Any), table.Put(together, table.Any))
		write(t, tbl, table.Delete(alone.Key, table.Present))
		wantDue(t, tbl, "lane", noon, 10, table.DueKey{Key: together.Key, At: noon})
		write(t, tbl, table.Delete(together.Key, table.Present), table.Put(item(key("p", "t"), 1), table.Any))
		wantDue(t, tbl, "lane", noon, 10)
	}},
}
