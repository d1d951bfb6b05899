package wording

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"kaiku/shared/survey"
)

// maxText is how long one text may be, in characters: far over any sentence, so
// that only a paste gone wrong meets it, and mails and pages stay small.
const maxText = 500

// Load reads the texts; name stands for the file in errors. It refuses a file
// with an unknown or repeated key, a missing or empty text, or a placeholder the
// text cannot have, and reports all such faults at once, each with its line and
// what is allowed there.
func Load(name string, source []byte) (*Book, error) {
	l := loader{file: name, book: &Book{texts: map[string]*Texts{}}}
	for _, lang := range survey.Languages {
		l.book.texts[lang] = &Texts{language: lang, byPath: map[string]string{}}
	}
	file, err := parser.ParseBytes(source, 0)
	if err != nil {
		return nil, l.syntax(err)
	}
	var root ast.Node
	if len(file.Docs) > 0 {
		root = file.Docs[0].Body
	}
	if len(file.Docs) > 1 {
		l.fault(file.Docs[1].Body, "", "a second document; write one")
	}
	l.group(schema(), root, nil, "")
	if len(l.faults) > 0 {
		return nil, errors.Join(l.faults...)
	}
	return l.book, nil
}

// loader walks the file beside the schema and collects the faults.
type loader struct {
	file   string
	book   *Book
	faults []error
}

// syntax puts file and line before a fault of the YAML itself.
func (l *loader) syntax(err error) error {
	var located yaml.Error
	if errors.As(err, &located) && located.GetToken() != nil {
		return fmt.Errorf("%s:%d: %s", l.file, located.GetToken().Position.Line, located.GetMessage())
	}
	return fmt.Errorf("%s: reading the texts: %w", l.file, err)
}

// fault notes a fault at the line of at, which may be nil.
func (l *loader) fault(at ast.Node, path, format string, args ...any) {
	line := 1
	if at != nil && at.GetToken() != nil && at.GetToken().Position != nil {
		line = at.GetToken().Position.Line
	}
	if path != "" {
		path += ": "
	}
	l.faults = append(l.faults, fmt.Errorf("%s:%d: %s%s", l.file, line, path, fmt.Sprintf(format, args...)))
}

// group reads the value of key, which the schema says is the group want.
func (l *loader) group(want *node, value, key ast.Node, path string) {
	entries, ok := entriesOf(value)
	if !ok {
		l.fault(key, path, "must be a group with the keys %s", strings.Join(want.names, ", "))
		return
	}
	seen := map[string]bool{}
	for _, e := range entries {
		name := e.Key.GetToken().Value
		child := want.groups[name]
		if child == nil {
			l.fault(e.Key, path, "unknown key %q; known here are %s", name, strings.Join(want.names, ", "))
			continue
		}
		seen[name] = true
		if child.isText() {
			l.languages(child, e.Value, e.Key, join(path, name))
			continue
		}
		l.group(child, e.Value, e.Key, join(path, name))
	}
	for _, name := range want.names {
		if !seen[name] {
			l.fault(key, path, "%s is missing", name)
		}
	}
}

// languages reads one text in all its languages.
func (l *loader) languages(want *node, value, key ast.Node, path string) {
	known := strings.Join(survey.Languages, ", ")
	entries, ok := entriesOf(value)
	if !ok {
		l.fault(key, path, "must have a text for each of %s", known)
		return
	}
	seen := map[string]bool{}
	for _, e := range entries {
		lang := e.Key.GetToken().Value
		if !slices.Contains(survey.Languages, lang) {
			l.fault(e.Key, path, "unknown language %q; known are %s", lang, known)
			continue
		}
		seen[lang] = true
		if s, ok := l.text(want, e, join(path, lang)); ok {
			l.book.texts[lang].byPath[path] = s
		}
	}
	for _, lang := range survey.Languages {
		if !seen[lang] {
			l.fault(key, path, "the text in %s is missing", lang)
		}
	}
}

// placeholder finds what is or was meant to be one, a lone brace included: a
// brace is no part of any sentence.
var placeholder = regexp.MustCompile(`\{[^{}]*\}|[{}]`)

// text reads one sentence.
func (l *loader) text(want *node, e *ast.MappingValueNode, path string) (string, bool) {
	s, ok := stringOf(e.Value)
	if !ok {
		l.fault(e.Key, path, "must be a text; put it in quotes")
		return "", false
	}
	before := len(l.faults)
	if strings.TrimSpace(s) == "" {
		l.fault(e.Key, path, "is empty")
	}
	if i := strings.IndexFunc(s, unicode.IsControl); i >= 0 {
		l.fault(e.Key, path, "must be one line without tabs or other control characters")
	}
	if n := len([]rune(s)); n > maxText {
		l.fault(e.Key, path, "is %d characters long; at most %d are allowed", n, maxText)
	}
	for _, hole := range placeholder.FindAllString(s, -1) {
		if !slices.Contains(want.holes, hole) {
			l.fault(e.Key, path, "unknown placeholder %s; allowed here are %s", hole, strings.Join(want.holes, ", "))
		}
	}
	return s, len(l.faults) == before
}

// entriesOf is the entries of a mapping, however the parser holds it.
func entriesOf(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

// stringOf is the text of a scalar. A folded text (>) may end in the newline that
// YAML gives it.
func stringOf(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return strings.TrimSuffix(n.Value.Value, "\n"), true
	}
	return "", false
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
