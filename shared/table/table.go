// Package table is the small key-value contract that everything Kaiku stores
// stands on, written once and kept by two drivers: table/dynamo (DynamoDB) and
// table/bolt (one file, for the local run). table/tabletest is the suite both
// pass; where this comment and a driver disagree, the driver is wrong.
//
// An item has a key of two parts, a version, a body (one JSON document that the
// drivers never look into), and may have a due time. Items of one partition are
// ordered by their sort key, byte by byte.
//
//	err := t.Write(ctx,
//		table.Put(customer, table.VersionIs(7)),
//		table.Put(event, table.Absent),
//	)
//	if failed, ok := table.Failed(err); ok && failed[1] { … the event was here before }
//
// # Atomicity
//
// Write is all or nothing over up to MaxWrites items, each under its own
// condition. When a condition fails nothing is written and the error is a
// *ConditionError that says which. Writers that meet on one item are ordered:
// of 100 that all expect version 7, one wins.
//
// A driver repeats what the network lost. So a condition may fail because of
// the caller's own write, which arrived the first time: a caller that finds its
// condition failed reads again and looks whether its work is done.
//
// # Due
//
// An item whose Due has a lane stands in a sparse index, ordered by time and
// spread over Shards; writing the item without one takes it out. The index may
// lag behind by moments on DynamoDB: an item may be listed though it was just
// finished (its condition then fails), or be missing until the next look.
//
// # Expiry
//
// Expires is housekeeping: from then on the item may vanish, at the earliest
// then and possibly days later. Until it vanishes it is read like any other.
package table

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"strings"
	"time"
)

// Limits of the contract: the smaller of what the drivers can do.
const (
	// MaxWrites is how many items one Write may hold (TransactWriteItems: 100).
	MaxWrites = 100
	// MaxBody is the largest body in bytes; DynamoDB's 400 KB less keys.
	MaxBody = 390 << 10
	// MaxTotal is the largest sum of the bodies of one Write in bytes
	// (TransactWriteItems: 4 MB for all items, less keys).
	MaxTotal = 3500 << 10
	// MaxKey is the longest part of a key, and the longest lane, in bytes (a
	// DynamoDB sort key: 1024).
	MaxKey = 1024
	// Shards is over how many index partitions one lane of due items is
	// spread, so that no write meets a key that all customers share.
	Shards = 8
)

// Errors that every driver returns, to be asked for with errors.Is.
var (
	// ErrNotFound: there is no item at that key.
	ErrNotFound = errors.New("table: no such item")
	// ErrCondition: a condition of a Write failed; the error is a
	// *ConditionError. Nothing was written.
	ErrCondition = errors.New("table: condition failed")
	// ErrContended: other transactions kept hold of the same items for longer
	// than the driver is willing to repeat. Nothing was written; later it may.
	ErrContended = errors.New("table: items are being written by others")
	// ErrInvalid: the call itself is wrong (an empty or overlong key, a body
	// over MaxBody, an item twice in one Write, no limit in a Due). Nothing was
	// written.
	ErrInvalid = errors.New("table: invalid call")
)

// Key names one item. Both parts are non-empty UTF-8 of at most MaxKey bytes
// and hold no NUL.
type Key struct{ Partition, Sort string }

// String is the key as the logs of a test show it.
func (k Key) String() string { return k.Partition + " / " + k.Sort }

// Due says when something must happen with an item, and in which lane of the
// index it waits. The zero Due is none.
type Due struct {
	// Lane names the queue, such as "agenda"; UTF-8 of at most MaxKey bytes, no
	// '#', no NUL.
	Lane string
	// At is kept to the millisecond, rounded down, and read back in UTC; years 1
	// to 9999.
	At time.Time
}

// Item is what is stored at a key.
type Item struct {
	Key Key
	// Version is 1 after the first Put and grows by one with each; the driver
	// sets it and ignores it in a Put. A key that was deleted starts at 1 again.
	Version int64
	// Body is one JSON document in UTF-8, 1 to MaxBody bytes, opaque to the
	// driver. The driver keeps no hold of the slice.
	Body []byte
	// Due, if its Lane is not empty, puts the item into the due index.
	Due Due
	// Expires, if not zero, is when the item may vanish; kept to the second,
	// rounded up so that it is never earlier, and read back in UTC; years 1 to
	// 9999.
	Expires time.Time
}

// Kept is the item as it is read back, but for its version: times rounded and
// in UTC, no due time without a lane. Drivers store it so.
func (i Item) Kept() Item {
	if i.Due.Lane == "" {
		i.Due = Due{}
	} else {
		i.Due.At = i.Due.At.UTC().Truncate(time.Millisecond)
	}
	if !i.Expires.IsZero() {
		whole := i.Expires.UTC().Truncate(time.Second)
		if whole.Before(i.Expires) {
			whole = whole.Add(time.Second)
		}
		i.Expires = whole
	}
	return i
}

// Condition is what must hold of a key for a Write to happen: Any, Absent,
// Present, or VersionIs(n).
type Condition struct {
	// Kind is one of the Cond constants.
	Kind CondKind
	// Version is the one expected by CondVersion.
	Version int64
}

// Holds tells whether the condition is true of an item with this version; 0
// stands for no item.
func (c Condition) Holds(version int64) bool {
	switch c.Kind {
	case CondAbsent:
		return version == 0
	case CondPresent:
		return version != 0
	case CondVersion:
		return version != 0 && version == c.Version
	default:
		return true
	}
}

