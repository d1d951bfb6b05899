package mail

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"kaiku/infra/look"
	"kaiku/infra/maillint"
)

// sampleDigest is one with every part that there may be. Its words are package
// digest's to choose.
func sampleDigest() Digest {
	return Digest{Language: "fi", Subject: "Asiakaskyselyt, marraskuu 2026: NPS 42, ei muutosta", Preheader: "Marraskuussa: lähetetty 183, vastattu 64.",
		Company: "Kaiku Palvelut Oy", Colour: "#1b5e4b", Title: "Asiakaskyselyt, marraskuu 2026",
		Name: "NPS vuonna 2026 tähän mennessä", Figure: "42", Change: "Ei muutosta vuodesta 2025.", Note: "95 %:n väli 34…49; 412 vastausta, perille tuli 1 284 (32 %).",
		Sections: []DigestSection{
			{Title: "Marraskuussa", Items: []DigestItem{{Name: "Tyytyväisiä (CSAT): 83 %.", Text: "Ei muutosta lokakuusta.", Note: "95 %:n väli 64…93."},
				{Name: "Kyselyt:", Text: "lähetetty 183, perillä 181, vastattu 64 (35 %)."}}},
			{Title: "Mikä on muuttunut", Items: []DigestItem{{Name: "▲ NPS (koko: pieni):", Text: "56. Muutos vuodesta 2025: +21.", Note: "95 %:n väli +6…+36."},
				{Note: "Verrattuja ryhmiä 58."}}},
			{Title: "Asiakkaiden sanoin", Items: []DigestItem{{Text: "”Laskussa oli väärä hinta.”", Note: "arvostelija · NPS"}}},
		},
		Open: "Avaa raportti", URL: "https://kysely.example/report/T0KEN?from=2025-12&to=2026-11&lang=fi", Until: "Linkki toimii 11.1.2027 asti.",
		Foot: []string{"NPS on suosittelijat miinus arvostelijat.", "Saat tämän kerran kuussa."}}
}

