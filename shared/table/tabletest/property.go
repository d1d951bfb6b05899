package tabletest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kaiku/shared/table"
)

var propertySentences = []sentence{
	{"any sequence of calls does what it does to a map", func(t *testing.T, tbl table.Table) {
		worlds := 0
		rapid.Check(t, func(rt *rapid.T) {
			// A world of its own for every sequence, instead of an empty table.
			worlds++
			p := &pair{
				ctx: t.Context(), driver: tbl, model: newMemory(),
				partitions: []string{fmt.Sprintf("%d p", worlds), fmt.Sprintf("%d q", worlds)},
				lanes:      []string{fmt.Sprintf("%d x", worlds), fmt.Sprintf("%d y", worlds)},
			}
			rt.Repeat(map[string]func(*rapid.T){
				"write": p.write, "write more": p.write, "get": p.get, "query": p.query, "due": p.due,
			})
			p.wantEqual(rt)
		})
	}},
}

// pair does everything twice, in the driver and in the model, and compares.
type pair struct {
	ctx           context.Context
	driver, model table.Table
	partitions    []string
	lanes         []string
}

// sorts are few, so that calls meet, and near each other in different orders.
var sorts = []string{"a", "a#1", "a#2", "b", "Z", "ä", "\uFF5E", "\U0001F600"}

func (p *pair) key(rt *rapid.T) table.Key {
	return key(rapid.SampledFrom(p.partitions).Draw(rt, "partition"), rapid.SampledFrom(sorts).Draw(rt, "sort"))
}

func (p *pair) at(rt *rapid.T) time.Time {
	return noon.Add(time.Duration(rapid.Int64Range(0, 20_000).Draw(rt, "µs")) * time.Microsecond)
}

// condition holds about as often as it fails.
func (p *pair) condition(rt *rapid.T, k table.Key) table.Condition {
	now, err := p.model.Get(p.ctx, k)
	current := table.VersionIs(now.Version)
	asItIs := table.Present
	if err != nil {
		asItIs = table.Absent
	}
	return rapid.SampledFrom([]table.Condition{
		table.Any, table.Any, asItIs, asItIs, current, current, table.Absent, table.Present, table.VersionIs(now.Version + 1), table.VersionIs(1),
	}).Draw(rt, "condition")
}

func (p *pair) item(rt *rapid.T, k table.Key) table.Item {
	it := item(k, rapid.IntRange(0, 99).Draw(rt, "n"))
	if lane := rapid.IntRange(-1, len(p.lanes)-1).Draw(rt, "lane"); lane >= 0 {
		it.Due = table.Due{Lane: p.lanes[lane], At: p.at(rt)}
	}
	if rapid.Bool().Draw(rt, "expires") {
		it.Expires = p.at(rt).AddDate(50, 0, 0)
	}
	return it
}

func (p *pair) write(rt *rapid.T) {
	keys := rapid.SliceOfNDistinct(rapid.Custom(p.key), 1, 4, rapid.ID[table.Key]).Draw(rt, "keys")
	writes := make([]table.Write, len(keys))
	for i, k := range keys {
		writes[i] = table.Write{
			Op:   rapid.SampledFrom([]table.Op{table.OpPut, table.OpPut, table.OpPut, table.OpDelete, table.OpCheck}).Draw(rt, "op"),
			Item: p.item(rt, k),
			If:   p.condition(rt, k),
		}
	}
	want, got := p.model.Write(p.ctx, writes...), p.driver.Write(p.ctx, writes...)
	if failed, refused := table.Failed(want); refused {
		var places []int
		for i, f := range failed {
			if f {
				places = append(places, i)
			}
		}
		if fault := refusalFault(got, len(writes), places); fault != "" {
			rt.Fatal(fault)
		}
		return
	}
	if want != nil || got != nil {
		rt.Fatalf("write: driver says %v, model %v", got, want)
	}
}

func (p *pair) get(rt *rapid.T) {
	k := p.key(rt)
	want, wantErr := p.model.Get(p.ctx, k)
	got, gotErr := p.driver.Get(p.ctx, k)
	if diff := cmp.Diff(want, got); diff != "" || (wantErr == nil) != (gotErr == nil) {
		rt.Fatalf("get %q: driver says %v, model %v (-model +driver):\n%s", k, gotErr, wantErr, diff)
	}
}

func (p *pair) query(rt *rapid.T) {
	bound := rapid.SampledFrom(append([]string{"", ""}, sorts...))
	p.compareQuery(rt, table.Query{
		Partition:  rapid.SampledFrom(p.partitions).Draw(rt, "partition"),
		From:       bound.Draw(rt, "from"),
		To:         bound.Draw(rt, "to"),
		After:      bound.Draw(rt, "after"),
		Reverse:    rapid.Bool().Draw(rt, "reverse"),
		Limit:      rapid.IntRange(0, 4).Draw(rt, "limit"),
		Eventually: false,
	})
}

// compareQuery walks both to the end; where pages end may differ.
func (p *pair) compareQuery(rt *rapid.T, q table.Query) {
	all := func(t table.Table) (items []table.Item) {
		for it, err := range table.All(p.ctx, t, q) {
			if err != nil {
				rt.Fatalf("query %+v: %v", q, err)
			}
			items = append(items, it)
		}
		return items
	}
	if diff := cmp.Diff(all(p.model), all(p.driver)); diff != "" {
		rt.Fatalf("query %+v (-model +driver):\n%s", q, diff)
	}
}

func (p *pair) due(rt *rapid.T) {
	p.compareDue(rt, rapid.SampledFrom(p.lanes).Draw(rt, "lane"), p.at(rt), rapid.IntRange(1, 6).Draw(rt, "limit"))
}

func (p *pair) compareDue(rt *rapid.T, lane string, until time.Time, limit int) {
	all, err := p.model.Due(p.ctx, lane, until, len(sorts)*len(p.partitions))
	if err != nil {
		rt.Fatal(err)
	}
	if fault := soon(func() string {
		got, err := p.driver.Due(p.ctx, lane, until, limit)
		if err != nil {
			rt.Fatalf("due: %v", err)
		}
		return dueFault(all, got, limit)
	}); fault != "" {
		rt.Fatalf("due in %q until %s, at most %d: %s", lane, until, limit, fault)
	}
}

// dueFault allows any order among those that are due at the same time, and any of
// them to be cut by the limit.
func dueFault(all, got []table.DueKey, limit int) string {
	if want := min(limit, len(all)); len(got) != want {
		return fmt.Sprintf("%d entries, want %d", len(got), want)
	}
	seen := make(map[table.DueKey]bool)
	for i, entry := range got {
		if seen[entry] || !slices.Contains(all, entry) || !entry.At.Equal(all[i].At) {
			return fmt.Sprintf("entry %d is %v; all that is due: %v", i, entry, all)
		}
		seen[entry] = true
	}
	return ""
}

// wantEqual compares all that there is.
func (p *pair) wantEqual(rt *rapid.T) {
	for _, partition := range p.partitions {
		p.compareQuery(rt, table.Query{Partition: partition})
	}
	for _, lane := range p.lanes {
		p.compareDue(rt, lane, noon.AddDate(1, 0, 0), 1000)
	}
}
