// Package digest words the monthly mail about the results: figures in, sentences
// out, in Finnish, Swedish and English. It is pure, and asks nothing of anybody.
package digest

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kaiku/shared/figures"
	"kaiku/shared/mail"
	"kaiku/shared/survey"
	"kaiku/shared/wording"
)

// Setting is what a digest needs beside its figures.
type Setting struct {
	Company, Colour, Language string
	HideUnder                 int
	// URL opens the report through the day of Until.
	URL   string
	Until survey.Date
	// At is when the figures were counted.
	At time.Time
	// Zone is the clock that dates are written by.
	Zone *time.Location
}

// Of words a digest as a mail.
func Of(d figures.Digest, s Setting) mail.Digest {
	w, language := in(s.Language)
	b := builder{w, d, s}
	year := row{d.Year, fmt.Sprintf(w.FromYear, d.Month.Year-1), fmt.Sprintf(w.WithYear, d.Month.Year-1)}
	m := mail.Digest{Language: language, Company: s.Company, Colour: s.Colour,
		Title: fmt.Sprintf(w.Title, w.month(d.Month), d.Month.Year),
		Name:  fmt.Sprintf(w.YearSoFar, d.Month.Year), Figure: missing,
		URL: s.URL, Open: w.Open, Until: fmt.Sprintf(w.Until, s.Until.Start(time.UTC).Format(w.Date))}
	if d.Month.Month == time.December {
		m.Name = fmt.Sprintf(w.Year, d.Month.Year)
	}
	m.Subject = m.Title + ": " + b.subject()
	m.Preheader = fmt.Sprintf(w.Preheader, upper(w.ofMonth(w.In, d.Month)), w.Whole(d.Sent), w.Whole(d.Answered))
	if d.Year == nil {
		m.Change = fmt.Sprintf(w.NothingInYear, d.Month.Year)
	} else {
		m.Figure, m.Change, m.Note = b.figure(year)
	}
	m.Sections = append(m.Sections, b.month(), b.changes())
	if len(d.Comments) > 0 {
		m.Sections = append(m.Sections, b.comments())
	}
	at := s.At.In(s.Zone)
	m.Foot = []string{fmt.Sprintf(w.Meaning, s.HideUnder), fmt.Sprintf(w.Counted, at.Format(w.Date), at.Format(w.Clock)), w.Why}
	return m
}

type builder struct {
	words   *words
	digest  figures.Digest
	setting Setting
}

// row is a figure of everyone, and the words for the period before.
type row struct {
	*figures.Row
	from, with string
}

// subject says the answer itself, for who reads no further.
func (b *builder) subject() string {
	w, year := b.words, b.digest.Year
	switch {
	case year != nil && year.Score != nil && year.Change != nil && year.Change.Is():
		by, _ := w.MovementOf(year.Kind, *year.Change)
		return fmt.Sprintf(w.SubjectChange, w.ScoreOf(*year), by)
	case year != nil && year.Score != nil && year.Change != nil:
		return fmt.Sprintf(w.SubjectSame, w.ScoreOf(*year))
	case year != nil && year.Score != nil:
		return "NPS " + w.ScoreOf(*year)
	case b.digest.Sent == 0:
		return w.SubjectNone
	}
	return fmt.Sprintf(w.SubjectAnswers, w.Whole(b.digest.Answered))
}

// figure says a figure, whether it has changed, and what bears that out.
func (b *builder) figure(r row) (figure, change, note string) {
	w := b.words
	if r.Score == nil {
		return missing, b.why(*r.Row), ""
	}
	notes := []string{fmt.Sprintf(w.Interval, w.IntervalOf(*r.Row))}
	switch c := r.Change; {
	case c == nil:
		change = upper(fmt.Sprintf(w.Uncompared, r.with))
	default:
		by, interval := w.MovementOf(r.Row.Kind, *r.Row.Change)
		if change = fmt.Sprintf(w.NoChange, r.from); c.Is() {
			change = fmt.Sprintf(w.Change, r.from, by)
		}
		notes = append(notes, fmt.Sprintf(w.Moved, by, interval))
	}
	notes = append(notes, fmt.Sprintf(w.Of, w.Whole(r.Answered), w.Whole(r.Delivered), w.rate(r.Answered, r.Delivered)))
	return w.ScoreOf(*r.Row), change, upper(strings.Join(notes, "; ")) + "."
}

// why says why a figure is not shown.
func (b *builder) why(r figures.Row) string {
	switch {
	case r.Answered == 0:
		return b.words.NoAnswers
	case r.Answered >= b.setting.HideUnder:
		return b.words.Neighbour
	}
	return fmt.Sprintf(b.words.Few, b.setting.HideUnder)
}

