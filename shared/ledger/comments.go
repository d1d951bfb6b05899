package ledger

// What did people say lately? The counts of a month name its newest comments; to
// show one reads its outcome (1 unit). So no comment is stored twice, and one that
// was erased is gone at once.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"kaiku/shared/survey"
)

// CommentRef names an answer with a comment.
type CommentRef struct {
	Invitation string      `json:"id"`
	Day        survey.Date `json:"day"`
	At         time.Time   `json:"at"` // when it was first answered
}

// MaxComments is how many comments of one month and kind are named, the newest.
const MaxComments = 20

// recountComment names the outcome's comment among the month's newest, or no more.
func (c *MonthCount) recountComment(o *survey.Outcome, day survey.Date) {
	named := slices.ContainsFunc(c.Comments, func(r CommentRef) bool { return r.Invitation == o.Invitation })
	switch tally := o.Tally(); {
	case named && !tally.Commented:
		c.Comments = slices.DeleteFunc(c.Comments, func(r CommentRef) bool { return r.Invitation == o.Invitation })
	case !named && tally.Commented:
		c.Comments = append(c.Comments, CommentRef{o.Invitation, day, o.Answer.First})
		slices.SortFunc(c.Comments, func(a, b CommentRef) int {
			return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Invitation, b.Invitation))
		})
		c.Comments = c.Comments[:min(len(c.Comments), MaxComments)]
	}
}

// Comment reads a comment that the counts name; ErrNotFound when it was taken back
// or erased meanwhile.
func (l *Ledger) Comment(ctx context.Context, ref CommentRef) (survey.Outcome, error) {
	o, err := get[survey.Outcome](ctx, l.table, outcomeKey(ref.Day, ref.Invitation))
	switch {
	case err != nil && !errors.Is(err, ErrNotFound):
		return o.value, fmt.Errorf("reading a comment: %w", err)
	case err != nil || o.value.Answer == nil || o.value.Answer.Comment == "":
		return o.value, ErrNotFound
	}
	return o.value, nil
}
