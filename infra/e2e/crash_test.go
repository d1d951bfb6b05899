package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

// A crash test posts events and turns the clock, kills the process at some
// moment of it, and starts it again over what the kill left, many times. The
// moments are drawn by lot from crashSeed; where in its work the process is then,
// no seed can fix.
const crashSeed = 20261122

// In a round batch events are posted, by this many senders.
const (
	batch   = 24
	senders = 3
)

func TestAKillAtAnyMomentLosesNothingAndMailsNothingTwice(t *testing.T) {
	t.Run("bolt", func(t *testing.T) { crash(t, local(t, sunday), 12) })
	t.Run("dynamodb", func(t *testing.T) { crash(t, onDynamoDB(t, local(t, sunday)), 5) })
}

func TestAMailThatWasTakenJustBeforeAKillIsNotSentAgain(t *testing.T) {
	const rounds = 20
	c := &crashed{kaiku: start(t, local(t, sunday).withPolicy(t, oneMailEach)), lot: rand.New(rand.NewPCG(crashSeed, 0))}
	for round := range rounds {
		e := c.batch(round, 1)[0]
		if c.post(e) != http.StatusAccepted {
			t.FailNow()
		}
		c.turnTo(e.decisions[0].SendAt.Add(-time.Minute))
		before := len(c.mails())
		killed := make(chan struct{})
		go func() {
			<-time.After(time.Duration(c.lot.IntN(int(12 * time.Millisecond))))
			c.kill()
			close(killed)
		}()
		_ = c.turn(map[string]string{"advance": "2m"}) // the error is that it was killed on the way
		<-killed
		c.restart()
		c.advance(3 * time.Hour) // at once: more than it takes to settle a mail that nobody knows of
		t.Logf("round %d: %d mails", round, len(c.mails())-before)
	}
	c.advance(2 * time.Hour)
	c.wantAllOnce()
}

// crashed is a run that is killed again and again.
type crashed struct {
	*kaiku
	lot    *rand.Rand
	events []*attempt
	sendAt []time.Time // of the batches, oldest first
}

// attempt is an event as its sender sees it.
type attempt struct {
	id, customer string
	body         []byte
	taken        bool // answered with a 2xx
	decisions    []decision
}

func crash(t *testing.T, env environment, rounds int) {
	t.Helper()
	c := &crashed{kaiku: start(t, env.withPolicy(t, oneMailEach)), lot: rand.New(rand.NewPCG(crashSeed, uint64(rounds)))}
	for round := range rounds {
		c.upToTheNextMails()
		fresh := c.batch(round, batch)
		unsure := c.killAmid(fresh)
		c.restart()
		again := 0
		for _, e := range fresh { // a sender that got no answer sends again, under the same id
			if !e.taken && c.post(e) == http.StatusOK {
				again++
			}
		}
		c.sendAt = append(c.sendAt, fresh[0].decisions[0].SendAt)
		t.Logf("round %d: %d of %d events without an answer, of which %d were taken; %d mails", round, unsure, len(fresh), again, len(c.mails()))
	}
	for range 8 {
		c.advance(day)
	}
	c.advance(2 * time.Hour)
	c.wantAllOnce()
}

// upToTheNextMails turns the clock to a minute before the mails of the oldest
// batch that are still to go out.
func (c *crashed) upToTheNextMails() {
	c.t.Helper()
	for len(c.sendAt) > 0 && !c.sendAt[0].After(c.now().Add(2*time.Minute)) {
		c.sendAt = c.sendAt[1:]
	}
	if len(c.sendAt) > 0 {
		c.turnTo(c.sendAt[0].Add(-time.Minute))
	}
}

// batch are events of customers that nobody knows yet, all of one moment, so
// that their mails are due at one moment too.
func (c *crashed) batch(round, size int) []*attempt {
	c.t.Helper()
	var fresh []*attempt
	for i := range size {
		id := fmt.Sprintf("C-%d-%d", round, i)
		body := c.event("contract.changed", map[string]any{
			"customer": map[string]any{"id": id, "name": "Firm " + id, "employees": 4},
			"contract": map[string]any{"id": "K-1", "startsOn": "2024-10-01"},
			"contacts": []any{map[string]any{"id": "P-1", "email": address(id), "role": "decision_maker", "language": "fi"}}})
		fresh = append(fresh, &attempt{id: "msg_" + id, customer: id, body: body})
	}
	c.events = append(c.events, fresh...)
	return fresh
}

// address is that of a customer's one contact.
func address(customer string) string { return "someone@" + customer + ".example" }

