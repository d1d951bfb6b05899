package bolt_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"kaiku/shared/table"
	"kaiku/shared/table/bolt"
)

func put(t testing.TB, tbl *bolt.Table, item table.Item) {
	t.Helper()
	if err := tbl.Write(t.Context(), table.Put(item, table.Any)); err != nil {
		t.Fatal(err)
	}
}

func TestAClosedFileOpensWithAllThatWasWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kaiku.db")
	first, err := bolt.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	due := table.Due{Lane: "agenda", At: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)}
	key := table.Key{Partition: "p", Sort: "s"}
	put(t, first, table.Item{Key: key, Body: []byte(`{}`), Due: due})
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}

	again := open(t, path)
	if _, err := again.Get(t.Context(), key); err != nil {
		t.Error(err)
	}
	listed, err := again.Due(t.Context(), due.Lane, due.At, 10)
	if err != nil || len(listed) != 1 {
		t.Errorf("due: %v, %v, want one entry", listed, err)
	}
}

func TestAFileThatIsOpenIsRefusedSoon(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kaiku.db")
	inChild(t, path)
	start := time.Now()
	_, err := bolt.Open(path)
	if !errors.Is(err, bolt.ErrLocked) {
		t.Fatalf("error is %v, want ErrLocked", err)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("it took %s to say so", took)
	}
}

func TestWhatWasAcknowledgedSurvivesAKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kaiku.db")
	child := inChild(t, path)
	acknowledged := 0
	for ; acknowledged < 50 && child.lines.Scan(); acknowledged++ {
		if got, want := child.lines.Text(), fmt.Sprint(acknowledged); got != want {
			t.Fatalf("the child wrote %q, want %q", got, want)
		}
	}
	child.kill()

	tbl := open(t, path)
	for n := range acknowledged {
		if _, err := tbl.Get(t.Context(), childKey(n)); err != nil {
			t.Error(err)
		}
	}
	if acknowledged < 50 {
		t.Errorf("the child ended after %d writes", acknowledged)
	}
}

func TestWhatIsNoTableIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kaiku.db")
	if err := os.WriteFile(path, []byte("this is a text, and no file of bbolt's at all\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := bolt.Open(path); err == nil || errors.Is(err, bolt.ErrLocked) {
		t.Errorf("error is %v, want one that says it is no such file", err)
	}
	if _, err := bolt.Open(filepath.Join(path, "no", "folder")); err == nil {
		t.Error("opened in a folder that is not there")
	}
}

func TestAClosedTableRefusesCalls(t *testing.T) {
	tbl, err := bolt.Open(filepath.Join(t.TempDir(), "kaiku.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := tbl.Close(); err != nil {
		t.Fatal(err)
	}
	item := table.Item{Key: childKey(0), Body: []byte(`{}`)}
	if err := tbl.Write(t.Context(), table.Put(item, table.Any)); err == nil {
		t.Error("wrote to a closed table")
	}
	if _, err := tbl.Get(t.Context(), item.Key); err == nil || errors.Is(err, table.ErrNotFound) {
		t.Errorf("error of get is %v, want one that says the table is closed", err)
	}
}

// child is another process that has a file open and writes to it.
type child struct {
	lines *bufio.Scanner
	kill  func()
}

// childVariable holds the path for this test binary, run again as a child.
const childVariable = "KAIKU_BOLT_CHILD"

func childKey(n int) table.Key { return table.Key{Partition: "child", Sort: fmt.Sprintf("%06d", n)} }

// TestChild is no test of its own: see inChild.
func TestChild(t *testing.T) {
	path := os.Getenv(childVariable)
	if path == "" {
		t.Skip("run by other tests")
	}
	tbl := open(t, path)
	for n := 0; ; n++ {
		put(t, tbl, table.Item{Key: childKey(n), Body: []byte(`{}`)})
		if _, err := fmt.Println(n); err != nil {
			t.Fatal(err) // the parent is gone
		}
	}
}

// inChild returns when the child has the file open. Each line that it prints is
// the number of a write that was acknowledged; its first is still to be read.
func inChild(t *testing.T, path string) child {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "-test.run=^TestChild$")
	cmd.Env = append(os.Environ(), childVariable+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	buffered := bufio.NewReader(out)
	if _, err := buffered.Peek(1); err != nil {
		t.Fatalf("the child printed nothing: %v", err)
	}
	killed := false
	kill := func() {
		if killed {
			return
		}
		killed = true
		if err := cmd.Process.Kill(); err != nil {
			t.Errorf("kill the child: %v", err)
		}
		_ = cmd.Wait() // its error is that it was killed
	}
	t.Cleanup(kill)
	return child{lines: bufio.NewScanner(buffered), kill: kill}
}
