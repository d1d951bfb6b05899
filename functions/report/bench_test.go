package report

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/policyfile"
	"kaiku/shared/survey"
	store "kaiku/shared/table"
	"kaiku/shared/table/bolt"
)

// BenchmarkReport serves the report of stored counts: the sample year, and the
// biggest programme that is thought of, with few answers and with many. It is to
// take under 200 ms and, as a page, 300 kB.
func BenchmarkReport(b *testing.B) {
	policy, err := policyfile.Load("")
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		counts counted
	}{
		{"sample year", sampleYear()},
		{"5 years of 30 a month", bigProgramme(30)},
		{"5 years of 300 a month", bigProgramme(300)},
		{"5 years of 100,000 a month", bigProgramme(100_000)},
	} {
		mux := http.NewServeMux()
		h := Handler{Ledger: ledger.New(stored(b, c.counts), policy, ledger.NewIDs()), Policy: policy,
			Tokens: []string{bearer}, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}
		h.Routes(mux)
		for _, path := range []string{"/report", "/report?by=owner&from=2021-12&kind=nps", "/report.json?by=owner&from=2021-12", "/report.csv?by=owner&from=2021-12"} {
			b.Run(c.name+path, func(b *testing.B) {
				b.ReportAllocs()
				bytes := 0
				for b.Loop() {
					w := get(mux, path, bearer)
					if bytes = w.Body.Len(); w.Code != http.StatusOK || strings.HasPrefix(path, "/report?") && !strings.Contains(w.Body.String(), "<blockquote") {
						b.Fatal(w.Code, "or no comments")
					}
				}
				b.ReportMetric(float64(bytes)/1000, "kB")
			})
		}
	}
}

// stored is a table with counts in it, as the aggregator leaves them: also of
// customers, in groups of every size, and of comments.
func stored(b *testing.B, answered counted) store.Table {
	b.Helper()
	l := live(answered, sayings...)
	counts := l.counted
	db, err := bolt.Open(filepath.Join(b.TempDir(), "kaiku.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	})
	put := func(partition, sort string, value any) {
		b.Helper()
		body, err := json.Marshal(value)
		if err != nil {
			b.Fatal(err)
		}
		if err := db.Write(b.Context(), store.Put(store.Item{Key: store.Key{Partition: partition, Sort: sort}, Body: body}, store.Absent)); err != nil {
			b.Fatal(err)
		}
	}
	for _, count := range l.audience {
		for _, size := range survey.Sizes {
			count.Groups[survey.Group{Size: size}] = count.Groups[micro]
		}
		put("COUNT#audience", count.Month.String(), count)
	}
	for kind, months := range counts {
		for _, month := range months {
			put("COUNT#"+string(kind), month.Month.String(), month)
		}
		newest := months[len(months)-1]
		for _, ref := range newest.Comments {
			for shard := range 8 { // one of them is where it belongs
				put(fmt.Sprintf("DAY#%s#%d", ref.Day, shard), ref.Invitation, l.said[ref.Invitation])
			}
		}
		found, err := ledger.New(db, nil, nil).Counts(b.Context(), kind)
		if err != nil || len(found) != len(months) {
			b.Fatalf("of %d months %d are found, %v", len(months), len(found), err)
		}
	}
	return db
}

// bigProgramme has so many answers a month to each kind, in five years and seven
// dimensions. In each of these a few values have most of them.
func bigProgramme(perMonth int) counted {
	random := rand.New(rand.NewPCG(1, 2))
	dimensions := map[string][]string{
		"size": {"micro", "small", "medium", "large", "unknown"}, "region": values(40, "Region of %02d"),
		"owner": values(60, "team-%02d@kaiku.example"), "service": values(30, "service-%02d"), "language": {"fi", "sv", "en"},
		"trigger": {"changed", "started", "renewed", "ended"},
	}
	for i := range 20 {
		dimensions["industry"] = append(dimensions["industry"], fmt.Sprintf("%c", 'A'+i))
	}
	names := slices.Sorted(maps.Keys(dimensions))
	drawn := min(perMonth, 5000) // the rest are like these
	c := counted{}
	for _, kind := range survey.Kinds {
		low, high, _ := kind.Scale()
		for back := 59; back >= 0; back-- {
			m := ledger.MonthCount{Month: survey.MonthOf(survey.DateOf(now)).AddMonths(-back), At: now, Cells: map[string]map[string]ledger.Cell{ledger.All: {}}}
			for range drawn {
				alike := perMonth / drawn
				some := ledger.Cell{Sent: 3 * alike, Delivered: 3 * alike, Answered: alike, Scores: make([]int, high-low+1)}
				some.Scores[random.IntN(high-low+1)] = alike
				add(m.Cells[ledger.All], ledger.All, some)
				for _, dimension := range names {
					values := dimensions[dimension]
					if m.Cells[dimension] == nil {
						m.Cells[dimension] = map[string]ledger.Cell{}
					}
					u := random.Float64()
					add(m.Cells[dimension], values[int(u*u*float64(len(values)))], some)
				}
			}
			c[kind] = append(c[kind], m)
		}
	}
	return c
}

func add(cells map[string]ledger.Cell, value string, more ledger.Cell) {
	cell := cells[value]
	cell.Add(more)
	cells[value] = cell
}
