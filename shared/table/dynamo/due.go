package dynamo

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kaiku/shared/table"
)

// indexDue is the name of the sparse index.
const indexDue = "due"

// Due implements table.Table. It asks all shards at once, each for limit
// entries, since any of them may hold all that is due: half a read unit for
// every 4 KB begun in each shard, about 40 entries, so 4 units at least.
func (t *Table) Due(ctx context.Context, lane string, until time.Time, limit int) ([]table.DueKey, error) {
	if err := table.ValidateDue(lane, limit); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("dynamo: due in %q: %w", lane, err)
	}
	bound := dueBound(until)
	shards, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var found [table.Shards][]table.DueKey
	var group sync.WaitGroup
	for shard := range found {
		group.Go(func() {
			var err error
			if found[shard], err = t.dueInShard(shards, laneShard(lane, shard), bound, limit); err != nil {
				cancel(err)
			}
		})
	}
	group.Wait()
	if shards.Err() != nil {
		// The first fault: those of the other shards come from its cancelling.
		return nil, fmt.Errorf("dynamo: due in %q: %w", lane, context.Cause(shards))
	}
	due := slices.Concat(found[:]...)
	slices.SortFunc(due, func(a, b table.DueKey) int {
		return cmp.Or(
			a.At.Compare(b.At),
			strings.Compare(a.Key.Partition, b.Key.Partition),
			strings.Compare(a.Key.Sort, b.Key.Sort),
		)
	})
	return due[:min(limit, len(due))], nil
}

// dueBound writes until as the index does, brought into the years that it can
// hold.
func dueBound(until time.Time) string {
	until = until.UTC()
	switch {
	case until.Year() > 9999:
		until = time.Date(9999, time.December, 31, 23, 59, 59, int(999*time.Millisecond), time.UTC)
	case until.Year() < 1:
		until = time.Time{}.Add(-time.Millisecond)
	}
	return until.Format(dueLayout)
}

// dueInShard reads one shard, a page after the other, until there are limit
// entries or no more.
func (t *Table) dueInShard(ctx context.Context, shard, bound string, limit int) ([]table.DueKey, error) {
	input := &dynamodb.QueryInput{
		TableName:                &t.name,
		IndexName:                aws.String(indexDue),
		KeyConditionExpression:   aws.String("#lane = :lane AND #due <= :until"),
		ExpressionAttributeNames: map[string]string{"#lane": attrLane, "#due": attrDue},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":lane": text(shard), ":until": text(bound),
		},
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	}
	var due []table.DueKey
	for {
		input.Limit = aws.Int32(int32(min(limit-len(due), math.MaxInt32)))
		out, err := t.client.Query(ctx, input)
		if err != nil {
			return nil, fmt.Errorf("shard %s: %w", shard, err)
		}
		t.meter.read(out.ConsumedCapacity)
		for _, attributes := range out.Items {
			entry := reader{attributes: attributes}
			due = append(due, table.DueKey{Key: entry.key(), At: entry.due()})
			if entry.err != nil {
				return nil, fmt.Errorf("shard %s: %w", shard, entry.err)
			}
		}
		if len(due) >= limit || out.LastEvaluatedKey == nil {
			return due, nil
		}
		input.ExclusiveStartKey = out.LastEvaluatedKey
	}
}
