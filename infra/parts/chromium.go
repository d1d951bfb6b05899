package parts

import (
	"os/exec"
	"testing"
)

// Chromium returns the path of a Chromium or Chrome, as it is called on one system
// or another.
func Chromium(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	Missing(t, "chromium", "install Chromium (apt-get install chromium)")
	return ""
}
