package bolt

import (
	"bytes"

	"go.etcd.io/bbolt"

	"kaiku/shared/table"
)

// sortRange walks the part of a partition that a Query asks for.
type sortRange struct {
	cursor  *bbolt.Cursor
	reverse bool
	// low is the first key that may come; high is the first that may not.
	low, high []byte
}

func newRange(cursor *bbolt.Cursor, q table.Query) *sortRange {
	key := func(sort string) []byte { return itemKey(table.Key{Partition: q.Partition, Sort: sort}) }
	r := &sortRange{cursor: cursor, reverse: q.Reverse, low: key(q.From), high: append([]byte(q.Partition), 1)}
	if q.To != "" {
		r.high = successor(key(q.To))
	}
	if q.After == "" {
		return r
	}
	if after := key(q.After); q.Reverse {
		r.high = least(r.high, after)
	} else {
		r.low = greatest(r.low, successor(after))
	}
	return r
}

func (r *sortRange) first() (key, value []byte) {
	if !r.reverse {
		return r.within(r.cursor.Seek(r.low))
	}
	if key, _ := r.cursor.Seek(r.high); key == nil {
		return r.within(r.cursor.Last())
	}
	return r.within(r.cursor.Prev())
}

func (r *sortRange) next() (key, value []byte) {
	if r.reverse {
		return r.within(r.cursor.Prev())
	}
	return r.within(r.cursor.Next())
}

func (r *sortRange) within(key, value []byte) ([]byte, []byte) {
	if key == nil || bytes.Compare(key, r.low) < 0 || bytes.Compare(key, r.high) >= 0 {
		return nil, nil
	}
	return key, value
}

// successor is the key that comes right behind key.
func successor(key []byte) []byte { return append(key, 0) }

func least(a, b []byte) []byte {
	if bytes.Compare(a, b) <= 0 {
		return a
	}
	return b
}

func greatest(a, b []byte) []byte {
	if bytes.Compare(a, b) >= 0 {
		return a
	}
	return b
}
