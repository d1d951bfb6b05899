package policyfile

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"kaiku/infra"
	"kaiku/shared/policy"
)

const schemaFile = "../../infra/policy.schema.json"

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(filepath.FromSlash(schemaFile))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheSchemaTakesTheDefaultPolicyAndRefusesFaults(t *testing.T) {
	s := schema(t)
	for _, c := range []struct {
		name, text string
		well       bool
	}{
		{"the default", string(infra.Policy), true},
		{"a few keys", "rules: {cooldown: 45d}", true},
		{"an unknown key", "rules: {cooldwn: 45d}", false},
		{"a wrong unit", "rules: {cooldown: 45 days}", false},
		{"an unknown size", "audience: {sizes: [tiny]}", false},
		{"kinds that count", "rules: {surveyed_this_year: {counts: [csat, ces, external]}}", true},
		{"a kind that is none", "rules: {surveyed_this_year: {counts: [nps]}}", false},
		{"what came of last year's answers", "answering: {last_year: {fi: Kiitos!, sv: Tack!, en: Thanks!}}", true},
		{"that in one language", "answering: {last_year: {fi: \"Puhelin on nyt auki\\nmyös lauantaisin.\"}}", true},
		{"that at its longest", "answering: {last_year: {en: " + strings.Repeat("ä", 600) + "}}", true},
		{"that too long", "answering: {last_year: {en: " + strings.Repeat("ä", 601) + "}}", false},
		{"that in another language", "answering: {last_year: {de: Danke!}}", false},
		{"readers of the digest", "digest: {to: [" + readers(50) + "], language: sv}", true},
		{"too many of them", "digest: {to: [" + readers(51) + "]}", false},
		{"one of them twice", "digest: {to: [a@kaiku.example, a@kaiku.example]}", false},
		{"one of them with a name", "digest: {to: [A <a@kaiku.example>]}", false},
		{"one of them in other letters", "digest: {to: [johto@yhtiö.example]}", false},
		{"a digest in another language", "digest: {language: de}", false},
		{"too large a cap", "rules: {customer_cap: 99}", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var value any
			if err := yaml.Unmarshal([]byte(c.text), &value); err != nil {
				t.Fatal(err)
			}
			if err := s.Validate(plainJSON(value)); (err == nil) != c.well {
				t.Errorf("the schema says %v", err)
			}
			if _, err := Parse("test.yaml", []byte(c.text)); (err == nil) != c.well {
				t.Errorf("the loader says %v", err)
			}
		})
	}
}

// plainJSON turns what YAML has read into what the schema's reader knows.
func plainJSON(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			v[key] = plainJSON(value)
		}
	case []any:
		for i, value := range v {
			v[i] = plainJSON(value)
		}
	case uint64:
		return int(v)
	}
	return v
}

// Editors know every key and no other: the schema and the struct say the same.
func TestTheSchemaHasEveryKeyWithADescription(t *testing.T) {
	var raw map[string]any
	b, err := os.ReadFile(filepath.FromSlash(schemaFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(b, &raw); err != nil {
		t.Fatal(err)
	}
	var described []string
	walkSchema("", raw, func(path string, node map[string]any) {
		described = append(described, path)
		if node["description"] == nil {
			t.Errorf("%s has no description", path)
		}
	})
	var keys []string
	walkStruct("", reflect.TypeFor[policy.Policy](), func(path string) { keys = append(keys, path) })
	slices.Sort(described)
	slices.Sort(keys)
	if fmt.Sprint(described) != fmt.Sprint(keys) {
		t.Errorf("the schema has %v\nthe policy has %v", described, keys)
	}
}

func walkSchema(path string, node map[string]any, visit func(string, map[string]any)) {
	properties, ok := node["properties"].(map[string]any)
	if !ok {
		return
	}
	for name, child := range properties {
		below := strings.TrimPrefix(path+"."+name, ".")
		visit(below, child.(map[string]any))
		walkSchema(below, child.(map[string]any), visit)
	}
}

func walkStruct(path string, t reflect.Type, visit func(string)) {
	for field := range t.Fields() {
		name := field.Tag.Get("yaml")
		if name == "-" || name == "" {
			continue
		}
		below := strings.TrimPrefix(path+"."+name, ".")
		visit(below)
		if field.Type.Kind() == reflect.Struct && field.Type.PkgPath() == reflect.TypeFor[policy.Policy]().PkgPath() {
			walkStruct(below, field.Type, visit)
		}
	}
}
