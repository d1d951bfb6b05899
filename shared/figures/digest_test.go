package figures

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/survey"
)

// csat is a cell of satisfied (5) and unhappy (1).
func csat(sent, satisfied, unhappy int) ledger.Cell {
	return ledger.Cell{Sent: sent, Delivered: sent, Answered: satisfied + unhappy, Scores: []int{unhappy, 0, 0, 0, satisfied}}
}

// cells are those of a month, of two sizes and, where they differ, of all together.
func cells(micro, small ledger.Cell) map[string]map[string]ledger.Cell {
	var all ledger.Cell
	all.Add(micro)
	all.Add(small)
	return map[string]map[string]ledger.Cell{ledger.All: {ledger.All: all}, "size": {"micro": micro, "small": small}, "language": {"fi": all}}
}

func monthOf(year int, month time.Month, micro, small ledger.Cell) ledger.MonthCount {
	return ledger.MonthCount{Month: survey.Month{Year: year, Month: month}, Cells: cells(micro, small), At: now}
}

// twoYears is a programme in which the small have come to like us and the micro stay
// as they were; of CSAT the micro have become unhappy in the last month.
func twoYears() counted {
	return counted{
		survey.NPS: {
			monthOf(2025, 5, nps(100, 20, 20, 20), nps(100, 10, 10, 40)),
			monthOf(2026, 3, nps(50, 10, 10, 10), nps(50, 25, 3, 2)),
			monthOf(2026, 10, nps(50, 10, 10, 10), nps(50, 25, 3, 2)),
			monthOf(2026, 12, nps(10, 0, 0, 9), nps(10, 0, 0, 9)),
		},
		survey.CSAT: {
			monthOf(2026, 9, csat(50, 36, 4), csat(50, 36, 4)),
			monthOf(2026, 10, csat(50, 20, 20), csat(50, 36, 4)),
		},
	}
}

