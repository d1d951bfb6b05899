// Kaiku is the operator's command: it runs everything locally, sends and imports
// events, checks the policy, makes links to the report, hands back what failed.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"kaiku/infra/local"
)

// app is the command line.
type app struct {
	Serve    serve      `cmd:"" help:"Run everything in one process, with a clock that can be turned and a mailbox."`
	Send     sendCmd    `cmd:"" help:"Sign an event file and post it, as a CRM would."`
	Import   importer   `cmd:"" help:"Load existing customers from a CSV file, as backfill events."`
	Timeline timeline   `cmd:"" help:"Show why a customer did or did not get a survey."`
	Rehearse rehearsal  `cmd:"" help:"Play a year of a customer file by the rules, before anyone is mailed."`
	Link     linkCmd    `cmd:"" help:"Make a link to the report that expires."`
	Answers  answersCmd `cmd:"" help:"Export answers as CSV, for analysts."`
	Preview  previewCmd `cmd:"" help:"Write every mail and page to files, to look at before anyone gets them."`
	Policy   struct {
		Check policyCheck `cmd:"" help:"Check a policy file and the texts beside it."`
	} `cmd:"" help:"Work with the policy file."`
	DeadLetters deadLetters `cmd:"" help:"Look at what failed for good in a deployed stack, and hand it back."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	parsed := kong.Parse(&app{}, kong.Name("kaiku"), kong.ShortUsageOnError(),
		kong.Description("Customer surveys by contract events: the operator's command."),
		kong.Vars{"secrets": local.DefaultWebhookSecrets, "token": local.DefaultReportToken, "answersToken": local.DefaultAnswersToken, "keys": local.DefaultLinkKeys,
			"url": "http://127.0.0.1:" + local.DefaultPort},
		kong.BindTo(ctx, (*context.Context)(nil)))
	if err := parsed.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "kaiku:", err)
		stop()
		os.Exit(1)
	}
}
