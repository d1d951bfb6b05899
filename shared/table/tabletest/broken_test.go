package tabletest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"kaiku/shared/table"
)

// broken is a driver that breaks one sentence of the contract: what is not nil
// replaces the method. next is the driver that keeps it.
type broken struct {
	table.Table
	get   func(ctx context.Context, next table.Table, k table.Key) (table.Item, error)
	query func(ctx context.Context, next table.Table, q table.Query) (table.Page, error)
	write func(ctx context.Context, next table.Table, writes []table.Write) error
	due   func(ctx context.Context, next table.Table, lane string, until time.Time, limit int) ([]table.DueKey, error)
}

func (b broken) Get(ctx context.Context, k table.Key) (table.Item, error) {
	if b.get == nil {
		return b.Table.Get(ctx, k)
	}
	return b.get(ctx, b.Table, k)
}

func (b broken) Query(ctx context.Context, q table.Query) (table.Page, error) {
	if b.query == nil {
		return b.Table.Query(ctx, q)
	}
	return b.query(ctx, b.Table, q)
}

func (b broken) Write(ctx context.Context, writes ...table.Write) error {
	if b.write == nil {
		return b.Table.Write(ctx, writes...)
	}
	return b.write(ctx, b.Table, writes)
}

func (b broken) Due(ctx context.Context, lane string, until time.Time, limit int) ([]table.DueKey, error) {
	if b.due == nil {
		return b.Table.Due(ctx, lane, until, limit)
	}
	return b.due(ctx, b.Table, lane, until, limit)
}

// brokenVariable tells this test binary, run again, which driver to test.
const brokenVariable = "KAIKU_BROKEN_DRIVER"

// TestBrokenDriver is no test of its own: TestTheSuiteCatches runs it and wants
// it to fail.
func TestBrokenDriver(t *testing.T) {
	driver, ok := brokenDrivers[os.Getenv(brokenVariable)]
	if !ok {
		t.Skip("run by TestTheSuiteCatches")
	}
	lag = 50 * time.Millisecond
	Run(t, func(*testing.T) table.Table {
		b := driver.open()
		b.Table = newMemory()
		return b
	})
}

// TestTheSuiteCatches shows that the tests of the suite can fail: each broken
// driver fails the one it should, and not by a crash.
func TestTheSuiteCatches(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, driver := range brokenDrivers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			only := regexp.QuoteMeta(strings.ReplaceAll(driver.sentence, " ", "_"))
			cmd := exec.CommandContext(t.Context(), program, "-test.run=^TestBrokenDriver$/^"+only+"$",
				"-rapid.nofailfile", "-rapid.shrinktime=1ms")
			cmd.Env = append(os.Environ(), brokenVariable+"="+name)
			out, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			if err == nil {
				t.Fatal("the suite passes")
			}
			if !errors.As(err, &exit) || !bytes.Contains(out, []byte("--- FAIL: TestBrokenDriver/")) || bytes.Contains(out, []byte("panic:")) {
				t.Fatalf("the suite did not fail but %v:\n%s", err, out)
			}
		})
	}
}
