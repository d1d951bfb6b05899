package stats_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Figures must be the same whenever and wherever they are computed again, or a
// recount would prove nothing. Packages without a clock, randomness, files or
// network cannot bring in anything else.
func TestPackageIsPure(t *testing.T) {
	allowed := []string{`"encoding/json"`, `"fmt"`, `"maps"`, `"math"`, `"slices"`, `"strconv"`}
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no source files", err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range file.Imports {
			if !slices.Contains(allowed, i.Path.Value) {
				t.Errorf("%s imports %s", name, i.Path.Value)
			}
		}
	}
}
