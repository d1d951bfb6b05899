// The agenda function: every minute, what has fallen due.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"kaiku/functions/agenda"
	"kaiku/shared/config"
	"kaiku/shared/ledger"
	"kaiku/shared/mail/quota"
	"kaiku/shared/table/dynamo"
)

// workers is how many matters are dealt with at once: enough to wait for
// DynamoDB in parallel, too few to crowd a table.
const workers = 16

func main() {
	h, err := build(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	lambda.Start(h.Handle)
}

func build(ctx context.Context) (*agenda.Handler, error) {
	aws, env, err := config.Lambda(ctx)
	if err != nil {
		return nil, err
	}
	name, queue, policy, log := env.Required("TABLE"), env.Required("QUEUE_URL"), env.Policy(), env.Log()
	if err := env.Err(); err != nil {
		return nil, err
	}
	table := dynamo.New(dynamodb.NewFromConfig(aws), name)
	return &agenda.Handler{Ledger: ledger.New(table, policy, ledger.NewIDs()),
		Queue:   &agenda.SQSQueue{Client: sqs.NewFromConfig(aws), URL: queue, Now: time.Now},
		Account: quota.Account{SES: sesv2.NewFromConfig(aws)}, Now: time.Now, Log: log, Workers: workers}, nil
}
