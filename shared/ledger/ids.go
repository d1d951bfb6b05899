package ledger

import (
	"crypto/rand"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"
)

// NewIDs returns a maker of ULIDs: unique, and sorted by their time even within
// one millisecond of one process.
func NewIDs() func(time.Time) string {
	var mutex sync.Mutex
	entropy := ulid.Monotonic(rand.Reader, 0)
	return func(t time.Time) string {
		mutex.Lock()
		defer mutex.Unlock()
		return ulid.MustNew(ulid.Timestamp(t), entropy).String()
	}
}
