package deadletters

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// hidden is for how many seconds a message that is looked at stays out of the way
// of the next look: longer than looking at all of them takes, and short enough
// that those of a command that was killed come back soon.
const hidden = 60

// List looks at up to most messages of a queue and puts all of them back. SQS has
// no way to look without taking, so each look counts as one more receipt; nothing
// is lost by that, since no queue takes dead letters of this one. Oldest first.
func (q Queue) List(ctx context.Context, client SQS, most int) (letters []Letter, err error) {
	var taken []types.Message
	defer func() {
		// Also when the look was broken off: else they would stay hidden for a while.
		back := context.WithoutCancel(ctx)
		for _, m := range taken {
			err = errors.Join(err, q.giveBack(back, client, m))
		}
	}()
	seen := map[string]bool{}
	for len(letters) < most {
		some, err := q.take(ctx, client, hidden)
		if err != nil {
			return nil, err
		}
		fresh := false
		for _, m := range some {
			taken = append(taken, m)
			if id := aws.ToString(m.MessageId); !seen[id] && len(letters) < most {
				seen[id], fresh = true, true
				letters = append(letters, read(m))
			}
		}
		if !fresh {
			break
		}
	}
	slices.SortStableFunc(letters, func(a, b Letter) int { return a.Since.Compare(b.Since) })
	return letters, nil
}
