package respond

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/policyfile"
	"kaiku/shared/survey"
	"kaiku/shared/token"
)

// scene is the function over one survey, which is in memory.
type scene struct {
	*http.ServeMux
	handler *Handler
	outcome survey.Outcome
	writes  int
	down    error // of the ledger, all of it
	full    error // of writing alone
	log     bytes.Buffer
	token   string
	now     time.Time
}

func (s *scene) Outcome(context.Context, ledger.Ref) (survey.Outcome, error) {
	return s.outcome, s.down
}

func (s *scene) Answer(_ context.Context, _ ledger.Ref, given func(survey.Outcome) (survey.Answer, error), now time.Time) (survey.Outcome, error) {
	if s.down != nil {
		return survey.Outcome{}, s.down
	}
	a, err := given(s.outcome)
	if err != nil {
		return s.outcome, err
	}
	if s.full != nil {
		return s.outcome, s.full
	}
	a.First, a.Last = now, now
	s.outcome.Answer = &a
	s.writes++
	return s.outcome, nil
}

func (s *scene) Unsubscribe(context.Context, string, ledger.Ref, time.Time) error {
	s.writes++
	return s.down
}

func asked(t *testing.T, trigger survey.Trigger, policy string) *scene {
	t.Helper()
	p, err := policyfile.Parse("policy.yaml", []byte(policy))
	if err != nil {
		t.Fatal(err)
	}
	book, err := load()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := token.ParseKeys("c2VjcmV0IG9mIHRoZSB0ZXN0cw==")
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{ServeMux: http.NewServeMux(), now: noon}
	s.outcome = survey.Outcome{Kind: trigger.Kind(), Facts: survey.Facts{Trigger: trigger, Language: "fi"}}
	payload, err := ledger.Ref{Customer: "C-1", Invitation: "01JD8Q4Z5X8T2V7W9Y3B6N1M0K"}.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	s.token = keys.Issue(token.Answer, noon.Add(time.Hour), payload)
	s.handler = &Handler{Ledger: s, Policy: p, Wording: book, Keys: keys, Now: func() time.Time { return s.now },
		Log: slog.New(slog.NewTextHandler(&s.log, nil))}
	s.handler.Routes(s.ServeMux)
	return s
}

func (s *scene) send(method, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func (s *scene) get(query string) string {
	return s.send(http.MethodGet, "/s/"+s.token+query, nil).Body.String()
}

func (s *scene) post(form url.Values) *httptest.ResponseRecorder {
	return s.send(http.MethodPost, "/s/"+s.token, form)
}

// withinBudget says that a page is under 20 KB as it is sent.
func withinBudget(t *testing.T, what string, body string) {
	t.Helper()
	if len(body) >= 20_000 {
		t.Errorf("%s: %d bytes", what, len(body))
	}
}

// The longest comments there are, by what they cost on a page.
var longest = map[string]string{
	"emoji":      strings.Repeat("🎉", survey.MaxComment),
	"ampersands": strings.Repeat("&", survey.MaxComment),
	"references": strings.Repeat("&a", survey.MaxComment/2),
	"tags":       strings.Repeat("<", survey.MaxComment),
	"quotes":     strings.Repeat(`"`, survey.MaxComment),
	"plus":       strings.Repeat("+", survey.MaxComment),
	"a closing":  strings.Repeat("</textarea>", survey.MaxComment/11),
}

func TestALongCommentKeepsThePageSmallAndIsKept(t *testing.T) {
	all := "answering: {ask_feelings: true, last_year: {fi: \"" + strings.Repeat("🎉", 600) + "\"}}"
	for name, comment := range longest {
		s := asked(t, survey.Ended, all)
		given := s.post(url.Values{"score": {"2"}, "comment": {comment}, "reason": {"price"}, "feeling": {"angry"}})
		withinBudget(t, name+", answered", given.Body.String())
		for _, query := range []string{"", "?score=2", "?score=5"} {
			page := s.get(query)
			withinBudget(t, name+", opened again", page)
			if !strings.Contains(page, `name="keep"`) && typed(t, page) != comment {
				t.Errorf("%s: the page neither shows the comment nor keeps it", name)
			}
		}
		// As the page posts when nothing new is written, and when something is.
		if s.post(url.Values{"score": {"3"}, "comment": {""}, "keep": {"1"}}); s.outcome.Answer.Comment != comment || s.outcome.Answer.Score != 3 {
			t.Errorf("%s: the revision left score %d and %d bytes", name, s.outcome.Answer.Score, len(s.outcome.Answer.Comment))
		}
		if s.post(url.Values{"score": {"3"}, "comment": {"new"}, "keep": {"1"}}); s.outcome.Answer.Comment != "new" {
			t.Errorf("%s: a new comment did not replace it", name)
		}
	}
}

func TestWhatIsNotRecordedIsInTheFormWhole(t *testing.T) {
	longest["a few words"] = "Kiitos <kaikille> & \"hei\"!\n\nT. Maija"
	defer delete(longest, "a few words")
	for name, comment := range longest {
		for what, c := range map[string]struct {
			score      string
			down, full error
			of         string
			status     int
		}{
			"off the scale":   {"9", nil, nil, "", http.StatusUnprocessableEntity},
			"full":            {"4", nil, errors.New("throttled"), "", http.StatusInternalServerError},
			"ledger away":     {"4", errors.New("away"), nil, "ended.sv", http.StatusInternalServerError},
			"away, no script": {"", errors.New("away"), nil, "ended.fi", http.StatusInternalServerError},
		} {
			s := asked(t, survey.Ended, "answering: {ask_feelings: true}")
			s.down, s.full = c.down, c.full
			w := s.post(url.Values{"score": {c.score}, "comment": {comment}, "reason": {"price"}, "feeling": {"angry"}, "of": {c.of}})
			page := w.Body.String()
			withinBudget(t, name+", "+what, page)
			if w.Code != c.status || s.writes > 0 {
				t.Errorf("%s, %s: status %d, %d writes", name, what, w.Code, s.writes)
			}
			if got := typed(t, page); got != comment {
				t.Errorf("%s, %s: the form has %d bytes of %d", name, what, len(got), len(comment))
			}
			for field, value := range map[string]string{"reason": "price", "feeling": "angry"} {
				if !chosen(page, field, value) {
					t.Errorf("%s, %s: the %s is lost", name, what, field)
				}
			}
			if c.score == "4" && !chosen(page, "score", "4") {
				t.Errorf("%s, %s: the score is lost", name, what)
			}
			if strings.Contains(s.log.String(), s.token) || strings.Contains(s.log.String(), comment) {
				t.Errorf("%s, %s: the log has the token or the comment", name, what)
			}
		}
	}
}

func TestMoreThanABrowserSendsIsRefusedOnASmallPage(t *testing.T) {
	s := asked(t, survey.Ended, "")
	for _, n := range []int{survey.MaxComment + 1, maxForm} {
		w := s.post(url.Values{"score": {"4"}, "comment": {strings.Repeat("🎉", n)}})
		if w.Code != http.StatusUnprocessableEntity || s.writes > 0 {
			t.Errorf("%d characters: status %d, %d writes", n, w.Code, s.writes)
		}
		withinBudget(t, "refused", w.Body.String())
	}
}

func TestAFormThatIsNoneOfOursGetsNoFormInTrouble(t *testing.T) {
	for _, of := range []string{"", "ended", "ended.de", "external.fi", "<script>.fi"} {
		s := asked(t, survey.Ended, "")
		s.down = errors.New("away")
		w := s.post(url.Values{"score": {"4"}, "of": {of}})
		if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "<form") || strings.Contains(w.Body.String(), "<script>.fi") {
			t.Errorf("%q: %d with %.80s", of, w.Code, w.Body)
		}
	}
}

