// Command echo is the function that runtimeapi's own tests run: it does what the
// event tells it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type event struct {
	Do   string `json:"do"`
	Text string `json:"text"`
}

func main() {
	switch os.Getenv("START") {
	case "exit":
		fmt.Fprintln(os.Stderr, "TABLE is not set")
		os.Exit(3)
	case "error":
		url := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/init/error"
		resp, err := http.Post(url, "application/json", strings.NewReader(`{"errorMessage":"TABLE is not set","errorType":"Config"}`))
		if err == nil {
			_ = resp.Body.Close()
		}
		os.Exit(1)
	case "never":
		time.Sleep(time.Hour)
	}
	lambda.Start(handle)
}

func handle(ctx context.Context, e event) (map[string]string, error) {
	switch e.Do {
	case "fail":
		return nil, errors.New(e.Text)
	case "panic":
		panic(e.Text)
	case "exit":
		os.Exit(2)
	case "sleep":
		fmt.Println("asleep")
		time.Sleep(time.Minute)
	case "big":
		return map[string]string{"text": strings.Repeat("x", 7<<20)}, nil
	case "print":
		fmt.Println(e.Text, "on stdout")
		fmt.Fprintln(os.Stderr, e.Text, "on stderr")
	}
	deadline, _ := ctx.Deadline()
	lc, _ := lambdacontext.FromContext(ctx)
	dir, _ := os.Getwd()
	env, _ := json.Marshal(os.Environ())
	return map[string]string{
		"text":     e.Text,
		"request":  lc.AwsRequestID,
		"arn":      lc.InvokedFunctionArn,
		"deadline": deadline.UTC().Format(time.RFC3339Nano),
		"trace":    os.Getenv("_X_AMZN_TRACE_ID"),
		"dir":      dir,
		"env":      string(env),
		"pid":      fmt.Sprint(os.Getpid()),
	}, nil
}
