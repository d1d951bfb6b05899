package survey_test

import (
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Who is asked, and what the figures are, must follow from what went in alone:
// then a decision can be explained a year later, a year can be rehearsed in
// seconds, and a recount can prove a figure. So these packages stand on the
// standard library alone, and on no part of it that has a clock of its own,
// chance, files or a network.
func TestRulesAndFiguresArePure(t *testing.T) {
	own := map[string][]string{
		"survey": nil,
		"policy": {"kaiku/shared/survey"},
		"stats":  {"kaiku/shared/survey"},
	}
	impure := []string{"crypto/rand", "database", "embed", "io/fs", "io/ioutil", "log", "math/rand", "net", "os", "path/filepath",
		"plugin", "runtime", "syscall", "testing", "unsafe", "C"}
	parsers := []string{"net/mail", "net/netip", "net/url"} // of texts; they open nothing
	for name, allowed := range own {
		files, err := filepath.Glob(filepath.Join("..", name, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no source files of %s: %v", name, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, imported := range importsOf(t, file) {
				first, _, _ := strings.Cut(imported, "/")
				standard := !strings.Contains(first, ".") && first != "kaiku"
				switch {
				case slices.Contains(allowed, imported):
				case !standard:
					t.Errorf("%s imports %s: the rules and figures of Kaiku stand on the standard library alone, "+
						"so that no dependency can change what is decided; translate at the edge instead", file, imported)
				case slices.Contains(parsers, imported):
				case slices.ContainsFunc(impure, func(p string) bool { return imported == p || strings.HasPrefix(imported, p+"/") }):
					t.Errorf("%s imports %s: rules and figures are functions of what goes in; "+
						"pass in what they need to know", file, imported)
				}
			}
		}
	}
}

func importsOf(t *testing.T, file string) []string {
	t.Helper()
	source, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, i := range source.Imports {
		out = append(out, path.Clean(strings.Trim(i.Path.Value, `"`)))
	}
	return out
}
