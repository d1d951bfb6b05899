package rehearse

import (
	"slices"
	"time"

	"kaiku/shared/policy"
	"kaiku/shared/survey"
)

// entry is an Entry in a quarter of the room: a circle keeps those of all its
// members. Two entries are equal when they are the same in everything.
type entry struct {
	at int64 // milliseconds since 1970, as is then
	// then is when a planned survey is to leave, or until when one is put off.
	then     int64
	contract string
	contact  string
	no       uint32 // the rules that said no, one bit each by its place in allRules
	first    int8   // the place of the rule that decided; -1: none did
	what     int8   // the place of the outcome in outcomes
	on       int8   // the place of the trigger in survey.Triggers
}

// allRules are the rules in the order in which they are asked, then those that
// only take back a survey that was planned.
var allRules = append(policy.List(), policy.Listed{Rule: survey.Superseded, Outcome: survey.Cancelled},
	policy.Listed{Rule: survey.TooLate, Outcome: survey.Cancelled})

// maxRules is how many rules an entry has bits for.
const maxRules = 32

var outcomes = []survey.DecisionOutcome{survey.Planned, survey.Suppressed, survey.Postponed, survey.Cancelled}

func place(rule survey.Rule) int8 {
	return int8(slices.IndexFunc(allRules, func(l policy.Listed) bool { return l.Rule == rule }))
}

func entryOf(d *survey.Decision) entry {
	e := entry{at: d.At.UnixMilli(), contract: d.Contract, contact: d.Contact, first: place(d.Rule),
		what: int8(slices.Index(outcomes, d.Outcome)), on: int8(slices.Index(survey.Triggers, d.Trigger))}
	for _, rule := range d.Rules {
		e.no |= 1 << place(rule)
	}
	switch d.Outcome {
	case survey.Planned:
		e.then = d.SendAt.UnixMilli()
	case survey.Postponed:
		e.then = d.Until.UnixMilli()
	}
	return e
}

func (e *entry) when() time.Time                 { return time.UnixMilli(e.at).UTC() }
func (e *entry) trigger() survey.Trigger         { return survey.Triggers[e.on] }
func (e *entry) outcome() survey.DecisionOutcome { return outcomes[e.what] }

func (e *entry) rule() survey.Rule {
	if e.first < 0 {
		return ""
	}
	return allRules[e.first].Rule
}

// whole is the entry as it is shown.
func (e *entry) whole() Entry {
	out := Entry{At: e.when(), Kind: e.trigger().Kind(), Trigger: e.trigger(), Contract: e.contract, Outcome: e.outcome(),
		Rule: e.rule(), Contact: e.contact}
	for i := range allRules {
		if e.no>>i&1 == 1 {
			out.Rules = append(out.Rules, allRules[i].Rule)
		}
	}
	then := time.UnixMilli(e.then).UTC()
	switch out.Outcome {
	case survey.Planned:
		out.SendAt = then
	case survey.Postponed:
		out.Until = then
	}
	return out
}

// only is the entries of a that b has not, each as often as a has more of it.
func only(a, b []entry) []Entry {
	var out []Entry
	rest := slices.Clone(b)
	for _, e := range a {
		if i := slices.Index(rest, e); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
		} else {
			out = append(out, e.whole())
		}
	}
	return out
}
