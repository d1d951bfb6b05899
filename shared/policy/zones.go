package policy

import (
	"sync"
	"sync/atomic"
	"time"
)

// maxZones is how many time zones are kept, more than there are: a zone has many
// spellings that a file system takes for the same.
const maxZones = 1000

var (
	zones      sync.Map // name → *time.Location
	zonesCount atomic.Int32
)

// location is time.LoadLocation, which reads and parses a file each time, with a
// memory.
func location(name string) (*time.Location, error) {
	if loc, known := zones.Load(name); known {
		return loc.(*time.Location), nil
	}
	loc, err := time.LoadLocation(name)
	if err == nil && zonesCount.Add(1) <= maxZones {
		zones.Store(name, loc)
	}
	return loc, err
}
