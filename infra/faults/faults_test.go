package faults

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"kaiku/infra/parts"
	"kaiku/shared/policyfile"
	"kaiku/shared/table"
	"kaiku/shared/table/bolt"
	"kaiku/shared/table/tabletest"
	"kaiku/shared/token"
	"kaiku/shared/webhook"
)

func bytesReader(b []byte) io.Reader { return bytes.NewReader(b) }

func newSetting(t testing.TB) *setting {
	t.Helper()
	fatal := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s := &setting{}
	var err error
	s.policy, err = policyfile.Parse("test.yaml", []byte(policyYAML))
	fatal(err)
	s.wording, err = policyfile.LoadTexts("")
	fatal(err)
	s.keys, err = token.ParseKeys("YSBrZXkgb2YgYXQgbGVhc3QgMTYgYnl0ZXM=")
	fatal(err)
	s.secrets, err = webhook.ParseSecrets("whsec_bG9jYWwgcnVuIG9ubHksIG5vdCBhIHNlY3JldA==")
	fatal(err)
	return s
}

// boltTable is a file without a disk below it where the system has such a place:
// a crash of the process loses nothing that was written there either.
func boltTable(t testing.TB) table.Table {
	t.Helper()
	dir := t.TempDir()
	if memory, err := os.MkdirTemp("/dev/shm", "kaiku-"); err == nil { //nolint:usetesting // t.TempDir cannot be told where
		t.Cleanup(func() { _ = os.RemoveAll(memory) })
		dir = memory
	}
	db, err := bolt.Open(filepath.Join(dir, "kaiku.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// plan is one run to be made.
type plan struct {
	events telling
	twice  bool
	// oneMail is the short programme, not the whole.
	oneMail bool
	faults  []fault
}

func (p plan) String() string {
	return fmt.Sprintf("events %s, twice %v, %v", p.events, p.twice, p.faults)
}

// live makes a run in a part of the table that it has to itself.
func live(t testing.TB, s *setting, db table.Table, name string, p plan) (*world, result) {
	w := newWorld(t, s, namespaced{db, name}, p.events, p.twice, p.faults...)
	if p.oneMail {
		w.oneMail()
	} else {
		w.programme()
	}
	w.turn()
	return w, w.check()
}

// variants are the ways in which SES, SNS and SQS deliver.
var variants = []plan{{events: prompt}, {events: eager, twice: true}, {events: withheld},
	{events: late, twice: true}, {events: withheld, twice: true}}

func TestWithoutFaultsEverySurveyComesToItsEnd(t *testing.T) {
	s := newSetting(t)
	overEveryStore(t, func(t *testing.T, db table.Table) {
		some := variants
		if _, memory := db.(*bolt.Table); !memory { // takes seconds each
			some = variants[1:2]
		}
		for _, p := range some {
			w, r := live(t, s, db, p.String(), p)
			for _, f := range r.faults {
				t.Errorf("%s: %s", p, f)
			}
			if r.invitations != 9 || r.mails != 10 || r.twice+r.unheard > 0 || len(w.stopped) != 1 || len(w.answered) != 2 || len(w.queue.dead) > 0 {
				t.Errorf("%s: %+v, %d stopped, %d answered, %d dead letters", p, r, len(w.stopped), len(w.answered), len(w.queue.dead))
			}
		}
	})
}

// TestOneFaultAnywhere has each fault strike once at every call there is.
func TestOneFaultAnywhere(t *testing.T) {
	s := newSetting(t)
	some := variants[:1]
	if full() {
		some = variants
	}
	var plans []plan
	for _, v := range some {
		plans = append(plans, singles(t, s, v)...)
	}
	sweep(t, s, plans, boltTable)
}

// TestTwoFaultsAnywhere draws pairs of faults, half of them close together, for
// the second to strike while the first is being mended.
func TestTwoFaultsAnywhere(t *testing.T) {
	s := newSetting(t)
	many := 250
	if full() {
		many = 3000
	}
	sweep(t, s, pairs(t, s, variants, 1, many), boltTable)
}

// TestAnyTwoFaultsOnTheWayOfOneMail has every pair strike that there is between one
// event and its answer.
func TestAnyTwoFaultsOnTheWayOfOneMail(t *testing.T) {
	s := newSetting(t)
	var plans []plan
	for _, v := range oneMailVariants() {
		for _, one := range singles(t, s, v) {
			plans = append(plans, one)
			w, r := live(t, s, tabletest.NewMemory(), "", one)
			if len(r.faults) > 0 {
				t.Errorf("%s: %s", one, r.faults)
			}
			for at := one.faults[0].at + 1; at < len(w.faults.calls); at++ {
				for _, m := range w.faults.calls[at].modes() {
					if v.allows(m) {
						plans = append(plans, one.with(fault{at, m}))
					}
				}
			}
		}
	}
	if !full() {
		random := rand.New(rand.NewPCG(4, 4))
		random.Shuffle(len(plans), func(i, j int) { plans[i], plans[j] = plans[j], plans[i] })
		plans = plans[:1500]
	}
	sweep(t, s, plans, boltTable)
}

func TestFaultsOverDynamoDB(t *testing.T) {
	s := newSetting(t)
	db := parts.DynamoTable(t)
	short, whole := 16, 1
	if full() {
		short, whole = 400, 40
	}
	plans := append(pairs(t, s, variants, 2, whole), pairs(t, s, oneMailVariants(), 3, short)...)
	sweep(t, s, plans, func(testing.TB) table.Table { return db })
}

// oneMailVariants are those of the short programme.
func oneMailVariants() []plan {
	short := slices.Clone(variants)
	for i := range short {
		short[i].oneMail = true
	}
	return short
}

// full says whether to make every run there is; CONTRIBUTING.md says how long
// that takes.
func full() bool { return os.Getenv("KAIKU_FAULTS") == "all" }

func overEveryStore(t *testing.T, test func(t *testing.T, db table.Table)) {
	t.Run("bolt", func(t *testing.T) { test(t, boltTable(t)) })
	t.Run("dynamodb", func(t *testing.T) { test(t, parts.DynamoTable(t)) })
}

// calls are those of a run without faults.
func calls(t testing.TB, s *setting, v plan) []point {
	w, r := live(t, s, tabletest.NewMemory(), "", v)
	if len(r.faults) > 0 {
		t.Fatal(v, r.faults)
	}
	return w.faults.calls
}

// singles are the runs with one fault.
func singles(t testing.TB, s *setting, v plan) []plan {
	var plans []plan
	for at, c := range calls(t, s, v) {
		for _, m := range c.modes() {
			if v.allows(m) {
				plans = append(plans, v.with(fault{at, m}))
			}
		}
	}
	return plans
}

// allows leaves out what nothing promises: that SES takes a mail, says that it
// failed, and then tells nobody for hours either.
func (p plan) allows(m mode) bool { return m != failedAfter || p.events != withheld }

func (p plan) with(f fault) plan {
	p.faults = append(slices.Clone(p.faults), f)
	return p
}

// pairs are runs with two faults, drawn from a seed.
func pairs(t testing.TB, s *setting, variants []plan, seed uint64, many int) []plan {
	const near = 25
	random := rand.New(rand.NewPCG(seed, seed))
	all := map[string][]point{}
	var plans []plan
	for range many {
		v := variants[random.IntN(len(variants))]
		known := all[v.String()]
		if known == nil {
			known = calls(t, s, v)
			all[v.String()] = known
		}
		first := random.IntN(len(known))
		second := random.IntN(len(known) + near)
		if random.IntN(2) == 0 {
			second = first + 1 + random.IntN(near)
		}
		for _, at := range []int{first, second} {
			modes := known[min(at, len(known)-1)].modes()
			if m := modes[random.IntN(len(modes))]; v.allows(m) {
				v = v.with(fault{at, m})
			}
		}
		plans = append(plans, v)
	}
	return plans
}

// sweep makes runs, a few at a time, and says what came of them together.
func sweep(t *testing.T, s *setting, plans []plan, open func(testing.TB) table.Table) {
	var (
		group sync.WaitGroup
		mutex sync.Mutex
		sum   result
		hit   int
		next  atomic.Int64
	)
	for range runtime.GOMAXPROCS(0) {
		db := open(t)
		group.Go(func() {
			for {
				n := int(next.Add(1)) - 1
				if n >= len(plans) || t.Failed() && !full() {
					return
				}
				w, r := live(t, s, db, fmt.Sprintf("run %d ", n), plans[n])
				mutex.Lock()
				sum.invitations += r.invitations
				sum.mails += r.mails
				sum.twice += r.twice
				sum.unheard += r.unheard
				hit += len(w.faults.struck)
				mutex.Unlock()
				for _, f := range r.faults {
					t.Errorf("%s, struck by %q: %s", plans[n], w.faults.struck, f)
				}
			}
		})
	}
	group.Wait()
	t.Logf("%d runs, %d faults, %d invitations, %d mails; sent twice and recorded %d, of unknown end %d",
		len(plans), hit, sum.invitations, sum.mails, sum.twice, sum.unheard)
}
