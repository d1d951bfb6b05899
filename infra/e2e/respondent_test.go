package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// lastAnswer is the one answer that the sample customer's timeline shows.
func lastAnswer(t testing.TB, k *kaiku) (score int) {
	t.Helper()
	answers := of("answer", k.timeline("C-1001"))
	if len(answers) != 1 || answers[0].Score == nil {
		t.Fatalf("the timeline has the answers %+v, want one", answers)
	}
	return *answers[0].Score
}

// wantPage says that an answer is a page for a person: the whole of it in one
// small response, without cookies or anybody else's things.
func wantPage(t testing.TB, what string, a answer, status int) {
	t.Helper()
	body := string(a.body)
	if a.status != status || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") || !strings.Contains(body, "<h1") {
		t.Errorf("%s: the answer is %s of %s, want a page of %d", what, a, a.header.Get("Content-Type"), status)
	}
	if len(a.body) > 20_000 || len(a.header.Values("Set-Cookie")) > 0 || strings.Contains(body, "http://") || strings.Contains(body, "https://") {
		t.Errorf("%s: the page has %d bytes, cookies %v, or a link to somewhere", what, len(a.body), a.header.Values("Set-Cookie"))
	}
}

func hasForm(a answer) bool { return strings.Contains(string(a.body), "<form") }

func TestAnAnswerCanBeRevisedForSevenDaysAndIsClosedThen(t *testing.T) {
	onEachStore(t, sunday, func(t *testing.T, env environment) {
		k, m := asked(t, env)
		a := k.answer(m, url.Values{"score": {"2"}})
		wantPage(t, "the first answer", a, http.StatusOK)
		if !hasForm(a) {
			t.Error("the page of thanks does not let the person add the why")
		}
		k.advance(3 * day)
		if a := k.answer(m, url.Values{"score": {"4"}, "comment": {"It was quick <script>alert(1)</script>"}}); a.status != http.StatusOK ||
			strings.Contains(string(a.body), "<script>alert") {
			t.Errorf("the revision: %s", a)
		}
		k.advance(4*day - time.Minute)
		k.scored(m, 5)
		if score := lastAnswer(t, k); score != 5 {
			t.Errorf("the answer is %d, want the latest, 5", score)
		}

		k.advance(2 * time.Minute)
		asking := k.send(http.MethodGet, m.page(t)+"?score=1", nil, nil)
		wantPage(t, "the closed page", asking, http.StatusOK)
		refused := k.answer(m, url.Values{"score": {"1"}})
		if refused.status >= http.StatusInternalServerError {
			t.Errorf("answering after seven days: %s", refused)
		}
		wantPage(t, "the closed page", refused, refused.status)
		if hasForm(asking) || hasForm(refused) {
			t.Error("a page that should say that it is closed has a form")
		}
		if score := lastAnswer(t, k); score != 5 {
			t.Errorf("the answer is %d after it was closed, want 5 as before", score)
		}
		k.advance(time.Hour)
		rows := k.report("kind=csat&period=year&from=2026&to=2026")
		if len(rows) != 1 || rows[0].Sent != 1 || rows[0].Answered != 1 {
			t.Errorf("the report has %+v, want one sent and one answered", rows)
		}
		k.wantCalmLog()
	})
}

func TestALinkOpensForThirtyDays(t *testing.T) {
	onEachStore(t, sunday, func(t *testing.T, env environment) {
		k, m := asked(t, env)
		k.advance(30*day - time.Minute)
		wantPage(t, "just before", k.send(http.MethodGet, m.page(t)+"?score=3", nil, nil), http.StatusOK)
		k.advance(2 * time.Minute)
		wantPage(t, "expired", k.send(http.MethodGet, m.page(t)+"?score=3", nil, nil), http.StatusGone)
		wantPage(t, "expired", k.answer(m, url.Values{"score": {"3"}}), http.StatusGone)
		if answers := of("answer", k.timeline("C-1001")); len(answers) > 0 {
			t.Errorf("an expired link took %+v", answers)
		}
		wantPage(t, "unsubscribing", k.form(m.unsubscribe(t), oneClick), http.StatusOK) // that holds for good
		k.wantCalmLog()
	})
}

