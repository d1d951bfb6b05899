package survey

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Record is what other systems have said about one thing (a customer, a
// contract, a contact), field by field, each with the time of the newest word.
// Merging is commutative, associative and idempotent: any order and any
// repetition of the same words ends in the same Record (a last-writer-wins map;
// Shapiro et al. 2011, "Conflict-free Replicated Data Types").
type Record struct {
	// Fields holds every field ever given, as JSON; null is "cleared".
	Fields map[string]json.RawMessage
	// Stamps says for each field when it was said, in milliseconds since 1970.
	Stamps map[string]int64
}

// Merge takes over the fields that are newer than what is known. Of two words
// of the same millisecond the larger one stays, compared as bytes: arbitrary,
// but the same in any order.
func (r *Record) Merge(fields map[string]json.RawMessage, at time.Time) {
	if r.Fields == nil {
		r.Fields, r.Stamps = map[string]json.RawMessage{}, map[string]int64{}
	}
	stamp := at.UnixMilli()
	for name, value := range fields {
		// As it will be stored: a word compares the same before and after.
		said, err := json.Marshal(value)
		if err != nil {
			continue // not JSON: the edge has refused such an event already
		}
		old, known := r.Fields[name]
		newer := !known || stamp > r.Stamps[name] ||
			stamp == r.Stamps[name] && bytes.Compare(said, old) > 0
		if newer {
			r.Fields[name], r.Stamps[name] = said, stamp
		}
	}
}

// Decode reads the fields into a struct by their JSON names. Fields that were
// cleared leave their zero value.
func (r Record) Decode(into any) error {
	if len(r.Fields) == 0 {
		return nil
	}
	b, err := json.Marshal(r.Fields)
	if err != nil {
		return fmt.Errorf("putting a record together: %w", err)
	}
	return json.Unmarshal(b, into)
}

// stampsField is where a stored Record keeps its stamps, beside its fields. No
// field of an event has this name.
const stampsField = "@"

// restOfFields stands for all fields that no other stamp names. Most records
// have one stamp, so this keeps a customer under one kilobyte, and so its
// write at one unit.
const restOfFields = "*"

// MarshalJSON writes the fields and, under "@", which were said when:
// {"name":"…","region":"…","@":{"1764000000000":"*","1764111111111":"region"}}.
func (r Record) MarshalJSON() ([]byte, error) {
	byStamp := map[int64][]string{}
	for name, stamp := range r.Stamps {
		byStamp[stamp] = append(byStamp[stamp], name)
	}
	most := int64(0)
	for _, stamp := range slices.Sorted(maps.Keys(byStamp)) {
		if len(byStamp[stamp]) > len(byStamp[most]) {
			most = stamp
		}
	}
	stamps := map[string]string{}
	for stamp, names := range byStamp {
		slices.Sort(names)
		list := strings.Join(names, " ")
		if stamp == most {
			list = restOfFields
		}
		stamps[strconv.FormatInt(stamp, 10)] = list
	}
	out := make(map[string]any, len(r.Fields)+1)
	for name, value := range r.Fields {
		out[name] = value
	}
	if len(stamps) > 0 {
		out[stampsField] = stamps
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (r *Record) UnmarshalJSON(b []byte) error {
	*r = Record{Fields: map[string]json.RawMessage{}, Stamps: map[string]int64{}}
	if err := json.Unmarshal(b, &r.Fields); err != nil {
		return fmt.Errorf("reading a record: %w", err)
	}
	raw, ok := r.Fields[stampsField]
	if !ok {
		return nil
	}
	delete(r.Fields, stampsField)
	var stamps map[string]string
	if err := json.Unmarshal(raw, &stamps); err != nil {
		return fmt.Errorf("reading the stamps of a record: %w", err)
	}
	rest := int64(0)
	for text, names := range stamps {
		stamp, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fmt.Errorf("reading the stamps of a record: %w", err)
		}
		if names == restOfFields {
			rest = stamp
			continue
		}
		for name := range strings.FieldsSeq(names) {
			r.Stamps[name] = stamp
		}
	}
	for name := range r.Fields {
		if _, ok := r.Stamps[name]; !ok {
			r.Stamps[name] = rest
		}
	}
	return nil
}
