// Command with runs another command with one DynamoDB Local for all of it, where
// each test package would else start its own:
//
//	go run ./infra/parts/with go test ./...
//
// It starts none where KAIKU_DYNAMODB_ENDPOINT names one already.
// Where the part is missing the command runs without; its tests say what they
// miss.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"kaiku/infra/parts"
)

func main() {
	code, err := run(context.Background(), os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// run returns the exit code of the command.
func run(ctx context.Context, command []string) (code int, err error) {
	if len(command) == 0 {
		return 2, errors.New("usage: with COMMAND [ARGUMENT...]")
	}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = os.Environ()
	if os.Getenv(parts.DynamoDBEndpointVariable) == "" {
		endpoint, stop, missing := parts.StartDynamoDB(ctx, os.Stderr)
		if missing != nil {
			fmt.Fprintln(os.Stderr, missing)
		} else {
			defer func() { err = errors.Join(err, stop.Close()) }()
			cmd.Env = append(cmd.Env, parts.DynamoDBEndpointVariable+"="+endpoint)
		}
	}
	err = cmd.Run()
	var exited *exec.ExitError
	if errors.As(err, &exited) {
		return exited.ExitCode(), nil
	}
	if err != nil {
		return 1, fmt.Errorf("run %s: %w", command[0], err)
	}
	return 0, nil
}
