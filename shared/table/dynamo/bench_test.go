package dynamo_test

import (
	"testing"

	"kaiku/infra/parts"
	"kaiku/shared/table/tabletest"
)

// BenchmarkDynamo is of DynamoDB Local, so that its times say little; the units
// are those of DynamoDB.
func BenchmarkDynamo(b *testing.B) {
	tbl := parts.DynamoTable(b)
	tabletest.Bench(b, tbl, func() tabletest.Units { return tabletest.Units(tbl.Consumed()) })
}
