package bolt

import (
	"bytes"
	"encoding/binary"
	"time"

	"kaiku/shared/table"
)

// Keys of the items bucket are partition, NUL, sort; those of the due bucket are
// lane, NUL, time, and the item's key. No part but the time holds a NUL, and the
// time has a fixed width, so that bytes order as the contract orders.

const millisWidth = 8

func itemKey(k table.Key) []byte {
	key := make([]byte, 0, len(k.Partition)+1+len(k.Sort))
	return append(append(append(key, k.Partition...), 0), k.Sort...)
}

func parseItemKey(key []byte) table.Key {
	partition, sort, _ := bytes.Cut(key, []byte{0})
	return table.Key{Partition: string(partition), Sort: string(sort)}
}

func lanePrefix(lane string) []byte {
	return append([]byte(lane), 0)
}

func dueKey(due table.Due, k table.Key) []byte {
	key := binary.BigEndian.AppendUint64(lanePrefix(due.Lane), sortable(due.At.UnixMilli()))
	return append(key, itemKey(k)...)
}

// parseDueKey reads what follows the lane's prefix.
func parseDueKey(rest []byte) table.DueKey {
	return table.DueKey{
		Key: parseItemKey(rest[millisWidth:]),
		At:  time.UnixMilli(unsortable(binary.BigEndian.Uint64(rest))).UTC(),
	}
}

// sortable maps times before 1970 below those after it.
func sortable(millis int64) uint64 { return uint64(millis) ^ 1<<63 }

func unsortable(v uint64) int64 { return int64(v ^ 1<<63) }
