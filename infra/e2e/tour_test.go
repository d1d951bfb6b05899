package e2e

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"kaiku/infra/parts"
)

// shellBlock is a fenced block of commands.
var shellBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```")

// tour is the commands of the README's section of that name, as written.
func tour(t testing.TB) string {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join(repository, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(readme), "\n## Tour\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var commands strings.Builder
	for _, block := range shellBlock.FindAllStringSubmatch(section, -1) {
		commands.WriteString(block[1])
	}
	if !found || commands.Len() == 0 {
		t.Fatal("the README has no section Tour with commands")
	}
	return commands.String()
}

func TestTheTourOfTheREADMELeadsToOneAnswerInTheReport(t *testing.T) {
	for _, tool := range []string{"sh", "curl", "grep", "tail", "go"} {
		if _, err := exec.LookPath(tool); err != nil {
			parts.Missing(t, tool, "install it with the system's packages")
		}
	}
	// As `make run` starts it, but on a port of its own, and on a day of which it
	// is known what comes a week later.
	k := start(t, environment{"DATA": t.TempDir(), "KAIKU_NOW": sunday})
	script := strings.ReplaceAll(tour(t), "http://127.0.0.1:8080", k.base)

	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute) // `go run` may have to build
	defer cancel()
	shell := exec.CommandContext(ctx, "sh", "-eu", "-c", script)
	shell.Dir, shell.Env = repository, append(os.Environ(), "KAIKU_URL="+k.base)
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("the tour ends with %v:\n%s", err, out)
	}
	t.Logf("the tour says:\n%s", out)

	var reported []row
	for line := range strings.Lines(string(out)) {
		var r struct{ Rows []row }
		if strings.HasPrefix(line, `{"asOf"`) && json.Unmarshal([]byte(line), &r) == nil {
			reported = r.Rows
		}
	}
	if len(reported) != 1 || reported[0].Kind != "csat" || reported[0].Sent != 1 || reported[0].Delivered != 1 || reported[0].Answered != 1 {
		t.Errorf("the report of the tour is %+v, want sent 1, delivered 1, answered 1", reported)
	}
	for _, word := range []string{"\n200\n", "<title>", `"planned"`, "csat survey (changed): 5, satisfied"} {
		if !strings.Contains(string(out), word) {
			t.Errorf("the tour does not say %q", word)
		}
	}
	k.wantCalmLog()
}
