package rehearse

import (
	"container/heap"
	"slices"
	"strings"
	"time"

	"kaiku/shared/policy"
	"kaiku/shared/survey"
)

// window is the time that is rehearsed: from the first moment of the day first
// on, up to but without to.
type window struct {
	first    survey.Date
	from, to time.Time
	// zone is that of the days and months that things are counted by.
	zone *time.Location
	ends Ends
}

// stage is where customers go through the rehearsal under one policy: one after
// the other, or together when they share addresses. What it decides by is
// package policy alone; it keeps what the ledger keeps in production.
type stage struct {
	*window
	policy *policy.Policy
	// blocked, if not nil, names addresses that are taken to be asked as often
	// as can be.
	blocked func(email string) bool

	addresses map[string]*addressee
	known     map[string]survey.Address // of one decision, by contact
	ids       int
}

// addressee is one address, whoever's contact it is.
type addressee struct {
	survey.Address
	email string
	sent  int
	// asked are the contacts that were asked under it.
	asked []Contact
}

func newStage(w *window, p *policy.Policy) *stage {
	return &stage{window: w, policy: p, addresses: map[string]*addressee{},
		known: map[string]survey.Address{}}
}

// moment is what can come next for a member; at one time in this order.
type moment int

const (
	happens moment = iota // an event
	falls                 // the annual survey, due
	leaves                // a mail
	nothing
)

// perform takes members through the whole window. No other member, on this stage
// or another, may share an address with them.
func (s *stage) perform(members ...*member) error {
	clear(s.addresses)
	s.ids = 0
	for _, m := range members {
		if err := s.begin(m); err != nil {
			return err
		}
	}
	if len(members) == 1 {
		return s.alone(members[0])
	}
	return s.together(members)
}

func (s *stage) begin(m *member) error {
	m.clock = s.from
	for len(m.told) > 0 && m.told[0].At.Before(s.from) { // history, not decided anew
		if err := m.hear(m.told[0]); err != nil {
			return err
		}
		m.told = m.told[1:]
	}
	m.expect(s.window, s.policy)
	m.yearly = s.policy.Yearly(&m.facts, survey.Yearly{}, s.from)
	return nil
}

func (s *stage) alone(m *member) error {
	for {
		at, what := m.next()
		if what == nothing || !at.Before(s.to) {
			return nil
		}
		if err := s.act(m, at, what); err != nil {
			return err
		}
	}
}

// together takes members through the window in the order of time: what one is
// asked counts for the others.
func (s *stage) together(members []*member) error {
	var q queue
	for _, m := range members {
		if at, what := m.next(); what != nothing && at.Before(s.to) {
			q = append(q, turn{at, what, m})
		}
	}
	heap.Init(&q)
	for len(q) > 0 {
		now := &q[0]
		if err := s.act(now.member, now.at, now.what); err != nil {
			return err
		}
		if now.at, now.what = now.member.next(); now.what != nothing && now.at.Before(s.to) {
			heap.Fix(&q, 0)
		} else {
			heap.Pop(&q)
		}
	}
	return nil
}

// turn is when a member is next, and queue all turns of members on one stage.
type turn struct {
	at     time.Time
	what   moment
	member *member
}

type queue []turn

func (q queue) Len() int { return len(q) }

func (q queue) Less(i, j int) bool {
	a, b := &q[i], &q[j]
	if c := a.at.Compare(b.at); c != 0 {
		return c < 0
	}
	if a.what != b.what {
		return a.what < b.what
	}
	return a.member.facts.ID < b.member.facts.ID
}

func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(turn)) }

func (q *queue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}

// next is when what comes next for the member.
func (m *member) next() (at time.Time, what moment) {
	what = nothing
	sooner := func(t time.Time, as moment) {
		if what == nothing || t.Before(at) {
			at, what = t, as
		}
	}
	if len(m.told) > 0 {
		sooner(m.told[0].At, happens)
	}
	if len(m.expected) > 0 {
		sooner(m.expected[0].at, happens)
	}
	if due := m.yearly.Due; !due.IsZero() {
		if due.Before(m.clock) { // another contract has become the oldest
			due = m.clock
		}
		sooner(due, falls)
	}
	if len(m.unsent) > 0 {
		sooner(m.unsent[0].SendAt, leaves)
	}
	return at, what
}

func (s *stage) act(m *member, at time.Time, what moment) error {
	m.clock = at
	switch what {
	case happens:
		return s.happen(m)
	case falls:
		due := m.yearly.Due
		d := s.policy.Decide(s.facts(m), policy.Occasion{Trigger: survey.Annual, At: due}, at)
		s.record(m, &d)
		m.yearly = s.policy.AfterAnnual(&m.facts, m.yearly, d, at)
	case leaves:
		s.send(m)
	}
	return nil
}

// facts are what the policy decides on.
func (s *stage) facts(m *member) policy.Facts {
	clear(s.known)
	if len(s.addresses) > 0 || s.blocked != nil {
		for i := range m.facts.Contacts {
			p := &m.facts.Contacts[i]
			if a := s.addresses[sameAddress(p.Email)]; a != nil && len(a.Asked) > 0 {
				s.known[p.ID] = a.Address
			}
			if s.blocked != nil && s.blocked(p.Email) {
				s.known[p.ID] = s.askedOut(m.clock)
			}
		}
	}
	return policy.Facts{Customer: &m.facts, Addresses: s.known}
}

