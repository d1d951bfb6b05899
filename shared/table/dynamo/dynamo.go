// Package dynamo keeps the contract of package table in one DynamoDB table.
//
// Keys are the strings pk and sk. The body is a string too, so that an item can
// be read in the console. Items with a due time have the attributes lane (the
// lane and its shard) and due (UTC, to the millisecond, as text), which are the
// keys of the sparse index "due"; others are not in it. Every put is an update
// that adds one to the version, so that one which changes neither lane nor due
// costs no write of the index.
package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kaiku/shared/table"
)

// Client is what a Table needs of *dynamodb.Client. Its own retrying of lost
// connections and throttled reads is relied upon.
type Client interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

// Table is a table.Table in DynamoDB.
type Table struct {
	client Client
	name   string
	meter  meter
	retry  retry
}

var _ table.Table = (*Table)(nil)

// New uses the table called name, which must be there, with the shape that
// Create gives it.
func New(client Client, name string) *Table {
	return &Table{client: client, name: name, retry: newRetry()}
}

// Get implements table.Table: one read unit for every 4 KB begun.
func (t *Table) Get(ctx context.Context, key table.Key) (table.Item, error) {
	if err := table.ValidateKey(key); err != nil {
		return table.Item{}, err
	}
	attributes, err := t.get(ctx, key)
	if err != nil {
		return table.Item{}, fmt.Errorf("dynamo: get %q: %w", key, err)
	}
	if attributes == nil {
		return table.Item{}, fmt.Errorf("dynamo: get %q: %w", key, table.ErrNotFound)
	}
	return decode(attributes)
}

// get reads an item as it is now, nil for none.
func (t *Table) get(ctx context.Context, key table.Key) (map[string]types.AttributeValue, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:              &t.name,
		Key:                    encodeKey(key),
		ConsistentRead:         aws.Bool(true),
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	})
	if err != nil {
		return nil, err
	}
	t.meter.read(out.ConsumedCapacity)
	return out.Item, nil
}
