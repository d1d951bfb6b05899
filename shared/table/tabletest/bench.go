package tabletest

import (
	"crypto/rand"
	"sync/atomic"
	"testing"

	"kaiku/shared/table"
)

// Units are what a driver has been charged so far.
type Units struct{ Read, Write float64 }

// Bench measures a driver at what Kaiku does most: single puts, a transaction of
// four items as a decision writes it, and a look at what is due. charged reports
// the driver's units, if it counts any; it may be nil.
func Bench(b *testing.B, tbl table.Table, charged func() Units) {
	for _, c := range []struct {
		name string
		run  func(b *testing.B, r *benchRun)
	}{
		{"put", func(b *testing.B, r *benchRun) {
			write(b, tbl, table.Put(r.item("put"), table.Absent))
		}},
		{"put of a due item", func(b *testing.B, r *benchRun) {
			write(b, tbl, table.Put(r.due("due"), table.Absent))
		}},
		{"put of an item that stays due", func(b *testing.B, r *benchRun) {
			it := r.due("same")
			it.Key.Sort = "same"
			write(b, tbl, table.Put(it, table.VersionIs(r.n)))
		}},
		{"transaction of 4", func(b *testing.B, r *benchRun) {
			customer := r.item("customer")
			customer.Key.Sort = "state"
			write(b, tbl,
				table.Put(customer, table.VersionIs(r.n)),
				table.Put(r.item("event"), table.Absent),
				table.Put(r.due("invitation"), table.Absent),
				table.Put(r.item("address"), table.Absent))
		}},
		{"get", func(b *testing.B, r *benchRun) {
			if r.n == 0 {
				write(b, tbl, table.Put(r.item("get"), table.Absent))
			}
			get(b, tbl, key(r.id, "get "+numbered(0)))
		}},
		{"due, 25 of many", func(b *testing.B, _ *benchRun) {
			if _, err := tbl.Due(b.Context(), "lane", noon, 25); err != nil {
				b.Fatal(err)
			}
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			r := newBenchRun()
			before := reading(charged)
			for b.Loop() {
				c.run(b, r)
				r.n++
			}
			if charged != nil {
				after := charged()
				b.ReportMetric((after.Write-before.Write)/float64(r.n), "wcu/op")
				b.ReportMetric((after.Read-before.Read)/float64(r.n), "rcu/op")
			}
		})
	}
	b.Run("put by 32 writers", func(b *testing.B) {
		r := newBenchRun()
		var n atomic.Int64
		b.SetParallelism(16) // for each of GOMAXPROCS
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				mine := benchRun{id: r.id, n: n.Add(1)}
				if err := tbl.Write(b.Context(), table.Put(mine.item("put"), table.Absent)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}

func reading(charged func() Units) Units {
	if charged == nil {
		return Units{}
	}
	return charged()
}

// benchRun gives each run of a benchmark keys of its own.
type benchRun struct {
	id string
	// n counts the operations that were done.
	n int64
}

func newBenchRun() *benchRun { return &benchRun{id: rand.Text()} }

// benchBody is about as large as a customer.
var benchBody = bodyOf(700)

func (r *benchRun) item(kind string) table.Item {
	return table.Item{Key: key(r.id, kind+" "+numbered(int(r.n))), Body: benchBody}
}

func (r *benchRun) due(kind string) table.Item {
	it := r.item(kind)
	it.Due = table.Due{Lane: "lane", At: noon}
	return it
}
