package e2e

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// sunday is when the tests of one event begin: five minutes after the sample
// change of a contract happened.
const sunday = "2026-11-22T08:05:00Z"

// changed is when the sample change happened.
var changed = time.Date(2026, time.November, 22, 8, 0, 0, 0, time.UTC)

// planned is the one decision of a receipt, which must be to ask.
func planned(t testing.TB, r receipt) decision {
	t.Helper()
	if len(r.Decisions) != 1 || r.Decisions[0].Outcome != "planned" || r.Decisions[0].Rule != "" || r.Duplicate {
		t.Fatalf("the answer is %+v, want one decision: planned", r)
	}
	return r.Decisions[0]
}

// asked is a run in which the sample customer has just been asked about the
// change of its contract, and the mail.
func asked(t testing.TB, env environment) (*kaiku, mail) {
	t.Helper()
	k := start(t, env)
	d := planned(t, k.post("msg_change", readSample(t, "webhook/contract.changed.json")))
	k.turnTo(d.SendAt)
	return k, k.onlyMail()
}

func TestAChangeOfAContractLeadsToOneMailAndOneReportedAnswer(t *testing.T) {
	onEachStore(t, sunday, func(t *testing.T, env environment) {
		k := start(t, env.with("LOG_LEVEL", "debug"))
		d := planned(t, k.post("msg_change", readSample(t, "webhook/contract.changed.json")))
		if d.Customer != "C-1001" || d.Kind != "csat" || d.Trigger != "changed" || d.Contact != "P-1" || d.Invitation == "" || d.Policy == "" {
			t.Errorf("the decision is %+v", d)
		}
		if d.SendAt.Before(changed.Add(3*day)) || !open(d.SendAt, zone(t, "Europe/Helsinki")) {
			t.Errorf("it is to be sent at %v, want three days after %v at the earliest, and in the opening hours", d.SendAt, changed)
		}

		k.advance(71 * time.Hour)
		if mails := k.mails(); len(mails) != 0 {
			t.Fatalf("after 71 hours the mailbox has %d mails", len(mails))
		}
		k.turnTo(d.SendAt)
		m := k.onlyMail()
		if !slices.Equal(m.To, []string{"maija@leipomo.example"}) || m.At.Before(d.SendAt) || m.At.Sub(d.SendAt) > time.Minute {
			t.Errorf("it went to %v at %v, want to maija@leipomo.example at %v", m.To, m.At, d.SendAt)
		}
		wantWholeMail(t, m)

		k.scored(m, 4)
		k.advance(time.Hour)
		answers := of("answer", k.timeline("C-1001"))
		if len(answers) != 1 || answers[0].Score == nil || *answers[0].Score != 4 || answers[0].Class != "satisfied" {
			t.Errorf("the timeline has the answers %+v, want one: 4, satisfied", answers)
		}
		for query, want := range map[string]row{
			"by=all&period=month&from=2026-01&to=2026-12":     {By: "all", Value: "all", Period: "2026-11"},
			"by=size&period=month&from=2026-01&to=2026-12":    {By: "size", Value: "small", Period: "2026-11"},
			"by=trigger&period=month&from=2026-01&to=2026-12": {By: "trigger", Value: "changed", Period: "2026-11"},
			"by=all&period=year&from=2026-01&to=2026-12":      {By: "all", Value: "all", Period: "2026"},
			"by=size&period=year&from=2026&to=2026":           {By: "size", Value: "small", Period: "2026"},
			"by=trigger&period=year&from=2026&to=2026":        {By: "trigger", Value: "changed", Period: "2026"},
		} {
			rows := k.report("kind=csat&" + query)
			if len(rows) != 1 {
				t.Errorf("%s: %d rows, want one: %+v", query, len(rows), rows)
				continue
			}
			r := rows[0]
			if r.Kind != "csat" || r.By != want.By || r.Value != want.Value || r.Period != want.Period || r.Sent != 1 || r.Delivered != 1 || r.Answered != 1 {
				t.Errorf("%s: the row is %+v, want one sent, delivered and answered of %s in %s", query, r, want.Value, want.Period)
			}
			if !r.Hidden || len(r.Counts) != 0 || r.Score != nil {
				t.Errorf("%s: the row %+v shows what a single person answered", query, r)
			}
		}
		if rows := k.report("kind=nps&from=2026&to=2026"); len(rows) != 0 {
			t.Errorf("there are figures of NPS: %+v", rows)
		}
		k.wantNothingPersonalLogged(m)
	})
}

// wantWholeMail says that a mail has everything that the specification asks for.
func wantWholeMail(t testing.TB, m mail) {
	t.Helper()
	page, scores := m.scores(t, m.Text)
	if want := []int{1, 2, 3, 4, 5}; !slices.Equal(scores, want) {
		t.Errorf("the text has links with the scores %v, want %v", scores, want)
	}
	if pageOfHTML, scoresOfHTML := m.scores(t, m.HTML); pageOfHTML != page || !slices.Equal(scoresOfHTML, scores) {
		t.Errorf("the HTML leads elsewhere than the text: %v", scoresOfHTML)
	}
	if m.Headers["List-Unsubscribe-Post"] != "List-Unsubscribe=One-Click" || m.Headers["List-Id"] == "" || m.Headers["Reply-To"] == "" {
		t.Errorf("the headers are %v", m.Headers)
	}
	for _, body := range []string{m.HTML, m.Text} {
		if !strings.Contains(body, m.unsubscribe(t)) {
			t.Error("a body has no link to unsubscribe")
		}
	}
	if m.Subject == "" || m.From == "" || strings.Contains(m.HTML, "<img") {
		t.Errorf("subject %q, sender %q, or an image in the mail", m.Subject, m.From)
	}
}

