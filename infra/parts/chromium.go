package parts

import (
	"os/exec"
	"testing"
)

// Chromium returns the path of a Chromium, or of a Chrome, which Debian, Fedora
// and Google each name otherwise.
func Chromium(t testing.TB) (path string) {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	Missing(t, "chromium", "apt-get install chromium, or any Chromium or Chrome on the PATH")
	return ""
}
