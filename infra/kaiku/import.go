package main

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"kaiku/shared/webhook"
)

type importer struct {
	target
	Secrets string `help:"Webhook secrets; the first signs." default:"${secrets}" env:"WEBHOOK_SECRETS"`
	Workers int    `help:"How many rows are sent at once." default:"8"`
	DryRun  bool   `help:"Check the file and send nothing."`

	File string `arg:"" type:"existingfile" help:"A CSV file with a header, such as events/contracts.csv."`
}

func (importer) Help() string {
	return `Each row is a customer with one contract and one contact; further rows of a customer
add to it. Nobody is asked anything: the events are backfill, and only put the annual
survey on the calendar. Columns, in any order, of which only customerId is needed:

  ` + strings.Join(append([]string{"customerId"}, columnNames()...), ", ") + `

An empty field is left as it is. The import may be stopped and run again.`
}

// column is where a column's value goes in an event, and how it is written.
type column struct{ name, object, field, form string }

// columns of the file beside customerId.
var columns = []column{
	{"name", "customer", "name", "text"}, {"businessId", "customer", "businessId", "text"},
	{"employees", "customer", "employees", "number"}, {"turnover", "customer", "turnover", "number"},
	{"balanceSheet", "customer", "balanceSheet", "number"}, {"industry", "customer", "industry", "text"},
	{"region", "customer", "region", "text"}, {"chain", "customer", "chain", "yesno"},
	{"publicSector", "customer", "publicSector", "yesno"}, {"consumer", "customer", "consumer", "yesno"},
	{"timezone", "customer", "timezone", "text"},
	{"contractId", "contract", "id", "text"}, {"service", "contract", "service", "text"},
	{"annualValue", "contract", "annualValue", "number"}, {"currency", "contract", "currency", "text"},
	{"startsOn", "contract", "startsOn", "text"}, {"endsOn", "contract", "endsOn", "text"}, {"owner", "contract", "owner", "text"},
	{"contactId", "contact", "id", "text"}, {"email", "contact", "email", "text"}, {"contactName", "contact", "name", "text"},
	{"role", "contact", "role", "text"}, {"language", "contact", "language", "text"},
}

func columnNames() []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	return names
}

// event is one row as an event, with the line it stands on.
type event struct {
	line int
	id   string
	body []byte
}

func (c *importer) Run(ctx context.Context) error {
	secrets, err := webhook.ParseSecrets(c.Secrets)
	if err != nil {
		return err
	}
	now := time.Now
	if !c.DryRun {
		if now, err = clockOf(ctx, c.URL); err != nil {
			return err
		}
	}
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	events, err := readRows(file, now())
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	if c.DryRun {
		fmt.Printf("%s: %d rows are well; nothing was sent.\n", c.File, len(events))
		return nil
	}
	return c.sendAll(ctx, secrets, now, events)
}

// sendAll posts the events, several at once, and shows how far it is.
func (c *importer) sendAll(ctx context.Context, secrets *webhook.Verifier, now func() time.Time, events []event) error {
	var (
		done, known atomic.Int64
		group       sync.WaitGroup
		mutex       sync.Mutex
		faults      []error
	)
	work := make(chan event)
	for range max(1, c.Workers) {
		group.Go(func() {
			for e := range work {
				a, err := post(ctx, c.URL, secrets, e.id, now(), e.body)
				if err == nil && a.status >= http.StatusBadRequest {
					err = errors.Join(errRefused, a.failure())
				}
				if err != nil {
					mutex.Lock()
					faults = append(faults, fmt.Errorf("%s:%d: %w", c.File, e.line, err))
					mutex.Unlock()
				}
				if a.status == http.StatusOK {
					known.Add(1)
				}
				progress(done.Add(1), len(events))
			}
		})
	}
	for _, e := range events {
		if ctx.Err() != nil {
			break
		}
		work <- e
	}
	close(work)
	group.Wait()
	if len(events) >= progressStep {
		fmt.Fprintln(os.Stderr)
	}
	fmt.Printf("%d rows sent, %d of them known already, %d refused.\n", done.Load(), known.Load(), len(faults))
	return errors.Join(append(faults, ctx.Err())...)
}

// progressStep is after how many rows progress is shown anew.
const progressStep = 50

func progress(done int64, all int) {
	if done%progressStep == 0 || done == int64(all) {
		fmt.Fprintf(os.Stderr, "\r%d of %d rows", done, all)
	}
}

// readRows reads the whole file and makes an event of each row, as of now. The
// id of an event is a hash of its row: run again, it is known already.
func readRows(r io.Reader, now time.Time) ([]event, error) {
	rows := csv.NewReader(r)
	head, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("reading the header: %w", err)
	}
	head[0] = strings.TrimPrefix(head[0], "\uFEFF") // spreadsheets begin a file with it
	for _, name := range head {
		if name != "customerId" && !slices.Contains(columnNames(), name) {
			return nil, fmt.Errorf("unknown column %q; known are customerId, %s", name, strings.Join(columnNames(), ", "))
		}
	}
	if !slices.Contains(head, "customerId") {
		return nil, errors.New("the column customerId is missing")
	}
	var events []event
	var faults []error
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return events, errors.Join(faults...)
		}
		if err != nil {
			return nil, err
		}
		line, _ := rows.FieldPos(0)
		e, err := rowEvent(head, row, now)
		if err != nil {
			faults = append(faults, fmt.Errorf("line %d: %w", line, err))
			continue
		}
		e.line = line
		events = append(events, e)
	}
}

func rowEvent(head, row []string, now time.Time) (event, error) {
	objects := map[string]map[string]any{"customer": {}, "contract": {}, "contact": {}}
	for i, name := range head {
		value := strings.TrimSpace(row[i])
		if value == "" {
			continue
		}
		if name == "customerId" {
			objects["customer"]["id"] = value
			continue
		}
		c := columns[slices.IndexFunc(columns, func(c column) bool { return c.name == name })]
		switch c.form {
		case "number":
			n, err := strconv.ParseFloat(value, 64)
			if err != nil {
				return event{}, fmt.Errorf("%s: %q is no number", name, value)
			}
			objects[c.object][c.field] = n
		case "yesno":
			yes, err := strconv.ParseBool(value)
			if err != nil {
				return event{}, fmt.Errorf("%s: %q is not true or false", name, value)
			}
			objects[c.object][c.field] = yes
		default:
			objects[c.object][c.field] = value
		}
	}
	if objects["customer"]["id"] == nil {
		return event{}, errors.New("customerId is empty")
	}
	data := map[string]any{"customer": objects["customer"], "backfill": true}
	kind := "customer.updated"
	if objects["contract"]["id"] != nil {
		kind, data["contract"] = "contract.started", objects["contract"]
	}
	if objects["contact"]["id"] != nil {
		data["contacts"] = []any{objects["contact"]}
	}
	body, err := json.Marshal(map[string]any{"type": kind, "timestamp": now.UTC().Format(time.RFC3339), "data": data})
	if err != nil {
		return event{}, err
	}
	sum := sha256.Sum256([]byte(strings.Join(row, "\x1f")))
	return event{id: "import_" + hex.EncodeToString(sum[:16]), body: body}, nil
}
