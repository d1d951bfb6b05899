package webhook_test

import (
	"testing"
	"time"

	"kaiku/shared/survey"
	"kaiku/shared/webhook"
)

func TestWhatLiesTooFarAheadIsRefused(t *testing.T) {
	now := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	for _, c := range []struct {
		name   string
		kind   survey.EventType
		at     time.Duration
		survey time.Duration
		wrong  string
	}{
		{"an end told a year before", survey.ContractEnded, 366 * day, 0, ""},
		{"at the limit", survey.ContractStarted, 400 * day, 0, ""},
		{"beyond it", survey.ContractStarted, 400*day + time.Second, 0, "timestamp"},
		{"long ago", survey.ContractStarted, -9000 * day, 0, ""},
		{"a survey by a clock that runs fast", survey.CustomerSurveyed, 0, day, ""},
		{"a survey that is still to be sent", survey.CustomerSurveyed, 0, day + time.Second, "data.survey.at"},
		{"a survey of last year", survey.CustomerSurveyed, 0, -365 * day, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			faults := webhook.Ahead(survey.Event{Type: c.kind, At: now.Add(c.at), SurveyAt: now.Add(c.survey)}, now)
			got := ""
			for _, f := range faults {
				got += f.Field
			}
			if got != c.wrong {
				t.Errorf("refused are %v, want %q", faults, c.wrong)
			}
		})
	}
}
