package rehearse

import "kaiku/shared/survey"

// load reads one customer into m. The rows are all that the file says of it, in
// the order of the file.
func (r *rehearsal) load(m *member, rows func(visit func(*row) error) error) error {
	m.reset()
	in := intake{member: m, at: r.from}
	if err := rows(in.take); err != nil {
		return err
	}
	in.settle()
	if in.contradicted || len(r.told[m.facts.ID]) > 0 {
		return r.loadStateful(m, m.facts.ID, rows)
	}
	return nil
}

func (r *rehearsal) loadStateful(m *member, id string, rows func(visit func(*row) error) error) error {
	m.reset()
	m.facts.ID = id
	m.state = &survey.State{ID: id}
	err := rows(func(one *row) error {
		e, err := one.event(r.from)
		if err == nil {
			err = m.state.Apply(e)
		}
		if err != nil {
			return Fault{one.line, err.Error()}
		}
		return nil
	})
	if err != nil {
		return err
	}
	m.told = r.told[id]
	m.foretold = foretold(m.told, r.from)
	m.facts, err = m.state.Customer()
	return err
}

// loadHeld reads a customer that was held.
func (r *rehearsal) loadHeld(m *member, id string, all []held) error {
	if _, lines := r.layout.(jsonLayout); lines && len(all) > 1 {
		return Fault{all[1].line, "the customer has a line of its own already; put all of it on one"}
	}
	rows := func(visit func(*row) error) error { return unpack(all, visit) }
	if len(all) == 0 { // events alone tell of it
		return r.loadStateful(m, id, rows)
	}
	return r.load(m, rows)
}
