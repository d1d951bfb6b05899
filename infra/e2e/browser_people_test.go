package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kaiku/infra/browser"
)

// person is one respondent of the browser tests, with a survey of their own.
type person struct {
	trigger, language, what string // what: in which test
	mail                    mail
}

func (p *person) id() string      { return strings.Join([]string{p.trigger, p.language, p.what}, "-") }
func (p *person) address() string { return p.id() + "@leipomo.example" }

// event is what leads to the person's survey.
func (p *person) event(k *kaiku) []byte {
	contract := map[string]any{"id": "K-" + p.id(), "startsOn": "2024-02-01"}
	data := map[string]any{"customer": map[string]any{"id": p.id()}, "contract": contract,
		"contacts": []any{map[string]any{"id": "P", "email": p.address(), "role": "decision_maker", "language": p.language}}}
	kind := "contract." + p.trigger
	switch p.trigger {
	case "annual":
		// A year old the day after tomorrow, and nothing since.
		contract["startsOn"] = k.now().AddDate(-1, 0, 2).Format(time.DateOnly)
		data["backfill"], kind = true, "contract.started"
	case "interaction":
		kind = "interaction.closed"
		data["interaction"] = map[string]any{"id": "T-" + p.id(), "contactId": "P"}
		delete(data, "contract")
	}
	return k.event(kind, data)
}

// triggersOfBrowsers are one of each kind, and the one with reasons; the other
// pages differ in nothing but the words of the question.
var triggersOfBrowsers = []string{"annual", "changed", "ended", "interaction"}

var languages = []string{"fi", "sv", "en"}

// peoplesPolicy lets every event of a person lead to a mail within four days.
const peoplesPolicy = oneMailEach + `rules:
  spread: 0d
answering:
  ask_feelings: true
  last_year:
    fi: Avasimme puhelimen lauantaiksi, koska moni teistä pyysi sitä.
    sv: Vi öppnade telefonen på lördagar, för många av er bad om det.
    en: We opened the phone on Saturdays, since many of you asked for it.
`

// invite gives every person their mail.
func invite(t testing.TB, policy string, people ...*person) *kaiku {
	t.Helper()
	k := start(t, local(t, sunday).withPolicy(t, policy))
	for _, p := range people {
		k.post("msg_"+p.id(), p.event(k))
	}
	k.advance(5 * day)
	mails := k.mails()
	for _, p := range people {
		at := slices.IndexFunc(mails, func(m mail) bool { return m.To[0] == p.address() })
		if at < 0 {
			t.Fatalf("%s got no mail; the timeline has %+v", p.id(), k.timeline(p.id()))
		}
		p.mail = mails[at]
	}
	return k
}

// one invites one person to a survey.
func one(t testing.TB, trigger, language string) (*kaiku, *person) {
	t.Helper()
	p := &person{trigger: trigger, language: language, what: "alone"}
	return invite(t, peoplesPolicy, p), p
}

// link is the mail's link of a score.
func (p *person) link(t testing.TB, score int) string {
	t.Helper()
	return fmt.Sprintf("%s?score=%d", p.mail.page(t), score)
}

// tapInMail opens the person's mail in the mailbox and taps a score in it.
func (k *kaiku) tapInMail(t testing.TB, b *browser.Tab, p *person, score int) {
	t.Helper()
	b.FromMail(k.base+"/local/mailbox/"+p.mail.MessageID, p.link(t, score))
}

// wantAnswer says that the person has one answer, this.
func wantAnswer(t testing.TB, k *kaiku, p *person, score int) {
	t.Helper()
	answers := of("answer", k.timeline(p.id()))
	if len(answers) != 1 || answers[0].Score == nil || *answers[0].Score != score {
		t.Errorf("%s: the timeline has the answers %+v, want one: %d", p.id(), answers, score)
	}
}

func wantNoAnswer(t testing.TB, k *kaiku, p *person) {
	t.Helper()
	if answers := of("answer", k.timeline(p.id())); len(answers) > 0 {
		t.Errorf("%s: the timeline has the answers %+v, want none", p.id(), answers)
	}
}

// What a page says of itself, as scripts for Until.
const (
	saved  = `document.querySelector('.note').textContent === document.querySelector('.note').dataset.saved`
	thanks = `!document.querySelector('.done').hidden && document.activeElement === document.querySelector('.done')`
	// of a page without scripts
	thanked = `document.querySelector('.done') && !document.querySelector('.done').hidden`
)

func checked(score int) string {
	return fmt.Sprintf(`document.querySelector('[name=score]:checked')?.value === '%d'`, score)
}

func radio(score int) string { return fmt.Sprintf(`[name=score][value="%d"]`, score) }

// sends presses the button and waits for the thanks; without scripts they come on
// another page, and this one may show them already.
func sends(b *browser.Tab, noScripts bool) {
	if !noScripts {
		b.Tap("button")
		b.Until(thanks)
		return
	}
	b.Run(`document.documentElement.id = 'before'`, nil)
	b.Tap("button")
	b.Until(`!document.documentElement.id && ` + thanked)
}

// wantAlone holds a tab to the budget of a page: one response under 20 KB, no
// request but the page and its posts, no cookie, and nothing that its own policy
// had to keep out.
func wantAlone(t testing.TB, b *browser.Tab, k *kaiku) {
	t.Helper()
	seen := b.Seen()
	if len(seen.Cookies) > 0 || len(seen.Troubles) > 0 {
		t.Errorf("cookies %v, troubles %q", seen.Cookies, seen.Troubles)
	}
	pages := 0
	for _, r := range seen.Traffic {
		if r.Bytes >= 20_000 {
			t.Errorf("%s has %d bytes", r.Method, r.Bytes)
		}
		if r.Method == "GET" {
			pages++
		}
		if !strings.HasPrefix(r.Address, k.base+"/s/") && !strings.HasPrefix(r.Address, k.base+"/u/") || r.Headers["set-cookie"] != "" {
			t.Errorf("it asked for %s %s, and got %v", r.Method, strings.ReplaceAll(r.Address, k.base, ""), r.Headers["set-cookie"])
		}
	}
	if pages != 1 {
		t.Errorf("it asked for %d pages, want one", pages)
	}
}
