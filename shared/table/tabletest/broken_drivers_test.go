package tabletest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"kaiku/shared/table"
)

// eachItem changes every item that is read.
func eachItem(change func(*table.Item)) broken {
	return broken{
		get: func(ctx context.Context, next table.Table, k table.Key) (table.Item, error) {
			it, err := next.Get(ctx, k)
			change(&it)
			return it, err
		},
		query: func(ctx context.Context, next table.Table, q table.Query) (table.Page, error) {
			page, err := next.Query(ctx, q)
			for i := range page.Items {
				change(&page.Items[i])
			}
			return page, err
		},
	}
}

// eachQuery changes every query before it is asked.
func eachQuery(change func(*table.Query)) broken {
	return broken{query: func(ctx context.Context, next table.Table, q table.Query) (table.Page, error) {
		change(&q)
		return next.Query(ctx, q)
	}}
}

// eachWrite changes every part of a write before it is done.
func eachWrite(change func(*table.Write)) broken {
	return broken{write: func(ctx context.Context, next table.Table, writes []table.Write) error {
		writes = slices.Clone(writes)
		for i := range writes {
			change(&writes[i])
		}
		return next.Write(ctx, writes...)
	}}
}

// eachFailure changes which parts are said to have failed.
func eachFailure(change func(failed []bool) error) broken {
	return broken{write: func(ctx context.Context, next table.Table, writes []table.Write) error {
		err := next.Write(ctx, writes...)
		if failed, ok := table.Failed(err); ok {
			return change(failed)
		}
		return err
	}}
}

// eachDue changes what is listed as due.
func eachDue(change func([]table.DueKey) []table.DueKey) broken {
	return broken{due: func(ctx context.Context, next table.Table, lane string, until time.Time, limit int) ([]table.DueKey, error) {
		due, err := next.Due(ctx, lane, until, limit)
		return change(due), err
	}}
}

// conditionsAs lets one condition mean another.
func conditionsAs(from table.CondKind, to table.Condition) broken {
	return eachWrite(func(w *table.Write) {
		if w.If.Kind == from {
			w.If = to
		}
	})
}

