package faults

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"kaiku/functions/agenda"
	"kaiku/functions/aggregate"
	"kaiku/functions/mailevent"
	"kaiku/functions/respond"
	"kaiku/functions/send"
	webhookfn "kaiku/functions/webhook"
	"kaiku/shared/ledger"
	"kaiku/shared/mail"
	"kaiku/shared/mail/quota"
	"kaiku/shared/sns"
	"kaiku/shared/table"
)

// process is the functions in memory, made anew after a crash. What lasts is the
// world's: the store, the queue, SES and its mailbox.
type process struct {
	world *world
	dead  atomic.Bool

	http      http.Handler
	agenda    *agenda.Handler
	send      *send.Handler
	mailevent *mailevent.Handler
	aggregate *aggregate.Handler
}

func newProcess(w *world) *process {
	p := &process{world: w}
	book := ledger.New(faultyTable{w.store, p}, w.policy, ledger.NewIDs())
	now := func() time.Time { return w.now }
	outside := services{p}
	p.agenda = &agenda.Handler{Ledger: book, Queue: &agenda.SQSQueue{Client: outside, URL: "queue", Now: now}, Account: quota.Account{SES: outside},
		Now: now, Log: w.log, Workers: 1}
	p.send = &send.Handler{Ledger: book, Sender: mail.Sender{SES: outside}, Policy: w.policy, Wording: w.wording, Keys: w.keys,
		BaseURL: baseURL, Now: now, Log: w.log}
	p.mailevent = &mailevent.Handler{Verifier: trusting{}, Ledger: book, Now: now, Log: w.log}
	p.aggregate = &aggregate.Handler{Ledger: book, Now: now, Log: w.log,
		Monthly: aggregate.Monthly{Sender: mail.Sender{SES: outside}, Policy: w.policy, Keys: w.keys, BaseURL: baseURL}}
	mux := http.NewServeMux()
	(&webhookfn.Handler{Verifier: w.secrets, Ledger: book, Now: now, Log: w.log}).Routes(mux)
	(&respond.Handler{Ledger: book, Policy: w.policy, Wording: w.wording, Keys: w.keys, Now: now, Log: w.log}).Routes(mux)
	p.http = mux
	return p
}

// trusting takes every notification for the topic's: signatures are package sns's.
type trusting struct{}

func (trusting) Verify(context.Context, sns.Notification) error { return nil }

// live ends the goroutine of a process that has crashed.
func (p *process) live() {
	if p.dead.Load() {
		runtime.Goexit()
	}
}

// crash ends the process where it stands: this goroutine at once, any other at
// its next call.
func (p *process) crash() {
	p.dead.Store(true)
	runtime.Goexit()
}

// call does what is done at a fault point, and what is to go wrong there.
func (p *process) call(at point, do func() error) (mode, error) {
	p.live()
	m := p.world.faults.next(at)
	switch m {
	case crashBefore:
		p.crash()
	case errorBefore, throttled, failed, rejected:
		return m, errLost
	}
	err := do()
	switch m {
	case crashAfter:
		p.crash()
	case errorAfter, failedAfter:
		return m, errLost
	case echo:
		if err == nil {
			return m, &table.ConditionError{Failed: []bool{true}}
		}
	}
	return m, err
}

// faultyTable is the store as a process sees it.
type faultyTable struct {
	table.Table
	process *process
}

func (t faultyTable) Get(ctx context.Context, key table.Key) (table.Item, error) {
	t.process.live()
	return t.Table.Get(ctx, key)
}

func (t faultyTable) Query(ctx context.Context, q table.Query) (table.Page, error) {
	t.process.live()
	return t.Table.Query(ctx, q)
}

func (t faultyTable) Due(ctx context.Context, lane string, until time.Time, limit int) ([]table.DueKey, error) {
	t.process.live()
	return t.Table.Due(ctx, lane, until, limit)
}

func (t faultyTable) Write(ctx context.Context, writes ...table.Write) error {
	_, err := t.process.call(point{writing, len(writes)}, func() error { return t.Table.Write(ctx, writes...) })
	return err
}

// services are SES and SQS as a process sees them.
type services struct{ *process }

func (s services) SendEmail(_ context.Context, in *sesv2.SendEmailInput, _ ...func(*sesv2.Options)) (*sesv2.SendEmailOutput, error) {
	var id string
	m, err := s.call(point{kind: mailing}, func() error {
		id = s.world.post.take(s.world, in)
		return nil
	})
	switch m {
	case throttled:
		return nil, &types.TooManyRequestsException{}
	case rejected:
		return nil, &types.BadRequestException{}
	case failed, failedAfter:
		return nil, &awshttp.ResponseError{ResponseError: &smithyhttp.ResponseError{Err: errors.New("SES failed"),
			Response: &smithyhttp.Response{Response: &http.Response{StatusCode: http.StatusInternalServerError}}}}
	}
	if err != nil {
		return nil, err
	}
	return &sesv2.SendEmailOutput{MessageId: &id}, nil
}

func (s services) GetAccount(context.Context, *sesv2.GetAccountInput, ...func(*sesv2.Options)) (*sesv2.GetAccountOutput, error) {
	_, err := s.call(point{kind: asking}, func() error { return nil })
	if err != nil {
		return nil, err
	}
	return &sesv2.GetAccountOutput{SendingEnabled: true, SendQuota: &types.SendQuota{Max24HourSend: -1, MaxSendRate: 14}}, nil
}

func (s services) SendMessageBatch(_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	_, err := s.call(point{kind: queueing}, func() error {
		for _, e := range in.Entries {
			s.world.queue.add(*e.MessageBody, s.world.now.Add(time.Duration(e.DelaySeconds)*time.Second), s.world.twice)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &sqs.SendMessageBatchOutput{}, nil
}

// namespaced is a part of a table that one run has to itself, the due index too.
type namespaced struct {
	table.Table
	name string
}

func (n namespaced) in(k table.Key) table.Key {
	k.Partition = n.name + k.Partition
	return k
}

func (n namespaced) out(k table.Key) table.Key {
	k.Partition = strings.TrimPrefix(k.Partition, n.name)
	return k
}

func (n namespaced) Get(ctx context.Context, key table.Key) (table.Item, error) {
	item, err := n.Table.Get(ctx, n.in(key))
	item.Key = n.out(item.Key)
	item.Due.Lane = strings.TrimPrefix(item.Due.Lane, n.name)
	return item, err
}

func (n namespaced) Query(ctx context.Context, q table.Query) (table.Page, error) {
	q.Partition = n.name + q.Partition
	page, err := n.Table.Query(ctx, q)
	for i := range page.Items {
		page.Items[i].Key = n.out(page.Items[i].Key)
		page.Items[i].Due.Lane = strings.TrimPrefix(page.Items[i].Due.Lane, n.name)
	}
	return page, err
}

func (n namespaced) Due(ctx context.Context, lane string, until time.Time, limit int) ([]table.DueKey, error) {
	keys, err := n.Table.Due(ctx, n.name+lane, until, limit)
	for i := range keys {
		keys[i].Key = n.out(keys[i].Key)
	}
	return keys, err
}

func (n namespaced) Write(ctx context.Context, writes ...table.Write) error {
	own := make([]table.Write, len(writes))
	for i, w := range writes {
		w.Item.Key = n.in(w.Item.Key)
		if w.Item.Due.Lane != "" {
			w.Item.Due.Lane = n.name + w.Item.Due.Lane
		}
		own[i] = w
	}
	return n.Table.Write(ctx, own...)
}
