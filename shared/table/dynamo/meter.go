package dynamo

import (
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Units are DynamoDB's capacity units, those of the index included.
type Units struct{ Read, Write float64 }

// Sub is what was consumed since before.
func (u Units) Sub(before Units) Units {
	return Units{Read: u.Read - before.Read, Write: u.Write - before.Write}
}

// Consumed is what this Table has consumed since New, as DynamoDB reported it;
// take the difference of two with Units.Sub. A write that fails on its condition
// costs as much as one that succeeds, but DynamoDB does not report it, so it is
// not in here.
//
// DynamoDB Local (1.25.1) differs in two points: it reports four units where a
// transaction writes an index entry, which DynamoDB charges one for, and none for
// a Query that finds nothing, which DynamoDB charges half a unit for.
func (t *Table) Consumed() Units {
	t.meter.mu.Lock()
	defer t.meter.mu.Unlock()
	return t.meter.units
}

// meter sums what the answers report.
type meter struct {
	mu    sync.Mutex
	units Units
}

func (m *meter) read(c *types.ConsumedCapacity) { m.add(Units{Read: total(c)}) }

func (m *meter) write(c *types.ConsumedCapacity) { m.add(Units{Write: total(c)}) }

func (m *meter) add(u Units) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.units.Read += u.Read
	m.units.Write += u.Write
}

func total(c *types.ConsumedCapacity) float64 {
	if c == nil || c.CapacityUnits == nil {
		return 0
	}
	return *c.CapacityUnits
}
