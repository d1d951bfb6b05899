package mail

import (
	"errors"
	"fmt"
	"strings"

	"kaiku/shared/brand"
	"kaiku/shared/survey"
	"kaiku/shared/wording"
)

// Survey is what one invitation says.
type Survey struct {
	Kind    survey.Kind
	Trigger survey.Trigger
	// Company is who asks, as the reader knows it.
	Company string
	// Colour is #rrggbb, of the buttons; empty is brand.Default.
	Colour string
	// Link is the page that opens for a score: http or https, absolute.
	Link func(score int) string
	// UnsubscribeURL is the page that stops the surveys: http or https, absolute.
	UnsubscribeURL string
	// Reminder marks the second mail about the same survey.
	Reminder bool
	// Contact is a further line of the foot, such as a postal address; may be empty.
	Contact string
}

// Content is a finished mail: the same in HTML and in plain text.
type Content struct {
	Subject, HTML, Text string
}

// maxSubjectName is how much of a company's name goes in a subject, in
// characters: mailboxes show some 60 to 70 of the whole line.
const maxSubjectName = 40

// Compose writes the mail of a survey, in the language of the texts. It fails
// only on what no mail should be made of: a trigger of another kind, no company,
// a colour or link that is none.
func Compose(t *wording.Texts, s Survey) (Content, error) {
	v, err := newView(t, s)
	if err != nil {
		return Content{}, fmt.Errorf("composing the mail of a survey: %w", err)
	}
	var html strings.Builder
	if err := surveyHTML.ExecuteTemplate(&html, templateOf(s.Kind), v); err != nil {
		return Content{}, fmt.Errorf("composing the mail of a survey: writing its HTML: %w", err)
	}
	return Content{Subject: v.Subject, HTML: html.String(), Text: v.text()}, nil
}

// view is what both versions of the mail are written from.
type view struct {
	wording.Lines
	Lang, Subject, Preheader, Lead, Question string
	LowEnd, HighEnd                          string
	Colour, Ink, Edge                        brand.Colour
	Rows                                     []row
	UnsubscribeURL, Contact                  string
}

// row is the scores that stay side by side on the narrowest phone.
type row struct {
	Links []link
	Pad   bool // an empty cell follows, so that scores are as wide as in the row above
}

type link struct {
	Score int
	URL   string
}

// newView checks the survey and gathers its sentences.
func newView(t *wording.Texts, s Survey) (view, error) {
	if t == nil {
		return view{}, errors.New("no texts")
	}
	low, high, ok := s.Kind.Scale()
	if !ok || s.Trigger.Kind() != s.Kind {
		return view{}, fmt.Errorf("no %q survey follows on %q", s.Kind, s.Trigger)
	}
	colour, err := brand.Parse(s.Colour)
	if err != nil {
		return view{}, fmt.Errorf("the colour: %w", err)
	}
	l := t.For(s.Company)
	if l.Company == "" {
		return view{}, errors.New("no company is named")
	}
	if err := checkURL("unsubscribe link", s.UnsubscribeURL); err != nil {
		return view{}, err
	}
	v := view{
		Lines: l, Lang: l.Language(),
		Subject:   t.For(shorten(l.Company, maxSubjectName)).Subject(s.Kind, s.Trigger),
		Preheader: l.Preheader(s.Kind, s.Trigger),
		Lead:      l.Lead(s.Kind, s.Trigger), Question: l.Question(s.Kind, s.Trigger),
		Colour: colour, Ink: colour.Ink(), Edge: colour.Edge(),
		UnsubscribeURL: s.UnsubscribeURL, Contact: wording.CleanName(s.Contact),
	}
	if s.Reminder {
		v.Subject, v.Lead = l.ReminderPrefix()+v.Subject, l.ReminderLead()
	}
	lowWords, highWords := l.Ends(s.Kind)
	v.LowEnd, v.HighEnd = fmt.Sprintf("%d = %s", low, lowWords), fmt.Sprintf("%d = %s", high, highWords)
	if s.Link == nil {
		return view{}, errors.New("no links for the scores")
	}
	var links []link
	for score := low; score <= high; score++ {
		url := s.Link(score)
		if err := checkURL("link of a score", url); err != nil {
			return view{}, err
		}
		links = append(links, link{score, url})
	}
	v.Rows = rows(links)
	return v, nil
}

// rows puts up to five scores in one row and longer scales in two, the first
// with the odd one: six targets of 44 pixels (WCAG 2.2, 2.5.5, and what phone
// makers ask for) are what a phone of 320 has room for.
func rows(links []link) []row {
	if len(links) <= 5 {
		return []row{{Links: links}}
	}
	half := (len(links) + 1) / 2
	return []row{{Links: links[:half]}, {Links: links[half:], Pad: len(links)%2 == 1}}
}

// shorten cuts a name to n characters, the last being an ellipsis.
func shorten(name string, n int) string {
	r := []rune(name)
	if len(r) <= n {
		return name
	}
	return strings.TrimSpace(string(r[:n-1])) + "…"
}
