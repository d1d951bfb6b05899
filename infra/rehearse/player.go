package rehearse

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// player is one worker of a rehearsal: it takes customers through it under each
// policy.
type player struct {
	*rehearsal
	stages  []*stage
	tallies []*tally
	rows    []row // of the piece at hand
	most    *most
	members []member  // one for each stage
	came    []outcome // of the members
	// trials are stages on which every shared address is blocked, and trial is
	// who is on them.
	trials []*stage
	trial  member
}

// played is what came of some customers.
type played struct {
	differences []Difference
	held        []held
	err         error
}

// newPlayer makes a player, whose tallies are among those of the rehearsal.
func (r *rehearsal) newPlayer() *player {
	p := &player{rehearsal: r, most: newMost(r.Top), members: make([]member, len(r.policies))}
	for _, one := range r.policies {
		p.tallies = append(p.tallies, newTally(&r.window))
		p.stages = append(p.stages, newStage(&r.window, one.Policy))
		trial := newStage(&r.window, one.Policy)
		trial.blocked = r.roster.isShared
		p.trials = append(p.trials, trial)
	}
	r.players = append(r.players, p)
	return p
}

// alone rehearses the customer of a piece by itself, or holds it for later.
func (p *player) alone(of piece, out *played) error {
	p.rows = p.rows[:0]
	if err := p.layout.rows(of, func(r *row) error { p.rows = append(p.rows, *r); return nil }); err != nil {
		return err
	}
	rows := func(visit func(*row) error) error {
		for i := range p.rows {
			if err := visit(&p.rows[i]); err != nil {
				return err
			}
		}
		return nil
	}
	for i, s := range p.stages {
		m := &p.members[i]
		if err := p.load(m, rows); err != nil {
			return err
		}
		hold := p.roster.isApart(m.facts.ID) || len(p.told[m.facts.ID]) > 0
		if !hold {
			if err := s.perform(m); err != nil {
				return fmt.Errorf("customer %s: %w", m.facts.ID, err)
			}
			var err error
			if hold, err = p.depends(i, rows); err != nil {
				return err
			}
		}
		if hold {
			h, err := p.hold(m, of, rows)
			out.held = append(out.held, h)
			return err
		}
	}
	p.count(out)
	return nil
}

// depends says whether it matters to a customer, who has just been on a stage,
// what others are asked under an address that it shares with them. It is taken
// through the time once more, now with every shared address asked as often as
// can be. When that changes no decision, nor who is asked, nothing in between
// does either, for contacts are taken in one order: then it never asks under a
// shared address, and neither depends on the others nor they on it.
func (p *player) depends(i int, rows func(func(*row) error) error) (bool, error) {
	m := &p.members[i]
	shares := func() bool {
		for j := range m.facts.Contacts {
			if p.roster.isShared(m.facts.Contacts[j].Email) {
				return true
			}
		}
		return false
	}
	if !shares() {
		return false, nil
	}
	if err := p.load(&p.trial, rows); err != nil {
		return false, err
	}
	if err := p.trials[i].perform(&p.trial); err != nil {
		return false, fmt.Errorf("customer %s: %w", m.facts.ID, err)
	}
	return !slices.Equal(m.entries, p.trial.entries), nil
}

// hold keeps what a piece says for later, and no more of the file than that.
func (p *player) hold(m *member, of piece, rows func(func(*row) error) error) (held, error) {
	var pack packer
	if err := rows(func(r *row) error { pack.add(r); return nil }); err != nil {
		return held{}, err
	}
	h := held{customer: strings.Clone(m.facts.ID), line: of.line, rows: strings.Clone(pack.String())}
	for i := range m.facts.Contacts {
		if email := m.facts.Contacts[i].Email; p.roster.isShared(email) {
			h.shared = append(h.shared, p.roster.hash(sameAddress(email)))
		}
	}
	return h, nil
}

// count counts the customer who has just been on every stage.
func (p *player) count(out *played) {
	came := p.came[:0]
	for i := range p.members {
		p.tallies[i].count(&p.members[i])
		came = append(came, p.members[i].outcome)
	}
	p.came = came
	p.most.customer(p.members[0].facts.ID, came)
	p.most.addressed(p.stages)
	out.differ(p.members[0].facts.ID, came)
}

// together rehearses a circle.
func (p *player) together(c circle, out *played) error {
	ids := slices.Sorted(maps.Keys(c))
	came := make([][]outcome, len(ids))
	for i, s := range p.stages {
		members := make([]*member, len(ids))
		for j, id := range ids {
			members[j] = &member{}
			if err := p.loadHeld(members[j], id, c[id]); err != nil {
				return err
			}
		}
		if err := s.perform(members...); err != nil {
			return fmt.Errorf("customer %s or one that shares an address with it: %w", ids[0], err)
		}
		for j, m := range members {
			p.tallies[i].count(m)
			came[j] = append(came[j], m.outcome)
		}
	}
	p.most.addressed(p.stages)
	for j, id := range ids {
		p.most.customer(id, came[j])
		out.differ(id, came[j])
	}
	return nil
}

// differ notes a customer for whom it matters which policy is in force.
func (p *played) differ(customer string, came []outcome) {
	if len(came) < 2 {
		return
	}
	d := Difference{customer, only(came[0].entries, came[1].entries), only(came[1].entries, came[0].entries)}
	if len(d.Policy) > 0 || len(d.Against) > 0 {
		d.Customer = strings.Clone(customer)
		p.differences = append(p.differences, d)
	}
}
