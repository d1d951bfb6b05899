package tabletest

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"kaiku/shared/table"
)

// memory is the contract in a map, as plain as can be: what drivers are compared
// with.
type memory struct {
	mu    sync.Mutex
	items map[table.Key]table.Item
}

var _ table.Table = (*memory)(nil)

// NewMemory is a table in memory that passes the suite: for tests in which years go
// by, and that have no use for what a disk is slow for.
func NewMemory() table.Table { return newMemory() }

func newMemory() *memory { return &memory{items: make(map[table.Key]table.Item)} }

func (m *memory) Get(ctx context.Context, k table.Key) (table.Item, error) {
	if err := ctx.Err(); err != nil {
		return table.Item{}, err
	}
	if err := table.ValidateKey(k); err != nil {
		return table.Item{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	it, ok := m.items[k]
	if !ok {
		return table.Item{}, table.ErrNotFound
	}
	it.Body = slices.Clone(it.Body)
	return it, nil
}

func (m *memory) Query(ctx context.Context, q table.Query) (table.Page, error) {
	if err := ctx.Err(); err != nil {
		return table.Page{}, err
	}
	if err := table.ValidateQuery(q); err != nil {
		return table.Page{}, err
	}
	var page table.Page
	size := 0
	for _, it := range m.inRange(q) {
		if (q.Limit > 0 && len(page.Items) == q.Limit) || size > 1<<20 {
			page.Next = page.Items[len(page.Items)-1].Key.Sort
			break
		}
		page.Items = append(page.Items, it)
		size += len(it.Body)
	}
	return page, nil
}

func (m *memory) inRange(q table.Query) []table.Item {
	m.mu.Lock()
	defer m.mu.Unlock()
	var items []table.Item
	for k, it := range m.items {
		behind := q.After == "" || (k.Sort > q.After) != q.Reverse && k.Sort != q.After
		if k.Partition == q.Partition && k.Sort >= q.From && (q.To == "" || k.Sort <= q.To) && behind {
			items = append(items, it)
		}
	}
	slices.SortFunc(items, func(a, b table.Item) int { return cmp.Compare(a.Key.Sort, b.Key.Sort) })
	if q.Reverse {
		slices.Reverse(items)
	}
	return items
}

func (m *memory) Write(ctx context.Context, writes ...table.Write) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := table.Validate(writes); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	failed := make([]bool, len(writes))
	for i, w := range writes {
		failed[i] = !w.If.Holds(m.items[w.Item.Key].Version)
	}
	if slices.Contains(failed, true) {
		return &table.ConditionError{Failed: failed}
	}
	for _, w := range writes {
		switch w.Op {
		case table.OpPut:
			it := w.Item.Kept()
			it.Body = slices.Clone(it.Body)
			it.Version = m.items[it.Key].Version + 1
			m.items[it.Key] = it
		case table.OpDelete:
			delete(m.items, w.Item.Key)
		}
	}
	return nil
}

func (m *memory) Due(ctx context.Context, lane string, until time.Time, limit int) ([]table.DueKey, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := table.ValidateDue(lane, limit); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var due []table.DueKey
	for k, it := range m.items {
		if it.Due.Lane == lane && !it.Due.At.After(until) {
			due = append(due, table.DueKey{Key: k, At: it.Due.At})
		}
	}
	sortDue(due)
	return due[:min(limit, len(due))], nil
}

// sortDue gives those that are due at the same time an order too.
func sortDue(due []table.DueKey) {
	slices.SortFunc(due, func(a, b table.DueKey) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Key.Partition, b.Key.Partition), cmp.Compare(a.Key.Sort, b.Key.Sort))
	})
}
