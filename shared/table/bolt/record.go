package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"

	"kaiku/shared/table"
)

// A value of the items bucket: a byte that tells the format, flags, version, due
// time in milliseconds, expiry in seconds, length of the lane, lane, body. The
// numbers before the body have a fixed place, so that a condition or a purge
// need not decode the item.
const (
	format = 1

	flagDue     = 1 << 0
	flagExpires = 1 << 1

	versionAt   = 2
	dueAt       = versionAt + 8
	expiresAt   = dueAt + 8
	laneAt      = expiresAt + 8
	headerWidth = laneAt + 2
)

// encode writes an item as it is to be kept.
func encode(item table.Item) []byte {
	value := make([]byte, headerWidth, headerWidth+len(item.Due.Lane)+len(item.Body))
	value[0] = format
	binary.BigEndian.PutUint64(value[versionAt:], uint64(item.Version))
	if item.Due.Lane != "" {
		value[1] |= flagDue
		binary.BigEndian.PutUint64(value[dueAt:], uint64(item.Due.At.UnixMilli()))
	}
	if !item.Expires.IsZero() {
		value[1] |= flagExpires
		binary.BigEndian.PutUint64(value[expiresAt:], uint64(item.Expires.Unix()))
	}
	binary.BigEndian.PutUint16(value[laneAt:], uint16(len(item.Due.Lane)))
	return append(append(value, item.Due.Lane...), item.Body...)
}

// decode copies: value is bbolt's memory and ends with its transaction.
func decode(key table.Key, value []byte) (table.Item, error) {
	item := table.Item{Key: key}
	if len(value) < headerWidth || value[0] != format {
		return item, fmt.Errorf("item %q is not of format %d", key, format)
	}
	rest := value[headerWidth:]
	laneWidth := int(binary.BigEndian.Uint16(value[laneAt:]))
	if laneWidth > len(rest) {
		return item, fmt.Errorf("item %q is cut", key)
	}
	item.Version = version(value)
	if value[1]&flagDue != 0 {
		millis := int64(binary.BigEndian.Uint64(value[dueAt:]))
		item.Due = table.Due{Lane: string(rest[:laneWidth]), At: time.UnixMilli(millis).UTC()}
	}
	if value[1]&flagExpires != 0 {
		item.Expires = time.Unix(int64(binary.BigEndian.Uint64(value[expiresAt:])), 0).UTC()
	}
	item.Body = bytes.Clone(rest[laneWidth:])
	return item, nil
}

// version reads the version of a stored value, 0 for none.
func version(value []byte) int64 {
	if len(value) < headerWidth {
		return 0
	}
	return int64(binary.BigEndian.Uint64(value[versionAt:]))
}

// hasExpired tells whether a stored value may vanish at now.
func hasExpired(value []byte, now time.Time) bool {
	return len(value) >= headerWidth && value[1]&flagExpires != 0 &&
		int64(binary.BigEndian.Uint64(value[expiresAt:])) <= now.Unix()
}
