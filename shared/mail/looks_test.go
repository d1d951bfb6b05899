package mail

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"kaiku/infra/look"
	"kaiku/shared/survey"
)

// looks is the ways in which a mail is looked at: on the narrowest phone, on one of
// today and on a wide screen, light and dark, and where a mailbox takes inline
// styles alone or none.
func looks(name, html string) []look.View {
	views := []look.View{
		{Name: " 320", Width: 320},
		{Name: " 375 dark", Width: 375, Dark: true},
		{Name: " 800", Width: 800},
		{Name: " 375 inline", Width: 375, Styles: look.InlineStyles},
		{Name: " 375 none", Width: 375, Styles: look.NoStyles},
	}
	for i := range views {
		views[i].Name, views[i].HTML = name+views[i].Name, html
	}
	return views
}

func TestMailsAreReadAndTappedInABrowser(t *testing.T) {
	var views []look.View
	each(t, func(_ *testing.T, name string, s Survey, c Content) {
		if !s.Reminder {
			views = append(views, looks(name, c.HTML)...)
		}
	})
	for about, company := range map[string]string{
		"long":    "Pohjois-Pohjanmaan Kiinteistöhuolto- ja Rakennuspalveluosuuskunta Lentokonesuihkuturbiinimoottoriapumekaanikko Oy",
		"letters": strings.Repeat("Wåä", 66),
		"markup":  "Åke & Söner <Ab>",
		"rtl":     "שלום Trading Oy",
		"emoji":   "Leipomo 🥖 Lahtinen ❤️ Oy",
	} {
		s := sample(survey.Annual)
		s.Company, s.Contact = company, "Äyritie 1, 01510 Vantaa"
		views = append(views, looks("name-"+about, compose(t, "fi", s).HTML)...)
	}
	for about, colour := range map[string]string{"yellow": "#ffd400", "black": "#000000", "white": "#ffffff", "red": "#c8102e"} {
		s := sample(survey.Annual)
		s.Colour = colour
		views = append(views, looks("colour-"+about, compose(t, "sv", s).HTML)...)
	}
	for i, seen := range look.At(t, views) {
		v := views[i]
		t.Run(v.Name, func(t *testing.T) {
			// Without styles nothing can break a word of 200 letters.
			if seen.Width > v.Width && v.Styles != look.NoStyles {
				t.Errorf("is %d pixels wide in a window of %d", seen.Width, v.Width)
			}
			checkScores(t, v, seen)
			checkInks(t, seen)
		})
	}
}

// checkScores wants each score a target for a thumb, at most six of them in a row
// on a phone, and all in one where there is room.
func checkScores(t *testing.T, v look.View, seen look.Seen) {
	t.Helper()
	rows := map[int]int{}
	scores, unsubscribe := 0, false
	for _, l := range seen.Links {
		if _, isScore := strings.CutPrefix(l.Href, "https://kysely.example/s/"); isScore {
			if l.Text != fmt.Sprint(strings.Split(l.Href, "=")[1]) {
				t.Errorf("the link %s says %q", l.Href, l.Text)
			}
			rows[int(l.Y)]++
			scores++
		} else {
			unsubscribe = true
		}
		if v.Styles != look.NoStyles && (l.Width < 44 && l.Text != "" || l.Height < 44) {
			t.Errorf("%q is %.0f × %.0f pixels, under 44", l.Text, l.Width, l.Height)
		}
	}
	most := 0
	for _, n := range rows {
		most = max(most, n)
	}
	wide := v.Width >= 600 && v.Styles == look.AllStyles
	if !wide && most > 6 || wide && most != scores {
		t.Errorf("rows of scores: %v", rows)
	}
	if !unsubscribe {
		t.Error("no way out")
	}
}

// checkInks wants the contrast that WCAG 2.2 AA (1.4.3) asks of text.
func checkInks(t *testing.T, seen look.Seen) {
	t.Helper()
	for _, text := range seen.Texts {
		if c := contrast(t, text.Ink, text.Ground); c < 4.5 {
			t.Errorf("%q: %s on %s has a contrast of %.2f", text.Text, text.Ink, text.Ground, c)
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	l := []float64{luminance(t, a), luminance(t, b)}
	slices.Sort(l)
	return (l[1] + 0.05) / (l[0] + 0.05)
}

// luminance is the relative luminance of WCAG 2.2 of a colour as CSS writes it.
func luminance(t *testing.T, css string) float64 {
	t.Helper()
	var r, g, b float64
	if _, err := fmt.Sscanf(css, "rgb(%f, %f, %f)", &r, &g, &b); err != nil {
		t.Fatalf("colour %q: %v", css, err)
	}
	part := func(v float64) float64 {
		if v /= 255; v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*part(r) + 0.7152*part(g) + 0.0722*part(b)
}
