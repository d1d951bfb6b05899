package rehearse

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// jsonLayout reads one customer a line: {"customer": {…}, "contracts": [{…}],
// "contacts": [{…}]}, with the field names of an event.
type jsonLayout struct{}

// jsonLine is one line. Fields that no rule looks at are named too: an unknown
// name is a slip of the pen, and is refused.
type jsonLine struct {
	Customer struct {
		ID           text `json:"id"`
		Name         any  `json:"name"`
		BusinessID   any  `json:"businessId"`
		Employees    text `json:"employees"`
		Turnover     text `json:"turnover"`
		BalanceSheet text `json:"balanceSheet"`
		Industry     any  `json:"industry"`
		Region       any  `json:"region"`
		Chain        text `json:"chain"`
		PublicSector text `json:"publicSector"`
		Consumer     text `json:"consumer"`
		Timezone     text `json:"timezone"`
	} `json:"customer"`
	Contracts []struct {
		ID          text `json:"id"`
		Service     any  `json:"service"`
		AnnualValue any  `json:"annualValue"`
		Currency    any  `json:"currency"`
		StartsOn    text `json:"startsOn"`
		EndsOn      text `json:"endsOn"`
		Owner       any  `json:"owner"`
	} `json:"contracts"`
	Contacts []struct {
		ID       text `json:"id"`
		Email    text `json:"email"`
		Name     any  `json:"name"`
		Role     text `json:"role"`
		Language any  `json:"language"`
	} `json:"contacts"`
}

// text is a string, number or truth value as a cell of a CSV file would have
// it; null is empty.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	switch {
	case string(b) == "null":
		*t = ""
	case b[0] == '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*t = text(strings.TrimSpace(s))
	case b[0] == '{' || b[0] == '[':
		return errors.New("an object or a list stands where a text, a number or true or false should")
	default:
		*t = text(b)
	}
	return nil
}

func (jsonLayout) cut(text string, line int, last bool) (pieces []piece, used int) {
	for {
		n := strings.IndexByte(text[used:], '\n') + 1
		if n == 0 {
			if !last {
				return pieces, used
			}
			n = len(text) - used
		}
		if n == 0 {
			return pieces, used
		}
		if one := text[used : used+n]; strings.TrimSpace(one) != "" {
			pieces = append(pieces, piece{one, line})
		}
		used, line = used+n, line+1
	}
}

func (jsonLayout) rows(p piece, visit func(*row) error) error {
	var said jsonLine
	decoder := json.NewDecoder(bytes.NewReader([]byte(p.text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&said); err != nil {
		return Fault{p.line, err.Error()}
	}
	if decoder.More() {
		return Fault{p.line, "holds more than one JSON object"}
	}
	c := &said.Customer
	for i := range max(1, len(said.Contracts), len(said.Contacts)) {
		r := row{line: p.line}
		set := func(c column, value text) { r.cell[c] = string(value) }
		set(customerID, c.ID)
		set(employees, c.Employees)
		set(turnover, c.Turnover)
		set(balanceSheet, c.BalanceSheet)
		set(chain, c.Chain)
		set(publicSector, c.PublicSector)
		set(consumer, c.Consumer)
		set(timezone, c.Timezone)
		if i < len(said.Contracts) {
			k := &said.Contracts[i]
			if k.ID == "" {
				return Fault{p.line, "contracts: a contract needs an id"}
			}
			set(contractID, k.ID)
			set(startsOn, k.StartsOn)
			set(endsOn, k.EndsOn)
		}
		if i < len(said.Contacts) {
			k := &said.Contacts[i]
			if k.ID == "" {
				return Fault{p.line, "contacts: a contact needs an id"}
			}
			set(contactID, k.ID)
			set(email, k.Email)
			set(role, k.Role)
		}
		if err := visit(&r); err != nil {
			return err
		}
	}
	return nil
}
