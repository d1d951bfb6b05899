// Package preview writes everything that a respondent can come to see, as files to
// look at in a browser: each mail as HTML and as text, each page in each state, in
// every language, and under names that are awkward. Beside that it writes the
// digest that the company's own people get, with invented figures. An index shows all of it side
// by side, light or dark, narrow or wide.
//
// The mails and pages are made by what makes the real ones; nothing here lays out
// any of them.
package preview

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"time"

	"kaiku/functions/respond"
	"kaiku/shared/digest"
	"kaiku/shared/mail"
	"kaiku/shared/survey"
	"kaiku/shared/wording"
)

// Look is what differs from company to company.
type Look struct {
	Company, Colour string
	Texts           *wording.Book
	// ReviseDays is how long an answer can be changed, in days.
	ReviseDays int
	// HideUnder is below how many answers a figure is hidden.
	HideUnder int
}

//go:embed index.html
var indexSource string

var index = template.Must(template.New("index").Parse(indexSource))

// section is a heading of the index with what is below it.
type section struct {
	Title string
	Cards []card
}

// card is one mail or page. Paths are from the index.
type card struct {
	Name, Language, About, Path string
	Subject, Text               string // of mails
}

// Write writes the files and the index into a folder, over those of an earlier
// time, and returns the index's path.
func Write(folder string, l Look) (string, error) {
	w := writer{folder: folder, look: l}
	sections, err := w.all()
	if err != nil {
		return "", fmt.Errorf("preview: %w", err)
	}
	var page bytes.Buffer
	if err := index.Execute(&page, map[string]any{"Company": wording.CleanName(l.Company), "Languages": survey.Languages, "Sections": sections}); err != nil {
		return "", fmt.Errorf("preview: %w", err)
	}
	if err := w.file("index.html", page.String()); err != nil {
		return "", fmt.Errorf("preview: %w", err)
	}
	return filepath.Join(folder, "index.html"), nil
}

type writer struct {
	folder string
	look   Look
}

func (w writer) all() ([]section, error) {
	var mails, reminders, names section
	var out []section
	mails.Title, reminders.Title, names.Title = "Mails", "Reminders", "Awkward names"
	for _, trigger := range survey.Triggers {
		for _, language := range survey.Languages {
			for _, reminder := range []bool{false, true} {
				c, err := w.mail(trigger, language, w.look.Company, reminder, "")
				if err != nil {
					return nil, err
				}
				if reminder {
					reminders.Cards = append(reminders.Cards, c)
				} else {
					mails.Cards = append(mails.Cards, c)
				}
			}
		}
	}
	digests, err := w.digests()
	if err != nil {
		return nil, err
	}
	out = append(out, mails, reminders, digests)
	for _, trigger := range survey.Triggers {
		pages := section{Title: fmt.Sprintf("Pages: %s, %s", trigger.Kind(), trigger)}
		if err := w.pages(&pages, trigger); err != nil {
			return nil, err
		}
		out = append(out, pages)
	}
	messages := section{Title: "Pages without a survey"}
	if err := w.pages(&messages, ""); err != nil {
		return nil, err
	}
	for _, n := range awkward {
		for _, language := range survey.Languages {
			m, err := w.mail(survey.Annual, language, n.Name, false, n.About)
			if err != nil {
				return nil, err
			}
			p, err := w.page(respond.Previews()[0], survey.Interaction, language, n.Name, n.About)
			if err != nil {
				return nil, err
			}
			names.Cards = append(names.Cards, m, p)
		}
	}
	return append(out, messages, names), nil
}

// mail writes one mail of a survey.
func (w writer) mail(trigger survey.Trigger, language, company string, reminder bool, about string) (card, error) {
	name := fmt.Sprintf("%s-%s", trigger.Kind(), trigger)
	if reminder {
		name += "-reminder"
	}
	name += suffix(about)
	c, err := mail.Compose(w.look.Texts.In(language), mail.Survey{
		Kind: trigger.Kind(), Trigger: trigger, Company: company, Colour: w.look.Colour, Reminder: reminder,
		Link:           func(score int) string { return fmt.Sprintf("https://preview.example/s/token?score=%d", score) },
		UnsubscribeURL: "https://preview.example/u/token",
	})
	if err != nil {
		return card{}, err
	}
	return w.write(name, language, about, c)
}

// digests writes the monthly mail, in each language.
func (w writer) digests() (section, error) {
	s := section{Title: "Digest (invented figures)"}
	for _, language := range survey.Languages {
		c, err := mail.ComposeDigest(digest.Of(digest.Sample(), digest.Setting{Company: w.look.Company, Colour: w.look.Colour, Language: language,
			HideUnder: w.look.HideUnder, URL: "https://preview.example/report/token", Until: survey.Date{Year: 2027, Month: time.January, Day: 11},
			At: time.Date(2026, time.December, 1, 9, 0, 0, 0, time.UTC), Zone: time.UTC}))
		if err != nil {
			return section{}, err
		}
		one, err := w.write("digest", language, "", c)
		if err != nil {
			return section{}, err
		}
		s.Cards = append(s.Cards, one)
	}
	return s, nil
}

// write writes a mail in both forms.
func (w writer) write(name, language, about string, c mail.Content) (card, error) {
	path := "mails/" + name + "-" + language
	if err := w.file(path+".txt", c.Text); err != nil {
		return card{}, err
	}
	return card{Name: name, Language: language, About: about, Path: path + ".html", Subject: c.Subject, Text: path + ".txt"},
		w.file(path+".html", c.HTML)
}

// pages adds the pages of a trigger in each of their states; those without a
// survey when there is no trigger.
func (w writer) pages(s *section, trigger survey.Trigger) error {
	for _, p := range respond.Previews() {
		if p.OfSurvey != (trigger != "") {
			continue
		}
		for _, language := range survey.Languages {
			c, err := w.page(p, trigger, language, w.look.Company, "")
			if err != nil {
				return err
			}
			s.Cards = append(s.Cards, c)
		}
	}
	return nil
}

func (w writer) page(p respond.Preview, trigger survey.Trigger, language, company, about string) (card, error) {
	name := p.Name
	if p.OfSurvey {
		name = fmt.Sprintf("%s-%s-%s", trigger.Kind(), trigger, p.Name)
	}
	name += suffix(about)
	var page bytes.Buffer
	err := p.Render(&page, respond.View{Texts: w.look.Texts.In(language), Company: company, Colour: w.look.Colour,
		Kind: trigger.Kind(), Trigger: trigger, ReviseDays: w.look.ReviseDays})
	if err != nil {
		return card{}, fmt.Errorf("%s in %s: %w", name, language, err)
	}
	path := "pages/" + name + "-" + language + ".html"
	return card{Name: name, Language: language, About: about, Path: path}, w.file(path, page.String())
}

func suffix(about string) string {
	if about == "" {
		return ""
	}
	return "-" + about
}

func (w writer) file(path, content string) error {
	path = filepath.Join(w.folder, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(content), 0o644)
}
