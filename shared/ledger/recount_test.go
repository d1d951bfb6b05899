package ledger_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kaiku/infra/parts"
	"kaiku/shared/figures"
	"kaiku/shared/ledger"
	"kaiku/shared/policyfile"
	"kaiku/shared/stats"
	"kaiku/shared/survey"
	"kaiku/shared/table"
	"kaiku/shared/table/bolt"
	"kaiku/shared/table/tabletest"
)

// talkative is a policy that lets a few customers be asked all the time, and answer
// months later.
const talkative = `
sending: {link_open: 120d, give_up: 60d, give_up_nps: 60d}
openings: {holidays: none}
rules:
  cooldown: 0d
  address_cooldown: 0d
  customer_cap: 24
  address_cap: 24
  too_young: 0d
  not_steady: 0d
  change_ahead: 0d
  surveyed_this_year: {within: 0d, counts: []}
`

// happening is one thing that happens in a programme, after some time.
type happening struct {
	What  string
	After time.Duration
	Which int // of the customers or surveys there are
	Event survey.EventType
	Fate  ledger.MailFate
	Score int // the position on the scale
	// AtOnce is how many count at once, and Cut how the first of them is cut off.
	AtOnce int
	Cut    cut
}

// cut says at which call of the table a count is cut off, and how.
type cut struct {
	At  int
	How string
}

// The ways to be cut off. Whoever dies calls no more; a driver that lost an answer
// may find that its own write fails its condition.
const (
	diesBefore  = "dies before"
	diesAfter   = "dies after"
	failsBefore = "fails before"
	failsAfter  = "fails after"
	echoes      = "condition fails on its own write"
	contended   = "contended"
)

var ways = []string{diesBefore, diesAfter, failsBefore, failsAfter, echoes, contended}

// drawHappenings makes a programme's life.
func drawHappenings(t *rapid.T) []happening {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) happening {
		h := happening{
			What: rapid.SampledFrom([]string{"event", "event", "event", "answer", "answer", "answer", "late answer", "revise", "revise", "fate", "fate", "erase", "unsubscribe",
				"count", "cut off", "cut off", "overtaken", "overtaken", "at once"}).Draw(t, "what"),
			Which: rapid.IntRange(0, 99).Draw(t, "which"),
			After: time.Duration(rapid.SampledFrom([]int{0, 0, 1, 6, 30, 24 * 5, 24 * 17, 24 * 60}).Draw(t, "hours")) * time.Hour,
			Event: rapid.SampledFrom([]survey.EventType{survey.ContractStarted, survey.ContractChanged, survey.ContractRenewed, survey.InteractionClosed,
				survey.InteractionClosed}).Draw(t, "event"),
			Fate: rapid.SampledFrom([]ledger.MailFate{ledger.FateDelivered, ledger.FateDelivered, ledger.FateDelivered, ledger.FateSoftBounced,
				ledger.FateBounced, ledger.FateComplained, ledger.FateSent}).Draw(t, "fate"),
			Score:  rapid.IntRange(0, 10).Draw(t, "score"),
			AtOnce: rapid.IntRange(2, 3).Draw(t, "at once"),
			Cut:    cut{rapid.IntRange(0, 9).Draw(t, "cut at"), rapid.SampledFrom(ways).Draw(t, "how")},
		}
		return h
	}), 8, 40).Draw(t, "happenings")
}

// counter makes ids that are the same in every run.
func counter() func(time.Time) string {
	var n atomic.Int64
	return func(t time.Time) string { return fmt.Sprintf("%014d%06d", t.UnixMilli(), n.Add(1)) }
}

// witness is a test or one run of a property.
type witness interface {
	reporter
	Helper()
}

// cutOff is a table that is cut off once.
type cutOff struct {
	table.Table
	mutex sync.Mutex
	cut   cut
	calls int
	dead  bool
	// overtake is done at the call instead of cutting off, at the latest before the
	// first write.
	overtake func()
	// sees says what the index shows, for it may lag behind; nil is everything.
	sees func(table.DueKey) bool
}

var errCutOff = errors.New("cut off")

