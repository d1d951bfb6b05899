package e2e

import (
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The year of the sample programme, as events/README.md describes it.
var (
	yearBegins = time.Date(2026, time.November, 20, 6, 0, 0, 0, time.UTC)
	yearEnds   = time.Date(2027, time.November, 20, 14, 0, 0, 0, time.UTC) // after the last event
)

// yearGuard is how long the year may take; it takes some seconds, and only a
// fault in what its cost follows makes it minutes.
const yearGuard = time.Minute

// loaded is a run into which the sample programme has just been imported.
func loaded(t testing.TB) *history {
	t.Helper()
	k := start(t, local(t, yearBegins.Format(time.RFC3339)).withPolicy(t, oneMailEach))
	begun := time.Now()
	if out := k.command("import", sample("contracts.csv")); !strings.Contains(out, "506 rows sent, 0 of them known already, 0 refused") {
		t.Fatalf("the import says %q", out)
	}
	h := &history{kaiku: k, begun: begun, from: yearBegins, programme: imported(t, yearBegins), receipts: map[string]receipt{},
		scores: map[string]int{}, bounced: map[string]bool{}, left: map[string]time.Time{}}
	if n := len(h.programme.firms); n != 347 {
		t.Fatalf("the file has %d customers, want 347", n)
	}
	return h
}

func TestAYearOfAProgrammeEqualsItsRecount(t *testing.T) {
	h := loaded(t)
	people := &respondents{history: h, seen: map[string]*respondent{}}
	look := yearBegins
	for _, e := range theYear(t) {
		for ; look.Before(e.Timestamp); look = look.Add(people.pause()) {
			h.turnTo(look)
			people.answer()
		}
		h.turnTo(e.Timestamp)
		h.receipts[e.ID] = h.post(e.ID, e.body)
		h.events = append(h.events, e)
	}
	h.turnTo(yearEnds)
	h.advance(time.Hour) // so that all of it has been counted
	h.to = h.now()
	t.Logf("the year took %v, %d mails and %d answers", time.Since(h.begun).Round(10*time.Millisecond), len(h.mails()), len(h.scores))
	if took := time.Since(h.begun); took > yearGuard {
		t.Errorf("the year took %v, want under %v", took, yearGuard)
	}

	scores := maps.Clone(h.scores)
	r := h.recount()
	r.wantApart()
	why := r.wantEverybodyAskedOnce()
	t.Logf("the annual survey of the %d customers: %v", len(r.firms), why)
	if why["asked"] < 200 || len(scores) < 100 || len(h.bounced) == 0 || len(h.left) == 0 {
		t.Errorf("too little happened in this year to say anything: %v, %d answers, %d bounces, %d unsubscribed", why, len(scores), len(h.bounced), len(h.left))
	}
	wantFiguresOf(t, h.kaiku, r.sent)
	r.wantCoverageOf(h.to)
	r.wantRetentionOf(people, scores)
	h.wantAnswersOf(r.sent, scores)
	reasons := h.wantReasonsTrue(slices.Collect(maps.Keys(r.firms)), oneMailEach)
	t.Logf("reasons of the year that the timelines bear out: %v", reasons)
	rare := rareRules(t)
	t.Logf("and of the rare rules: %v", rare)
	for _, rule := range everyRule {
		if reasons[rule]+rare[rule] == 0 {
			t.Errorf("the rule %s never said no: nothing tells whether its reasons are true", rule)
		}
	}
	h.wantCalmLog()
}

func TestAYearWithoutEventsAsksEverybodyOnce(t *testing.T) {
	h := loaded(t)
	h.turnTo(yearBegins.Add(366 * day))
	h.to = h.now()
	t.Logf("the year took %v, %d mails", time.Since(h.begun).Round(10*time.Millisecond), len(h.mails()))

	r := h.recount()
	r.wantApart()
	why := r.wantEverybodyAskedOnce()
	t.Logf("the annual survey of the %d customers: %v", len(r.firms), why)
	if why["asked"] < 250 {
		t.Errorf("too few were asked to say anything")
	}
	for _, s := range r.sent {
		if s.kind != "nps" {
			t.Errorf("%s: a mail on %q, though nothing happened", s.firm, s.trigger)
		}
	}
	for id, f := range r.firms {
		asked := slices.ContainsFunc(r.sent, func(s *sent) bool { return s.firm == id })
		if may := f.inAudience() && f.hasAddress(); asked && !may {
			t.Errorf("%s: asked, though outside the audience or without an address", id)
		}
	}
	wantSpread(t, r.sent)
	wantFiguresOf(t, h.kaiku, r.sent)
	r.wantCoverageOf(h.to)
	h.wantCalmLog()
}

// wantSpread says that one import does not send everything on one day.
func wantSpread(t testing.TB, all []*sent) {
	t.Helper()
	perDay := map[string]int{}
	for _, s := range all {
		perDay[s.mail.At.Format(time.DateOnly)]++
	}
	for day, n := range perDay {
		if n > len(all)/10 {
			t.Errorf("%d of %d mails went out on %s", n, len(all), day)
		}
	}
}

// respondents are the people who get the mails. What each does is drawn by lot
// from the mail's recipient and day, the same in every run.
type respondents struct {
	*history
	seen  map[string]*respondent // by message id
	looks int
}

// pause is how long it is until people look at their mail again: a few days, then
// longer than an answer can be revised. No round number of days, so that nothing
// is as old as a limit to the second.
func (r *respondents) pause() time.Duration {
	if r.looks++; r.looks%2 == 0 {
		return 12*day + 5*time.Hour + 41*time.Minute
	}
	return 3*day + 7*time.Hour + 13*time.Minute
}

// respondent is what somebody does with a mail.
type respondent struct {
	mail    mail
	lot     *rand.Rand
	answers bool
	bounces bool
	leaves  bool
	after   time.Duration // from the mail to the answer
	revises int           // how often it is tried
	first   time.Time     // when the answer was given
	done    bool
	kind    string
}

// drawn is the lot of somebody.
func drawn(t testing.TB, m mail) *respondent {
	h := fnv.New64a()
	_, _ = h.Write([]byte(m.To[0] + m.At.Format(time.DateOnly) + m.Subject))
	lot := rand.New(rand.NewPCG(h.Sum64(), 1))
	p := &respondent{mail: m, lot: lot, kind: m.kind(t)}
	switch draw := lot.IntN(100); {
	case draw < 3:
		p.bounces = true
	case draw < 6:
		p.leaves = true
	case draw < 60:
		p.answers, p.after = true, time.Duration(lot.IntN(int(25*day)))
	}
	if p.answers && lot.IntN(3) == 0 {
		p.revises = 1 + lot.IntN(2)
	}
	return p
}

// answer has everybody do by now what their lot says.
func (r *respondents) answer() {
	for _, m := range r.mails() {
		p := r.seen[m.MessageID]
		if p == nil {
			p = drawn(r.t, m)
			r.seen[m.MessageID] = p
		}
		switch {
		case p.bounces && !p.done:
			r.fate(m, "Bounce", "Permanent")
			r.bounced[m.MessageID], p.done = true, true
		case p.leaves && !p.done:
			if a := r.form(m.unsubscribe(r.t), oneClick); a.status != http.StatusOK {
				r.t.Errorf("unsubscribing: %d", a.status)
			}
			if at, before := r.left[m.To[0]]; !before || at.After(r.now()) {
				r.left[m.To[0]] = r.now()
			}
			p.done = true
		case p.answers && !p.done && r.now().Sub(m.At) > p.after:
			r.given(p)
		}
	}
}

// given gives an answer, revises it, or comes too late to.
func (r *respondents) given(p *respondent) {
	low, high := scales[p.kind][0], scales[p.kind][1]
	score := low + p.lot.IntN(high-low+1)
	if p.kind == "nps" && p.lot.IntN(3) > 0 {
		score = 7 + p.lot.IntN(4)
	}
	fields := url.Values{"score": {strconv.Itoa(score)}}
	if p.lot.IntN(3) == 0 {
		fields.Set("comment", "Hyvin meni, kiitos. ”"+strconv.Itoa(score)+"”")
	}
	now := r.now()
	const doubt = time.Minute // too near to a limit to tell on which side it is
	a := r.form(p.mail.page(r.t), fields)
	switch age := now.Sub(p.mail.At); {
	case (age-30*day).Abs() < doubt || !p.first.IsZero() && (now.Sub(p.first)-7*day).Abs() < doubt:
		r.t.Fatal("the lots of this year fall too near to a limit")
	case age > 30*day:
		p.done = true
		if a.status != http.StatusGone {
			r.t.Errorf("an answer after %v: %d", age, a.status)
		}
		return
	case !p.first.IsZero() && now.Sub(p.first) > 7*day:
		p.done = true
		if a.status == http.StatusOK && hasForm(a) {
			r.t.Errorf("a revision after %v was taken", now.Sub(p.first))
		}
		return
	case a.status != http.StatusOK:
		r.t.Errorf("an answer after %v: %d", age, a.status)
		return
	}
	r.scores[p.mail.MessageID] = score
	if p.first.IsZero() {
		p.first = now
	}
	p.done = p.revises == 0
	p.revises--
}
