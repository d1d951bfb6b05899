package faults

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"kaiku/functions/agenda"
	"kaiku/shared/ledger"
	"kaiku/shared/policy"
	"kaiku/shared/survey"
	"kaiku/shared/table"
	"kaiku/shared/token"
	"kaiku/shared/webhook"
	"kaiku/shared/wording"
)

const baseURL = "https://kysely.kaiku.example"

// telling is how soon the events of SES arrive.
type telling string

const (
	// eager: before SES has answered the call.
	eager  telling = "eager"
	prompt telling = "prompt"
	// late: within the hour for which a mail of unknown end waits for them.
	late telling = "late"
	// withheld: later than a mail of unknown end waits for them.
	withheld telling = "withheld"
)

const (
	lateness    = 40 * time.Minute
	withholding = 3 * time.Hour
)

// setting is what all runs share.
type setting struct {
	policy  *policy.Policy
	wording *wording.Book
	keys    *token.Keys
	secrets *webhook.Verifier
}

// world is one run: what lasts when a process crashes, and the clock.
type world struct {
	*setting
	t      testing.TB
	store  table.Table
	now    time.Time
	events telling
	// twice says that SQS and SNS deliver everything twice.
	twice  bool
	faults *injector
	log    *slog.Logger
	noted  *notes

	process *process
	queue   queue
	post    postOffice
	readers map[string]reader
	chores  []chore

	customers []string
	members   map[string]bool // those with a contract that has not ended
	due       int             // how many events are to be taken

	told     map[string][]survey.Decision // by webhook-id, what was answered with 2xx
	answered map[string]survey.Answer     // by invitation, the last that was answered with 200
	stopped  map[string]time.Time         // by address, when unsubscribing was answered with 200
}

// reader is what somebody does with the mail in an address.
type reader struct {
	bounces   bool
	complains time.Duration
	reads     func(w *world, l letter)
}

// chore is what somebody outside does at a time, and again each minute until it
// is done.
type chore struct {
	at time.Time
	do func(p *process) (done bool)
}

func newWorld(t testing.TB, s *setting, store table.Table, events telling, twice bool, plan ...fault) *world {
	n := &notes{count: map[string]map[string]int{}}
	w := &world{setting: s, t: t, store: store, now: begins, events: events, twice: twice, faults: &injector{plan: plan},
		noted: n, members: map[string]bool{}, log: slog.New(n), told: map[string][]survey.Decision{}, answered: map[string]survey.Answer{}, stopped: map[string]time.Time{}}
	w.process = newProcess(w)
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// run lets a process do something, and says whether it lived to the end.
func (w *world) run(p *process, do func(p *process)) (lived bool) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		do(p)
		lived = !p.dead.Load()
	}()
	<-ended
	return lived
}

// do is run with the process that is there, made anew if it has crashed.
func (w *world) do(do func(p *process)) (lived bool) {
	if w.process.dead.Load() {
		w.process = newProcess(w)
	}
	return w.run(w.process, do)
}

// hear hands a notice to a process, and says whether it was taken.
func (w *world) hear(p *process, n notice) (taken bool) {
	return w.run(p, func(p *process) { taken = p.mailevent.Handle(w.t.Context(), n.body) == nil }) && taken
}

const minute = time.Minute

// quiet is for how long nothing may be due at the end.
const quiet = 60 * 24 * time.Hour

// maxSteps bounds a run: the usual one has less than a tenth of it.
const maxSteps = 3000

// turn lets time pass until nothing is to come.
func (w *world) turn() {
	book := ledger.New(w.store, w.policy, ledger.NewIDs())
	for range maxSteps {
		due, ok, err := book.NextDue(w.t.Context(), w.now.Add(quiet))
		w.must(err)
		next := time.Time{}
		sooner := func(at time.Time) {
			if next.IsZero() || at.Before(next) {
				next = at
			}
		}
		if ok {
			sooner(due)
		}
		for _, m := range w.queue.messages {
			sooner(m.visible)
		}
		for _, n := range w.post.notices {
			sooner(n.at)
		}
		for _, c := range w.chores {
			sooner(c.at)
		}
		if next.IsZero() {
			return
		}
		if !next.After(w.now) { // it failed, or has just come up: within a minute the schedules look again
			next = w.now.Add(minute)
		}
		w.now = next
		w.tick(ok && !due.After(next))
	}
	w.t.Errorf("%v: something is due without end", w.faults.struck)
}

// tick is what happens at one moment.
func (w *world) tick(due bool) {
	w.tell()
	chores := w.chores
	w.chores = nil
	for _, c := range chores {
		if c.at.After(w.now) {
			w.chores = append(w.chores, c)
			continue
		}
		done := false
		if !w.do(func(p *process) { done = c.do(p) }) || !done {
			c.at = w.now.Add(minute)
			w.chores = append(w.chores, c)
		}
	}
	if due {
		w.do(func(p *process) { _ = p.agenda.Handle(w.t.Context(), nil) })
	}
	w.deliver()
	if due {
		w.do(func(p *process) { _ = p.aggregate.Handle(w.t.Context(), nil) })
	}
}

// tell is SNS: a notice that is not taken comes again.
func (w *world) tell() {
	notices := w.post.notices
	w.post.notices = nil
	for _, n := range notices {
		if n.at.After(w.now) {
			w.post.notices = append(w.post.notices, n)
			continue
		}
		if w.process.dead.Load() {
			w.process = newProcess(w)
		}
		if !w.hear(w.process, n) {
			n.at = w.now.Add(minute)
			w.post.notices = append(w.post.notices, n)
		}
	}
}

// deliver is SQS with the function behind it: what the function did not say had
// failed is deleted, if the process lives to see it.
func (w *world) deliver() {
	batch := w.queue.receive(w.now)
	if len(batch) == 0 {
		return
	}
	var event events.SQSEvent
	for _, m := range batch {
		event.Records = append(event.Records, events.SQSMessage{MessageId: m.id, Body: m.body})
	}
	w.do(func(p *process) {
		response, err := p.send.Handle(w.t.Context(), event)
		if err != nil {
			return
		}
		failed := map[string]bool{}
		for _, f := range response.BatchItemFailures {
			failed[f.ItemIdentifier] = true
		}
		for _, m := range batch {
			if !failed[m.id] {
				_, _ = p.call(point{kind: acking}, func() error { w.queue.delete(m); return nil })
			}
		}
	})
}

// request is one over HTTP; its answer is nil when the process died over it.
func (w *world) request(p *process, method, path string, body []byte, headers map[string][]string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(w.t.Context(), method, path, bytesReader(body))
	for name, values := range headers {
		r.Header[name] = values
	}
	answer := httptest.NewRecorder()
	p.http.ServeHTTP(answer, r)
	return answer
}

// notes counts the log lines that template.yaml counts, by invitation.
type notes struct {
	mutex sync.Mutex
	count map[string]map[string]int
}

func (n *notes) Enabled(context.Context, slog.Level) bool { return true }
func (n *notes) WithAttrs([]slog.Attr) slog.Handler       { return n }
func (n *notes) WithGroup(string) slog.Handler            { return n }

func (n *notes) Handle(_ context.Context, r slog.Record) error {
	if r.Message != agenda.TriedAgain && r.Message != agenda.UnknownEnd {
		return nil
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "invitation" {
			if n.count[r.Message] == nil {
				n.count[r.Message] = map[string]int{}
			}
			n.count[r.Message][a.Value.String()]++
		}
		return true
	})
	return nil
}
