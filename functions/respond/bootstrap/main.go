// The respond function: survey page, answer, unsubscribe.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"kaiku/functions/respond"
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
	adapter := httpadapter.NewV2(mux)
	lambda.Start(func(ctx context.Context, r events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		// API Gateway decodes the path. What the adapter cannot parse then it would fail
		// on, and log, with the token.
		r.RawPath = respond.ReadablePath(r.RawPath)
		return adapter.ProxyWithContext(ctx, r)
	})
}

func build(ctx context.Context) (*http.ServeMux, error) {
	aws, env, err := config.Lambda(ctx)
	if err != nil {
		return nil, err
	}
	name, policy, wording, keys, log := env.Required("TABLE"), env.Policy(), env.Wording(), env.LinkKeys(), env.Log()
	if err := env.Err(); err != nil {
		return nil, err
	}
	table := dynamo.New(dynamodb.NewFromConfig(aws), name)
	h := respond.Handler{Ledger: ledger.New(table, policy, ledger.NewIDs()), Policy: policy, Wording: wording, Keys: keys, Now: time.Now, Log: log}
	mux := http.NewServeMux()
	h.Routes(mux)
	return mux, nil
}