func TestALinkThatIsNotOursIsAFriendlyPageThatSaysNothing(t *testing.T) {
	k, m := asked(t, local(t, sunday))
	before := k.everything("C-1001")
	for _, link := range []string{m.page(t), m.unsubscribe(t)} {
		cut := strings.LastIndex(link, "/") + 1
		path, token := link[:cut], link[cut:]
		foreign := map[string]string{
			"nothing":       path,
			"a short one":   path + "x",
			"cut":           path + token[:len(token)-1],
			"cut in half":   path + token[:len(token)/2],
			"longer":        path + token + "A",
			"cut by %27":    path + token[:len(token)-1] + "%27",
			"longer, a dot": path + token + "A.",
			"very long":     path + strings.Repeat("A", 4000),
			"twice":         path + token + token,
		}
		// Whatever single character is another one, the last with its spare bits too.
		for i := range token {
			other := byte('A')
			if token[i] == 'A' {
				other = 'B'
			}
			foreign["forged at "+string(rune('0'+i/10))+string(rune('0'+i%10))] = path + token[:i] + string(other) + token[i+1:]
		}
		last := token[len(token)-1]
		for _, other := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
			if byte(other) != last {
				foreign["with the end "+string(other)] = path + token[:len(token)-1] + string(other)
			}
		}
		if strings.Contains(path, "/s/") {
			foreign["of the other page"] = strings.Replace(link, "/s/", "/u/", 1)
		} else {
			foreign["of the other page"] = strings.Replace(link, "/u/", "/s/", 1)
		}
		var page string
		for what, address := range foreign {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				a := k.send(method, address, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, []byte("score=1"))
				if what = method + " " + what; a.status != http.StatusNotFound {
					t.Errorf("%s: %d, want 404", what, a.status)
					continue
				}
				wantPage(t, what, a, http.StatusNotFound)
				if hasForm(a) || strings.Contains(string(a.body), "Kaiku Palvelut") {
					t.Errorf("%s: the page has a form or says who asks", what)
				}
				if page == "" {
					page = string(a.body)
				}
				if string(a.body) != page {
					t.Errorf("%s: the page is another than for other links", what)
				}
			}
		}
	}
	if after := k.everything("C-1001"); after != before {
		t.Errorf("it was\n%s\nand is\n%s", before, after)
	}
	k.wantCalmLog()
}

// Filters and mail programs add to links; their person still gets the page.
func TestALinkThatWasAddedToStillOpensAndAnswers(t *testing.T) {
	onEachStore(t, sunday, func(t *testing.T, env environment) {
		k, m := asked(t, env)
		for _, added := range []string{"=", "%3D", "%27", "/track", ".", "%00", "%20", ")", ";amp", "%FF"} {
			wantPage(t, "added "+added, k.send(http.MethodGet, m.page(t)+added+"?score=4", nil, nil), http.StatusOK)
			wantPage(t, "added "+added, k.form(m.page(t)+added, url.Values{"score": {"4"}}), http.StatusOK)
			wantPage(t, "added "+added, k.send(http.MethodGet, m.unsubscribe(t)+added, nil, nil), http.StatusOK)
		}
		if score := lastAnswer(t, k); score != 4 {
			t.Errorf("the answer is %d, want 4", score)
		}
		k.wantCalmLog()
	})
}

func TestAScoreOffTheScaleIsAskedForAgain(t *testing.T) {
	onEachStore(t, sunday, func(t *testing.T, env environment) {
		k, m := asked(t, env)
		for _, score := range []string{"", "0", "6", "10", "-1", "4.5", "5 ", "five", "٣", "99999999999999999999"} {
			a := k.answer(m, url.Values{"score": {score}, "comment": {"kept in the box"}})
			wantPage(t, "score "+score, a, http.StatusUnprocessableEntity)
			if !hasForm(a) || !strings.Contains(string(a.body), "kept in the box") {
				t.Errorf("score %q: the page comes without the form or what was typed", score)
			}
		}
		wantPage(t, "no score", k.answer(m, url.Values{"comment": {"only words"}}), http.StatusUnprocessableEntity)
		wantPage(t, "an open page", k.send(http.MethodGet, m.page(t)+"?score=6", nil, nil), http.StatusOK)
		if answers := of("answer", k.timeline("C-1001")); len(answers) > 0 {
			t.Errorf("the timeline has %+v", answers)
		}
		k.wantCalmLog()
	})
}

