// Package parts starts the real parts that tests stand on: DynamoDB Local and
// moto's server. Each is started once in a test process, on a port of its own,
// and ends with that process, however that ends.
//
// A part that is not there skips the test on a laptop and fails it where CI=true:
// see Missing.
package parts

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// missingError says that a part cannot be had here, and how it could.
type missingError struct{ what, how string }

func (e *missingError) Error() string { return fmt.Sprintf("%s is missing: %s", e.what, e.how) }

// Missing ends a test that needs a part which is not here: it fails where CI=true,
// where nothing may go untested unseen, and else skips with a line that says what
// was not tested for want of what, and how to get it.
func Missing(t testing.TB, what, how string) {
	t.Helper()
	line := fmt.Sprintf("not tested: %s needs %s, which is missing here. To get it: %s", t.Name(), what, how)
	if os.Getenv("CI") == "true" {
		t.Fatal(line)
	}
	t.Skip(line)
}

// need ends the test if a part did not start.
func need(t testing.TB, err error) {
	t.Helper()
	var missing *missingError
	if errors.As(err, &missing) {
		Missing(t, missing.what, missing.how)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// repositoryRoot is the folder of go.mod, at or above the working folder: tests
// run in the folder of their package.
func repositoryRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("parts: working folder: %w", err)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("parts: no go.mod at or above %s", start)
		}
	}
}
