package dynamo_test

import (
	"testing"

	"kaiku/infra/parts"
	"kaiku/shared/table"
	"kaiku/shared/table/tabletest"
)

func TestDynamoKeepsTheContract(t *testing.T) {
	tabletest.Run(t, func(t *testing.T) table.Table { return parts.DynamoTable(t) })
}
