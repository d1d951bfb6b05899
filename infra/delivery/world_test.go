// Package delivery tests the way of a mail as a whole: the real agenda and send
// functions with the real clients of SES v2 and SQS's batches, over both stores,
// against an SES that throttles, fails and does not answer. The clock is the
// test's own.
package delivery

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"kaiku/functions/agenda"
	"kaiku/functions/mailevent"
	"kaiku/functions/send"
	"kaiku/infra/parts"
	"kaiku/shared/ledger"
	"kaiku/shared/mail"
	"kaiku/shared/mail/quota"
	"kaiku/shared/policyfile"
	"kaiku/shared/sns"
	"kaiku/shared/survey"
	"kaiku/shared/table"
	"kaiku/shared/table/bolt"
	"kaiku/shared/table/dynamo"
	"kaiku/shared/token"
)

// sunday is when everything happens; opening is the first moment after it at which
// mail may leave: 9 o'clock in Helsinki.
var (
	sunday  = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	opening = time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
)

const day = 24 * time.Hour

// atTheOpening is a policy by which every customer is asked once, at the opening.
const atTheOpening = `
triggers: {changed: {delay: 0m}}
sending: {reminders: 0, daily_cap: %d}
`

// workers is how many senders, and how many writers of plans, there are at once.
const workers = 16

// world is a deployment with a clock that is turned.
type world struct {
	t      testing.TB
	clock  *clock
	table  table.Table
	ledger *ledger.Ledger
	queue  *queue
	ses    *endpoint
	log    *tally

	agenda    *agenda.Handler
	send      *send.Handler
	mailevent *mailevent.Handler

	planned []survey.Decision
}

// clock is the time that everything goes by.
type clock struct {
	mutex sync.Mutex
	now   time.Time
}

func (c *clock) Now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.now
}

func (c *clock) set(to time.Time) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.now = to
}

// spend lets time go by in the midst of something.
func (c *clock) spend(d time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.now = c.now.Add(d)
}

func onBolt(t testing.TB) table.Table {
	t.Helper()
	db, err := bolt.Open(filepath.Join(t.TempDir(), "kaiku.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// overEachStore runs a test on a world over each driver.
func overEachStore(t *testing.T, dailyCap int, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Run("bolt", func(t *testing.T) { test(t, newWorld(t, onBolt(t), dailyCap)) })
	t.Run("dynamodb", func(t *testing.T) { test(t, newWorld(t, parts.DynamoTable(t), dailyCap)) })
}

func (w *world) isDynamo() bool {
	_, is := w.table.(*dynamo.Table)
	return is
}

func newWorld(t testing.TB, store table.Table, dailyCap int) *world {
	t.Helper()
	policy, err := policyfile.Parse("policy.yaml", fmt.Appendf(nil, atTheOpening, dailyCap))
	if err != nil {
		t.Fatal(err)
	}
	wording, err := policyfile.LoadTexts("")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := token.ParseKeys("YSBrZXkgb2YgYXQgbGVhc3QgMTYgYnl0ZXM=")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, clock: &clock{now: sunday}, table: store, ledger: ledger.New(store, policy, ledger.NewIDs()), log: newTally()}
	w.queue = &queue{clock: w.clock}
	w.ses = newEndpoint(t, w.clock)
	client, log := w.ses.client(), slog.New(w.log)
	w.agenda = &agenda.Handler{Ledger: w.ledger, Queue: &agenda.SQSQueue{Client: w.queue, URL: "queue", Now: w.clock.Now},
		Account: quota.Account{SES: client}, Now: w.clock.Now, Log: log, Workers: workers}
	w.send = &send.Handler{Ledger: w.ledger, Sender: mail.Sender{SES: client}, Policy: policy, Wording: wording, Keys: keys,
		BaseURL: "https://kysely.kaiku.example", Now: w.clock.Now, Log: log}
	w.mailevent = &mailevent.Handler{Verifier: genuine{}, Ledger: w.ledger, Now: w.clock.Now, Log: log}
	return w
}

// genuine takes every notification for the topic's own.
type genuine struct{}

func (genuine) Verify(context.Context, sns.Notification) error { return nil }

// plan has so many customers change a contract, each of which is asked about it
// at the opening.
func (w *world) plan(customers int) {
	w.t.Helper()
	w.planned = make([]survey.Decision, customers)
	each(customers, func(i int) {
		d, err := w.take(i)
		if err != nil {
			w.t.Error(err)
		}
		w.planned[i] = d
	})
	if w.t.Failed() {
		w.t.FailNow()
	}
}

// take takes in the event of one customer.
func (w *world) take(i int) (survey.Decision, error) {
	id := fmt.Sprintf("C-%06d", i)
	r, err := w.ledger.TakeEvent(w.t.Context(), survey.Event{ID: "msg_" + id, Type: survey.ContractChanged, At: sunday, CustomerID: id,
		Customer:   fields{"name": "Leipomo Lahtinen Oy", "employees": 12, "region": "Pirkanmaa"}.raw(),
		ContractID: "K-1", Contract: fields{"service": "access-control", "annualValue": 4200, "startsOn": "2024-02-01", "owner": "team-tampere"}.raw(),
		Contacts: map[string]map[string]json.RawMessage{"P-1": fields{"email": "maija@" + id + ".example", "role": "decision_maker", "language": "fi"}.raw()},
	}, sunday)
	if err != nil {
		return survey.Decision{}, err
	}
	if len(r.Decisions) != 1 || r.Decisions[0].Outcome != survey.Planned || !r.Decisions[0].SendAt.Equal(opening) {
		return survey.Decision{}, fmt.Errorf("%s: decided %+v, want it to be asked at the opening", id, r.Decisions)
	}
	return r.Decisions[0], nil
}

// fields are what an event says.
type fields map[string]any

func (f fields) raw() map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for name, value := range f {
		b, err := json.Marshal(value)
		if err != nil {
			panic(err)
		}
		out[name] = b
	}
	return out
}

// each calls do with 0 to n-1, several at once.
func each(n int, do func(int)) {
	var group sync.WaitGroup
	slots := make(chan struct{}, workers)
	for i := range n {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			do(i)
		})
	}
	group.Wait()
}

