package policy_test

import (
	"testing"
	"time"

	"kaiku/shared/survey"
)

// only leaves the customer with these contracts.
func (s *scene) only(contracts ...survey.Contract) { s.c.Contracts = contracts }

// helsinkiDay is the day that lies so many days from the scene's.
func helsinkiDay(days int) survey.Date {
	return survey.Date{Year: 2026, Month: time.March, Day: 10}.AddDays(days)
}

func TestWithoutAnActiveContractNothingIsAsked(t *testing.T) {
	none := no(survey.NoActiveContract)
	old := func(s *scene) time.Time { return s.now.Add(-800 * day) }
	cases := []ruleCase{
		{name: "no contract at all", on: survey.Changed, set: func(s *scene) { s.only() }, no: none, because: survey.Because{"contracts": 0}},
		{name: "ended a moment ago", on: survey.Renewed, no: none, because: survey.Because{"contracts": 1, "over": "2026-03-10T07:59:59Z"},
			set: func(s *scene) { s.only(survey.Contract{ID: "K-1", Started: old(s), Ended: s.now.Add(-1)}) }},
		{name: "ends this moment", on: survey.Changed, no: none,
			set: func(s *scene) { s.only(survey.Contract{ID: "K-1", Started: old(s), Ended: s.now}) }},
		{name: "ends in a moment", on: survey.Changed,
			set: func(s *scene) { s.only(survey.Contract{ID: "K-1", Started: old(s), Ended: s.now.Add(1)}) }},
		{name: "ended, but another runs", on: survey.Changed,
			set: func(s *scene) {
				s.only(survey.Contract{ID: "K-1", Started: old(s), Ended: s.now.Add(-day)}, survey.Contract{ID: "K-2", Started: old(s)})
			}},
		{name: "29 days past its end date", on: survey.Changed,
			set: func(s *scene) { s.only(survey.Contract{ID: "K-1", Started: old(s), EndsOn: helsinkiDay(-30)}) }},
		{name: "lapsed, 30 days past its end date", on: survey.Changed, no: none,
			set: func(s *scene) { s.only(survey.Contract{ID: "K-1", Started: old(s), EndsOn: helsinkiDay(-31)}) }},
		{name: "lapsed by the policy's own limit", on: survey.Changed, no: none,
			set: func(s *scene) {
				s.yaml = "rules: {lapse_after: 0d}\n"
				s.only(survey.Contract{ID: "K-1", Started: old(s), EndsOn: helsinkiDay(-1)})
			}},
		{name: "its last day, with no time to lapse", on: survey.Changed,
			set: func(s *scene) {
				s.yaml = "rules: {lapse_after: 0d}\n"
				s.only(survey.Contract{ID: "K-1", Started: old(s), EndsOn: helsinkiDay(0)})
			}},
		{name: "starts tomorrow", on: survey.Changed, no: none,
			set: func(s *scene) {
				s.only(survey.Contract{ID: "K-1", StartsOn: helsinkiDay(1), FirstSay: s.now.Add(-day)})
			}},
		{name: "starts today", on: survey.Changed,
			set: func(s *scene) {
				s.only(survey.Contract{ID: "K-1", StartsOn: helsinkiDay(0), FirstSay: s.now.Add(-day)})
			}},
		{name: "starts this moment", on: survey.Started, set: func(s *scene) { s.only(survey.Contract{ID: "K-1", Started: s.now}) }},
		{name: "started, by a sender's clock that runs ahead", on: survey.Started,
			set: func(s *scene) {
				s.on.At = s.now.Add(2 * time.Second)
				s.only(survey.Contract{ID: "K-1", Started: s.on.At})
			}},
		{name: "told of a week before it starts", on: survey.Started,
			set: func(s *scene) {
				s.on.At = s.now.Add(7 * day)
				s.only(survey.Contract{ID: "K-1", Started: s.on.At})
			}},
		{name: "all ended: the end is asked about", on: survey.Ended,
			set: func(s *scene) { s.only(survey.Contract{ID: "K-1", Started: old(s), Ended: s.now}) }},
		{name: "all ended: customer service is", on: survey.Interaction,
			set: func(s *scene) { s.only(survey.Contract{ID: "K-1", Started: old(s), Ended: s.now.Add(-day)}) }},
	}
	for _, trigger := range []survey.Trigger{survey.Annual, survey.Started, survey.Changed, survey.Renewed} {
		cases = append(cases, ruleCase{name: "none, for every trigger it is for", on: trigger, set: func(s *scene) { s.only() }, no: none})
	}
	decideAll(t, cases)
}

