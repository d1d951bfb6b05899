package tabletest

import (
	"strings"
	"testing"
	"time"

	"kaiku/shared/table"
)

var itemSentences = []sentence{
	{"a key without an item is not found", func(t *testing.T, tbl table.Table) {
		wantMissing(t, tbl, key("p", "s"))
		write(t, tbl, table.Put(item(key("p", "s"), 1), table.Any))
		wantMissing(t, tbl, key("p", "t"))
		wantMissing(t, tbl, key("q", "s"))
	}},
	{"an item is read back as it was written", func(t *testing.T, tbl table.Table) {
		want := table.Item{
			Key:     key("CUSTOMER#Ä-1", "STATE 😀"),
			Version: 1,
			Body:    []byte(` {"name": "Leipomo \"Äiti\" \u0000 😀", "n": 1e400, "empty": ""} `),
			Due:     table.Due{Lane: "agenda é", At: noon},
			Expires: noon.AddDate(50, 0, 0),
		}
		write(t, tbl, table.Put(want, table.Any))
		wantItem(t, tbl, want)
		bare := item(key("p", "bare"), 1)
		write(t, tbl, table.Put(bare, table.Any))
		bare.Version = 1
		wantItem(t, tbl, bare)
	}},
	{"times are kept in UTC, due to the millisecond below, expiry to the second above", checkRounding},
	{"a put replaces body, due time and expiry whole", func(t *testing.T, tbl table.Table) {
		full := dueItem(key("p", "s"), "lane", noon)
		full.Expires = noon.AddDate(50, 0, 0)
		write(t, tbl, table.Put(full, table.Any))
		bare := item(full.Key, 2)
		write(t, tbl, table.Put(bare, table.Any))
		bare.Version = 2
		wantItem(t, tbl, bare)
		write(t, tbl, table.Put(full, table.Any))
		full.Version = 3
		wantItem(t, tbl, full)
	}},
	{"a time without a lane is no due time", func(t *testing.T, tbl table.Table) {
		laneless := dueItem(key("p", "s"), "", noon)
		write(t, tbl, table.Put(laneless, table.Any))
		laneless.Version, laneless.Due = 1, table.Due{}
		wantItem(t, tbl, laneless)
	}},
	{"versions grow by one with each put, whatever version it came with", func(t *testing.T, tbl table.Table) {
		it := item(key("p", "s"), 0)
		for want := int64(1); want <= 5; want++ {
			it.Version = 40
			write(t, tbl, table.Put(it, table.Any))
			wantVersion(t, tbl, it.Key, want)
		}
		other := item(key("p", "t"), 0)
		write(t, tbl, table.Put(it, table.VersionIs(5)), table.Put(other, table.Any))
		wantVersion(t, tbl, it.Key, 6)
		wantVersion(t, tbl, other.Key, 1)
	}},
	{"a deleted key is gone and starts at version 1 again", func(t *testing.T, tbl table.Table) {
		it := item(key("p", "s"), 0)
		write(t, tbl, table.Put(it, table.Any))
		write(t, tbl, table.Put(it, table.Any))
		write(t, tbl, table.Delete(it.Key, table.Any))
		wantMissing(t, tbl, it.Key)
		wantSorts(t, tbl, table.Query{Partition: "p"})
		write(t, tbl, table.Put(it, table.Absent))
		wantVersion(t, tbl, it.Key, 1)
	}},
	{"to delete nothing under Any is no error", func(t *testing.T, tbl table.Table) {
		write(t, tbl, table.Delete(key("p", "s"), table.Any))
		write(t, tbl, table.Delete(key("p", "s"), table.Any), table.Put(item(key("p", "t"), 0), table.Any))
		wantVersion(t, tbl, key("p", "t"), 1)
	}},
	{"to write nothing is no error", func(t *testing.T, tbl table.Table) { write(t, tbl) }},
	{"keys are told apart byte by byte", func(t *testing.T, tbl table.Table) {
		long := strings.Repeat("k", table.MaxKey)
		keys := []table.Key{
			key("a", "bc"), key("ab", "c"), key("abc", "a"), key("A", "bc"), key("a", "bc "), key(" a", "bc"),
			key("a\x01", "b"), key("a#b", "c"), key("é", "e"), key("e\u0301", "e"), key(long, long), key(long, long[1:]),
		}
		for n, k := range keys {
			write(t, tbl, table.Put(item(k, n), table.Absent))
		}
		for n, k := range keys {
			want := item(k, n)
			want.Version = 1
			wantItem(t, tbl, want)
		}
	}},
	{"slices stay the caller's", func(t *testing.T, tbl table.Table) {
		it := item(key("p", "s"), 1)
		body := string(it.Body)
		write(t, tbl, table.Put(it, table.Any))
		it.Body[1] = 'X'
		got := get(t, tbl, it.Key)
		if string(got.Body) != body {
			t.Fatalf("body is %s after the written slice changed, want %s", got.Body, body)
		}
		got.Body[1] = 'X'
		if again := get(t, tbl, it.Key); string(again.Body) != body {
			t.Fatalf("body is %s after a read slice changed, want %s", again.Body, body)
		}
	}},
}

func checkRounding(t *testing.T, tbl table.Table) {
	helsinki := time.FixedZone("EET", 2*60*60)
	for _, c := range []struct {
		name                          string
		due, expires, wantDue, wantEx time.Time
	}{
		{
			"a zone and a rest of each",
			time.Date(2026, 1, 1, 0, 30, 0, 999_999, helsinki), time.Date(2076, 1, 1, 0, 30, 0, 1, helsinki),
			time.Date(2025, 12, 31, 22, 30, 0, 0, time.UTC), time.Date(2075, 12, 31, 22, 30, 1, 0, time.UTC),
		},
		{
			"nearly the next",
			time.Date(2026, 1, 1, 0, 0, 0, 999_999_999, time.UTC), time.Date(2076, 1, 1, 0, 0, 0, 999_999_999, time.UTC),
			time.Date(2026, 1, 1, 0, 0, 0, 999_000_000, time.UTC), time.Date(2076, 1, 1, 0, 0, 1, 0, time.UTC),
		},
		{
			"nothing to round",
			time.Date(2026, 1, 1, 0, 0, 0, 1_000_000, time.UTC), time.Date(2076, 1, 1, 0, 0, 0, 0, time.UTC),
			time.Date(2026, 1, 1, 0, 0, 0, 1_000_000, time.UTC), time.Date(2076, 1, 1, 0, 0, 0, 0, time.UTC),
		},
		{
			"before 1970",
			time.Date(1969, 12, 31, 23, 59, 59, 999_999_999, time.UTC), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC),
			time.Date(1969, 12, 31, 23, 59, 59, 999_000_000, time.UTC), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC),
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			it := dueItem(key("p", c.name), "rounding "+c.name, c.due)
			it.Expires = c.expires
			write(t, tbl, table.Put(it, table.Any))
			got := get(t, tbl, it.Key)
			if !got.Due.At.Equal(c.wantDue) || got.Due.At.Location() != time.UTC {
				t.Errorf("due %s, want %s", got.Due.At, c.wantDue)
			}
			if !got.Expires.Equal(c.wantEx) || got.Expires.Location() != time.UTC {
				t.Errorf("expires %s, want %s", got.Expires, c.wantEx)
			}
			wantDue(t, tbl, it.Due.Lane, c.wantDue, 1, table.DueKey{Key: it.Key, At: c.wantDue})
			wantDue(t, tbl, it.Due.Lane, c.wantDue.Add(-1), 1)
		})
	}
}
