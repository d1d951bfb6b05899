package e2e

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// mail is one mail of the mailbox.
type mail struct {
	MessageID string
	At        time.Time
	From      string
	To        []string
	Subject   string
	Headers   map[string]string
	Text      string
	HTML      string
}

var (
	hrefs    = regexp.MustCompile(`href="([^"]*)"`)
	urls     = regexp.MustCompile(`https?://[^\s<>"]+`)
	survey   = regexp.MustCompile(`^(http://[^/]+/s/[^/?]+)\?score=([0-9]+)$`)
	goodbye  = regexp.MustCompile(`^http://[^/]+/u/[^/?]+$`)
	surveyed = regexp.MustCompile(`/s/[^/?\s]+\?score=`)
)

// mails are the surveys in the mailbox, oldest first; other mail, to the
// company's own people, is left out.
func (c *client) mails() []mail {
	c.t.Helper()
	var all []mail
	c.read(c.send(http.MethodGet, "/local/mailbox.json", nil, nil), &all)
	return slices.DeleteFunc(all, func(m mail) bool { return !surveyed.MatchString(m.Text) })
}

// onlyMail is the one mail that there is.
func (c *client) onlyMail() mail {
	c.t.Helper()
	mails := c.mails()
	if len(mails) != 1 {
		c.t.Fatalf("the mailbox has %d mails, want one", len(mails))
	}
	return mails[0]
}

// links are the addresses of every link in a mail: of its HTML, its text and its
// headers, each once.
func (m mail) links() []string {
	var all []string
	for _, href := range hrefs.FindAllStringSubmatch(m.HTML, -1) {
		all = append(all, html.UnescapeString(href[1]))
	}
	all = append(all, urls.FindAllString(m.Text, -1)...)
	all = append(all, strings.Trim(m.Headers["List-Unsubscribe"], "<>"))
	slices.Sort(all)
	return slices.Compact(all)
}

// scores are the scores that links of the mail give, and the page they lead to.
func (m mail) scores(t testing.TB, of string) (page string, scores []int) {
	t.Helper()
	for _, link := range urls.FindAllString(html.UnescapeString(of), -1) {
		parts := survey.FindStringSubmatch(link)
		if parts == nil {
			continue
		}
		score, err := strconv.Atoi(parts[2])
		if err != nil {
			t.Fatal(err)
		}
		if page != "" && page != parts[1] {
			t.Errorf("the links of one mail lead to several pages")
		}
		page, scores = parts[1], append(scores, score)
	}
	slices.Sort(scores)
	return page, slices.Compact(scores)
}

// page is where the mail's answer goes to.
func (m mail) page(t testing.TB) string {
	t.Helper()
	page, _ := m.scores(t, m.Text)
	if page == "" {
		t.Fatalf("the mail %q has no link with a score", m.Subject)
	}
	return page
}

// kind is the kind of survey that the mail's scale belongs to.
func (m mail) kind(t testing.TB) string {
	t.Helper()
	_, scores := m.scores(t, m.Text)
	for kind, scale := range scales {
		if len(scores) == scale[1]-scale[0]+1 && scores[0] == scale[0] && scores[len(scores)-1] == scale[1] {
			return kind
		}
	}
	t.Fatalf("the mail %q has the scores %v, which no survey has", m.Subject, scores)
	return ""
}

// scales are the lowest and the highest score of each kind.
var scales = map[string][2]int{"nps": {0, 10}, "csat": {1, 5}, "ces": {1, 7}}

// unsubscribe is the link that takes the address off.
func (m mail) unsubscribe(t testing.TB) string {
	t.Helper()
	link := strings.Trim(m.Headers["List-Unsubscribe"], "<>")
	if !goodbye.MatchString(link) {
		t.Fatalf("List-Unsubscribe is %q", m.Headers["List-Unsubscribe"])
	}
	return link
}

// oneClick is what a mail program posts to unsubscribe (RFC 8058).
var oneClick = url.Values{"List-Unsubscribe": {"One-Click"}}

// answer answers a survey as a respondent's browser does.
func (c *client) answer(m mail, fields url.Values) answer {
	c.t.Helper()
	return c.form(m.page(c.t), fields)
}

// scored is an answer that must be taken.
func (c *client) scored(m mail, score int) {
	c.t.Helper()
	if a := c.answer(m, url.Values{"score": {strconv.Itoa(score)}}); a.status != http.StatusOK {
		c.t.Fatalf("answering %d: %d", score, a.status)
	}
}

// fate tells what became of a mail, as SES does.
func (c *client) fate(m mail, kind, bounce string) {
	c.t.Helper()
	body, err := json.Marshal(map[string]string{"messageId": m.MessageID, "type": kind, "bounceType": bounce})
	if err != nil {
		c.t.Fatal(err)
	}
	a := c.send(http.MethodPost, "/local/mail-events", http.Header{"Content-Type": {"application/json"}}, body)
	if a.status < 200 || a.status > 299 {
		c.t.Fatalf("telling a %s: %s", kind, a)
	}
}
