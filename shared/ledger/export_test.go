package ledger

import (
	"kaiku/shared/survey"
	"kaiku/shared/table"
)

// CountedItem is an outcome as it is stored once it was counted, by the day on
// which its invitation was first tried. It is added to the counts.
func CountedItem(day survey.Date, o survey.Outcome, counts *MonthCount) (table.Item, error) {
	counts.recount(&o, day)
	tally := o.Tally()
	o.Counted = &tally
	return itemOf(outcomeKey(day, o.Invitation), o)
}

// CountsItem is what was counted of a month, as it is stored.
func CountsItem(kind survey.Kind, counts MonthCount) (table.Item, error) {
	return itemOf(countKey(kind, counts.Month), counts)
}

func itemOf[T any](key table.Key, value T) (table.Item, error) {
	s := stored[T]{key: key, value: value}
	w, err := s.put()
	return w.Item, err
}
