package wording

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"kaiku/infra"
	"kaiku/shared/survey"
)

var shipped = sync.OnceValues(func() (*Book, error) { return Load("texts.yaml", infra.Texts) })

func book(t testing.TB) *Book {
	t.Helper()
	b, err := shipped()
	if err != nil {
		t.Fatalf("the texts that are shipped: %v", err)
	}
	return b
}

// said collects what every accessor says, by name.
func said(l Lines) map[string]string {
	out := map[string]string{
		"reasons": l.ReasonsTitle(), "feelings": l.FeelingsTitle(), "why": l.Why(""),
		"reminder prefix": l.ReminderPrefix(), "reminder lead": l.ReminderLead(), "choose link": l.ChooseLink(),
		"opens": l.Opens(), "sender": l.Sender(), "why you": l.WhyYou(), "unsubscribe": l.Unsubscribe(),
		"title": l.PageTitle(), "send": l.Send(), "optional": l.Optional(), "saving": l.Saving(), "saved": l.Saved(),
		"offline": l.Offline(), "failed": l.Failed(), "choose": l.Choose(), "kept": l.Kept(), "last year": l.LastYear(), "unsubscribe button": l.UnsubscribeButton(),
	}
	for name, m := range map[string]Message{"thanks": l.Thanks(7), "closed": l.Closed(), "expired": l.Expired(),
		"unknown": l.Unknown(), "trouble": l.Trouble(), "ask": l.UnsubscribeAsk(), "done": l.UnsubscribeDone()} {
		out[name+" title"], out[name+" body"] = m.Title, m.Body
	}
	for _, trigger := range survey.Triggers {
		k, at := trigger.Kind(), string(trigger)+" "
		out[at+"subject"], out[at+"preheader"] = l.Subject(k, trigger), l.Preheader(k, trigger)
		out[at+"lead"], out[at+"question"] = l.Lead(k, trigger), l.Question(k, trigger)
	}
	for _, k := range survey.Kinds {
		out[string(k)+" low"], out[string(k)+" high"] = l.Ends(k)
		out[string(k)+" off scale"] = l.OffScale(k)
		for _, c := range k.Classes() {
			out["why "+string(c)] = l.Why(c)
		}
	}
	for _, r := range survey.Reasons {
		out["reason "+r] = l.Reason(r)
	}
	for _, f := range survey.Feelings {
		out["feeling "+f] = l.Feeling(f)
	}
	return out
}

func TestEveryTextIsThereInEveryLanguage(t *testing.T) {
	b := book(t)
	for _, lang := range survey.Languages {
		if got := b.In(lang).Language(); got != lang {
			t.Errorf("In(%q) is in %q", lang, got)
		}
		for name, s := range said(b.In(lang).For("Kaiku Palvelut Oy")) {
			if strings.TrimSpace(s) == "" {
				t.Errorf("%s: %s is empty", lang, name)
			}
			if strings.ContainsAny(s, "{}") {
				t.Errorf("%s: %s shows a placeholder: %s", lang, name, s)
			}
		}
	}
}

// A text that no accessor returns is one a company would edit in vain.
func TestEveryTextOfTheFileIsSaidSomewhere(t *testing.T) {
	texts := book(t).In("fi")
	heard := map[string]bool{}
	for _, s := range said(texts.For("X")) {
		heard[s] = true
	}
	replace := strings.NewReplacer("{company}", "X", "{days}", "7")
	for path, s := range texts.byPath {
		if path != "page.off_scale" && !heard[replace.Replace(s)] {
			t.Errorf("%s is never used", path)
		}
	}
}

func TestTheQuestionsOfTheYearAndOfServiceNameTheCompany(t *testing.T) {
	for _, lang := range survey.Languages {
		l := book(t).In(lang).For("Kaiku Palvelut Oy")
		for _, trigger := range []survey.Trigger{survey.Annual, survey.Interaction} {
			if q := l.Question(trigger.Kind(), trigger); !strings.Contains(q, "Kaiku Palvelut Oy") {
				t.Errorf("%s %s: %s", lang, trigger, q)
			}
		}
	}
}

// Where two change points share a wording, one of them was copied and forgotten.
func TestEachChangePointHasItsOwnWording(t *testing.T) {
	for _, lang := range survey.Languages {
		l, seen := book(t).In(lang).For("X"), map[string]survey.Trigger{}
		for _, trigger := range survey.Triggers {
			k := trigger.Kind()
			for _, s := range []string{l.Subject(k, trigger), l.Question(k, trigger), l.Lead(k, trigger), l.Preheader(k, trigger)} {
				if other, ok := seen[s]; ok && other != trigger {
					t.Errorf("%s: %s and %s share %q", lang, other, trigger, s)
				}
				seen[s] = trigger
			}
		}
	}
}

func TestAnUnknownLanguageFallsBackToTheFirst(t *testing.T) {
	for _, lang := range []string{"", "de", "FI", "sv-FI"} {
		if got := book(t).In(lang).Language(); got != survey.Languages[0] {
			t.Errorf("In(%q) is in %q", lang, got)
		}
	}
}

func TestWhatDoesNotExistHasNoWords(t *testing.T) {
	l := book(t).In("en").For("X")
	for name, s := range map[string]string{
		"question of another kind": l.Question(survey.NPS, survey.Ended),
		"external":                 l.Subject("", survey.External),
		"class":                    l.Why("furious"),
		"reason title":             l.Reason("title"),
		"feeling title":            l.Feeling("title"),
		"reason":                   l.Reason("weather"),
	} {
		if s != "" {
			t.Errorf("%s says %q", name, s)
		}
	}
}

func TestNumbersStandInTheirPlaces(t *testing.T) {
	l := book(t).In("en").For("{days} & {low}")
	if got := l.Thanks(7).Body; !strings.Contains(got, "for 7 days") {
		t.Error(got)
	}
	if got := l.OffScale(survey.CES); !strings.Contains(got, "from 1 to 7") {
		t.Error(got)
	}
	if got := l.Sender(); got != "This survey comes from {days} & {low}." {
		t.Errorf("a company's name was taken for a placeholder: %s", got)
	}
}

func TestNamesAreCleanedOfWhatBreaksLines(t *testing.T) {
	for in, want := range map[string]string{
		"Kaiku Oy":                         "Kaiku Oy",
		"  Kaiku\t \n Oy ":                 "Kaiku Oy",
		"Kaiku\r\nBcc: a@b.example":        "Kaiku Bcc: a@b.example",
		"Kaiku\u2028Oy\u2029\u0085x":       "Kaiku Oy x",
		"\u202eyO ukiaK\u202c":             "yO ukiaK",
		"שלום \u200fOy\u2066":              "שלום Oy",
		"a\x00b\x7fc\u200b":                "abc\u200b",
		"<script>alert('1')</script> & Co": "<script>alert('1')</script> & Co",
		"\xff\xfeKaiku":                    "Kaiku",
	} {
		if got := CleanName(in); got != want {
			t.Errorf("CleanName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSchemaKnowsTheWholeVocabulary(t *testing.T) {
	s := schema()
	for _, trigger := range survey.Triggers {
		if s.groups["surveys"].groups[string(trigger.Kind())].groups[string(trigger)] == nil {
			t.Errorf("no texts asked for %s", trigger)
		}
	}
	for _, k := range survey.Kinds {
		for _, c := range k.Classes() {
			if !slices.Contains(s.groups["why"].names, string(c)) {
				t.Errorf("no prompt asked for %s", c)
			}
		}
	}
}
