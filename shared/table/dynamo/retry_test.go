package dynamo

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"kaiku/shared/table"
)

// scripted answers writes with errors in turn, the last one for ever. DynamoDB
// Local knows no conflict of transactions, so they are played here.
type scripted struct {
	Client
	errs   []error
	calls  int
	tokens []string
}

func (s *scripted) next() error {
	err := s.errs[min(s.calls, len(s.errs)-1)]
	s.calls++
	return err
}

func (s *scripted) UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return &dynamodb.UpdateItemOutput{}, s.next()
}

func (s *scripted) DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	return &dynamodb.DeleteItemOutput{}, s.next()
}

func (s *scripted) TransactWriteItems(_ context.Context, in *dynamodb.TransactWriteItemsInput, _ ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	s.tokens = append(s.tokens, aws.ToString(in.ClientRequestToken))
	return &dynamodb.TransactWriteItemsOutput{}, s.next()
}

// waits is what a table asked to wait; it did not wait.
type waits []time.Duration

func (w waits) total() (sum time.Duration) {
	for _, d := range w {
		sum += d
	}
	return sum
}

// scriptedTable is a table over errs whose time passes at once; jitter is the
// fixed random number.
func scriptedTable(jitter float64, errs ...error) (*Table, *scripted, *waits) {
	client, waited := &scripted{errs: errs}, &waits{}
	tbl := New(client, "scripted")
	tbl.retry = retry{
		wait: func(ctx context.Context, d time.Duration) error {
			*waited = append(*waited, d)
			return ctx.Err()
		},
		jitter: func() float64 { return jitter },
	}
	return tbl, client, waited
}

func cancelledFor(codes ...string) error {
	e := &types.TransactionCanceledException{}
	for _, code := range codes {
		e.CancellationReasons = append(e.CancellationReasons, types.CancellationReason{Code: &code})
	}
	return e
}

func coded(code string) error { return &smithy.GenericAPIError{Code: code} }

func putOf(sort string) table.Write {
	return table.Put(table.Item{Key: table.Key{Partition: "p", Sort: sort}, Body: []byte(`{}`)}, table.Absent)
}

var (
	errConflict   = cancelledFor("None", "TransactionConflict")
	errInProgress = &types.TransactionInProgressException{}
)

func TestWritesThatOthersAreInTheWayOfAreRepeated(t *testing.T) {
	for name, obstacle := range map[string]error{
		"conflict of a transaction":     errConflict,
		"throttled transaction":         cancelledFor("ThrottlingError", "None"),
		"transaction over throughput":   cancelledFor("None", "ProvisionedThroughputExceeded"),
		"conflict with a transaction":   &types.TransactionConflictException{},
		"conflict with another replica": &types.ReplicatedWriteConflictException{},
		"throttled request":             &types.ThrottlingException{},
		"request over throughput":       &types.ProvisionedThroughputExceededException{},
		"request over the limit":        coded("RequestLimitExceeded"),
		"attempt still in progress":     errInProgress,
	} {
		for kind, writes := range map[string][]table.Write{
			"transaction": {putOf("a"), putOf("b")},
			"put":         {putOf("a")},
			"delete":      {table.Delete(table.Key{Partition: "p", Sort: "a"}, table.Present)},
		} {
			tbl, client, waited := scriptedTable(0.5, obstacle, obstacle, nil)
			if err := tbl.Write(t.Context(), writes...); err != nil {
				t.Errorf("%s, %s: %v", name, kind, err)
			}
			if client.calls != 3 || len(*waited) != 2 {
				t.Errorf("%s, %s: %d attempts and %d pauses, want 3 and 2", name, kind, client.calls, len(*waited))
			}
		}
	}
}

func TestRepeatingEndsAfterAboutFiveSeconds(t *testing.T) {
	for _, jitter := range []float64{0, 0.999} {
		tbl, client, waited := scriptedTable(jitter, errConflict)
		err := tbl.Write(t.Context(), putOf("a"), putOf("b"))
		if !errors.Is(err, table.ErrContended) {
			t.Errorf("error is %v, want ErrContended", err)
		}
		var cause *types.TransactionCanceledException
		if !errors.As(err, &cause) {
			t.Errorf("error %v does not say why", err)
		}
		if total := waited.total(); total < 2*time.Second || total > 5200*time.Millisecond {
			t.Errorf("it waited for %s in all", total)
		}
		if !slices.IsSorted(*waited) || client.calls != len(*waited)+1 {
			t.Errorf("%d attempts, pauses %v", client.calls, *waited)
		}
	}
}

