package table_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"kaiku/shared/table"
)

func TestAConditionErrorIsFoundInsideOthersAndSaysWhichPart(t *testing.T) {
	err := fmt.Errorf("plan: %w", &table.ConditionError{Failed: []bool{false, true, true}})
	failed, ok := table.Failed(err)
	if !ok || len(failed) != 3 || failed[0] || !failed[1] || !failed[2] {
		t.Errorf("failed is %v, %v", failed, ok)
	}
	if !errors.Is(err, table.ErrCondition) || !strings.Contains(err.Error(), "1, 2") {
		t.Errorf("error %q is no failed condition that names its parts", err)
	}
	if _, ok := table.Failed(table.ErrContended); ok {
		t.Error("another error is taken for a failed condition")
	}
}

func TestVersionZeroIsAbsent(t *testing.T) {
	if table.VersionIs(0) != table.Absent {
		t.Error("VersionIs(0) is not Absent")
	}
	if !table.VersionIs(0).Holds(0) || table.VersionIs(0).Holds(1) || !table.VersionIs(2).Holds(2) {
		t.Error("VersionIs holds of the wrong version")
	}
}

func TestKeysSpreadOverAllShards(t *testing.T) {
	const keys = 8000
	var counts [table.Shards]int
	for n := range keys {
		counts[table.Shard(table.Key{Partition: fmt.Sprintf("CUSTOMER#C-%d", n), Sort: "STATE"})]++
	}
	for shard, n := range counts {
		if mean := keys / table.Shards; n < mean*3/4 || n > mean*5/4 {
			t.Errorf("shard %d has %d of %d keys, want about %d", shard, n, keys, mean)
		}
	}
}

// pages is a table that answers queries from a list, in which the name of a page
// is the After that leads to it.
type pages struct {
	table.Table
	list  map[string]table.Page
	asked []string
}

func (p *pages) Query(_ context.Context, q table.Query) (table.Page, error) {
	p.asked = append(p.asked, q.After)
	page, ok := p.list[q.After]
	if !ok {
		return table.Page{}, errors.New("no such page")
	}
	return page, nil
}

func itemsOf(sorts ...string) (items []table.Item) {
	for _, sort := range sorts {
		items = append(items, table.Item{Key: table.Key{Partition: "p", Sort: sort}})
	}
	return items
}

func TestAllWalksPagesAndEndsWhereItIsTold(t *testing.T) {
	list := map[string]table.Page{
		"":  {Items: itemsOf("a", "b"), Next: "b"},
		"b": {Next: "c"}, // a page without items is not the end
		"c": {Items: itemsOf("d"), Next: "d"},
		"d": {},
	}
	for _, c := range []struct{ stopAt, got, asked string }{
		{"", "abd", ",b,c,d"},
		{"b", "ab", ""},
		{"d", "abd", ",b,c"},
	} {
		tbl := &pages{list: list}
		got := ""
		for item, err := range table.All(t.Context(), tbl, table.Query{Partition: "p"}) {
			if err != nil {
				t.Fatal(err)
			}
			got += item.Key.Sort
			if item.Key.Sort == c.stopAt {
				break
			}
		}
		if asked := strings.Join(tbl.asked, ","); got != c.got || asked != c.asked {
			t.Errorf("stopping at %q: got %q asking %q, want %q asking %q", c.stopAt, got, asked, c.got, c.asked)
		}
	}
}

func TestAllGivesTheErrorAndEnds(t *testing.T) {
	tbl := &pages{list: map[string]table.Page{"": {Items: itemsOf("a"), Next: "lost"}}}
	var errs []error
	for _, err := range table.All(t.Context(), tbl, table.Query{Partition: "p"}) {
		errs = append(errs, err)
	}
	if len(errs) != 2 || errs[0] != nil || errs[1] == nil {
		t.Errorf("errors are %v, want none for the item and then one", errs)
	}
}

func TestWhatIsKeptOfAnItem(t *testing.T) {
	zone := time.FixedZone("EET", 2*60*60)
	at := time.Date(2026, 11, 22, 12, 0, 0, 1_999_999, zone)
	got := table.Item{Due: table.Due{Lane: "lane", At: at}, Expires: at}.Kept()
	if want := time.Date(2026, 11, 22, 10, 0, 0, 1_000_000, time.UTC); got.Due.At != want {
		t.Errorf("due is %s, want %s", got.Due.At, want)
	}
	if want := time.Date(2026, 11, 22, 10, 0, 1, 0, time.UTC); got.Expires != want {
		t.Errorf("expiry is %s, want %s", got.Expires, want)
	}
	if got := (table.Item{Due: table.Due{At: at}}).Kept(); got.Due != (table.Due{}) || !got.Expires.IsZero() {
		t.Errorf("an item without lane and expiry is kept as %+v", got)
	}
}
