package deadletters

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Lambda is the one call of Lambda that is made.
type Lambda interface {
	Invoke(context.Context, *lambda.InvokeInput, ...func(*lambda.Options)) (*lambda.InvokeOutput, error)
}

// Invoke hands every event of the queue to the function again and deletes those
// that it took. SQS cannot move these back: they came from no queue. Handing over
// one twice changes nothing, the ledger notes it once.
func (q Queue) Invoke(ctx context.Context, client SQS, functions Lambda, name string, perSecond int, tell Progress) (moved int64, err error) {
	return q.each(ctx, client, perSecond, tell, func(m types.Message) error {
		payload, err := payloadOf(aws.ToString(m.Body))
		if err != nil {
			return fmt.Errorf("message %s: %w", aws.ToString(m.MessageId), err)
		}
		out, err := functions.Invoke(ctx, &lambda.InvokeInput{FunctionName: &name, Payload: payload})
		if err != nil {
			return fmt.Errorf("calling %s with message %s: %w", name, aws.ToString(m.MessageId), err)
		}
		if out.FunctionError != nil {
			var said struct{ ErrorType, ErrorMessage string }
			if json.Unmarshal(out.Payload, &said) != nil {
				said.ErrorType = *out.FunctionError
			}
			return fmt.Errorf("%s failed on message %s again: %s", name, aws.ToString(m.MessageId), speakable(said.ErrorType+" "+said.ErrorMessage))
		}
		return nil
	})
}

// payloadOf is what the function was called with: it stands in the record that
// Lambda leaves, and what SNS gave up is wrapped as SNS would have.
func payloadOf(message string) ([]byte, error) {
	var b body
	if err := json.Unmarshal([]byte(message), &b); err != nil {
		return nil, errors.New("is no JSON")
	}
	switch {
	case b.RequestContext != nil && len(b.RequestPayload) > 0:
		return b.RequestPayload, nil
	case b.Type == "Notification":
		return json.Marshal(map[string]any{"Records": []any{map[string]any{"EventSource": "aws:sns", "Sns": json.RawMessage(message)}}})
	}
	return nil, errors.New("holds no event; look at it with `aws sqs receive-message` and delete it by hand")
}
