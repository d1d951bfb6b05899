// Package bolt keeps the contract of package table in one file, with bbolt: for
// the local run, where one process owns all the data.
//
// Items stand in one bucket in the order of their keys, and what is due in a
// second one in the order of time. Every Write is on disk when it returns.
// Expired items stay until Purge is called: the driver knows no time.
package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"kaiku/shared/table"
)

// openTimeout is how long Open waits for another process to let go of the file:
// enough for one that is just ending.
const openTimeout = time.Second

// pageBytes is after how many bytes of items a page of Query ends, as with
// DynamoDB (Query: 1 MB).
const pageBytes = 1 << 20

// ErrLocked is what Open returns when another process has the file open.
var ErrLocked = errors.New("another process has it open")

var (
	itemsBucket = []byte("items")
	dueBucket   = []byte("due")
)

// Table is a table.Table in one file.
type Table struct {
	db     *bbolt.DB
	writes queue
}

var _ table.Table = (*Table)(nil)

// Open opens the file at path, making it if there is none; its folder must be
// there. If another process has it open, the error is ErrLocked, after about a
// second.
func Open(path string) (*Table, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout: openTimeout,
		// The list of free pages is found again on opening, which spares every
		// commit from writing it.
		NoFreelistSync: true,
		FreelistType:   bbolt.FreelistMapType,
	})
	if errors.Is(err, berrors.ErrTimeout) {
		return nil, fmt.Errorf("bolt: open %s: %w", path, ErrLocked)
	}
	if err != nil {
		return nil, fmt.Errorf("bolt: open %s: %w", path, err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{itemsBucket, dueBucket} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("bolt: make buckets in %s: %w", path, err), db.Close())
	}
	return &Table{db: db}, nil
}

// Close waits for reads and the commit under way and lets go of the file. Writes
// that come later fail.
func (t *Table) Close() error {
	if err := t.db.Close(); err != nil {
		return fmt.Errorf("bolt: close: %w", err)
	}
	return nil
}

// Get implements table.Table.
func (t *Table) Get(ctx context.Context, key table.Key) (table.Item, error) {
	if err := table.ValidateKey(key); err != nil {
		return table.Item{}, err
	}
	var item table.Item
	err := t.view(ctx, func(tx *bbolt.Tx) error {
		value := tx.Bucket(itemsBucket).Get(itemKey(key))
		if value == nil {
			return table.ErrNotFound
		}
		var err error
		item, err = decode(key, value)
		return err
	})
	if err != nil {
		return table.Item{}, fmt.Errorf("bolt: get %q: %w", key, err)
	}
	return item, nil
}

// Query implements table.Table. All its reads are of this moment, Eventually or
// not.
func (t *Table) Query(ctx context.Context, q table.Query) (table.Page, error) {
	if err := table.ValidateQuery(q); err != nil {
		return table.Page{}, err
	}
	var page table.Page
	err := t.view(ctx, func(tx *bbolt.Tx) error {
		walk := newRange(tx.Bucket(itemsBucket).Cursor(), q)
		size := 0
		for key, value := walk.first(); key != nil; key, value = walk.next() {
			if (q.Limit > 0 && len(page.Items) == q.Limit) || size >= pageBytes {
				page.Next = page.Items[len(page.Items)-1].Key.Sort
				return nil
			}
			item, err := decode(parseItemKey(key), value)
			if err != nil {
				return err
			}
			page.Items = append(page.Items, item)
			size += len(key) + len(value)
		}
		return nil
	})
	if err != nil {
		return table.Page{}, fmt.Errorf("bolt: query %q: %w", q.Partition, err)
	}
	return page, nil
}

// Due implements table.Table.
func (t *Table) Due(ctx context.Context, lane string, until time.Time, limit int) ([]table.DueKey, error) {
	if err := table.ValidateDue(lane, limit); err != nil {
		return nil, err
	}
	var due []table.DueKey
	err := t.view(ctx, func(tx *bbolt.Tx) error {
		cursor := tx.Bucket(dueBucket).Cursor()
		prefix := lanePrefix(lane)
		for key, _ := cursor.Seek(prefix); bytes.HasPrefix(key, prefix) && len(due) < limit; key, _ = cursor.Next() {
			entry := parseDueKey(key[len(prefix):])
			if entry.At.After(until) {
				return nil
			}
			due = append(due, entry)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("bolt: due in %q: %w", lane, err)
	}
	return due, nil
}

// view reads in one moment's state, unless ctx is done already; what is read is
// too little to be worth asking again on the way.
func (t *Table) view(ctx context.Context, read func(*bbolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return t.db.View(read)
}
