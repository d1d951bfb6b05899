package respond

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"

	"kaiku/shared/brand"
)

var (
	//go:embed templates/page.css
	styleSource string
	//go:embed templates/page.js
	scriptSource string
	//go:embed templates/lean.css
	leanSource string
)

// The style sheet and the script as they stand in every page, and their hashes.
// They are inserted whole, past the templates' own escaping, for the policy below
// allows them by their bytes.
var (
	style, styleHash    = inline("style", withoutComments(styleSource))
	script, scriptHash  = inline("script", withoutComments(scriptSource))
	leanStyle, leanHash = inline("style", withoutComments(leanSource))
)

// CSP is the Content-Security-Policy of every page that this package renders in
// colour (View.Colour): its own style and script by their hashes, the empty icon
// that keeps browsers from asking for one, forms and posts to where the page came
// from, and nothing else.
func CSP(colour string) string {
	_, colourHash := colourStyle(colourOf(colour))
	return "default-src 'none'; style-src " + styleHash + " " + leanHash + " " + colourHash + "; script-src " + scriptHash +
		"; img-src data:; form-action 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
}

// styles is the style sheet and the company's colour. The colour is a sheet of its
// own, since a style attribute would have to be allowed for any style at all.
func styles(c brand.Colour) template.HTML {
	own, _ := colourStyle(c)
	return style + "\n" + own
}

func colourStyle(c brand.Colour) (element template.HTML, hash string) {
	return inline("style", fmt.Sprintf(":root{--b:%s;--i:%s}", c, c.Ink()))
}

// inline is an element with content, and the content's hash as a source of a
// policy (CSP Level 3, hash-source).
func inline(element, content string) (template.HTML, string) {
	sum := sha256.Sum256([]byte(content))
	return template.HTML("<" + element + ">" + content + "</" + element + ">"),
		"'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// withoutComments drops the lines that are comments alone, and the indentation:
// they are for us and not for the respondent's phone.
func withoutComments(source string) string {
	var kept []string
	for line := range strings.Lines(source) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "//") || strings.HasPrefix(line, "/*") && strings.HasSuffix(line, "*/") {
			continue
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, "\n")
}
