package rehearse_test

import (
	"errors"
	"os"
	"testing"

	"kaiku/infra/rehearse"
)

// generate writes a file of so many invented customers.
func generate(t testing.TB, name string, customers int) {
	t.Helper()
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(rehearse.Generate(file, name, customers, 1, firstDay), file.Close()); err != nil {
		t.Fatal(err)
	}
}