func TestWhoUnsubscribesIsNotAskedAgain(t *testing.T) {
	onEachStore(t, sunday, func(t *testing.T, env environment) {
		k, m := asked(t, env)
		k.advance(15 * day)
		ended := planned(t, k.post("msg_end", k.event("contract.ended", sampleContract())))

		for range 2 { // twice is fine
			wantPage(t, "unsubscribing", k.form(m.unsubscribe(t), oneClick), http.StatusOK)
		}
		k.turnTo(ended.SendAt.Add(day))
		if mails := k.mails(); len(mails) > 1 && !mails[1].At.Before(ended.SendAt) {
			t.Errorf("a survey planned before was mailed: %+v", mails[1].Subject)
		}
		wantCancelled(t, k, ended.Invitation, "unsubscribed")

		k.advance(60 * day)
		r := k.post("msg_start", k.event("contract.started", map[string]any{"customer": map[string]any{"id": "C-1001"},
			"contract": map[string]any{"id": "K-99", "startsOn": k.now().Format(time.DateOnly)}}))
		if len(r.Decisions) != 1 || r.Decisions[0].Outcome != "suppressed" || r.Decisions[0].Rule != "unsubscribed" {
			t.Errorf("the decision is %+v, want suppressed by unsubscribed", r.Decisions)
		}
		k.wantCalmLog()
	})
}

// wantCancelled says that an invitation was cancelled by a rule, once.
func wantCancelled(t testing.TB, k *kaiku, invitation, rule string) {
	t.Helper()
	n := 0
	for _, l := range k.timeline("C-1001") {
		if l.What == "decision" && l.Invitation == invitation && l.Outcome == "cancelled" {
			if n++; l.Rule != rule || l.Because[rule] == nil {
				t.Errorf("it was cancelled by %q because of %v, want %s", l.Rule, l.Because, rule)
			}
		}
		if l.What == "mail" && l.Invitation == invitation {
			t.Errorf("it was mailed: %+v", l)
		}
	}
	if n != 1 {
		t.Errorf("it was cancelled %d times, want once", n)
	}
}

func TestAnAddressThatBouncesIsNotAskedAgain(t *testing.T) {
	onEachStore(t, sunday, func(t *testing.T, env environment) {
		k, m := asked(t, env)
		for range 2 { // SES may tell twice
			k.fate(m, "Bounce", "Permanent")
		}
		// What bounced does not count as asked: nothing but the address speaks
		// against the next survey.
		r := k.post("msg_end", k.event("contract.ended", sampleContract()))
		if len(r.Decisions) != 1 || r.Decisions[0].Rule != "undeliverable" || len(r.Decisions[0].Rules) != 1 {
			t.Errorf("the decision is %+v, want suppressed by undeliverable alone", r.Decisions)
		}
		k.advance(time.Hour)
		if rows := k.report("kind=csat&period=year&from=2026&to=2026"); len(rows) != 1 || rows[0].Sent != 1 || rows[0].Delivered != 0 || rows[0].Bounced != 1 {
			t.Errorf("the report has %+v, want one sent and bounced, none delivered", rows)
		}
		k.wantCalmLog()
	})
}

func TestAnAddressIsGivenUpAfterThreeBouncesForNow(t *testing.T) {
	k := start(t, local(t, sunday).withPolicy(t, oneMailEach+"rules:\n  address_cooldown: 0d\n  cooldown: 0d\n  address_cap: 24\n  customer_cap: 24\n"))
	for n, rule := range []string{"", "", "", "undeliverable"} {
		r := k.post("msg_"+string(rune('a'+n)), k.event("contract.changed", map[string]any{
			"customer": map[string]any{"id": "C-1001"}, "contract": map[string]any{"id": "K-55", "startsOn": "2024-02-01"},
			"contacts": []any{map[string]any{"id": "P-1", "email": "maija@leipomo.example"}}}))
		if len(r.Decisions) != 1 || r.Decisions[0].Rule != rule {
			t.Fatalf("after %d bounces the decision is %+v, want rule %q", n, r.Decisions, rule)
		}
		if rule != "" {
			continue
		}
		k.turnTo(r.Decisions[0].SendAt)
		mails := k.mails()
		k.fate(mails[len(mails)-1], "Bounce", "Transient")
	}
	k.wantCalmLog()
}

func TestWhoCallsItSpamIsNotAskedAgain(t *testing.T) {
	k, m := asked(t, local(t, sunday))
	k.fate(m, "Complaint", "")
	k.advance(15 * day)
	r := k.post("msg_end", k.event("contract.ended", sampleContract()))
	if len(r.Decisions) != 1 || r.Decisions[0].Rule != "unsubscribed" {
		t.Errorf("the decision is %+v, want suppressed by unsubscribed", r.Decisions)
	}
	k.wantCalmLog()
}
