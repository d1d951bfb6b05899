// Package maillint checks finished mails with linters from npm: html-validate for
// whether the HTML is whole, once as all mailboxes read it and once as Outlook on
// Windows does, and caniemail for what Outlook, Gmail and Apple Mail lack. What
// is let pass, and why, stands in profile.mjs. It knows nothing of how the HTML is
// made. Both are the last versions that run on Node.js 20 (infra/parts/node).
package maillint

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"kaiku/infra/parts"
)

var (
	//go:embed lint.mjs
	script []byte
	//go:embed profile.mjs
	profile []byte
)

// Fault is one thing that is wrong with a mail.
type Fault struct {
	Mail, Check, Where string
	Line               int
	Says               string
}

func (f Fault) String() string {
	return fmt.Sprintf("%s:%d: %s (%s; %s)", f.Mail, f.Line, f.Says, f.Check, f.Where)
}

// Check returns the faults of mails, given as HTML by name. The test is skipped, or
// with CI=true fails, where node or the linters cannot be had.
func Check(t testing.TB, mails map[string]string) []Fault {
	t.Helper()
	node, modules := parts.Node(t)
	dir := t.TempDir()
	for name, content := range map[string][]byte{"lint.mjs": script, "profile.mjs": profile} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	in, err := json.Marshal(mails)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), node, filepath.Join(dir, "lint.mjs"))
	cmd.Dir, cmd.Stdin = modules, bytes.NewReader(in)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("linting mails: %v\n%s", err, said.Bytes())
	}
	var faults []Fault
	if err := json.Unmarshal(out, &faults); err != nil {
		t.Fatalf("linting mails: %v\n%s", err, out)
	}
	return faults
}