// The annual survey waits for a steady contract. Every limit is told from both
// sides; put off is until the rule says yes.
func TestTheAnnualSurveyWaitsUntilTheContractIsOldEnough(t *testing.T) {
	young := no(survey.TooYoung)
	aged := func(age time.Duration) func(*scene) {
		return func(s *scene) { s.only(survey.Contract{ID: "K-1", Started: s.now.Add(-age)}) }
	}
	decideAll(t, []ruleCase{
		{name: "a moment too young", on: survey.Annual, set: aged(180*day - 1), no: young, until: 1, because: survey.Because{"limit": "180d"}},
		{name: "a month too young", on: survey.Annual, set: aged(150 * day), no: young, until: 30 * day},
		{name: "old enough", on: survey.Annual, set: aged(180 * day)},
		{name: "the oldest is old enough", on: survey.Annual, set: func(s *scene) {
			s.only(survey.Contract{ID: "K-1", Started: s.now.Add(-100 * day)}, survey.Contract{ID: "K-2", Started: s.now.Add(-200 * day)})
		}},
		{name: "the oldest counts", on: survey.Annual, no: young, until: 20 * day, set: func(s *scene) {
			s.only(survey.Contract{ID: "K-1", Started: s.now.Add(-100 * day)}, survey.Contract{ID: "K-2", Started: s.now.Add(-160 * day)})
		}},
		{name: "an old one that ended does not count", on: survey.Annual, no: young, until: 80 * day, set: func(s *scene) {
			s.only(survey.Contract{ID: "K-1", Started: s.now.Add(-100 * day)},
				survey.Contract{ID: "K-2", Started: s.now.Add(-900 * day), Ended: s.now.Add(-day)})
		}},
		{name: "loaded: by its start date", on: survey.Annual, set: func(s *scene) {
			s.only(survey.Contract{ID: "K-1", StartsOn: helsinkiDay(-700), FirstSay: s.now.Add(-day)})
		}},
		{name: "by the policy's own limit", on: survey.Annual, no: young, until: 20 * day,
			set: func(s *scene) { s.yaml = "rules: {too_young: 400d}\n"; aged(380 * day)(s) }},
		{name: "a young contract is asked about its start", on: survey.Started, set: aged(0)},
		{name: "a young contract is asked about a change", on: survey.Changed, set: aged(40 * day)},
	})
}

func TestTheAnnualSurveyWaitsUntilTheContractIsSteady(t *testing.T) {
	unsteady := no(survey.NotSteady)
	ago := func(s *scene, d time.Duration) time.Time { return s.now.Add(-d) }
	decideAll(t, []ruleCase{
		{name: "changed a moment too lately", on: survey.Annual, no: unsteady, until: 1, because: survey.Because{"what": "changed", "limit": "90d"},
			set: func(s *scene) { s.c.Contracts[0].Changed = ago(s, 90*day-1) }},
		{name: "changed long enough ago", on: survey.Annual, set: func(s *scene) { s.c.Contracts[0].Changed = ago(s, 90*day) }},
		{name: "renewed a week ago", on: survey.Annual, no: unsteady, until: 83 * day,
			because: survey.Because{"what": "renewed", "at": "2026-03-03T08:00:00Z"},
			set:     func(s *scene) { s.c.Contracts[0].Renewed = ago(s, 7*day) }},
		{name: "renewed long enough ago", on: survey.Annual, set: func(s *scene) { s.c.Contracts[0].Renewed = ago(s, 90*day) }},
		{name: "a second contract started lately", on: survey.Annual, no: unsteady, until: 60 * day, because: survey.Because{"what": "started"},
			set: func(s *scene) { s.contract(survey.Contract{ID: "K-2", Started: ago(s, 30*day)}) }},
		{name: "a second contract started long enough ago", on: survey.Annual,
			set: func(s *scene) { s.contract(survey.Contract{ID: "K-2", Started: ago(s, 90*day)}) }},
		{name: "a second contract loaded lately, begun long ago", on: survey.Annual,
			set: func(s *scene) {
				s.contract(survey.Contract{ID: "K-2", StartsOn: helsinkiDay(-400), FirstSay: ago(s, day)})
			}},
		{name: "a second contract is still to start", on: survey.Annual,
			set: func(s *scene) {
				s.contract(survey.Contract{ID: "K-2", StartsOn: helsinkiDay(5), FirstSay: ago(s, day)})
			}},
		{name: "the latest of several counts", on: survey.Annual, no: unsteady, until: 80 * day, because: survey.Because{"what": "renewed"},
			set: func(s *scene) {
				s.c.Contracts[0].Changed = ago(s, 20*day)
				s.contract(survey.Contract{ID: "K-2", Started: ago(s, 400*day), Renewed: ago(s, 10*day)})
			}},
		{name: "a contract that has ended since was changed lately", on: survey.Annual, no: unsteady, until: 60 * day,
			because: survey.Because{"what": "changed"},
			set: func(s *scene) {
				s.contract(survey.Contract{ID: "K-2", Started: ago(s, 400*day), Changed: ago(s, 30*day), Ended: ago(s, 5*day)})
			}},
		{name: "a contract ended lately, steady until then", on: survey.Annual,
			set: func(s *scene) {
				s.contract(survey.Contract{ID: "K-2", Started: ago(s, 400*day), Ended: ago(s, 5*day)})
			}},
		{name: "a change that is still to come", on: survey.Annual, set: func(s *scene) { s.c.Contracts[0].Changed = ago(s, -5*day) }},
		{name: "by the policy's own limit", on: survey.Annual, no: unsteady, until: 12 * hour,
			set: func(s *scene) { s.yaml = "rules: {not_steady: 36h}\n"; s.c.Contracts[0].Changed = ago(s, day) }},
		{name: "a lately changed contract is asked about its renewal", on: survey.Renewed,
			set: func(s *scene) { s.c.Contracts[0].Changed = ago(s, day) }},
	})
}

