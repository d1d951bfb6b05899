package parts

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// roleVariable makes this test binary, run again, another program.
const roleVariable = "KAIKU_PARTS_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "":
		os.Exit(m.Run())
	case "server":
		serve(os.Args[1])
	case "starter":
		startAndStay()
	}
}

// serve answers on the port until it is killed.
func serve(port string) {
	err := http.ListenAndServe(net.JoinHostPort("127.0.0.1", port), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	}))
	fmt.Println(err)
	os.Exit(1)
}

// startAndStay starts a server, prints its endpoint and waits to be killed.
func startAndStay() {
	endpoint, _, err := startServer(context.Background(), "a server", serverCommand)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(endpoint)
	select {}
}

// serverCommand is this binary as a server, behind a shell that stays: the guard
// must end both.
func serverCommand(port string) *exec.Cmd {
	cmd := exec.Command("sh", "-c", `"$0" "$1"; true`, os.Args[0], port)
	cmd.Env = append(os.Environ(), roleVariable+"=server")
	return cmd
}

func needShell(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		Missing(t, "sh", "a Unix shell starts and ends the parts")
	}
}

// wantGone polls until nothing answers any more.
func wantGone(t *testing.T, endpoint string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	poll := time.NewTicker(pollPause)
	defer poll.Stop()
	for answers(ctx, endpoint) {
		select {
		case <-ctx.Done():
			t.Fatal("the server still answers")
		case <-poll.C:
		}
	}
}

func TestAServerAnswersUntilItIsStopped(t *testing.T) {
	needShell(t)
	endpoint, stop, err := startServer(t.Context(), "a server", serverCommand)
	if err != nil {
		t.Fatal(err)
	}
	if !answers(t.Context(), endpoint) {
		t.Error("it does not answer")
	}
	if err := stop.Close(); err != nil {
		t.Error(err)
	}
	wantGone(t, endpoint)
}

func TestAServerEndsWithTheProcessThatStartedItEvenIfKilled(t *testing.T) {
	needShell(t)
	starter := exec.Command(os.Args[0])
	starter.Env = append(os.Environ(), roleVariable+"=starter")
	out, err := starter.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := starter.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "http://") {
		t.Fatalf("the starter says %q: %v", lines.Text(), lines.Err())
	}
	endpoint := lines.Text()
	if !answers(t.Context(), endpoint) {
		t.Error("it does not answer")
	}
	if err := starter.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = starter.Wait() // its error is that it was killed
	wantGone(t, endpoint)
}

func TestAServerThatEndsAtOnceIsAnErrorWithItsLastWords(t *testing.T) {
	needShell(t)
	tries := 0
	_, _, err := startServer(t.Context(), "a server", func(string) *exec.Cmd {
		tries++
		return exec.Command("sh", "-c", "echo the port is taken >&2; exit 3")
	})
	if err == nil || !strings.Contains(err.Error(), "the port is taken") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("error is %v, want one with what it wrote and its status", err)
	}
	if tries != startTries {
		t.Errorf("%d tries, want %d", tries, startTries)
	}
}

func TestAServerThatNeverAnswersIsGivenUpWithItsContext(t *testing.T) {
	needShell(t)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, _, err := startServer(ctx, "a server", func(string) *exec.Cmd { return exec.Command("sleep", "1000") })
	if err == nil || !strings.Contains(err.Error(), context.DeadlineExceeded.Error()) {
		t.Errorf("error is %v, want that of the context", err)
	}
}
