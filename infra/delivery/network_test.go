package delivery

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"hash/fnv"
	"io"
	lots "math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"
)

// fate is what becomes of a request to SES.
type fate string

const (
	taken       fate = ""
	throttled   fate = "429"
	limited     fate = "400"
	failed      fate = "500"
	unavailable fate = "503"
	failedLate  fate = "500, though the mail went out"
	unreached   fate = "no connection"
	swallowed   fate = "not taken and not answered"
	silent      fate = "taken and not answered"
)

// The endpoint is told what to do, and the name of a request that it is to say of
// that it arrived.
const (
	fateHeader   = "X-Fate"
	ticketHeader = "X-Ticket"
)

// patience is how long the client waits for an answer that will not come.
const patience = 20 * time.Millisecond

// network draws by lot what becomes of each request to send. The lot is the
// customer's and the try's, so that it does not depend on who came first.
type network struct {
	good, dead *http.Transport
	// draw says what becomes of a customer's request; nil is that all is well.
	draw func(lot *lots.Rand, before []fate) fate

	mutex sync.Mutex
	fates map[string][]fate // by customer
	drawn map[fate]int
	// waiting are the requests that nobody will answer, by their tickets.
	waiting map[string]context.CancelFunc
}

func newNetwork() *network {
	dead := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	}}
	return &network{good: &http.Transport{MaxIdleConnsPerHost: workers}, dead: dead, fates: map[string][]fate{}, drawn: map[fate]int{}, waiting: map[string]context.CancelFunc{}}
}

// RoundTrip implements http.RoundTripper.
func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPost || n.draw == nil {
		return n.good.RoundTrip(r)
	}
	customer, err := customerOf(r)
	if err != nil {
		return nil, err
	}
	switch f := n.next(customer); f {
	case unreached:
		return n.dead.RoundTrip(r)
	case swallowed, silent:
		return n.giveUp(r, f)
	default:
		r = r.Clone(r.Context())
		r.Header.Set(fateHeader, string(f))
		return n.good.RoundTrip(r)
	}
}

// giveUp makes a request that will not be answered. The client waits for as long
// as it has patience once the request has arrived: a busy machine must not keep
// the endpoint from having it.
func (n *network) giveUp(r *http.Request, f fate) (*http.Response, error) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	r = r.Clone(ctx)
	r.Header.Set(fateHeader, string(f))
	ticket := rand.Text()
	r.Header.Set(ticketHeader, ticket)
	n.mutex.Lock()
	n.waiting[ticket] = cancel
	n.mutex.Unlock()
	if response, err := n.good.RoundTrip(r); err == nil {
		return response, nil
	}
	return nil, context.DeadlineExceeded // as http.Client says it
}

// arrived is told by the endpoint of a request that it will not answer.
func (n *network) arrived(ticket string) {
	n.mutex.Lock()
	cancel := n.waiting[ticket]
	delete(n.waiting, ticket)
	n.mutex.Unlock()
	time.AfterFunc(patience, cancel)
}

// customerOf reads whom a request is about, and leaves its body as it was.
func customerOf(r *http.Request) (string, error) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return "", err
	}
	r.Body = io.NopCloser(bytes.NewReader(b))
	var in request
	if err := json.Unmarshal(b, &in); err != nil {
		return "", err
	}
	return in.tag("customer"), nil
}

func (n *network) next(customer string) fate {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	before := n.fates[customer]
	h := fnv.New64a()
	_, _ = h.Write([]byte(customer))
	f := n.draw(lots.New(lots.NewPCG(h.Sum64(), uint64(len(before)))), before)
	n.fates[customer] = append(before, f)
	n.drawn[f]++
	return f
}
