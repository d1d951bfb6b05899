package tabletest

import (
	"testing"

	"kaiku/shared/table"
)

func TestMemoryKeepsTheContract(t *testing.T) {
	Run(t, func(*testing.T) table.Table { return newMemory() })
}
