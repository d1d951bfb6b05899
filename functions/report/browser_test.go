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

// opened opens what is folded, and leaves of tables and charts what differs: the
// first rows, the last, and those that are hidden. To axe-core a row is as the one
// before, and hundreds of them take it most of a minute.
const opened = `(() => {
  for (const d of document.querySelectorAll('details')) d.open = true;
  for (const body of document.querySelectorAll('tbody')) {
    [...body.rows].slice(2, -1).filter((row, i) => i > 20 || !row.querySelector('.why')).forEach((row) => row.remove());
  }
  for (const chart of document.querySelectorAll('svg')) [...chart.children].slice(12).forEach((e) => e.remove());
})()`

// ways are the eyes that the page is met with: every state in both languages, in
// light on a phone and in dark on a desk, and at 320 px.
var ways = map[string]browser.As{"en": {}, "fi": {Width: 1280, Height: 800, Dark: true}}

func TestThePageIsForEverybodyInEveryState(t *testing.T) {
	all := states()
	for lang, as := range ways {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			wide, narrow := browser.Open(t, as), browser.Open(t, browser.As{Width: 320, Dark: as.Dark})
			other := browser.Open(t, browser.As{Width: as.Width, Height: as.Height, Dark: !as.Dark})
			for name, s := range all {
				address := served(t, s.programme) + "?" + s.query + "&lang=" + lang
				for _, b := range []*browser.Tab{wide, narrow} {
					var wrong []string
					b.Goto(address)
					if b.Run(misfits, &wrong); len(wrong) > 0 {
						t.Errorf("%s, at 320 px: %v: %q", name, b == narrow, wrong)
					}
				}
				var read []*browser.Tab
				if lang == "en" || slices.Contains([]string{"sample-region", "all-hidden", "empty", "bad-filters"}, name) {
					read = append(read, wide) // in Finnish there are other words in the same places: some states have all of them
				}
				if name == "sample-region" || name == "bad-filters" { // colours do not depend on the state
					other.Goto(address)
					read = append(read, other)
				}
				but := []string{"color-contrast"}
				if slices.Contains([]string{"sample-region", "sample-trigger", "all-hidden", "gap-year", "bad-filters"}, name) {
					but = nil // the others have the same colours in the same places
				}
				for _, b := range read {
					b.Run(opened, nil)
					for _, v := range b.Violations(but...) {
						t.Errorf("%s: %s", name, v)
					}
				}
			}
			for _, b := range []*browser.Tab{wide, narrow, other} {
				if seen := b.Seen(); len(seen.Cookies) > 0 || slices.ContainsFunc(seen.Troubles, func(s string) bool { return !strings.Contains(s, "status of 400") }) {
					t.Errorf("troubles %q, cookies %v", seen.Troubles, seen.Cookies)
				}
			}
		})
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
