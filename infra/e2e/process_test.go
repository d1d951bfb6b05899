// Package e2e tests the whole of Kaiku through its outside interface alone: the
// built command as a process, its environment, HTTP, and the data folder that
// outlives it. It knows nothing of the inside, and so holds whatever happens
// there. What it knows of the rules is written down here once more, by the
// specification.
package e2e

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"kaiku/infra/parts"
)

// startTime is how long a run may take until it serves: a part of a second, and
// more where many tests share few cores.
const startTime = time.Minute

func TestMain(m *testing.M) {
	code := m.Run()
	if folder := filepath.Dir(builtAt); builtAt != "" {
		if err := os.RemoveAll(folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(code)
}

var builtAt string

// built is the command, built once in a test process.
var built = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "kaiku-e2e-")
	if err != nil {
		return "", err
	}
	builtAt = filepath.Join(folder, "kaiku.exe") // a suffix that one system needs and the others do not mind
	build := exec.Command("go", "build", "-o", builtAt, "./infra/kaiku")
	build.Dir = repository
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the command: %w: %s", err, out)
	}
	return builtAt, nil
})

// repository is the root of the repository: tests run in the folder of their
// package.
const repository = "../.."

// sample is the path of a file of events/.
func sample(name string) string { return filepath.Join(repository, "events", filepath.FromSlash(name)) }

