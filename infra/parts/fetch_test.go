package parts

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// tarball is a package as npm packs them.
func tarball(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var packed bytes.Buffer
	zipped := gzip.NewWriter(&packed)
	archive := tar.NewWriter(zipped)
	for name, content := range files {
		header := &tar.Header{Name: name, Mode: 0o644, Size: int64(len(content)), Typeflag: tar.TypeReg}
		if err := archive.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(archive, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(archive.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

// playground is a repository of its own in which npm is a script that gives out
// packed, or fails if that is nil, and writes a line to calls.
func playground(t *testing.T, packed []byte) (a archive, root, calls string) {
	t.Helper()
	needShell(t)
	root, bin := t.TempDir(), t.TempDir()
	calls = filepath.Join(bin, "calls")
	script := `#!/bin/sh
echo called >>` + calls + `
[ -f ` + bin + `/packed ] || { echo no network >&2; exit 1; }
while [ "$1" != --pack-destination ]; do shift; done
cp ` + bin + `/packed "$2/thing-1.0.0.tgz"
`
	write := func(path string, content []byte, mode os.FileMode) {
		if err := os.WriteFile(path, content, mode); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(root, "go.mod"), []byte("module playground\n"), 0o600)
	write(filepath.Join(bin, "npm"), []byte(script), 0o700)
	if packed != nil {
		write(filepath.Join(bin, "packed"), packed, 0o600)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Chdir(root)
	hash := sha512.Sum512(packed)
	return archive{
		title: "the thing", name: "thing", version: "1.0.0", folder: "package/part/",
		integrity: "sha512-" + base64.StdEncoding.EncodeToString(hash[:]),
	}, root, calls
}

// wantNothing expects that no part and no rest of one is in the parts folder.
func wantNothing(t *testing.T, root string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(root, partsFolder))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.Name() != "lock" {
			t.Errorf("%s is left", entry.Name())
		}
	}
}

func TestAPartIsFetchedOnceHoweverManyAsk(t *testing.T) {
	a, root, calls := playground(t, tarball(t, map[string]string{
		"package/part/lib/a.jar": "jar", "package/part/README": "readme", "package/other": "other",
	}))
	var progress bytes.Buffer
	var mu sync.Mutex
	var group sync.WaitGroup
	for range 5 {
		group.Go(func() {
			var mine bytes.Buffer
			dir, err := a.fetch(t.Context(), &mine)
			if err != nil || dir != filepath.Join(root, partsFolder, "thing-1.0.0") {
				t.Errorf("folder %s and error %v", dir, err)
			}
			mu.Lock()
			defer mu.Unlock()
			progress.Write(mine.Bytes())
		})
	}
	group.Wait()
	for name, want := range map[string]string{"lib/a.jar": "jar", "README": "readme"} {
		got, err := os.ReadFile(filepath.Join(root, partsFolder, "thing-1.0.0", name))
		if err != nil || string(got) != want {
			t.Errorf("%s is %q with error %v, want %q", name, got, err, want)
		}
	}
	if _, err := os.Stat(filepath.Join(root, partsFolder, "thing-1.0.0", "other")); err == nil {
		t.Error("a file of another folder was unpacked")
	}
	called, err := os.ReadFile(calls)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(called), "called"); n != 1 {
		t.Errorf("npm was called %d times, want once", n)
	}
	if n := strings.Count(progress.String(), "downloading the thing"); n != 1 {
		t.Errorf("progress is %q, want one line", progress.String())
	}
}

func TestADownloadThatIsNotWhatWasPinnedIsRefused(t *testing.T) {
	a, root, _ := playground(t, tarball(t, map[string]string{"package/part/a": "evil"}))
	a.integrity = dynamoArchive.integrity
	_, err := a.fetch(t.Context(), io.Discard)
	var missing *missingError
	if err == nil || errors.As(err, &missing) || !strings.Contains(err.Error(), "pinned") {
		t.Errorf("error is %v, want that it is not what was pinned", err)
	}
	wantNothing(t, root)
}

func TestAPackageThatLeavesItsFolderIsRefused(t *testing.T) {
	a, root, _ := playground(t, tarball(t, map[string]string{"package/part/../../../../escaped": "evil"}))
	if _, err := a.fetch(t.Context(), io.Discard); err == nil || !strings.Contains(err.Error(), "leaves its folder") {
		t.Errorf("error is %v, want that a file leaves its folder", err)
	}
	wantNothing(t, root)
}

func TestWithoutNPMOrNetworkThePartIsMissing(t *testing.T) {
	a, root, _ := playground(t, nil)
	var missing *missingError
	if _, err := a.fetch(t.Context(), io.Discard); !errors.As(err, &missing) || !strings.Contains(missing.how, "no network") {
		t.Errorf("error is %v, want a missing part that says why", err)
	}
	wantNothing(t, root)
	t.Setenv("PATH", t.TempDir())
	if _, err := a.fetch(t.Context(), io.Discard); !errors.As(err, &missing) || !strings.Contains(missing.how, "Node.js") {
		t.Errorf("error is %v, want a missing part that says how to get it", err)
	}
	if _, _, err := StartDynamoDB(t.Context(), io.Discard); !errors.As(err, &missing) || !strings.Contains(missing.how, "Java") {
		t.Errorf("error is %v, want a missing part that says how to get it", err)
	}
}

func TestADownloadEndsWithItsContext(t *testing.T) {
	a, root, _ := playground(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.fetch(ctx, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want that of the context", err)
	}
	wantNothing(t, root)
}