func TestTheAnnualSurveyWaitsForAChangeAhead(t *testing.T) {
	ahead := no(survey.ChangeAhead)
	ends := func(days int) func(*scene) {
		return func(s *scene) { s.c.Contracts[0].EndsOn = helsinkiDay(days) }
	}
	// Put off until the first moment of the day after: it is 14 hours to the next
	// midnight, and clocks go forward on 29 March.
	const toMidnight, forward = 14 * hour, -hour
	decideAll(t, []ruleCase{
		{name: "ends today", on: survey.Annual, set: ends(0), no: ahead, until: toMidnight, because: survey.Because{"endsOn": "2026-03-10", "limit": "45d"}},
		{name: "ends tomorrow", on: survey.Annual, set: ends(1), no: ahead, until: toMidnight + day},
		{name: "ends in 45 days", on: survey.Annual, set: ends(45), no: ahead, until: toMidnight + 45*day + forward},
		{name: "ends in 46 days", on: survey.Annual, set: ends(46)},
		{name: "ended yesterday, nothing heard since", on: survey.Annual, set: ends(-1)},
		{name: "ends never", on: survey.Annual},
		{name: "two end soon: after the later", on: survey.Annual, no: ahead, until: toMidnight + 10*day, set: func(s *scene) {
			ends(10)(s)
			s.contract(survey.Contract{ID: "K-2", Started: s.now.Add(-400 * day), EndsOn: helsinkiDay(4)})
		}},
		{name: "two end, one of them soon", on: survey.Annual, no: ahead, until: toMidnight + 4*day, set: func(s *scene) {
			ends(400)(s)
			s.contract(survey.Contract{ID: "K-2", Started: s.now.Add(-400 * day), EndsOn: helsinkiDay(4)})
		}},
		{name: "one that is over had an end soon", on: survey.Annual, set: func(s *scene) {
			s.contract(survey.Contract{ID: "K-2", Started: s.now.Add(-400 * day), EndsOn: helsinkiDay(4), Ended: s.now.Add(-day)})
		}},
		{name: "one that is still to start ends soon", on: survey.Annual, set: func(s *scene) {
			s.contract(survey.Contract{ID: "K-2", StartsOn: helsinkiDay(1), EndsOn: helsinkiDay(30), FirstSay: s.now})
		}},
		{name: "by the customer's own calendar", on: survey.Annual, no: ahead, until: 5 * hour, because: survey.Because{"endsOn": "2026-03-10"},
			set: func(s *scene) { // ten in the morning in Helsinki is five in the afternoon in Tokyo
				s.c.Timezone, s.now = "Asia/Tokyo", s.now.Add(2*hour)
				s.on.At = s.now
				ends(0)(s)
			}},
		{name: "by the policy's own limit", on: survey.Annual, set: func(s *scene) { s.yaml = "rules: {change_ahead: 7d}\n"; ends(8)(s) }},
		{name: "a contract that ends soon is asked about a change", on: survey.Changed, set: ends(3)},
	})
}
