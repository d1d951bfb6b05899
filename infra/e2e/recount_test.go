package e2e

import (
	"cmp"
	"maps"
	"slices"
	"testing"
	"time"
)

// history is all that can be seen of a run from outside, and what was done to it.
type history struct {
	*kaiku
	begun     time.Time // by the machine's clock
	from, to  time.Time
	programme *programme // as it was loaded
	events    []told     // that were posted
	receipts  map[string]receipt
	scores    map[string]int  // of what was answered in the end, by message id
	bounced   map[string]bool // by message id
	left      map[string]time.Time
}

// sent is one survey that was mailed, with the facts of its customer then.
type sent struct {
	*ask
	mail                   mail
	size, region, language string
	score                  *int
	bounced                bool
}

// recount goes through the timelines of all customers in the order of time, and
// holds each decision and each mail against what the files, the rules and the
// calendar say it must be. It returns every survey that was sent.
type recount struct {
	t   testing.TB
	run *history
	*memory
	mails  []mail // that no timeline has told of yet
	sent   []*sent
	event  map[string]told          // by id
	latest map[string]line          // the latest event, by customer
	annual map[string][]line        // the annual decisions, by customer
	offset map[string]time.Duration // of the annual survey from the anniversary
	until  map[string]time.Time     // to when an annual survey is put off
}

// step is one entry of somebody's timeline, or something that the test did.
type step struct {
	line
	firm        string
	unsubscribe string
}

// order is what comes first of what has one and the same time.
func (s step) order() int {
	switch {
	case s.unsubscribe != "":
		return 0
	case s.What == "event":
		return 1
	case s.Outcome == "cancelled":
		return 2
	case s.Outcome == "planned":
		return 3
	case s.What == "decision":
		return 4
	}
	return 5
}

func (h *history) recount() *recount {
	h.t.Helper()
	r := &recount{t: h.t, run: h, memory: &memory{programme: h.programme, unsubscribed: map[string]bool{}, undeliverable: map[string]bool{}},
		mails: h.mails(), event: map[string]told{}, latest: map[string]line{}, annual: map[string][]line{},
		offset: map[string]time.Duration{}, until: map[string]time.Time{}}
	ids := slices.Collect(maps.Keys(h.programme.firms))
	for _, e := range h.events {
		r.event[e.ID] = e
		ids = append(ids, e.customer())
	}
	slices.Sort(ids)
	var steps []step
	for _, id := range slices.Compact(ids) {
		for _, l := range h.timeline(id) {
			steps = append(steps, step{line: l, firm: id})
		}
	}
	for address, at := range h.left {
		s := step{unsubscribe: address}
		s.At = at
		steps = append(steps, s)
	}
	slices.SortStableFunc(steps, func(a, b step) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.order(), b.order())) })
	for _, s := range steps {
		r.take(s)
	}
	r.wantNothingLeftOver()
	r.wantEveryAnniversary()
	return r
}

func (r *recount) take(s step) {
	r.t.Helper()
	switch {
	case s.unsubscribe != "":
		r.unsubscribed[s.unsubscribe] = true
	case s.What == "event":
		r.takeEvent(s)
	case s.What == "decision" && s.Outcome == "cancelled":
		r.cancelled(s)
	case s.What == "decision":
		r.decided(s)
	case s.What == "mail":
		r.mailed(s)
	case s.What == "answer":
		r.answered(s)
	default:
		r.t.Errorf("%s: the timeline has an entry %q", s.firm, s.What)
	}
}

func (r *recount) takeEvent(s step) {
	e, ours := r.event[s.ID]
	if !ours {
		if s.At.Sub(r.run.from) > time.Hour {
			r.t.Errorf("%s: nobody posted the event %s", s.firm, s.ID)
		}
		return // of the import
	}
	if s.Event != e.Type || !s.Happened.Equal(e.Timestamp) {
		r.t.Errorf("%s: the timeline has %s of %v, posted was %s of %v", s.firm, s.Event, s.Happened, e.Type, e.Timestamp)
	}
	delete(r.event, s.ID)
	r.programme.take(e, s.At)
	r.latest[s.firm] = s.line
	if e.Type == "customer.surveyed" {
		r.asks = append(r.asks, &ask{kind: e.Data.Survey.Kind, trigger: "external", at: e.Data.Survey.At, firm: s.firm})
	}
	want := 0
	if e.trigger() != "" {
		want = 1
	}
	if got := r.run.receipts[e.ID].Decisions; len(got) != want {
		r.t.Errorf("%s: the answer to %s had %d decisions, want %d", s.firm, e.ID, len(got), want)
	}
}

