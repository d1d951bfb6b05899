package faults

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"kaiku/shared/ledger"
	"kaiku/shared/sns"
)

const (
	// visibility and maxReceives are those of the send queue in template.yaml.
	visibility  = 180 * time.Second
	maxReceives = 5
	// copyAfter is how much later the second delivery of a message comes.
	copyAfter = 20 * time.Second
)

// message is one of the queue.
type message struct {
	id, body string
	visible  time.Time
	receives int
}

// queue is what SQS keeps: each message until it is deleted, or was received too
// often. It outlives the process.
type queue struct {
	made     int
	messages []*message
	dead     []*message
}

func (q *queue) add(body string, visible time.Time, twice bool) {
	q.made++
	q.messages = append(q.messages, &message{id: fmt.Sprint(q.made), body: body, visible: visible})
	if twice {
		q.add(body, visible.Add(copyAfter), false)
	}
}

// receive hands out what is visible, and hides it for a while.
func (q *queue) receive(now time.Time) []*message {
	var batch []*message
	for _, m := range slices.Clone(q.messages) {
		if m.visible.After(now) {
			continue
		}
		if m.receives == maxReceives {
			q.delete(m)
			q.dead = append(q.dead, m)
			continue
		}
		m.receives++
		m.visible = now.Add(visibility)
		batch = append(batch, m)
	}
	return batch
}

func (q *queue) delete(m *message) {
	q.messages = slices.DeleteFunc(q.messages, func(other *message) bool { return other == m })
}

// letter is a mail in the mailbox of whoever it is to.
type letter struct {
	id, to string
	ref    ledger.Ref
	at     time.Time
	// page and stop are the paths of its links.
	page, stop string
}

// notice is an SES event on its way through SNS.
type notice struct {
	at   time.Time
	body sns.Event
}

// postOffice is SES: the mailboxes, and the events that it has still to tell.
type postOffice struct {
	letters []letter
	notices []notice
}

var pageLink = regexp.MustCompile(regexp.QuoteMeta(baseURL) + `(/s/[^?\s]+)\?score=`)

// take is what SES does with a mail that it accepts.
func (o *postOffice) take(w *world, in *sesv2.SendEmailInput) string {
	tags := map[string][]string{}
	for _, t := range in.EmailTags {
		tags[*t.Name] = []string{*t.Value}
	}
	ref, err := ledger.ParseTags(tags)
	w.must(err)
	simple := in.Content.Simple
	l := letter{id: fmt.Sprintf("ses-%d", len(o.letters)+1), to: in.Destination.ToAddresses[0], ref: ref, at: w.now}
	if found := pageLink.FindStringSubmatch(*simple.Body.Text.Data); found != nil {
		l.page = found[1]
	}
	for _, h := range simple.Headers {
		if *h.Name == "List-Unsubscribe" {
			l.stop = strings.TrimPrefix(strings.Trim(*h.Value, "<>"), baseURL)
		}
	}
	first := !slices.ContainsFunc(o.letters, func(other letter) bool { return other.ref == ref })
	o.letters = append(o.letters, l)

	reader := w.readers[l.to]
	happened := "Delivery"
	if reader.bounces {
		happened = "Bounce"
	}
	o.tell(w, l, "Send", tags, 0)
	o.tell(w, l, happened, tags, 0)
	if reader.complains > 0 {
		o.tell(w, l, "Complaint", tags, reader.complains)
	}
	if first && reader.reads != nil {
		reader.reads(w, l)
	}
	return l.id
}

// tell has SES tell of a letter: through SNS, which may be late or tell twice.
func (o *postOffice) tell(w *world, l letter, what string, tags map[string][]string, after time.Duration) {
	stamp := l.at.Add(after).UTC().Format(sns.TimestampFormat)
	event := map[string]any{"eventType": what,
		"mail":      map[string]any{"messageId": l.id, "timestamp": l.at.UTC().Format(sns.TimestampFormat), "tags": tags},
		"delivery":  map[string]any{"timestamp": stamp},
		"complaint": map[string]any{"timestamp": stamp},
		"bounce":    map[string]any{"timestamp": stamp, "bounceType": "Permanent", "bounceSubType": "General"}}
	body, err := json.Marshal(event)
	w.must(err)
	n := notice{w.now.Add(after), sns.Event{Records: []sns.Record{{SNS: sns.Notification{MessageID: l.id + what, Message: string(body)}}}}}
	switch {
	case w.events == withheld:
		n.at = n.at.Add(withholding)
	case w.events == late:
		n.at = n.at.Add(lateness)
	case w.events == prompt || after > 0:
		n.at = n.at.Add(time.Second)
	case w.hear(newProcess(w), n): // before SES has even answered
		return
	}
	o.notices = append(o.notices, n)
	if w.twice {
		n.at = n.at.Add(copyAfter)
		o.notices = append(o.notices, n)
	}
}
