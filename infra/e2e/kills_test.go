package e2e

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// The mails of one opening, and how often the run is killed while they leave.
const (
	morningMails = 2000
	kills        = 20
)

// atTheOpening is a policy by which whatever happens on a Sunday is mailed at one
// moment: when the customers' offices open on Monday.
const atTheOpening = oneMailEach + "triggers:\n  changed: {delay: 0m}\n"

// A kill loses the queue with the process, so that each time some 70 minutes pass
// until the agenda queues again what did not leave: the kills take some four
// working days, less than after which a survey is too old to be sent.
func TestTwentyKillsAmidTheMailsOfOneOpeningMailAllOnce(t *testing.T) {
	c := &crashed{kaiku: start(t, local(t, sunday).withPolicy(t, atTheOpening)), lot: rand.New(rand.NewPCG(crashSeed, kills))}
	c.postAll(c.batch(0, morningMails))
	opening := c.events[0].decisions[0].SendAt
	c.turnTo(opening.Add(-time.Minute))

	box := watchMailbox(t, c.env)
	for kill := range kills {
		// Somewhere in the part of the mails that is this kill's.
		after := (kill*morningMails + c.lot.IntN(morningMails)) / kills
		c.killAfter(box, after)
		c.restart()
		t.Logf("kill %d: at %s, when %d mails were out", kill+1, c.now().Format(time.DateTime), box.count())
	}
	for box.count() < morningMails && c.now().Before(opening.Add(7*day)) {
		c.advance(80 * time.Minute)
	}
	c.advance(2 * time.Hour)
	c.wantAllOnce()
}

// postAll posts events that must be taken in, many at once.
func (c *crashed) postAll(events []*attempt) {
	c.t.Helper()
	work := make(chan *attempt)
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for e := range work {
				c.post(e)
			}
		})
	}
	for _, e := range events {
		work <- e
	}
	close(work)
	group.Wait()
	for _, e := range events {
		if !e.taken {
			c.t.Fatalf("event %s was not taken in", e.id)
		}
	}
}

// killAfter turns the clock over the moments at which mails leave, and kills the
// process once so many are out and a moment more.
func (c *crashed) killAfter(box *mailboxFile, mails int) {
	c.t.Helper()
	turned := make(chan struct{})
	stop := make(chan struct{})
	go func() {
		defer close(turned)
		for c.turn(map[string]string{"advance": "80m"}) == nil { // until it is killed
			select {
			case <-stop:
				return
			default:
			}
		}
	}()
	deadline := time.Now().Add(2 * time.Minute)
	for box.count() <= mails && time.Now().Before(deadline) {
		<-time.After(time.Millisecond)
	}
	if box.count() <= mails {
		c.t.Errorf("%d mails are out after two minutes, want more than %d", box.count(), mails)
	}
	<-time.After(time.Duration(c.lot.IntN(int(15 * time.Millisecond))))
	close(stop)
	c.kill()
	<-turned
}

// mailboxFile counts the mails of a run from the file that they are kept in, which
// is quicker than asking for them all and goes on while nobody answers.
type mailboxFile struct {
	t     testing.TB
	path  string
	read  int64
	mails int
}

func watchMailbox(t testing.TB, env environment) *mailboxFile {
	return &mailboxFile{t: t, path: filepath.Join(env["DATA"], "mailbox.jsonl")}
}

// count is how many mails there are now. Half a line is none.
func (m *mailboxFile) count() int {
	m.t.Helper()
	file, err := os.Open(m.path)
	if err != nil {
		m.t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Seek(m.read, io.SeekStart); err != nil {
		m.t.Fatal(err)
	}
	fresh, err := io.ReadAll(file)
	if err != nil {
		m.t.Fatal(err)
	}
	whole := fresh[:bytes.LastIndexByte(fresh, '\n')+1]
	m.read += int64(len(whole))
	for row := range bytes.Lines(whole) {
		if bytes.HasPrefix(row, []byte(`{"mail":`)) {
			m.mails++
		}
	}
	return m.mails
}