// decided holds a decision against the rules.
func (r *recount) decided(s step) {
	f := r.firms[s.firm]
	on := occasion{trigger: s.Trigger, at: s.At}
	var e told
	if s.Trigger == "annual" {
		r.due(f, s)
	} else {
		last := r.latest[s.firm]
		e = r.posted(last.ID)
		if !last.At.Equal(s.At) || e.trigger() != s.Trigger {
			r.t.Errorf("%s: a decision on %q of %v that follows on no event", s.firm, s.Trigger, s.At)
			return
		}
		on.at, on.contact = e.Timestamp, e.Data.Interaction.ContactID
		receipt := r.run.receipts[e.ID].Decisions
		if len(receipt) == 1 && (receipt[0].Outcome != s.Outcome || receipt[0].Rule != s.Rule || receipt[0].Invitation != s.Invitation || !receipt[0].SendAt.Equal(s.SendAt)) {
			r.t.Errorf("%s: the answer to %s was %+v, the timeline has %+v", s.firm, e.ID, receipt[0], s.decision)
		}
	}
	want := r.decide(f, on, s.At)
	first := ""
	if len(want.rules) > 0 {
		first = want.rules[0]
	}
	if s.Kind != kinds[s.Trigger] || s.Outcome != want.outcome || s.Rule != first || !slices.Equal(s.Rules, want.rules) ||
		!s.SendAt.Equal(want.sendAt) || !s.Until.Equal(want.until) || s.Contact != want.contact {
		r.t.Errorf("%s: the decision of %v on %q was\n%+v\nby the rules it is\n%+v", s.firm, s.At, s.Trigger, s.decision, want)
	}
	for _, rule := range s.Rules {
		if len(s.Because[rule]) == 0 {
			r.t.Errorf("%s: the decision does not say why %s", s.firm, rule)
		}
	}
	if s.Outcome != "planned" && e.Type != "contract.ended" {
		return
	}
	for _, a := range r.asks {
		if a.firm == s.firm && a.contract != "" && a.contract == e.contract() && a.planned && !a.sent {
			r.t.Errorf("%s: %s replaces the survey %s that is not sent, which was not cancelled", s.firm, e.ID, a.invitation)
		}
	}
	if s.Outcome == "planned" {
		r.asks = append(r.asks, &ask{kind: s.Kind, trigger: s.Trigger, at: s.SendAt, invitation: s.Invitation, firm: s.firm,
			contact: s.Contact, contract: e.contract(), address: f.contacts[s.Contact].email, planned: true})
	}
}

// posted is an event that was posted.
func (r *recount) posted(id string) told {
	if i := slices.IndexFunc(r.run.events, func(e told) bool { return e.ID == id }); i >= 0 {
		return r.run.events[i]
	}
	return told{}
}

// due holds the time of an annual decision against the calendar: the anniversary
// of the oldest contract and 0 to 28 days that are fixed for the customer, or
// the day to which it was put off.
func (r *recount) due(f *firm, s step) {
	r.annual[f.id] = append(r.annual[f.id], s.line)
	until, put := r.until[f.id]
	delete(r.until, f.id)
	if s.Outcome == "postponed" {
		r.until[f.id] = s.Until
		if !s.Until.After(s.At) {
			r.t.Errorf("%s: put off from %v to %v", f.id, s.At, s.Until)
		}
	}
	if put {
		if !near(s.At, until) {
			r.t.Errorf("%s: put off to %v, but decided at %v", f.id, until, s.At)
		}
		return
	}
	loc := f.zone(r.t)
	anniversary, ok := f.anniversary(r.t, s.At)
	if !ok {
		// Its last contract has just lapsed; the day was fixed before.
		if s.Rule != "no_active_contract" && s.Rule != "outside_audience" {
			r.t.Errorf("%s: an annual decision at %v of a customer without a contract of a year", f.id, s.At)
		}
		return
	}
	if !near(s.At, midnight(s.At, loc, 0)) {
		r.t.Errorf("%s: an annual decision at %v, want at the beginning of a day", f.id, s.At.In(loc))
	}
	days := s.At.Sub(anniversary).Round(day)
	if known, was := r.offset[f.id]; days > 28*day || was && known != days {
		r.t.Errorf("%s: an annual decision %v days after the anniversary, want up to 28 and the same each time", f.id, days/day)
	}
	r.offset[f.id] = days
}