// strike says what is to happen at this call: an error before it is done, or one
// after.
func (c *cutOff) strike(write bool) (before, after error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.dead {
		return errCutOff, nil
	}
	now := c.calls == c.cut.At
	c.calls++
	if c.overtake != nil && (now || write) {
		c.overtake()
		c.overtake, c.cut.At = nil, -1
		return nil, nil
	}
	if !now {
		return nil, nil
	}
	switch how := c.cut.How; {
	case how == diesBefore:
		c.dead = true
		return errCutOff, nil
	case how == diesAfter:
		c.dead = true
		return nil, errCutOff
	case how == failsBefore:
		return errCutOff, nil
	case how == failsAfter || !write:
		return nil, errCutOff
	case how == contended:
		return table.ErrContended, nil
	default:
		return nil, table.ErrCondition
	}
}

func (c *cutOff) Get(ctx context.Context, key table.Key) (table.Item, error) {
	before, after := c.strike(false)
	if before != nil {
		return table.Item{}, before
	}
	item, err := c.Table.Get(ctx, key)
	if after != nil {
		return table.Item{}, after
	}
	return item, err
}

func (c *cutOff) Due(ctx context.Context, lane string, until time.Time, limit int) ([]table.DueKey, error) {
	before, after := c.strike(false)
	if before != nil {
		return nil, before
	}
	due, err := c.Table.Due(ctx, lane, until, limit)
	if c.sees != nil {
		due = slices.DeleteFunc(due, func(k table.DueKey) bool { return !c.sees(k) })
	}
	if after != nil {
		return nil, after
	}
	return due, err
}

func (c *cutOff) Write(ctx context.Context, writes ...table.Write) error {
	before, after := c.strike(true)
	if before != nil {
		return before
	}
	if err := c.Table.Write(ctx, writes...); err != nil {
		return err
	}
	return after
}

// life is a programme that is being lived.
type life struct {
	witness
	bench
	ctx    context.Context
	now    time.Time
	events int
	sent   []ledger.Claim
	// answered is the position on the scale of what each survey was last answered.
	answered map[string]int
	erased   map[string]bool
	cuts     map[string]int // how often counts were cut off
}

// customers is how many a programme has.
const customers = 4

// live lives through what happens, and counts once more at the end.
func live(r witness, ctx context.Context, b bench, happenings []happening) *life {
	r.Helper()
	l := &life{witness: r, bench: b, ctx: ctx, now: monday, answered: map[string]int{}, erased: map[string]bool{}, cuts: map[string]int{}}
	for i := range customers {
		l.event(survey.ContractStarted, i, true)
	}
	for _, h := range happenings {
		l.turn(l.now.Add(h.After))
		l.happen(h)
	}
	l.now = l.now.Add(time.Hour) // what has changed is marked for the next full hour
	l.count(l.Ledger, nil)
	return l
}

func (l *life) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatalf("at %v: %v", l.now, err)
	}
}

func customer(i int) string { return fmt.Sprint("C-", i%customers) }

// event takes one in. The customers differ, and so do one's facts over time.
func (l *life) event(kind survey.EventType, which int, backfill bool) {
	l.Helper()
	l.events++
	id, n := customer(which), which+l.events
	e := event(kind, fmt.Sprint("msg_", l.events), id, l.now)
	e.Backfill = backfill
	e.Customer = raw(map[string]any{"employees": []any{3, 30, nil}[n%3], "industry": []any{"10710", "62010", nil}[n/2%3], "region": []any{"Lappi", "Kainuu", nil}[n/3%3]})
	e.Contract = raw(map[string]any{"service": []any{"doors", nil}[n%2], "owner": []any{"team-a", "team-b"}[which%2]})
	if backfill { // a first anniversary within the year
		e.Contract["startsOn"] = raw(map[string]any{"": l.now.Add(-time.Duration(60+which*97) * day).Format(time.DateOnly)})[""]
	}
	e.Contacts["P-1"]["language"] = raw(map[string]any{"": []string{"fi", "sv", "en"}[which%3]})[""]
	if kind == survey.InteractionClosed {
		e.ContractID, e.Contract = "", nil
		e.InteractionID, e.InteractionContact = e.ID, "P-1"
	}
	_, err := l.TakeEvent(l.ctx, e, l.now)
	l.must(err)
}

