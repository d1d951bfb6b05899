package respond

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"regexp"
	"strings"
	"sync"
	"testing"

	"kaiku/infra"
	"kaiku/shared/survey"
	"kaiku/shared/wording"
)

var load = sync.OnceValues(func() (*wording.Book, error) { return wording.Load("texts.yaml", infra.Texts) })

func texts(t testing.TB, language string) *wording.Texts {
	t.Helper()
	b, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return b.In(language)
}

func sample(t testing.TB, language string, trigger survey.Trigger) View {
	return View{
		Texts: texts(t, language), Company: "Kaiku Palvelut Oy", Colour: "#1b5e4b",
		Kind: trigger.Kind(), Trigger: trigger, Reasons: survey.Reasons, Feelings: survey.Feelings,
		Action: "/s/T0KEN", AutoSend: true, ReviseDays: 7,
	}
}

func page(t testing.TB, v View) string {
	t.Helper()
	var b bytes.Buffer
	if err := RenderSurvey(&b, v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func message(t testing.TB, m Message, v View) string {
	t.Helper()
	var b bytes.Buffer
	if err := RenderMessage(&b, m, v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var states = map[string]State{"asking": Asking, "answered": Answered, "off scale": OffScale, "failed": Failed}

var messages = map[string]Message{"closed": Closed, "expired": Expired, "unknown": Unknown, "trouble": Trouble,
	"unsubscribe ask": UnsubscribeAsk, "unsubscribe done": UnsubscribeDone}

// every calls f with every page there is, in every language.
func every(t *testing.T, f func(t *testing.T, v View, body string)) {
	for _, lang := range survey.Languages {
		for _, trigger := range survey.Triggers {
			for name, state := range states {
				t.Run(fmt.Sprint(lang, " ", trigger, " ", name), func(t *testing.T) {
					v := sample(t, lang, trigger)
					v.State = state
					f(t, v, page(t, v))
				})
			}
		}
		for name, m := range messages {
			t.Run(lang+" "+name, func(t *testing.T) {
				v := sample(t, lang, survey.Annual)
				f(t, v, message(t, m, v))
			})
		}
	}
}

func TestPagesAreWholeSmallAndAlone(t *testing.T) {
	remote := regexp.MustCompile(`(?i)<(img|link|iframe|object|embed|video|audio)\b|url\(|@import|\bsrc=|\bstyle=|\bon[a-z]+=|https?:|//[a-z]`)
	every(t, func(t *testing.T, v View, body string) {
		if len(body) > 20<<10 {
			t.Errorf("%d bytes", len(body))
		}
		body = strings.Replace(body, `<link rel="icon" href="data:,">`, "", 1) // so that browsers ask for none
		if m := remote.FindString(body); m != "" {
			t.Errorf("has %q", m)
		}
		if strings.Contains(body, "ZgotmplZ") {
			t.Error("the template refused a value")
		}
		for _, part := range []string{
			`<html lang="` + v.Texts.Language() + `">`, `name="viewport"`, `content="noindex,nofollow"`, "<h1>", "<main>",
			"</main>", "</html>", "<title>",
		} {
			if strings.Count(body, part) != 1 {
				t.Errorf("want one %s", part)
			}
		}
	})
}

// As much as a person can type, in the letters they use.
func TestAFullFormIsStillOnePage(t *testing.T) {
	v := sample(t, "fi", survey.Ended)
	v.State, v.Comment = OffScale, strings.Repeat("Hyvää työtä. ", survey.MaxComment)[:survey.MaxComment]
	if n := len(page(t, v)); n > 20<<10 {
		t.Errorf("%d bytes", n)
	}
}

func TestThePolicyAllowsThePageAsItIs(t *testing.T) {
	element := regexp.MustCompile(`(?s)<(style|script)>(.*?)</(?:style|script)>`)
	for _, colour := range []string{"", "#1b5e4b", "#FFCC00", "no colour;}"} {
		csp := CSP(colour)
		for _, want := range []string{"default-src 'none'", "form-action 'self'", "connect-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%q lacks %q", csp, want)
			}
		}
		if strings.Contains(csp, "unsafe") || strings.ContainsAny(csp, "\r\n") {
			t.Error(csp)
		}
		v := sample(t, "sv", survey.Annual)
		v.Colour = colour
		for _, body := range []string{page(t, v), message(t, UnsubscribeAsk, v)} {
			found := element.FindAllStringSubmatch(body, -1)
			if len(found) < 2 {
				t.Fatalf("%d inline elements", len(found))
			}
			for _, e := range found {
				sum := sha256.Sum256([]byte(e[2]))
				directive := csp[strings.Index(csp, e[1]+"-src"):]
				directive = directive[:strings.Index(directive, ";")]
				if !strings.Contains(directive, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
					t.Errorf("colour %q: %s is not allowed by %q", colour, e[1], csp)
				}
			}
		}
	}
}

func TestTheFormHasWhatTheHandlerReads(t *testing.T) {
	for _, trigger := range survey.Triggers {
		body := page(t, sample(t, "en", trigger))
		low, high, _ := trigger.Kind().Scale()
		for n := low; n <= high; n++ {
			if strings.Count(body, fmt.Sprintf(`name="score" value="%d"`, n)) != 1 {
				t.Errorf("%s: want one radio for %d", trigger, n)
			}
		}
		if n := strings.Count(body, `name="score"`); n != high-low+1 {
			t.Errorf("%s: %d scores", trigger, n)
		}
		for _, part := range []string{`<form method="post" action="/s/T0KEN"`, `name="comment"`, `maxlength="4000"`, `for="comment"`, `<button type="submit">`} {
			if !strings.Contains(body, part) {
				t.Errorf("%s: no %s", trigger, part)
			}
		}
		for _, r := range survey.Reasons {
			if !strings.Contains(body, `name="reason" value="`+r+`"`) {
				t.Errorf("no reason %s", r)
			}
		}
		for _, f := range survey.Feelings {
			if !strings.Contains(body, `name="feeling" value="`+f+`"`) {
				t.Errorf("no feeling %s", f)
			}
		}
	}
}

func TestWhatIsOffIsNotThere(t *testing.T) {
	v := sample(t, "en", survey.Annual)
	v.Reasons, v.Feelings = nil, []string{"bogus"}
	if body := page(t, v); strings.Contains(body, `name="reason"`) || strings.Contains(body, `name="feeling"`) {
		t.Error("a question that is off, or has no known choice, is shown")
	}
}

// typed is what stands in the page's comment box.
func typed(t testing.TB, page string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, `maxlength="4000"`)
	_, rest, _ = strings.Cut(rest, ">\n")
	text, _, closed := strings.Cut(rest, "</textarea>")
	if !ok || !closed {
		t.Fatalf("no comment box in %.200s", page)
	}
	return html.UnescapeString(text)
}

// chosen says whether the page posts this value of a field, and no other.
func chosen(page, field, value string) bool {
	sent := regexp.MustCompile(`<input type="hidden" name="`+field+`"[^>]*>|name="`+field+`"[^>]* checked>`).FindAllString(page, -1)
	return len(sent) == 1 && strings.Contains(sent[0], `value="`+value+`"`)
}

func TestWhatTheRespondentGaveIsKept(t *testing.T) {
	for name, state := range states {
		t.Run(name, func(t *testing.T) {
			v := sample(t, "fi", survey.Ended)
			four := 4
			v.State, v.Score, v.Comment, v.Reason, v.Feeling = state, &four, "\n  Liian <kallis> & \"hidas\"\n</textarea>", "price", "angry"
			body := page(t, v)
			if got := typed(t, body); got != v.Comment {
				t.Errorf("comment %q", got)
			}
			for field, value := range map[string]string{"score": "4", "reason": "price", "feeling": "angry"} {
				if !chosen(body, field, value) {
					t.Errorf("%s is not %s alone", field, value)
				}
			}
		})
	}
}

func TestNoScoreIsChosenForThePerson(t *testing.T) {
	eleven, minus := 11, -1
	for _, s := range []*int{nil, &eleven, &minus} {
		v := sample(t, "fi", survey.Annual)
		v.Score = s
		if strings.Contains(page(t, v), " checked>") {
			t.Errorf("score %v: something is chosen", s)
		}
	}
	zero := 0
	v := sample(t, "fi", survey.Annual)
	v.Score = &zero
	if strings.Count(page(t, v), " checked>") != 1 {
		t.Error("0 is a score like any other")
	}
}

func TestThePromptsFollowTheClasses(t *testing.T) {
	for _, trigger := range survey.Triggers {
		v, k := sample(t, "en", trigger), trigger.Kind()
		body, lines := page(t, v), v.Texts.For(v.Company)
		low, high, _ := k.Scale()
		for n := low; n <= high; n++ {
			for i, c := range k.Classes() {
				if k.Class(n) != c {
					continue
				}
				if !strings.Contains(body, fmt.Sprintf(`value="%d" class="c%d"`, n, i)) {
					t.Errorf("%s: %d is not of class %d", trigger, n, i)
				}
				if !strings.Contains(body, fmt.Sprintf(`<span class="w%d">%s</span>`, i, html.EscapeString(lines.Why(c)))) {
					t.Errorf("%s: no prompt for %s", trigger, c)
				}
			}
		}
	}
}

func TestStatesSayWhatHappened(t *testing.T) {
	lines := texts(t, "en").For("Kaiku Palvelut Oy")
	hidden := `class="done" tabindex="-1" hidden`
	for name, c := range map[string]struct {
		state         State
		alert         string
		thanks, known bool
	}{
		"asking":    {Asking, "", false, false},
		"answered":  {Answered, "", true, true},
		"off scale": {OffScale, lines.OffScale(survey.NPS), false, false},
		"failed":    {Failed, lines.Failed(), false, false},
	} {
		v := sample(t, "en", survey.Annual)
		v.State = c.state
		body := page(t, v)
		if strings.Contains(body, hidden) == c.thanks {
			t.Errorf("%s: thanks shown is %v", name, !c.thanks)
		}
		if strings.Contains(body, " data-recorded") != c.known {
			t.Errorf("%s: recorded is %v", name, !c.known)
		}
		if strings.Contains(body, `role="alert"`) != (c.alert != "") || !strings.Contains(body, html.EscapeString(c.alert)) {
			t.Errorf("%s: no %q", name, c.alert)
		}
	}
}

func TestTheScriptIsToldWhetherATouchIsEnough(t *testing.T) {
	v := sample(t, "fi", survey.Annual)
	if !strings.Contains(page(t, v), `data-confirm="touch"`) {
		t.Error("touch")
	}
	v.AutoSend = false
	if !strings.Contains(page(t, v), `data-confirm="button"`) {
		t.Error("button")
	}
}

func TestOnlyTheUnsubscribeQuestionHasAButton(t *testing.T) {
	for name, m := range messages {
		v := sample(t, "sv", survey.Annual)
		v.Action = "/u/T0KEN"
		body := message(t, m, v)
		if got := strings.Contains(body, `<form method="post" action="/u/T0KEN">`); got != (m == UnsubscribeAsk) {
			t.Errorf("%s: has a form: %v", name, got)
		}
	}
}

func TestAMessageNeedsNoCompany(t *testing.T) {
	v := View{Texts: texts(t, "en")}
	if body := message(t, Unknown, v); strings.Contains(body, "from\"") || !strings.Contains(body, "<title>This link does not work</title>") {
		t.Error(body[strings.Index(body, "<title>"):])
	}
}

func TestHostileWordsStayWords(t *testing.T) {
	for _, evil := range []string{
		`<script>alert(1)</script>`, `" autofocus onfocus="alert(1)`, `'><img src=x onerror=alert(1)>`, `</style><script>`,
		`{{.Action}} {company}`, "Kaiku\r\n\r\n<script>", "\u202eyO ukiaK", strings.Repeat("W", 200), `</textarea><script>`, `<!--`,
	} {
		v := sample(t, "en", survey.Ended)
		plain := page(t, v)
		v.Company, v.Comment, v.Reason, v.Feeling, v.Colour = evil, evil, evil, evil, evil
		v.Action = "/s/" + evil
		body := page(t, v)
		for _, mark := range []string{"<script", "<img", "</style", "</textarea", "<!--", "onfocus=\""} {
			if strings.Count(body, mark) != strings.Count(plain, mark) {
				t.Errorf("%q brought %q", evil, mark)
			}
		}
		if len(body) > 20<<10 {
			t.Errorf("%q made %d bytes", evil, len(body))
		}
	}
	v := sample(t, "en", survey.Annual)
	v.Action = "javascript:alert(1)"
	if strings.Contains(page(t, v), "javascript:") {
		t.Error("a script for an action")
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("gone") }

func TestErrorsAreReported(t *testing.T) {
	v := sample(t, "fi", survey.Annual)
	other := v
	other.Trigger = survey.Ended
	none := v
	none.Texts = nil
	for name, err := range map[string]error{
		"writer":          RenderSurvey(brokenWriter{}, v),
		"message writer":  RenderMessage(brokenWriter{}, Closed, v),
		"other kind":      RenderSurvey(&bytes.Buffer{}, other),
		"no texts":        RenderSurvey(&bytes.Buffer{}, none),
		"no message text": RenderMessage(&bytes.Buffer{}, Closed, none),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// A template that fails must not leave half a page on the wire.
func TestNothingIsWrittenOfAPageThatFails(t *testing.T) {
	var b bytes.Buffer
	v := sample(t, "fi", survey.Annual)
	v.Kind = "xyz"
	if err := RenderSurvey(&b, v); err == nil || b.Len() > 0 {
		t.Errorf("error %v, %d bytes", err, b.Len())
	}
}

func BenchmarkRenderSurvey(b *testing.B) {
	v := sample(b, "fi", survey.Ended)
	b.ReportAllocs()
	var out bytes.Buffer
	for b.Loop() {
		out.Reset()
		if err := RenderSurvey(&out, v); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(out.Len()), "page-bytes")
}
