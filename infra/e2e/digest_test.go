package e2e

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// reader is who gets the digests of these runs.
const reader = "johto@kaiku.example"

// withDigest is a policy that mails it, to two readers.
const withDigest = oneMailEach + "digest:\n  to: [" + reader + ", asiakkuus@kaiku.example]\n  language: en\n"

// digests are the mails to the reader, oldest first.
func (c *client) digests() []mail {
	c.t.Helper()
	var all []mail
	c.read(c.send(http.MethodGet, "/local/mailbox.json", nil, nil), &all)
	return slices.DeleteFunc(all, func(m mail) bool { return !slices.Contains(m.To, reader) })
}

// answerAll answers every survey that has none yet, in a fixed mix of scores.
func (k *kaiku) answerAll(answered map[string]bool) {
	k.t.Helper()
	for _, m := range k.mails() {
		if page := m.page(k.t); !answered[page] {
			scores := []int{10, 9, 9, 8, 7, 3}
			if m.kind(k.t) != "nps" {
				scores = []int{5, 4, 2}
			}
			score := scores[len(answered)%len(scores)]
			if a := k.form(page, url.Values{"score": {strconv.Itoa(score)}, "comment": {fmt.Sprintf("I gave %d.", score)}}); a.status != http.StatusOK {
				k.t.Fatalf("answering: %s", a)
			}
			answered[page] = true
		}
	}
}

func TestADigestComesAtTheFirstOpeningOfEachMonth(t *testing.T) {
	k := start(t, local(t, "2026-11-20T08:00:00+02:00").withPolicy(t, withDigest))
	if out := k.command("import", sample("contracts.csv")); !strings.Contains(out, "506 rows sent") {
		t.Fatalf("the import says %q", out)
	}
	helsinki := zone(t, "Europe/Helsinki")
	// The first of January is a holiday and the second a Saturday.
	openings := []string{"2026-12-01T09:00", "2027-01-04T09:00", "2027-02-01T09:00", "2027-03-01T09:00"}
	months := []string{"2026-11", "2026-12", "2027-01", "2027-02"}
	answered := map[string]bool{}
	for i, opening := range openings {
		at, err := time.ParseInLocation("2006-01-02T15:04", opening, helsinki)
		if err != nil {
			t.Fatal(err)
		}
		for look := k.now().Add(5 * day); look.Before(at.Add(-2 * time.Hour)); look = look.Add(5 * day) {
			k.turnTo(look)
			k.answerAll(answered)
		}
		k.turnTo(at.Add(-time.Minute))
		if n := len(k.digests()); n != i {
			t.Fatalf("a minute before %s there are %d digests, want %d", opening, n, i)
		}
		k.turnTo(at.Add(time.Second))
		digests := k.digests()
		if len(digests) != i+1 {
			t.Fatalf("at %s there are %d digests, want %d", opening, len(digests), i+1)
		}
		m := digests[i]
		if got := m.At.In(helsinki).Format("2006-01-02T15:04"); got != opening {
			t.Errorf("the digest of %s came at %s, want %s", months[i], got, opening)
		}
		k.wantDigest(m, months[i])
	}
	spoken := slices.ContainsFunc(k.digests(), func(m mail) bool { return strings.Contains(m.Text, "IN CUSTOMERS' WORDS") })
	if len(answered) < 50 || !spoken {
		t.Errorf("%d surveys were answered, and a comment was mailed: %t", len(answered), spoken)
	}
	k.wantCalmLog()
}

