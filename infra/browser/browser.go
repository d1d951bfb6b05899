// Package browser lets tests do in a real Chromium what a person does: tap, type,
// go back, lose the network. Chromium is started once in a test process and ends
// with it; each Tab has a profile of its own, so that tests may run side by side.
package browser

import (
	"bufio"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"kaiku/infra/parts"
)

//go:embed *.mjs
var driver embed.FS

// process is the driver, which answers orders in any order.
type process struct {
	mutex   sync.Mutex
	in      io.Writer
	next    int
	waiting map[int]chan reply
	ended   error
}

type reply struct {
	ID    int
	Value json.RawMessage
	Error string
}

var (
	once    sync.Once
	started *process
	failed  error
)

// shared is the one browser of the test process. The test is skipped, or with
// CI=true fails, where Chromium or its driver cannot be had.
func shared(t testing.TB) *process {
	t.Helper()
	node, modules := parts.Node(t)
	chromium := parts.Chromium(t)
	once.Do(func() { started, failed = launch(node, modules, chromium) })
	if failed != nil {
		t.Fatal(failed)
	}
	return started
}

func launch(node, modules, chromium string) (*process, error) {
	dir, err := os.MkdirTemp("", "kaiku-browser-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.CopyFS(dir, driver); err != nil {
		return nil, err
	}
	cmd := exec.Command(node, filepath.Join(dir, "driver.mjs"), modules, chromium)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{in: in, waiting: map[int]chan reply{}}
	go func() {
		p.listen(out)
		_ = cmd.Wait() // what it said is all there is to know
		p.end(fmt.Errorf("the browser has ended: %s", said.String()))
	}()
	return p, p.do("", "ping", nil, nil)
}

func (p *process) listen(out io.Reader) {
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var r reply
		if json.Unmarshal(line, &r) != nil {
			continue
		}
		p.mutex.Lock()
		answered := p.waiting[r.ID]
		delete(p.waiting, r.ID)
		p.mutex.Unlock()
		if answered != nil {
			answered <- r
		}
	}
}

func (p *process) end(err error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.ended = err
	for id, waiting := range p.waiting {
		delete(p.waiting, id)
		waiting <- reply{Error: err.Error()}
	}
}

// do has one thing done and reads its answer into value, unless that is nil.
func (p *process) do(page, what string, with map[string]any, value any) error {
	answered := make(chan reply, 1)
	p.mutex.Lock()
	if p.ended != nil {
		p.mutex.Unlock()
		return p.ended
	}
	p.next++
	p.waiting[p.next] = answered
	line, err := json.Marshal(map[string]any{"id": p.next, "page": page, "do": what, "with": with})
	if err == nil {
		_, err = p.in.Write(append(line, '\n'))
	}
	p.mutex.Unlock()
	if err != nil {
		return err
	}
	r := <-answered
	if r.Error != "" {
		return fmt.Errorf("%s %v: %s", what, with, r.Error)
	}
	if value == nil {
		return nil
	}
	return json.Unmarshal(r.Value, value)
}