// brokenDrivers are by name what is wrong with them; each has the sentence whose
// test must find it out.
var brokenDrivers = map[string]struct {
	sentence string
	open     func() broken
}{
	"get: nothing is an empty item": {"a key without an item is not found", func() broken {
		return broken{get: func(ctx context.Context, next table.Table, k table.Key) (table.Item, error) {
			it, err := next.Get(ctx, k)
			if errors.Is(err, table.ErrNotFound) {
				err = nil
			}
			return it, err
		}}
	}},
	"get: keys are joined": {"keys are told apart byte by byte", func() broken {
		join := func(k table.Key) table.Key { return table.Key{Partition: k.Partition + k.Sort, Sort: "-"} }
		b := eachWrite(func(w *table.Write) { w.Item.Key = join(w.Item.Key) })
		b.get = func(ctx context.Context, next table.Table, k table.Key) (table.Item, error) {
			it, err := next.Get(ctx, join(k))
			it.Key = k
			return it, err
		}
		return b
	}},
	"item: the body is tidied": {"an item is read back as it was written", func() broken {
		return eachItem(func(it *table.Item) { it.Body = bytes.TrimSpace(it.Body) })
	}},
	"item: no expiry":   {"an item is read back as it was written", func() broken { return eachItem(func(it *table.Item) { it.Expires = time.Time{} }) }},
	"item: no due time": {"an item is read back as it was written", func() broken { return eachItem(func(it *table.Item) { it.Due = table.Due{} }) }},
	"item: times are local": {"times are kept in UTC, due to the millisecond below, expiry to the second above", func() broken {
		zone := time.FixedZone("EET", 2*60*60)
		return eachItem(func(it *table.Item) { it.Due.At = it.Due.At.In(zone) })
	}},
	"item: due is kept to the second": {"times are kept in UTC, due to the millisecond below, expiry to the second above", func() broken {
		return eachWrite(func(w *table.Write) { w.Item.Due.At = w.Item.Due.At.Truncate(time.Second) })
	}},
	"item: due is rounded to the nearest": {"times are kept in UTC, due to the millisecond below, expiry to the second above", func() broken {
		return eachWrite(func(w *table.Write) { w.Item.Due.At = w.Item.Due.At.Round(time.Millisecond) })
	}},
	"item: expiry is rounded down": {"times are kept in UTC, due to the millisecond below, expiry to the second above", func() broken {
		return eachWrite(func(w *table.Write) { w.Item.Expires = w.Item.Expires.Truncate(time.Second) })
	}},
	"item: bodies are shared with the reader": {"slices stay the caller's", func() broken {
		shared := make(map[string][]byte)
		return broken{get: func(ctx context.Context, next table.Table, k table.Key) (table.Item, error) {
			it, err := next.Get(ctx, k)
			if old, ok := shared[k.String()]; ok {
				it.Body = old
			}
			shared[k.String()] = it.Body
			return it, err
		}}
	}},
	"put: old due time and expiry stay": {"a put replaces body, due time and expiry whole", func() broken {
		return broken{write: func(ctx context.Context, next table.Table, writes []table.Write) error {
			writes = slices.Clone(writes)
			for i := range writes {
				old, err := next.Get(ctx, writes[i].Item.Key)
				if err == nil && writes[i].Item.Due.Lane == "" {
					writes[i].Item.Due = old.Due
				}
				if err == nil && writes[i].Item.Expires.IsZero() {
					writes[i].Item.Expires = old.Expires
				}
			}
			return next.Write(ctx, writes...)
		}}
	}},
	"version: stays at 1": {"versions grow by one with each put, whatever version it came with", func() broken {
		return eachItem(func(it *table.Item) { it.Version = min(it.Version, 1) })
	}},
	"version: begins at 0": {"versions grow by one with each put, whatever version it came with", func() broken { return eachItem(func(it *table.Item) { it.Version-- }) }},
	"delete: does nothing": {"a deleted key is gone and starts at version 1 again", func() broken {
		return eachWrite(func(w *table.Write) {
			if w.Op == table.OpDelete {
				w.Op = table.OpCheck
			}
		})
	}},
	"delete: needs something to delete": {"to delete nothing under Any is no error", func() broken {
		return eachWrite(func(w *table.Write) {
			if w.Op == table.OpDelete && w.If == table.Any {
				w.If = table.Present
			}
		})
	}},
	"check: is left out": {"each condition holds or fails, alone", func() broken {
		return eachWrite(func(w *table.Write) {
			if w.Op == table.OpCheck {
				w.If = table.Any
			}
		})
	}},
	"check: writes": {"a check writes nothing", func() broken {
		return eachWrite(func(w *table.Write) {
			if w.Op == table.OpCheck {
				w.Op, w.Item.Body = table.OpPut, []byte("{}")
			}
		})
	}},
	"condition: absent always holds":       {"each condition holds or fails, alone", func() broken { return conditionsAs(table.CondAbsent, table.Any) }},
	"condition: present always holds":      {"each condition holds or fails, in company", func() broken { return conditionsAs(table.CondPresent, table.Any) }},
	"condition: any version will do":       {"each condition holds or fails, in company", func() broken { return conditionsAs(table.CondVersion, table.Present) }},
	"condition: an error of another kind":  {"which conditions failed is told", func() broken { return eachFailure(func([]bool) error { return errors.New("condition failed") }) }},
	"condition: every part is said failed": {"which conditions failed is told", func() broken { return eachFailure(allFailed) }},
	"condition: none is said failed":       {"which conditions failed is told", func() broken { return eachFailure(noneFailed) }},
	"condition: the place is off by one":   {"which conditions failed is told", func() broken { return eachFailure(nextFailed) }},
	"write: by halves": {"of a refused write nothing is written", func() broken {
		return broken{write: func(ctx context.Context, next table.Table, writes []table.Write) error {
			if err := table.Validate(writes); err != nil {
				return err
			}
			for i, w := range writes {
				if err := next.Write(ctx, w); err != nil {
					failed := make([]bool, len(writes))
					failed[i] = true
					return &table.ConditionError{Failed: failed}
				}
			}
			return ctx.Err()
		}}
	}},
	"write: only the first": {"all of a write is written", func() broken {
		return broken{write: func(ctx context.Context, next table.Table, writes []table.Write) error {
			return next.Write(ctx, writes[:min(1, len(writes))]...)
		}}
	}},
	"write: looks, then leaps": {"of 100 writers that expect one version one wins", func() broken { return broken{write: leap} }},
	"write: gives up when there are others": {"writers without a condition all succeed and each counts", func() broken {
		busy := make(chan struct{}, 1)
		return broken{write: func(ctx context.Context, next table.Table, writes []table.Write) error {
			select {
			case busy <- struct{}{}:
				defer func() { <-busy }()
				runtime.Gosched()
				return next.Write(ctx, writes...)
			default:
				return table.ErrContended
			}
		}}
	}},
	"write: invalid ones are done as far as valid": {"what is beyond the limits is invalid and nothing is written", func() broken {
		return broken{write: func(ctx context.Context, next table.Table, writes []table.Write) error {
			err := next.Write(ctx, writes...)
			if errors.Is(err, table.ErrInvalid) {
				return errors.Join(err, next.Write(ctx, writes[0]))
			}
			return err
		}}
	}},
	"limits: 25 writes at most": {"the largest write is done: MaxWrites of them", func() broken {
		return broken{write: func(ctx context.Context, next table.Table, writes []table.Write) error {
			if len(writes) > 25 {
				return table.ErrInvalid
			}
			return next.Write(ctx, writes...)
		}}
	}},
	"limits: no error": {"what is beyond the limits is invalid and nothing is written", func() broken {
		return broken{write: func(ctx context.Context, next table.Table, writes []table.Write) error {
			if err := next.Write(ctx, writes...); !errors.Is(err, table.ErrInvalid) {
				return err
			}
			return nil
		}}
	}},
	"query: never backward":    {"pages join without gap or repeat", func() broken { return eachQuery(func(q *table.Query) { q.Reverse = false }) }},
	"query: no limit":          {"a limit is kept and the rest follows", func() broken { return eachQuery(func(q *table.Query) { q.Limit = 0 }) }},
	"query: no lower bound":    {"bounds are inclusive and may be open or hold nothing", func() broken { return eachQuery(func(q *table.Query) { q.From = "" }) }},
	"query: no upper bound":    {"a prefix gives what begins with it", func() broken { return eachQuery(func(q *table.Query) { q.To = "" }) }},
	"query: one page only":     {"All walks every page", func() broken { return eachPage(func(_ table.Query, p *table.Page) { p.Next = "" }) }},
	"query: excludes a bound":  {"bounds are inclusive and may be open or hold nothing", func() broken { return eachPage(withoutFrom) }},
	"query: ordered as UTF-16": {"sort keys are ordered byte by byte", func() broken { return eachPage(asUTF16) }},
	"query: repeats where it stopped": {"pages join without gap or repeat", func() broken {
		return eachPage(func(_ table.Query, p *table.Page) {
			if n := len(p.Items); p.Next != "" && n > 1 {
				p.Next = p.Items[n-2].Key.Sort
			}
		})
	}},
	"query: skips where it stopped": {"pages join without gap or repeat", func() broken {
		return eachPage(func(q table.Query, p *table.Page) {
			if p.Next != "" && !q.Reverse {
				p.Next += "\x01"
				p.Items = p.Items[:len(p.Items)-1]
			}
		})
	}},
	"query: everything in one page": {"large items come in several pages", func() broken {
		return broken{query: func(ctx context.Context, next table.Table, q table.Query) (table.Page, error) {
			var all table.Page
			for it, err := range table.All(ctx, next, q) {
				if err != nil {
					return table.Page{}, err
				}
				all.Items = append(all.Items, it)
			}
			return all, nil
		}}
	}},
	"query: partitions that begin alike": {"a query gives whole items of its partition alone", func() broken {
		return broken{query: func(ctx context.Context, next table.Table, q table.Query) (table.Page, error) {
			page, err := next.Query(ctx, q)
			if err == nil && q.Partition == "p" {
				q.Partition = "pp"
				var more table.Page
				more, err = next.Query(ctx, q)
				page.Items = append(page.Items, more.Items...)
			}
			return page, err
		}}
	}},
	"due: not in order":          {"times far apart keep their order", func() broken { return eachDue(reverseDue) }},
	"due: only some shards":      {"the earliest come first across all shards, and a limit cuts the latest", func() broken { return eachDue(someShards) }},
	"due: twice":                 {"an item that stays due is listed once", func() broken { return eachDue(func(d []table.DueKey) []table.DueKey { return slices.Concat(d, d) }) }},
	"due: nothing":               {"only items with a lane are in the index", func() broken { return eachDue(func([]table.DueKey) []table.DueKey { return nil }) }},
	"due: no time":               {"only items with a lane are in the index", func() broken { return eachDue(withoutTime) }},
	"due: excludes the moment":   {"what is due until a moment is listed, that moment included", func() broken { return eachDueCall(func(c *dueCall) { c.until = c.until.Add(-time.Millisecond) }) }},
	"due: looks ahead":           {"what is due until a moment is listed, that moment included", func() broken { return eachDueCall(func(c *dueCall) { c.until = c.until.Add(time.Second) }) }},
	"due: one more than limited": {"the earliest come first across all shards, and a limit cuts the latest", func() broken { return eachDueCall(func(c *dueCall) { c.limit++ }) }},
	"due: lanes regardless case": {"lanes are apart", func() broken { return eachDueCall(func(c *dueCall) { c.lane = strings.ToLower(c.lane) }) }},
	"due: what was due stays":    {"an item that is put without a lane leaves the index", func() broken { return forgetful(func(before, now table.Due) bool { return now.Lane == "" }) }},
	"due: what moved stays": {"an item that moves in time or lane is where it moved alone", func() broken {
		return forgetful(func(before, now table.Due) bool { return now.Lane != "" && now != before })
	}},
	"due: lanes are one": {"an item that moves in time or lane is where it moved alone", func() broken {
		return eachWrite(func(w *table.Write) { w.Item.Due.Lane = strings.Replace(w.Item.Due.Lane, "other", "lane", 1) })
	}},
	"expiry: hidden from get":   {"an expired item is read like any other until it is gone altogether", func() broken { return hiding(true, false) }},
	"expiry: hidden from query": {"an expired item is read like any other until it is gone altogether", func() broken { return hiding(false, true) }},
	"sequence: the third version is lost": {"any sequence of calls does what it does to a map", func() broken {
		return eachWrite(func(w *table.Write) {
			if w.If == table.VersionIs(2) && w.Op == table.OpPut {
				w.Op = table.OpCheck
			}
		})
	}},
	"context: is not looked at":   {"a context that is done stops every method, and nothing is written", func() broken { return broken{due: deaf} }},
	"context: its error is lost":  {"a context that is done stops every method, and nothing is written", func() broken { return broken{get: loseContext} }},
	"context: writes nonetheless": {"a context that is done stops every method, and nothing is written", func() broken { return broken{write: writeFirst} }},
}

