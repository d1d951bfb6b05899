package parts

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// archive is what is fetched: one folder of a package in npm's registry.
type archive struct {
	// title says what it is; name and version are the package's.
	title, name, version string
	// integrity is npm's, of the whole package
	// (https://docs.npmjs.com/cli/configuring-npm/package-lock-json).
	integrity string
	// folder is what is unpacked of it.
	folder string
}

// dynamoArchive is Amazon's own DynamoDB Local, which this package carries whole.
var dynamoArchive = archive{
	title:     "DynamoDB Local, 54 MB",
	name:      "amplify-dynamodb-simulator",
	version:   "2.9.30",
	integrity: "sha512-xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ==",
	folder:    "package/emulator/",
}

// partsFolder is where parts are kept, at the root of the repository and ignored
// by git.
const partsFolder = ".parts"

// FetchDynamoDB returns the folder of DynamoDB Local, which it downloads if it is
// not there yet, with one line to progress. Processes that call it at once wait
// for one another.
func FetchDynamoDB(ctx context.Context, progress io.Writer) (dir string, err error) {
	return dynamoArchive.fetch(ctx, progress)
}

func (a archive) fetch(ctx context.Context, progress io.Writer) (dir string, err error) {
	root, err := repositoryRoot()
	if err != nil {
		return "", err
	}
	parts := filepath.Join(root, partsFolder)
	dir = filepath.Join(parts, a.name+"-"+a.version)
	if present(dir) {
		return dir, nil
	}
	if err := os.MkdirAll(parts, 0o755); err != nil {
		return "", fmt.Errorf("parts: %w", err)
	}
	unlock, err := lock(filepath.Join(parts, "lock"))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if present(dir) {
		return dir, nil
	}
	if _, err := fmt.Fprintf(progress, "parts: downloading %s (npm %s@%s, once)\n", a.title, a.name, a.version); err != nil {
		return "", fmt.Errorf("parts: %w", err)
	}
	if err := a.download(ctx, parts, dir); err != nil {
		return "", err
	}
	return dir, nil
}

func present(dir string) bool {
	_, err := os.Stat(dir)
	return err == nil
}

// download fills a folder beside dir and then renames it, so that dir is whole
// from the moment it exists.
func (a archive) download(ctx context.Context, parts, dir string) (err error) {
	work, err := os.MkdirTemp(parts, "fetch-")
	if err != nil {
		return fmt.Errorf("parts: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	if err := a.pack(ctx, work); err != nil {
		return err
	}
	packed, err := os.Open(filepath.Join(work, fmt.Sprintf("%s-%s.tgz", a.name, a.version)))
	if err != nil {
		return fmt.Errorf("parts: %w", err)
	}
	defer func() { err = errors.Join(err, packed.Close()) }()
	if err := verify(packed, a.integrity); err != nil {
		return err
	}
	unpacked := filepath.Join(work, "unpacked")
	if err := unpack(packed, a.folder, unpacked); err != nil {
		return err
	}
	if err := os.Rename(unpacked, dir); err != nil {
		return fmt.Errorf("parts: %w", err)
	}
	return nil
}

// pack lets npm download the package into a folder; it installs nothing and runs
// no script.
func (a archive) pack(ctx context.Context, folder string) error {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return &missingError{what: a.title, how: "install Node.js, whose npm downloads it"}
	}
	cmd := exec.CommandContext(ctx, npm, "pack", "--silent", "--ignore-scripts", "--pack-destination", folder,
		a.name+"@"+a.version)
	cmd.Dir = folder
	var faults bytes.Buffer
	cmd.Stderr = &faults
	err = cmd.Run()
	if ctx.Err() != nil {
		return fmt.Errorf("parts: download: %w", ctx.Err())
	}
	if err != nil {
		return &missingError{what: a.title, how: fmt.Sprintf(
			"run `go run ./infra/parts/fetch` where npm reaches its registry (npm pack: %v: %s)", err, bytes.TrimSpace(faults.Bytes()))}
	}
	return nil
}

// verify compares the package with npm's integrity string and rewinds it.
func verify(packed io.ReadSeeker, integrity string) error {
	hash := sha512.New()
	if _, err := io.Copy(hash, packed); err != nil {
		return fmt.Errorf("parts: read the download: %w", err)
	}
	if got := "sha512-" + base64.StdEncoding.EncodeToString(hash.Sum(nil)); got != integrity {
		return fmt.Errorf("parts: the download is not what was pinned: %s, not %s", got, integrity)
	}
	if _, err := packed.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("parts: read the download: %w", err)
	}
	return nil
}

// unpack writes the files below prefix of a .tgz into the folder to.
func unpack(packed io.Reader, prefix, to string) error {
	unzipped, err := gzip.NewReader(packed)
	if err != nil {
		return fmt.Errorf("parts: unpack: %w", err)
	}
	files := tar.NewReader(unzipped)
	for {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("parts: unpack: %w", err)
		}
		name, below := strings.CutPrefix(header.Name, prefix)
		if !below || header.Typeflag != tar.TypeReg {
			continue
		}
		if !filepath.IsLocal(name) {
			return fmt.Errorf("parts: unpack: %q leaves its folder", header.Name)
		}
		if err := writeFile(filepath.Join(to, name), files, header.FileInfo().Mode().Perm()); err != nil {
			return fmt.Errorf("parts: unpack: %w", err)
		}
	}
}

func writeFile(path string, content io.Reader, mode fs.FileMode) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, err = io.Copy(file, content)
	return err
}
