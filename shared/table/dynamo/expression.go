package dynamo

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kaiku/shared/table"
)

// expression is one write in DynamoDB's words. Maps that would be empty are nil:
// DynamoDB refuses empty ones.
type expression struct {
	// update is empty unless the write is a put.
	update    *string
	condition *string
	names     map[string]string
	values    map[string]types.AttributeValue
}

func newExpression(w table.Write) expression {
	var e expression
	if w.Op == table.OpPut {
		e.put(w.Item.Kept())
	}
	switch w.If.Kind {
	case table.CondAbsent:
		e.only(fmt.Sprintf("attribute_not_exists(%s)", e.name(attrPartition)))
	case table.CondPresent:
		e.only(fmt.Sprintf("attribute_exists(%s)", e.name(attrPartition)))
	case table.CondVersion:
		e.only(fmt.Sprintf("%s = %s", e.name(attrVersion), e.value("expected", number(w.If.Version))))
	}
	return e
}

func (e *expression) only(condition string) { e.condition = &condition }

// put sets what the item has and removes what it has not.
func (e *expression) put(item table.Item) {
	set := []string{e.assign(attrBody, text(string(item.Body)))}
	var remove []string
	if item.Due.Lane != "" {
		set = append(set,
			e.assign(attrLane, text(laneShard(item.Due.Lane, table.Shard(item.Key)))),
			e.assign(attrDue, text(item.Due.At.Format(dueLayout))))
	} else {
		remove = append(remove, e.name(attrLane), e.name(attrDue))
	}
	if !item.Expires.IsZero() {
		set = append(set, e.assign(attrExpires, number(item.Expires.Unix())))
	} else {
		remove = append(remove, e.name(attrExpires))
	}
	update := fmt.Sprintf("SET %s ADD %s %s", strings.Join(set, ", "), e.name(attrVersion), e.value("one", number(1)))
	if len(remove) > 0 {
		update += " REMOVE " + strings.Join(remove, ", ")
	}
	e.update = &update
}

func (e *expression) assign(attribute string, value types.AttributeValue) string {
	return e.name(attribute) + " = " + e.value(attribute, value)
}

func (e *expression) name(attribute string) string {
	if e.names == nil {
		e.names = make(map[string]string)
	}
	e.names["#"+attribute] = attribute
	return "#" + attribute
}

func (e *expression) value(name string, value types.AttributeValue) string {
	if e.values == nil {
		e.values = make(map[string]types.AttributeValue)
	}
	e.values[":"+name] = value
	return ":" + name
}
