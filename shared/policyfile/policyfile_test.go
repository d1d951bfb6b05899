package policyfile

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kaiku/shared/survey"
)

func TestDefaultPolicyIsTheSpecified(t *testing.T) {
	p, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	day := 24 * time.Hour
	for name, c := range map[string]struct{ got, want time.Duration }{
		"started":         {p.Triggers.Started.Delay.Std(), 14 * day},
		"changed":         {p.Triggers.Changed.Delay.Std(), 3 * day},
		"renewed":         {p.Triggers.Renewed.Delay.Std(), 7 * day},
		"ended":           {p.Triggers.Ended.Delay.Std(), day},
		"interaction":     {p.Triggers.Interaction.Delay.Std(), 2 * time.Hour},
		"asked_this_year": {p.Rules.AskedThisYear.Std(), 335 * day},
		"cooldown":        {p.Rules.Cooldown.Std(), 30 * day},
	} {
		if c.got != c.want {
			t.Errorf("%s is %v, want %v", name, c.got, c.want)
		}
	}
	if len(p.Hash) != hashLength {
		t.Errorf("hash %q", p.Hash)
	}
}

func TestAKeyLeftOutKeepsItsDefault(t *testing.T) {
	p, err := Parse("mine.yaml", []byte("rules:\n  cooldown: 45d\n"))
	if err != nil {
		t.Fatal(err)
	}
	if p.Rules.Cooldown.String() != "45d" || p.Rules.TooYoung.String() != "180d" || p.Rules.SurveyedThisYear.Within.String() != "335d" {
		t.Errorf("rules are %+v", p.Rules)
	}
	d, _ := Load("")
	if d.Hash == p.Hash {
		t.Error("two different policies have one hash")
	}
}

func TestWhatCameOfLastYearIsToldInTheLanguagesItIsWrittenIn(t *testing.T) {
	p, err := Parse("mine.yaml", []byte("answering:\n  last_year:\n    fi: |\n      Puhelin on auki.\n      Myös lauantaisin.\n    sv: Tack!\n"))
	if err != nil {
		t.Fatal(err)
	}
	for language, want := range map[string]string{"fi": "Puhelin on auki.\nMyös lauantaisin.\n", "sv": "Tack!", "en": "", "de": ""} {
		if got := p.Answering.LastYear.In(language); got != want {
			t.Errorf("%s: %q, want %q", language, got, want)
		}
	}
}

func TestFaultsNameFileLineAndWhatIsAllowed(t *testing.T) {
	for _, c := range []struct{ name, yaml, want string }{
		{"unknown key", "rules:\n  cooldwn: 30d\n", `mine.yaml:2: unknown field "cooldwn"`},
		{"wrong unit", "timezone: Europe/Helsinki\nrules:\n  cooldown: 30 days\n", "mine.yaml:3: \"30 days\" is no duration; write a whole number and a unit: 30d, 2h or 15m"},
		{"unknown size", "audience:\n  sizes: [micro, tiny]\n", `mine.yaml:2: audience.sizes[1]: unknown size "tiny"; allowed are [micro small medium large unknown]`},
		{"no sender", "sender: {from: nonsense}\n", `mine.yaml:1: sender.from: "nonsense" is no address`},
		{"too large a cap", "\n\nrules: {customer_cap: 99}\n", "mine.yaml:3: rules.customer_cap: 99 is out of range; allowed are 1 to 24"},
		{"too long a text", "answering:\n  last_year:\n    sv: " + strings.Repeat("å", 601) + "\n", "mine.yaml:3: answering.last_year.sv: it has 601 characters; allowed are up to 600"},
		{"a control character", "answering: {last_year: {fi: \"a\\tb\"}}\n", "mine.yaml:1: answering.last_year.fi: it has control characters"},
		{"a reader with a name", "digest:\n  to:\n    - Johto <johto@kaiku.example>\n", "mine.yaml:3: digest.to[0]: \"Johto <johto@kaiku.example>\" is no address alone"},
		{"a reader twice", "digest: {to: [johto@kaiku.example, Johto@kaiku.example]}\n", "mine.yaml:1: digest.to[1]: \"Johto@kaiku.example\" is there twice"},
		{"too many readers", "digest: {to: [" + readers(51) + "]}\n", "mine.yaml:1: digest.to: it has 51 addresses; allowed are up to 50"},
		{"a digest in German", "digest: {language: de}\n", "mine.yaml:1: digest.language: unknown language \"de\"; allowed are [fi sv en]"},
		{"unknown zone", "timezone: Europe/Helsingfors\n", `mine.yaml:1: timezone: unknown time zone "Europe/Helsingfors"`},
		{"closing before opening", "openings: {from: \"15:00\", to: \"09:00\"}\n", "mine.yaml:1: openings.to"},
		{"not yaml", "rules: [\n", "mine.yaml:1"},
		{"wrong type", "rules: 5\n", "mine.yaml:1"},
		{"bad time", "openings: {from: nine}\n", "mine.yaml:1: \"nine\" is no time of day"},
		{"bad day", "openings: {days: [mon, tirsdag]}\n", "mine.yaml:1: \"tirsdag\" is no day"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("mine.yaml", []byte(c.yaml))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

// readers is so many addresses, as a list in YAML.
func readers(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("r%d@kaiku.example", i)
	}
	return strings.Join(list, ", ")
}

func TestEveryFaultIsReportedAtOnce(t *testing.T) {
	_, err := Parse("mine.yaml", []byte("rules:\n  customer_cap: 0\n  address_cap: 0\n"))
	if err == nil || !strings.Contains(err.Error(), "mine.yaml:2") || !strings.Contains(err.Error(), "mine.yaml:3") {
		t.Errorf("got %v", err)
	}
}

// The days are those of the Finnish university almanac office for 2026 and 2027.
func TestFinnishHolidays(t *testing.T) {
	holiday := finnishHolidays()
	want := map[string]bool{}
	for _, d := range strings.Fields(`
		2026-01-01 2026-01-06 2026-04-03 2026-04-05 2026-04-06 2026-05-01 2026-05-14 2026-05-24
		2026-06-19 2026-06-20 2026-10-31 2026-12-06 2026-12-24 2026-12-25 2026-12-26
		2027-01-01 2027-01-06 2027-03-26 2027-03-28 2027-03-29 2027-05-01 2027-05-06 2027-05-16
		2027-06-25 2027-06-26 2027-11-06 2027-12-06 2027-12-24 2027-12-25 2027-12-26`) {
		want[d] = true
	}
	for d := (survey.Date{Year: 2026, Month: 1, Day: 1}); d.Year < 2028; d = d.AddDays(1) {
		if holiday(d) != want[d.String()] {
			t.Errorf("%s: holiday %v, want %v", d, holiday(d), want[d.String()])
		}
	}
}