// A page opened before another tab added the comment knows nothing of it.
func TestATouchTakesNothingAway(t *testing.T) {
	s := asked(t, survey.Ended, "answering: {ask_feelings: true}")
	s.post(url.Values{"score": {"2"}, "comment": {"Kallis"}, "reason": {"price"}, "feeling": {"angry"}})
	s.post(url.Values{"score": {"3"}, "comment": {""}, "keep": {"1"}, "feeling": {"worried"}})
	if a := *s.outcome.Answer; a.Score != 3 || a.Comment != "Kallis" || a.Reason != "price" || a.Feeling != "worried" {
		t.Errorf("it left %+v", a)
	}
	s.post(url.Values{"score": {"4"}, "comment": {""}})
	if a := *s.outcome.Answer; a.Score != 4 || a.Comment != "" || a.Reason != "" {
		t.Errorf("a form that keeps nothing left %+v", a)
	}
}

func TestOpeningWritesNothingAndBurstsAreCounted(t *testing.T) {
	s := asked(t, survey.Annual, "")
	for _, score := range []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "x"} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			if w := s.send(method, "/s/"+s.token+"?score="+score, nil); w.Code != http.StatusOK {
				t.Errorf("%s of %s: %d", method, score, w.Code)
			}
		}
	}
	if s.writes != 0 || s.outcome.Answer != nil {
		t.Errorf("%d writes", s.writes)
	}
	if log := s.log.String(); strings.Count(log, Burst) != 1 || strings.Contains(log, s.token) || strings.Contains(log, "C-1") {
		t.Errorf("the log has %s", log)
	}
}

func TestAMangledLinkStillOpensItsPageAndPostsToThePlainOne(t *testing.T) {
	for _, added := range []string{"%27", ".", "/track", "=", "%3D", "%20", "%00", ")"} {
		s := asked(t, survey.Annual, "")
		w := s.send(http.MethodGet, "/s/"+s.token+added+"?score=9", nil)
		if page := w.Body.String(); w.Code != http.StatusOK || !chosen(page, "score", "9") || !strings.Contains(page, `action="/s/`+s.token+`"`) {
			t.Errorf("%s: %d", added, w.Code)
		}
		if w := s.send(http.MethodPost, "/s/"+s.token+added, url.Values{"score": {"9"}}); w.Code != http.StatusOK || s.writes != 1 {
			t.Errorf("%s: POST %d, %d writes", added, w.Code, s.writes)
		}
		if w := s.send(http.MethodGet, "/s/"+s.token+"A"+added, nil); w.Code != http.StatusNotFound {
			t.Errorf("longer, %s: %d", added, w.Code)
		}
	}
}

func TestLastYearIsToldAfterTheAnswer(t *testing.T) {
	s := asked(t, survey.Annual, "answering: {last_year: {fi: \"Avasimme <puhelimen>\\nlauantaiksi.\", sv: Tack}}")
	before, after := s.get("?score=9"), s.post(url.Values{"score": {"9"}}).Body.String()
	const words = "Avasimme &lt;puhelimen&gt;\nlauantaiksi."
	if !strings.Contains(before, `<section class="last" hidden>`) {
		t.Error("it stands on the page before the answer, or is not there for the script to show")
	}
	if !strings.Contains(after, `<section class="last">`) || !strings.Contains(after, words) || strings.Contains(after, "Tack") {
		t.Error("it is not told after the answer")
	}
	if strings.Contains(asked(t, survey.Annual, "").get(""), "<section") {
		t.Error("nothing to tell, and yet a place for it")
	}
}
