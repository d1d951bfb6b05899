package bolt_test

import (
	"path/filepath"
	"testing"

	"kaiku/shared/table"
	"kaiku/shared/table/bolt"
	"kaiku/shared/table/tabletest"
)

func TestBoltKeepsTheContract(t *testing.T) {
	tabletest.Run(t, func(t *testing.T) table.Table { return open(t, filepath.Join(t.TempDir(), "kaiku.db")) })
}

func open(t testing.TB, path string) *bolt.Table {
	t.Helper()
	tbl, err := bolt.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tbl.Close(); err != nil {
			t.Error(err)
		}
	})
	return tbl
}
