// Package templatecheck holds template.yaml to its rules. It holds tests alone:
// what cfn-lint says of the file, and what must be true of the CloudFormation
// that AWS's own translator makes of it, where nothing that SAM adds is hidden.
package templatecheck

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"kaiku/infra/parts"
)

const (
	root     = "../.."
	install  = "pip install cfn-lint (it brings aws-sam-translator along)"
	template = "template.yaml"
)

// document is a template, source or translated; what is in it is read as it is
// needed, by the helpers below.
type document struct {
	Parameters map[string]properties
	Metadata   map[string]properties
	Resources  map[string]resource
	Outputs    map[string]properties
}

type resource struct {
	Type                string
	DeletionPolicy      string
	UpdateReplacePolicy string
	Properties          properties
}

type properties map[string]any

// translated is the template as plain CloudFormation, made once.
func translated(t *testing.T) document {
	t.Helper()
	if !haveTranslator() {
		parts.Missing(t, "aws-sam-translator", install)
	}
	d, err := translate()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var haveTranslator = sync.OnceValue(func() bool {
	return exec.Command("python3", "-c", "import samtranslator").Run() == nil
})

var translate = sync.OnceValues(func() (document, error) {
	out, err := exec.Command("python3", "translate.py", filepath.Join(root, template)).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return document{}, fmt.Errorf("aws-sam-translator refuses %s: %s", template, exit.Stderr)
	}
	if err != nil {
		return document{}, err
	}
	var d document
	return d, json.Unmarshal(out, &d)
})

// of are the resources of a type, by their logical ids; a test of none would
// pass on anything, so there must be one.
func (d document) of(t *testing.T, kind string) map[string]resource {
	t.Helper()
	found := map[string]resource{}
	for id, r := range d.Resources {
		if r.Type == kind {
			found[id] = r
		}
	}
	if len(found) == 0 {
		t.Fatalf("%s has no %s", template, kind)
	}
	return found
}

// functions are the Lambda functions by the folder that their code is from.
func (d document) functions(t *testing.T) map[string]lambda {
	t.Helper()
	found := map[string]lambda{}
	for id, r := range d.of(t, "AWS::Lambda::Function") {
		key, _ := r.Properties.at("Code", "S3Key").(string)
		name, ok := strings.CutPrefix(key, "build/")
		if !ok {
			t.Fatalf("%s: CodeUri %q; want build/NAME, where `make build` puts it", id, key)
		}
		found[name] = lambda{id, r}
	}
	return found
}

type lambda struct {
	id string
	resource
}

// at walks down maps; nil where there is nothing.
func (p properties) at(path ...string) any {
	var v any = map[string]any(p)
	for _, key := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[key]
	}
	return v
}

// list is a value that may be one or many.
func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

// stringsOf are the strings of a value that may be one or many.
func stringsOf(v any) []string {
	var out []string
	for _, x := range list(v) {
		if s, ok := x.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

var inSub = regexp.MustCompile(`\$\{([A-Za-z0-9]+)(\.[A-Za-z0-9]+)?\}`)

// refs are the logical ids that a value refers to.
func refs(v any) []string {
	var found []string
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			found = append(found, refs(x)...)
		}
	case map[string]any:
		for key, x := range v {
			switch key {
			case "Ref":
				found = append(found, fmt.Sprint(x))
			case "Fn::GetAtt":
				found = append(found, fmt.Sprint(list(x)[0]))
			case "Fn::Sub":
				for _, m := range inSub.FindAllStringSubmatch(fmt.Sprint(list(x)[0]), -1) {
					found = append(found, m[1])
				}
			default:
				found = append(found, refs(x)...)
			}
		}
	}
	return found
}

// refersTo is true of a value that refers to the resource.
func refersTo(v any, id string) bool { return slices.Contains(refs(v), id) }

// statement is one of a policy document, taken out of the condition that it may
// stand under.
type statement map[string]any

func statements(document any) []statement {
	var found []statement
	m, _ := document.(map[string]any)
	for _, s := range list(m["Statement"]) {
		s, _ := s.(map[string]any)
		branches, conditional := s["Fn::If"].([]any)
		if !conditional {
			found = append(found, s)
			continue
		}
		for _, branch := range branches[1:] {
			if b, ok := branch.(map[string]any); ok && b["Effect"] != nil {
				found = append(found, b)
			}
		}
	}
	return found
}

// ofRole are all the statements of a role.
func ofRole(role resource) []statement {
	var found []statement
	for _, p := range list(role.Properties["Policies"]) {
		p, _ := p.(map[string]any)
		found = append(found, statements(p["PolicyDocument"])...)
	}
	return found
}

// short names a resource of a statement by what matters of it: the logical id
// and what follows, or the end of its ARN.
func short(v any) string {
	m, ok := v.(map[string]any)
	if !ok {
		return fmt.Sprint(v)
	}
	switch {
	case m["Ref"] != nil:
		return fmt.Sprint(m["Ref"])
	case m["Fn::GetAtt"] != nil:
		return fmt.Sprint(list(m["Fn::GetAtt"])[0])
	case m["Fn::Sub"] != nil:
		s := fmt.Sprint(m["Fn::Sub"])
		if i := strings.LastIndex(s, "${AWS::AccountId}:"); i >= 0 {
			s = s[i+len("${AWS::AccountId}:"):]
		}
		return strings.NewReplacer("${", "", ".Arn}", "", "}", "").Replace(s)
	}
	return fmt.Sprint(v)
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
