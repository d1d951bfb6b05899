// The mailevent function: SES events to delivered, bounced, complained.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"kaiku/functions/mailevent"
	"kaiku/shared/config"
	"kaiku/shared/ledger"
	"kaiku/shared/sns"
	"kaiku/shared/table/dynamo"
)

func main() {
	h, err := build(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	lambda.Start(h.Handle)
}

func build(ctx context.Context) (*mailevent.Handler, error) {
	aws, env, err := config.Lambda(ctx)
	if err != nil {
		return nil, err
	}
	name, topic, policy, log := env.Required("TABLE"), env.MailEventsTopic(), env.Policy(), env.Log()
	if err := env.Err(); err != nil {
		return nil, err
	}
	table := dynamo.New(dynamodb.NewFromConfig(aws), name)
	return &mailevent.Handler{Verifier: sns.NewVerifier(topic, sns.HTTPS(), time.Now),
		Ledger: ledger.New(table, policy, ledger.NewIDs()), Now: time.Now, Log: log}, nil
}
