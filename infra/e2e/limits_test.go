package e2e

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
)

// limits are the numbers of the policy file that reasons name, read without the
// code that the rules read them by.
type limits struct {
	Audience struct{ Sizes []string }
	Triggers map[string]struct {
		On    bool
		Delay string
	}
	Rules struct {
		TooOld           string `yaml:"too_old"`
		TooYoung         string `yaml:"too_young"`
		NotSteady        string `yaml:"not_steady"`
		ChangeAhead      string `yaml:"change_ahead"`
		AskedThisYear    string `yaml:"asked_this_year"`
		SurveyedThisYear struct {
			Within string
			Counts []string
		} `yaml:"surveyed_this_year"`
		Cooldown        string
		CustomerCap     int     `yaml:"customer_cap"`
		SamplePercent   float64 `yaml:"sample_percent"`
		AddressCap      int     `yaml:"address_cap"`
		AddressCooldown string  `yaml:"address_cooldown"`
	}
	Sending struct {
		GiveUp    string `yaml:"give_up"`
		GiveUpNPS string `yaml:"give_up_nps"`
	}
}

// limitsOf are the limits of the default policy with lines over it.
func limitsOf(t testing.TB, lines string) *limits {
	t.Helper()
	l := &limits{}
	for _, text := range []string{string(readSample(t, "../infra/policy.yaml")), lines} {
		over := *l
		over.Triggers = nil
		if err := yaml.Unmarshal([]byte(text), &over); err != nil {
			t.Fatal(err)
		}
		for name, setting := range l.Triggers {
			if _, said := over.Triggers[name]; !said {
				if over.Triggers == nil {
					over.Triggers = l.Triggers
				}
				over.Triggers[name] = setting
			}
		}
		l = &over
	}
	return l
}

// counts says whether another survey keeps the annual one back.
func (l *limits) counts(a *ask) bool {
	names := l.Rules.SurveyedThisYear.Counts
	return a.trigger != "annual" && (slices.Contains(names, a.kind) || slices.Contains(names, a.trigger))
}

// span reads 30d, 2h or 15m.
func span(t testing.TB, text string) time.Duration {
	t.Helper()
	unit := map[string]time.Duration{"d": day, "h": time.Hour, "m": time.Minute}[text[len(text)-1:]]
	n, err := strconv.Atoi(strings.TrimRight(text, "dhm"))
	if err != nil || unit == 0 {
		t.Fatalf("%q is no duration", text)
	}
	return time.Duration(n) * unit
}
