package browser_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kaiku/functions/respond"
	"kaiku/infra"
	"kaiku/infra/browser"
	"kaiku/shared/survey"
	"kaiku/shared/wording"
)

// The richest page of each scale; only the question's words differ on others.
var triggers = []survey.Trigger{survey.Annual, survey.Ended, survey.Interaction}

const colour = "#1b5e4b"

// pages are all that a respondent can meet in a language, by name.
func pages(t *testing.T, language string) map[string][]byte {
	t.Helper()
	book, err := wording.Load("texts.yaml", infra.Texts)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, trigger := range triggers {
		low, high, _ := trigger.Kind().Scale()
		v := respond.View{Texts: book.In(language), Company: "Kaiku Palvelut Oy", Colour: colour, Kind: trigger.Kind(), Trigger: trigger,
			Feelings: survey.Feelings, Action: "/s/T0KEN", AutoSend: true, ReviseDays: 7,
			LastYear: "Avasimme puhelimen lauantaiksi.\nLaskun voi nyt maksaa kahdessa erässä, koska moni teistä pyysi sitä."}
		if trigger == survey.Ended {
			v.Reasons = survey.Reasons
		}
		state := func(name string, change func(*respond.View)) {
			page := v
			change(&page)
			var b bytes.Buffer
			if err := respond.RenderSurvey(&b, page); err != nil {
				t.Fatal(err)
			}
			all[fmt.Sprintf("%s-%s", trigger, name)] = b.Bytes()
		}
		long := strings.Repeat("Huolto kävi 🎉🎉🎉🎉🎉🎉 ", 200) // more than comes back on a page
		state("empty", func(*respond.View) {})
		state("asking", func(v *respond.View) { v.Score = &high })
		state("answered", func(v *respond.View) {
			v.State, v.Score, v.Comment, v.CommentKept, v.Reason, v.Feeling = respond.Answered, &low, "Liian hidas.", true, "service", "frustrated"
		})
		if trigger != survey.Ended {
			continue // what follows looks the same on every scale
		}
		state("answered-long", func(v *respond.View) {
			v.State, v.Score, v.Comment, v.CommentKept = respond.Answered, &high, long, true
		})
		state("off-scale", func(v *respond.View) { v.State, v.Comment = respond.OffScale, "Liian hidas." })
		state("failed", func(v *respond.View) { v.State, v.Score, v.Comment = respond.Failed, &low, "Liian hidas." })
		state("failed-long", func(v *respond.View) {
			v.State, v.Score, v.Comment = respond.Failed, &low, strings.Repeat("🎉", 4000)
		})
	}
	for name, m := range map[string]respond.Message{"closed": respond.Closed, "expired": respond.Expired, "unknown": respond.Unknown,
		"trouble": respond.Trouble, "unsubscribe": respond.UnsubscribeAsk, "unsubscribed": respond.UnsubscribeDone} {
		v := respond.View{Texts: book.In(language), Company: "Kaiku Palvelut Oy", Colour: colour, Action: "/u/T0KEN"}
		var b bytes.Buffer
		if err := respond.RenderMessage(&b, m, v); err != nil {
			t.Fatal(err)
		}
		all[name] = b.Bytes()
	}
	return all
}

// served serves pages as the function does, its policy with them.
func served(t *testing.T, all map[string][]byte) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", respond.CSP(colour))
		w.Header().Set("Cache-Control", "no-store")
		if r.Method == http.MethodGet {
			w.Write(all[strings.TrimPrefix(r.URL.Path, "/")])
		}
	}))
	t.Cleanup(server.Close)
	return server.URL + "/"
}

// misfits is what of a page is not as WCAG 2.2 AA has it and axe-core cannot see:
// what does not fit the width (1.4.10), and targets under 24 px (2.5.8).
const misfits = `[
  ...(document.documentElement.scrollWidth > innerWidth ? ['the page is ' + document.documentElement.scrollWidth + ' px wide'] : []),
  ...[...document.querySelectorAll('button, textarea, .pick, fieldset > label')].map((e) => [e, e.getBoundingClientRect()])
    .filter(([, r]) => r.width < 24 || r.height < 24).map(([e, r]) => e.textContent + ': ' + r.width + ' x ' + r.height),
]`

// unseen is what can be reached by Tab and does not show it (2.4.7).
const unseen = `(() => {
  const e = document.activeElement, shown = e.matches('.pick input') ? e.nextElementSibling : e;
  const s = getComputedStyle(shown);
  return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 ? '' : e.outerHTML;
})()`

func TestEveryPageInEveryStateAndLanguageIsForEverybody(t *testing.T) {
	for _, language := range survey.Languages {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			all := pages(t, language)
			base := served(t, all)
			phone, wide, narrow := browser.Open(t, browser.As{}), browser.Open(t, browser.As{Width: 1200, Dark: true}), browser.Open(t, browser.As{Width: 320})
			for name, page := range all {
				if len(page) >= 20_000 {
					t.Errorf("%s has %d bytes", name, len(page))
				}
				for _, b := range []*browser.Tab{phone, wide} {
					b.Goto(base + name)
					for _, v := range b.Violations() {
						t.Errorf("%s: %s", name, v)
					}
				}
				var wrong []string
				narrow.Goto(base + name)
				if narrow.Run(misfits, &wrong); len(wrong) > 0 {
					t.Errorf("%s, 320 px wide: %q", name, wrong)
				}
			}
			for _, b := range []*browser.Tab{phone, wide, narrow} {
				if seen := b.Seen(); len(seen.Troubles) > 0 || len(seen.Cookies) > 0 || len(seen.Traffic) != len(all) && b == narrow {
					t.Errorf("%d requests for %d pages, troubles %q, cookies %v", len(seen.Traffic), len(all), seen.Troubles, seen.Cookies)
				}
			}
		})
	}
}

func TestFocusIsSeenWhereverTabLeads(t *testing.T) {
	base := served(t, pages(t, "sv"))
	for _, dark := range []bool{false, true} {
		b := browser.Open(t, browser.As{Dark: dark})
		for name, stops := range map[string]int{"ended-answered": 5, "annual-empty": 4, "unsubscribe": 1} {
			b.Goto(base + name)
			for range stops {
				b.Press("Tab", 1)
				var e string
				if b.Run(unseen, &e); e != "" {
					t.Errorf("%s: the focus is not seen on %s", name, e)
				}
			}
		}
	}
}

// KAIKU_LOOK=folder writes pictures of every page, to be looked at.
func TestPicturesForLookingAt(t *testing.T) {
	folder := os.Getenv("KAIKU_LOOK")
	if folder == "" {
		t.Skip("leaves nothing untested: it only takes pictures to be looked at, to the folder that KAIKU_LOOK names")
	}
	all := pages(t, "fi")
	base := served(t, all)
	for how, as := range map[string]browser.As{"light": {}, "dark": {Dark: true}, "320": {Width: 320}, "wide": {Width: 1200, Height: 800},
		"zoom": {Width: 640, Height: 900, Zoom: 2}} {
		b := browser.Open(t, as)
		for name := range all {
			b.Goto(base + name)
			b.Look(filepath.Join(folder, name+"-"+how+".png"))
		}
	}
	b := browser.Open(t, browser.As{Width: 320, Height: 560})
	b.Goto(base + "annual-asking")
	b.Tap("h1")
	b.Until(`!document.querySelector('.last').hidden`)
	b.Look(filepath.Join(folder, "touched.png"))
}