func (r *recount) planned(invitation string) *ask {
	if i := slices.IndexFunc(r.asks, func(a *ask) bool { return a.invitation == invitation && invitation != "" }); i >= 0 {
		return r.asks[i]
	}
	return nil
}

// cancelled holds the end of a planned survey against its reason.
func (r *recount) cancelled(s step) {
	a := r.planned(s.Invitation)
	if a == nil || a.sent {
		r.t.Errorf("%s: %s is cancelled, but was sent or never planned", s.firm, s.Invitation)
		return
	}
	defer r.forget(s.Invitation)
	if s.Rule == "superseded" {
		last := r.latest[s.firm]
		if e := r.posted(last.ID); !last.At.Equal(s.At) || e.contract() != a.contract {
			r.t.Errorf("%s: %s is superseded by nothing", s.firm, s.Invitation)
		}
		return
	}
	if want := r.stillSent(r.firms[s.firm], a, s.At); s.Rule != want {
		r.t.Errorf("%s: %s is cancelled by %s, by the rules it is %q", s.firm, s.Invitation, s.Rule, want)
	}
}

// near says whether two notes are of the same moment: the clock runs while a
// mail is on its way.
func near(a, b time.Time) bool { return a.Sub(b).Abs() < 5*time.Second }

// mailed holds a mail against what was planned, the mailbox and the calendar.
func (r *recount) mailed(s step) {
	a, f := r.planned(s.Invitation), r.firms[s.firm]
	switch s.State {
	case "delivered":
		return
	case "unsubscribed":
		if !slices.ContainsFunc(r.sent, func(one *sent) bool { return one.invitation == s.Invitation && near(r.run.left[one.mail.To[0]], s.At) }) {
			r.t.Errorf("%s: unsubscribed with %s, which nobody did", s.firm, s.Invitation)
		}
		return
	case "bounced":
		i := slices.IndexFunc(r.sent, func(one *sent) bool { return one.invitation == s.Invitation })
		if i < 0 || !r.run.bounced[r.sent[i].mail.MessageID] {
			r.t.Errorf("%s: %s bounced, which it did not", s.firm, s.Invitation)
			return
		}
		r.sent[i].bounced = true
		r.undeliverable[r.sent[i].address] = true
		r.forget(s.Invitation)
		return
	case "expired":
		i := slices.IndexFunc(r.sent, func(one *sent) bool { return one.invitation == s.Invitation })
		if i < 0 || !near(r.sent[i].at.Add(30*24*time.Hour), s.At) || r.sent[i].bounced || r.sent[i].score != nil {
			r.t.Errorf("%s: %s expired at %v", s.firm, s.Invitation, s.At)
		}
		return
	case "sent":
	default:
		r.t.Errorf("%s: a mail is %q", s.firm, s.State)
		return
	}
	if a == nil || a.sent {
		r.t.Errorf("%s: %s was mailed twice, or though it was not planned", s.firm, s.Invitation)
		return
	}
	a.sent = true
	if !near(a.at, s.At) {
		r.t.Errorf("%s: %s was mailed at %v, planned for %v", s.firm, s.Invitation, s.At, a.at)
	}
	if !open(s.At, f.zone(r.t)) {
		r.t.Errorf("%s: mailed outside the opening hours, at %v", s.firm, s.At.In(f.zone(r.t)))
	}
	if rule := r.stillSent(f, a, s.At); rule != "" {
		r.t.Errorf("%s: %s was mailed against the rule %s", s.firm, s.Invitation, rule)
	}
	c := f.contacts[a.contact]
	i := slices.IndexFunc(r.mails, func(m mail) bool {
		return len(m.To) == 1 && m.To[0] == c.email && near(m.At, s.At) && m.kind(r.t) == a.kind
	})
	if i < 0 {
		r.t.Errorf("%s: no mail to %s of %v is in the mailbox", s.firm, c.id, s.At)
		return
	}
	one := &sent{ask: a, mail: r.mails[i], size: f.size(), region: cmp.Or(f.region, "unknown"), language: cmp.Or(c.language, "fi")}
	if score, ok := r.run.scores[one.mail.MessageID]; ok {
		one.score = &score
	}
	r.mails = slices.Delete(r.mails, i, i+1)
	r.sent = append(r.sent, one)
}

func (r *recount) answered(s step) {
	i := slices.IndexFunc(r.sent, func(one *sent) bool { return one.invitation == s.Invitation })
	if i < 0 || r.sent[i].score == nil || s.Score == nil || *r.sent[i].score != *s.Score {
		r.t.Errorf("%s: the timeline has the answer %+v, which was not given", s.firm, s.line)
		return
	}
	delete(r.run.scores, r.sent[i].mail.MessageID)
}

