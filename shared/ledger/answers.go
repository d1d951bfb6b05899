package ledger

// Who answered what in a month? Answers are read day by day: a query for each of a
// day's partitions (half a unit for each 4 KB; half a unit where there is nothing).
// Nothing but an export of answers reads them so.

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"kaiku/shared/survey"
	"kaiku/shared/table"
)

// Answers reads the outcomes of the surveys that were answered of those first tried
// on a day, in the order of their ids.
func (l *Ledger) Answers(ctx context.Context, day survey.Date) ([]survey.Outcome, error) {
	shards := make([]int, dayShards)
	for i := range shards {
		shards[i] = i
	}
	parts, err := gather(ctx, shards, func(shard int) (answered []survey.Outcome, err error) {
		q := table.Query{Partition: dayPartition(day, shard), Eventually: true}
		for item, err := range table.All(ctx, l.table, q) {
			if err != nil {
				return nil, err
			}
			o, err := decode[survey.Outcome](item)
			if err != nil {
				return nil, err
			}
			if o.value.Answer != nil {
				answered = append(answered, o.value)
			}
		}
		return answered, nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the answers of %s: %w", day, err)
	}
	answers := slices.Concat(parts...)
	slices.SortFunc(answers, func(a, b survey.Outcome) int { return strings.Compare(a.Invitation, b.Invitation) })
	return answers, nil
}
