package bolt

import (
	"context"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"kaiku/shared/table"
)

// purgeBatch is how many items one commit of Purge removes, so that writers get
// their turn between.
const purgeBatch = 1000

// Purge removes the items that have expired at now, which is the caller's clock,
// and says how many it removed. It reads the head of every item there is, so it
// is for a start or a quiet hour; nothing depends on its being called.
func (t *Table) Purge(ctx context.Context, now time.Time) (int, error) {
	removed := 0
	var after []byte
	for {
		keys, next, err := t.expired(ctx, now, after)
		if err != nil {
			return removed, fmt.Errorf("bolt: look for expired items: %w", err)
		}
		n, err := t.remove(ctx, now, keys)
		removed += n
		if err != nil {
			return removed, fmt.Errorf("bolt: remove expired items: %w", err)
		}
		if next == nil {
			return removed, nil
		}
		after = next
	}
}

// expired lists keys of expired items from a key on, and the key at which to go
// on, nil at the end.
func (t *Table) expired(ctx context.Context, now time.Time, from []byte) (keys [][]byte, next []byte, err error) {
	err = t.view(ctx, func(tx *bbolt.Tx) error {
		cursor := tx.Bucket(itemsBucket).Cursor()
		for key, value := cursor.Seek(from); key != nil; key, value = cursor.Next() {
			if len(keys) == purgeBatch {
				next = append([]byte(nil), key...)
				return nil
			}
			if hasExpired(value, now) {
				keys = append(keys, append([]byte(nil), key...))
			}
		}
		return nil
	})
	return keys, next, err
}

// remove deletes those of keys that are still expired: a writer may have renewed
// one since.
func (t *Table) remove(ctx context.Context, now time.Time, keys [][]byte) (int, error) {
	if len(keys) == 0 {
		return 0, nil
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	removed := 0
	err := t.db.Update(func(tx *bbolt.Tx) error {
		for _, key := range keys {
			if !hasExpired(tx.Bucket(itemsBucket).Get(key), now) {
				continue
			}
			if err := apply(tx, []table.Write{table.Delete(parseItemKey(key), table.Any)}); err != nil {
				return err
			}
			removed++
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return removed, nil
}