// wantNothingLeftOver says that whatever was posted, planned, mailed or answered
// stands in a timeline, and that nothing planned was forgotten.
func (r *recount) wantNothingLeftOver() {
	for id := range r.event {
		r.t.Errorf("the event %s is in no timeline", id)
	}
	for _, m := range r.mails {
		r.t.Errorf("a mail of %v to %v is in no timeline", m.At, m.To)
	}
	for id := range r.run.scores {
		r.t.Errorf("the answer to %s is in no timeline", id)
	}
	for _, a := range r.asks {
		if a.planned && !a.sent && a.at.Before(r.run.to) {
			r.t.Errorf("%s: %s was planned for %v and never mailed", a.firm, a.invitation, a.at)
		}
	}
	for id, until := range r.until {
		if until.Before(r.run.to) {
			r.t.Errorf("%s: the annual survey was put off to %v and forgotten", id, until)
		}
	}
}

// wantEveryAnniversary says that each anniversary of the time led to one
// decision, where the oldest contract stayed the same over the spread.
func (r *recount) wantEveryAnniversary() {
	for _, f := range r.firms {
		loc := f.zone(r.t)
		for at := midnight(r.run.from, loc, 1); midnight(at, loc, 29).Before(r.run.to); at = midnight(at, loc, 1) {
			day, ok := f.anniversary(r.t, at)
			if !ok || !day.Equal(at) || at.Before(f.known) {
				continue
			}
			if later, ok := f.anniversary(r.t, midnight(at, loc, 29)); !ok || !later.Equal(day) {
				continue
			}
			n := 0
			for i, l := range r.annual[f.id] {
				followsUp := i > 0 && r.annual[f.id][i-1].Outcome == "postponed"
				if !followsUp && !l.At.Before(at) && l.At.Before(midnight(at, loc, 29)) {
					n++
				}
			}
			if n != 1 {
				r.t.Errorf("%s: the anniversary of %v led to %d decisions, want one", f.id, day.In(loc), n)
			}
		}
	}
}

// wantApart says that no customer was asked more often than the rules allow.
func (r *recount) wantApart() {
	r.t.Helper()
	byFirm := map[string][]*sent{}
	for _, s := range r.sent {
		byFirm[s.firm] = append(byFirm[s.firm], s)
	}
	for id, all := range byFirm {
		surveys := 0
		for i, s := range all {
			if s.kind == "nps" {
				surveys++
			}
			for _, before := range all[:i] {
				gap := s.mail.At.Sub(before.mail.At)
				switch {
				case s.kind == "nps" && gap < 335*day && !before.bounced:
					r.t.Errorf("%s: NPS %v after %s", id, gap, before.trigger)
				case s.kind != "nps" && s.trigger != "ended" && before.trigger != "ended" && gap < 30*day && !before.bounced:
					r.t.Errorf("%s: %s %v after %s", id, s.trigger, gap, before.trigger)
				}
			}
		}
		if surveys > 1 {
			r.t.Errorf("%s: %d NPS in a year", id, surveys)
		}
	}
}

// wantEverybodyAskedOnce says that every customer got its NPS or has a decision
// that says why not. These are returned, counted; each has been held against the
// rules, as has each mail against the audience.
func (r *recount) wantEverybodyAskedOnce() map[string]int {
	r.t.Helper()
	surveys := map[string]int{}
	for _, s := range r.sent {
		if s.kind == "nps" {
			surveys[s.firm]++
		}
	}
	why := map[string]int{}
	for id := range r.firms {
		decisions := r.annual[id]
		if len(decisions) == 0 {
			if surveys[id] > 0 {
				r.t.Errorf("%s: NPS without a decision", id)
			}
			why["no anniversary in the time"]++
			continue
		}
		last := decisions[len(decisions)-1]
		switch {
		case surveys[id] > 0:
			why["asked"] += surveys[id]
		case last.Outcome == "planned" && last.SendAt.After(r.run.to):
			why["planned for later"]++
		case last.Outcome == "planned" && r.planned(last.Invitation) == nil:
			why["cancelled or bounced"]++
		case last.Outcome == "postponed" && last.Until.After(r.run.to):
			why["put off until later: "+last.Rule]++
		case last.Outcome == "suppressed":
			why[last.Rule]++
		default:
			r.t.Errorf("%s: not asked, and the last annual decision is %+v", id, last.decision)
		}
	}
	return why
}
