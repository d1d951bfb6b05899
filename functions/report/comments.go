package report

import (
	"context"
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"kaiku/shared/figures"
)

const (
	// maxComments is how many comments a page shows; of one as much as takes maxSaid
	// bytes of the page, and at first sight maxSeen characters.
	maxComments = 10
	maxSaid     = 1500
	maxSeen     = 280
)

// quote is a comment as it is shown: Rest is what is folded away. Sign tells the
// class apart where colours do not.
type quote struct {
	Sign, Mark, Class, Score, Kind, Period string
	Text, Rest                             string
}

// quotes are the newest comments of what was asked about.
func (b *builder) quotes(ctx context.Context, reader figures.CommentReader) ([]quote, error) {
	comments, err := b.programme.Comments(ctx, reader, b.query, maxComments)
	if err != nil {
		return nil, fmt.Errorf("reading the newest comments: %w", err)
	}
	quotes := make([]quote, len(comments))
	for i, c := range comments {
		quotes[i] = b.words.quote(c)
	}
	return quotes, nil
}

func (w *words) quote(c figures.Comment) quote {
	_, high, _ := c.Kind.Scale()
	q := quote{Class: w.Class[c.Class], Kind: w.Kinds[c.Kind].Name, Period: period(c.Period), Score: strconv.Itoa(c.Score) + "/" + strconv.Itoa(high)}
	switch classes := c.Kind.Classes(); c.Class {
	case classes[0]:
		q.Sign, q.Mark = "−", "bad"
	case classes[len(classes)-1]:
		q.Sign, q.Mark = "+", "good"
	default:
		q.Sign, q.Mark = "○", "middle"
	}
	q.Text, q.Rest = folded(fitting(strings.TrimSpace(c.Text)))
	return q
}

// fitting is as much of a text as a page has room for.
func fitting(s string) string {
	bytes := 0
	for at, r := range s {
		if bytes += len(template.HTMLEscapeString(string(r))); bytes > maxSaid {
			return strings.TrimSpace(s[:at]) + "…"
		}
	}
	return s
}

// folded parts a long text at a space: what is seen of it at first, and the rest.
func folded(s string) (seen, rest string) {
	runes := []rune(s)
	const worthFolding = 60 // a line or so more is shown at once
	if len(runes) <= maxSeen+worthFolding {
		return s, ""
	}
	seen = string(runes[:maxSeen])
	if at := strings.LastIndexAny(seen, " \n\t"); at > len(seen)/2 {
		seen = seen[:at]
	}
	return seen, strings.TrimSpace(s[len(seen):])
}
