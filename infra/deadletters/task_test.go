package deadletters

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

// mover is an SQS whose tasks go as they are told: moto has none. All that is not
// below panics, as nothing else may be called.
type mover struct {
	SQS
	refused error
	states  []types.ListMessageMoveTasksResultEntry
	started []*sqs.StartMessageMoveTaskInput
}

func (m *mover) GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error) {
	return &sqs.GetQueueAttributesOutput{Attributes: map[string]string{"QueueArn": "arn:aws:sqs:eu-north-1:1:kaiku-SendDeadLetters-A1"}}, nil
}

func (m *mover) StartMessageMoveTask(_ context.Context, in *sqs.StartMessageMoveTaskInput, _ ...func(*sqs.Options)) (*sqs.StartMessageMoveTaskOutput, error) {
	m.started = append(m.started, in)
	return &sqs.StartMessageMoveTaskOutput{TaskHandle: aws.String("task")}, m.refused
}

func (m *mover) ListMessageMoveTasks(context.Context, *sqs.ListMessageMoveTasksInput, ...func(*sqs.Options)) (*sqs.ListMessageMoveTasksOutput, error) {
	next := m.states[0]
	if len(m.states) > 1 {
		m.states = m.states[1:]
	}
	return &sqs.ListMessageMoveTasksOutput{Results: []types.ListMessageMoveTasksResultEntry{next}}, nil
}

func state(status string, moved, of int64) types.ListMessageMoveTasksResultEntry {
	return types.ListMessageMoveTasksResultEntry{Status: &status, ApproximateNumberOfMessagesMoved: moved, ApproximateNumberOfMessagesToMove: &of}
}

func TestATaskIsFollowedToItsEnd(t *testing.T) {
	m := &mover{states: []types.ListMessageMoveTasksResultEntry{state("RUNNING", 0, 40), state("RUNNING", 25, 40), state("COMPLETED", 40, 40)}}
	var told []string
	moved, err := Queue{Send, "url"}.MoveTask(t.Context(), m, 5, 0, func(moved, of int64) { told = append(told, fmt.Sprint(moved, "/", of)) })
	if err != nil || moved != 40 || fmt.Sprint(told) != "[0/40 25/40 40/40]" {
		t.Errorf("moved %d, told %v, %v", moved, told, err)
	}
	in := m.started[0]
	if len(m.started) != 1 || *in.MaxNumberOfMessagesPerSecond != 5 || !strings.HasSuffix(*in.SourceArn, "A1") || in.DestinationArn != nil {
		t.Errorf("started %d, %+v", len(m.started), in)
	}
}

func TestATaskThatFailsSaysWhy(t *testing.T) {
	failed := state("FAILED", 3, 40)
	failed.FailureReason = aws.String("AccessDenied")
	m := &mover{states: []types.ListMessageMoveTasksResultEntry{failed}}
	moved, err := Queue{Send, "url"}.MoveTask(t.Context(), m, 0, 0, func(_, _ int64) {})
	if moved != 3 || err == nil || !strings.Contains(err.Error(), "FAILED: AccessDenied") {
		t.Errorf("moved %d, %v", moved, err)
	}
	if m.started[0].MaxNumberOfMessagesPerSecond != nil {
		t.Error("a rate that nobody asked for")
	}
}

func TestARefusedTaskSaysWhatToDo(t *testing.T) {
	for code, want := range map[string]string{
		"AccessDenied": "sqs:StartMessageMoveTask",
		"AWS.SimpleQueueService.UnsupportedOperation": "a task runs already",
		"InvalidAction": "--one-by-one",
	} {
		m := &mover{refused: &smithy.GenericAPIError{Code: code}}
		if _, err := (Queue{Send, "url"}).MoveTask(t.Context(), m, 0, 0, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", code, err, want)
		}
	}
}

func TestATaskThatNobodyWatchesGoesOn(t *testing.T) {
	m := &mover{states: []types.ListMessageMoveTasksResultEntry{state("RUNNING", 1, 40)}}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Queue{Send, "url"}.MoveTask(ctx, m, 0, 1<<40, func(_, _ int64) { cancel() })
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "goes on") {
		t.Error(err)
	}
}

func TestARateThatSQSWouldRefuseIsRefused(t *testing.T) {
	for rate, ok := range map[int]bool{-1: false, 0: true, 1: true, 500: true, 501: false} {
		if err := CheckRate(rate); (err == nil) != ok {
			t.Errorf("%d: %v", rate, err)
		}
	}
}