func readSample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(sample(name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The secrets of the runs that the tests start.
const (
	webhookSecret    = "whsec_ZW5kIHRvIGVuZCB0ZXN0cywgbm8gc2VjcmV0"
	oldWebhookSecret = "whsec_dGhlIHNlY3JldCB0aGF0IGlzIGdvaW5nIG91dA=="
	reportToken      = "a-report-token-of-the-tests"
	answersToken     = "an-answers-token-of-the-tests"
)

// environment is what a process is started with; nothing else of the machine's
// gets through but PATH.
type environment map[string]string

func (e environment) with(name, value string) environment {
	out := environment{name: value}
	for n, v := range e {
		if n != name {
			out[n] = v
		}
	}
	return out
}

func (e environment) list() []string {
	// A time zone far from the customers': no rule goes by the machine's.
	list := []string{"PATH=" + os.Getenv("PATH"), "TZ=Pacific/Auckland"}
	for name, value := range e {
		list = append(list, name+"="+value)
	}
	return list
}

// local is the environment of a run with data of its own on bolt.
func local(t testing.TB, now string) environment {
	return environment{"DATA": t.TempDir(), "KAIKU_NOW": now, "WEBHOOK_SECRETS": webhookSecret + " " + oldWebhookSecret, "REPORT_TOKEN": reportToken,
		"ANSWERS_TOKEN": answersToken}
}

// withPolicy lets a run go by the default policy with these lines over it.
func (e environment) withPolicy(t testing.TB, lines string) environment {
	t.Helper()
	path := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(path, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	return e.with("POLICY", path)
}

// oneMailEach is a policy under which every mail is a survey of its own.
const oneMailEach = "sending:\n  reminders: 0\n"

// onEachStore runs a test over bolt and over DynamoDB Local.
func onEachStore(t *testing.T, now string, test func(t *testing.T, env environment)) {
	t.Helper()
	t.Run("bolt", func(t *testing.T) { test(t, local(t, now)) })
	t.Run("dynamodb", func(t *testing.T) { test(t, onDynamoDB(t, local(t, now))) })
}

// onDynamoDB puts a run's data into a table of its own in DynamoDB Local.
func onDynamoDB(t testing.TB, env environment) environment {
	t.Helper()
	return env.with("STORE", "dynamodb").with("AWS_ENDPOINT_URL_DYNAMODB", parts.DynamoDB(t)).with("TABLE", "e2e-"+rand.Text())
}

// kaiku is one run and, after a restart, the next one over the same data.
type kaiku struct {
	t    testing.TB
	env  environment
	base string
	*client

	process *exec.Cmd
	ended   chan error
	log     *os.File
}

// start starts a run on a free port and waits until it says that it is ready.
func start(t testing.TB, env environment) *kaiku {
	t.Helper()
	const tries = 3 // somebody may take the port in between
	for range tries {
		port := freePort(t)
		k := &kaiku{t: t, env: env.with("PORT", port), base: "http://127.0.0.1:" + port}
		log, err := os.Create(filepath.Join(t.TempDir(), "log"))
		if err != nil {
			t.Fatal(err)
		}
		k.log = log
		k.client = newClient(t, k.base)
		t.Cleanup(k.cleanUp)
		err = k.run()
		if err == nil {
			return k
		}
		if !strings.Contains(k.logged(), "PORT") {
			t.Fatalf("%v; it says: %s", err, k.logged())
		}
	}
	t.Fatal("no port stayed free")
	return nil
}

var readyLine = regexp.MustCompile(`^ready http://127\.0\.0\.1:[0-9]+$`)

// run starts the process; it returns when the ready line came.
func (k *kaiku) run() error {
	binary, err := built()
	if err != nil {
		k.t.Fatal(err)
	}
	k.process = exec.Command(binary, "serve")
	k.process.Env, k.process.Stderr = k.env.list(), k.log
	out, err := k.process.StdoutPipe()
	if err != nil {
		k.t.Fatal(err)
	}
	if err := k.process.Start(); err != nil {
		k.t.Fatal(err)
	}
	first := make(chan string, 1)
	ended := make(chan error, 1)
	k.ended = ended
	go func() {
		lines := bufio.NewReader(out)
		line, _ := lines.ReadString('\n') // without an end of line it has ended: then it is not the ready line
		first <- line
		_, _ = io.Copy(io.Discard, lines)
		ended <- k.process.Wait()
	}()
	select {
	case line := <-first:
		if line != "ready "+k.base+"\n" || !readyLine.MatchString(strings.TrimSuffix(line, "\n")) {
			k.kill()
			return fmt.Errorf("the first line is %q, want the ready line of %s", line, k.base)
		}
	case <-time.After(startTime):
		k.kill()
		return fmt.Errorf("no ready line within %s", startTime)
	}
	return k.readClock()
}

// restart starts a run over the data of the one before, at the same address.
func (k *kaiku) restart() {
	k.t.Helper()
	if err := k.run(); err != nil {
		k.t.Fatalf("starting again: %v; it says: %s", err, k.logged())
	}
}

// kill ends the process as a power cut does, and returns when it is gone.
func (k *kaiku) kill() {
	if k.ended == nil {
		return
	}
	_ = k.process.Process.Kill() // it may have ended by itself
	_ = k.wait()                 // its error is that it was killed
	k.http.CloseIdleConnections()
}

// stop ends the process as Ctrl-C does, and returns how it went.
func (k *kaiku) stop() error {
	k.http.CloseIdleConnections()
	if err := k.process.Process.Signal(os.Interrupt); err != nil {
		k.t.Fatal(err)
	}
	return k.wait()
}

// wait is until the process is gone; it returns how that went.
func (k *kaiku) wait() error {
	err := <-k.ended
	k.ended = nil
	return err
}

func (k *kaiku) cleanUp() {
	k.kill()
	if k.t.Failed() {
		k.t.Logf("the run at %s logged:\n%s", k.base, k.logged())
	}
	_ = k.log.Close() // it was only written to
}

// logged is all that the run wrote to its log.
func (k *kaiku) logged() string {
	b, err := os.ReadFile(k.log.Name())
	if err != nil {
		k.t.Fatal(err)
	}
	return string(b)
}

// wantCalmLog says that nothing went wrong inside.
func (k *kaiku) wantCalmLog() {
	k.t.Helper()
	for line := range strings.Lines(k.logged()) {
		if strings.Contains(line, "level=") {
			k.t.Errorf("the log has %s", line)
		}
	}
}

// command runs another command of kaiku against this run.
func (k *kaiku) command(args ...string) string {
	k.t.Helper()
	binary, err := built()
	if err != nil {
		k.t.Fatal(err)
	}
	cmd := exec.Command(binary, args...)
	cmd.Env = k.env.with("KAIKU_URL", k.base).list()
	out, err := cmd.Output()
	if err != nil {
		k.t.Fatalf("kaiku %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// failedStart is what a run that cannot start says, and with what code it ends.
func failedStart(t testing.TB, env environment) (code int, said string) {
	t.Helper()
	binary, err := built()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), startTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "serve")
	cmd.Env = env.list()
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		t.Fatalf("it is still running after %s; it says: %s", startTime, out)
	}
	if err == nil {
		t.Fatalf("it ended well; it says: %s", out)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

func freePort(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return port
}
