package rehearse

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"io"
	"iter"
)

// writeCSV writes a row for each contract and each contact, side by side.
func writeCSV(out io.Writer, customers iter.Seq[*invented]) error {
	w := csv.NewWriter(out)
	err := w.Write([]string{"customerId", "name", "businessId", "employees", "turnover", "balanceSheet", "industry", "region", "chain",
		"publicSector", "consumer", "timezone", "contractId", "service", "annualValue", "currency", "startsOn", "endsOn", "owner",
		"contactId", "email", "contactName", "role", "language"})
	for c := range customers {
		f := &c.firm
		for i := range max(len(c.contracts), len(c.contacts)) {
			var (
				k contractCells
				p contactCells
			)
			if i < len(c.contracts) {
				k = c.contracts[i]
			}
			if i < len(c.contacts) {
				p = c.contacts[i]
			}
			err = cmp.Or(err, w.Write([]string{f.id, f.name, f.businessID, f.employees, f.turnover, f.balanceSheet, f.industry, f.region,
				f.chain, f.publicSector, f.consumer, f.timezone, k.id, k.service, k.annualValue, k.currency, k.startsOn, k.endsOn, k.owner,
				p.id, p.email, p.name, p.role, p.language}))
		}
		if err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// writeJSONLines writes a line for each customer.
func writeJSONLines(out io.Writer, customers iter.Seq[*invented]) error {
	type object map[string]any
	// known leaves out what is empty, as a CRM would.
	known := func(o object) object {
		for name, value := range o {
			if value == "" || value == json.Number("") {
				delete(o, name)
			}
		}
		return o
	}
	w := bufio.NewWriter(out)
	e := json.NewEncoder(w)
	for c := range customers {
		f := &c.firm
		contracts, contacts := []object{}, []object{}
		for _, k := range c.contracts {
			contracts = append(contracts, known(object{"id": k.id, "service": k.service, "annualValue": json.Number(k.annualValue),
				"currency": k.currency, "startsOn": k.startsOn, "endsOn": k.endsOn, "owner": k.owner}))
		}
		for _, p := range c.contacts {
			contacts = append(contacts, known(object{"id": p.id, "email": p.email, "name": p.name, "role": p.role, "language": p.language}))
		}
		firm := known(object{"id": f.id, "name": f.name, "businessId": f.businessID, "employees": json.Number(f.employees),
			"turnover": json.Number(f.turnover), "balanceSheet": json.Number(f.balanceSheet), "industry": f.industry, "region": f.region,
			"chain": f.chain == "true", "publicSector": f.publicSector == "true", "consumer": f.consumer == "true", "timezone": f.timezone})
		if err := e.Encode(object{"customer": firm, "contracts": contracts, "contacts": contacts}); err != nil {
			return err
		}
	}
	return w.Flush()
}
