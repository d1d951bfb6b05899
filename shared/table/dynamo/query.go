package dynamo

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kaiku/shared/table"
)

// Query implements table.Table: one read unit for every 4 KB begun of the whole
// page, half of it if Eventually.
func (t *Table) Query(ctx context.Context, q table.Query) (table.Page, error) {
	if err := table.ValidateQuery(q); err != nil {
		return table.Page{}, err
	}
	if err := ctx.Err(); err != nil {
		return table.Page{}, fmt.Errorf("dynamo: query %q: %w", q.Partition, err)
	}
	input, empty := t.queryInput(q)
	if empty {
		return table.Page{}, nil
	}
	out, err := t.client.Query(ctx, input)
	if err != nil {
		return table.Page{}, fmt.Errorf("dynamo: query %q: %w", q.Partition, err)
	}
	t.meter.read(out.ConsumedCapacity)
	var page table.Page
	for _, attributes := range out.Items {
		item, err := decode(attributes)
		if err != nil {
			return table.Page{}, err
		}
		page.Items = append(page.Items, item)
	}
	if out.LastEvaluatedKey != nil {
		last := reader{attributes: out.LastEvaluatedKey}
		page.Next = last.key().Sort
		if last.err != nil {
			return table.Page{}, fmt.Errorf("dynamo: query %q: the key to go on at: %w", q.Partition, last.err)
		}
	}
	return page, nil
}

// queryInput translates q; empty says that nothing can be in it.
func (t *Table) queryInput(q table.Query) (input *dynamodb.QueryInput, empty bool) {
	after, empty := startOf(q)
	if empty {
		return nil, true
	}
	condition := "#pk = :partition"
	names := map[string]string{"#pk": attrPartition}
	values := map[string]types.AttributeValue{":partition": text(q.Partition)}
	switch {
	case q.From != "" && q.To != "":
		condition += " AND #sk BETWEEN :from AND :to"
	case q.From != "":
		condition += " AND #sk >= :from"
	case q.To != "":
		condition += " AND #sk <= :to"
	}
	if q.From != "" || q.To != "" {
		names["#sk"] = attrSort
	}
	if q.From != "" {
		values[":from"] = text(q.From)
	}
	if q.To != "" {
		values[":to"] = text(q.To)
	}
	input = &dynamodb.QueryInput{
		TableName:                 &t.name,
		KeyConditionExpression:    &condition,
		ExpressionAttributeNames:  names,
		ExpressionAttributeValues: values,
		ConsistentRead:            aws.Bool(!q.Eventually),
		ScanIndexForward:          aws.Bool(!q.Reverse),
		ReturnConsumedCapacity:    types.ReturnConsumedCapacityTotal,
	}
	if q.Limit > 0 {
		input.Limit = aws.Int32(int32(min(q.Limit, math.MaxInt32)))
	}
	if after != "" {
		input.ExclusiveStartKey = encodeKey(table.Key{Partition: q.Partition, Sort: after})
	}
	return input, false
}

// startOf is the sort key to start behind, if any. DynamoDB refuses what the
// contract allows: bounds that cross, and a start at the last bound or outside of
// the two.
func startOf(q table.Query) (after string, empty bool) {
	if q.From != "" && q.To != "" && q.From > q.To {
		return "", true
	}
	first, last, order := q.From, q.To, strings.Compare
	if q.Reverse {
		first, last = q.To, q.From
		order = func(a, b string) int { return strings.Compare(b, a) }
	}
	switch {
	case q.After == "", first != "" && order(q.After, first) < 0:
		return "", false
	case last != "" && order(q.After, last) >= 0:
		return "", true
	default:
		return q.After, false
	}
}
