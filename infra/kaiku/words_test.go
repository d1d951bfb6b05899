package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaiku/shared/ledger"
	"kaiku/shared/policy"
	"kaiku/shared/survey"
)

func readTimeline(t *testing.T) ledger.Timeline {
	t.Helper()
	b, err := os.ReadFile("testdata/timeline.json")
	if err != nil {
		t.Fatal(err)
	}
	var page ledger.Timeline
	if err := json.Unmarshal(b, &page); err != nil {
		t.Fatal(err)
	}
	return page
}

func TestATimelineIsReadByAPerson(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	s := story{zone: zone}
	for _, e := range readTimeline(t).Entries {
		s.add(e)
	}
	const golden = "testdata/timeline.golden"
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(golden, []byte(s.text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), s.text.String()); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(s.text.String(), "?") {
		t.Error("a fact is missing")
	}
}

// The sample timeline has every rule that there is, so that each has its words.
func TestEveryRuleHasWords(t *testing.T) {
	seen := map[survey.Rule]bool{}
	for _, e := range readTimeline(t).Entries {
		if e.Decision != nil {
			for _, rule := range e.Rules {
				seen[rule] = true
			}
		}
	}
	rules := []survey.Rule{survey.Superseded, survey.TooLate, survey.RejectedBySES}
	for _, listed := range policy.List() {
		rules = append(rules, listed.Rule)
	}
	for _, rule := range rules {
		if !seen[rule] {
			t.Errorf("testdata/timeline.json has no decision by %s", rule)
		}
	}
}
