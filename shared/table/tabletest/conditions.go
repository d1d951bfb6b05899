package tabletest

import (
	"fmt"
	"testing"

	"kaiku/shared/table"
)

var conditionSentences = []sentence{
	{"each condition holds or fails, alone", func(t *testing.T, tbl table.Table) { checkConditions(t, tbl, false) }},
	{"each condition holds or fails, in company", func(t *testing.T, tbl table.Table) { checkConditions(t, tbl, true) }},
	{"which conditions failed is told", func(t *testing.T, tbl table.Table) {
		there, gone := item(key("p", "there"), 1), item(key("q", "gone"), 1)
		write(t, tbl, table.Put(there, table.Any))
		fresh := func(n int) table.Item { return item(key("r", numbered(n)), n) }
		for _, c := range []struct {
			writes []table.Write
			failed []int
		}{
			{[]table.Write{table.Put(there, table.VersionIs(1)), table.Put(gone, table.Present)}, []int{1}},
			{[]table.Write{table.Put(gone, table.Present), table.Put(there, table.VersionIs(1))}, []int{0}},
			{[]table.Write{table.Put(fresh(0), table.Absent), table.Delete(there.Key, table.Absent), table.Put(fresh(1), table.Any)}, []int{1}},
			{[]table.Write{table.Put(fresh(0), table.Absent), table.Check(gone.Key, table.Present), table.Put(there, table.Absent)}, []int{1, 2}},
			// A Check that always holds may be left out by a driver, but counts.
			{[]table.Write{table.Check(fresh(0).Key, table.Any), table.Put(there, table.VersionIs(7))}, []int{1}},
			{[]table.Write{table.Check(fresh(0).Key, table.Any), table.Check(there.Key, table.Any), table.Check(gone.Key, table.Present)}, []int{2}},
			{[]table.Write{table.Check(fresh(0).Key, table.Any), table.Put(fresh(1), table.Any), table.Put(gone, table.Present)}, []int{2}},
		} {
			wantRefused(t, tbl.Write(t.Context(), c.writes...), len(c.writes), c.failed...)
		}
		// All of them alike: a driver that names the wrong one is found out at 99
		// of 100 places.
		for _, bad := range []int{0, 57, 99} {
			var writes []table.Write
			for n := range table.MaxWrites {
				condition := table.Absent
				if n == bad {
					condition = table.VersionIs(3)
				}
				writes = append(writes, table.Put(fresh(n), condition))
			}
			wantRefused(t, tbl.Write(t.Context(), writes...), len(writes), bad)
		}
		wantSorts(t, tbl, table.Query{Partition: "r"})
	}},
	{"of a refused write nothing is written", func(t *testing.T, tbl table.Table) {
		kept, removed, moved := item(key("p", "kept"), 1), item(key("p", "removed"), 1), dueItem(key("p", "moved"), "lane", noon)
		write(t, tbl, table.Put(kept, table.Any), table.Put(removed, table.Any), table.Put(moved, table.Any))
		wantDue(t, tbl, "lane", noon, 9, table.DueKey{Key: moved.Key, At: noon})
		later := dueItem(moved.Key, "lane", noon.Add(-1e9))
		err := tbl.Write(t.Context(),
			table.Put(item(kept.Key, 2), table.Any),
			table.Delete(removed.Key, table.Any),
			table.Put(later, table.Any),
			table.Put(dueItem(key("p", "new"), "lane", noon), table.Any),
			table.Check(key("p", "none"), table.Present),
		)
		wantRefused(t, err, 5, 4)
		for _, it := range []table.Item{kept, removed, moved} {
			it.Version = 1
			wantItem(t, tbl, it)
		}
		wantSorts(t, tbl, table.Query{Partition: "p"}, "kept", "moved", "removed")
		wantDue(t, tbl, "lane", noon, 9, table.DueKey{Key: moved.Key, At: noon})
	}},
	{"all of a write is written", func(t *testing.T, tbl table.Table) {
		changed, removed, checked := item(key("p", "changed"), 1), item(key("q", "removed"), 1), item(key("r", "checked"), 1)
		write(t, tbl, table.Put(changed, table.Any), table.Put(removed, table.Any), table.Put(checked, table.Any))
		changed = item(changed.Key, 2)
		added := dueItem(key("s", "added"), "lane", noon)
		write(t, tbl,
			table.Put(changed, table.VersionIs(1)), table.Delete(removed.Key, table.Present),
			table.Put(added, table.Absent), table.Check(checked.Key, table.VersionIs(1)),
			table.Check(key("t", "none"), table.Absent), table.Check(key("t", "any"), table.Any),
		)
		changed.Version, added.Version, checked.Version = 2, 1, 1
		wantItem(t, tbl, changed)
		wantItem(t, tbl, added)
		wantItem(t, tbl, checked)
		wantMissing(t, tbl, removed.Key)
		wantMissing(t, tbl, key("t", "none"))
		wantMissing(t, tbl, key("t", "any"))
		wantDue(t, tbl, "lane", noon, 9, table.DueKey{Key: added.Key, At: noon})
	}},
	{"a check writes nothing", func(t *testing.T, tbl table.Table) {
		it := item(key("p", "s"), 1)
		write(t, tbl, table.Put(it, table.Any))
		write(t, tbl, table.Check(it.Key, table.Present))
		write(t, tbl, table.Check(it.Key, table.Any), table.Check(key("p", "t"), table.Absent))
		it.Version = 1
		wantItem(t, tbl, it)
		wantSorts(t, tbl, table.Query{Partition: "p"}, "s")
	}},
}

