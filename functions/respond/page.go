package respond

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"kaiku/shared/brand"
	"kaiku/shared/survey"
	"kaiku/shared/wording"
)

// State is where the respondent stands with the survey.
type State int

// The states of the survey page.
const (
	// Asking: nothing is recorded from this page yet.
	Asking State = iota
	// Answered: the answer shown is recorded; the form stays, to revise it and to
	// say why.
	Answered
	// OffScale: the score sent was none of the scale; nothing was recorded.
	OffScale
	// Failed: recording failed on our side; what was typed is in the form.
	Failed
)

// View is what a page shows.
type View struct {
	// Texts are in the respondent's language.
	Texts *wording.Texts
	// Company is who asks. It may be empty on a Message, for a link that says nothing.
	Company string
	// Colour is #rrggbb; empty or none is brand.Default, for a page must not fail on it.
	Colour string

	Kind    survey.Kind
	Trigger survey.Trigger
	State   State
	// Score is the score to show as chosen; nil, or off the scale, is none.
	Score                    *int
	Comment, Reason, Feeling string
	// CommentKept says that Comment is on record. A long one is then not sent back
	// whole, and stays as it is until another is written.
	CommentKept bool
	// Reasons and Feelings are those to offer; empty leaves the question out.
	Reasons, Feelings []string
	// Action is the path that takes the POST, without a query.
	Action string
	// AutoSend has the page send a chosen score at the person's first touch (policy
	// `confirm: touch`); otherwise the button alone sends.
	AutoSend bool
	// ReviseDays is how long an answer can be changed, in days.
	ReviseDays int
	// LastYear is what the company did with last year's answers, shown after this
	// one; empty shows nothing.
	LastYear string
}

// Message is a page that has no survey on it.
type Message int

// The messages.
const (
	// Closed: the answer is recorded and can no longer be changed.
	Closed Message = iota
	// Expired: the link's time is over (410).
	Expired
	// Unknown: the link leads nowhere (404).
	Unknown
	// Trouble: something failed on our side and there is no form to show (500).
	Trouble
	// UnsubscribeAsk has the one button that unsubscribes, by a POST to Action.
	UnsubscribeAsk
	// UnsubscribeDone confirms it.
	UnsubscribeDone
)

//go:embed templates/*.html
var files embed.FS

// Each page is the frame and what it defines itself.
var (
	surveyPage  = template.Must(template.ParseFS(files, "templates/survey.html", "templates/frame.html"))
	leanPage    = template.Must(template.ParseFS(files, "templates/lean.html", "templates/frame.html"))
	messagePage = template.Must(template.ParseFS(files, "templates/message.html", "templates/frame.html"))
)

// RenderSurvey writes the survey page. With scripts it posts by itself, with
// "Accept: application/json", and looks at the status alone: any 2xx is recorded,
// 408, 429 and 5xx are tried again, after another 4xx the button posts without the
// script, so that the server's page says why.
func RenderSurvey(w io.Writer, v View) error {
	page, err := newSurveyPage(v)
	if err != nil {
		return fmt.Errorf("rendering the survey page: %w", err)
	}
	t, name := surveyPage, "survey.html"
	if page.Lean {
		t, name = leanPage, "lean.html"
	}
	if err := render(w, t, name, page); err != nil {
		return fmt.Errorf("rendering the survey page: %w", err)
	}
	return nil
}

// RenderMessage writes a page without a survey. Of v it uses Texts, Company, Colour
// and, to ask about unsubscribing, Action.
func RenderMessage(w io.Writer, m Message, v View) error {
	if v.Texts == nil {
		return errors.New("rendering a message page: no texts")
	}
	page := messageView{frame: newFrame(v), Action: v.Action}
	words := page.Lines.Trouble()
	switch m {
	case Closed:
		words = page.Lines.Closed()
	case Expired:
		words = page.Lines.Expired()
	case Unknown:
		words = page.Lines.Unknown()
	case UnsubscribeAsk:
		words = page.Lines.UnsubscribeAsk()
		page.Button = page.Lines.UnsubscribeButton()
	case UnsubscribeDone:
		words = page.Lines.UnsubscribeDone()
	}
	page.Title, page.Body = words.Title, words.Body
	if err := render(w, messagePage, "message.html", page); err != nil {
		return fmt.Errorf("rendering a message page: %w", err)
	}
	return nil
}

