// Package runtimeapi runs a function's built bootstrap in a test the way Lambda
// runs it: as a process of its own that fetches its events over the Lambda
// Runtime API, plain HTTP, of version 2018-06-01.
//
//	binary := runtimeapi.Build(t, "kaiku/functions/webhook/bootstrap")
//	f := runtimeapi.Start(t, binary, map[string]string{"TABLE": "kaiku"})
//	answer, err := f.Invoke(ctx, payload)
//
// So what is tested is what is deployed: main, configuration, JSON in and out,
// exit codes, the log lines. What Lambda does and this keeps:
//
//   - The process sees Lambda's environment and what the test gives it, nothing
//     of the tester's own, and starts in the folder of its binary.
//   - One process serves one event at a time; concurrent calls of Invoke wait.
//   - A process that exits, is killed or takes longer than the context allows
//     fails the event it had; the next one meets a cold start.
//   - A response over 6 MiB is refused, and a payload must be JSON.
//
// What it does not: freeze the process between events, limit its memory, or
// repeat an asynchronous event that failed (call Invoke again).
package runtimeapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// maxBody is Lambda's limit for the payload and the response of a synchronous
// call.
const maxBody = 6 << 20

// defaultTimeout is how long an event may take when its context sets no
// deadline: longer than any function here, shorter than a test run's patience.
const defaultTimeout = time.Minute

// FunctionError says that the function, not the call to it, failed: what Lambda
// reports with X-Amz-Function-Error.
type FunctionError struct {
	// Type is the runtime's own, such as errorString, or one of Lambda's:
	// Runtime.ExitError, Sandbox.Timedout, Function.ResponseSizeTooLarge.
	Type string
	// Message is what the function said.
	Message string
}

func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }

// Function is one function that a test started. It is safe for concurrent use.
type Function struct {
	binary string
	env    []string
	output buffer

	turn sync.Mutex // held while an event is being served

	mu      sync.Mutex
	current *environment
	inits   []time.Duration
	served  []time.Duration
}

// Start starts the binary and returns at once; a fault of its start is what the
// first Invoke returns. The process ends with the test, and a test that failed
// shows what it had printed.
func Start(t testing.TB, binary string, env map[string]string) *Function {
	t.Helper()
	binary, err := filepath.Abs(binary)
	if err != nil {
		t.Fatal(err)
	}
	f := &Function{binary: binary, env: environ(binary, env)}
	if _, err := f.environment(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		f.Kill()
		if t.Failed() {
			t.Logf("what %s printed:\n%s", filepath.Base(filepath.Dir(binary)), f.Output())
		}
	})
	return f
}

// Ready waits until the process asks for its first event, starting it if it is
// gone; an error is what the first Invoke would return.
func (f *Function) Ready(ctx context.Context) error {
	f.turn.Lock()
	defer f.turn.Unlock()
	ctx, cancel := withDefaultTimeout(ctx)
	defer cancel()
	e, err := f.environment()
	if err != nil {
		return err
	}
	return e.waitReady(ctx)
}

// Invoke hands the function one event and returns its response. An error of the
// function is a *FunctionError. When ctx ends first, the process is killed, as
// Lambda kills it at the function's timeout.
func (f *Function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if !json.Valid(payload) {
		return nil, errors.New("runtimeapi: the payload is not JSON; Lambda would refuse it")
	}
	if len(payload) > maxBody {
		return nil, errors.New("runtimeapi: the payload is over 6 MiB; Lambda would refuse it")
	}
	f.turn.Lock()
	defer f.turn.Unlock()
	ctx, cancel := withDefaultTimeout(ctx)
	defer cancel()

	for {
		e, err := f.environment()
		if err != nil {
			return nil, err
		}
		response, err := e.invoke(ctx, payload)
		if errors.Is(err, errGone) {
			continue // it had ended between two events: this one meets a cold start
		}
		return response, err
	}
}

// Kill ends the process at once, even in the middle of an event, as a crash
// does. The next Invoke starts another.
func (f *Function) Kill() {
	f.mu.Lock()
	e := f.current
	f.mu.Unlock()
	if e != nil {
		e.kill()
	}
}

// Output is all that the function's processes printed so far, standard output
// and standard error as they came: what would stand in its log group.
func (f *Function) Output() string { return f.output.String() }

// Inits are the durations of the cold starts so far: from the start of each
// process until it asked for its first event.
func (f *Function) Inits() []time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]time.Duration(nil), f.inits...)
}

// Durations are how long each event took, from its handing over until its
// response or error came; events that killed the process are not among them.
func (f *Function) Durations() []time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]time.Duration(nil), f.served...)
}

// environment is the process in service, started now if there is none.
func (f *Function) environment() (*environment, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.current != nil && !f.current.ended() {
		return f.current, nil
	}
	e, err := start(f)
	if err != nil {
		return nil, fmt.Errorf("runtimeapi: %w", err)
	}
	f.current = e
	return e, nil
}

func withDefaultTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, defaultTimeout)
}

// environ is what Lambda sets, then what the test gives. Credentials are
// invented, so that a client aimed at the cloud by mistake is refused there.
func environ(binary string, env map[string]string) []string {
	dir := filepath.Dir(binary)
	set := map[string]string{
		"AWS_ACCESS_KEY_ID":               "test",
		"AWS_SECRET_ACCESS_KEY":           "test",
		"AWS_EC2_METADATA_DISABLED":       "true",
		"AWS_REGION":                      region,
		"AWS_DEFAULT_REGION":              region,
		"AWS_LAMBDA_FUNCTION_NAME":        "test",
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
		"AWS_LAMBDA_LOG_FORMAT":           "JSON",
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"LAMBDA_TASK_ROOT":                dir,
		"_HANDLER":                        "bootstrap",
		"LANG":                            "en_US.UTF-8",
		"TZ":                              ":UTC",
		"PATH":                            "/usr/local/bin:/usr/bin:/bin",
		"TMPDIR":                          os.TempDir(),
	}
	for k, v := range env {
		set[k] = v
	}
	list := make([]string, 0, len(set))
	for k, v := range set {
		list = append(list, k+"="+v)
	}
	return list
}

// buffer collects output from the two pipes of a process.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// start runs the function's binary against a Runtime API of its own, so that a
// late call of a killed process never meets the events of the next one.
func start(f *Function) (*environment, error) {
	e := &environment{
		f:      f,
		work:   make(chan *invocation),
		ready:  make(chan struct{}),
		exited: make(chan struct{}),
		began:  time.Now(),
	}
	address, stop, err := e.serve()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(f.binary)
	cmd.Dir = filepath.Dir(f.binary)
	cmd.Env = append(append([]string(nil), f.env...), "AWS_LAMBDA_RUNTIME_API="+address)
	cmd.Stdout, cmd.Stderr = &f.output, &f.output
	cmd.WaitDelay = time.Second // a grandchild may hold the pipes
	if err := cmd.Start(); err != nil {
		stop()
		return nil, err
	}
	e.process = cmd.Process
	go func() {
		e.exit = cmd.Wait()
		stop()
		close(e.exited)
	}()
	return e, nil
}