func allFailed(failed []bool) error {
	for i := range failed {
		failed[i] = true
	}
	return &table.ConditionError{Failed: failed}
}

func noneFailed(failed []bool) error {
	return &table.ConditionError{Failed: make([]bool, len(failed))}
}

func nextFailed(failed []bool) error {
	return &table.ConditionError{Failed: append(failed[1:], failed[0])}
}

// leap looks whether the conditions hold and then writes without them.
func leap(ctx context.Context, next table.Table, writes []table.Write) error {
	if err := table.Validate(writes); err != nil {
		return err
	}
	failed := make([]bool, len(writes))
	for i, w := range writes {
		now, err := next.Get(ctx, w.Item.Key)
		if err != nil && !errors.Is(err, table.ErrNotFound) {
			return err
		}
		failed[i] = !w.If.Holds(now.Version)
	}
	if slices.Contains(failed, true) {
		return &table.ConditionError{Failed: failed}
	}
	runtime.Gosched()
	writes = slices.Clone(writes)
	for i := range writes {
		writes[i].If = table.Any
	}
	return next.Write(ctx, writes...)
}

func eachPage(change func(table.Query, *table.Page)) broken {
	return broken{query: func(ctx context.Context, next table.Table, q table.Query) (table.Page, error) {
		page, err := next.Query(ctx, q)
		change(q, &page)
		return page, err
	}}
}

