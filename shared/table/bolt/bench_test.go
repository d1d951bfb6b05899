package bolt_test

import (
	"path/filepath"
	"testing"

	"kaiku/shared/table/tabletest"
)

func BenchmarkBolt(b *testing.B) {
	tabletest.Bench(b, open(b, filepath.Join(b.TempDir(), "kaiku.db")), nil)
}