func TestAnAttemptThatNeverFinishesIsNotCalledUnwritten(t *testing.T) {
	tbl, _, _ := scriptedTable(0, errInProgress)
	err := tbl.Write(t.Context(), putOf("a"), putOf("b"))
	if err == nil || errors.Is(err, table.ErrContended) {
		t.Errorf("error is %v, want one that does not promise that nothing was written", err)
	}
}

func TestATokenIsKeptUntilItsTransactionWasCancelled(t *testing.T) {
	throttled := &types.ThrottlingException{}
	tbl, client, _ := scriptedTable(0, errInProgress, throttled, errConflict, errInProgress, errConflict, nil)
	if err := tbl.Write(t.Context(), putOf("a"), putOf("b")); err != nil {
		t.Fatal(err)
	}
	got := client.tokens
	if got[0] == "" || got[0] != got[1] || got[1] != got[2] || got[2] == got[3] || got[3] != got[4] || got[4] == got[5] {
		t.Errorf("tokens are %q", got)
	}
	if err := tbl.Write(t.Context(), putOf("a"), putOf("b")); err != nil {
		t.Fatal(err)
	}
	if slices.Contains(got, client.tokens[len(client.tokens)-1]) {
		t.Error("another write has the token of an earlier one")
	}
}

func TestAFailedConditionEndsAWriteAtOnce(t *testing.T) {
	always := table.Check(table.Key{Partition: "p", Sort: "always"}, table.Any)
	for name, c := range map[string]struct {
		err    error
		writes []table.Write
		want   []bool
	}{
		"of a transaction": {
			cancelledFor("ConditionalCheckFailed", "None"), []table.Write{putOf("a"), putOf("b")}, []bool{true, false},
		},
		"of both": {
			cancelledFor("ConditionalCheckFailed", "ConditionalCheckFailed"), []table.Write{putOf("a"), putOf("b")}, []bool{true, true},
		},
		"beside a conflict": {
			cancelledFor("TransactionConflict", "ConditionalCheckFailed"), []table.Write{putOf("a"), putOf("b")}, []bool{false, true},
		},
		"beside an invalid item": {
			cancelledFor("ValidationError", "ConditionalCheckFailed"), []table.Write{putOf("a"), putOf("b")}, []bool{false, true},
		},
		"behind a check that always holds": {
			cancelledFor("None", "ConditionalCheckFailed"), []table.Write{putOf("a"), always, putOf("b")}, []bool{false, false, true},
		},
		"of the only one beside such a check": {
			&types.ConditionalCheckFailedException{}, []table.Write{always, putOf("b")}, []bool{false, true},
		},
		"of a single write": {
			&types.ConditionalCheckFailedException{}, []table.Write{putOf("a")}, []bool{true},
		},
	} {
		tbl, client, _ := scriptedTable(0, c.err)
		got, ok := table.Failed(tbl.Write(t.Context(), c.writes...))
		if !ok || !slices.Equal(got, c.want) || client.calls != 1 {
			t.Errorf("%s: failed %v after %d attempts, want %v after 1", name, got, client.calls, c.want)
		}
	}
}

func TestWhatWillNotGoByItselfIsNotRepeated(t *testing.T) {
	for name, fault := range map[string]error{
		"invalid item":                   cancelledFor("ValidationError", "None"),
		"invalid item beside a conflict": cancelledFor("TransactionConflict", "ValidationError"),
		"no reason":                      cancelledFor(),
		"a token used for another":       &types.IdempotentParameterMismatchException{},
		"no such table":                  &types.ResourceNotFoundException{},
		"denied":                         coded("AccessDeniedException"),
		"network":                        errors.New("connection reset"),
	} {
		tbl, client, _ := scriptedTable(0, fault)
		err := tbl.Write(t.Context(), putOf("a"), putOf("b"))
		if !errors.Is(err, fault) || errors.Is(err, table.ErrContended) || errors.Is(err, table.ErrCondition) || client.calls != 1 {
			t.Errorf("%s: error %v after %d attempts, want the fault itself after 1", name, err, client.calls)
		}
	}
}

func TestAContextThatEndsEndsTheRepeating(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	tbl, client, _ := scriptedTable(0, errConflict)
	tbl.retry.wait = func(ctx context.Context, _ time.Duration) error {
		cancel()
		return wait(ctx, time.Hour)
	}
	err := tbl.Write(ctx, putOf("a"), putOf("b"))
	if !errors.Is(err, context.Canceled) || errors.Is(err, table.ErrContended) || client.calls != 1 {
		t.Errorf("error %v after %d attempts, want that of the context after 1", err, client.calls)
	}
}
