package agenda

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// SQS is the part of the SQS client that is used.
type SQS interface {
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
}

// SQSQueue is a Queue on Amazon SQS.
type SQSQueue struct {
	Client SQS
	URL    string
	Now    func() time.Time
}

// sqsBatch is the most messages that one SendMessageBatch takes.
const sqsBatch = 10

// Send queues mails, and fails if any was not taken.
func (q *SQSQueue) Send(ctx context.Context, mails []Mail) error {
	for some := range slices.Chunk(mails, sqsBatch) {
		in := &sqs.SendMessageBatchInput{QueueUrl: &q.URL}
		for i, m := range some {
			body, err := json.Marshal(m.Matter)
			if err != nil {
				return fmt.Errorf("queueing mails: %w", err)
			}
			in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{
				Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String(string(body)),
				DelaySeconds: q.delay(m.At)})
		}
		out, err := q.Client.SendMessageBatch(ctx, in)
		if err != nil {
			return fmt.Errorf("queueing mails: %w", err)
		}
		if len(out.Failed) > 0 {
			return fmt.Errorf("queueing mails: %d of %d were not taken: %s", len(out.Failed), len(some), aws.ToString(out.Failed[0].Code))
		}
	}
	return nil
}

// delay is until at, rounded up: however long the calls before took, a mail then
// leaves within the second that begins at its time.
func (q *SQSQueue) delay(at time.Time) int32 {
	return int32(max(0, math.Ceil(at.Sub(q.Now()).Seconds())))
}
