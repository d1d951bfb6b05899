// Package infra holds the files that an operator changes, built into every
// binary as the defaults of what a file of theirs leaves out.
package infra

import _ "embed"

// Policy is policy.yaml, Texts is texts.yaml, as they were when this was built.
var (
	//go:embed policy.yaml
	Policy []byte
	//go:embed texts.yaml
	Texts []byte
)
