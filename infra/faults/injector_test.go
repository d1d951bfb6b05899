// Package faults stops Kaiku, or has it fail, before and after every write, call
// of SES and call of the queue on the way from an event to its answer, and looks
// whether everything comes to its end all the same: the real handlers over a table,
// an SES and an SQS that do as they are told.
package faults

import (
	"errors"
	"fmt"
	"slices"
	"sync"
)

// kind is what is done at a fault point.
type kind string

const (
	writing  kind = "write"
	mailing  kind = "SendEmail"
	asking   kind = "GetAccount"
	queueing kind = "SendMessageBatch"
	acking   kind = "DeleteMessage"
)

// point is one call on the way, where a fault can strike.
type point struct {
	kind kind
	// parts is how many items a write has.
	parts int
}

// mode is how a fault strikes.
type mode string

const (
	none        mode = ""
	crashBefore mode = "crash before"
	crashAfter  mode = "crash after"
	errorBefore mode = "error before"
	// errorAfter: it was done, and the answer was lost.
	errorAfter mode = "error after"
	// echo: it was done, its answer was lost, and the client's second try failed on
	// the first one's own condition. A transaction's token keeps it from that.
	echo mode = "condition failed on itself"

	throttled   mode = "throttled"
	failed      mode = "status 500"
	failedAfter mode = "taken, and status 500 all the same"
	rejected    mode = "rejected"
)

// modes are the faults that can strike at a point.
func (p point) modes() []mode {
	all := []mode{crashBefore, crashAfter, errorBefore, errorAfter}
	switch {
	case p.kind == writing && p.parts == 1:
		return append(all, echo)
	case p.kind == mailing:
		return append(all, throttled, failed, failedAfter, rejected)
	}
	return all
}

// fault is one that is to strike: at the nth call of a run, from 0.
type fault struct {
	at   int
	mode mode
}

func (f fault) String() string { return fmt.Sprintf("%s call %d", f.mode, f.at) }

// injector numbers the calls of a run, and says at which a fault strikes.
type injector struct {
	mutex  sync.Mutex
	plan   []fault
	calls  []point
	struck []string
}

func (i *injector) next(p point) mode {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	n := len(i.calls)
	i.calls = append(i.calls, p)
	for _, f := range i.plan {
		if f.at == n && slices.Contains(p.modes(), f.mode) {
			i.struck = append(i.struck, fmt.Sprintf("%s %s", f, p.kind))
			return f.mode
		}
	}
	return none
}

// errLost is what a caller gets that has no answer.
var errLost = errors.New("the answer was lost")
