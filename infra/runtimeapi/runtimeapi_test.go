package runtimeapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"kaiku/infra/runtimeapi"
)

const echo = "kaiku/infra/runtimeapi/testdata/echo"

func start(t *testing.T, env map[string]string) *runtimeapi.Function {
	t.Helper()
	return runtimeapi.Start(t, runtimeapi.Build(t, echo), env)
}

// invoke sends {"do", "text"} and returns what came back.
func invoke(ctx context.Context, f *runtimeapi.Function, do, text string) (map[string]string, error) {
	payload, err := json.Marshal(map[string]string{"do": do, "text": text})
	if err != nil {
		return nil, err
	}
	response, err := f.Invoke(ctx, payload)
	if err != nil {
		return nil, err
	}
	var answer map[string]string
	return answer, json.Unmarshal(response, &answer)
}

func must(t *testing.T, f *runtimeapi.Function, do, text string) map[string]string {
	t.Helper()
	answer, err := invoke(t.Context(), f, do, text)
	if err != nil {
		t.Fatalf("Invoke(%s): %v\n%s", do, err, f.Output())
	}
	return answer
}

// wantError wants a FunctionError of a type, and its message to hold something.
func wantError(t *testing.T, err error, errorType, message string) {
	t.Helper()
	var fe *runtimeapi.FunctionError
	if !errors.As(err, &fe) || fe.Type != errorType {
		t.Fatalf("got error %v; want a FunctionError of type %s", err, errorType)
	}
	if !strings.Contains(fe.Message, message) {
		t.Errorf("message = %q; want %q in it", fe.Message, message)
	}
}

func TestInvokeAnswersWithLambdasContext(t *testing.T) {
	t.Setenv("SECRET_OF_THE_TESTER", "hunter2")
	f := start(t, map[string]string{"TABLE": "kaiku"})
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
	defer cancel()
	got, err := invoke(ctx, f, "", "hei")
	if err != nil {
		t.Fatal(err)
	}
	if got["text"] != "hei" {
		t.Errorf("text = %q", got["text"])
	}
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(got["request"]) {
		t.Errorf("request id = %q; want a UUID", got["request"])
	}
	if !strings.HasPrefix(got["arn"], "arn:aws:lambda:") {
		t.Errorf("arn = %q", got["arn"])
	}
	if !strings.HasPrefix(got["trace"], "Root=1-") {
		t.Errorf("trace = %q", got["trace"])
	}
	deadline, _ := ctx.Deadline()
	if want := deadline.UTC().Truncate(time.Millisecond).Format(time.RFC3339Nano); got["deadline"] != want {
		t.Errorf("deadline = %s; want %s", got["deadline"], want)
	}
	if want := filepath.Dir(runtimeapi.Build(t, echo)); got["dir"] != want {
		t.Errorf("working folder = %s; want %s", got["dir"], want)
	}
	if !strings.Contains(got["env"], `"TABLE=kaiku"`) || strings.Contains(got["env"], "hunter2") {
		t.Errorf("environment = %s; want the test's and nothing of the tester's", got["env"])
	}
	if len(f.Inits()) != 1 || len(f.Durations()) != 1 || f.Inits()[0] <= 0 || f.Durations()[0] <= 0 {
		t.Errorf("inits %v, durations %v; want one of each", f.Inits(), f.Durations())
	}
}

func TestEventsOfOneProcessComeOneByOne(t *testing.T) {
	f := start(t, nil)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			text := fmt.Sprint(i)
			got, err := invoke(t.Context(), f, "", text)
			if err != nil || got["text"] != text {
				t.Errorf("event %d: %v, %v", i, got["text"], err)
			}
		})
	}
	wg.Wait()
	if len(f.Inits()) != 1 || len(f.Durations()) != 20 {
		t.Errorf("%d inits, %d events; want 1 and 20", len(f.Inits()), len(f.Durations()))
	}
}

func TestFunctionErrorHasTypeAndMessage(t *testing.T) {
	f := start(t, nil)
	before := must(t, f, "", "")
	_, err := invoke(t.Context(), f, "fail", "no such customer")
	wantError(t, err, "errorString", "no such customer")
	if after := must(t, f, "", ""); after["pid"] != before["pid"] {
		t.Error("an error ended the process; Lambda keeps it")
	}
}

