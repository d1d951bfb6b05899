package report

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
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
					if dark != (lang == "fi") && width != 375 {
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