func withoutFrom(q table.Query, p *table.Page) {
	p.Items = slices.DeleteFunc(p.Items, func(it table.Item) bool { return it.Key.Sort == q.From })
}

func asUTF16(q table.Query, p *table.Page) {
	slices.SortFunc(p.Items, func(a, b table.Item) int {
		order := slices.Compare(utf16.Encode([]rune(a.Key.Sort)), utf16.Encode([]rune(b.Key.Sort)))
		if q.Reverse {
			return -order
		}
		return order
	})
}

func reverseDue(due []table.DueKey) []table.DueKey {
	slices.SortFunc(due, func(a, b table.DueKey) int { return cmp.Compare(b.At.UnixNano(), a.At.UnixNano()) })
	return due
}

func someShards(due []table.DueKey) []table.DueKey {
	return slices.DeleteFunc(due, func(d table.DueKey) bool { return table.Shard(d.Key) == table.Shards-1 })
}

func withoutTime(due []table.DueKey) []table.DueKey {
	for i := range due {
		due[i].At = time.Time{}
	}
	return due
}

type dueCall struct {
	lane  string
	until time.Time
	limit int
}

func eachDueCall(change func(*dueCall)) broken {
	return broken{due: func(ctx context.Context, next table.Table, lane string, until time.Time, limit int) ([]table.DueKey, error) {
		call := dueCall{lane, until, limit}
		change(&call)
		return next.Due(ctx, call.lane, call.until, call.limit)
	}}
}

