// The aggregate function: every hour, new answers to figures.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"kaiku/functions/aggregate"
	"kaiku/shared/config"
	"kaiku/shared/ledger"
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
	name, policy, log := env.Required("TABLE"), env.Policy(), env.Log()
	if err := env.Err(); err != nil {
		return nil, err
	}
	table := dynamo.New(dynamodb.NewFromConfig(aws), name)
	return &aggregate.Handler{Ledger: ledger.New(table, policy, ledger.NewIDs()), Now: time.Now, Log: log}, nil
}
