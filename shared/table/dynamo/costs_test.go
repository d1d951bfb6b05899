package dynamo_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"kaiku/infra/parts"
	"kaiku/shared/table"
	"kaiku/shared/table/dynamo"
)

func TestWritesCostWhatTheyShould(t *testing.T) {
	tbl := parts.DynamoTable(t)
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	item := func(sort string) table.Item {
		return table.Item{Key: table.Key{Partition: "p", Sort: sort}, Body: []byte(`{}`)}
	}
	due := func(at time.Time) table.Item {
		it := item("due")
		it.Due = table.Due{Lane: "lane", At: at}
		return it
	}
	large := item("large")
	large.Body = []byte(`"` + strings.Repeat("x", 2500) + `"`)
	for _, step := range []struct {
		name   string
		writes []table.Write
		want   dynamo.Units
	}{
		{"a put", []table.Write{table.Put(item("a"), table.Absent)}, dynamo.Units{Write: 1}},
		{"a put under another condition", []table.Write{table.Put(item("a"), table.VersionIs(1))}, dynamo.Units{Write: 1}},
		{"a put of 3 KB", []table.Write{table.Put(large, table.Any)}, dynamo.Units{Write: 3}},
		{"two puts", []table.Write{table.Put(item("a"), table.Any), table.Put(item("b"), table.Any)}, dynamo.Units{Write: 4}},
		{"a put beside a check that always holds", []table.Write{table.Put(item("a"), table.Any), table.Check(item("b").Key, table.Any)}, dynamo.Units{Write: 1}},
		{"a put beside a check", []table.Write{table.Put(item("a"), table.Any), table.Check(item("b").Key, table.Present)}, dynamo.Units{Write: 4}},
		{"a lone check", []table.Write{table.Check(item("a").Key, table.Present)}, dynamo.Units{Read: 1}},
		{"entering the index", []table.Write{table.Put(due(noon), table.Absent)}, dynamo.Units{Write: 2}},
		{"staying in the index", []table.Write{table.Put(due(noon), table.VersionIs(1))}, dynamo.Units{Write: 1}},
		{"moving in the index", []table.Write{table.Put(due(noon.Add(time.Hour)), table.VersionIs(2))}, dynamo.Units{Write: 3}},
		{"leaving the index", []table.Write{table.Put(item("due"), table.VersionIs(3))}, dynamo.Units{Write: 2}},
		{"a delete", []table.Write{table.Delete(item("a").Key, table.Present)}, dynamo.Units{Write: 1}},
		{"nothing", nil, dynamo.Units{}},
	} {
		before := tbl.Consumed()
		if err := tbl.Write(t.Context(), step.writes...); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if got := tbl.Consumed().Sub(before); got != step.want {
			t.Errorf("%s costs %+v, want %+v", step.name, got, step.want)
		}
	}
}

func TestReadsCostWhatTheyShould(t *testing.T) {
	tbl := parts.DynamoTable(t)
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, sort := range []string{"a", "b", "c"} {
		it := table.Item{Key: table.Key{Partition: "p", Sort: sort}, Body: []byte(`"` + strings.Repeat("x", 3000) + `"`)}
		if err := tbl.Write(t.Context(), table.Put(it, table.Any)); err != nil {
			t.Fatal(err)
		}
	}
	// DynamoDB Local charges nothing for a shard in which nothing is due, where
	// DynamoDB charges the least it does: so something is due in each.
	for shards, n := make(map[int]bool), 0; len(shards) < table.Shards; n++ {
		it := table.Item{
			Key: table.Key{Partition: "q", Sort: strconv.Itoa(n)}, Body: []byte(`{}`),
			Due: table.Due{Lane: "lane", At: noon},
		}
		shards[table.Shard(it.Key)] = true
		if err := tbl.Write(t.Context(), table.Put(it, table.Any)); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		name string
		read func() error
		want dynamo.Units
	}{
		{"a get", func() error {
			_, err := tbl.Get(t.Context(), table.Key{Partition: "p", Sort: "a"})
			return err
		}, dynamo.Units{Read: 1}},
		{"a query of 9 KB", func() error {
			_, err := tbl.Query(t.Context(), table.Query{Partition: "p"})
			return err
		}, dynamo.Units{Read: 3}},
		{"the same, eventually", func() error {
			_, err := tbl.Query(t.Context(), table.Query{Partition: "p", Eventually: true})
			return err
		}, dynamo.Units{Read: 1.5}},
		{"a look at what is due, in all shards", func() error {
			_, err := tbl.Due(t.Context(), "lane", noon, 25)
			return err
		}, dynamo.Units{Read: 0.5 * table.Shards}},
	} {
		before := tbl.Consumed()
		if err := step.read(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if got := tbl.Consumed().Sub(before); got != step.want {
			t.Errorf("%s costs %+v, want %+v", step.name, got, step.want)
		}
	}
}
