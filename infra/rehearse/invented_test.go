package rehearse_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kaiku/shared/survey"
)

// inventedProgramme writes a small programme in which all that is rare in a real
// one is common: addresses that many share, contracts that start, overlap and end
// in the time that is rehearsed, rows that are apart or contradict each other,
// and many events at inconvenient times.
func inventedProgramme(t testing.TB, seed uint64) (customers, events string) {
	t.Helper()
	const firms = 60
	r := rand.New(rand.NewPCG(seed, 1))
	chance := func(percent int) bool { return r.IntN(100) < percent }
	date := func(from, to int) string { return firstDay.AddDays(from + r.IntN(to-from)).String() }
	address := func(firm int) string {
		if chance(40) {
			return fmt.Sprintf("bookkeeper%d@books.example", r.IntN(6))
		}
		return fmt.Sprintf("Person%d.%d@firm.example", firm, r.IntN(3))
	}
	roles := []string{"", "decision_maker", "user", "billing"}

	rows := [][]string{}
	contracts := map[int][]string{}
	for firm := range firms {
		id, size := fmt.Sprint("C-", firm), fmt.Sprint(1+r.IntN(60))
		zone := []string{"", "", "", "Europe/Stockholm", "America/New_York", "Pacific/Auckland"}[r.IntN(6)]
		for n := range 1 + r.IntN(3) {
			row := []string{id, size, zone, "", "", "", "", "", ""}
			if chance(5) {
				row[1] = fmt.Sprint(1 + r.IntN(300))
			}
			if chance(90) {
				row[3] = fmt.Sprintf("K-%d-%d", firm, n)
				contracts[firm] = append(contracts[firm], row[3])
				if chance(90) {
					row[4] = date(-1500, 200)
				}
				if chance(40) {
					row[5] = date(-40, 450)
				}
				if row[5] < row[4] {
					row[5] = ""
				}
			}
			if chance(85) {
				row[6], row[8] = fmt.Sprintf("P-%d-%d", firm, r.IntN(n+1)), roles[r.IntN(len(roles))]
				if chance(90) {
					row[7] = address(firm)
				}
			}
			rows = append(rows, row)
		}
	}
	for range 20 { // some rows are apart
		a, b := r.IntN(len(rows)), r.IntN(len(rows))
		rows[a], rows[b] = rows[b], rows[a]
	}
	customers = filepath.Join(t.TempDir(), "customers.csv")
	file, err := os.Create(customers)
	if err != nil {
		t.Fatal(err)
	}
	w := csv.NewWriter(file)
	if err := w.WriteAll(append([][]string{{"customerId", "employees", "timezone", "contractId", "startsOn", "endsOn", "contactId", "email", "role"}}, rows...)); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}

	events = filepath.Join(t.TempDir(), "events.jsonl")
	if file, err = os.Create(events); err != nil {
		t.Fatal(err)
	}
	e := json.NewEncoder(file)
	begin := firstDay.Start(time.UTC)
	for n := range 150 {
		firm := r.IntN(firms + 3) // three that no row tells of
		at := begin.Add(time.Duration(r.IntN(500*24*3600)) * time.Second)
		if chance(30) {
			at = at.Truncate(24 * time.Hour)
		}
		data := map[string]any{"customer": map[string]any{"id": fmt.Sprint("C-", firm)}}
		kind := survey.EventTypes[r.IntN(len(survey.EventTypes)-1)]
		if n%30 == 0 {
			kind = survey.CustomerErased
		}
		switch kind {
		case survey.CustomerSurveyed:
			data["survey"] = map[string]any{"kind": survey.Kinds[r.IntN(3)], "at": at.AddDate(0, 0, -r.IntN(40))}
		case survey.InteractionClosed:
			data["interaction"] = map[string]any{"id": fmt.Sprint("T-", n), "contactId": fmt.Sprintf("P-%d-%d", firm, r.IntN(2))}
		case survey.CustomerUpdated:
			data["contacts"] = []any{map[string]any{"id": fmt.Sprintf("P-%d-%d", firm, r.IntN(3)), "email": address(firm)}}
			if chance(20) {
				data["contacts"].([]any)[0].(map[string]any)["email"] = nil
			}
			data["customer"].(map[string]any)["chain"] = chance(10)
		default:
			if kind.AboutContract() {
				contract := fmt.Sprintf("K-%d-%d", firm, r.IntN(3))
				if known := contracts[firm]; len(known) > 0 {
					contract = known[r.IntN(len(known))]
				}
				data["contract"] = map[string]any{"id": contract}
				if chance(20) {
					data["backfill"] = true
				}
			}
		}
		if err := e.Encode(map[string]any{"type": kind, "timestamp": at.Format(time.RFC3339), "data": data}); err != nil {
			t.Fatal(err)
		}
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return customers, events
}