// askedOut is an address that the policy's address_cap does not let be asked.
func (s *stage) askedOut(now time.Time) survey.Address {
	return survey.Address{Asked: slices.Repeat([]survey.AddressAsked{{At: now}}, max(1, s.policy.Rules.AddressCap))}
}

// happen lets the member's next event happen.
func (s *stage) happen(m *member) error {
	var e survey.Event
	if len(m.told) > 0 && (len(m.expected) == 0 || !m.expected[0].at.Before(m.told[0].At)) {
		e = m.told[0]
		m.told = m.told[1:]
		if err := m.hear(e); err != nil {
			return err
		}
	} else {
		x := m.expected[0]
		e = survey.Event{Type: x.kind, At: x.at, ContractID: x.contract}
		if err := m.comeTrue(x); err != nil {
			return err
		}
	}
	if trigger := e.Type.Trigger(); trigger != "" && !e.Backfill {
		s.decide(m, e, trigger)
	}
	m.yearly = s.yearly(m)
	m.expect(s.window, s.policy)
	return nil
}

func (s *stage) yearly(m *member) survey.Yearly {
	if m.facts.Erased {
		return survey.Yearly{}
	}
	return s.policy.Yearly(&m.facts, m.yearly, m.clock)
}

// decide makes the decision on an event.
func (s *stage) decide(m *member, e survey.Event, trigger survey.Trigger) {
	on := policy.Occasion{Trigger: trigger, At: e.At, Interaction: e.InteractionID, Contact: e.InteractionContact}
	var older []string
	if e.Type.AboutContract() {
		on.Contract = e.ContractID
		for i := range m.unsent {
			if inv := &m.unsent[i]; inv.Contract == e.ContractID { // they are older: events come in order
				older = append(older, inv.ID)
			}
		}
	}
	d, replaces := s.policy.DecideReplacing(s.facts(m), on, older, m.clock)
	if replaces {
		for _, id := range older {
			i := slices.IndexFunc(m.unsent, func(inv invitation) bool { return inv.ID == id })
			s.cancel(m, i, survey.Superseded)
		}
	}
	s.record(m, &d)
}

// record notes a decision, and keeps a survey that it plans.
func (s *stage) record(m *member, d *survey.Decision) {
	m.entries = append(m.entries, entryOf(d))
	if d.Outcome != survey.Planned {
		return
	}
	s.ids++
	inv := invitation{Invitation: survey.Invitation{ID: invitationID(s.ids), Customer: m.facts.ID, Kind: d.Kind,
		Trigger: d.Trigger, Contract: d.Contract, Contact: d.Contact, Mailing: survey.Mailing{SendAt: d.SendAt}}}
	contact, _ := m.facts.Contact(d.Contact)
	inv.to = s.addressee(contact.Email)
	inv.to.Asked = append(inv.to.Asked, survey.AddressAsked{Invitation: inv.ID, At: d.SendAt})
	m.ask(survey.Asked{Invitation: inv.ID, Kind: d.Kind, Trigger: d.Trigger, Contract: d.Contract,
		Contact: d.Contact, At: d.SendAt})
	i := len(m.unsent)
	for i > 0 && inv.SendAt.Before(m.unsent[i-1].SendAt) {
		i--
	}
	m.unsent = slices.Insert(m.unsent, i, inv)
}

func (s *stage) addressee(email string) *addressee {
	same := sameAddress(email)
	a := s.addresses[same]
	if a == nil {
		a = &addressee{email: strings.TrimSpace(email)}
		s.addresses[same] = a
	}
	return a
}

// forget takes a survey out of what counts as asked of the address.
func (a *addressee) forget(invitation string) {
	a.Asked = slices.DeleteFunc(a.Asked, func(b survey.AddressAsked) bool { return b.Invitation == invitation })
}

// send lets the member's next mail leave, unless a rule says no at last.
func (s *stage) send(m *member) {
	inv := &m.unsent[0]
	to := inv.to
	if contact, ok := m.facts.Contact(inv.Contact); ok {
		to = s.addressee(contact.Email)
	}
	if no := s.policy.StillSend(s.facts(m), inv.Invitation, to != inv.to, m.clock); no != nil {
		s.cancel(m, 0, no.Rule)
		return
	}
	if to != inv.to {
		inv.to.forget(inv.ID)
		inv.to = to
		to.Asked = append(to.Asked, survey.AddressAsked{Invitation: inv.ID, At: inv.SendAt})
	}
	m.sent = append(m.sent, sent{inv.SendAt.UnixMilli(), inv.Trigger})
	inv.to.sent++
	if who := (Contact{Customer: m.facts.ID, Contact: inv.Contact}); !slices.Contains(inv.to.asked, who) {
		inv.to.asked = append(inv.to.asked, who)
	}
	m.unsent = slices.Delete(m.unsent, 0, 1)
}

// cancel takes a survey that has not left out of what counts as asked.
func (s *stage) cancel(m *member, i int, why survey.Rule) {
	inv := m.unsent[i]
	m.unsent = slices.Delete(m.unsent, i, i+1)
	m.dropAsked(inv.ID)
	inv.to.forget(inv.ID)
	m.entries = append(m.entries, entryOf(&survey.Decision{At: m.clock, Trigger: inv.Trigger, Contract: inv.Contract,
		Outcome: survey.Cancelled, Rule: why, Contact: inv.Contact}))
}