// wantNothingPersonalLogged says that the log, at its most talkative, holds
// nothing that it must not, and no trouble.
func (k *kaiku) wantNothingPersonalLogged(m mail) {
	k.t.Helper()
	log := k.logged()
	page := m.page(k.t)
	for what, secret := range map[string]string{"an address": m.To[0], "a name": "Lahtinen", "a token": page[strings.LastIndex(page, "/"):],
		"the report token": reportToken, "the webhook secret": strings.TrimPrefix(webhookSecret, "whsec_")} {
		if strings.Contains(log, secret) {
			k.t.Errorf("the log holds %s", what)
		}
	}
	for _, trouble := range []string{"level=ERROR", "level=WARN"} {
		if strings.Contains(log, trouble) {
			k.t.Errorf("the log has %s:\n%s", trouble, log)
		}
	}
}

func TestOpeningTheLinksOfAMailChangesNothing(t *testing.T) {
	onEachStore(t, sunday, func(t *testing.T, env environment) {
		k, m := asked(t, env)
		k.advance(time.Hour) // so that all of it has been counted
		before := k.everything("C-1001")
		links := m.links()
		if want := 6; len(links) != want {
			t.Errorf("the mail has %d links, want %d: five scores and one to unsubscribe: %v", len(links), want, links)
		}
		for _, link := range links {
			for _, method := range []string{http.MethodHead, http.MethodGet, http.MethodHead, http.MethodGet} {
				a := k.send(method, link, http.Header{"User-Agent": {"a mail scanner"}}, nil)
				if a.status != http.StatusOK {
					t.Errorf("%s answers %d", method, a.status)
				}
				if len(a.header.Values("Set-Cookie")) > 0 {
					t.Error("a page sets a cookie")
				}
				if method == http.MethodHead && len(a.body) > 0 || method == http.MethodGet && !strings.Contains(string(a.body), "<form") {
					t.Errorf("%s answers %q", method, a.body)
				}
			}
		}
		if after := k.everything("C-1001"); after != before {
			t.Errorf("it was\n%s\nand is\n%s", before, after)
		}
		k.advance(time.Hour)
		if after := k.everything("C-1001"); after != before {
			t.Errorf("an hour later: it was\n%s\nand is\n%s", before, after)
		}
		if rows := k.report("kind=csat&period=year&from=2026&to=2026"); len(rows) != 1 || rows[0].Answered != 0 {
			t.Errorf("the report has %+v, want nothing answered", rows)
		}

		k.advance(15 * day)                                                        // an address is not asked twice within two weeks
		planned(t, k.post("msg_end", k.event("contract.ended", sampleContract()))) // nobody has unsubscribed
		k.wantCalmLog()
	})
}

// sampleContract names the contract of the sample customer that was changed.
func sampleContract() map[string]any {
	return map[string]any{"customer": map[string]any{"id": "C-1001"}, "contract": map[string]any{"id": "K-55"}}
}

func TestTheSameEventAgainAnswersTheSameAndChangesNothing(t *testing.T) {
	onEachStore(t, sunday, func(t *testing.T, env environment) {
		k := start(t, env)
		body := readSample(t, "webhook/contract.changed.json")
		first, err := k.tryPost("msg_change", body)
		if err != nil || first.status != http.StatusAccepted {
			t.Fatalf("%s, error %v", first, err)
		}
		again := func(when string) {
			t.Helper()
			before := k.everything("C-1001")
			second, err := k.tryPost("msg_change", body)
			if err != nil || second.status != http.StatusOK {
				t.Fatalf("%s: %s, error %v, want 200", when, second, err)
			}
			var one, two map[string]json.RawMessage
			k.read(first, &one)
			k.read(second, &two)
			if string(one["decisions"]) != string(two["decisions"]) || string(two["duplicate"]) != "true" || string(one["duplicate"]) == "true" {
				t.Errorf("%s: the answer is %s, at first it was %s", when, second, first)
			}
			if after := k.everything("C-1001"); after != before {
				t.Errorf("%s: it was\n%s\nand is\n%s", when, before, after)
			}
		}
		again("at once")
		k.advance(3*day + 2*time.Hour)
		k.onlyMail()
		again("when it was mailed")
		k.advance(3*day + 20*time.Hour)
		again("on the seventh day")
		k.onlyMail()
		if n := len(of("event", k.timeline("C-1001"))); n != 1 {
			t.Errorf("the timeline has %d events, want one", n)
		}

		k.advance(2 * day)
		if r := k.post("msg_change", body); len(r.Decisions) != 1 || r.Decisions[0].Outcome != "suppressed" || r.Decisions[0].Rule != "cooldown" {
			t.Errorf("after nine days the id is a new one, and the answer %+v; want suppressed by cooldown", r)
		}
		k.wantCalmLog()
	})
}

func TestEventsAreTakenFromASenderWithTheOldSecretToo(t *testing.T) {
	k := start(t, local(t, sunday))
	body := readSample(t, "webhook/contract.changed.json")
	a := k.send(http.MethodPost, eventsPath, signed(t, oldWebhookSecret, "msg_change", k.now(), body), body)
	if a.status != http.StatusAccepted {
		t.Errorf("the answer is %s, want 202", a)
	}
}