// turn lets time pass, and does what falls due on the way but for counting.
func (l *life) turn(to time.Time) {
	l.Helper()
	for ; l.now.Before(to); l.now = later(l.now, to) {
		l.dueNow()
	}
	l.dueNow()
}

// later is the next time that somebody looks at the agenda: some hours in the day.
func later(now, to time.Time) time.Time {
	next := now.Truncate(day).Add(day + 10*time.Hour)
	if today := now.Truncate(day).Add(10 * time.Hour); today.After(now) {
		next = today
	}
	if next.After(to) {
		return to
	}
	return next
}

func (l *life) dueNow() {
	l.Helper()
	due, err := l.Due(l.ctx, l.now, 100)
	l.must(err)
	for _, m := range due {
		if m.Invitation == "" {
			err = l.CustomerDue(l.ctx, m.Customer, l.now)
		} else {
			_, err = l.FallDue(l.ctx, m, l.now)
		}
		if !errors.Is(err, ledger.ErrNotDue) {
			l.must(err)
		}
	}
	mails, err := l.DueMails(l.ctx, l.now, 100)
	l.must(err)
	for _, m := range mails {
		c, err := l.Claim(l.ctx, m, l.now)
		if errors.Is(err, ledger.ErrNotDue) {
			continue
		}
		l.must(err)
		l.must(l.NoteSent(l.ctx, c, "ses-"+m.Invitation, l.now))
		if !c.Ref.Reminder {
			l.sent = append(l.sent, c)
		}
	}
}

func (l *life) happen(h happening) {
	l.Helper()
	if len(l.sent) == 0 && slices.Contains([]string{"answer", "late answer", "revise", "fate", "unsubscribe"}, h.What) {
		h.What = "event"
	}
	one := func() ledger.Claim { return l.sent[h.Which%len(l.sent)] }
	switch h.What {
	case "event": // of one customer, or of all
		for i := range 1 + h.Score%2*(customers-1) {
			l.event(h.Event, h.Which+i, false)
		}
	case "answer":
		for i := range 1 + h.Score%4 {
			l.answer(l.sent[(h.Which+i)%len(l.sent)], h.Score+3*i)
		}
	case "late answer": // at the last moment of the link that is open longest
		c := l.sent[len(l.sent)-1]
		l.turn(c.Closes.Add(-time.Second))
		l.answer(c, h.Score)
	case "revise":
		c := one()
		l.answer(c, h.Score)
		l.now = l.now.Add(time.Hour)
		l.answer(c, h.Score+1)
	case "fate":
		l.must(l.NoteFate(l.ctx, one().Ref, h.Fate, l.now, l.now))
	case "erase":
		l.events++
		e := survey.Event{ID: fmt.Sprint("msg_", l.events), Type: survey.CustomerErased, At: l.now, CustomerID: customer(h.Which)}
		_, err := l.TakeEvent(l.ctx, e, l.now)
		l.must(err)
		l.erased[e.CustomerID] = true
		l.dueNow()
	case "unsubscribe":
		c := one()
		l.must(l.Unsubscribe(l.ctx, c.Invitation.Address, c.Ref, l.now))
	case "count":
		l.count(l.Ledger, nil)
		l.count(l.Ledger, nil)
	case "cut off":
		l.countCutOff(h.Cut)
	case "overtaken":
		l.countOvertaken(h.Cut.At, h.Which)
	case "at once":
		l.countAtOnce(h)
	}
}

// answer answers a survey, unless it is closed.
func (l *life) answer(c ledger.Claim, score int) {
	l.Helper()
	if l.tryAnswer(c, score) {
		l.answered[c.Invitation.ID] = score
	}
}

func (l *life) tryAnswer(c ledger.Claim, score int) bool {
	low, high, _ := c.Invitation.Kind.Scale()
	_, err := l.Answer(l.ctx, c.Ref, given(survey.Answer{Score: low + score%(high-low+1), Comment: "no reason"}), l.now)
	if errors.Is(err, ledger.ErrClosed) {
		return false
	}
	if err != nil {
		l.Errorf("answering: %v", err)
	}
	return err == nil
}

