package rehearse

import (
	"encoding/json"
	"errors"
	"time"

	"kaiku/shared/survey"
)

// column is one of the columns that the rules look at.
type column int

const (
	customerID column = iota
	employees
	turnover
	balanceSheet
	chain
	publicSector
	consumer
	timezone
	contractID
	startsOn
	endsOn
	contactID
	email
	role
	columns
)

// columnNames are the columns as a file names them. The customer's and the
// contract's are the field names of an event too.
var columnNames = [columns]string{"customerId", "employees", "turnover", "balanceSheet", "chain", "publicSector", "consumer",
	"timezone", "contractId", "startsOn", "endsOn", "contactId", "email", "role"}

// otherColumns are those that a file may have and no rule looks at.
var otherColumns = []string{"name", "businessId", "industry", "region", "service", "annualValue", "currency", "owner",
	"contactName", "language"}

// The columns of a customer, beside its id.
const (
	firstOfCustomer = employees
	lastOfCustomer  = timezone
)

// row is what one row of a file says of a customer, of one contract and of one
// contact: the text of each column, trimmed; empty is left out.
type row struct {
	line int
	cell [columns]string
}

// event is what the row says as the event that an import makes of it, told at
// that moment.
func (r *row) event(at time.Time) (survey.Event, error) {
	e := survey.Event{Type: survey.CustomerUpdated, At: at, CustomerID: r.cell[customerID], Backfill: true,
		Customer: map[string]json.RawMessage{}}
	var err error
	for i := firstOfCustomer; i <= lastOfCustomer && err == nil; i++ {
		err = r.field(e.Customer, i)
	}
	if e.ContractID = r.cell[contractID]; e.ContractID != "" && err == nil {
		e.Type, e.Contract = survey.ContractStarted, map[string]json.RawMessage{}
		err = errors.Join(r.field(e.Contract, startsOn), r.field(e.Contract, endsOn))
	}
	if r.cell[contactID] != "" && err == nil {
		contact := map[string]json.RawMessage{}
		err = errors.Join(r.field(contact, email), r.field(contact, role))
		e.Contacts = map[string]map[string]json.RawMessage{r.cell[contactID]: contact}
	}
	return e, err
}

// field puts a cell that is not empty among the fields of an event.
func (r *row) field(into map[string]json.RawMessage, c column) error {
	cell := r.cell[c]
	if cell == "" {
		return nil
	}
	var (
		value any
		err   error
	)
	switch c {
	case employees, turnover, balanceSheet:
		value, err = number(c, cell)
	case chain, publicSector, consumer:
		value, err = yesNo(c, cell)
	default:
		value = cell
	}
	if err != nil {
		return err
	}
	into[columnNames[c]], err = json.Marshal(value)
	return err
}
