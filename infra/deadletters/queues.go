// Package deadletters looks into the queues where failures wait for a person, and
// hands what is in them back once the cause is mended. infra/kaiku's command
// dead-letters is its face; docs/runbooks say when to use it.
package deadletters

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// SQS is what is used of the SQS client.
type SQS interface {
	ListQueues(context.Context, *sqs.ListQueuesInput, ...func(*sqs.Options)) (*sqs.ListQueuesOutput, error)
	ListDeadLetterSourceQueues(context.Context, *sqs.ListDeadLetterSourceQueuesInput, ...func(*sqs.Options)) (*sqs.ListDeadLetterSourceQueuesOutput, error)
	GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	ChangeMessageVisibility(context.Context, *sqs.ChangeMessageVisibilityInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error)
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
	DeleteMessage(context.Context, *sqs.DeleteMessageInput, ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error)
	StartMessageMoveTask(context.Context, *sqs.StartMessageMoveTaskInput, ...func(*sqs.Options)) (*sqs.StartMessageMoveTaskOutput, error)
	ListMessageMoveTasks(context.Context, *sqs.ListMessageMoveTasksInput, ...func(*sqs.Options)) (*sqs.ListMessageMoveTasksOutput, error)
}

// Function is one of the functions whose failures are kept.
type Function string

// The functions with a queue of failures. The API's functions have none: whoever
// called them got the error.
const (
	Send      Function = "send"
	Mailevent Function = "mailevent"
	Agenda    Function = "agenda"
	Aggregate Function = "aggregate"
)

// Functions in the order in which they are shown: by what a loss would cost.
var Functions = []Function{Send, Mailevent, Agenda, Aggregate}

// logical are the queues' names in template.yaml.
var logical = map[Function]string{Send: "SendDeadLetters", Mailevent: "MaileventFailures", Agenda: "AgendaFailures", Aggregate: "AggregateFailures"}

// LogicalName is what template.yaml calls the queue of f.
func (f Function) LogicalName() string { return logical[f] }

// Queue is one queue of failures.
type Queue struct {
	Function Function
	URL      string
}

// Find finds the queue of f in a stack by the name that CloudFormation gives it:
// the stack's, the queue's in the template, something random. So neither a
// permission nor a client for CloudFormation is needed.
func Find(ctx context.Context, client SQS, stack string, f Function) (Queue, error) {
	prefix := stack + "-" + f.LogicalName() + "-"
	out, err := client.ListQueues(ctx, &sqs.ListQueuesInput{QueueNamePrefix: &prefix})
	if err != nil {
		return Queue{}, fmt.Errorf("looking for the queue %s…: %w", prefix, err)
	}
	switch len(out.QueueUrls) {
	case 1:
		return Queue{f, out.QueueUrls[0]}, nil
	case 0:
		return Queue{}, fmt.Errorf("no queue is called %s… in this account and region; name the stack with --stack, or the queue with --queue", prefix)
	}
	return Queue{}, fmt.Errorf("%d queues are called %s…: %s; name one with --queue", len(out.QueueUrls), prefix, strings.Join(out.QueueUrls, ", "))
}

// Count is how many messages a queue holds: Waiting to be taken, and InHand of
// somebody who looks at them now. SQS calls both approximate.
type Count struct{ Waiting, InHand int }

// Count counts the messages of a queue.
func (q Queue) Count(ctx context.Context, client SQS) (Count, error) {
	attributes, err := q.attributes(ctx, client)
	if err != nil {
		return Count{}, err
	}
	var c Count
	for name, to := range map[types.QueueAttributeName]*int{
		types.QueueAttributeNameApproximateNumberOfMessages:           &c.Waiting,
		types.QueueAttributeNameApproximateNumberOfMessagesNotVisible: &c.InHand,
	} {
		if _, err := fmt.Sscan(attributes[string(name)], to); err != nil {
			return Count{}, fmt.Errorf("counting the messages of a queue: %s is %q", name, attributes[string(name)])
		}
	}
	return c, nil
}

func (q Queue) attributes(ctx context.Context, client SQS) (map[string]string, error) {
	out, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &q.URL,
		AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll}})
	if err != nil {
		return nil, fmt.Errorf("asking for the attributes of a queue: %w", err)
	}
	return out.Attributes, nil
}

// arn is how a task of SQS names the queue.
func (q Queue) arn(ctx context.Context, client SQS) (string, error) {
	attributes, err := q.attributes(ctx, client)
	if err != nil {
		return "", err
	}
	arn := attributes[string(types.QueueAttributeNameQueueArn)]
	if arn == "" {
		return "", errors.New("the queue does not tell its ARN")
	}
	return arn, nil
}

// source is the one queue whose messages end in q.
func (q Queue) source(ctx context.Context, client SQS) (string, error) {
	out, err := client.ListDeadLetterSourceQueues(ctx, &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: &q.URL})
	if err != nil {
		return "", fmt.Errorf("asking whose dead letters these are: %w", err)
	}
	if len(out.QueueUrls) != 1 {
		return "", fmt.Errorf("these are the dead letters of %d queues, not of one: messages cannot go back", len(out.QueueUrls))
	}
	return out.QueueUrls[0], nil
}

// take receives up to ten messages and hides them for so many seconds.
func (q Queue) take(ctx context.Context, client SQS, hide int32) ([]types.Message, error) {
	out, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &q.URL, MaxNumberOfMessages: 10, VisibilityTimeout: hide,
		// Asks all of SQS's servers: a short poll asks some, and may find nothing though there is something.
		WaitTimeSeconds:             1,
		MessageAttributeNames:       []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll}})
	if err != nil {
		return nil, fmt.Errorf("taking messages from a queue: %w", err)
	}
	return out.Messages, nil
}

// giveBack lets a taken message be seen again at once.
func (q Queue) giveBack(ctx context.Context, client SQS, m types.Message) error {
	_, err := client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: &q.URL, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: 0})
	if err != nil {
		return fmt.Errorf("giving a message back: %w", err)
	}
	return nil
}

func (q Queue) remove(ctx context.Context, client SQS, m types.Message) error {
	if _, err := client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &q.URL, ReceiptHandle: m.ReceiptHandle}); err != nil {
		return fmt.Errorf("deleting message %s, which was handed on: %w", aws.ToString(m.MessageId), err)
	}
	return nil
}