// checkConditions goes through every operation under every condition, with an
// item at version 2 there and with none.
func checkConditions(t *testing.T, tbl table.Table, company bool) {
	conditions := []struct {
		name           string
		condition      table.Condition
		holdsOf, ofNil bool
	}{
		{"any", table.Any, true, true},
		{"absent", table.Absent, false, true},
		{"present", table.Present, true, false},
		{"version is 0", table.VersionIs(0), false, true},
		{"version is older", table.VersionIs(1), false, false},
		{"version is the same", table.VersionIs(2), true, false},
		{"version is newer", table.VersionIs(3), false, false},
		{"version is below 0", table.VersionIs(-1), false, false},
		{"version is a literal 0", table.Condition{Kind: table.CondVersion}, false, false},
	}
	for op, name := range map[table.Op]string{table.OpPut: "put", table.OpDelete: "delete", table.OpCheck: "check"} {
		for _, there := range []bool{true, false} {
			for _, c := range conditions {
				k := key("p", fmt.Sprintf("%s %s %t", name, c.name, there))
				var version int64
				if there {
					version = 2
					write(t, tbl, table.Put(item(k, 1), table.Any))
					write(t, tbl, table.Put(item(k, 2), table.Any))
				}
				holds := c.ofNil
				if there {
					holds = c.holdsOf
				}
				writes := []table.Write{{Op: op, Item: item(k, 3), If: c.condition}}
				friend := item(key("friend", k.Sort), 1)
				if company {
					writes = append(writes, table.Put(friend, table.Absent))
				}
				err := tbl.Write(t.Context(), writes...)
				if holds && err != nil {
					t.Errorf("%s: error %v, want none", k, err)
				}
				if !holds {
					wantRefused(t, err, len(writes), 0)
				}
				if holds {
					version = versionAfter(op, version)
				}
				wantVersionOrMissing(t, tbl, k, version)
				if company && holds {
					wantVersionOrMissing(t, tbl, friend.Key, 1)
				} else if company {
					wantVersionOrMissing(t, tbl, friend.Key, 0)
				}
			}
		}
	}
}

func versionAfter(op table.Op, version int64) int64 {
	switch op {
	case table.OpPut:
		return version + 1
	case table.OpDelete:
		return 0
	default:
		return version
	}
}

func wantVersionOrMissing(t testing.TB, tbl table.Table, k table.Key, version int64) {
	t.Helper()
	if version == 0 {
		wantMissing(t, tbl, k)
		return
	}
	wantVersion(t, tbl, k, version)
}
