// Command fetch downloads the parts that tests start, so that a test run need not:
//
//	go run ./infra/parts/fetch
package main

import (
	"context"
	"fmt"
	"os"

	"kaiku/infra/parts"
)

func main() {
	if _, err := parts.FetchDynamoDB(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