// wantDigest compares a digest with the report.
func (k *kaiku) wantDigest(m mail, month string) {
	t := k.t
	t.Helper()
	wants := []string{}
	var sent, delivered, answers int
	for _, r := range k.report("period=month&from=" + month + "&to=" + month) {
		sent, delivered, answers = sent+r.Sent, delivered+r.Delivered, answers+r.Answered
	}
	if sent > 0 {
		wants = append(wants, fmt.Sprintf("Surveys: %d sent, %d delivered, %d answered", sent, delivered, answers))
	}
	// The month itself is shown, so comments may be told as of it.
	months := k.report("kind=nps&period=month&from=" + month + "&to=" + month)
	if len(months) == 1 && months[0].Score != nil {
		wants = append(wants, "IN CUSTOMERS' WORDS", "“I gave 3.”\n  detractor · NPS\n* “I gave ", "promoter · NPS\n* “I gave ")
	} else if strings.Contains(m.Text, "“") {
		t.Errorf("the digest of %s has a comment, though the month is hidden:\n%s", month, m.Text)
	}
	year := month[:4]
	rows := k.report("kind=nps&period=year&from=" + year + "&to=" + year)
	if len(rows) != 1 {
		t.Fatalf("the report has %d rows of %s", len(rows), year)
	}
	if r := rows[0]; r.Score != nil {
		figure := strings.Replace(strconv.FormatFloat(math.Round(*r.Score), 'f', 0, 64), "-", "−", 1)
		wants = append(wants, "NPS in "+year, ": "+figure+"\n", fmt.Sprintf("%d answers to %d delivered", r.Answered, r.Delivered))
		if !strings.Contains(m.Subject, "NPS "+figure) {
			t.Errorf("the subject %q does not say %s", m.Subject, figure)
		}
	} else {
		wants = append(wants, "fewer than 5 answers")
	}
	for _, want := range wants {
		if !strings.Contains(m.Text, want) {
			t.Errorf("the digest of %s does not say %q:\n%s", month, want, m.Text)
		}
	}
	if m.Headers["Auto-Submitted"] != "auto-generated" || m.Headers["List-Unsubscribe"] != "" || len(m.To) != 2 {
		t.Errorf("to %v, headers %v", m.To, m.Headers)
	}
	link := urls.FindString(m.Text)
	if a := k.send(http.MethodGet, link, nil, nil); a.status != http.StatusOK || !strings.Contains(string(a.body), "NPS") {
		t.Errorf("the link of %s: %s", month, a)
	}
	if strings.Contains(m.Text, "%!") || strings.Contains(m.HTML, "%!") || !strings.Contains(m.HTML, `href="`) {
		t.Errorf("it is not whole:\n%s", m.Text)
	}
}

func TestTheLinkOfADigestOutlivesTheNextByAWeek(t *testing.T) {
	k := start(t, local(t, "2026-11-20T08:00:00+02:00").withPolicy(t, withDigest))
	k.post("msg_1", readSample(t, "webhook/contract.started.backfill.json"))
	k.post("msg_2", readSample(t, "webhook/contract.changed.json"))
	k.turnTo(time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC))
	digests := k.digests()
	if len(digests) != 1 {
		t.Fatalf("%d digests", len(digests))
	}
	link := urls.FindString(digests[0].Text)
	k.turnTo(time.Date(2027, 1, 11, 21, 59, 0, 0, time.UTC)) // a minute to midnight in Helsinki
	if a := k.send(http.MethodGet, link, nil, nil); a.status != http.StatusOK {
		t.Errorf("before: %d", a.status)
	}
	k.turnTo(time.Date(2027, 1, 11, 22, 1, 0, 0, time.UTC))
	if a := k.send(http.MethodGet, link, nil, nil); a.status != http.StatusGone {
		t.Errorf("after: %d", a.status)
	}
	k.turnTo(time.Date(2027, 2, 2, 8, 0, 0, 0, time.UTC))
	digests = k.digests()
	if len(digests) != 3 || !strings.Contains(digests[2].Text, "No surveys were sent.") {
		t.Errorf("of a month in which nothing was asked: %d digests, %s", len(digests), digests[len(digests)-1].Text)
	}
}

func TestNobodyGetsADigestBeforeTheFirstSurvey(t *testing.T) {
	k := start(t, local(t, "2026-11-20T08:00:00+02:00").withPolicy(t, withDigest))
	k.advance(100 * day)
	if n := len(k.digests()); n != 0 {
		t.Errorf("%d digests", n)
	}
}
