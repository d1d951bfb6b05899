package rehearse

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"kaiku/shared/survey"
	"kaiku/shared/webhook"
)

// told is what --events says, by customer, each in the order of time.
type told map[string][]survey.Event

// readEvents reads webhook bodies, one a line. An id that comes again is the same
// event. Events are held in memory, and so must fit into it.
func readEvents(file string) (told, error) {
	if file == "" {
		return nil, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	events, err := parseEvents(f)
	if err != nil {
		return nil, inFile(file, err)
	}
	return events, nil
}

func parseEvents(r io.Reader) (told, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, webhook.MaxBody)
	var wrong faults
	all, seen := told{}, map[string]bool{}
	last := 0
	for n := 1; lines.Scan(); n++ {
		last = n
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		var name struct{ ID string }
		if err := json.Unmarshal(line, &name); err != nil || name.ID == "" {
			name.ID = fmt.Sprintf("line-%d", n)
		}
		e, bad := webhook.ParseEvent(name.ID, line)
		if len(bad) > 0 {
			for _, one := range bad {
				wrong.add(Fault{n, strings.TrimPrefix(one.Field+": "+one.Detail, ": ")})
			}
			continue
		}
		if seen[e.ID] {
			continue
		}
		seen[e.ID] = true
		e.At = e.At.Truncate(time.Millisecond)
		all[e.CustomerID] = append(all[e.CustomerID], e)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("after line %d: %w", last, err)
	}
	for _, events := range all {
		slices.SortStableFunc(events, func(a, b survey.Event) int { return a.At.Compare(b.At) })
	}
	return all, wrong.err()
}

// emails are the addresses that events give a customer's contacts.
func emails(events []survey.Event) []string {
	var found []string
	for _, e := range events {
		for _, contact := range e.Contacts {
			var email string
			if json.Unmarshal(contact["email"], &email) == nil && email != "" {
				found = append(found, email)
			}
		}
	}
	slices.SortFunc(found, cmp.Compare[string])
	return slices.Compact(found)
}

// foretold is what events in the window say of contracts.
func foretold(events []survey.Event, from time.Time) map[foretelling]bool {
	known := map[foretelling]bool{}
	for _, e := range events {
		if e.At.Before(from) {
			continue
		}
		switch e.Type {
		case survey.ContractStarted:
			known[foretelling{e.ContractID, true}] = true
		case survey.ContractRenewed, survey.ContractEnded:
			known[foretelling{e.ContractID, false}] = true
		}
	}
	return known
}
