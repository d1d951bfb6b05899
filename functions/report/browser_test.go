package report

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kaiku/infra/browser"
	"kaiku/shared/token"
)

// served is a programme behind a signed link.
func served(t *testing.T, l Ledger) (address string) {
	t.Helper()
	h, keys := serverFor(t, l)
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL + "/report/" + keys.Issue(token.Report, now.Add(time.Hour), nil)
}

// misfits is what axe-core cannot see: what does not fit the width (WCAG 2.2,
// 1.4.10), targets under 24 px (2.5.8), and letters of charts that stand on each
// other or outside the page.
const misfits = `(() => {
  const wrong = [], box = (e) => e.getBoundingClientRect();
  if (document.documentElement.scrollWidth > innerWidth) wrong.push('the page is ' + document.documentElement.scrollWidth + ' px wide');
  for (const e of document.querySelectorAll('button, select, input:not([type=hidden]), summary, p.other a')) {
    if (box(e).width < 24 || box(e).height < 24) wrong.push('small: ' + e.outerHTML.slice(0, 80));
  }
  for (const svg of document.querySelectorAll('svg')) {
    const texts = [...svg.querySelectorAll('text')].filter((e) => getComputedStyle(e).display !== 'none' && e.textContent.length > 1).map((e) => [e.textContent, box(e)]);
    for (const [text, r] of texts) if (r.left < 0 || r.right > innerWidth) wrong.push('outside: ' + text);
    texts.forEach(([a, p], i) => texts.slice(i + 1).forEach(([b, q]) => {
      const wide = Math.min(p.right, q.right) - Math.max(p.left, q.left), high = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
      if (wide > 1 && high > 5) wrong.push(a + ' on ' + b);
    }));
  }
  return [...new Set(wrong)];
})()`

// ways are the eyes that the page is met with: every state in both languages, in
// light and dark, on a phone and a desk.
var ways = map[string]browser.As{"en": {}, "fi": {Width: 1280, Height: 800, Dark: true}}

func TestThePageIsForEverybodyInEveryState(t *testing.T) {
	all := states()
	narrow := browser.Open(t, browser.As{Width: 320})
	for lang, as := range ways {
		b := browser.Open(t, as)
		both := browser.Open(t, browser.As{Width: as.Width, Height: as.Height, Dark: !as.Dark})
		for name, s := range all {
			address := served(t, s.programme) + "?" + s.query + "&lang=" + lang
			tabs := []*browser.Tab{b}
			if name == "sample-region" || name == "bad-filters" {
				tabs = append(tabs, both) // colours do not depend on the state
			}
			for _, b := range tabs {
				b.Goto(address)
				if lang == "en" && name != "largest" { // its tables are as the others', and take axe a minute
					b.Run(`document.querySelectorAll('details').forEach((d) => { d.open = true })`, nil)
				}
				for _, v := range b.Violations() {
					t.Errorf("%s in %s: %s", name, lang, v)
				}
			}
			for _, b := range []*browser.Tab{b, narrow} {
				var wrong []string
				b.Goto(address)
				if b.Run(misfits, &wrong); len(wrong) > 0 {
					t.Errorf("%s in %s, at 320 px: %v: %q", name, lang, b == narrow, wrong)
				}
			}
		}
		for _, b := range []*browser.Tab{b, both} {
			if seen := b.Seen(); len(seen.Cookies) > 0 || slices.ContainsFunc(seen.Troubles, func(s string) bool { return !strings.Contains(s, "status of 400") }) {
				t.Errorf("troubles %q, cookies %v", seen.Troubles, seen.Cookies)
			}
		}
	}
}

// KAIKU_LOOK=folder writes pictures of the page in every state, to be looked at,
// and it printed.
func TestPicturesForLookingAt(t *testing.T) {
	folder := os.Getenv("KAIKU_LOOK")
	if folder == "" {
		t.Skip("leaves nothing untested: it only takes pictures to be looked at, to the folder that KAIKU_LOOK names")
	}
	only := os.Getenv("KAIKU_LOOK_AT")
	for name, s := range states() {
		if match, _ := filepath.Match(only, name); only != "" && !match {
			continue
		}
		address := served(t, s.programme)
		for _, width := range []int{320, 375, 768, 1280} {
			for _, dark := range []bool{false, true} {
				for _, lang := range []string{"en", "fi"} {
					if dark != (lang == "fi") || name != "sample-region" && width != 375 && width != 1280 {
						continue
					}
					b := browser.Open(t, browser.As{Width: width, Height: 800, Dark: dark})
					b.Goto(address + "?" + s.query + "&lang=" + lang)
					shot := name + "-" + strconv.Itoa(width) + "-" + lang
					if dark {
						shot += "-dark"
					}
					b.Look(filepath.Join(folder, shot+".png"))
					if width == 1280 {
						b.Print(filepath.Join(folder, name+"-"+lang+".pdf"))
					}
				}
			}
		}
	}
}
