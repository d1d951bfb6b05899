package policyfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"kaiku/infra"
	"kaiku/shared/wording"
)

// textsName is the file of texts beside a policy file.
const textsName = "texts.yaml"

// LoadTexts reads texts.yaml beside the policy file at path; where there is
// none, or path is empty, the texts that are built in.
func LoadTexts(path string) (*wording.Book, error) {
	if path == "" {
		return wording.Load(textsName, infra.Texts)
	}
	beside := filepath.Join(filepath.Dir(path), textsName)
	b, err := os.ReadFile(beside)
	if errors.Is(err, fs.ErrNotExist) {
		return wording.Load(textsName, infra.Texts)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the texts: %w", err)
	}
	return wording.Load(beside, b)
}
