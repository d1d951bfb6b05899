package config

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	_ "time/tzdata" // provided.al2023 has no time zones of its own

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

// AWS reads region, credentials and endpoints as every AWS tool does.
func AWS(ctx context.Context) (aws.Config, error) {
	c, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return c, fmt.Errorf("reading the AWS configuration: %w", err)
	}
	return c, nil
}

// Lambda is what each function starts from: the AWS configuration, and a Reader
// of the environment that fetches named secrets from SSM.
func Lambda(ctx context.Context) (aws.Config, *Reader, error) {
	c, err := AWS(ctx)
	if err != nil {
		return c, nil, err
	}
	return c, New(ctx, os.Getenv, ssm.NewFromConfig(c)), nil
}

// Log is the function's log: one JSON object a line.
func (r *Reader) Log() *slog.Logger {
	return slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: r.LogLevel()}))
}
