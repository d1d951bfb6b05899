package mjml

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kaiku/infra/parts"
)

// compiled compiles one template with a body.
func compiled(t *testing.T, body string) (string, error) {
	t.Helper()
	node, modules := parts.Node(t)
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "parts"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"a.mjml":          "<mjml><mj-body>" + body + "</mj-body></mjml>",
		"parts/text.mjml": "<mj-text>{{.Included}}</mj-text>",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := Compile(t.Context(), node, modules, folder)
	return out["a.html"], err
}

func TestActionsStandWhereTheySatInTheSource(t *testing.T) {
	html, err := compiled(t, `<mj-section border-top="6px solid {{.Colour}}"><mj-column><mj-text><p>{{if eq .A "b"}}{{.Text}}{{end}}</p></mj-text>
		<mj-include path="./parts/text.mjml" /></mj-column></mj-section>`)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"border-top:6px solid {{.Colour}};", `{{if eq .A "b"}}{{.Text}}{{end}}`, "{{.Included}}", "a.mjml", Command} {
		if !strings.Contains(html, want) {
			t.Errorf("no %q in\n%s", want, html)
		}
	}
}

// html/template would drop them.
func TestWhatOutlookAloneReadsIsWrittenByActions(t *testing.T) {
	html, err := compiled(t, `<mj-section><mj-column><mj-text><!--[if !mso]><!-->x<!--<![endif]--></mj-text></mj-column></mj-section>`)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(html, "{{outlook `<!--"); got < 5 || got != strings.Count(html, "<!--[if")+strings.Count(html, "<!--<![endif]") {
		t.Errorf("%d actions in\n%s", got, html)
	}
}

func TestFaultsOfASourceAreReported(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"no such element":                   {`<mj-sektion></mj-sektion>`, "mj-sektion"},
		"no such attribute":                 {`<mj-section colour="#ffffff"></mj-section>`, "colour"},
		"an action in a comment of Outlook": {`<mj-raw><!--[if mso]><td width="{{.Width}}"><![endif]--></mj-raw>`, "would not be escaped"},
	} {
		if _, err := compiled(t, c.body); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}
