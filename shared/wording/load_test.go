package wording

import (
	"strconv"
	"strings"
	"testing"

	"kaiku/infra"
)

// edited is the shipped texts with old replaced once by new.
func edited(t *testing.T, old, new string) string {
	t.Helper()
	s := string(infra.Texts)
	if !strings.Contains(s, old) {
		t.Fatalf("the texts have no %q", old)
	}
	return strings.Replace(s, old, new, 1)
}

func TestFaultsAreRefusedWithTheirLineAndWhatIsAllowed(t *testing.T) {
	at := func(text string) int { // the line where text stands
		i := strings.Index(string(infra.Texts), text)
		return 1 + strings.Count(string(infra.Texts)[:i], "\n")
	}
	for _, c := range []struct {
		name, old, new string
		line           int
		want           []string
	}{
		{"unknown key", "\nwhy:\n", "\nwhi:\n", at("why:\n  unanswered"), []string{`unknown key "whi"`, "known here are surveys, why, reasons"}},
		{"missing group", "\nwhy:\n", "\nwhi:\n", 1, []string{"why is missing"}},
		{"unknown key deep down", "      subject:\n", "      topic:\n", at("      subject:\n"), []string{"surveys.nps.annual", `unknown key "topic"`, "subject, preheader, lead, question"}},
		{"missing text", "    sv: Skicka\n", "", at("  send:\n"), []string{"page.send: the text in sv is missing"}},
		{"unknown language", "    sv: Skicka\n", "    sv: Skicka\n    no: Send\n", at("    sv: Skicka\n") + 1, []string{"page.send", `unknown language "no"`, "fi, sv, en"}},
		{"empty", "sv: Skicka\n", "sv: ''\n", at("    sv: Skicka\n"), []string{"page.send.sv: is empty"}},
		{"nothing", "sv: Skicka\n", "sv:\n", at("    sv: Skicka\n"), []string{"page.send.sv: must be a text"}},
		{"number", "sv: Skicka\n", "sv: 10\n", at("    sv: Skicka\n"), []string{"page.send.sv: must be a text; put it in quotes"}},
		{"list", "sv: Skicka\n", "sv: [Skicka]\n", at("    sv: Skicka\n"), []string{"must be a text"}},
		{"unknown placeholder", "sv: Skicka\n", "sv: 'Skicka {name}'\n", at("    sv: Skicka\n"), []string{"unknown placeholder {name}", "allowed here are {company}"}},
		{"placeholder of another text", "sv: Skicka\n", "sv: 'Skicka {days}'\n", at("    sv: Skicka\n"), []string{"unknown placeholder {days}"}},
		{"lone brace", "sv: Skicka\n", "sv: 'Skicka {company'\n", at("    sv: Skicka\n"), []string{"unknown placeholder {"}},
		{"newline", "sv: Skicka\n", "sv: \"Skicka\\nBcc: x\"\n", at("    sv: Skicka\n"), []string{"must be one line"}},
		{"too long", "sv: Skicka\n", "sv: " + strings.Repeat("x", 501) + "\n", at("    sv: Skicka\n"), []string{"501 characters", "at most 500"}},
		{"text for a group", "\nreasons:\n", "\nwhat: x\nreasons:\n", at("reasons:\n  title"), []string{`unknown key "what"`}},
		{"group is a text", "  send:\n    fi: Lähetä\n    sv: Skicka\n    en: Send\n", "  send: Lähetä\n", at("  send:\n"), []string{"page.send: must have a text for each of fi, sv, en"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Load("my/texts.yaml", []byte(edited(t, c.old, c.new)))
			if err == nil {
				t.Fatal("was taken")
			}
			prefix := "my/texts.yaml:"
			for _, line := range strings.Split(err.Error(), "\n") {
				if !strings.HasPrefix(line, prefix) {
					t.Errorf("no file and line in %q", line)
				}
			}
			found := false
			for _, line := range strings.Split(err.Error(), "\n") {
				all := strings.HasPrefix(line, prefix+strconv.Itoa(c.line)+":")
				for _, w := range c.want {
					all = all && strings.Contains(line, w)
				}
				found = found || all
			}
			if !found {
				t.Errorf("want line %d with %q in:\n%v", c.line, c.want, err)
			}
		})
	}
}

func TestAllFaultsAreReportedAtOnce(t *testing.T) {
	s := edited(t, "sv: Skicka\n", "sv: ''\n")
	s = strings.Replace(s, "en: Send\n", "en: '{x}'\n", 1)
	s = strings.Replace(s, "    fi: Hinta\n", "", 1)
	_, err := Load("texts.yaml", []byte(s))
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("want three lines, got: %v", err)
	}
}

func TestWhatIsNoFileOfTextsIsRefused(t *testing.T) {
	for name, s := range map[string]string{
		"empty": "", "text": "hello", "list": "- a", "half": "why: {", "tab": "why:\n\tx: y", "null": "~",
		"key again":        string(infra.Texts) + "\nwhy: {}\n",
		"second document":  string(infra.Texts) + "\n---\nwhy: {}\n",
		"alias":            "why: &a {b: c}\nmail: *a\n",
		"invalid encoding": "why: \xff\xfe",
	} {
		if b, err := Load("texts.yaml", []byte(s)); err == nil || b != nil {
			t.Errorf("%s was taken", name)
		} else if !strings.HasPrefix(err.Error(), "texts.yaml:") {
			t.Errorf("%s: no file in %v", name, err)
		}
	}
}

// The cost at a cold start of each function that speaks to respondents.
func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Load("texts.yaml", infra.Texts); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(infra.Texts)
	f.Add([]byte("why: {fi: x}"))
	f.Fuzz(func(t *testing.T, source []byte) {
		b, err := Load("f", source)
		if (b == nil) == (err == nil) {
			t.Fatalf("book %v and error %v", b, err)
		}
	})
}
