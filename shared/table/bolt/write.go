package bolt

import (
	"context"
	"fmt"

	"go.etcd.io/bbolt"

	"kaiku/shared/table"
)

// Write implements table.Table. It never returns table.ErrContended: writers
// wait for one another. A ctx that ends while others commit gives up before
// anything was written; once its own commit has begun, Write waits for it.
func (t *Table) Write(ctx context.Context, writes ...table.Write) error {
	if err := table.Validate(writes); err != nil {
		return err
	}
	if len(writes) == 0 {
		return nil
	}
	var err error
	if onlyChecks(writes) {
		err = t.view(ctx, func(tx *bbolt.Tx) error { return check(tx.Bucket(itemsBucket), writes) })
	} else {
		err = t.writes.do(t.db, &request{ctx: ctx, writes: writes, done: make(chan error, 1)})
	}
	if err != nil {
		return fmt.Errorf("bolt: write: %w", err)
	}
	return nil
}

func onlyChecks(writes []table.Write) bool {
	for _, w := range writes {
		if w.Op != table.OpCheck {
			return false
		}
	}
	return true
}

// check looks at every condition, so that a *table.ConditionError names all that
// failed.
func check(items *bbolt.Bucket, writes []table.Write) error {
	failed, refused := make([]bool, len(writes)), false
	for i, w := range writes {
		if !w.If.Holds(version(items.Get(itemKey(w.Item.Key)))) {
			failed[i], refused = true, true
		}
	}
	if refused {
		return &table.ConditionError{Failed: failed}
	}
	return nil
}

// apply does writes whose conditions hold. After an error the transaction must
// be rolled back.
func apply(tx *bbolt.Tx, writes []table.Write) error {
	items, due := tx.Bucket(itemsBucket), tx.Bucket(dueBucket)
	for _, w := range writes {
		if w.Op == table.OpCheck {
			continue
		}
		var old table.Item
		key := itemKey(w.Item.Key)
		if value := items.Get(key); value != nil {
			var err error
			if old, err = decode(w.Item.Key, value); err != nil {
				return err
			}
		}
		if err := replace(items, due, key, old, w); err != nil {
			return err
		}
	}
	return nil
}

func replace(items, due *bbolt.Bucket, key []byte, old table.Item, w table.Write) error {
	if old.Due.Lane != "" {
		if err := due.Delete(dueKey(old.Due, old.Key)); err != nil {
			return fmt.Errorf("take %q out of the due index: %w", old.Key, err)
		}
	}
	if w.Op == table.OpDelete {
		if err := items.Delete(key); err != nil {
			return fmt.Errorf("delete %q: %w", w.Item.Key, err)
		}
		return nil
	}
	item := w.Item.Kept()
	item.Version = old.Version + 1
	if item.Due.Lane != "" {
		if err := due.Put(dueKey(item.Due, item.Key), nil); err != nil {
			return fmt.Errorf("put %q into the due index: %w", item.Key, err)
		}
	}
	if err := items.Put(key, encode(item)); err != nil {
		return fmt.Errorf("put %q: %w", item.Key, err)
	}
	return nil
}
