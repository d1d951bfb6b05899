package runtimeapi

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

const region = "eu-north-1"

// errGone: the process ended before it took the event, having served before.
var errGone = errors.New("the process is gone")

// environment is one process and the Runtime API it talks to.
type environment struct {
	f       *Function
	process *os.Process
	began   time.Time

	work   chan *invocation // unbuffered: an event is taken or it is not
	ready  chan struct{}    // closed when the process asks for its first event
	exited chan struct{}    // closed when it is gone
	exit   error            // how it went; read after exited

	mu      sync.Mutex
	pending *invocation    // the event being served
	initErr *FunctionError // what it said of its own start
}

// invocation is one event on its way through the process.
type invocation struct {
	id       string
	payload  []byte
	deadline time.Time
	taken    time.Time
	done     chan result // of one
}

type result struct {
	response []byte
	err      error
}

func (e *environment) waitReady(ctx context.Context) error {
	select {
	case <-e.ready:
		return nil
	case <-e.exited:
		if err := e.notTaken(); !errors.Is(err, errGone) {
			return err
		}
		return nil // it was ready, then went; the next event meets a cold start
	case <-ctx.Done():
		return e.overdue(ctx, "waiting for the function to start")
	}
}

// invoke hands the event to the process and waits for what comes of it.
func (e *environment) invoke(ctx context.Context, payload []byte) ([]byte, error) {
	deadline, _ := ctx.Deadline()
	inv := &invocation{id: requestID(), payload: payload, deadline: deadline, done: make(chan result, 1)}
	select {
	case e.work <- inv:
	case <-e.exited:
		return nil, e.notTaken()
	case <-ctx.Done():
		return nil, e.overdue(ctx, "waiting for the function to start")
	}
	select {
	case r := <-inv.done:
		return r.response, r.err
	case <-ctx.Done():
		return nil, e.overdue(ctx, "serving the event")
	case <-e.exited:
	}
	select {
	case r := <-inv.done: // it answered, then went
		return r.response, r.err
	default:
		return nil, e.gone()
	}
}

// notTaken tells a process that never came up from one that went after serving.
func (e *environment) notTaken() error {
	select {
	case <-e.ready:
		return errGone
	default:
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.initErr != nil {
		return e.initErr
	}
	return e.gone()
}

func (e *environment) gone() error {
	how := "exit status 0"
	if e.exit != nil {
		how = e.exit.Error()
	}
	return &FunctionError{Type: "Runtime.ExitError", Message: "Runtime exited: " + how}
}

func (e *environment) overdue(ctx context.Context, doing string) error {
	e.kill()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &FunctionError{Type: "Sandbox.Timedout", Message: "Task timed out " + doing}
	}
	return ctx.Err()
}

func (e *environment) kill() {
	_ = e.process.Kill() // fails only if it is gone already
	<-e.exited
}

func (e *environment) ended() bool {
	select {
	case <-e.exited:
		return true
	default:
		return false
	}
}

// serve opens the Runtime API on a free port of the loopback.
func (e *environment) serve() (address string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", e.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", e.response)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", e.failure)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", e.initFailure)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }() // ends with Close, always with an error
	return l.Addr().String(), func() { _ = server.Close() }, nil
}

func (e *environment) next(w http.ResponseWriter, r *http.Request) {
	select {
	case <-e.ready:
	default:
		e.f.mu.Lock()
		e.f.inits = append(e.f.inits, time.Since(e.began))
		e.f.mu.Unlock()
		close(e.ready)
	}
	var inv *invocation
	select {
	case inv = <-e.work:
	case <-r.Context().Done():
		return
	}
	e.mu.Lock()
	inv.taken = time.Now()
	e.pending = inv
	e.mu.Unlock()
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(inv.deadline.UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:"+region+":000000000000:function:test")
	h.Set("Lambda-Runtime-Trace-Id", fmt.Sprintf("Root=1-%08x-%s;Parent=%s;Sampled=0", time.Now().Unix(), hex(12), hex(8)))
	_, _ = w.Write(inv.payload) // a process that is gone is noticed elsewhere
}

func (e *environment) response(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		refuse(w, http.StatusBadRequest, "Runtime.TruncatedResponse")
		return
	}
	res := result{response: body}
	status := http.StatusAccepted
	switch {
	case len(body) > maxBody:
		status = http.StatusRequestEntityTooLarge
		res = result{err: &FunctionError{Type: "Function.ResponseSizeTooLarge", Message: "Response payload size exceeded the maximum allowed payload size (6291556 bytes)."}}
	case r.Trailer.Get("Lambda-Runtime-Function-Error-Type") != "":
		// How a response that fails while it is being streamed says so.
		res = result{err: &FunctionError{Type: r.Trailer.Get("Lambda-Runtime-Function-Error-Type"), Message: "failed while responding"}}
	}
	if !e.finish(r.PathValue("id"), res) {
		refuse(w, http.StatusBadRequest, "InvalidRequestID")
		return
	}
	if status != http.StatusAccepted {
		refuse(w, status, "RequestEntityTooLarge")
		return
	}
	accept(w)
}

func (e *environment) failure(w http.ResponseWriter, r *http.Request) {
	if !e.finish(r.PathValue("id"), result{err: functionError(r)}) {
		refuse(w, http.StatusBadRequest, "InvalidRequestID")
		return
	}
	accept(w)
}

func (e *environment) initFailure(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	e.initErr = functionError(r)
	e.mu.Unlock()
	accept(w)
}

// finish settles the event being served; false if it is not that one.
func (e *environment) finish(id string, r result) bool {
	e.mu.Lock()
	inv := e.pending
	if inv == nil || inv.id != id {
		e.mu.Unlock()
		return false
	}
	e.pending = nil
	e.mu.Unlock()

	e.f.mu.Lock()
	e.f.served = append(e.f.served, time.Since(inv.taken))
	e.f.mu.Unlock()
	inv.done <- r
	return true
}

func functionError(r *http.Request) *FunctionError {
	var said struct{ ErrorMessage, ErrorType string }
	_ = json.NewDecoder(io.LimitReader(r.Body, maxBody)).Decode(&said) // not JSON: the header alone tells
	if said.ErrorType == "" {
		said.ErrorType = r.Header.Get("Lambda-Runtime-Function-Error-Type")
	}
	return &FunctionError{Type: said.ErrorType, Message: said.ErrorMessage}
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

func refuse(w http.ResponseWriter, status int, errorType string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"errorType": errorType, "errorMessage": http.StatusText(status)})
}

// requestID has the form of Lambda's: a random UUID.
func requestID() string {
	return fmt.Sprintf("%s-%s-4%s-a%s-%s", hex(4), hex(2), hex(2)[1:], hex(2)[1:], hex(6))
}

func hex(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails
	return fmt.Sprintf("%x", b)
}
