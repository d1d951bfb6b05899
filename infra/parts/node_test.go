package parts

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// nodePlayground is a repository of its own in which npm is a script.
func nodePlayground(t *testing.T, npm string) (root, calls string) {
	t.Helper()
	needShell(t)
	root, bin := t.TempDir(), t.TempDir()
	calls = filepath.Join(bin, "calls")
	script := "#!/bin/sh\necho called >>" + calls + "\n" + npm
	for path, content := range map[string]string{filepath.Join(root, "go.mod"): "module playground\n", filepath.Join(bin, "npm"): script} {
		if err := os.WriteFile(path, []byte(content), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Chdir(root)
	return root, calls
}

func TestNodePackagesAreInstalledOnceFromTheLockFile(t *testing.T) {
	root, calls := nodePlayground(t, "[ -f package-lock.json ] && mkdir -p node_modules/thing\n")
	for range 2 {
		dir, err := FetchNodeModules(t.Context(), io.Discard)
		if err != nil || filepath.Dir(dir) != filepath.Join(root, partsFolder) || !present(filepath.Join(dir, "node_modules", "thing")) {
			t.Errorf("folder %s and error %v", dir, err)
		}
	}
	called, err := os.ReadFile(calls)
	if err != nil || strings.Count(string(called), "called") != 1 {
		t.Errorf("npm was called %q, %v, want once", called, err)
	}
}

func TestNodePackagesThatCannotBeInstalledAreMissing(t *testing.T) {
	root, _ := nodePlayground(t, "echo no network >&2; exit 1\n")
	var missing *missingError
	if _, err := FetchNodeModules(t.Context(), io.Discard); !errors.As(err, &missing) || !strings.Contains(missing.how, "no network") {
		t.Errorf("error is %v, want a missing part that says why", err)
	}
	wantNothing(t, root)
	t.Setenv("PATH", t.TempDir())
	if _, err := FetchNodeModules(t.Context(), io.Discard); !errors.As(err, &missing) || !strings.Contains(missing.how, "Node.js") {
		t.Errorf("error is %v, want a missing part that says how to get it", err)
	}
	wantNothing(t, root)
}

// Every machine takes the same packages, from whichever registry it is set up
// with.
func TestNodePackagesArePinnedByHashAndNameNoRegistry(t *testing.T) {
	lock := string(nodeLock)
	// The addresses that remain are those at which packages ask for money, and of a
	// licence.
	rest := regexp.MustCompile(`"https://(github\.com/[^"]*sponsor|opencollective\.com|tidelift\.com|www\.patreon\.com|paulmillr\.com/funding)[^"]*"|"MIT \(http://mootools\.net/license\.txt\)"`).ReplaceAllString(lock, "")
	if strings.Contains(lock, `"resolved"`) || strings.Contains(rest, "://") {
		t.Error("package-lock.json names a registry; write it with --omit-lockfile-registry-resolved")
	}
	packages := len(regexp.MustCompile(`"node_modules/`).FindAllString(lock, -1))
	if hashes := strings.Count(lock, `"integrity": "sha512-`); packages == 0 || hashes != packages {
		t.Errorf("%d of %d packages are pinned", hashes, packages)
	}
}
