package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	_ "time/tzdata" // a machine may have no time zones of its own

	"kaiku/infra/local"
)

type serve struct{}

// Help is the long help of the command.
func (serve) Help() string {
	return `Everything is set by the environment:

  PORT                 8080
  DATA                 .kaiku: the data folder, kept between runs
  KAIKU_NOW            where a new data folder's clock begins, such as 2026-11-22T08:00:00Z
  POLICY               another policy file than the built-in one
  STORE                bolt (a file in DATA), or dynamodb at AWS_ENDPOINT_URL_DYNAMODB
  WEBHOOK_SECRETS      ` + local.DefaultWebhookSecrets + `
  REPORT_TOKEN         ` + local.DefaultReportToken + `
  ANSWERS_TOKEN        ` + local.DefaultAnswersToken + `  (answers with their customers and comments)
  LINK_KEYS            the keys that sign links
  LOG_LEVEL            warn

The defaults of the secrets are for local runs alone.`
}

func (serve) Run(ctx context.Context) error {
	level := slog.LevelWarn
	if v := os.Getenv("LOG_LEVEL"); v != "" {
		if err := level.UnmarshalText([]byte(v)); err != nil {
			return fmt.Errorf("LOG_LEVEL: %w", err)
		}
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	return local.Serve(ctx, os.Getenv, log, func(base string) {
		fmt.Printf("ready %s\n", base)
		fmt.Fprintf(os.Stderr, "Open %s/local for the clock, the mailbox and sample events. Stop with Ctrl-C.\n", base)
	})
}
