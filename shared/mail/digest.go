package mail

import (
	"errors"
	"fmt"
	"strings"

	"kaiku/shared/brand"
	"kaiku/shared/wording"
)

// Digest is what the monthly mail about the results says, in finished sentences of
// its language, each on one line. Markup in them stays words; names and comments
// that others wrote must have been through wording.CleanName.
type Digest struct {
	Language, Subject, Preheader string
	Company                      string
	Colour                       string // #rrggbb, of the button; empty is brand.Default
	// Title says what this is; Name is the figure's, Figure what is seen first, Change
	// how it has moved, Note its interval and how many it is of.
	Title, Name, Figure, Change, Note string
	Sections                          []DigestSection
	// Open is written on the button to URL, Until says how long that works.
	Open, URL, Until string
	// Foot says why the reader gets this, and how its words are meant.
	Foot []string
}

// DigestSection is some lines under a heading.
type DigestSection struct {
	Title string
	Items []DigestItem
}

// DigestItem is one line: a name or figure in bold, the text, and under it what
// only some look at. Each may be empty.
type DigestItem struct{ Name, Text, Note string }

// digestView is the digest with what the HTML needs beside its words.
type digestView struct {
	Digest
	Colour, Ink, Edge brand.Colour
}

// ComposeDigest writes the monthly mail. It fails on what no mail should be made
// of: no company, no subject, a colour or link that is none.
func ComposeDigest(d Digest) (Content, error) {
	d.Company = wording.CleanName(d.Company)
	colour, err := brand.Parse(d.Colour)
	switch {
	case err != nil:
	case d.Company == "" || d.Subject == "":
		err = errors.New("no company is named, or there is no subject")
	default:
		err = checkURL("link to the report", d.URL)
	}
	if err != nil {
		return Content{}, fmt.Errorf("composing the digest: %w", err)
	}
	var html strings.Builder
	v := digestView{Digest: d, Colour: colour, Ink: colour.Ink(), Edge: colour.Edge()}
	if err := surveyHTML.ExecuteTemplate(&html, "digest.html", v); err != nil {
		return Content{}, fmt.Errorf("composing the digest: writing its HTML: %w", err)
	}
	return Content{Subject: d.Subject, HTML: html.String(), Text: d.text()}, nil
}

// text is the plain twin of the digest: the same words.
func (d *Digest) text() string {
	var b strings.Builder
	line := func(indent, s string) {
		if s != "" {
			b.WriteString(indent + s + "\n")
		}
	}
	fmt.Fprintf(&b, "%s\n%s\n\n%s: %s\n", d.Company, d.Title, d.Name, d.Figure)
	line("", d.Change)
	line("", d.Note)
	for _, s := range d.Sections {
		fmt.Fprintf(&b, "\n%s\n\n", strings.ToUpper(s.Title))
		for _, item := range s.Items {
			head := strings.TrimSpace(item.Name + " " + item.Text)
			line("* ", head)
			if head == "" {
				line("\n", item.Note)
			} else {
				line("  ", item.Note)
			}
		}
	}
	fmt.Fprintf(&b, "\n%s:\n%s\n%s\n\n-- \n%s\n", d.Open, d.URL, d.Until, strings.Join(d.Foot, "\n"))
	return b.String()
}
