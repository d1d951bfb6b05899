package rehearse_test

import (
	"bufio"
	"os"
	"path/filepath"
	"testing"

	"kaiku/infra/rehearse"
)

// BenchmarkRehearse rehearses a year of a customer file. One round takes seconds:
// it is as large as KAIKU_BENCH_CUSTOMERS says, or 100,000 customers.
func BenchmarkRehearse(b *testing.B) {
	const customers = 100_000
	file := generated(b, customers)
	policy := policyOf(b, "")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := rehearse.Run(b.Context(), rehearse.Options{File: file, Policy: policy, From: firstDay, Days: 365,
			Ends: rehearse.Renew, Top: 10}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(customers)*float64(b.N)/b.Elapsed().Seconds(), "customers/s")
}

// generated is a CSV file of so many customers.
func generated(t testing.TB, customers int) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "customers.csv")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(file)
	if err := rehearse.Generate(w, customers, 1, firstDay); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}
