package runtimeapi

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// beside is what `make build` puts next to every bootstrap.
var beside = []string{"infra/policy.yaml", "infra/texts.yaml"}

var builds sync.Map // package path → func() (string, error)

// Build compiles the main package pkg for the machine the test runs on, with
// the flags of the deployed one, and returns the path of its bootstrap. Each
// package is built once in a test process; the files that `make build` puts
// beside a bootstrap are there too.
func Build(t testing.TB, pkg string) string {
	t.Helper()
	once, _ := builds.LoadOrStore(pkg, sync.OnceValues(func() (string, error) { return build(pkg) }))
	binary, err := once.(func() (string, error))()
	if err != nil {
		t.Fatalf("building %s: %v", pkg, err)
	}
	return binary
}

// build writes under the module's ignored build folder, not a temporary one:
// tests of several packages run at once and none of them knows who is last. So
// every file is made under a name of its own and renamed into place.
func build(pkg string) (string, error) {
	mod, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", err
	}
	root := filepath.Dir(strings.TrimSpace(string(mod)))
	full, err := exec.Command("go", "list", pkg).Output()
	if err != nil {
		return "", said(err)
	}
	dir := filepath.Join(root, "build", "native", filepath.FromSlash(path.Clean(strings.TrimSpace(string(full)))))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(dir, "building-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)

	made := filepath.Join(work, "bootstrap")
	cmd := exec.Command("go", "build", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", made, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if _, err := cmd.Output(); err != nil {
		return "", said(err)
	}
	for _, name := range beside {
		b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(work, path.Base(name)), b, 0o644); err != nil {
			return "", err
		}
	}
	entries, err := os.ReadDir(work)
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		if err := os.Rename(filepath.Join(work, e.Name()), filepath.Join(dir, e.Name())); err != nil {
			return "", err
		}
	}
	return filepath.Join(dir, "bootstrap"), nil
}

// said is the error with what the go command printed.
func said(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return fmt.Errorf("%w\n%s", err, exit.Stderr)
	}
	return err
}