// CondKind is the kind of a Condition.
type CondKind uint8

// The kinds of condition.
const (
	CondAny CondKind = iota
	CondAbsent
	CondPresent
	CondVersion
)

// Any, Absent and Present are conditions without an argument.
var (
	Any     = Condition{Kind: CondAny}
	Absent  = Condition{Kind: CondAbsent}
	Present = Condition{Kind: CondPresent}
)

// VersionIs holds of an item with exactly this version; VersionIs(0) is Absent,
// so that what was read, found or not, can be expected unchanged in one way.
func VersionIs(n int64) Condition {
	if n == 0 {
		return Absent
	}
	return Condition{Kind: CondVersion, Version: n}
}

// Op is what a Write does with its item.
type Op uint8

// The operations of a Write.
const (
	OpPut Op = iota
	OpDelete
	OpCheck
)

// Write is one part of a transaction.
type Write struct {
	Op   Op
	Item Item
	If   Condition
}

// Put stores item whole: body, due time and expiry replace what was there.
// After Put under VersionIs(n) the version is n+1.
func Put(item Item, cond Condition) Write { return Write{Op: OpPut, Item: item, If: cond} }

// Delete removes the item at key; under Any it is no error if there is none.
func Delete(key Key, cond Condition) Write {
	return Write{Op: OpDelete, Item: Item{Key: key}, If: cond}
}

// Check writes nothing and lets the transaction happen only if cond holds.
func Check(key Key, cond Condition) Write {
	return Write{Op: OpCheck, Item: Item{Key: key}, If: cond}
}

// ConditionError tells which conditions of a Write failed.
type ConditionError struct {
	// Failed has one entry for each part of the Write, in its order. At least
	// one is true; a driver may stop at the first it finds.
	Failed []bool
}

func (e *ConditionError) Error() string {
	var which []string
	for i, failed := range e.Failed {
		if failed {
			which = append(which, fmt.Sprint(i))
		}
	}
	return "table: condition failed at part " + strings.Join(which, ", ")
}

// Is makes errors.Is(err, ErrCondition) true.
func (e *ConditionError) Is(target error) bool { return target == ErrCondition }

// Failed returns which parts of a Write failed on their condition; ok is false
// when err is of another kind.
func Failed(err error) (failed []bool, ok bool) {
	var ce *ConditionError
	if !errors.As(err, &ce) {
		return nil, false
	}
	return ce.Failed, true
}

// Query asks for items of one partition, in the order of their sort keys.
type Query struct {
	Partition string
	// From and To bound the sort key, both inclusive, each at most MaxKey bytes
	// of UTF-8; empty is open. Bounds that cross hold nothing.
	From, To string
	// After continues behind this sort key (before it, in Reverse): the Next of
	// the page before, or any other, whether or not there is an item.
	After string
	// Reverse goes from the last to the first.
	Reverse bool
	// Limit is the largest number of items in a page; 0 leaves it to the
	// driver (about 1 MB).
	Limit int
	// Eventually allows a read that may miss the writes of the last moments,
	// at half the price.
	Eventually bool
}

// Prefix is the Query for all sort keys that begin with prefix, which may have
// up to MaxKey-4 bytes.
func Prefix(partition, prefix string) Query {
	return Query{Partition: partition, From: prefix, To: prefix + "\U0010FFFF"}
}

// Page is one answer to a Query. Next, if not empty, is the After of the next
// page; a page may have a Next and yet be the last one with items.
type Page struct {
	Items []Item
	Next  string
}

// DueKey is one entry of the due index.
type DueKey struct {
	Key Key
	At  time.Time
}

// Table is the contract. All methods may be called by many goroutines at once,
// and honour ctx: its error is wrapped in theirs. A Write that fails so may have
// been written all the same, unless ctx was done before the call.
type Table interface {
	// Get reads one item as it is now (strongly consistent), or ErrNotFound.
	Get(ctx context.Context, key Key) (Item, error)
	// Query reads a page of a partition.
	Query(ctx context.Context, q Query) (Page, error)
	// Write does all of the writes or none: *ConditionError, ErrContended or
	// ErrInvalid say why none; after any other error (the network, ctx) it is
	// not known. What was written is durable when Write returns. A single write
	// costs half of what it costs in company. Writing nothing is no error.
	Write(ctx context.Context, writes ...Write) error
	// Due lists up to limit entries of the lane whose time is not after until,
	// earliest first, across all shards; limit is at least 1. It reads the index
	// alone.
	Due(ctx context.Context, lane string, until time.Time, limit int) ([]DueKey, error)
}

// All walks every page of a query.
func All(ctx context.Context, t Table, q Query) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for {
			page, err := t.Query(ctx, q)
			if err != nil {
				yield(Item{}, err)
				return
			}
			for _, item := range page.Items {
				if !yield(item, nil) {
					return
				}
			}
			if page.Next == "" {
				return
			}
			q.After = page.Next
		}
	}
}

// Shard is the shard of the due index in which an item with this key stands.
func Shard(k Key) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(k.Partition))
	_, _ = h.Write([]byte{0})
	_, _ = h.Write([]byte(k.Sort))
	return int(h.Sum32() % Shards)
}
