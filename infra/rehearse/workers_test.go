package rehearse_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kaiku/infra/rehearse"
)

// everythingTold is all that a rehearsal says, as it is written: a difference of one byte
// is one.
func everythingTold(t *testing.T, o rehearse.Options) string {
	t.Helper()
	var out bytes.Buffer
	o.Differing = func(d rehearse.Difference) error { return d.Write(&out, time.UTC) }
	report, err := rehearse.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(report.WriteJSON(&out), report.WriteTable(&out), report.WriteHTML(&out)); err != nil {
		t.Fatal(err)
	}
	if report.Input.SharedAddresses == 0 || report.Policy.Sent == 0 || (o.Against.Policy != nil && report.Differing == 0) {
		t.Fatalf("too little happened to say anything: %+v", report.Input)
	}
	return out.String()
}

// The answer is that of the file and the policies alone: not of how many work at
// it, nor of where it is cut to pieces, nor of the form it is written in.
func TestTheAnswerDoesNotDependOnTheWorkers(t *testing.T) {
	dir := t.TempDir()
	tame := filepath.Join(dir, "tame.csv")
	generate(t, tame, 1500)
	generate(t, filepath.Join(dir, "tame.jsonl"), 1500)
	wild, events := inventedProgramme(t, 7)
	together := filepath.Join(dir, "wild.csv")
	regrouped(t, wild, together, filepath.Join(dir, "wild.jsonl"))

	for _, c := range []struct {
		name, events string
		files        []string // of the same customers
	}{
		{"generated customers", "", []string{tame, filepath.Join(dir, "tame.jsonl")}},
		{"an invented programme", "", []string{together, filepath.Join(dir, "wild.jsonl")}},
		{"an invented programme and its events", events, []string{together, filepath.Join(dir, "wild.jsonl")}},
		{"rows that are apart", events, []string{wild}},
	} {
		for _, against := range []string{"", "rules: {cooldown: 90d, customer_cap: 2, address_cap: 1}"} {
			t.Run(fmt.Sprintf("%s, against %q", c.name, against), func(t *testing.T) {
				t.Parallel()
				o := rehearse.Options{Events: c.events, Policy: policyOf(t, ""), From: firstDay, Days: 365, Ends: rehearse.Renew, Top: 25}
				if against != "" {
					o.Against = policyOf(t, against)
				}
				want := ""
				for _, o.File = range c.files {
					for _, o.Workers = range []int{1, 2, 3, 8} {
						for _, size := range []int{0, 700} {
							got := everythingTold(t, o.InBlocks(size))
							if want == "" {
								want = got
							}
							if got != want {
								t.Fatalf("%s: %d workers and blocks of %d bytes tell something else:\n%s",
									filepath.Ext(o.File), o.Workers, size, firstDifference(want, got))
							}
						}
					}
				}
			})
		}
	}
}

// firstDifference is the first line that is not the same.
func firstDifference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d\n-%s\n+%s", i+1, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines became %d", len(a), len(b))
}

// regrouped writes the customers of a CSV file once more, as CSV in which the
// rows of each stand together, and as JSON Lines. Where rows contradict each
// other the customer's first word holds, for a line has room for one alone.
func regrouped(t *testing.T, from, toCSV, toLines string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	const id, ofFirm, ofContract, ofContact = 0, 3, 6, 9 // where a row's parts end
	var order []string
	firms := map[string][][]string{}
	for _, row := range rows[1:] {
		if firms[row[id]] == nil {
			order = append(order, row[id])
		}
		firms[row[id]] = append(firms[row[id]], row)
	}
	var asCSV, asLines bytes.Buffer
	w, e := csv.NewWriter(&asCSV), json.NewEncoder(&asLines)
	err = w.Write(rows[0])
	for _, name := range order {
		first := firms[name][0]
		contracts, contacts := []any{}, []any{}
		seen := map[string]bool{"": true}
		for _, row := range firms[name] {
			copy(row[:ofFirm], first[:ofFirm])
			if contract := row[ofFirm:ofContract]; seen[contract[0]] {
				clear(contract)
			} else {
				seen[contract[0]] = true
				contracts = append(contracts, map[string]any{"id": contract[0], "startsOn": contract[1], "endsOn": contract[2]})
			}
			if contact := row[ofContract:ofContact]; seen[contact[0]] {
				clear(contact)
			} else {
				seen[contact[0]] = true
				contacts = append(contacts, map[string]any{"id": contact[0], "email": contact[1], "role": contact[2]})
			}
			err = errors.Join(err, w.Write(row))
		}
		firm := map[string]any{"id": name, "employees": json.Number(first[1]), "timezone": first[2]}
		err = errors.Join(err, e.Encode(map[string]any{"customer": firm, "contracts": contracts, "contacts": contacts}))
	}
	w.Flush()
	if err := errors.Join(err, w.Error(), os.WriteFile(toCSV, asCSV.Bytes(), 0o600), os.WriteFile(toLines, asLines.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
}
