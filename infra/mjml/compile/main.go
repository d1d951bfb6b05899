// Command compile writes each NAME.html of a folder anew from its NAME.mjml:
//
//	go run ./infra/mjml/compile shared/mail/templates
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"kaiku/infra/mjml"
	"kaiku/infra/parts"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: compile FOLDER")
		os.Exit(2)
	}
	if err := write(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "compile:", err)
		os.Exit(1)
	}
}

func write(ctx context.Context, folder string) error {
	node, err := exec.LookPath("node")
	if err != nil {
		return errors.New("node is missing: install Node.js 20.19 or later")
	}
	modules, err := parts.FetchNodeModules(ctx, os.Stderr)
	if err != nil {
		return err
	}
	compiled, err := mjml.Compile(ctx, node, modules, folder)
	if err != nil {
		return err
	}
	for name, html := range compiled {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(html), 0o644); err != nil {
			return err
		}
	}
	return nil
}