// runTo runs the schedule, the queue and SNS until nothing waits to be mailed, or
// until a moment. It returns when that was.
func (w *world) runTo(until time.Time) time.Time {
	w.t.Helper()
	return w.runFrom(opening, until)
}

// runFrom is runTo from a moment on.
func (w *world) runFrom(from, until time.Time) time.Time {
	w.t.Helper()
	for at := from; at.Before(until); at = at.Add(time.Minute) {
		if w.queue.len() == 0 && w.ses.untold() == 0 {
			due, any := w.nextMail(until)
			if !any {
				return w.clock.Now()
			}
			for !due.Before(at.Add(time.Minute)) { // nothing happens meanwhile
				at = at.Add(time.Minute)
			}
		}
		w.minute(at)
	}
	return until
}

func (w *world) nextMail(until time.Time) (at time.Time, any bool) {
	w.t.Helper()
	if mails, err := w.ledger.DueMails(w.t.Context(), until, 1); err != nil {
		w.t.Fatal(err)
	} else if len(mails) == 0 {
		return until, false
	}
	at, any, err := w.ledger.NextDue(w.t.Context(), until)
	if err != nil {
		w.t.Fatal(err)
	}
	return at, any
}

// minute is a run of the agenda, and what the queue and SNS hand on until the
// next.
func (w *world) minute(at time.Time) {
	w.t.Helper()
	w.agendaAt(at)
	for passed := step; passed <= time.Minute; passed += step {
		w.clock.set(at.Add(passed - time.Millisecond))
		w.deliver(w.queue.take())
		w.tell()
	}
}

// agendaAt is a run of the agenda.
func (w *world) agendaAt(at time.Time) {
	w.t.Helper()
	w.clock.set(at)
	if err := w.agenda.Handle(w.t.Context(), nil); err != nil {
		w.t.Fatal(err)
	}
}

// step is how often the queue is looked into.
const step = 5 * time.Second

// deliver hands messages to the send function, in batches as SQS does: the more
// wait the larger, up to ten.
func (w *world) deliver(bodies []string) {
	w.t.Helper()
	batches := slices.Collect(slices.Chunk(bodies, min(10, 1+len(bodies)/workers)))
	each(len(batches), func(i int) {
		var event events.SQSEvent
		for n, body := range batches[i] {
			event.Records = append(event.Records, events.SQSMessage{MessageId: strconv.Itoa(n), Body: body})
		}
		failed, err := w.send.Handle(w.t.Context(), event)
		if err != nil || len(failed.BatchItemFailures) > 0 {
			w.t.Errorf("sending: %v, %v", failed, err)
		}
	})
}

// tell hands on what SES has to tell by now.
func (w *world) tell() {
	w.t.Helper()
	told := w.ses.tell()
	each(len(told), func(i int) {
		if err := w.mailevent.Handle(w.t.Context(), sns.Event{Records: []sns.Record{{SNS: sns.Notification{Message: told[i]}}}}); err != nil {
			w.t.Error(err)
		}
	})
}

// wantAllOnce says that SES took every planned mail once, and that the ledger
// knows.
func (w *world) wantAllOnce() {
	w.t.Helper()
	for _, d := range w.planned {
		if n := w.ses.taken[d.Invitation]; n != 1 {
			w.t.Errorf("%s was mailed %d times", d.Customer, n)
		}
		if inv, err := w.ledger.Invitation(w.t.Context(), d.Customer, d.Invitation); err != nil || inv.State != survey.InvitationSent {
			w.t.Errorf("%s is %s, %v", d.Customer, inv.State, err)
		}
	}
	if len(w.ses.taken) != len(w.planned) {
		w.t.Errorf("%d were mailed, want %d", len(w.ses.taken), len(w.planned))
	}
}

// tally counts lines of the log by what they say.
type tally struct {
	mutex *sync.Mutex
	lines map[string]int
}

func newTally() *tally { return &tally{mutex: &sync.Mutex{}, lines: map[string]int{}} }

func (l *tally) of(line string) int {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.lines[line]
}

// Enabled implements slog.Handler.
func (l *tally) Enabled(context.Context, slog.Level) bool { return true }

// Handle implements slog.Handler.
func (l *tally) Handle(_ context.Context, r slog.Record) error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.lines[r.Message]++
	return nil
}

// WithAttrs implements slog.Handler.
func (l *tally) WithAttrs([]slog.Attr) slog.Handler { return l }

// WithGroup implements slog.Handler.
func (l *tally) WithGroup(string) slog.Handler { return l }
