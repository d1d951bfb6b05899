// Package wording is every sentence that a respondent reads, in every language.
//
// The sentences stand in one YAML file that the company may change. Load checks
// it whole; from then on no text can be missing and no placeholder unknown, so
// the accessors return no errors. A Book holds all languages, Texts one of them,
// and Lines that language's finished sentences for one company:
//
//	lines := book.In("sv").For("Kaiku Palvelut Oy")
//	lines.Question(survey.NPS, survey.Annual)
package wording

import (
	"strings"
	"unicode"

	"kaiku/shared/survey"
)

// Book is the checked texts in all languages. It is never changed after Load,
// so it may be shared.
type Book struct {
	texts map[string]*Texts
}

// In is the texts in language (fi, sv, en), or in the first of survey.Languages
// when there are none in it.
func (b *Book) In(language string) *Texts {
	if t, ok := b.texts[language]; ok {
		return t
	}
	return b.texts[survey.Languages[0]]
}

// Texts is one language's sentences, with {company} still open in them.
type Texts struct {
	language string
	byPath   map[string]string
}

// Language is the language that the texts are really in, for a lang attribute.
func (t *Texts) Language() string { return t.language }

// For is the sentences with company's name in its place, cleaned by CleanName.
func (t *Texts) For(company string) Lines {
	return Lines{Company: CleanName(company), texts: t}
}

// CleanName makes a name safe to stand in a sentence, a subject line or a plain
// text: on one line, with single spaces, and without control characters or the
// invisible ones that turn the direction of the text after them. Markup is left
// as it is; escaping belongs to the templates.
func CleanName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, name)
	return strings.Join(strings.Fields(name), " ")
}
