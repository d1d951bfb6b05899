package dynamo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kaiku/shared/table"
)

type attributes = map[string]types.AttributeValue

// reading answers reads from functions.
type reading struct {
	Client
	get   func() (*dynamodb.GetItemOutput, error)
	query func(*dynamodb.QueryInput) (*dynamodb.QueryOutput, error)
}

func (r reading) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return r.get()
}

func (r reading) Query(_ context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return r.query(in)
}

func TestAnItemThatIsNotOursIsAnErrorThatNamesTheAttribute(t *testing.T) {
	whole := func() attributes {
		return attributes{
			"pk": text("p"), "sk": text("s"), "version": number(1), "body": text("{}"),
			"lane": text("agenda#3"), "due": text("2026-11-22T12:00:00.000Z"), "expires": number(1),
		}
	}
	if _, err := decode(whole()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		attribute string
		value     types.AttributeValue
	}{
		{"sk", nil}, {"version", nil}, {"version", text("1")}, {"version", &types.AttributeValueMemberN{Value: "1.5"}},
		{"body", nil}, {"body", number(1)}, {"lane", text("agenda")}, {"lane", text("#3")}, {"lane", number(3)},
		{"due", nil}, {"due", text("tomorrow")}, {"expires", text("soon")},
	} {
		broken := whole()
		broken[c.attribute] = c.value
		if c.value == nil {
			delete(broken, c.attribute)
		}
		client := reading{
			get: func() (*dynamodb.GetItemOutput, error) { return &dynamodb.GetItemOutput{Item: broken}, nil },
			query: func(*dynamodb.QueryInput) (*dynamodb.QueryOutput, error) {
				return &dynamodb.QueryOutput{Items: []attributes{broken}}, nil
			},
		}
		tbl := New(client, "table")
		_, errGet := tbl.Get(t.Context(), table.Key{Partition: "p", Sort: "s"})
		_, errQuery := tbl.Query(t.Context(), table.Query{Partition: "p"})
		for _, err := range []error{errGet, errQuery} {
			if err == nil || !strings.Contains(err.Error(), c.attribute) {
				t.Errorf("%s is %#v: error is %v, want one that names it", c.attribute, c.value, err)
			}
		}
	}
}

func TestDueFailsWhenOneShardDoes(t *testing.T) {
	fault := errors.New("shard is on fire")
	tbl := New(reading{query: func(in *dynamodb.QueryInput) (*dynamodb.QueryOutput, error) {
		if in.ExpressionAttributeValues[":lane"].(*types.AttributeValueMemberS).Value == "agenda#5" {
			return nil, fault
		}
		return &dynamodb.QueryOutput{}, nil
	}}, "table")
	if _, err := tbl.Due(t.Context(), "agenda", time.Now(), 10); !errors.Is(err, fault) {
		t.Errorf("error is %v, want that of the shard", err)
	}
}

func TestDueReadsPagesUntilThereAreEnough(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	// Each shard has ten entries and gives three in a page.
	tbl := New(reading{query: func(in *dynamodb.QueryInput) (*dynamodb.QueryOutput, error) {
		shard := in.ExpressionAttributeValues[":lane"].(*types.AttributeValueMemberS).Value
		begin := 0
		if in.ExclusiveStartKey != nil {
			if _, err := fmt.Sscan(in.ExclusiveStartKey["sk"].(*types.AttributeValueMemberS).Value, &begin); err != nil {
				return nil, err
			}
			begin++
		}
		out := &dynamodb.QueryOutput{}
		for n := begin; n < min(10, begin+3, begin+int(aws.ToInt32(in.Limit))); n++ {
			entry := attributes{"pk": text(shard), "sk": text(fmt.Sprint(n)), "due": text(at.Add(time.Duration(n) * time.Second).Format(dueLayout))}
			out.Items = append(out.Items, entry)
			if n < 9 {
				out.LastEvaluatedKey = entry
			}
		}
		return out, nil
	}}, "table")
	for _, limit := range []int{1, 2, 3, 4, 7, 50, 79, 80, 81} {
		due, err := tbl.Due(t.Context(), "agenda", at.Add(time.Hour), limit)
		if err != nil {
			t.Fatal(err)
		}
		if want := min(limit, 10*table.Shards); len(due) != want {
			t.Errorf("limit %d gives %d entries, want %d", limit, len(due), want)
		}
		for i, entry := range due {
			if want := at.Add(time.Duration(i/table.Shards) * time.Second); !entry.At.Equal(want) {
				t.Fatalf("limit %d: entry %d is due at %s, want %s", limit, i, entry.At, want)
			}
		}
	}
}
