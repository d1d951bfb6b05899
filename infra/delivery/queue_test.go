package delivery

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// queue is SQS as far as it is used: it holds messages back by their delay, and
// lets them go in no order.
type queue struct {
	clock *clock

	mutex   sync.Mutex
	waiting []message
	// taken counts all that were ever queued.
	taken int
}

type message struct {
	body string
	at   time.Time
}

// callTime is how long a call takes, so that those of one run do not come all at
// one moment.
const callTime = 30 * time.Millisecond

// maxDelay is the longest that SQS holds a message back (SQS API, DelaySeconds).
const maxDelay = 900

// SendMessageBatch implements agenda.SQS.
func (q *queue) SendMessageBatch(_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	q.clock.spend(callTime)
	q.mutex.Lock()
	defer q.mutex.Unlock()
	for _, e := range in.Entries {
		if e.DelaySeconds < 0 || e.DelaySeconds > maxDelay {
			panic("SQS refuses this delay")
		}
		q.waiting = append(q.waiting, message{aws.ToString(e.MessageBody), q.clock.Now().Add(time.Duration(e.DelaySeconds) * time.Second)})
		q.taken++
	}
	return &sqs.SendMessageBatchOutput{}, nil
}

// take takes what may leave by now.
func (q *queue) take() (bodies []string) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	now := q.clock.Now()
	q.waiting = slices.DeleteFunc(q.waiting, func(m message) bool {
		if m.at.After(now) {
			return false
		}
		bodies = append(bodies, m.body)
		return true
	})
	return bodies
}

func (q *queue) len() int {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	return len(q.waiting)
}