// month tells of what was asked in the month itself.
func (b *builder) month() mail.DigestSection {
	w, d := b.words, b.digest
	s := mail.DigestSection{Title: upper(w.ofMonth(w.In, d.Month))}
	if d.Sent == 0 {
		s.Items = []mail.DigestItem{{Text: w.NothingAsked}}
		return s
	}
	before := d.Month.AddMonths(-1)
	for _, one := range []struct {
		name string
		row  *figures.Row
	}{{w.CSAT, d.CSAT}, {w.CES, d.CES}} {
		item := mail.DigestItem{Name: one.name, Text: w.NotAsked}
		if one.row != nil {
			figure, change, note := b.figure(row{one.row, w.ofMonth(w.From, before), w.ofMonth(w.With, before)})
			item = mail.DigestItem{Name: one.name + " " + figure + ".", Text: change, Note: note}
			if figure == missing {
				item.Name = one.name
			}
		}
		s.Items = append(s.Items, item)
	}
	s.Items = append(s.Items, mail.DigestItem{Name: w.Activity,
		Text: fmt.Sprintf(w.ActivityIs, w.Whole(d.Sent), w.Whole(d.Delivered), w.Whole(d.Answered), w.rate(d.Answered, d.Delivered))})
	return s
}

// changes tells which groups have changed, and how much that may be chance.
func (b *builder) changes() mail.DigestSection {
	w, d := b.words, b.digest
	s := mail.DigestSection{Title: w.ChangedTitle}
	for _, r := range d.Changes {
		before := w.ofMonth(w.From, d.Month.AddMonths(-1))
		if r.Kind == survey.NPS {
			before = fmt.Sprintf(w.FromYear, d.Month.Year-1)
		}
		by, interval := w.MovementOf(r.Kind, *r.Change)
		arrow := "▲"
		if r.Change.Value < 0 {
			arrow = "▼"
		}
		s.Items = append(s.Items, mail.DigestItem{
			Name: arrow + " " + fmt.Sprintf(w.Group, strings.ToUpper(string(r.Kind)), w.Dimensions[r.By], w.value(r.By, r.Value)),
			Text: w.ScoreOf(r) + ". " + fmt.Sprintf(w.Change, before, by),
			Note: fmt.Sprintf(w.Interval, interval) + "; " + fmt.Sprintf(w.Count, w.Whole(r.Answered)) + "."})
	}
	more := mail.DigestItem{Note: fmt.Sprintf(w.Compared, w.Whole(d.Compared))}
	switch {
	case d.Compared == 0:
		more = mail.DigestItem{Text: w.ComparedNone}
	case d.Changed == 0:
		more.Text = w.ChangedNone
	case d.Changed > len(d.Changes):
		more.Text = fmt.Sprintf(w.ChangedMore, w.Whole(d.Changed), w.Whole(len(d.Changes)))
	}
	s.Items = append(s.Items, more)
	return s
}

// How much of a comment, and of a group's name, stands in the mail, in characters.
const (
	maxComment = 280
	maxName    = 80
)

// webAddress is what a mailbox would make a link of, though a stranger wrote it.
var webAddress = regexp.MustCompile(`(?i)\b(?:[a-z][a-z0-9+.-]*://|www\.)\S+`)

func (b *builder) comments() mail.DigestSection {
	w := b.words
	s := mail.DigestSection{Title: w.CommentsTitle}
	for _, c := range b.digest.Comments {
		text := webAddress.ReplaceAllLiteralString(wording.CleanName(c.Text), w.LeftOut)
		text = shorten(text, maxComment)
		s.Items = append(s.Items, mail.DigestItem{Text: fmt.Sprintf(w.Quote, text), Note: w.Classes[c.Class] + " · " + strings.ToUpper(string(c.Kind))})
	}
	return s
}

// ofMonth is "in October", and so on.
func (w *words) ofMonth(format string, m survey.Month) string {
	return fmt.Sprintf(format, w.month(m))
}

// value names a group; those that Kaiku does not know itself are named as they
// were told.
func (w *words) value(by, value string) string {
	known := map[string]map[string]string{"size": w.Sizes, "trigger": w.Triggers, "language": w.Languages, "industry": w.Industries}[by]
	if name, ok := known[value]; ok {
		return name
	}
	return shorten(wording.CleanName(value), maxName)
}

// shorten cuts a text to n characters, the last being an ellipsis.
func shorten(text string, n int) string {
	r := []rune(text)
	if len(r) <= n {
		return text
	}
	return strings.TrimSpace(string(r[:n-1])) + "…"
}

// upper begins a sentence.
func upper(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