// forgetful leaves an old entry in the index when stays says so.
func forgetful(stays func(before, now table.Due) bool) broken {
	left := newMemory()
	var b broken
	b.write = func(ctx context.Context, next table.Table, writes []table.Write) error {
		before := make(map[table.Key]table.Due)
		for _, w := range writes {
			if old, err := next.Get(ctx, w.Item.Key); err == nil && w.Op == table.OpPut {
				before[w.Item.Key] = old.Due
			}
		}
		err := next.Write(ctx, writes...)
		for _, w := range writes {
			if old := before[w.Item.Key]; err == nil && old.Lane != "" && stays(old, w.Item.Kept().Due) {
				err = left.Write(ctx, table.Put(dueItem(w.Item.Key, old.Lane, old.At), table.Any))
			}
		}
		return err
	}
	b.due = func(ctx context.Context, next table.Table, lane string, until time.Time, limit int) ([]table.DueKey, error) {
		due, err := next.Due(ctx, lane, until, limit)
		if err != nil {
			return nil, err
		}
		old, err := left.Due(ctx, lane, until, limit)
		due = append(due, old...)
		sortDue(due)
		return due, err
	}
	return b
}

// hiding does not show what has expired, though it is there.
func hiding(get, query bool) broken {
	gone := func(it table.Item) bool { return !it.Expires.IsZero() && it.Expires.Before(time.Now()) }
	var b broken
	if get {
		b.get = func(ctx context.Context, next table.Table, k table.Key) (table.Item, error) {
			it, err := next.Get(ctx, k)
			if err == nil && gone(it) {
				return table.Item{}, table.ErrNotFound
			}
			return it, err
		}
	}
	if query {
		b.query = eachPage(func(_ table.Query, p *table.Page) { p.Items = slices.DeleteFunc(p.Items, gone) }).query
	}
	return b
}

// deaf hears nothing of a context that is done.
func deaf(ctx context.Context, next table.Table, lane string, until time.Time, limit int) ([]table.DueKey, error) {
	return next.Due(context.WithoutCancel(ctx), lane, until, limit)
}

func loseContext(ctx context.Context, next table.Table, k table.Key) (table.Item, error) {
	if ctx.Err() != nil {
		return table.Item{}, errors.New("it was too late")
	}
	return next.Get(ctx, k)
}

func writeFirst(ctx context.Context, next table.Table, writes []table.Write) error {
	return errors.Join(next.Write(context.WithoutCancel(ctx), writes...), ctx.Err())
}