func TestColdStartAfterProcessEnded(t *testing.T) {
	f := start(t, nil)
	pid := must(t, f, "", "")["pid"]
	next := func(what string) {
		t.Helper()
		now := must(t, f, "", "")["pid"]
		if now == pid {
			t.Errorf("after %s the same process served on", what)
		}
		pid = now
	}

	_, err := invoke(t.Context(), f, "panic", "oh")
	wantError(t, err, "string", "oh")
	next("a panic")

	_, err = invoke(t.Context(), f, "exit", "")
	wantError(t, err, "Runtime.ExitError", "exit status 2")
	next("os.Exit")

	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err = invoke(ctx, f, "sleep", "")
	wantError(t, err, "Sandbox.Timedout", "")
	next("the timeout")

	f.Kill()
	next("Kill")
	if len(f.Inits()) != 5 {
		t.Errorf("%d inits; want 5", len(f.Inits()))
	}
}

func TestKillInTheMiddleOfAnEvent(t *testing.T) {
	f := start(t, nil)
	must(t, f, "", "")
	failed := make(chan error, 1)
	go func() {
		_, err := invoke(t.Context(), f, "sleep", "")
		failed <- err
	}()
	for !strings.Contains(f.Output(), "asleep") {
		if t.Context().Err() != nil {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	f.Kill()
	select {
	case err := <-failed:
		wantError(t, err, "Runtime.ExitError", "")
	case <-time.After(20 * time.Second):
		t.Fatal("Invoke still waits for a killed process")
	}
}

func TestCancelledCallIsNoFunctionError(t *testing.T) {
	f := start(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := invoke(ctx, f, "sleep", ""); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v; want context.Canceled", err)
	}
}

func TestReady(t *testing.T) {
	f := start(t, nil)
	for range 2 {
		if err := f.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(f.Inits()) != 1 || len(f.Durations()) != 0 {
		t.Errorf("%d inits, %d events; want 1 and none", len(f.Inits()), len(f.Durations()))
	}
}

func TestStartThatFails(t *testing.T) {
	t.Run("exits", func(t *testing.T) {
		f := start(t, map[string]string{"START": "exit"})
		wantError(t, f.Ready(t.Context()), "Runtime.ExitError", "exit status 3")
		for range 2 { // Lambda tries anew with every event
			_, err := invoke(t.Context(), f, "", "")
			wantError(t, err, "Runtime.ExitError", "exit status 3")
		}
		if !strings.Contains(f.Output(), "TABLE is not set") {
			t.Errorf("output = %q", f.Output())
		}
	})
	t.Run("says why", func(t *testing.T) {
		_, err := invoke(t.Context(), start(t, map[string]string{"START": "error"}), "", "")
		wantError(t, err, "Config", "TABLE is not set")
	})
	t.Run("hangs", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		_, err := invoke(ctx, start(t, map[string]string{"START": "never"}), "", "")
		wantError(t, err, "Sandbox.Timedout", "")
	})
}

func TestOutputHoldsBothStreams(t *testing.T) {
	f := start(t, nil)
	must(t, f, "print", "hei")
	f.Kill() // so that the pipes are drained
	for _, want := range []string{"hei on stdout", "hei on stderr"} {
		if !strings.Contains(f.Output(), want) {
			t.Errorf("output lacks %q:\n%s", want, f.Output())
		}
	}
}

func TestWhatLambdaRefuses(t *testing.T) {
	f := start(t, nil)
	if _, err := f.Invoke(t.Context(), []byte("not json")); err == nil {
		t.Error("a payload that is not JSON was taken")
	}
	if _, err := f.Invoke(t.Context(), bytes.Join([][]byte{{'"'}, {'"'}}, bytes.Repeat([]byte("x"), 7<<20))); err == nil {
		t.Error("a payload of 7 MiB was taken")
	}
	_, err := invoke(t.Context(), f, "big", "")
	wantError(t, err, "Function.ResponseSizeTooLarge", "")
	must(t, f, "", "")
}

func TestUnknownRequestIsRefused(t *testing.T) {
	f := start(t, nil)
	got := must(t, f, "", "")
	var env []string
	if err := json.Unmarshal([]byte(got["env"]), &env); err != nil {
		t.Fatal(err)
	}
	for _, kv := range env {
		api, ok := strings.CutPrefix(kv, "AWS_LAMBDA_RUNTIME_API=")
		if !ok {
			continue
		}
		resp, err := http.Post("http://"+api+"/2018-06-01/runtime/invocation/"+got["request"]+"/response", "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest {
			t.Errorf("a second response got %s; want 400", resp.Status)
		}
		return
	}
	t.Fatal("AWS_LAMBDA_RUNTIME_API is not set")
}

func TestBuildPutsThePackageTogether(t *testing.T) {
	binary := runtimeapi.Build(t, echo)
	if again := runtimeapi.Build(t, echo); again != binary {
		t.Errorf("built twice: %s and %s", binary, again)
	}
	for _, name := range []string{"policy.yaml", "texts.yaml"} {
		want, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(filepath.Dir(binary), name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s beside the bootstrap is not infra/%s (%v)", name, name, err)
		}
	}
}
