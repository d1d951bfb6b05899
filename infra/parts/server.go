package parts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"time"
)

const (
	// startTime is how long a part may take to answer: some seconds, and more
	// where many tests share few cores.
	startTime = time.Minute
	// pollPause is the time between two looks whether it answers.
	pollPause = 25 * time.Millisecond
	// startTries is how often another port is tried if a part ends while it
	// starts: someone may have taken the port.
	startTries = 3
)

// guard runs a command and kills its whole process group when standard input
// ends, which is when the process that started it is gone, however it went.
const guard = `exec 3<&0
"$@" </dev/null 3<&- &
child=$!
{ cat <&3 >/dev/null; kill -9 0; } &
exec 3<&-
wait $child`

// startServer starts what command makes for a port and returns the endpoint, as
// soon as it answers. Closing stop ends it.
func startServer(ctx context.Context, name string, command func(port string) *exec.Cmd) (endpoint string, stop io.Closer, err error) {
	for range startTries {
		var port string
		if port, err = freePort(); err != nil {
			return "", nil, err
		}
		if stop, err = startOnce(ctx, name, "http://127.0.0.1:"+port, command(port)); err == nil {
			return "http://127.0.0.1:" + port, stop, nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	return "", nil, err
}

func startOnce(ctx context.Context, name, endpoint string, command *exec.Cmd) (io.Closer, error) {
	log, err := os.CreateTemp("", "kaiku-part-*.log")
	if err != nil {
		return nil, fmt.Errorf("parts: log of %s: %w", name, err)
	}
	defer log.Close()
	// The open file is all that is needed of it.
	if err := os.Remove(log.Name()); err != nil {
		return nil, fmt.Errorf("parts: log of %s: %w", name, err)
	}
	guarded := exec.Command("sh", append([]string{"-c", guard, name}, command.Args...)...)
	guarded.Dir, guarded.Env = command.Dir, command.Env
	// Not ours: `go test` waits for whoever holds its output.
	guarded.Stdout, guarded.Stderr = log, log
	ownGroup(guarded)
	leash, err := guarded.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("parts: start %s: %w", name, err)
	}
	if err := guarded.Start(); err != nil {
		return nil, fmt.Errorf("parts: start %s: %w", name, err)
	}
	ended := make(chan error, 1)
	go func() {
		err := guarded.Wait()
		if err == nil {
			err = errors.New("exit status 0")
		}
		ended <- err
	}()
	if err := await(ctx, endpoint, ended); err != nil {
		_ = leash.Close() // it is being given up; err says why
		return nil, fmt.Errorf("parts: start %s: %w; its output ends with: %s", name, err, tail(log))
	}
	return leash, nil
}

// await polls until something answers at endpoint, or the server has ended.
func await(ctx context.Context, endpoint string, ended <-chan error) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	poll := time.NewTicker(pollPause)
	defer poll.Stop()
	for {
		select {
		case err := <-ended:
			return fmt.Errorf("it ended: %w", err)
		case <-ctx.Done():
			return fmt.Errorf("no answer within %s: %w", startTime, ctx.Err())
		case <-poll.C:
			if answers(ctx, endpoint) {
				return nil
			}
		}
	}
}

// answers tells whether there is a server; what it answers is all the same.
func answers(ctx context.Context, endpoint string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint, nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	return response.Body.Close() == nil
}

func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("parts: look for a free port: %w", err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return "", fmt.Errorf("parts: look for a free port: %w", err)
	}
	if err := listener.Close(); err != nil {
		return "", fmt.Errorf("parts: look for a free port: %w", err)
	}
	return port, nil
}

// tail is the end of what a part wrote, for the message that it did not start.
func tail(log *os.File) []byte {
	const enough = 2000
	size, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return []byte(err.Error())
	}
	end := make([]byte, min(size, enough))
	if _, err := log.ReadAt(end, size-int64(len(end))); err != nil {
		return []byte(err.Error())
	}
	return bytes.TrimSpace(end)
}
