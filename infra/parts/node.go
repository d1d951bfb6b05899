package parts

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// The packages that tests run under node, each pinned by npm's integrity. The
// lock file names no registry, so npm takes the one it is set up with.
var (
	//go:embed node/package.json
	nodePackage []byte
	//go:embed node/package-lock.json
	nodeLock []byte
)

// Node returns the path of node, and a folder from which it finds the packages
// of node/package.json, installed on the first call.
func Node(t testing.TB) (node, dir string) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		Missing(t, "node", "install Node.js 20.19 or later")
	}
	dir, err = nodeModules()
	need(t, err)
	return node, dir
}

var nodeModules = sync.OnceValues(func() (string, error) {
	return FetchNodeModules(context.Background(), os.Stderr)
})

// FetchNodeModules returns the folder of the packages, which npm installs if it
// is not there yet, with one line to progress. No script of theirs is run.
func FetchNodeModules(ctx context.Context, progress io.Writer) (dir string, err error) {
	root, err := repositoryRoot()
	if err != nil {
		return "", err
	}
	parts := filepath.Join(root, partsFolder)
	sum := sha256.Sum256(nodeLock)
	dir = filepath.Join(parts, "node-"+hex.EncodeToString(sum[:6]))
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
	if _, err := fmt.Fprintln(progress, "parts: installing the packages of infra/parts/node (npm, once)"); err != nil {
		return "", fmt.Errorf("parts: %w", err)
	}
	return dir, installNode(ctx, parts, dir)
}

// installNode fills a folder beside dir and then renames it, so that dir is whole
// from the moment it exists.
func installNode(ctx context.Context, parts, dir string) (err error) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return &missingError{what: "npm", how: "install Node.js, which it comes with"}
	}
	work, err := os.MkdirTemp(parts, "fetch-")
	if err != nil {
		return fmt.Errorf("parts: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	// A folder made for one alone would stay so after the rename.
	folder := filepath.Join(work, "node")
	err = errors.Join(os.Mkdir(folder, 0o755),
		os.WriteFile(filepath.Join(folder, "package.json"), nodePackage, 0o644),
		os.WriteFile(filepath.Join(folder, "package-lock.json"), nodeLock, 0o644))
	if err != nil {
		return fmt.Errorf("parts: %w", err)
	}
	cmd := exec.CommandContext(ctx, npm, "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = folder
	var faults bytes.Buffer
	cmd.Stderr = &faults
	err = cmd.Run()
	if ctx.Err() != nil {
		return fmt.Errorf("parts: installing: %w", ctx.Err())
	}
	if err != nil {
		return &missingError{what: "the packages of infra/parts/node", how: fmt.Sprintf(
			"run the test once where npm reaches its registry (npm ci: %v: %s)", err, bytes.TrimSpace(faults.Bytes()))}
	}
	if err := os.Rename(folder, dir); err != nil {
		return fmt.Errorf("parts: %w", err)
	}
	return nil
}
