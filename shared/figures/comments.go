package figures

import (
	"cmp"
	"context"
	"errors"
	"hash/fnv"
	"slices"

	"golang.org/x/sync/errgroup"

	"kaiku/shared/ledger"
	"kaiku/shared/stats"
	"kaiku/shared/survey"
)

// Comment is what somebody wrote, without anything that says who: it is shown with
// the shortest period of which the figure of everyone is shown, whatever the query.
// To say its group as well, or another period elsewhere, would let one join what
// must not be joined.
type Comment struct {
	Kind   survey.Kind  `json:"kind"`
	Period string       `json:"period"`
	Class  survey.Class `json:"class"`
	Score  int          `json:"score"`
	Text   string       `json:"text"`
}

// CommentReader reads the answer that a comment belongs to, or ledger.ErrNotFound.
// It is asked for several at once.
type CommentReader interface {
	Comment(ctx context.Context, ref ledger.CommentRef) (survey.Outcome, error)
}

// Comments are the newest of the kinds and periods that a query takes in, at most so
// many, newest period first; within a period in no order that says when each was
// written. One whose period, of every length, is hidden is not among them. As with
// figures, a period is taken in whole: to ask for a month of it does not tell which
// comments are of that month.
func (p Programme) Comments(ctx context.Context, reader CommentReader, q Query, most int) ([]Comment, error) {
	type named struct {
		ref    ledger.CommentRef
		kind   survey.Kind
		period string
		end    int // of the period
	}
	var found []named
	for _, kind := range q.Kinds {
		v := p.kinds[kind]
		for i, refs := range v.comments {
			if len(refs) == 0 {
				continue
			}
			span, ok := v.shortest(ledger.All, ledger.All, i)
			if !ok || !v.touches(span, q.From, q.To) {
				continue
			}
			for _, ref := range refs {
				found = append(found, named{ref, kind, v.name(span), v.first.Index() + span.To})
			}
		}
	}
	slices.SortFunc(found, func(a, b named) int {
		return cmp.Or(b.ref.At.Compare(a.ref.At), cmp.Compare(a.ref.Invitation, b.ref.Invitation))
	})
	found = found[:min(most, len(found))]
	slices.SortFunc(found, func(a, b named) int {
		return cmp.Or(cmp.Compare(b.end, a.end), cmp.Compare(a.period, b.period), cmp.Compare(shuffled(a.ref.Invitation), shuffled(b.ref.Invitation)))
	})
	comments := make([]*Comment, len(found))
	const atOnce = 16
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, f := range found {
		group.Go(func() error {
			o, err := reader.Comment(ctx, f.ref)
			if errors.Is(err, ledger.ErrNotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			comments[i] = &Comment{Kind: f.kind, Period: f.period, Class: f.kind.Class(o.Answer.Score), Score: o.Answer.Score, Text: o.Answer.Comment}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	out := []Comment{}
	for _, c := range comments {
		if c != nil {
			out = append(out, *c)
		}
	}
	return out, nil
}

func shuffled(invitation string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(invitation))
	return h.Sum32()
}

// shortest is the shortest span of the calendar's year with a month in which a
// group is shown; ok is false when there is none.
func (v views) shortest(by, value string, month int) (stats.Span, bool) {
	for _, length := range []stats.Length{stats.Month, stats.Quarter, stats.Year} {
		for _, span := range v.spans() {
			if span.Length != length || month < span.From || month >= span.To {
				continue
			}
			if !v.hidden(by, value, span, v.sums(by, span)[value].Answered) {
				return span, true
			}
		}
	}
	return stats.Span{}, false
}