// post posts an event; the status is 0 when there was no answer.
func (c *crashed) post(e *attempt) (status int) {
	a, err := c.tryPost(e.id, e.body)
	if err != nil {
		return 0
	}
	var r receipt
	if a.status != http.StatusAccepted && a.status != http.StatusOK || json.Unmarshal(a.body, &r) != nil ||
		len(r.Decisions) != 1 || r.Decisions[0].Outcome != "planned" || r.Duplicate != (a.status == http.StatusOK) {
		c.t.Errorf("event %s: %s", e.id, a)
		return a.status
	}
	e.taken, e.decisions = true, r.Decisions
	return a.status
}

// killAmid posts events from several senders while the clock goes over the
// moment at which the batch before is mailed, and kills the process when some
// number of answers has come and a moment more. It returns how many events have
// no answer.
func (c *crashed) killAmid(fresh []*attempt) (unsure int) {
	c.t.Helper()
	var (
		group    sync.WaitGroup
		answered = make(chan struct{}, len(fresh)+1)
		work     = make(chan *attempt, len(fresh))
	)
	for _, e := range fresh {
		work <- e
	}
	close(work)
	for range senders {
		group.Go(func() {
			for e := range work {
				if c.post(e) == 0 {
					return
				}
				answered <- struct{}{}
			}
		})
	}
	group.Go(func() {
		// Less than a signature's tolerance. It may be killed on the way: then
		// the error is that nobody answers any more.
		_ = c.turn(map[string]string{"advance": "3m"})
		answered <- struct{}{}
	})
	for range c.lot.IntN(len(fresh)) {
		<-answered
	}
	more := 2 * time.Millisecond // amid the events
	if c.lot.IntN(2) == 0 {
		more = 40 * time.Millisecond // amid the mails too
	}
	<-time.After(time.Duration(c.lot.IntN(int(more))))
	c.kill()
	group.Wait()
	for _, e := range fresh {
		if !e.taken {
			unsure++
		}
	}
	return unsure
}

// wantAllOnce says that every event is in its timeline, once, with the decision
// that was answered, and that every survey planned was mailed and counted, once.
//
// A process killed between SES's taking a mail and the note of it does not know
// whether it went out. SES's own event tells it then, and where none comes within
// an hour the mail is sent once more (SPEC, section 5): the one case in which a
// mail may come twice. The local run's SES tells of every mail it took, so here
// there is no exception.
func (c *crashed) wantAllOnce() {
	c.t.Helper()
	mails := map[string]int{}
	for _, m := range c.mails() {
		mails[m.To[0]]++
	}
	for _, e := range c.events {
		lines := c.timeline(e.customer)
		if events := of("event", lines); len(events) != 1 || events[0].ID != e.id {
			c.t.Errorf("%s: the timeline has the events %+v, want the one posted", e.customer, events)
		}
		decisions := of("decision", lines)
		if len(decisions) != 1 || decisions[0].Outcome != "planned" || decisions[0].Invitation != e.decisions[0].Invitation {
			c.t.Errorf("%s: the timeline has the decisions %+v, the answer was %+v", e.customer, decisions, e.decisions)
		}
		var states []string
		for _, l := range of("mail", lines) {
			// A kill between the claim and SES leaves a try of unknown fate; that it
			// was tried again is recorded. The mailbox says how many mails there are.
			// Nobody answers, so the first ones expire while the clock goes on.
			if l.State != "tried_again" && l.State != "expired" {
				states = append(states, l.State)
			}
		}
		if slices.Sort(states); !slices.Equal(states, []string{"delivered", "sent"}) {
			c.t.Errorf("%s: the timeline has a mail %v, want it sent and delivered", e.customer, states)
		}
		if n := mails[address(e.customer)]; n != 1 {
			c.t.Errorf("%s: %d mails, want one", e.customer, n)
		}
	}
	if len(mails) != len(c.events) {
		c.t.Errorf("mails went to %d addresses, want %d", len(mails), len(c.events))
	}
	var all row
	for _, r := range c.report("kind=csat&by=all&period=year&from=2026&to=2027") {
		all.Sent, all.Delivered, all.Bounced = all.Sent+r.Sent, all.Delivered+r.Delivered, all.Bounced+r.Bounced
	}
	if n := len(c.events); cmp.Or(all.Sent-n, all.Delivered-n, all.Bounced) != 0 {
		c.t.Errorf("the report counts %d sent, %d delivered, %d bounced, want %d, %d, 0", all.Sent, all.Delivered, all.Bounced, n, n)
	}
}
