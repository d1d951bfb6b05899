// The report function: page, JSON, CSV, timeline.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"kaiku/functions/report"
	"kaiku/shared/config"
	"kaiku/shared/ledger"
	"kaiku/shared/table/dynamo"
)

func main() {
	mux, err := build(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	lambda.Start(httpadapter.NewV2(mux).ProxyWithContext)
}

func build(ctx context.Context) (*http.ServeMux, error) {
	aws, env, err := config.Lambda(ctx)
	if err != nil {
		return nil, err
	}
	name, policy, tokens, personal, keys, log := env.Required("TABLE"), env.Policy(), env.ReportTokens(), env.PersonalTokens(), env.LinkKeys(), env.Log()
	if err := env.Err(); err != nil {
		return nil, err
	}
	table := dynamo.New(dynamodb.NewFromConfig(aws), name)
	h := report.Handler{Ledger: ledger.New(table, policy, ledger.NewIDs()), Policy: policy, Tokens: tokens, PersonalTokens: personal, Keys: keys, Now: time.Now, Log: log}
	mux := http.NewServeMux()
	h.Routes(mux)
	return mux, nil
}
