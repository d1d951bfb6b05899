package tabletest

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"kaiku/shared/table"
)

var concurrencySentences = []sentence{
	{"of 100 writers that expect one version one wins", func(t *testing.T, tbl table.Table) {
		it := item(key("p", "s"), 0)
		write(t, tbl, table.Put(it, table.Any))
		winner := oneWins(t, func(n int) error {
			return tbl.Write(t.Context(), table.Put(item(it.Key, n), table.VersionIs(1)))
		})
		want := item(it.Key, winner)
		want.Version = 2
		wantItem(t, tbl, want)
	}},
	{"of 100 writers that make one item one wins", func(t *testing.T, tbl table.Table) {
		k := key("p", "s")
		winner := oneWins(t, func(n int) error {
			return tbl.Write(t.Context(), table.Put(item(k, n), table.Absent))
		})
		want := item(k, winner)
		want.Version = 1
		wantItem(t, tbl, want)
	}},
	{"of 100 transactions that meet on one item one wins, and the others leave nothing", func(t *testing.T, tbl table.Table) {
		it := item(key("p", "s"), 0)
		write(t, tbl, table.Put(it, table.Any))
		winner := oneWins(t, func(n int) error {
			return tbl.Write(t.Context(),
				table.Put(item(key("q", numbered(n)), n), table.Absent),
				table.Put(item(it.Key, n), table.VersionIs(1)))
		})
		wantVersion(t, tbl, it.Key, 2)
		wantSorts(t, tbl, table.Query{Partition: "q"}, numbered(winner))
	}},
	{"writers without a condition all succeed and each counts", func(t *testing.T, tbl table.Table) {
		const writers = 20
		k := key("p", "s")
		together(writers, func(n int) {
			if err := tbl.Write(t.Context(), table.Put(item(k, n), table.Any), table.Put(item(key("q", numbered(n)), n), table.Any)); err != nil {
				t.Errorf("writer %d: %v", n, err)
			}
		})
		wantVersion(t, tbl, k, writers)
		if items, _ := walk(t, tbl, table.Query{Partition: "q"}); len(items) != writers {
			t.Errorf("%d items of %d writers", len(items), writers)
		}
	}},
	{"transactions that overlap keep their sum", checkTransfers},
	{"a check guards what it does not write", checkWriteSkew},
}

// together runs n goroutines that begin at once and waits for them.
func together(n int, run func(n int)) {
	var group sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		group.Go(func() {
			<-begin
			run(i)
		})
	}
	close(begin)
	group.Wait()
}

// oneWins runs 100 writers of which one must succeed and all others be refused,
// and returns the one.
func oneWins(t *testing.T, try func(n int) error) (winner int) {
	t.Helper()
	const writers = 100
	errs := make([]error, writers)
	together(writers, func(n int) { errs[n] = try(n) })
	wins := 0
	for n, err := range errs {
		switch {
		case err == nil:
			winner = n
			wins++
		case !errors.Is(err, table.ErrCondition):
			t.Errorf("writer %d: %v, want a failed condition", n, err)
		}
	}
	if wins != 1 {
		t.Fatalf("%d writers of %d won, want 1", wins, writers)
	}
	return winner
}

// balance is an account as the transfers below keep it: a number.
func balance(k table.Key, amount int) table.Item {
	return table.Item{Key: k, Body: strconv.AppendInt(nil, int64(amount), 10)}
}

func readBalance(t testing.TB, it table.Item) int {
	amount, err := strconv.Atoi(string(it.Body))
	if err != nil {
		t.Errorf("balance of %q: %v", it.Key, err)
	}
	return amount
}

// checkTransfers moves money between few accounts, each transfer with a line in
// a journal, from many goroutines. Were one done by halves, or on a stale
// balance, then sum, versions and journal would not agree.
func checkTransfers(t *testing.T, tbl table.Table) {
	const (
		accounts  = 5
		opening   = 100
		writers   = 8
		transfers = 12
	)
	account := func(n int) table.Key { return key("account "+strconv.Itoa(n%accounts), "balance") }
	for n := range accounts {
		write(t, tbl, table.Put(balance(account(n), opening), table.Absent))
	}
	together(writers, func(writer int) {
		for n := range transfers {
			from, to := account(writer+n), account(writer+n+1+n%(accounts-1))
			line := item(key("journal", fmt.Sprintf("%d-%d", writer, n)), n)
			for done := false; !done; {
				a, errA := tbl.Get(t.Context(), from)
				b, errB := tbl.Get(t.Context(), to)
				if err := errors.Join(errA, errB); err != nil {
					t.Errorf("transfer: %v", err)
					return
				}
				err := tbl.Write(t.Context(),
					table.Put(balance(from, readBalance(t, a)-1), table.VersionIs(a.Version)),
					table.Put(line, table.Absent),
					table.Put(balance(to, readBalance(t, b)+1), table.VersionIs(b.Version)),
				)
				if err != nil && !errors.Is(err, table.ErrCondition) {
					t.Errorf("transfer: %v", err)
					return
				}
				done = err == nil
			}
		}
	})
	sum, versions := 0, int64(0)
	for n := range accounts {
		it := get(t, tbl, account(n))
		sum += readBalance(t, it)
		versions += it.Version
	}
	if sum != accounts*opening {
		t.Errorf("the accounts hold %d, want %d", sum, accounts*opening)
	}
	if want := int64(accounts + 2*writers*transfers); versions != want {
		t.Errorf("the versions of the accounts add to %d, want %d", versions, want)
	}
	if lines, _ := walk(t, tbl, table.Query{Partition: "journal"}); len(lines) != writers*transfers {
		t.Errorf("the journal has %d lines, want %d", len(lines), writers*transfers)
	}
}

// checkWriteSkew lets two go home, each only while the other stays: never both.
func checkWriteSkew(t *testing.T, tbl table.Table) {
	for round := range 15 {
		who := [2]table.Key{key("p", fmt.Sprintf("%d a", round)), key("p", fmt.Sprintf("%d b", round))}
		for _, k := range who {
			write(t, tbl, table.Put(item(k, 0), table.Absent))
		}
		var left [2]bool
		together(2, func(n int) {
			err := tbl.Write(t.Context(), table.Delete(who[n], table.VersionIs(1)), table.Check(who[1-n], table.Present))
			if err != nil && !errors.Is(err, table.ErrCondition) {
				t.Errorf("round %d: %v", round, err)
			}
			left[n] = err == nil
		})
		if left[0] && left[1] {
			t.Fatalf("in round %d both have left", round)
		}
	}
}
