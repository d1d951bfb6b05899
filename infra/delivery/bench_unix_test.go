//go:build unix

package delivery

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"kaiku/infra/parts"
	"kaiku/shared/table/dynamo"
)

// BenchmarkDelivery takes planned mails from the agenda to an SES that only counts
// them, as fast as two cores can: functions, SES and the store share them. Each
// round is a process of its own, so that its memory is that of the round. Go's
// own memory must not grow with the mails; what bolt maps of its file is not
// in it, and is the system's to take back.
func BenchmarkDelivery(b *testing.B) {
	for _, mails := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("bolt/%d", mails), func(b *testing.B) {
			var seconds, peak float64
			var busy time.Duration
			for b.Loop() {
				round := exec.Command(os.Args[0], "-test.run=^TestOneRound$", "-test.v", "-test.timeout=30m")
				round.Env = append(os.Environ(), roundMails+"="+strconv.Itoa(mails))
				out, err := round.CombinedOutput()
				if err != nil {
					b.Fatalf("%v\n%s", err, out)
				}
				figures := roundFigures.FindStringSubmatch(string(out))
				if figures == nil {
					b.Fatalf("no figures in %s", out)
				}
				seconds += number(b, figures[1])
				peak = max(peak, number(b, figures[2]))
				busy += time.Duration(number(b, figures[3]) * float64(time.Second))
			}
			b.ReportMetric(float64(mails*b.N)/seconds, "mails/s")
			b.ReportMetric(busy.Seconds()/float64(mails*b.N)*1e6, "cpu-µs/mail") // hardly depends on what else the machine does
			b.ReportMetric(peak, "peak-go-MiB")
			b.ReportMetric(0, "ns/op")
		})
	}
	b.Run("dynamodb/2000", benchmarkUnits)
}

// benchmarkUnits counts what a mail costs in DynamoDB from the agenda to the note
// that it was sent.
func benchmarkUnits(b *testing.B) {
	const mails = 2000
	var used dynamo.Units
	var took time.Duration
	for b.Loop() {
		store := parts.DynamoTable(b)
		w := newWorld(b, store, 0)
		w.countOnly(mails)
		before, began := store.Consumed(), time.Now()
		w.runTo(opening.Add(day))
		took += time.Since(began)
		fresh := store.Consumed().Sub(before)
		used.Read, used.Write = used.Read+fresh.Read, used.Write+fresh.Write
	}
	n := float64(mails * b.N)
	b.ReportMetric(used.Read/n, "read-units/mail")
	b.ReportMetric(used.Write/n, "write-units/mail")
	b.ReportMetric(n/took.Seconds(), "mails/s")
	b.ReportMetric(0, "ns/op")
}

// roundMails tells the process of a round how many mails there are.
const roundMails = "KAIKU_BENCH_MAILS"

var roundFigures = regexp.MustCompile(`figures: ([0-9.]+) s, ([0-9.]+) MiB, ([0-9.]+) s of the processor`)

// TestOneRound is a round of BenchmarkDelivery, and without it a small one.
func TestOneRound(t *testing.T) {
	mails := 100
	if text := os.Getenv(roundMails); text != "" {
		mails = int(number(t, text))
	}
	w := newWorld(t, onBolt(t), 0)
	w.countOnly(mails)
	runtime.GC()
	memory := watchMemory()
	began, before := time.Now(), busy(t)
	w.runTo(opening.Add(day))
	took, spent := time.Since(began), busy(t)-before
	if w.ses.mails != mails {
		t.Errorf("%d mails, want %d", w.ses.mails, mails)
	}
	t.Logf("figures: %.2f s, %.1f MiB, %.2f s of the processor", took.Seconds(), float64(memory())/(1<<20), spent.Seconds())
}

// countOnly plans mails, and neither the world nor SES keeps anything of one.
func (w *world) countOnly(mails int) {
	w.t.Helper()
	w.ses.countOnly = true
	w.ses.change(account{perSecond: 200, perDay: -1})
	each(mails, func(i int) {
		if _, err := w.take(i); err != nil {
			w.t.Error(err)
		}
	})
	if w.t.Failed() {
		w.t.FailNow()
	}
}

// watchMemory looks ten times a second at what Go has of the system; it returns
// how to end that, and the most it saw.
func watchMemory() (end func() uint64) {
	stop, most := make(chan struct{}), make(chan uint64)
	go func() {
		ticker := time.NewTicker(100 * time.Millisecond)
		defer ticker.Stop()
		samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
		var peak uint64
		for {
			metrics.Read(samples)
			peak = max(peak, samples[0].Value.Uint64()-samples[1].Value.Uint64())
			select {
			case <-stop:
				most <- peak
				return
			case <-ticker.C:
			}
		}
	}()
	return func() uint64 {
		close(stop)
		return <-most
	}
}

// busy is the processor time that this process has used.
func busy(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func number(t testing.TB, text string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
