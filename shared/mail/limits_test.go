package mail

import (
	"fmt"
	"io"
	"mime/quotedprintable"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"kaiku/infra"
	"kaiku/shared/survey"
	"kaiku/shared/wording"
)

// longest is how many characters one text may have (shared/wording, maxText).
const longest = 500

// longestTexts are the texts, each made as long as one may be, of letters that
// take six characters on their way.
func longestTexts(t *testing.T) *wording.Book {
	t.Helper()
	var tree any
	if err := yaml.Unmarshal(infra.Texts, &tree); err != nil {
		t.Fatal(err)
	}
	b, err := yaml.Marshal(stretched(tree))
	if err != nil {
		t.Fatal(err)
	}
	book, err := wording.Load("longest.yaml", b)
	if err != nil {
		t.Fatal(err)
	}
	return book
}

func stretched(node any) any {
	switch n := node.(type) {
	case map[string]any:
		for key, child := range n {
			n[key] = stretched(child)
		}
	case []any:
		for i, child := range n {
			n[i] = stretched(child)
		}
	case string:
		return n + strings.Repeat("Ä", longest-len([]rune(n)))
	}
	return node
}

// onTheWay is a body's size as it travels: quoted-printable, the longer of
// the two codings for such letters. Whether Gmail counts before or after, this holds.
func onTheWay(t *testing.T, body string) int {
	t.Helper()
	var n counter
	w := quotedprintable.NewWriter(&n)
	if _, err := io.WriteString(w, body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return int(n)
}

type counter int

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

// Gmail cuts a mail at 102 KB, and with it the foot that lets people leave.
func TestTheLongestMailIsWhole(t *testing.T) {
	book := longestTexts(t)
	most := 0
	each(t, func(t *testing.T, name string, s Survey, _ Content) {
		s.Company, s.Contact = strings.Repeat("Ä", 200), strings.Repeat("Ä", 200)
		// A token holds the customer's id, of at most 128 bytes, in base64.
		token := strings.Repeat("x", 256)
		s.Link = func(score int) string {
			return fmt.Sprintf("https://kysely.palveluyritys.example/s/%s?score=%d", token, score)
		}
		s.UnsubscribeURL = "https://kysely.palveluyritys.example/u/" + token
		language := strings.Split(name, "-")[2]
		c, err := Compose(book.In(language), s)
		if err != nil {
			t.Fatal(err)
		}
		size := onTheWay(t, c.HTML) + onTheWay(t, c.Text)
		if most = max(most, size); size >= 100_000 {
			t.Errorf("%d bytes: HTML %d, text %d", size, onTheWay(t, c.HTML), onTheWay(t, c.Text))
		}
		if !strings.Contains(c.HTML, s.UnsubscribeURL) {
			t.Error("no way out")
		}
	})
	t.Logf("the longest mail has %d bytes, of the %d kinds", most, len(survey.Triggers))
}
