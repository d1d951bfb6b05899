package rehearse

import (
	"cmp"
	"slices"
	"time"

	"kaiku/shared/survey"
)

// intake puts what rows say straight into a member's facts.
type intake struct {
	*member
	at   time.Time // when it is said
	said [lastOfCustomer + 1]string
	// contradicted says that the rows do not agree.
	contradicted bool
}

// take puts a row's words into the facts. Its error is a Fault.
func (in *intake) take(r *row) error {
	c := &in.facts
	if c.ID == "" {
		if err := id(customerID, r.cell[customerID]); err != nil {
			return Fault{r.line, err.Error()}
		}
		c.ID = r.cell[customerID]
	}
	for i := firstOfCustomer; i <= lastOfCustomer; i++ {
		switch cell := r.cell[i]; {
		case cell == "" || cell == in.said[i]:
		case in.said[i] != "":
			in.contradicted = true
		default:
			in.said[i] = cell
			if err := in.set(i, cell); err != nil {
				return Fault{r.line, err.Error()}
			}
		}
	}
	err := in.takeContract(r)
	if err == nil {
		err = in.takeContact(r)
	}
	if err != nil {
		return Fault{r.line, err.Error()}
	}
	return nil
}

// set takes over one cell of the customer itself.
func (in *intake) set(i column, cell string) (err error) {
	c := &in.facts
	switch i {
	case employees:
		in.employees, err = wholeNumber(i, cell)
		c.Employees = &in.employees
	case turnover:
		in.turnover, err = number(i, cell)
		c.Turnover = &in.turnover
	case balanceSheet:
		in.balanceSheet, err = number(i, cell)
		c.BalanceSheet = &in.balanceSheet
	case chain:
		c.Chain, err = yesNo(i, cell)
	case publicSector:
		c.PublicSector, err = yesNo(i, cell)
	case consumer:
		c.Consumer, err = yesNo(i, cell)
	case timezone:
		c.Timezone, err = cell, zoneName(cell)
	}
	return err
}

func (in *intake) takeContract(r *row) error {
	if r.cell[contractID] == "" {
		return nil
	}
	k, known := in.facts.Contract(r.cell[contractID])
	if !known {
		if err := id(contractID, r.cell[contractID]); err != nil {
			return err
		}
		if len(in.facts.Contracts) == survey.MaxContracts {
			return survey.ErrTooMany
		}
		in.facts.Contracts = append(in.facts.Contracts, survey.Contract{ID: r.cell[contractID], FirstSay: in.at})
		k = &in.facts.Contracts[len(in.facts.Contracts)-1]
	}
	for _, day := range []struct {
		column
		of *survey.Date
	}{{startsOn, &k.StartsOn}, {endsOn, &k.EndsOn}} {
		if r.cell[day.column] == "" {
			continue
		}
		said, err := date(day.column, r.cell[day.column])
		if err != nil {
			return err
		}
		if day.of.IsZero() {
			*day.of = said
		}
		in.contradicted = in.contradicted || *day.of != said
	}
	if !k.EndsOn.IsZero() && k.EndsOn.Before(k.StartsOn) {
		return errEndsFirst
	}
	return nil
}

func (in *intake) takeContact(r *row) error {
	if r.cell[contactID] == "" {
		return nil
	}
	p, known := in.facts.Contact(r.cell[contactID])
	if !known {
		if err := id(contactID, r.cell[contactID]); err != nil {
			return err
		}
		if len(in.facts.Contacts) == survey.MaxContacts {
			return survey.ErrTooMany
		}
		in.facts.Contacts = append(in.facts.Contacts, survey.Contact{ID: r.cell[contactID]})
		p = &in.facts.Contacts[len(in.facts.Contacts)-1]
	}
	if said := r.cell[email]; said != "" {
		if err := address(said); err != nil {
			return err
		}
		if p.Email == "" {
			p.Email = said
		}
		in.contradicted = in.contradicted || p.Email != said
	}
	if r.cell[role] != "" {
		said, err := roleName(r.cell[role])
		if err != nil {
			return err
		}
		if p.Role == "" {
			p.Role = said
		}
		in.contradicted = in.contradicted || p.Role != said
	}
	return nil
}

// settle ends the taking in of rows: the facts are in the order in which
// decisions are made from them.
func (in *intake) settle() {
	c := &in.facts
	slices.SortFunc(c.Contracts, func(a, b survey.Contract) int { return cmp.Compare(a.ID, b.ID) })
	c.Contacts = slices.DeleteFunc(c.Contacts, func(p survey.Contact) bool { return p.Email == "" })
	slices.SortFunc(c.Contacts, func(a, b survey.Contact) int { return cmp.Compare(a.ID, b.ID) })
}
