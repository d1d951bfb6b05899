package dynamo_test

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kaiku/infra/parts"
	"kaiku/shared/table"
	"kaiku/shared/table/dynamo"
)

func TestCreateMakesTheTableOnceAndKeepsWhatIsInIt(t *testing.T) {
	client, name := parts.DynamoClient(t), "test-"+rand.Text()
	item := table.Item{Key: table.Key{Partition: "p", Sort: "s"}, Body: []byte(`{}`)}
	for n := range 3 {
		if err := dynamo.Create(t.Context(), client, name); err != nil {
			t.Fatal(err)
		}
		if err := dynamo.New(client, name).Write(t.Context(), table.Put(item, table.VersionIs(int64(n)))); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheTableHasTheShapeThatTheDriverNeeds(t *testing.T) {
	client, name := parts.DynamoClient(t), "test-"+rand.Text()
	if err := dynamo.Create(t.Context(), client, name); err != nil {
		t.Fatal(err)
	}
	described, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		t.Fatal(err)
	}
	made := described.Table
	if made.BillingModeSummary == nil || made.BillingModeSummary.BillingMode != types.BillingModePayPerRequest {
		t.Errorf("billing mode is %+v, want on demand", made.BillingModeSummary)
	}
	if len(made.GlobalSecondaryIndexes) != 1 || made.GlobalSecondaryIndexes[0].Projection.ProjectionType != types.ProjectionTypeKeysOnly {
		t.Errorf("indexes are %+v, want one of the keys alone", made.GlobalSecondaryIndexes)
	}
	expiry, err := client.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: &name})
	if err != nil {
		t.Fatal(err)
	}
	d := expiry.TimeToLiveDescription
	if d.TimeToLiveStatus != types.TimeToLiveStatusEnabled || d.AttributeName == nil || *d.AttributeName != "expires" {
		t.Errorf("expiry is %+v, want it on the attribute expires", d)
	}
}

func TestCreateHonoursItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := dynamo.Create(ctx, parts.DynamoClient(t), "test-"+rand.Text()); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want that of the context", err)
	}
}

func TestATableThatIsNotThereIsAnError(t *testing.T) {
	tbl := dynamo.New(parts.DynamoClient(t), "test-"+rand.Text())
	_, err := tbl.Get(t.Context(), table.Key{Partition: "p", Sort: "s"})
	var missing *types.ResourceNotFoundException
	if !errors.As(err, &missing) || errors.Is(err, table.ErrNotFound) {
		t.Errorf("error is %v, want that the table is missing, not the item", err)
	}
}
