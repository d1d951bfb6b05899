package dynamo_test

import (
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"kaiku/infra/parts"
	"kaiku/shared/table"
	"kaiku/shared/table/dynamo"
)

// losing lets requests of one operation through and loses the answer to the
// first of them.
type losing struct {
	operation string
	requests  atomic.Int64
}

func (l *losing) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil || request.Header.Get("X-Amz-Target") != "DynamoDB_20120810."+l.operation {
		return response, err
	}
	if l.requests.Add(1) > 1 {
		return response, nil
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return nil, err
	}
	return nil, errors.Join(errors.New("the answer was lost"), response.Body.Close())
}

// losingTable is a table and the network to it, on which the first answer to an
// operation is lost.
func losingTable(t *testing.T, operation string) (*dynamo.Table, *losing) {
	t.Helper()
	network := &losing{operation: operation}
	client := parts.DynamoClient(t, func(o *dynamodb.Options) { o.HTTPClient = &http.Client{Transport: network} })
	name := "test-" + rand.Text()
	if err := dynamo.Create(t.Context(), client, name); err != nil {
		t.Fatal(err)
	}
	return dynamo.New(client, name), network
}

func TestATransactionWhoseAnswerWasLostIsDoneOnce(t *testing.T) {
	tbl, network := losingTable(t, "TransactWriteItems")
	a := table.Item{Key: table.Key{Partition: "p", Sort: "a"}, Body: []byte(`{}`)}
	b := table.Item{Key: table.Key{Partition: "p", Sort: "b"}, Body: []byte(`{}`)}
	if err := tbl.Write(t.Context(), table.Put(a, table.Absent), table.Put(b, table.Any)); err != nil {
		t.Fatal(err)
	}
	if n := network.requests.Load(); n != 2 {
		t.Fatalf("%d requests, want 2: the test did not lose any", n)
	}
	for _, key := range []table.Key{a.Key, b.Key} {
		got, err := tbl.Get(t.Context(), key)
		if err != nil || got.Version != 1 {
			t.Errorf("%q: version %d and error %v, want 1", key, got.Version, err)
		}
	}
}

// A single write carries no token, so its condition may fail on itself: the
// contract says so.
func TestASingleWriteWhoseAnswerWasLostMayFailOnItself(t *testing.T) {
	tbl, network := losingTable(t, "UpdateItem")
	item := table.Item{Key: table.Key{Partition: "p", Sort: "s"}, Body: []byte(`{}`)}
	err := tbl.Write(t.Context(), table.Put(item, table.Absent))
	if n := network.requests.Load(); n != 2 {
		t.Fatalf("%d requests, want 2: the test did not lose any", n)
	}
	if !errors.Is(err, table.ErrCondition) {
		t.Errorf("error is %v, want a failed condition", err)
	}
	if got, err := tbl.Get(t.Context(), item.Key); err != nil || got.Version != 1 {
		t.Errorf("version %d and error %v, want 1", got.Version, err)
	}
}
