package survey_test

import (
	"slices"
	"testing"

	"kaiku/shared/survey"
)

func TestEveryScoreHasItsClass(t *testing.T) {
	for _, c := range []struct {
		kind      survey.Kind
		low, high int
		want      survey.Class
	}{
		{survey.NPS, 0, 6, survey.Detractor},
		{survey.NPS, 7, 8, survey.Passive},
		{survey.NPS, 9, 10, survey.Promoter},
		{survey.NPS, -1, -1, ""},
		{survey.NPS, 11, 11, ""},
		{survey.CSAT, 1, 2, survey.Unhappy},
		{survey.CSAT, 3, 3, survey.Neutral},
		{survey.CSAT, 4, 5, survey.Satisfied},
		{survey.CSAT, 0, 0, ""},
		{survey.CSAT, 6, 6, ""},
		{survey.CES, 1, 3, survey.Hard},
		{survey.CES, 4, 4, survey.Neutral},
		{survey.CES, 5, 7, survey.Easy},
		{survey.CES, 0, 0, ""},
		{survey.CES, 8, 8, ""},
		{"ask", 0, 5, ""},
	} {
		for score := c.low; score <= c.high; score++ {
			if got := c.kind.Class(score); got != c.want {
				t.Errorf("%s %d is %q, want %q", c.kind, score, got, c.want)
			}
			if got := c.kind.Valid(score); got != (c.want != "") {
				t.Errorf("%s %d on the scale: %v", c.kind, score, got)
			}
			if c.want != "" && !slices.Contains(c.kind.Classes(), c.want) {
				t.Errorf("%s is no class of %s", c.want, c.kind)
			}
		}
	}
}

func TestClassesGoFromWorstToBest(t *testing.T) {
	for _, kind := range survey.Kinds {
		var met []survey.Class
		low, high, _ := kind.Scale()
		for score := low; score <= high; score++ {
			if class := kind.Class(score); len(met) == 0 || met[len(met)-1] != class {
				met = append(met, class)
			}
		}
		if !slices.Equal(met, kind.Classes()) {
			t.Errorf("%s: up the scale %v, listed %v", kind, met, kind.Classes())
		}
	}
	if survey.Kind("ask").Classes() != nil {
		t.Error("an unknown kind has classes")
	}
}

func TestEveryTriggerAsksItsKind(t *testing.T) {
	for trigger, want := range map[survey.Trigger]survey.Kind{
		survey.Annual: survey.NPS, survey.Started: survey.CSAT, survey.Changed: survey.CSAT, survey.Renewed: survey.CSAT,
		survey.Ended: survey.CSAT, survey.Interaction: survey.CES, survey.External: "", "": "",
	} {
		if got := trigger.Kind(); got != want {
			t.Errorf("%q asks %q, want %q", trigger, got, want)
		}
		if listed := slices.Contains(survey.Triggers, trigger); listed != (want != "") {
			t.Errorf("%q among the triggers of Kaiku: %v", trigger, listed)
		}
	}
}

func TestEveryEventTypeHasItsTrigger(t *testing.T) {
	for _, c := range []struct {
		on       survey.EventType
		trigger  survey.Trigger
		contract bool
	}{
		{survey.CustomerUpdated, "", false},
		{survey.ContractStarted, survey.Started, true},
		{survey.ContractChanged, survey.Changed, true},
		{survey.ContractRenewed, survey.Renewed, true},
		{survey.ContractEnded, survey.Ended, true},
		{survey.InteractionClosed, survey.Interaction, false},
		{survey.CustomerSurveyed, "", false},
		{survey.CustomerErased, "", false},
	} {
		if !c.on.Known() || c.on.Trigger() != c.trigger || c.on.AboutContract() != c.contract {
			t.Errorf("%s: known %v, trigger %q, about a contract %v", c.on, c.on.Known(), c.on.Trigger(), c.on.AboutContract())
		}
	}
	if len(survey.EventTypes) != 8 || survey.EventType("contract.signed").Known() {
		t.Error("there are other event types than the documented")
	}
}

func TestRolesAreAskedInOrderAndUnknownOnesLast(t *testing.T) {
	order := []survey.Role{survey.DecisionMaker, survey.User, survey.Billing, "janitor"}
	for i, a := range order {
		for j, b := range order {
			if a.Before(b) != (i < j) {
				t.Errorf("%q before %q: %v", a, b, a.Before(b))
			}
		}
	}
	if survey.Role("").Before("janitor") || survey.Role("janitor").Before("") {
		t.Error("no role and an unknown one are not equal")
	}
}

func TestKindsAreReadAsTheyAreWritten(t *testing.T) {
	for _, kind := range survey.Kinds {
		if got, err := survey.ParseKind(string(kind)); err != nil || got != kind {
			t.Errorf("%s is read as %q, %v", kind, got, err)
		}
	}
	for _, text := range []string{"", "NPS", "ask"} {
		if got, err := survey.ParseKind(text); err == nil {
			t.Errorf("%q is read as %q", text, got)
		}
	}
}
