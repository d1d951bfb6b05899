package mail

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kaiku/infra"
	"kaiku/shared/survey"
	"kaiku/shared/wording"
)

var update = flag.Bool("update", false, "write the golden files anew")

var load = sync.OnceValues(func() (*wording.Book, error) { return wording.Load("texts.yaml", infra.Texts) })

func texts(t testing.TB, language string) *wording.Texts {
	t.Helper()
	b, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return b.In(language)
}

func sample(trigger survey.Trigger) Survey {
	return Survey{
		Kind: trigger.Kind(), Trigger: trigger, Company: "Kaiku Palvelut Oy", Colour: "#1b5e4b",
		Link:           func(score int) string { return fmt.Sprintf("https://kysely.example/s/T0KEN?score=%d", score) },
		UnsubscribeURL: "https://kysely.example/u/T0KEN",
	}
}

func compose(t testing.TB, language string, s Survey) Content {
	t.Helper()
	c, err := Compose(texts(t, language), s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// each calls f with every mail that is sent, in every language.
func each(t *testing.T, f func(t *testing.T, name string, s Survey, c Content)) {
	for _, lang := range survey.Languages {
		for _, trigger := range survey.Triggers {
			for _, reminder := range []bool{false, true} {
				s := sample(trigger)
				s.Reminder = reminder
				name := fmt.Sprintf("%s-%s-%s", s.Kind, trigger, lang)
				if reminder {
					name += "-reminder"
				}
				t.Run(name, func(t *testing.T) { f(t, name, s, compose(t, lang, s)) })
			}
		}
	}
}

func TestMailsAreAsAgreed(t *testing.T) {
	each(t, func(t *testing.T, name string, s Survey, c Content) {
		if s.Reminder && s.Kind != survey.NPS {
			return // they differ in the two sentences that those of nps show
		}
		golden(t, name+".html", c.HTML)
		golden(t, name+".txt", "Subject: "+c.Subject+"\n\n"+c.Text)
	})
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; go test ./shared/mail -update writes it", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; look at it, then go test ./shared/mail -update\n%s", name, diff)
	}
}

// Gmail cuts mails at 102 KB, and the foot with them; far below loads at once.
func TestMailsAreSmall(t *testing.T) {
	each(t, func(t *testing.T, _ string, s Survey, _ Content) {
		s.Company = strings.Repeat("Ä", 200)
		long := strings.Repeat("x", 160)
		s.Link = func(score int) string { return fmt.Sprintf("https://kysely.example/s/%s?score=%d", long, score) }
		if c := compose(t, "fi", s); len(c.HTML) > 24<<10 || len(c.Text) > 6<<10 {
			t.Errorf("HTML %d bytes, text %d", len(c.HTML), len(c.Text))
		}
	})
}

func TestEachScoreIsOneLinkInBoth(t *testing.T) {
	each(t, func(t *testing.T, _ string, s Survey, c Content) {
		low, high, _ := s.Kind.Scale()
		for score := low; score <= high; score++ {
			if n := strings.Count(c.HTML, `<a href="`+s.Link(score)+`"`); n != 1 {
				t.Errorf("HTML has %d links for %d", n, score)
			}
			if n := strings.Count(c.Text, fmt.Sprintf("\n%d: %s\n", score, s.Link(score))); n != 1 {
				t.Errorf("text has %d links for %d", n, score)
			}
		}
		if strings.Count(c.HTML, s.UnsubscribeURL) != 1 || strings.Count(c.Text, s.UnsubscribeURL) != 1 {
			t.Error("want one unsubscribe link in each")
		}
	})
}

func TestNothingIsLoadedFromAnywhere(t *testing.T) {
	remote := regexp.MustCompile(`(?i)<(img|link|script|iframe|object|embed|video|audio|form|input)\b|url\(|@import|@font-face|\bsrc=|background="`)
	address := regexp.MustCompile(`(?i)(?:https?:)?//[^\s"'<>]+`)
	each(t, func(t *testing.T, _ string, s Survey, c Content) {
		if m := remote.FindString(c.HTML); m != "" {
			t.Errorf("HTML has %q", m)
		}
		for _, body := range []string{c.HTML, c.Text} {
			for _, u := range address.FindAllString(body, -1) {
				if !strings.HasPrefix(u, "https://kysely.example/") {
					t.Errorf("an address that was not given: %s", u)
				}
			}
		}
	})
}