func composeDigest(t *testing.T, d Digest) Content {
	t.Helper()
	c, err := ComposeDigest(d)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheDigestIsAsAgreed(t *testing.T) {
	c := composeDigest(t, sampleDigest())
	golden(t, "digest.html", c.HTML)
	golden(t, "digest.txt", "Subject: "+c.Subject+"\n\n"+c.Text)
}

func TestTheDigestSaysTheSameInBoth(t *testing.T) {
	d := sampleDigest()
	c := composeDigest(t, d)
	words := []string{d.Company, d.Title, d.Figure, d.Change, d.Note, d.Open, d.Until}
	for _, s := range d.Sections {
		for _, i := range s.Items {
			words = append(words, i.Name, i.Text, i.Note)
		}
	}
	for _, w := range append(words, d.Foot...) {
		if !strings.Contains(strings.ReplaceAll(c.HTML, "&#43;", "+"), w) || !strings.Contains(c.Text, w) {
			t.Errorf("%q is not in both", w)
		}
	}
	if n := strings.Count(c.HTML, "<a "); n != 1 || strings.Count(c.Text, d.URL) != 1 {
		t.Errorf("%d links in the HTML, %d in the text, want the report's in each", n, strings.Count(c.Text, d.URL))
	}
	if strings.Contains(c.HTML, "<img") || strings.Contains(c.HTML, "ZgotmplZ") {
		t.Errorf("an image, or a value that was refused")
	}
}

// fullest is the digest with as much in it as there may be, of letters that take
// six characters on their way.
func fullest() Digest {
	d := sampleDigest()
	d.Company = strings.Repeat("Ä", 200)
	group := DigestItem{Name: strings.Repeat("Ä", 120), Text: strings.Repeat("Ä ", 40), Note: strings.Repeat("Ä", 120)}
	comment := DigestItem{Text: strings.Repeat("Ä", 290), Note: strings.Repeat("Ä", 60)}
	for i, items := range [][]DigestItem{slices.Repeat([]DigestItem{group}, 3), slices.Repeat([]DigestItem{group}, 6), slices.Repeat([]DigestItem{comment}, 3)} {
		d.Sections[i].Items = items // package figures: MaxChanges and what was compared, MaxComments
	}
	d.URL = "https://kysely.palveluyritys.example/report/" + strings.Repeat("x", 256)
	return d
}

func TestTheLongestDigestIsWhole(t *testing.T) {
	c := composeDigest(t, fullest())
	if size := onTheWay(t, c.HTML) + onTheWay(t, c.Text); size >= 100_000 {
		t.Errorf("%d bytes", size)
	}
}

func TestLintersFindNothingInTheDigest(t *testing.T) {
	quiet := sampleDigest()
	quiet.Note, quiet.Sections = "", quiet.Sections[:1]
	hostile := sampleDigest()
	hostile.Company, hostile.Sections[2].Items[0].Text = `O'Malley & "Sons" <Oy>`, "<b>lihava</b>"
	mails := map[string]string{"digest.html": composeDigest(t, sampleDigest()).HTML, "quiet.html": composeDigest(t, quiet).HTML,
		"hostile.html": composeDigest(t, hostile).HTML}
	for _, f := range maillint.Check(t, mails) {
		t.Error(f)
	}
}

func TestTheDigestIsReadAndTappedInABrowser(t *testing.T) {
	long := sampleDigest()
	long.Sections[1].Items[0].Name = "▼ NPS (vastuutiimi: " + strings.Repeat("Wåä", 40) + "):"
	long.Sections[2].Items[0].Text = "”" + strings.Repeat("Lentokonesuihkuturbiinimoottori ", 8) + "”"
	views := slices.Concat(looks("digest", composeDigest(t, sampleDigest()).HTML), looks("digest long", composeDigest(t, long).HTML))
	views = append(views, look.View{Name: "digest 700 dark", HTML: views[0].HTML, Width: 700, Dark: true})
	for _, colour := range []string{"#ffd400", "#000000", "#ffffff"} {
		d := sampleDigest()
		d.Colour = colour
		views = append(views, looks("digest "+colour[1:], composeDigest(t, d).HTML)...)
	}
	for i, seen := range look.At(t, views) {
		v := views[i]
		t.Run(v.Name, func(t *testing.T) {
			if seen.Width > v.Width && v.Styles != look.NoStyles {
				t.Errorf("is %d pixels wide in a window of %d", seen.Width, v.Width)
			}
			if len(seen.Links) != 1 || v.Styles != look.NoStyles && seen.Links[0].Height < 44 {
				t.Errorf("the link: %+v", seen.Links)
			}
			checkInks(t, seen)
		})
	}
}

func TestHostileWordsChangeNoTagOfTheDigest(t *testing.T) {
	plain := composeDigest(t, sampleDigest())
	for name, words := range hostile {
		d := sampleDigest()
		for _, s := range []*string{&d.Company, &d.Title, &d.Name, &d.Figure, &d.Change, &d.Note, &d.Open, &d.Until, &d.Preheader} {
			*s = words
		}
		for i := range d.Sections {
			d.Sections[i].Title = words
			for j := range d.Sections[i].Items {
				item := &d.Sections[i].Items[j]
				for _, s := range []*string{&item.Name, &item.Text, &item.Note} {
					if *s != "" {
						*s = words
					}
				}
			}
		}
		t.Run(name, func(t *testing.T) { wantOnlyWords(t, plain, composeDigest(t, d), words) })
	}
}

func TestWhatNoDigestShouldBeMadeOfIsRefused(t *testing.T) {
	for name, change := range map[string]func(*Digest){
		"no company":    func(d *Digest) { d.Company = " \n" },
		"no subject":    func(d *Digest) { d.Subject = "" },
		"colour":        func(d *Digest) { d.Colour = "red;}" },
		"no link":       func(d *Digest) { d.URL = "" },
		"script link":   func(d *Digest) { d.URL = "javascript:alert(1)" },
		"relative link": func(d *Digest) { d.URL = "/report/a.example" },
	} {
		d := sampleDigest()
		change(&d)
		if c, err := ComposeDigest(d); err == nil || c != (Content{}) || strings.Contains(fmt.Sprint(err), "a.example") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
