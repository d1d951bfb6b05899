package respond

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"kaiku/shared/survey"
)

// opened is the request of a link as a server gets it.
func opened(t *testing.T, path string) *http.Request {
	t.Helper()
	var got *http.Request
	mux := http.NewServeMux()
	mux.HandleFunc("GET /s/{link...}", func(_ http.ResponseWriter, r *http.Request) { got = r })
	mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	if got == nil {
		t.Fatalf("%s has no route", path)
	}
	return got
}

func TestATokenEndsWhereNoTokenGoesOn(t *testing.T) {
	for _, added := range []string{
		"", "%27", "'", ".", ",", ")", "%29", "%3E", "%22", "=", "=20", "=3D", "%3D", "%20", "%00", "%0D%0A", "/track", "/track/3?u=1",
		"/", "%2F", ";x", "&amp;score=9", "%E2%80%A6", "%FF", "*", "~", "%3Fscore=9", "?score=9",
	} {
		if got := tokenOf(opened(t, "/s/AQab-_09"+added)); got != "AQab-_09" {
			t.Errorf("with %q the token is %q", added, got)
		}
	}
	for _, path := range []string{"/s/", "/s/*", "/s/%27AQ"} {
		if got := tokenOf(opened(t, path)); got != "" {
			t.Errorf("%s has the token %q", path, got)
		}
	}
}

// A wrong score would go out with the first touch; none waits for the person.
func TestTheScoreOfALinkIsReadOnlyWhereItIsSure(t *testing.T) {
	for query, want := range map[string]int{
		"?score=9": 9, "?score=0": 0, "?score=10": 10, "?score=9%27": 9, "?score=9'": 9, "?score=9.": 9, "?score=9)": 9, "?score=9%3E": 9,
		"?score=9/track": 9, "?score=3D9": 9, "?score=3d10": 10, "?score==3D9": 9, "%3Fscore=9": 9, "%3Fscore%3D9": 9, "?score=9&amp;utm=1": 9,
		"?utm=1&score=9": 9, "/track?score=9": 9,
		"": -1, "?score=": -1, "?score=11": -1, "?score=-1": -1, "?score=4.5": -1, "?score=4,5": -1, "?score=1=": -1, "?score=1=0D": -1, "?score=9a": -1,
		"?score=%D9%A3": -1, "?score=3D": -1, "?score=999": -1, "?score=9%": -1, "?score=nine": -1, "?score=1%200": -1, "%3Fscore": -1, "%3F%25": -1,
	} {
		got := scoreOf(opened(t, "/s/AQ"+query), survey.NPS)
		switch {
		case got == nil && want >= 0:
			t.Errorf("%s: no score, want %d", query, want)
		case got != nil && *got != want:
			t.Errorf("%s: %d, want %d", query, *got, want)
		}
	}
	if got := scoreOf(opened(t, "/s/AQ?score=9"), survey.CSAT); got != nil {
		t.Errorf("%d is on no scale to 5", *got)
	}
}

func TestAPathThatCannotBeParsedEndsBeforeWhatIsWrong(t *testing.T) {
	for raw, want := range map[string]string{
		"/s/AQ-_": "/s/AQ-_", "/s/AQ%27": "/s/AQ%27", "/s/AQ%": "/s/AQ", "/u/AQ%zz/x": "/u/AQ", "/s/AQ\x00": "/s/AQ", "/s/AQ\n": "/s/AQ",
		"/x/%": "/", "": "/", "%": "/",
	} {
		got := ReadablePath(raw)
		if _, err := url.ParseRequestURI(got); err != nil || got != want {
			t.Errorf("%q became %q (%v), want %q", raw, got, err, want)
		}
	}
}
