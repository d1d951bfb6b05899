package dynamo

import (
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kaiku/shared/table"
)

// Names of the attributes. Expressions write them as #pk, #sk and so on, so that
// none of them has to stay clear of DynamoDB's reserved words.
const (
	attrPartition = "pk"
	attrSort      = "sk"
	attrVersion   = "version"
	attrBody      = "body"
	attrLane      = "lane"
	attrDue       = "due"
	attrExpires   = "expires"
)

// dueLayout writes UTC times so that text sorts as time passes.
const dueLayout = "2006-01-02T15:04:05.000Z"

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func encodeKey(k table.Key) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{attrPartition: text(k.Partition), attrSort: text(k.Sort)}
}

// laneShard is the key of the index partition in which an item of the lane
// stands.
func laneShard(lane string, shard int) string { return lane + "#" + strconv.Itoa(shard) }

func decode(attributes map[string]types.AttributeValue) (table.Item, error) {
	r := reader{attributes: attributes}
	item := table.Item{
		Key:     r.key(),
		Version: r.number(attrVersion),
		Body:    []byte(r.text(attrBody)),
	}
	if _, ok := attributes[attrLane]; ok {
		item.Due = table.Due{Lane: r.lane(), At: r.due()}
	}
	if _, ok := attributes[attrExpires]; ok {
		item.Expires = time.Unix(r.number(attrExpires), 0).UTC()
	}
	if r.err != nil {
		return table.Item{}, fmt.Errorf("dynamo: item %q: %w", item.Key, r.err)
	}
	return item, nil
}

// reader reads attributes and keeps the first fault. What it finds is what this
// package wrote, or what a person has changed in the console.
type reader struct {
	attributes map[string]types.AttributeValue
	err        error
}

func (r *reader) fail(name string) {
	if r.err == nil {
		r.err = fmt.Errorf("attribute %s is missing or of another type", name)
	}
}

func (r *reader) text(name string) string {
	value, ok := r.attributes[name].(*types.AttributeValueMemberS)
	if !ok {
		r.fail(name)
		return ""
	}
	return value.Value
}

func (r *reader) number(name string) int64 {
	value, ok := r.attributes[name].(*types.AttributeValueMemberN)
	if !ok {
		r.fail(name)
		return 0
	}
	n, err := strconv.ParseInt(value.Value, 10, 64)
	if err != nil {
		r.fail(name)
	}
	return n
}

func (r *reader) key() table.Key {
	return table.Key{Partition: r.text(attrPartition), Sort: r.text(attrSort)}
}

// lane is the attribute without the shard, which is one digit.
func (r *reader) lane() string {
	value := r.text(attrLane)
	if len(value) < len("a#0") || value[len(value)-2] != '#' {
		r.fail(attrLane)
		return ""
	}
	return value[:len(value)-2]
}

func (r *reader) due() time.Time {
	at, err := time.Parse(dueLayout, r.text(attrDue))
	if err != nil {
		r.fail(attrDue)
	}
	return at.UTC()
}
