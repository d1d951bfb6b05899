package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"kaiku/infra/rehearse"
	"kaiku/shared/policyfile"
	"kaiku/shared/survey"
)

type rehearsal struct {
	Policy  string `help:"The policy file. Default: the built-in policy." placeholder:"FILE"`
	Against string `help:"A second policy file, to see what it would change." placeholder:"FILE"`
	Events  string `help:"Further events, one a line as the CRM posts them, such as events/year.jsonl." placeholder:"FILE"`
	From    string `help:"The first day, YYYY-MM-DD. Default: today." placeholder:"DATE"`
	Days    int    `help:"How many days." default:"365"`
	Ends    string `help:"What becomes of a contract that comes to its end date: it is renewed for twelve months, or it ends." enum:"renew,end" default:"renew"`
	Top     int    `help:"How many of the most asked customers and addresses are listed." default:"10"`
	Workers int    `help:"How many work at once; the answer is the same with any number. Default: one for each core."`

	JSON      string `help:"Write the report as JSON to a file; - is standard output, in place of the table." name:"json" placeholder:"FILE"`
	HTML      string `help:"Write the report as a page with charts to a file." name:"html" placeholder:"FILE"`
	Customers bool   `help:"With --against: list customer by customer what differs."`

	File string `arg:"" help:"The customers: CSV such as events/contracts.csv, or JSON Lines (.jsonl)."`
}

// Help is the long help of the command.
func (rehearsal) Help() string {
	return `Plays a year of a customer file by the very rules of production, mails nobody and stores
nothing. The customers are taken as imported at the beginning of the first day.

What a longer pause between surveys would change, from the root of the repository:

    printf 'rules: {cooldown: 90d}\n' > quiet.yaml
    go run ./infra/kaiku rehearse events/contracts.csv --from 2026-11-22
    go run ./infra/kaiku rehearse events/contracts.csv --from 2026-11-22 \
        --against quiet.yaml --html rehearsed.html --customers

The last writes a page with charts, and lists what differs, customer by customer: what the first
policy alone does after a minus, what the second alone does after a plus.

What happens in that time is told by
  the contracts' own dates   one that starts in the time is a contract.started on that day; one
                             that comes to its end date is renewed for twelve months when its
                             last day is over, or ends then (--ends=end)
  --events                   bodies of POST /webhooks/contracts, one a line. Those before the
                             first day are history, such as surveys of another system. Of a
                             contract whose start, renewal or end they tell, its own dates do not
                             tell it again

CSV has the columns of events/contracts.csv, in any order; only customerId is needed. Rows of one
customer may stand anywhere; the memory needed is least when they stand together. JSON Lines have
one customer a line: {"customer": {…}, "contracts": [{…}], "contacts": [{…}]}, with the field names
of an event. Columns and fields that no rule looks at may be there.

The table shows addresses as they are in the file. The JSON and the page hold no address and no
name: there an address is named by its hash and its contacts' ids.`
}

func (c *rehearsal) Run(ctx context.Context) error {
	o, err := c.options()
	if err != nil {
		return err
	}
	out := bufio.NewWriter(os.Stdout)
	if c.Customers {
		o.Differing = func(d rehearse.Difference) error { return d.Write(out, o.Policy.Zone) }
	}
	bar := progressOf(c.File, c.Customers)
	if bar != nil {
		o.Progress = func(done, all int64) {
			bar.ChangeMax64(all)
			_ = bar.Set64(done) // a bar that cannot be drawn is no reason to stop
		}
	}
	report, err := rehearse.Run(ctx, o)
	if err == nil {
		err = c.write(report, out)
	}
	return errors.Join(err, out.Flush())
}

func (c *rehearsal) options() (o rehearse.Options, err error) {
	if c.Customers && c.Against == "" {
		return o, errors.New("--customers lists what differs between two policies: name the second with --against")
	}
	o = rehearse.Options{File: c.File, Events: c.Events, Days: c.Days, Ends: rehearse.Ends(c.Ends), Top: max(0, c.Top), Workers: c.Workers}
	if o.Policy, err = named(c.Policy); err != nil {
		return o, err
	}
	if c.Against != "" {
		if o.Against, err = named(c.Against); err != nil {
			return o, err
		}
	}
	o.From = survey.DateOf(time.Now().In(o.Policy.Zone))
	if c.From != "" {
		if o.From, err = survey.ParseDate(c.From); err != nil {
			return o, fmt.Errorf("--from: %w", err)
		}
	}
	return o, nil
}

// named is a policy with its file's name.
func named(file string) (rehearse.NamedPolicy, error) {
	p, err := policyfile.Load(file)
	if file == "" {
		file = "built-in policy"
	}
	return rehearse.NamedPolicy{Name: file, Policy: p}, err
}

// longFile is from which size on, in bytes, a file takes long enough for a bar.
const longFile = 20 << 20

// progressOf is a bar on a terminal; nil where there is none, the work is short,
// or a list is printed there meanwhile.
func progressOf(file string, listing bool) *progressbar.ProgressBar {
	about, err := os.Stat(file)
	if err != nil || about.Size() < longFile || !term.IsTerminal(int(os.Stderr.Fd())) ||
		listing && term.IsTerminal(int(os.Stdout.Fd())) {
		return nil
	}
	return progressbar.NewOptions64(1, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription("rehearsing"),
		progressbar.OptionShowBytes(true), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
}

// write writes the report as it was asked for.
func (c *rehearsal) write(report *rehearse.Report, out io.Writer) error {
	table := report.WriteTable
	if c.JSON == "-" {
		table = report.WriteJSON
	} else if c.JSON != "" {
		if err := writeFile(c.JSON, report.WriteJSON); err != nil {
			return err
		}
	}
	if c.HTML != "" {
		if err := writeFile(c.HTML, report.WriteHTML); err != nil {
			return err
		}
	}
	return table(out)
}

func writeFile(name string, write func(io.Writer) error) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(file)
	if err := errors.Join(write(w), w.Flush(), file.Close()); err != nil {
		return fmt.Errorf("%s: %w", strings.TrimSpace(name), err)
	}
	return nil
}
