package mail

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"kaiku/infra"
	"kaiku/shared/survey"
	"kaiku/shared/wording"
)

// hostile is what somebody may write to get into the mail as more than words.
var hostile = map[string]string{
	"action":     `{{.UnsubscribeURL}}{{end}}{{template "nps.html" .}}`,
	"dot":        `{{.}}`,
	"script":     `<script>alert(1)</script>`,
	"attribute":  `"><img src=x onerror=alert(1)>`,
	"single":     `' onmouseover='alert(1)`,
	"backtick":   "`}}<b>x</b>{{`",
	"address":    `javascript:alert(1)`,
	"comment":    `--><img src=x><!--[if mso]><table><tr><td><![endif]-->`,
	"style":      `</style><style>*{display:none}`,
	"title":      `</title><img src=x>`,
	"css":        `#fff;} body{display:none} .x{`,
	"entity":     `&lt;script&gt; &#60;img src=x&#62;`,
	"css escape": `\3c script\3e`,
}

// written is the texts with every sentence written by somebody hostile; nil when
// such texts are refused, as those with braces are.
func written(t *testing.T, by string) *wording.Book {
	t.Helper()
	var tree any
	if err := yaml.Unmarshal(infra.Texts, &tree); err != nil {
		t.Fatal(err)
	}
	b, err := yaml.Marshal(replaced(tree, by))
	if err != nil {
		t.Fatal(err)
	}
	book, err := wording.Load("hostile.yaml", b)
	if refused := strings.ContainsAny(by, "{}"); (err != nil) != refused {
		t.Fatalf("refused: %v, want %v", err, refused)
	}
	return book
}

func replaced(node any, by string) any {
	switch n := node.(type) {
	case map[string]any:
		for key, child := range n {
			n[key] = replaced(child, by)
		}
	case string:
		return by
	}
	return node
}

// skeleton is the tags of a mail with their attributes' names, and the comments:
// what no words may change.
func skeleton(html string) string {
	html = regexp.MustCompile(`"[^"]*"`).ReplaceAllString(html, `""`)
	return strings.Join(regexp.MustCompile(`<[^>]*>`).FindAllString(html, -1), "\n")
}

func TestHostileWordsChangeNoTagOfTheMail(t *testing.T) {
	for name, words := range hostile {
		for _, trigger := range []survey.Trigger{survey.Annual, survey.Ended, survey.Interaction} {
			t.Run(fmt.Sprint("name and contact ", name, " ", trigger), func(t *testing.T) {
				s := sample(trigger)
				s.Contact = "Äyritie 1"
				plain := compose(t, "en", s)
				s.Company, s.Contact = words, words
				wantOnlyWords(t, plain, compose(t, "en", s), words)
			})
			t.Run(fmt.Sprint("texts ", name, " ", trigger), func(t *testing.T) {
				s := sample(trigger)
				plain := compose(t, "en", s)
				book := written(t, words)
				if book == nil {
					return
				}
				c, err := Compose(book.In("en"), s)
				if err != nil {
					t.Fatal(err)
				}
				wantOnlyWords(t, plain, c, words)
			})
		}
	}
}

func wantOnlyWords(t *testing.T, plain, c Content, words string) {
	t.Helper()
	if skeleton(c.HTML) != skeleton(plain.HTML) {
		t.Errorf("the tags are others:\n%s", c.HTML)
	}
	if strings.Contains(c.HTML, `href="javascript`) || strings.Contains(c.HTML, "ZgotmplZ") {
		t.Error("the words came where an address stands")
	}
	if !strings.Contains(c.Text, words) {
		t.Errorf("the text has other words:\n%s", c.Text)
	}
}

// A colour is no words: it stands in styles, where nothing is escaped for long.
func TestAColourThatIsNoneIsRefused(t *testing.T) {
	for name, words := range hostile {
		s := sample(survey.Annual)
		s.Colour = words
		if _, err := Compose(texts(t, "fi"), s); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
