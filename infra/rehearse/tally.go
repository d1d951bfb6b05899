package rehearse

import (
	"cmp"
	"slices"
	"time"

	"kaiku/shared/policy"
	"kaiku/shared/survey"
)

// tally counts what comes of members under one policy. Counts are sums, so tallies merge to
// the same figures in any order.
type tally struct {
	*window
	decisions map[DecisionKind]int64
	rules     [maxRules]int64 // how often each said no at all
	days      []int64         // surveys sent, by days since the first
	sent      map[sentKind]int64
	later     int64
	times     []int64 // customers by how many surveys they were sent
	months    map[int]string
}

type sentKind struct {
	month   string
	trigger survey.Trigger
}

func newTally(w *window) *tally {
	return &tally{window: w, decisions: map[DecisionKind]int64{}, sent: map[sentKind]int64{},
		months: map[int]string{}}
}

// monthOf is the month of a day, YYYY-MM.
func (t *tally) monthOf(day survey.Date) string {
	n := day.Year*12 + int(day.Month)
	name, known := t.months[n]
	if !known {
		name = day.String()[:len("2026-11")]
		t.months[n] = name
	}
	return name
}

func (t *tally) dayOf(at time.Time) survey.Date { return survey.DateOf(at.In(t.zone)) }

// count counts what came of a member by the end of the window.
func (t *tally) count(m *member) {
	for i := range m.entries {
		e := &m.entries[i]
		t.decisions[DecisionKind{t.monthOf(t.dayOf(e.when())), e.trigger().Kind(), e.trigger(), e.outcome(), e.rule()}]++
		for i := range allRules {
			t.rules[i] += int64(e.no >> i & 1)
		}
	}
	for _, one := range m.sent {
		day := t.dayOf(time.UnixMilli(one.at))
		t.sent[sentKind{t.monthOf(day), one.trigger}]++
		n := daysBetween(t.first, day)
		for len(t.days) <= n {
			t.days = append(t.days, 0)
		}
		t.days[n]++
	}
	t.later += int64(len(m.unsent))
	for len(t.times) <= len(m.sent) {
		t.times = append(t.times, 0)
	}
	t.times[len(m.sent)]++
}

// daysBetween is how many days b is later than a.
func daysBetween(a, b survey.Date) int {
	return int(b.Start(time.UTC).Sub(a.Start(time.UTC)) / (24 * time.Hour))
}

func (t *tally) merge(other *tally) {
	for k, n := range other.decisions {
		t.decisions[k] += n
	}
	for i, n := range other.rules {
		t.rules[i] += n
	}
	for k, n := range other.sent {
		t.sent[k] += n
	}
	t.later += other.later
	t.days, t.times = sum(t.days, other.days), sum(t.times, other.times)
}

func sum(a, b []int64) []int64 {
	if len(a) < len(b) {
		a, b = b, a
	}
	for i, n := range b {
		a[i] += n
	}
	return a
}

// maxBusiest is how many of the busiest days are told.
const maxBusiest = 10

// figures makes the figures of a policy.
func (t *tally) figures(name string, p *policy.Policy) *Figures {
	f := &Figures{Name: name, Hash: p.Hash, Later: t.later}
	t.surveys(f)
	t.rulesAndDecisions(f)
	busiest := ranking[DayFigure]{limit: maxBusiest, compare: func(a, b DayFigure) int {
		return cmp.Or(cmp.Compare(b.Sent, a.Sent), a.Day.Compare(b.Day))
	}}
	for i, n := range t.days {
		if n > 0 {
			day := DayFigure{t.first.AddDays(i), n}
			f.Days = append(f.Days, day)
			busiest.add(day)
		}
	}
	f.Busiest = busiest.best
	for n, customers := range t.times {
		f.Times = append(f.Times, TimesFigure{n, customers})
	}
	return f
}

// surveys fills in what is sent, every month of the time in order.
func (t *tally) surveys(f *Figures) {
	last := t.dayOf(t.to.Add(-1))
	for day := (survey.Date{Year: t.first.Year, Month: t.first.Month, Day: 1}); !last.Before(day); {
		m := MonthOfSurveys{Month: day.String()[:len("2026-11")], Kinds: map[survey.Kind]int64{}, For: map[survey.Trigger]int64{}}
		for _, kind := range survey.Kinds {
			m.Kinds[kind] = 0
		}
		for _, trigger := range survey.Triggers {
			n := t.sent[sentKind{m.Month, trigger}]
			m.For[trigger] = n
			m.Kinds[trigger.Kind()] += n
			m.Sent += n
		}
		f.Sent += m.Sent
		f.Surveys = append(f.Surveys, m)
		day = day.AddDays(31)
		day.Day = 1
	}
}

func (t *tally) rulesAndDecisions(f *Figures) {
	at := map[survey.Rule]*RuleFigure{}
	f.Rules = make([]RuleFigure, len(allRules))
	for i, rule := range allRules {
		f.Rules[i] = RuleFigure{Rule: rule.Rule, Outcome: rule.Outcome, Any: t.rules[i]}
		at[rule.Rule] = &f.Rules[i]
	}
	for k, n := range t.decisions {
		f.Decisions = append(f.Decisions, DecisionFigure{k, n})
		switch {
		case k.Outcome == survey.Cancelled:
			at[k.Rule].Cancelled += n
		case k.Rule != "":
			at[k.Rule].First += n
		}
	}
	slices.SortFunc(f.Decisions, func(a, b DecisionFigure) int {
		return cmp.Or(cmp.Compare(a.Month, b.Month), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Trigger, b.Trigger),
			cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Rule, b.Rule))
	})
}
