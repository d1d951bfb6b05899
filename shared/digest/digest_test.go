package digest

import (
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaiku/shared/figures"
	"kaiku/shared/mail"
	"kaiku/shared/survey"
)

var update = flag.Bool("update", false, "write the golden files anew")

func setting(t *testing.T, language string) Setting {
	t.Helper()
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	return Setting{Company: "Kaiku Palvelut Oy", Colour: "#1b5e4b", Language: language, HideUnder: 5, URL: "https://kysely.example/report/T0KEN",
		Until: survey.Date{Year: 2027, Month: 1, Day: 11}, At: time.Date(2026, 12, 1, 7, 0, 0, 0, time.UTC), Zone: helsinki}
}

func composed(t *testing.T, language string, d figures.Digest) mail.Content {
	t.Helper()
	c, err := mail.ComposeDigest(Of(d, setting(t, language)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// empty is a programme that has asked in another month alone.
func empty() figures.Digest {
	return figures.Digest{Month: survey.Month{Year: 2027, Month: time.January}}
}

func TestDigestsAreAsAgreed(t *testing.T) {
	for _, language := range survey.Languages {
		for name, d := range map[string]figures.Digest{"sample": Sample(), "empty": empty()} {
			c := composed(t, language, d)
			got, path := "Subject: "+c.Subject+"\n\n"+c.Text, filepath.Join("testdata", name+"-"+language+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v; go test ./shared/digest -update writes it", err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s differs; look at it, then go test ./shared/digest -update\n%s", path, diff)
			}
		}
	}
}

// changed is the sample with its year, or what else, as it may be.
func changed(change func(*figures.Digest)) figures.Digest {
	d := Sample()
	change(&d)
	return d
}

func TestTheFirstLinesSayTheAnswer(t *testing.T) {
	p := func(x float64) *float64 { return &x }
	for name, c := range map[string]struct {
		digest        figures.Digest
		subject, text string
	}{
		"no change": {Sample(), "NPS 42, no change", "NPS in 2026 so far: 42\nNo change from 2025.\n"},
		"a change": {changed(func(d *figures.Digest) {
			d.Year.Change = &figures.Change{Value: 12.2, Low: 3, High: 21.6, Word: "change"}
		}), "NPS 42, change +12", "NPS in 2026 so far: 42\nChange from 2025: +12.\n"},
		"a fall that nearly is none": {changed(func(d *figures.Digest) {
			d.Year.Change = &figures.Change{Value: -8, Low: -16, High: -0.04, Word: "change"}
		}), "NPS 42, change −8.00", "−16.00 to −0.04"},
		"nothing to compare with": {changed(func(d *figures.Digest) { d.Year.Change = nil }), "2026: NPS 42", "42\nCannot be compared with 2025: nothing of it can be shown.\n"},
		"below zero":              {changed(func(d *figures.Digest) { d.Year.Score = p(-7.6) }), "NPS −8, no change", "so far: −8\n"},
		"the whole year":          {changed(func(d *figures.Digest) { d.Month.Month = time.December }), "December 2026: NPS 42", "NPS in 2026: 42\n"},
		"few answers": {changed(func(d *figures.Digest) {
			d.Year = &figures.Row{Kind: survey.NPS, Delivered: 9, Answered: 4, Hidden: true}
		}), "2026: answers: 64", "so far: –\nHidden: fewer than 5 answers.\n"},
		"a telling neighbour": {changed(func(d *figures.Digest) {
			d.Year = &figures.Row{Kind: survey.NPS, Delivered: 90, Answered: 40, Hidden: true}
		}), "2026: answers: 64", "so far: –\nHidden: it would give a smaller group away.\n"},
		"no answers":   {changed(func(d *figures.Digest) { d.Year = &figures.Row{Kind: survey.NPS, Delivered: 9, Hidden: true} }), "answers: 64", "–\nNo answers yet.\n"},
		"no NPS":       {changed(func(d *figures.Digest) { d.Year = nil }), "answers: 64", "–\nNo NPS surveys were sent in 2026.\n"},
		"nothing":      {empty(), "January 2027: nothing was asked", "IN JANUARY\n\n* No surveys were sent.\n"},
		"month hidden": {Sample(), "", "Ease of dealing with us, 1–7 (CES): Hidden: fewer than 5 answers.\n"},
		"month asked":  {Sample(), "", "* Satisfied (CSAT): 83\u00a0%. No change from October.\n"},
		"none sent":    {changed(func(d *figures.Digest) { d.CES = nil }), "", "(CES): Not asked.\n"},
		"of January":   {changed(func(d *figures.Digest) { d.Month.Month = time.January }), "", "No change from December."},
		"many changes": {changed(func(d *figures.Digest) { d.Changed = 12 }), "", "12 groups have changed; these are the 3 surest."},
		"no changes":   {changed(func(d *figures.Digest) { d.Changes, d.Changed = nil, 0 }), "", "* No group shows a change.\n  Groups compared: 58."},
		"no comparing": {changed(func(d *figures.Digest) { d.Changes, d.Changed, d.Compared = nil, 0, 0 }), "", "Groups cannot be compared yet"},
	} {
		content := composed(t, "en", c.digest)
		if !strings.Contains(content.Subject, c.subject) || !strings.Contains(content.Text, c.text) {
			t.Errorf("%s: want %q and %q in\n%s\n%s", name, c.subject, c.text, content.Subject, content.Text)
		}
	}
}

func TestWhatOthersWroteStaysWordsOnOneLine(t *testing.T) {
	d := Sample()
	d.Comments[0].Text = "Katso <b>https://paha.example/x?y</b> tai www.paha.example\n\n-- \nBcc: a@b.example \u202e"
	d.Changes[1].Value = "Åke & Söner\r\n<script>alert(1)</script>"
	c := composed(t, "fi", d)
	for _, bad := range []string{"paha.example", "<script", "<b>", "\u202e", "\r"} {
		if strings.Contains(c.HTML, bad) || strings.Contains(c.Text, bad) && !strings.HasPrefix(bad, "<") {
			t.Errorf("it has %q:\n%s", bad, c.Text)
		}
	}
	if strings.Count(c.Text, "\n-- \n") != 1 || !strings.Contains(c.Text, "”Katso <b>[osoite jätetty pois] tai [osoite jätetty pois] -- Bcc: a@b.example”\n") {
		t.Errorf("the comment is\n%s", c.Text)
	}
	d.Comments[0].Text = strings.Repeat("Ä ", 2000)
	if c := composed(t, "fi", d); len(c.Text) > 5000 || !strings.Contains(c.Text, "Ä…”") {
		t.Errorf("a comment of 4,000 characters makes %d", len(c.Text))
	}
}

// Every word is there in every language, with the same verbs in it.
func TestEveryLanguageHasEveryWord(t *testing.T) {
	verbs := func(s string) []string {
		v := regexp.MustCompile(`%[a-z%]`).FindAllString(s, -1)
		slices.Sort(v)
		return v
	}
	en := reflect.ValueOf(english)
	for _, language := range survey.Languages {
		w, got := in(language)
		if got != language {
			t.Fatalf("no words in %s", language)
		}
		if marks := w.Numerals; marks.Range == "" || marks.Decimal == "" || marks.Thousands == "" {
			t.Errorf("numbers in %s have the marks %+v", language, marks)
		}
		v := reflect.ValueOf(*w)
		for i := range v.NumField() {
			name, field := v.Type().Field(i).Name, v.Field(i)
			switch field.Kind() {
			case reflect.String:
				if field.String() == "" || !slices.Equal(verbs(field.String()), verbs(en.Field(i).String())) {
					t.Errorf("%s in %s is %q, in English %q", name, language, field, en.Field(i))
				}
			case reflect.Map:
				for _, key := range en.Field(i).MapKeys() {
					if word := field.MapIndex(key); !word.IsValid() || word.String() == "" {
						t.Errorf("%s of %s has no word for %s", name, language, key)
					}
				}
			case reflect.Array:
				for month := range field.Len() {
					if field.Index(month).String() == "" {
						t.Errorf("%s has no month %d", language, month+1)
					}
				}
			default:
				if v.Field(i).Type() != reflect.TypeOf(w.Numerals) { // looked at above
					t.Errorf("%s is not looked at", name)
				}
			}
		}
	}
	for _, size := range survey.Sizes {
		if english.Sizes[string(size)] == "" && size != survey.Unknown {
			t.Errorf("no word for the size %s", size)
		}
	}
	for _, kind := range survey.Kinds {
		low, high, _ := kind.Scale()
		for score := low; score <= high; score++ {
			if class := kind.Class(score); english.Classes[class] == "" {
				t.Errorf("no word for the class %s of %s", class, kind)
			}
		}
	}
}
