package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kaiku/shared/table"
)

// Write implements table.Table. An item costs one write unit for every 1 KB
// begun (of the larger of old and new), twice that in a transaction; one more if
// it enters or leaves the index, two if it moves there. A lone Check is a read
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html).
func (t *Table) Write(ctx context.Context, writes ...table.Write) error {
	if err := table.Validate(writes); err != nil {
		return err
	}
	if len(writes) == 0 {
		return nil
	}
	if err := t.write(ctx, writes); err != nil {
		return fmt.Errorf("dynamo: write: %w", err)
	}
	return nil
}

func (t *Table) write(ctx context.Context, writes []table.Write) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	// places are those of writes that DynamoDB has to hear of: not a Check that
	// always holds.
	var places []int
	for i, w := range writes {
		if w.Op != table.OpCheck || w.If.Kind != table.CondAny {
			places = append(places, i)
		}
	}
	switch {
	case len(places) == 0:
		return nil
	case len(places) > 1:
		return t.transact(ctx, writes, places)
	}
	w := writes[places[0]]
	if w.Op == table.OpCheck {
		holds, err := t.check(ctx, w)
		if err == nil && !holds {
			err = conditionError([]bool{true}, places, len(writes))
		}
		return err
	}
	return t.retry.do(ctx, places, len(writes), func(string) error {
		if w.Op == table.OpDelete {
			return t.delete(ctx, w)
		}
		return t.put(ctx, w)
	})
}

func (t *Table) put(ctx context.Context, w table.Write) error {
	e := newExpression(w)
	out, err := t.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 &t.name,
		Key:                       encodeKey(w.Item.Key),
		UpdateExpression:          e.update,
		ConditionExpression:       e.condition,
		ExpressionAttributeNames:  e.names,
		ExpressionAttributeValues: e.values,
		ReturnConsumedCapacity:    types.ReturnConsumedCapacityTotal,
	})
	if err != nil {
		return err
	}
	t.meter.write(out.ConsumedCapacity)
	return nil
}

func (t *Table) delete(ctx context.Context, w table.Write) error {
	e := newExpression(w)
	out, err := t.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName:                 &t.name,
		Key:                       encodeKey(w.Item.Key),
		ConditionExpression:       e.condition,
		ExpressionAttributeNames:  e.names,
		ExpressionAttributeValues: e.values,
		ReturnConsumedCapacity:    types.ReturnConsumedCapacityTotal,
	})
	if err != nil {
		return err
	}
	t.meter.write(out.ConsumedCapacity)
	return nil
}

// check reads: one read unit where a transaction of one would cost two write
// units.
func (t *Table) check(ctx context.Context, w table.Write) (holds bool, err error) {
	attributes, err := t.get(ctx, w.Item.Key)
	if err != nil {
		return false, err
	}
	if attributes == nil {
		return w.If.Holds(0), nil
	}
	item, err := decode(attributes)
	if err != nil {
		return false, err
	}
	return w.If.Holds(item.Version), nil
}

func (t *Table) transact(ctx context.Context, writes []table.Write, places []int) error {
	items := make([]types.TransactWriteItem, len(places))
	for i, place := range places {
		items[i] = t.transactItem(writes[place])
	}
	return t.retry.do(ctx, places, len(writes), func(token string) error {
		out, err := t.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
			TransactItems:          items,
			ClientRequestToken:     &token,
			ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		})
		if err != nil {
			return err
		}
		for i := range out.ConsumedCapacity {
			t.meter.write(&out.ConsumedCapacity[i])
		}
		return nil
	})
}

func (t *Table) transactItem(w table.Write) types.TransactWriteItem {
	e, key := newExpression(w), encodeKey(w.Item.Key)
	switch w.Op {
	case table.OpPut:
		return types.TransactWriteItem{Update: &types.Update{
			TableName:                 &t.name,
			Key:                       key,
			UpdateExpression:          e.update,
			ConditionExpression:       e.condition,
			ExpressionAttributeNames:  e.names,
			ExpressionAttributeValues: e.values,
		}}
	case table.OpDelete:
		return types.TransactWriteItem{Delete: &types.Delete{
			TableName:                 &t.name,
			Key:                       key,
			ConditionExpression:       e.condition,
			ExpressionAttributeNames:  e.names,
			ExpressionAttributeValues: e.values,
		}}
	default:
		return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName:                 &t.name,
			Key:                       key,
			ConditionExpression:       e.condition,
			ExpressionAttributeNames:  e.names,
			ExpressionAttributeValues: e.values,
		}}
	}
}
