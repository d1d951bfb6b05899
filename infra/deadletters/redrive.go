package deadletters

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

// Progress is told after each step: how many messages went back so far, and how
// many there were, which is 0 where that is not known.
type Progress func(moved, of int64)

// fastest is the most messages a second that a task of SQS can be told to move.
const fastest = 500

// CheckRate refuses a rate that SQS would refuse. 0 leaves it to SQS.
func CheckRate(perSecond int) error {
	if perSecond < 0 || perSecond > fastest {
		return fmt.Errorf("messages a second must be 1 to %d", fastest)
	}
	return nil
}

// MoveTask has SQS itself move all messages back to where they came from, and
// follows its task to the end; pause is how long to wait between two looks at it.
// When ctx ends, the task goes on: SQS needs nobody to watch.
func (q Queue) MoveTask(ctx context.Context, client SQS, perSecond int, pause time.Duration, tell Progress) (moved int64, err error) {
	arn, err := q.arn(ctx, client)
	if err != nil {
		return 0, err
	}
	in := &sqs.StartMessageMoveTaskInput{SourceArn: &arn}
	if perSecond > 0 {
		in.MaxNumberOfMessagesPerSecond = aws.Int32(int32(perSecond))
	}
	if _, err := client.StartMessageMoveTask(ctx, in); err != nil {
		return 0, fmt.Errorf("SQS did not start to move the messages: %w", explained(err))
	}
	for {
		out, err := client.ListMessageMoveTasks(ctx, &sqs.ListMessageMoveTasksInput{SourceArn: &arn, MaxResults: aws.Int32(1)})
		if err != nil {
			return moved, fmt.Errorf("the messages are being moved, but how far SQS is cannot be seen: %w", err)
		}
		if len(out.Results) > 0 {
			task := out.Results[0]
			moved = task.ApproximateNumberOfMessagesMoved
			tell(moved, aws.ToInt64(task.ApproximateNumberOfMessagesToMove))
			switch status := aws.ToString(task.Status); status {
			case "COMPLETED":
				return moved, nil
			case "RUNNING", "CANCELLING", "":
			default:
				return moved, fmt.Errorf("SQS ended its task as %s: %s", status, aws.ToString(task.FailureReason))
			}
		}
		select {
		case <-ctx.Done():
			return moved, fmt.Errorf("no longer watched, SQS goes on moving: %w", ctx.Err())
		case <-time.After(pause):
		}
	}
}

// explained says what to do about an error of StartMessageMoveTask, where there is
// something.
func explained(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return fmt.Errorf("%w (no answer of SQS's own; where it has no such task, --one-by-one moves the messages)", err)
	}
	hint := ""
	switch api.ErrorCode() {
	case "AccessDenied", "AccessDeniedException":
		hint = "this needs sqs:StartMessageMoveTask, ReceiveMessage, DeleteMessage and GetQueueAttributes on the queue, and SendMessage on the one that they go back to"
	case "UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation":
		hint = "a task runs already, or this is no dead-letter queue of another queue; see `aws sqs list-message-move-tasks`"
	case "InvalidAction", "UnknownOperationException":
		hint = "whatever answers for SQS here does not know this action; --one-by-one moves the messages without it"
	default:
		return err
	}
	return fmt.Errorf("%w (%s)", err, hint)
}

// OneByOne moves the messages back without a task of SQS, for where none can be
// had: each is sent to where it came from and only then deleted, so a crash leaves
// one twice and none lost. The sender lets one of two through. It ends when the
// queue is empty.
func (q Queue) OneByOne(ctx context.Context, client SQS, perSecond int, tell Progress) (moved int64, err error) {
	to, err := q.source(ctx, client)
	if err != nil {
		return 0, err
	}
	return q.each(ctx, client, perSecond, tell, func(m types.Message) error {
		_, err := client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &to, MessageBody: m.Body, MessageAttributes: m.MessageAttributes})
		if err != nil {
			return fmt.Errorf("putting message %s back: %w", aws.ToString(m.MessageId), err)
		}
		return nil
	})
}

// each hands every message of the queue on and deletes it, at most as many a
// second as told. It stops at the first that cannot be handed on, which stays.
func (q Queue) each(ctx context.Context, client SQS, perSecond int, tell Progress, handOn func(types.Message) error) (moved int64, err error) {
	count, err := q.Count(ctx, client)
	if err != nil {
		return 0, err
	}
	tick := func() error { return ctx.Err() }
	if perSecond > 0 {
		ticker := time.NewTicker(time.Second / time.Duration(perSecond))
		defer ticker.Stop()
		tick = func() error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-ticker.C:
				return nil
			}
		}
	}
	for {
		some, err := q.take(ctx, client, hidden)
		if err != nil || len(some) == 0 {
			return moved, err
		}
		for i, m := range some {
			err := tick()
			if err == nil {
				err = handOn(m)
			}
			if err != nil {
				for _, left := range some[i:] {
					err = errors.Join(err, q.giveBack(context.WithoutCancel(ctx), client, left))
				}
				return moved, err
			}
			if err := q.remove(ctx, client, m); err != nil {
				return moved, err
			}
			moved++
			tell(moved, int64(count.Waiting))
		}
	}
}
