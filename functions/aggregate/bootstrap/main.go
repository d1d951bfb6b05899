// The aggregate function: every hour, new answers to figures; every month, their
// digest by mail.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"kaiku/functions/aggregate"
	"kaiku/shared/config"
	"kaiku/shared/ledger"
	"kaiku/shared/mail"
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

func build(ctx context.Context) (*aggregate.Handler, error) {
	aws, env, err := config.Lambda(ctx)
	if err != nil {
		return nil, err
	}
	name, set, base := env.Required("TABLE"), env.Required("CONFIGURATION_SET"), env.BaseURL()
	policy, keys, log := env.Policy(), env.LinkKeys(), env.Log()
	if err := env.Err(); err != nil {
		return nil, err
	}
	table := dynamo.New(dynamodb.NewFromConfig(aws), name)
	return &aggregate.Handler{Ledger: ledger.New(table, policy, ledger.NewIDs()), Now: time.Now, Log: log,
		Monthly: aggregate.Monthly{Sender: mail.Sender{SES: sesv2.NewFromConfig(aws), ConfigurationSet: set}, Policy: policy, Keys: keys, BaseURL: base}}, nil
}
