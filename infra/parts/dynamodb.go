package parts

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"kaiku/shared/table/dynamo"
)

// DynamoDBEndpointVariable names the environment variable with the endpoint of a
// DynamoDB Local that runs already; with it, none is started.
const DynamoDBEndpointVariable = "KAIKU_DYNAMODB_ENDPOINT"

// Credentials and region that parts accept. DynamoDB Local keeps the tables of
// each pair apart.
const (
	Region    = "eu-north-1"
	AccessKey = "local"
	SecretKey = "local"
)

// DynamoDB returns the endpoint of DynamoDB Local, started on the first call of
// the process.
func DynamoDB(t testing.TB) (endpoint string) {
	t.Helper()
	endpoint, err := dynamoDB()
	need(t, err)
	return endpoint
}

// DynamoClient is a client of DynamoDB Local.
func DynamoClient(t testing.TB, options ...func(*dynamodb.Options)) *dynamodb.Client {
	t.Helper()
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String(DynamoDB(t)),
		Region:       Region,
		Credentials:  credentials.NewStaticCredentialsProvider(AccessKey, SecretKey, ""),
	}, options...)
}

// DynamoTable is a new, empty table in DynamoDB Local. It stays there until the
// part ends.
func DynamoTable(t testing.TB) *dynamo.Table {
	t.Helper()
	client, name := DynamoClient(t), "test-"+rand.Text()
	if err := dynamo.Create(t.Context(), client, name); err != nil {
		t.Fatal(err)
	}
	return dynamo.New(client, name)
}

// dynamoDB starts the part once in the process. No test's context may end it:
// the next test needs it too.
var dynamoDB = sync.OnceValues(func() (string, error) {
	ctx := context.Background()
	if endpoint := os.Getenv(DynamoDBEndpointVariable); endpoint != "" {
		if err := await(ctx, endpoint, nil); err != nil {
			return "", fmt.Errorf("parts: %s=%s: %w", DynamoDBEndpointVariable, endpoint, err)
		}
		return endpoint, nil
	}
	endpoint, _, err := StartDynamoDB(ctx, os.Stderr)
	return endpoint, err
})

// StartDynamoDB starts a DynamoDB Local of its own, downloaded if need be. It ends
// when stop is closed or this process ends.
func StartDynamoDB(ctx context.Context, progress io.Writer) (endpoint string, stop io.Closer, err error) {
	java, err := exec.LookPath("java")
	if err != nil {
		return "", nil, &missingError{what: "DynamoDB Local", how: "install a Java runtime of version 11 or later, such as default-jre-headless"}
	}
	dir, err := FetchDynamoDB(ctx, progress)
	if err != nil {
		return "", nil, err
	}
	return startServer(ctx, "DynamoDB Local", func(port string) *exec.Cmd {
		// Less compiling and one collector: it starts faster and leaves the cores
		// to the tests.
		cmd := exec.Command(java, "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
			"-Djava.library.path=DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar",
			"-inMemory", "-disableTelemetry", "-port", port)
		cmd.Dir = dir
		return cmd
	})
}
