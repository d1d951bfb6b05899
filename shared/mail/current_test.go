package mail

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kaiku/infra/mjml"
	"kaiku/infra/parts"
)

// What is sent is what the MJML says: whoever changed one without the other is
// told what to run.
func TestTheTemplatesAreThoseThatTheirMJMLMakes(t *testing.T) {
	node, modules := parts.Node(t)
	compiled, err := mjml.Compile(t.Context(), node, modules, "templates")
	if err != nil {
		t.Fatal(err)
	}
	committed, err := filepath.Glob("templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for i := range committed {
		committed[i] = filepath.Base(committed[i])
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(compiled)), committed); diff != "" {
		t.Errorf("templates and their MJML do not go together; run %s, and delete what has no .mjml\n%s", mjml.Command, diff)
	}
	for name, want := range compiled {
		got, err := os.ReadFile(filepath.Join("templates", name))
		if err != nil {
			t.Errorf("%v; run %s", err, mjml.Command)
			continue
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%s is not what its MJML makes; run %s and commit what it writes\n%s", name, mjml.Command, diff)
		}
	}
}
