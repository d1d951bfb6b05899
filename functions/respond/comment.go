package respond

import (
	"fmt"
	"html/template"
	"strings"

	"kaiku/shared/survey"
)

// The page stays under 20 KB whatever was typed, and 4,000 characters can be
// 16,000 bytes. What is on record need not be sent back whole: a long comment is
// shown by its beginning, and stays until another replaces it. What is not on
// record must be, or it is lost where no script runs: then the page is a lean one,
// with its form alone.
const (
	// maxEcho is the longest comment, in bytes of HTML, on a page with everything.
	maxEcho = 6000
	// maxBeginning is in characters.
	maxBeginning = 200
)

// fitComment puts the comment on the page, or as much of it as there is room for.
func (p *surveyView) fitComment(v View) {
	text, described := template.HTMLEscapeString(v.Comment), ""
	defer func() { p.Box = box(text, described) }()
	p.Keep = v.CommentKept && v.Comment == ""
	if len(text) <= maxEcho {
		return
	}
	if !v.CommentKept {
		p.Lean, text = true, frugal(v.Comment)
		p.Styles = leanStyle
		return
	}
	text, described = "", ` aria-describedby="kept"`
	p.Keep, p.Beginning = true, cut(v.Comment, maxBeginning)
	if p.Beginning != v.Comment {
		p.Beginning += "…"
	}
}

// cut is the first n characters of a text.
func cut(text string, n int) string {
	for i := range text {
		if n--; n < 0 {
			return text[:i]
		}
	}
	return text
}

// box is the comment box with a text in it. The line break after the tag is not
// part of the text. Browsers count a character outside the basic plane as two, so
// what they let through is never too long for us.
func box(text, attributes string) template.HTML {
	return template.HTML(fmt.Sprintf(`<textarea id="comment" name="comment" rows="4" maxlength="%d"%s>`, survey.MaxComment, attributes) +
		"\n" + text + "</textarea>")
}

// frugal is a text as it may stand in a textarea, in as few bytes as the
// standard allows: a tag can only open with "<", and a character reference only
// with "&" before a letter, a digit or "#" (WHATWG HTML, 13.1.2 and 13.1.4). The
// usual escaping makes five bytes of every quotation mark.
func frugal(text string) string {
	var b strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case c == '<':
			b.WriteString("&lt;")
		case c == '&' && i+1 < len(text) && opensReference(text[i+1]):
			b.WriteString("&amp;")
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func opensReference(c byte) bool {
	return c == '#' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// formName says which form it is, in a field of its own: so that it can be shown
// again with what was typed even when the ledger cannot be read.
func formName(t survey.Trigger, language string) string { return string(t) + "." + language }
