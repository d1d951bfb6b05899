package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"kaiku/functions/agenda"
	"kaiku/shared/ledger"
)

// queue stands for SQS: what the agenda hands over waits here for the sender.
// It is lost with the process, as nothing that matters is: the agenda queues
// again what was not sent.
type queue struct {
	mutex sync.Mutex
	mails []ledger.Matter
}

// Send queues mails. Their delays are for the rate of SES; the local endpoint has
// none to speak of.
func (q *queue) Send(_ context.Context, mails []agenda.Mail) error {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	for _, m := range mails {
		q.mails = append(q.mails, m.Matter)
	}
	return nil
}

// take empties the queue.
func (q *queue) take() []ledger.Matter {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	mails := q.mails
	q.mails = nil
	return mails
}

// pulse is how often the background looks for what has fallen due.
const pulse = time.Second

// keepUp does what falls due while the clock runs by itself.
func (l *Local) keepUp(ctx context.Context) {
	ticker := time.NewTicker(pulse)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		l.turn.Lock()
		if _, due, err := l.ledger.NextDue(ctx, l.clock.Now()); err == nil && due || len(l.mailbox.Untold()) > 0 {
			err = l.catchUp(ctx)
			if err != nil && ctx.Err() == nil {
				l.log.Error("doing what is due failed", "error", err)
			}
		} else if err != nil && ctx.Err() == nil {
			l.log.Error("looking for what is due failed", "error", err)
		}
		l.turn.Unlock()
	}
}

// catchUp does all that is due by the clock's time: what the schedules, the
// queue and SNS do in the cloud. SNS comes first: of a mail that SES took just
// before a kill, the agenda would else think that nobody knows.
func (l *Local) catchUp(ctx context.Context) error {
	faults := []error{l.tellDelivered(ctx), l.agenda.Handle(ctx, nil)}
	for {
		mails := l.queue.take()
		if len(mails) == 0 {
			break
		}
		faults = append(faults, l.mail(ctx, mails))
	}
	faults = append(faults, l.tellDelivered(ctx), l.aggregate.Handle(ctx, nil))
	return errors.Join(faults...)
}

// mail has the send function send, in batches as SQS makes them.
func (l *Local) mail(ctx context.Context, mails []ledger.Matter) error {
	const batch = 10
	var (
		group  sync.WaitGroup
		mutex  sync.Mutex
		faults []error
	)
	slots := make(chan struct{}, workers)
	for some := range slices.Chunk(mails, batch) {
		var event events.SQSEvent
		for i, m := range some {
			body, err := json.Marshal(m)
			if err != nil {
				return err
			}
			event.Records = append(event.Records, events.SQSMessage{MessageId: strconv.Itoa(i), EventSource: "aws:sqs", Body: string(body)})
		}
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			response, err := l.send.Handle(ctx, event)
			if err == nil && len(response.BatchItemFailures) > 0 {
				err = fmt.Errorf("%d mails failed", len(response.BatchItemFailures))
			}
			mutex.Lock()
			defer mutex.Unlock()
			faults = append(faults, err)
		})
	}
	group.Wait()
	return errors.Join(faults...)
}

// tellDelivered hands on the delivery of every mail that SES has taken.
func (l *Local) tellDelivered(ctx context.Context) error {
	for _, mail := range l.mailbox.Untold() {
		event, err := l.sesEvent(mail, "Delivery", "", l.clock.Now())
		if err != nil {
			return err
		}
		if err := l.mailevent.Handle(ctx, event); err != nil {
			return err
		}
		if err := l.mailbox.NoteTold(mail.MessageID); err != nil {
			return err
		}
	}
	return nil
}

// patience is by how much the clock goes on when something due cannot be done:
// the agenda's own minute, and doubled each time.
const patience = time.Minute

// Turn moves the clock to a later time, which target says by the clock's now, and
// does all that falls due on the way, in order, with the clock standing at each
// moment. Of two at once the second begins where the first ended.
func (l *Local) Turn(ctx context.Context, target func(now time.Time) (time.Time, error)) error {
	l.turn.Lock()
	defer l.turn.Unlock()
	at := l.clock.Now()
	to, err := target(at)
	if err != nil {
		return err
	}
	if err := l.tellDelivered(ctx); err != nil { // before the clock makes it late
		return err
	}
	defer func() {
		if err := l.clock.Run(); err != nil {
			l.log.Error("keeping the clock failed", "error", err)
		}
	}()
	pause := patience
	for first := true; ; first = false {
		due, ok, err := l.ledger.NextDue(ctx, to)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		switch {
		case due.After(at):
			at, pause = due, patience
		case !first: // what was due at this moment could not be done
			if at = at.Add(pause); at.After(to) {
				return l.clock.Hold(to)
			}
			pause *= 2
		}
		if err := l.clock.Hold(at); err != nil {
			return err
		}
		if err := l.catchUp(ctx); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			l.log.Error("doing what is due failed", "error", err)
		}
	}
	return l.clock.Hold(to)
}