// count counts; with a cut, over a table that is cut off.
func (l *life) count(by *ledger.Ledger, c *cutOff) {
	l.Helper()
	_, err := by.Count(l.ctx, l.now)
	if c == nil {
		l.must(err)
	} else if err != nil && !errors.Is(err, errCutOff) {
		l.Errorf("cut off at call %d, %s: %v", c.cut.At, c.cut.How, err)
	}
}

func (l *life) over(c cut) (*ledger.Ledger, *cutOff) {
	t := &cutOff{Table: l.table, cut: c}
	return ledger.New(t, l.policy, ledger.NewIDs()), t
}

// countCutOff is cut off, though everything is due by then.
func (l *life) countCutOff(c cut) {
	l.Helper()
	l.now = l.now.Add(time.Hour)
	by, t := l.over(c)
	l.count(by, t)
	if t.calls > c.At {
		l.cuts[c.How]++
	}
}

// countOvertaken counts, and at one of its calls somebody else counts from beginning
// to end. The index shows each what it does not show the other.
func (l *life) countOvertaken(at, which int) {
	l.Helper()
	l.now = l.now.Add(time.Hour)
	half := func(of int) func(table.DueKey) bool {
		return func(k table.DueKey) bool { return (table.Shard(k.Key)>>(which%3))%2 == of }
	}
	first, t := l.over(cut{At: at})
	t.sees = half(0)
	t.overtake = func() {
		second, t := l.over(cut{At: -1})
		t.sees = half(1)
		l.count(second, nil)
	}
	l.count(first, nil)
}

// countAtOnce has some count at once, of whom the first is cut off, while somebody
// answers.
func (l *life) countAtOnce(h happening) {
	l.Helper()
	l.now = l.now.Add(time.Hour)
	var group sync.WaitGroup
	faults := make([]error, h.AtOnce)
	for i := range h.AtOnce {
		by := l.Ledger
		if i == 0 {
			by, _ = l.over(h.Cut)
		}
		group.Go(func() { _, faults[i] = by.Count(l.ctx, l.now) })
	}
	taken := false
	if len(l.sent) > 0 {
		group.Go(func() { taken = l.tryAnswer(l.sent[h.Which%len(l.sent)], h.Score) })
	}
	group.Wait()
	if taken {
		l.answered[l.sent[h.Which%len(l.sent)].Invitation.ID] = h.Score
	}
	for i, err := range faults {
		if err != nil && (i > 0 || !errors.Is(err, errCutOff)) {
			l.Errorf("counting at once, the %dth: %v", i, err)
		}
	}
}

// raw is an outcome as it lies in the table, as far as counting goes.
type rawOutcome struct {
	ID, Customer, Kind string
	Facts              map[string]string
	Delivered, Bounced time.Time
	Answer             *struct {
		Score   int
		Comment string
	}
	month string
}

// outcomes walks every day on which something was sent, and returns all items of it
// too. That nothing lies elsewhere, the number of surveys says.
func (l *life) outcomes() (all []rawOutcome, items []table.Item) {
	l.Helper()
	days := map[string]bool{}
	for _, c := range l.sent {
		days[c.Ref.Day.String()] = true
	}
	for _, day := range slices.Sorted(maps.Keys(days)) {
		for shard := range 8 {
			for item, err := range table.All(l.ctx, l.table, table.Query{Partition: fmt.Sprintf("DAY#%s#%d", day, shard)}) {
				l.must(err)
				o := rawOutcome{month: day[:len("2006-01")]}
				l.must(json.Unmarshal(item.Body, &o))
				all, items = append(all, o), append(items, item)
			}
		}
	}
	return all, items
}

func (l *life) counts() (items []table.Item) {
	l.Helper()
	for _, kind := range survey.Kinds {
		for item, err := range table.All(l.ctx, l.table, table.Query{Partition: "COUNT#" + string(kind)}) {
			l.must(err)
			items = append(items, item)
		}
	}
	return items
}

