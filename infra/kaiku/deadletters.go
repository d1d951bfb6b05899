package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"kaiku/infra/deadletters"
	"kaiku/shared/config"
)

type deadLetters struct {
	List    deadLettersList    `cmd:"" help:"Show what waits in the failure queues, without an address or any other personal datum."`
	Redrive deadLettersRedrive `cmd:"" help:"Hand back what failed, once its cause is mended."`
}

func (deadLetters) Help() string {
	return `Each function leaves what it could not do in a queue of its own, where it waits 14 days:

  send       mails that failed five times. They go back to the queue that they came
             from; a mail that went out meanwhile is not sent twice.
  mailevent  what SES said of mails. Each is handed to the function again; noting
             one twice changes nothing.
  agenda, aggregate
             runs that failed: only a trace. The next run does what a failed one
             left undone, so there is nothing to hand back.

Region and credentials are those of the AWS CLI (AWS_PROFILE, AWS_REGION). The
queues are found by the stack's name. What to do about each: docs/runbooks/send-dead-letters.md,
mailevent-failures.md and schedule-failures.md.

  kaiku dead-letters list
  kaiku dead-letters redrive send --max-per-second 5`
}

// place is where the queues are.
type place struct {
	Stack string `help:"The stack's name." default:"kaiku" env:"KAIKU_STACK"`
	Queue string `help:"The URL of one queue, where its name is not the one that CloudFormation gives."`
}

func (p place) queue(ctx context.Context, client deadletters.SQS, f deadletters.Function) (deadletters.Queue, error) {
	if p.Queue != "" {
		return deadletters.Queue{Function: f, URL: p.Queue}, nil
	}
	return deadletters.Find(ctx, client, p.Stack, f)
}

type deadLettersList struct {
	place
	Max int `help:"How many messages of a queue are looked at." default:"100"`

	Function deadletters.Function `arg:"" optional:"" enum:"send,mailevent,agenda,aggregate," default:"" help:"Whose failures: send, mailevent, agenda or aggregate. Default: all."`
}

func (c *deadLettersList) Run(ctx context.Context) error {
	aws, err := config.AWS(ctx)
	if err != nil {
		return err
	}
	client := sqs.NewFromConfig(aws)
	functions := deadletters.Functions
	switch {
	case c.Function != "":
		functions = []deadletters.Function{c.Function}
	case c.Queue != "":
		return errors.New("--queue is one queue: say also whose it is, as in `kaiku dead-letters list send --queue URL`")
	}
	for i, f := range functions {
		if i > 0 {
			fmt.Println()
		}
		q, err := c.queue(ctx, client, f)
		if err == nil {
			err = c.show(ctx, client, q)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
	}
	return nil
}

func (c *deadLettersList) show(ctx context.Context, client deadletters.SQS, q deadletters.Queue) error {
	count, err := q.Count(ctx, client)
	if err != nil {
		return err
	}
	letters, err := q.List(ctx, client, c.Max)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %s", q.Function, messages(max(count.Waiting, len(letters))))
	if count.InHand > 0 {
		fmt.Printf(", and %d that somebody is looking at", count.InHand)
	}
	fmt.Println()
	out := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	if len(letters) > 0 {
		fmt.Fprintln(out, "  AGE\tMESSAGE\tWHAT\tCUSTOMER\tINVITATION\tTAKEN\tREASON")
	}
	now := time.Now()
	for _, l := range letters {
		fmt.Fprintf(out, "  %s\t%s\t%s\t%s\t%s\t%d\t%s\n", age(now.Sub(l.Since)), l.ID, l.What, shown(l.Customer), orDash(l.Invitation), l.Received, orElse(l.Reason, q.Function))
	}
	return out.Flush()
}

func messages(n int) string {
	switch n {
	case 0:
		return "nothing waits"
	case 1:
		return "1 message"
	}
	return fmt.Sprintf("about %d messages", n)
}

// age is how long ago, as a person says it.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	}
	return fmt.Sprintf("%dd", int(d.Hours()/24))
}

// shown is a customer's id, quoted where a CRM has put into it what would disturb
// a terminal.
func shown(id string) string {
	if quoted := strconv.Quote(id); quoted != `"`+id+`"` {
		return quoted
	}
	return orDash(id)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// orElse says where the reason stands when the message has none: SQS keeps none
// of a queue's consumer.
func orElse(reason string, f deadletters.Function) string {
	if reason == "" && f == deadletters.Send {
		return "in the log of send, by the message's id"
	}
	return orDash(reason)
}

type deadLettersRedrive struct {
	place
	MaxPerSecond int    `help:"At most so many messages a second, 1 to 500. Default: as fast as it goes."`
	OneByOne     bool   `help:"Move the messages from here, for where SQS cannot do it itself."`
	Name         string `help:"The function that takes mailevent's events. Default: the stack's."`
	Yes          bool   `help:"Do not ask first."`

	Function deadletters.Function `arg:"" enum:"send,mailevent,agenda,aggregate" help:"Whose failures: send or mailevent."`
}

// watch is how often SQS is asked how far it is.
const watch = time.Second

func (c *deadLettersRedrive) Run(ctx context.Context) error {
	if err := deadletters.CheckRate(c.MaxPerSecond); err != nil {
		return err
	}
	aws, err := config.AWS(ctx)
	if err != nil {
		return err
	}
	client := sqs.NewFromConfig(aws)
	q, err := c.queue(ctx, client, c.Function)
	if err != nil {
		return err
	}
	if c.Function == deadletters.Agenda || c.Function == deadletters.Aggregate {
		return fmt.Errorf("a failed run of %[1]s is not repeated: the next run does what it left undone. Once runs succeed, empty the queue:\n  aws sqs purge-queue --queue-url %[2]s", c.Function, q.URL)
	}
	count, err := q.Count(ctx, client)
	if err != nil {
		return err
	}
	if count.Waiting == 0 {
		fmt.Println("nothing waits")
		return nil
	}
	where := "back to the queue that they came from"
	if c.Function == deadletters.Mailevent {
		where = "to the function again"
	}
	if !c.Yes && !agreed(fmt.Sprintf("%s of %s go %s. Is the cause mended? [y/N] ", messages(count.Waiting), c.Function, where)) {
		return errors.New("nothing was moved")
	}
	tell := func(moved, of int64) { fmt.Printf("\rmoved %d of %d", moved, max(of, moved)) }
	var moved int64
	switch {
	case c.Function == deadletters.Mailevent:
		name := c.Name
		if name == "" {
			name = c.Stack + "-mailevent"
		}
		moved, err = q.Invoke(ctx, client, lambda.NewFromConfig(aws), name, c.MaxPerSecond, tell)
	case c.OneByOne:
		moved, err = q.OneByOne(ctx, client, c.MaxPerSecond, tell)
	default:
		moved, err = q.MoveTask(ctx, client, c.MaxPerSecond, watch, tell)
	}
	if moved > 0 {
		fmt.Println()
	}
	if err != nil {
		return fmt.Errorf("after %d: %w", moved, err)
	}
	fmt.Printf("%d went %s\n", moved, where)
	return nil
}

// agreed asks the person at the terminal; anything but a yes is a no, and so is
// no terminal.
func agreed(question string) bool {
	fmt.Print(question)
	answer, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil {
		return false
	}
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes"
}
