// Package look shows HTML in a real Chromium and says what is to be seen there:
// sizes, places and colours, which no reading of the HTML tells.
package look

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"kaiku/infra/parts"
)

//go:embed look.mjs
var script []byte

// ShotsVariable names the variable of a folder that At puts a picture of each
// view in, to be looked at.
const ShotsVariable = "KAIKU_SHOTS"

// Styles is which styles a mailbox takes.
type Styles string

// What mailboxes leave of a mail's styles.
const (
	AllStyles    Styles = ""
	InlineStyles Styles = "inline"
	NoStyles     Styles = "none"
)

// View is a document and how it is looked at.
type View struct {
	Name   string `json:"name"`
	HTML   string `json:"html"`
	Width  int    `json:"width"` // of the window, in CSS pixels
	Dark   bool   `json:"dark"`
	Styles Styles `json:"styles"`
	Shot   string `json:"shot,omitempty"` // set by At
}

// Seen is what a view shows. Lengths are in CSS pixels.
type Seen struct {
	Width int    `json:"width"` // of the content; more than the window's has to be scrolled
	Words string `json:"words"` // in reading order
	Links []Link `json:"links"`
	Texts []Text `json:"texts"`
}

// Link is a link and its place.
type Link struct {
	Href, Text          string
	X, Y, Width, Height float64
}

// Text is a piece of text with the colour it has and the one that it stands on, as
// CSS writes them: rgb(1, 2, 3).
type Text struct{ Text, Ink, Ground string }

// At returns what each view shows, in their order. The test is skipped, or with
// CI=true fails, where node, its packages or Chromium cannot be had.
func At(t testing.TB, views []View) []Seen {
	t.Helper()
	node, modules := parts.Node(t)
	if folder := os.Getenv(ShotsVariable); folder != "" {
		for i := range views {
			views[i].Shot = filepath.Join(folder, strings.ReplaceAll(views[i].Name, " ", "-")+".png")
		}
	}
	in, err := json.Marshal(map[string]any{"chromium": parts.Chromium(t), "views": views})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "look.mjs")
	if err := os.WriteFile(path, script, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), node, path)
	cmd.Dir, cmd.Stdin = modules, bytes.NewReader(in)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("looking in Chromium: %v\n%s", err, said.Bytes())
	}
	var seen []Seen
	if err := json.Unmarshal(out, &seen); err != nil || len(seen) != len(views) {
		t.Fatalf("looking in Chromium: %v\n%s", err, out)
	}
	return seen
}
