package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"kaiku/functions/send"
	"kaiku/shared/ledger"
	"kaiku/shared/mail"
	"kaiku/shared/survey"
	"kaiku/shared/table"
	"kaiku/shared/webhook"
)

// slowSES takes a mail only when it is let, or not at all.
type slowSES struct {
	mutex sync.Mutex
	mails int
	// called gets one for each call; none of them ends before let is closed.
	called chan struct{}
	let    chan struct{}
	err    error
}

func (s *slowSES) SendEmail(context.Context, *sesv2.SendEmailInput, ...func(*sesv2.Options)) (*sesv2.SendEmailOutput, error) {
	s.mutex.Lock()
	s.mails++
	id := fmt.Sprint("ses-", s.mails)
	s.mutex.Unlock()
	s.called <- struct{}{}
	<-s.let
	if s.err != nil {
		return nil, s.err
	}
	return &sesv2.SendEmailOutput{MessageId: &id}, nil
}

// workers are functions of their own over one store, each with a ledger of its own.
func workers(s *setting, db table.Table, ses mail.SES, now time.Time, many int) []*send.Handler {
	all := make([]*send.Handler, many)
	for i := range all {
		all[i] = &send.Handler{Ledger: ledger.New(db, s.policy, ledger.NewIDs()), Sender: mail.Sender{SES: ses}, Policy: s.policy, Wording: s.wording,
			Keys: s.keys, BaseURL: baseURL, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}
	}
	return all
}

// planned is an invitation whose mail is due, as a message of the queue.
func planned(t *testing.T, s *setting, db table.Table) (survey.Decision, events.SQSEvent) {
	t.Helper()
	body, err := json.Marshal(object{"type": survey.ContractChanged, "timestamp": begins.Format(time.RFC3339), "data": object{
		"customer": object{"id": "anna"}, "contract": object{"id": "K-1", "startsOn": "2023-12-01"},
		"contacts": []object{{"id": "P-1", "email": "anna@example.com"}}}})
	if err != nil {
		t.Fatal(err)
	}
	event, faults := webhook.ParseEvent("msg-1", body)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	receipt, err := ledger.New(db, s.policy, ledger.NewIDs()).TakeEvent(t.Context(), event, begins)
	if err != nil || len(receipt.Decisions) != 1 || receipt.Decisions[0].Outcome != survey.Planned {
		t.Fatalf("%+v, %v", receipt, err)
	}
	d := receipt.Decisions[0]
	matter, err := json.Marshal(ledger.Matter{Customer: d.Customer, Invitation: d.Invitation})
	if err != nil {
		t.Fatal(err)
	}
	return d, events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1", Body: string(matter)}}}
}

// atOnce gives every worker the message at the same moment, and waits for them.
func atOnce(t *testing.T, all []*send.Handler, message events.SQSEvent) *sync.WaitGroup {
	start, group := make(chan struct{}), &sync.WaitGroup{}
	for _, h := range all {
		group.Go(func() {
			<-start
			response, err := h.Handle(t.Context(), message)
			if err != nil || len(response.BatchItemFailures) > 0 {
				t.Errorf("a worker says %+v, %v", response, err)
			}
		})
	}
	close(start)
	return group
}

func TestAMessageGivenToFiveWorkersAtOnceIsOneMail(t *testing.T) {
	s := newSetting(t)
	overEveryStore(t, func(t *testing.T, db table.Table) {
		for round := range 5 {
			own := namespaced{db, fmt.Sprint("round ", round)}
			d, message := planned(t, s, own)
			ses := &slowSES{called: make(chan struct{}, 5), let: make(chan struct{})}
			close(ses.let)
			atOnce(t, workers(s, own, ses, d.SendAt, 5), message).Wait()
			inv, err := ledger.New(own, s.policy, nil).Invitation(t.Context(), d.Customer, d.Invitation)
			if err != nil || ses.mails != 1 || inv.State != survey.InvitationSent || inv.Tries != 1 {
				t.Errorf("%d mails; %+v, %v", ses.mails, inv, err)
			}
		}
	})
}

// While SES has not answered, SQS may think that a worker is gone and give its
// message to others.
func TestAMessageGivenToOthersWhileSESIsSlowIsOneMail(t *testing.T) {
	s := newSetting(t)
	overEveryStore(t, func(t *testing.T, db table.Table) {
		for name, err := range map[string]error{"taken": nil, "of unknown end": errors.New("the answer was lost")} {
			own := namespaced{db, name}
			d, message := planned(t, s, own)
			ses := &slowSES{called: make(chan struct{}, 10), let: make(chan struct{}), err: err}
			first := atOnce(t, workers(s, own, ses, d.SendAt, 1), message)
			<-ses.called
			for _, later := range []time.Duration{0, visibility, 50 * minute} {
				atOnce(t, workers(s, own, ses, d.SendAt.Add(later), 5), message).Wait()
			}
			close(ses.let)
			first.Wait()
			if err := send5(t, s, own, ses, d, message); err != nil {
				t.Error(err)
			}
			if ses.mails != 1 {
				t.Errorf("%s: %d mails", name, ses.mails)
			}
		}
	})
}

// send5 has the message come five times more when all is over.
func send5(t *testing.T, s *setting, db table.Table, ses *slowSES, d survey.Decision, message events.SQSEvent) error {
	atOnce(t, workers(s, db, ses, d.SendAt.Add(55*minute), 5), message).Wait()
	inv, err := ledger.New(db, s.policy, nil).Invitation(t.Context(), d.Customer, d.Invitation)
	if err != nil {
		return err
	}
	if ok := []survey.InvitationState{survey.InvitationSent, survey.InvitationSending}; !slices.Contains(ok, inv.State) || inv.Tries != 1 {
		return fmt.Errorf("it is left %+v", inv)
	}
	return nil
}

// What SES failed at may have gone out all the same: a copy of the message does not
// send it before the events of SES were waited for.
func TestACopyOfAMessageDoesNotSendBeforeThePauseIsOver(t *testing.T) {
	s := newSetting(t)
	overEveryStore(t, func(t *testing.T, db table.Table) {
		w := newWorld(t, s, db, prompt, true)
		w.faults.plan = []fault{{1, failed}} // after the claim
		d, message := planned(t, s, db)
		for _, c := range []struct {
			after time.Duration
			mails int
		}{{0, 0}, {copyAfter, 0}, {visibility, 0}, {59 * minute, 0}, {60 * minute, 1}, {61 * minute, 1}} {
			w.now = d.SendAt.Add(c.after)
			w.do(func(p *process) {
				if response, err := p.send.Handle(t.Context(), message); err != nil || len(response.BatchItemFailures) > 0 {
					t.Errorf("%v: %+v, %v", c.after, response, err)
				}
			})
			if c.after == 0 { // from here on SES works
				w.faults.plan = nil
			}
			if len(w.post.letters) != c.mails {
				t.Errorf("after %v there are %d mails, want %d", c.after, len(w.post.letters), c.mails)
			}
		}
	})
}