// wantFiguresOfARecount says that every figure is what the outcomes make, that the
// outcomes are what happened, and that to count again changes nothing.
func (l *life) wantFiguresOfARecount() {
	l.Helper()
	all, before := l.outcomes()
	answered := 0
	for _, o := range all {
		position, ok := l.answered[o.ID]
		if low, high, _ := survey.Kind(o.Kind).Scale(); ok != (o.Answer != nil) || ok && o.Answer.Score != low+position%(high-low+1) {
			l.Errorf("%s was answered: %v, %d on the scale of %s; its outcome has %+v", o.ID, ok, position, o.Kind, o.Answer)
		}
		if ok {
			answered++
		}
		if i := slices.IndexFunc(l.sent, func(c ledger.Claim) bool { return c.Invitation.ID == o.ID }); l.erased[l.sent[i].Ref.Customer] && o.Answer != nil && o.Answer.Comment != "" {
			l.Errorf("%s, of an erased customer, has its comment", o.ID)
		}
	}
	if len(all) != len(l.sent) || answered != len(l.answered) {
		l.Errorf("%d surveys were sent and %d answered, the outcomes have %d and %d", len(l.sent), len(l.answered), len(all), answered)
	}

	counted := l.counts()
	p, err := figures.Load(l.ctx, l.Ledger, survey.Kinds, 1, l.now)
	l.must(err)
	for _, by := range ledger.Dimensions() {
		for _, period := range stats.Lengths {
			f, err := p.Figures(figures.Query{Kinds: survey.Kinds, By: by, Period: period,
				From: survey.MonthOf(survey.DateOf(monday)).AddMonths(-24), To: survey.MonthOf(survey.DateOf(l.now)).AddMonths(24)})
			l.must(err)
			if diff := cmp.Diff(recounted(all, by, string(period)), shown(f.Rows), near); diff != "" {
				l.Errorf("by %s and %s, recounted (-) and in the report (+):\n%s", by, period, diff)
			}
		}
	}

	n, err := l.Count(l.ctx, l.now.Add(time.Hour))
	l.must(err)
	if diff := cmp.Diff(counted, l.counts()); n != 0 || diff != "" {
		l.Errorf("with nothing new %d outcomes were counted again, and the counts (-) became (+):\n%s", n, diff)
	}
	if _, after := l.outcomes(); !cmp.Equal(before, after) {
		l.Errorf("to count again changed outcomes:\n%s", cmp.Diff(before, after))
	}
}

// TestFiguresEqualARecountWhateverHappens lives random programmes: events, mails and
// their fates, answers, late ones and revised, erasures, unsubscribing, and counts
// that are cut off at any call, run twice, or at once.
func TestFiguresEqualARecountWhateverHappens(t *testing.T) {
	p, err := policyfile.Parse("test.yaml", []byte(talkative))
	if err != nil {
		t.Fatal(err)
	}
	cuts, surveys, answers := map[string]int{}, 0, 0
	check := func(r witness, ctx context.Context, db table.Table, happenings []happening) {
		l := live(r, ctx, bench{ledger.New(db, p, counter()), db, p}, happenings)
		l.wantFiguresOfARecount()
		for how, n := range l.cuts {
			cuts[how] += n
		}
		surveys, answers = surveys+len(l.sent), answers+len(l.answered)
	}
	t.Run("memory", func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) {
			check(rt, t.Context(), tabletest.NewMemory(), drawHappenings(rt))
		})
	})
	drawn := func(seed int) []happening { return rapid.Custom(drawHappenings).Example(seed) }
	for seed := range 12 {
		t.Run(fmt.Sprint("bolt ", seed), func(t *testing.T) {
			db, err := bolt.Open(filepath.Join(t.TempDir(), "kaiku.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			}()
			check(t, t.Context(), db, drawn(seed))
		})
	}
	for seed := range 2 {
		t.Run(fmt.Sprint("dynamodb ", seed), func(t *testing.T) { check(t, t.Context(), parts.DynamoTable(t), drawn(100+seed)) })
	}
	t.Logf("%d surveys, %d answers; counts cut off: %v", surveys, answers, cuts)
	for _, how := range ways {
		if cuts[how] == 0 {
			t.Errorf("no count was cut off by: %s", how)
		}
	}
}
