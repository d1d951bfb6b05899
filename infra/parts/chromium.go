package parts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
)

// findChromium looks for a Chromium, or for a Chrome, which Debian, Fedora and
// Google each name otherwise.
func findChromium() (path string, err error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no Chromium or Chrome on the PATH")
}

// Chromium returns the path of a Chromium or Chrome.
func Chromium(t testing.TB) (path string) {
	t.Helper()
	path, err := findChromium()
	if err != nil {
		Missing(t, "chromium", "apt-get install chromium, or any Chromium or Chrome on the PATH")
	}
	return path
}

// FetchChromium installs Debian's Chromium where a machine of CI has none. Anybody
// else's machine is left as it is: a program for the whole system is its owner's
// to install, and the tests say what they lack.
func FetchChromium(ctx context.Context, progress io.Writer) error {
	apt, lacking := exec.LookPath("apt-get")
	if _, err := findChromium(); err == nil || lacking != nil || os.Getenv("CI") != "true" || os.Geteuid() != 0 {
		return nil
	}
	fmt.Fprintln(progress, "installing Chromium (once; about a minute)")
	for _, args := range [][]string{{"update"}, {"install", "--yes", "chromium"}} {
		cmd := exec.CommandContext(ctx, apt, append([]string{"-q"}, args...)...) //nolint:gosec // fixed arguments
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("installing Chromium: apt-get %s: %w\n%s", args[0], err, out)
		}
	}
	return nil
}