func digestOf(t *testing.T, c Counts, month survey.Month, comments ...Comment) Digest {
	t.Helper()
	p, err := Load(t.Context(), c, survey.Kinds, 5, now)
	if err != nil {
		t.Fatal(err)
	}
	d, err := p.Digest(month, comments)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var october = survey.Month{Year: 2026, Month: time.October}

func TestADigestTellsOfEachKindInItsOwnPeriod(t *testing.T) {
	d := digestOf(t, twoYears(), october)
	if d.Year == nil || d.Year.Period != "2026" || d.Year.Change == nil || !d.Year.Change.Is() {
		t.Fatalf("the year: %+v", d.Year)
	}
	if d.CSAT == nil || d.CSAT.Period != "2026-10" || *d.CSAT.Score != 70 {
		t.Errorf("CSAT: %+v", d.CSAT)
	}
	if d.CES != nil {
		t.Errorf("CES, of which nothing was sent: %+v", d.CES)
	}
	if d.Sent != 200 || d.Delivered != 200 || d.Answered != 140 {
		t.Errorf("%d sent, %d delivered, %d answered, want those of October", d.Sent, d.Delivered, d.Answered)
	}
}

func TestADigestNamesTheGroupsThatHaveChangedTheSurestFirst(t *testing.T) {
	d := digestOf(t, twoYears(), october)
	var got []string
	for _, r := range d.Changes {
		got = append(got, fmt.Sprint(r.Kind, " ", r.By, " ", r.Value, " ", r.Period, " ", r.Change.Value > 0))
	}
	// Not the micro's NPS, which has not changed; not the language, which is everyone.
	want := "[nps size small 2026 true csat size micro 2026-10 false]"
	if fmt.Sprint(got) != want || d.Changed != 2 || d.Compared != 4 {
		t.Errorf("%v of %d compared, want %s of 4", got, d.Compared, want)
	}
}

func TestOfManyChangesADigestNamesTheFirst(t *testing.T) {
	was, is := map[string]ledger.Cell{}, map[string]ledger.Cell{}
	var before, after ledger.Cell
	for i := range 8 {
		was[fmt.Sprint("R", i)], is[fmt.Sprint("R", i)] = csat(50, 45, 5), csat(50, 25-2*i, 25+2*i)
		before.Add(was[fmt.Sprint("R", i)])
		after.Add(is[fmt.Sprint("R", i)])
	}
	d := digestOf(t, counted{survey.CSAT: {
		{Month: october.AddMonths(-1), At: now, Cells: map[string]map[string]ledger.Cell{ledger.All: {ledger.All: before}, "region": was}},
		{Month: october, At: now, Cells: map[string]map[string]ledger.Cell{ledger.All: {ledger.All: after}, "region": is}},
	}}, october)
	if len(d.Changes) != MaxChanges || d.Changed != 8 || d.Compared != 8 || d.Changes[0].Value != "R7" {
		t.Errorf("%d of %d of %d, the first %s", len(d.Changes), d.Changed, d.Compared, d.Changes[0].Value)
	}
}

func TestADigestTellsNothingThatIsHidden(t *testing.T) {
	d := digestOf(t, counted{survey.NPS: {monthOf(2025, 5, nps(50, 30, 0, 0), nps(50, 0, 0, 2)), monthOf(2026, 10, nps(10, 2, 1, 0), nps(10, 1, 0, 0))}}, october)
	if d.Year == nil || d.Year.Score != nil || d.Year.Change != nil || !d.Year.Hidden || d.Year.Answered != 4 {
		t.Errorf("the year of four answers: %+v", d.Year)
	}
	if d.Compared != 0 || len(d.Changes) != 0 {
		t.Errorf("compared %d", d.Compared)
	}
}

func TestADigestOfAMonthInWhichNothingWasAsked(t *testing.T) {
	d := digestOf(t, twoYears(), october.AddMonths(1))
	if d.Sent != 0 || d.CSAT != nil || d.Year == nil || d.Year.Period != "2026" {
		t.Errorf("%+v", d)
	}
	if d := digestOf(t, counted{}, october); d.Year != nil || d.Sent != 0 || len(d.Changes) != 0 {
		t.Errorf("of an empty programme: %+v", d)
	}
}

func TestADigestHasThreeCommentsOneOfEachClass(t *testing.T) {
	const month, other = "2026-10", "2026-Q4"
	said := func(kind survey.Kind, class survey.Class, period string) Comment {
		return Comment{Kind: kind, Class: class, Period: period}
	}
	for name, c := range map[string]struct {
		comments []Comment
		want     string
	}{
		"none": {nil, "[]"},
		"one of each, the worst, the best, the middle": {[]Comment{said(survey.NPS, survey.Promoter, month), said(survey.NPS, survey.Passive, month),
			said(survey.NPS, survey.Promoter, month), said(survey.CSAT, survey.Unhappy, month)}, "[unhappy promoter passive]"},
		"thanks alone":                 {slices.Repeat([]Comment{said(survey.NPS, survey.Promoter, month)}, 5), "[promoter promoter promoter]"},
		"the first of the rest":        {[]Comment{said(survey.CES, survey.Easy, month), said(survey.CES, survey.Hard, month), said(survey.CES, survey.Hard, month)}, "[hard easy hard]"},
		"two":                          {[]Comment{said(survey.CSAT, survey.Satisfied, month), said(survey.CSAT, survey.Neutral, month)}, "[satisfied neutral]"},
		"of a month that is not shown": {[]Comment{said(survey.NPS, survey.Detractor, other), said(survey.NPS, survey.Promoter, month)}, "[promoter]"},
	} {
		classes := []survey.Class{}
		for _, chosen := range digestOf(t, twoYears(), october, c.comments...).Comments {
			classes = append(classes, chosen.Class)
		}
		if fmt.Sprint(classes) != c.want {
			t.Errorf("%s: %v, want %s", name, classes, c.want)
		}
	}
}

func TestOfThoseOfWhomNothingIsKnownADigestTellsNoChange(t *testing.T) {
	c := twoYears()
	for _, months := range c {
		for _, m := range months {
			m.Cells["region"] = map[string]ledger.Cell{ledger.NoValue: m.Cells["size"]["small"], "Uusimaa": m.Cells["size"]["micro"]}
		}
	}
	d := digestOf(t, c, october)
	if d.Compared != 6 { // as without the region, and Uusimaa twice
		t.Errorf("compared %d", d.Compared)
	}
	for _, r := range d.Changes {
		if r.Value == ledger.NoValue {
			t.Errorf("%+v", r)
		}
	}
}
