package parts

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"kaiku/shared/table"
)

// outcome is a test that only notes how it ended.
type outcome struct {
	testing.TB
	failed, skipped string
}

func (o *outcome) Helper()      {}
func (o *outcome) Name() string { return "TestSomething" }

func (o *outcome) Fatal(args ...any) {
	o.failed = fmt.Sprint(args...)
	runtime.Goexit()
}

func (o *outcome) Skip(args ...any) {
	o.skipped = fmt.Sprint(args...)
	runtime.Goexit()
}

// outcomeOf runs a test of its own to its end.
func outcomeOf(test func(testing.TB)) *outcome {
	o := &outcome{}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		test(o)
	}()
	<-ended
	return o
}

func TestAMissingPartSkipsOnALaptopAndFailsInCI(t *testing.T) {
	missing := func(t testing.TB) { Missing(t, "a part", "buy one") }
	t.Setenv("CI", "")
	if o := outcomeOf(missing); o.failed != "" || !containsAll(o.skipped, "TestSomething", "a part", "buy one") {
		t.Errorf("on a laptop: %+v, want a skip that names the test, the part and how to get it", o)
	}
	t.Setenv("CI", "true")
	if o := outcomeOf(missing); o.skipped != "" || !containsAll(o.failed, "TestSomething", "a part", "buy one") {
		t.Errorf("in CI: %+v, want a failure that names the test, the part and how to get it", o)
	}
}

func TestAPartThatIsBrokenFailsEverywhere(t *testing.T) {
	t.Setenv("CI", "")
	if o := outcomeOf(func(t testing.TB) { need(t, errors.New("broken")) }); o.failed != "broken" || o.skipped != "" {
		t.Errorf("%+v, want a failure", o)
	}
	if o := outcomeOf(func(t testing.TB) { need(t, &missingError{"a part", "buy one"}) }); o.skipped == "" {
		t.Errorf("%+v, want a skip", o)
	}
	if o := outcomeOf(func(t testing.TB) { need(t, nil) }); o.skipped != "" || o.failed != "" {
		t.Errorf("%+v, want the test to go on", o)
	}
}

func containsAll(s string, parts ...string) bool {
	for _, part := range parts {
		if !strings.Contains(s, part) {
			return false
		}
	}
	return true
}

func TestTheRootIsTheFolderOfGoMod(t *testing.T) {
	root, err := repositoryRoot()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "infra", "parts", "parts.go")); err != nil {
		t.Error(err)
	}
	t.Chdir(t.TempDir())
	if root, err := repositoryRoot(); err == nil {
		t.Errorf("root is %s where there is no go.mod", root)
	}
}

func TestDynamoDBLocalIsStartedOnceAndServesTablesOfTheirOwn(t *testing.T) {
	if first, second := DynamoDB(t), DynamoDB(t); first != second {
		t.Errorf("endpoints are %s and %s, want one", first, second)
	}
	one, other := DynamoTable(t), DynamoTable(t)
	item := table.Item{Key: table.Key{Partition: "p", Sort: "s"}, Body: []byte(`{}`)}
	if err := one.Write(t.Context(), table.Put(item, table.Any)); err != nil {
		t.Fatal(err)
	}
	if _, err := one.Get(t.Context(), item.Key); err != nil {
		t.Error(err)
	}
	if _, err := other.Get(t.Context(), item.Key); !errors.Is(err, table.ErrNotFound) {
		t.Errorf("error from the other table is %v, want ErrNotFound", err)
	}
}

func TestMotoAnswers(t *testing.T) {
	client := http.Client{Timeout: 10 * time.Second}
	response, err := client.Get(Moto(t) + "/moto-api/data.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("status %d and error %v, want 200", response.StatusCode, err)
	}
}
