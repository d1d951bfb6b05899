// Package mjml compiles mail templates written in MJML to templates of
// html/template, with the npm package mjml. Actions stand in the source as they
// are: in texts and attributes, and where they hold whole elements, in mj-raw.
// The output is committed, so that neither Go's build nor a function needs node;
// a test beside the templates asks Compile whether it is current.
package mjml

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed compile.mjs
var script []byte

// Command is what writes the templates anew.
const Command = "make mails"

// Compile returns the compiled form of every .mjml file of a folder, by the name
// of the .html file beside it. Files in folders below it are parts to include. It
// runs node, which finds its packages from the folder modules.
func Compile(ctx context.Context, node, modules, folder string) (map[string]string, error) {
	sources, err := filepath.Glob(filepath.Join(folder, "*.mjml"))
	if err == nil && len(sources) == 0 {
		err = fmt.Errorf("no .mjml file in %s", folder)
	}
	if err != nil {
		return nil, fmt.Errorf("mjml: %w", err)
	}
	folder, err = filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("mjml: %w", err)
	}
	for i := range sources {
		sources[i] = filepath.Base(sources[i])
	}
	compiled, err := run(ctx, node, modules, folder, sources)
	if err != nil {
		return nil, fmt.Errorf("mjml: %w", err)
	}
	out := map[string]string{}
	for _, source := range sources {
		out[strings.TrimSuffix(source, ".mjml")+".html"] =
			fmt.Sprintf("{{/* Made from %s by %s; change that. */ -}}\n%s", source, Command, compiled[source])
	}
	return out, nil
}

func run(ctx context.Context, node, modules, folder string, files []string) (compiled map[string]string, err error) {
	in, err := json.Marshal(map[string]any{"folder": folder, "files": files})
	if err != nil {
		return nil, err
	}
	work, err := os.MkdirTemp("", "mjml-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	path := filepath.Join(work, "compile.mjs")
	if err := os.WriteFile(path, script, 0o600); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, node, path)
	cmd.Dir, cmd.Stdin = modules, bytes.NewReader(in)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("compiling: %w\n%s", err, said.Bytes())
	}
	if err := json.Unmarshal(out, &compiled); err != nil {
		return nil, fmt.Errorf("compiling printed no JSON: %w", err)
	}
	return compiled, nil
}