// render writes all of a page or none of it.
func render(w io.Writer, t *template.Template, name string, page any) error {
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, page); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

// frame is what every page has.
type frame struct {
	Lines       wording.Lines
	Lang, Title string
	Styles      template.HTML
}

func newFrame(v View) frame {
	lines := v.Texts.For(v.Company)
	return frame{Lines: lines, Lang: lines.Language(), Styles: styles(colourOf(v.Colour))}
}

// colourOf is the colour that s writes, or the default: the policy was checked on
// load, and a page must come in any case.
func colourOf(s string) brand.Colour {
	c, err := brand.Parse(s)
	if err != nil {
		return brand.Default
	}
	return c
}

type messageView struct {
	frame
	Body, Button, Action string
}

type surveyView struct {
	frame
	Question, LowEnd, HighEnd string
	Scores                    []score
	Whys                      []string // by the rank of the class, worst first
	Reasons, Feelings         *chips
	Box                       template.HTML
	Beginning                 string // of a comment that stays on record and is too long to be shown
	Keep, Lean                bool
	Of, Action, Fault         string
	Confirm                   string
	Answered                  bool
	Thanks                    wording.Message
	LastYear                  string
	Script                    template.HTML
}

type score struct {
	Value, Rank int // Rank is of the class, 0 the worst
	Chosen      bool
}

// chips is an optional question with one tap for an answer.
type chips struct {
	Name, Title, Optional string
	Choices               []choice
}

type choice struct {
	Value, Words string
	Chosen       bool
}

func newSurveyPage(v View) (surveyView, error) {
	if v.Texts == nil {
		return surveyView{}, errors.New("no texts")
	}
	low, high, ok := v.Kind.Scale()
	if !ok || v.Trigger.Kind() != v.Kind {
		return surveyView{}, fmt.Errorf("no %q survey follows on %q", v.Kind, v.Trigger)
	}
	p := surveyView{
		frame:    newFrame(v),
		Of:       formName(v.Trigger, v.Texts.Language()),
		Action:   v.Action,
		LastYear: strings.TrimSpace(v.LastYear),
		Confirm:  "button",
		Answered: v.State == Answered,
		Script:   script,
	}
	l := p.Lines
	p.Title, p.Question, p.Thanks = l.PageTitle(), l.Question(v.Kind, v.Trigger), l.Thanks(v.ReviseDays)
	lowWords, highWords := l.Ends(v.Kind)
	p.LowEnd, p.HighEnd = fmt.Sprintf("%d = %s", low, lowWords), fmt.Sprintf("%d = %s", high, highWords)
	if v.AutoSend {
		p.Confirm = "touch"
	}
	switch v.State {
	case Answered:
		p.Title = p.Thanks.Title
	case OffScale:
		p.Fault = l.OffScale(v.Kind)
	case Failed:
		p.Fault = l.Failed()
	}
	p.fitComment(v)
	classes := v.Kind.Classes()
	for _, c := range classes {
		p.Whys = append(p.Whys, l.Why(c))
	}
	for value := low; value <= high; value++ {
		p.Scores = append(p.Scores, score{
			Value: value, Rank: slices.Index(classes, v.Kind.Class(value)),
			Chosen: v.Score != nil && *v.Score == value,
		})
	}
	p.Reasons = newChips("reason", l.ReasonsTitle(), l.Optional(), v.Reasons, v.Reason, l.Reason)
	p.Feelings = newChips("feeling", l.FeelingsTitle(), l.Optional(), v.Feelings, v.Feeling, l.Feeling)
	return p, nil
}

// newChips is nil when there is nothing to choose from.
func newChips(name, title, optional string, values []string, chosen string, words func(string) string) *chips {
	c := &chips{Name: name, Title: title, Optional: optional}
	for _, value := range values {
		if w := words(value); w != "" {
			c.Choices = append(c.Choices, choice{Value: value, Words: w, Chosen: value == chosen})
		}
	}
	if len(c.Choices) == 0 {
		return nil
	}
	return c
}
