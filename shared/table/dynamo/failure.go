package dynamo

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// verdict is what a failed attempt to write means for the next.
type verdict int

const (
	// final: nothing is won by trying again.
	final verdict = iota
	// refused: a condition failed.
	refused
	// cancelled: nothing was written, others were in the way.
	cancelled
	// turnedAway: DynamoDB was too busy to begin.
	turnedAway
	// unfinished: an earlier attempt, lost on the way, is still being worked on.
	unfinished
)

// Reasons of a cancelled transaction, one for each item
// (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html).
const (
	reasonNone       = "None"
	reasonCondition  = "ConditionalCheckFailed"
	reasonConflict   = "TransactionConflict"
	reasonThroughput = "ProvisionedThroughputExceeded"
	reasonThrottled  = "ThrottlingError"
)

// Codes of errors that may go by themselves
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html).
const (
	codeConflict     = "TransactionConflictException"
	codeReplica      = "ReplicatedWriteConflictException"
	codeThroughput   = "ProvisionedThroughputExceededException"
	codeRequestLimit = "RequestLimitExceeded"
	codeThrottling   = "ThrottlingException"
	codeInProgress   = "TransactionInProgressException"
)

// judge reads an error of the client; parts is how many items were written.
// failed is not nil when the verdict is refused.
func judge(err error, parts int) (v verdict, failed []bool) {
	var condition *types.ConditionalCheckFailedException
	if errors.As(err, &condition) {
		return refused, []bool{true}
	}
	var transaction *types.TransactionCanceledException
	if errors.As(err, &transaction) {
		return judgeReasons(transaction.CancellationReasons, parts)
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return final, nil
	}
	switch api.ErrorCode() {
	case codeConflict, codeReplica:
		return cancelled, nil
	case codeThroughput, codeRequestLimit, codeThrottling:
		return turnedAway, nil
	case codeInProgress:
		return unfinished, nil
	default:
		return final, nil
	}
}

// judgeReasons lets a failed condition count for more than a conflict beside it:
// whoever holds the other item, this transaction was decided on stale reading.
func judgeReasons(reasons []types.CancellationReason, parts int) (verdict, []bool) {
	failed := make([]bool, parts)
	v := final
	broken := false
	for i, reason := range reasons {
		switch aws.ToString(reason.Code) {
		case reasonCondition:
			if i < parts {
				failed[i] = true
				v = refused
			}
		case reasonConflict, reasonThroughput, reasonThrottled:
			if v == final {
				v = cancelled
			}
		case reasonNone, "":
		default:
			broken = true
		}
	}
	switch {
	case v == refused:
		return refused, failed
	case broken:
		return final, nil
	default:
		return v, nil
	}
}
