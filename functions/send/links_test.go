package send

import (
	"encoding/base64"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"kaiku/shared/ledger"
	"kaiku/shared/survey"
)

var address = regexp.MustCompile(`https?://[^\s"'<>]+`)

// Links are copied, logged by proxies and handed on as referrers: what stands in
// them is read by others. So they hold a token and a score, and the token nothing
// that a person could be known by.
func TestLinksOfEveryMailHoldATokenAndAScoreAlone(t *testing.T) {
	h := handler(t, &desk{})
	const email, name, contact = "maija.lahtinen@leipomo.example", "Maija Lahtinen", "P-maija"
	token := regexp.MustCompile(`^/[su]/[\w-]+$`)
	for _, language := range survey.Languages {
		for _, trigger := range survey.Triggers {
			t.Run(string(trigger)+" "+language, func(t *testing.T) {
				m, err := h.message(ledger.Claim{
					Ref: ledger.Ref{Customer: "C-1001", Invitation: id, Day: survey.DateOf(now)}, Owner: "team-tampere",
					Invitation: survey.Invitation{ID: id, Customer: "C-1001", Kind: trigger.Kind(), Trigger: trigger, Address: ledger.HashAddress(email)}, Closes: now.AddDate(0, 0, 30),
					Contact: survey.Contact{ID: contact, Email: email, Name: name, Language: language}})
				if err != nil {
					t.Fatal(err)
				}
				low, high, _ := trigger.Kind().Scale()
				found := append(address.FindAllString(html.UnescapeString(m.Content.HTML), -1), address.FindAllString(m.Content.Text, -1)...)
				found = append(found, m.UnsubscribeURL)
				if want := 2*(high-low+1) + 3; len(found) != want {
					t.Errorf("%d links, want %d", len(found), want)
				}
				for _, link := range found {
					u, err := url.Parse(link)
					if err != nil {
						t.Fatal(err)
					}
					if u.Scheme+"://"+u.Host != h.BaseURL || !token.MatchString(u.Path) || u.Fragment != "" || u.User != nil {
						t.Errorf("a link elsewhere: %s", link)
					}
					score, err := strconv.Atoi(u.Query().Get("score"))
					plain := strings.HasPrefix(u.Path, "/u/") && u.RawQuery == ""
					if !plain && (err != nil || score < low || score > high || u.RawQuery != "score="+strconv.Itoa(score)) {
						t.Errorf("a query of more than a score: %s", link)
					}
					inside, err := base64.RawURLEncoding.DecodeString(strings.SplitN(u.Path, "/", 3)[2])
					if err != nil {
						t.Fatal(err)
					}
					for _, personal := range []string{email, "leipomo", name, "Lahtinen", contact} {
						if strings.Contains(link, personal) || strings.Contains(link, url.QueryEscape(personal)) || strings.Contains(string(inside), personal) {
							t.Errorf("a link that tells %s: %s", personal, link)
						}
					}
				}
				if m.ReplyTo != "tampere@kaiku.example" || m.ListID == "" {
					t.Errorf("reply to %q, list %q", m.ReplyTo, m.ListID)
				}
			})
		}
	}
}
