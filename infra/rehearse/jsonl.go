package rehearse

import (
	"errors"
	"path/filepath"
	"reflect"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// isJSONLines says whether a file is JSON Lines, by its name.
func isJSONLines(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	return ext == ".jsonl" || ext == ".ndjson"
}

// jsonLayout reads one customer a line: {"customer": {…}, "contracts": [{…}],
// "contacts": [{…}]}, with the field names of an event.
type jsonLayout struct{}

// jsonLine is one line. Fields that no rule looks at are named too: an unknown
// name is a slip of the pen, and is refused.
type jsonLine struct {
	Customer struct {
		ID           text    `json:"id"`
		Name         ignored `json:"name"`
		BusinessID   ignored `json:"businessId"`
		Employees    text    `json:"employees"`
		Turnover     text    `json:"turnover"`
		BalanceSheet text    `json:"balanceSheet"`
		Industry     ignored `json:"industry"`
		Region       ignored `json:"region"`
		Chain        text    `json:"chain"`
		PublicSector text    `json:"publicSector"`
		Consumer     text    `json:"consumer"`
		Timezone     text    `json:"timezone"`
	} `json:"customer"`
	Contracts []struct {
		ID          text    `json:"id"`
		Service     ignored `json:"service"`
		AnnualValue ignored `json:"annualValue"`
		Currency    ignored `json:"currency"`
		StartsOn    text    `json:"startsOn"`
		EndsOn      text    `json:"endsOn"`
		Owner       ignored `json:"owner"`
	} `json:"contracts"`
	Contacts []struct {
		ID       text    `json:"id"`
		Email    text    `json:"email"`
		Name     ignored `json:"name"`
		Role     text    `json:"role"`
		Language ignored `json:"language"`
	} `json:"contacts"`
}

// text is a string, number or truth value as a cell of a CSV file would have
// it; null is empty.
type text string

var errNoText = errors.New("must be a text, a number, or true or false")

// UnmarshalJSONFrom reads it.
func (t *text) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	switch in.PeekKind() {
	case jsontext.KindBeginObject, jsontext.KindBeginArray:
		return errNoText
	}
	token, err := in.ReadToken()
	if err != nil {
		return err
	}
	if *t = ""; token.Kind() != jsontext.KindNull {
		*t = text(strings.TrimSpace(token.String()))
	}
	return nil
}

// ignored is a value that no rule looks at.
type ignored struct{}

// UnmarshalJSONFrom skips it.
func (*ignored) UnmarshalJSONFrom(in *jsontext.Decoder) error { return in.SkipValue() }

// strictly refuses fields that are not known.
var strictly = jsonv2.RejectUnknownMembers(true)

// inWords says what is wrong with a line, and where in it.
func inWords(err error) string {
	var wrong *jsonv2.SemanticError
	if !errors.As(err, &wrong) {
		return "is not JSON: " + strings.TrimPrefix(err.Error(), "jsontext: ")
	}
	where := strings.TrimPrefix(strings.ReplaceAll(string(wrong.JSONPointer), "/", "."), ".")
	switch {
	case where == "":
		return `must be one customer: {"customer": {"id": …}, "contracts": [{…}], "contacts": [{…}]}`
	case errors.Is(err, jsonv2.ErrUnknownName):
		return where + ": there is no such field; they are named as in an event"
	case errors.Is(err, errNoText):
		return where + ": " + errNoText.Error()
	case wrong.GoType.Kind() == reflect.Slice:
		return where + ": must be a list, [{…}]"
	}
	return where + ": must be an object, {…}"
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
	if err := jsonv2.Unmarshal([]byte(p.text), &said, strictly); err != nil {
		return Fault{p.line, inWords(err)}
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
