//go:build unix

package rehearse_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"kaiku/infra/rehearse"
)

// benchCustomers is the size that a rehearsal must manage.
const benchCustomers = 1_000_000

// BenchmarkRehearse rehearses a year of a million customers. Each round is a
// process of its own, so that its peak of memory is that of a rehearsal and of
// nothing else: it must stay under 1.5 GiB, and a round under 30 s on 2 cores.
func BenchmarkRehearse(b *testing.B) {
	dir := b.TempDir()
	for _, form := range []string{"csv", "jsonl"} {
		file := filepath.Join(dir, "customers."+form)
		generate(b, file, benchCustomers)
		for _, against := range []string{"", "rules: {cooldown: 90d, customer_cap: 2}"} {
			name := form
			if against != "" {
				name += " against another policy"
			}
			b.Run(name, func(b *testing.B) {
				var peak int64 // in KiB
				var busy time.Duration
				for b.Loop() {
					round := exec.Command(os.Args[0], "-test.run=^TestOneRound$")
					round.Env = append(os.Environ(), roundFile+"="+file, roundAgainst+"="+against)
					if out, err := round.CombinedOutput(); err != nil {
						b.Fatalf("%v\n%s", err, out)
					}
					peak = max(peak, round.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)
					busy += round.ProcessState.UserTime() + round.ProcessState.SystemTime()
				}
				b.ReportMetric(float64(benchCustomers)*float64(b.N)/b.Elapsed().Seconds(), "customers/s")
				if runtime.GOOS == "darwin" {
					peak >>= 10 // it counts bytes
				}
				b.ReportMetric(float64(peak)/(1<<10), "peak-MiB")
				b.ReportMetric(busy.Seconds()/float64(b.N), "cpu-s/op") // hardly depends on what else the machine does
				b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/op")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// What BenchmarkRehearse tells the process of a round.
const (
	roundFile    = "KAIKU_BENCH_ROUND"
	roundAgainst = "KAIKU_BENCH_AGAINST"
)

// TestOneRound is a round of BenchmarkRehearse, and without it a small one.
func TestOneRound(t *testing.T) {
	file := os.Getenv(roundFile)
	if file == "" {
		file = filepath.Join(t.TempDir(), "customers.csv")
		generate(t, file, 100)
	}
	o := rehearse.Options{File: file, Policy: policyOf(t, ""), From: firstDay, Days: 365, Ends: rehearse.Renew, Top: 10}
	if against := os.Getenv(roundAgainst); against != "" {
		o.Against = policyOf(t, against)
	}
	report, err := rehearse.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := report.WriteHTML(&out); err != nil || report.Policy.Sent == 0 {
		t.Fatal(report.Policy.Sent, err)
	}
}