func TestMailsSayTheirLanguageAndNeedNoLayoutRoles(t *testing.T) {
	table := regexp.MustCompile(`<table [^>]*>`)
	each(t, func(t *testing.T, name string, _ Survey, c Content) {
		lang := strings.Split(name, "-")[2]
		if strings.Count(c.HTML, `lang="`+lang+`"`) != 2 {
			t.Error("the language must stand on html and on the article, for webmail drops the first")
		}
		for _, tag := range table.FindAllString(c.HTML, -1) {
			if !strings.Contains(tag, `role="presentation"`) {
				t.Errorf("a layout table that screen readers would read as one: %s", tag)
			}
		}
		if open, closed := strings.Count(c.HTML, "<table"), strings.Count(c.HTML, "</table>"); open != closed {
			t.Errorf("%d tables opened, %d closed", open, closed)
		}
		if strings.Contains(c.HTML, "ZgotmplZ") {
			t.Error("the template refused a value")
		}
	})
}

func TestRemindersSayThatTheyAre(t *testing.T) {
	s := sample(survey.Annual)
	first := compose(t, "sv", s)
	s.Reminder = true
	second := compose(t, "sv", s)
	if second.Subject != "Påminnelse – "+first.Subject {
		t.Errorf("subject %q", second.Subject)
	}
	if first.Text == second.Text {
		t.Error("the text says nothing of it")
	}
}

func TestHostileNamesStayWords(t *testing.T) {
	for name, company := range map[string]string{
		"markup":    `<script>alert(1)</script>`,
		"attribute": `" onmouseover="alert(1)" x="`,
		"quotes":    `O'Malley & "Sons" <b>Oy</b>`,
		"template":  `{{.Company}} {company} {days}`,
		"comment":   `--><img src=x><!-- <![endif]-->`,
		"style":     `</style><style>*{display:none}`,
		"newline":   "Kaiku\r\nBcc: everyone@example.com\r\n\r\n<p>",
		"rtl":       "\u202eyO ukiaK\u202c \u05e9\u05dc\u05d5\u05dd",
		"long":      strings.Repeat("Äänekoski ", 20),
		"long word": strings.Repeat("W", 200),
	} {
		for _, trigger := range survey.Triggers {
			t.Run(name+" "+string(trigger), func(t *testing.T) {
				s := sample(trigger)
				s.Company, s.Contact = company, company
				c := compose(t, "en", s)
				if err := oneLine("Subject", c.Subject); err != nil {
					t.Error(err)
				}
				if n := len([]rune(c.Subject)); n > 100 {
					t.Errorf("a subject of %d characters: %s", n, c.Subject)
				}
				for _, bad := range []string{"<script", "onmouseover=\"", "<img", "<b>", "<style>*", "\u202e", "ZgotmplZ"} {
					if strings.Contains(c.HTML, bad) {
						t.Errorf("HTML has %q", bad)
					}
				}
				if strings.Contains(c.Text, "\nBcc") || strings.ContainsAny(c.Text, "\r\u202e") {
					t.Errorf("text has a line of the name's own:\n%s", c.Text)
				}
				if !strings.Contains(c.Text, wording.CleanName(company)) {
					t.Error("the name is not there")
				}
			})
		}
	}
}

func TestWhatNoMailShouldBeMadeOfIsRefused(t *testing.T) {
	link := func(u string) func(int) string { return func(int) string { return u } }
	for name, change := range map[string]func(*Survey){
		"no company":            func(s *Survey) { s.Company = " \n" },
		"unknown kind":          func(s *Survey) { s.Kind = "xyz" },
		"trigger of another":    func(s *Survey) { s.Trigger = survey.Ended },
		"external":              func(s *Survey) { s.Trigger = survey.External },
		"colour":                func(s *Survey) { s.Colour = "red;}" },
		"no links":              func(s *Survey) { s.Link = nil },
		"relative link":         func(s *Survey) { s.Link = link("/s/x") },
		"script link":           func(s *Survey) { s.Link = link("javascript:alert(1)") },
		"link with newline":     func(s *Survey) { s.Link = link("https://a.example/\nx") },
		"link with quote":       func(s *Survey) { s.Link = link(`https://a.example/"x`) },
		"link with space":       func(s *Survey) { s.Link = link("https://a.example/x y") },
		"no unsubscribe link":   func(s *Survey) { s.UnsubscribeURL = "" },
		"unsubscribe by mailto": func(s *Survey) { s.UnsubscribeURL = "mailto:a@b.example" },
	} {
		t.Run(name, func(t *testing.T) {
			s := sample(survey.Annual)
			change(&s)
			c, err := Compose(texts(t, "fi"), s)
			if err == nil || c != (Content{}) {
				t.Fatal("was composed")
			}
			if strings.Contains(err.Error(), "a.example") {
				t.Errorf("the error holds the link: %v", err)
			}
		})
	}
	if _, err := Compose(nil, sample(survey.Annual)); err == nil || errors.Unwrap(err) == nil {
		t.Errorf("without texts: %v", err)
	}
}

func BenchmarkCompose(b *testing.B) {
	t, s := texts(b, "fi"), sample(survey.Annual)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compose(t, s); err != nil {
			b.Fatal(err)
		}
	}
}
