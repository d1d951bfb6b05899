// Package policyfile reads the policy file: YAML in, a checked policy.Policy
// out, or every fault with its file and line and what is allowed there.
package policyfile

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"

	"kaiku/infra"
	"kaiku/shared/policy"
)

// hashLength is how many hex digits of the SHA-256 of the settings name a
// policy in a decision: enough to tell apart every version a company will have.
const hashLength = 12

// Load reads the policy file at path. What it leaves out keeps the default
// policy's value; an empty path is the default policy itself.
func Load(path string) (*policy.Policy, error) {
	if path == "" {
		return Parse("policy.yaml", nil)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	return Parse(path, b)
}

// Parse reads a policy; name stands for the file in errors.
func Parse(name string, b []byte) (*policy.Policy, error) {
	var p policy.Policy
	if err := decode("the built-in policy", infra.Policy, &p); err != nil {
		return nil, err
	}
	if len(strings.TrimSpace(string(b))) > 0 {
		if err := decode(name, b, &p); err != nil {
			return nil, err
		}
	}
	if err := p.Validate(); err != nil {
		return nil, locate(name, b, err)
	}
	if err := mailboxes(&p); err != nil {
		return nil, locate(name, b, err)
	}
	zone, err := time.LoadLocation(p.Timezone)
	if err != nil {
		return nil, fmt.Errorf("%s: timezone: %w", name, err)
	}
	p.Zone = zone
	if p.Openings.Holidays == "finland" {
		p.Holiday = finnishHolidays()
	}
	settings, err := yaml.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("hashing the policy: %w", err)
	}
	sum := sha256.Sum256(settings)
	p.Hash = hex.EncodeToString(sum[:])[:hashLength]
	return &p, nil
}

// decode lays the keys of b over p.
func decode(name string, b []byte, p *policy.Policy) error {
	err := yaml.UnmarshalWithOptions(b, p, yaml.Strict())
	var located yaml.Error
	if errors.As(err, &located) && located.GetToken() != nil {
		return fmt.Errorf("%s:%d: %s", name, located.GetToken().Position.Line, located.GetMessage())
	}
	var unit *policy.UnitError
	if errors.As(err, &unit) {
		return fmt.Errorf("%s:%d: %w", name, lineOfText(b, unit.Text), unit)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// lineOfText finds the line of the first value that reads text: the decoder
// does not say where a value stood that its type refused.
func lineOfText(b []byte, text string) int {
	for _, t := range lexer.Tokenize(string(b)) {
		if t.Value == text {
			return t.Position.Line
		}
	}
	return 1
}

// locate puts file and line before each fault of a policy.
func locate(name string, b []byte, faults error) error {
	file, err := parser.ParseBytes(b, 0)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	joined, ok := faults.(interface{ Unwrap() []error })
	if !ok {
		return fmt.Errorf("%s: %w", name, faults)
	}
	var out []error
	for _, one := range joined.Unwrap() {
		var fault policy.Fault
		if line := 0; errors.As(one, &fault) {
			if line = lineOf(file, fault.Path); line > 0 {
				out = append(out, fmt.Errorf("%s:%d: %w", name, line, one))
				continue
			}
		}
		out = append(out, fmt.Errorf("%s: %w", name, one))
	}
	return errors.Join(out...)
}

// lineOf finds the line of a key, or of the nearest key above it that the file
// has; 0 when it has none.
func lineOf(file *ast.File, path string) int {
	for path != "" {
		if p, err := yaml.PathString("$." + path); err == nil {
			if node, err := p.FilterFile(file); err == nil && node != nil {
				return node.GetToken().Position.Line
			}
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			return 0
		}
		path = path[:cut]
	}
	return 0
}
