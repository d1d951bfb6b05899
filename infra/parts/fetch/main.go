// Command fetch gets the parts that tests start, so that a test run need not:
//
//	go run ./infra/parts/fetch
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"kaiku/infra/parts"
)

func main() {
	ctx := context.Background()
	_, err := parts.FetchDynamoDB(ctx, os.Stdout)
	if err := errors.Join(err, parts.FetchChromium(ctx, os.Stdout)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
