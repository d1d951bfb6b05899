package figures

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/stats"
	"kaiku/shared/survey"
)

// linkOpen is for how long a survey can be answered.
const linkOpen = 30 * 24 * time.Hour

// class is what is counted of those who answered alike: in euros, ten a year each.
func class(answered, left int) ledger.ClassCount {
	c := ledger.ClassCount{Answered: answered, Left: left}
	if answered > 0 {
		c.Worth = map[string]int64{"EUR": int64(answered) * 1000}
	}
	if left > 0 {
		c.WorthLeft = map[string]int64{"EUR": int64(left) * 1000}
	}
	return c
}

// asked is a month of an NPS that promoters, passives and detractors answered.
func asked(year int, month time.Month, promoters, passives, detractors ledger.ClassCount) ledger.MonthCount {
	cell := nps(2*(promoters.Answered+passives.Answered+detractors.Answered)+1, promoters.Answered, passives.Answered, detractors.Answered)
	return ledger.MonthCount{Month: survey.Month{Year: year, Month: month}, At: now, Cells: map[string]map[string]ledger.Cell{ledger.All: {ledger.All: cell}},
		Classes: map[survey.Class]ledger.ClassCount{survey.Promoter: promoters, survey.Passive: passives, survey.Detractor: detractors}}
}

func retentionOf(t *testing.T, at time.Time, from, to string, months ...ledger.MonthCount) []Retention {
	t.Helper()
	p, err := Load(t.Context(), counted{survey.NPS: months}, []survey.Kind{survey.NPS}, 5, at)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := p.Retention(Query{Kinds: survey.Kinds, By: ledger.All, Period: stats.Month, From: monthNamed(t, from), To: monthNamed(t, to)}, linkOpen)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// summary is a row of each class, from the worst: left of answered, and worth, or
// that it is hidden.
func summary(rows []Retention) string {
	var texts []string
	for _, r := range rows {
		text := fmt.Sprintf("%s %s %d/%d", r.Period, r.Class, r.Left, r.Answered)
		if r.Hidden {
			text = fmt.Sprintf("%s %s hidden", r.Period, r.Class)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", ")
}

func TestRetentionIsByClassAndTheYearOfAsking(t *testing.T) {
	months := []ledger.MonthCount{
		asked(2024, 12, class(8, 0), class(6, 1), class(9, 3)),
		asked(2025, 2, class(10, 1), class(7, 0), class(5, 2)), asked(2025, 12, class(10, 0), class(0, 0), class(3, 3)),
		asked(2026, 5, class(20, 0), class(5, 5), class(6, 0)),
	}
	const of2024, of2025, of2026 = "2024 detractor 3/9, 2024 passive 1/6, 2024 promoter 0/8", "2025 detractor 5/8, 2025 passive 0/7, 2025 promoter 1/20", "2026 detractor 0/6, 2026 passive 5/5, 2026 promoter 0/20"
	for name, c := range map[string]struct{ from, to, want string }{
		"all":                              {"2024-01", "2026-12", of2024 + ", " + of2025 + ", " + of2026},
		"a year":                           {"2025-01", "2025-12", of2025},
		"a month of a year takes it whole": {"2025-07", "2025-07", of2025},
		"across the turn of the year":      {"2025-12", "2026-01", of2025 + ", " + of2026},
		"before and after":                 {"2020-01", "2023-12", ""},
	} {
		if got := summary(retentionOf(t, now, c.from, c.to, months...)); got != c.want {
			t.Errorf("%s: %s\nwant %s", name, got, c.want)
		}
	}
}

func TestWhatMayNotBeShownOfRetentionIsHidden(t *testing.T) {
	for name, c := range map[string]struct {
		month ledger.MonthCount
		want  string
	}{
		"a class of one":                         {asked(2025, 3, class(20, 1), class(9, 0), class(1, 1)), "2025 detractor hidden, 2025 passive 0/9, 2025 promoter 1/20"},
		"a class of four":                        {asked(2025, 3, class(4, 0), class(9, 0), class(9, 1)), "2025 detractor 1/9, 2025 passive 0/9, 2025 promoter hidden"},
		"a class of five":                        {asked(2025, 3, class(5, 0), class(9, 0), class(9, 1)), "2025 detractor 1/9, 2025 passive 0/9, 2025 promoter 0/5"},
		"a class of nobody is no secret":         {asked(2025, 3, class(20, 0), class(9, 0), class(0, 0)), "2025 detractor 0/0, 2025 passive 0/9, 2025 promoter 0/20"},
		"a year of four":                         {asked(2025, 3, class(4, 0), class(0, 0), class(0, 0)), "2025 detractor hidden, 2025 passive hidden, 2025 promoter hidden"},
		"a year of seven in three small ones":    {asked(2025, 3, class(3, 0), class(2, 0), class(2, 1)), "2025 detractor hidden, 2025 passive hidden, 2025 promoter hidden"},
		"a year in which nobody answered":        {asked(2025, 3, class(0, 0), class(0, 0), class(0, 0)), "2025 detractor hidden, 2025 passive hidden, 2025 promoter hidden"},
		"of what is hidden nothing else is told": {asked(2025, 3, class(4, 4), class(9, 0), class(9, 1)), "2025 detractor 1/9, 2025 passive 0/9, 2025 promoter hidden"},
	} {
		rows := retentionOf(t, now, "2025-01", "2025-12", c.month)
		if got := summary(rows); got != c.want {
			t.Errorf("%s: %s\nwant %s", name, got, c.want)
		}
		for _, r := range rows {
			if r.Hidden && (r.Answered != 0 || r.Left != 0 || r.Retained != nil || r.Low != nil || r.High != nil || r.Worth != nil || r.WorthLeft != nil) {
				t.Errorf("%s: of the hidden %+v is told", name, r)
			}
			if !r.Hidden && (r.Retained == nil) != (r.Answered == 0) {
				t.Errorf("%s: %+v", name, r)
			}
		}
	}
}

func TestRetentionIsHiddenWithTheFigureOfItsYear(t *testing.T) {
	months := []ledger.MonthCount{asked(2024, 12, class(2, 0), class(0, 0), class(0, 0)), asked(2025, 1, class(9, 0), class(9, 1), class(9, 2)), asked(2025, 12, class(9, 0), class(9, 1), class(9, 2))}
	p, err := Load(t.Context(), counted{survey.NPS: months}, []survey.Kind{survey.NPS}, 5, now)
	if err != nil {
		t.Fatal(err)
	}
	q := Query{Kinds: []survey.Kind{survey.NPS}, By: ledger.All, Period: stats.Year, From: monthNamed(t, "2024-01"), To: monthNamed(t, "2026-12")}
	figures, err := p.Figures(q)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := p.Retention(q, linkOpen)
	if err != nil {
		t.Fatal(err)
	}
	hidden := map[string]bool{}
	for _, row := range figures.Rows {
		hidden[row.Period] = row.Hidden
	}
	if !hidden["2024"] || len(rows) != 6 {
		t.Fatalf("%v, %d rows", hidden, len(rows))
	}
	for _, r := range rows {
		if r.Hidden != hidden[r.Period] {
			t.Errorf("%s %s is hidden: %v, and its year: %v", r.Period, r.Class, r.Hidden, hidden[r.Period])
		}
	}
}

func TestAYearWithoutSurveysHasNoRetention(t *testing.T) {
	rows := retentionOf(t, now, "2024-01", "2026-12", asked(2024, 3, class(9, 0), class(9, 0), class(9, 0)), asked(2026, 3, class(9, 0), class(9, 0), class(9, 0)))
	if got := summary(rows); strings.Contains(got, "2025") || len(rows) != 6 {
		t.Error(got)
	}
	if rows := retentionOf(t, now, "2024-01", "2026-12"); rows == nil || len(rows) != 0 {
		t.Errorf("of an empty programme: %v, which is not [] in JSON", rows)
	}
	p, err := Load(t.Context(), counted{survey.NPS: {asked(2026, 3, class(9, 0), class(9, 0), class(9, 0))}}, []survey.Kind{survey.CSAT}, 5, now)
	if err != nil {
		t.Fatal(err)
	}
	if rows, err := p.Retention(Query{Kinds: []survey.Kind{survey.CSAT}, From: monthNamed(t, "2026-01"), To: monthNamed(t, "2026-12")}, linkOpen); err != nil || rows == nil || len(rows) != 0 {
		t.Errorf("where the NPS was not asked for: %v, %v", rows, err)
	}
}

// The last survey of 2025 can be answered until 30 January 2026, and who did may
// leave until 30 January 2027.
func TestAYearIsWholeWhenALastAnswerIsAYearOld(t *testing.T) {
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	end := time.Date(2027, 1, 31, 0, 0, 0, 0, helsinki)
	for at, want := range map[time.Time]bool{now.In(helsinki): false, end.Add(-time.Second): false, end: true, end.AddDate(1, 0, 0): true} {
		for _, r := range retentionOf(t, at, "2025-01", "2025-12", asked(2025, 1, class(9, 0), class(2, 0), class(9, 1))) {
			if r.Whole != want {
				t.Errorf("at %v the year of %s is whole: %v", at, r.Class, r.Whole)
			}
		}
	}
}

func TestRetainedIsAShareWithItsWilsonInterval(t *testing.T) {
	rows := retentionOf(t, now, "2025-01", "2025-12", asked(2025, 1, class(10, 0), class(263, 182), class(10, 10)))
	// 81 of 263 is an example of Newcombe (1998), table I: 0.2553 to 0.3662.
	for i, want := range [][3]float64{{0, 0, 27.75}, {30.80, 25.53, 36.62}, {100, 72.25, 100}} {
		r := rows[i]
		for j, got := range []float64{*r.Retained, *r.Low, *r.High} {
			if math.Abs(got-want[j]) > 0.006 {
				t.Errorf("%s: %v to %v around %v, want %v", r.Class, *r.Low, *r.High, *r.Retained, want)
				break
			}
		}
	}
}

func TestWorthIsByCurrencyInItsUnits(t *testing.T) {
	detractors := ledger.ClassCount{Answered: 20, Left: 6, Worth: map[string]int64{"EUR": 1_234_550, "SEK": 700_000}, WorthLeft: map[string]int64{"EUR": 99}}
	r := retentionOf(t, now, "2025-01", "2025-12", asked(2025, 1, class(9, 0), class(9, 9), detractors), asked(2025, 2, class(0, 0), class(0, 0), ledger.ClassCount{Answered: 1, Worth: map[string]int64{"NOK": 50}}))
	if got := fmt.Sprint(r[0].Worth, r[0].WorthLeft); got != "map[EUR:12345.5 NOK:0.5 SEK:7000] map[EUR:0.99]" {
		t.Error(got)
	}
	if got := fmt.Sprint(r[1].Worth, r[1].WorthLeft, r[2].Worth, r[2].WorthLeft); got != "map[EUR:90] map[EUR:90] map[EUR:90] map[]" {
		t.Error(got)
	}
}

// The price of a contract is known to many: of one who left it would tell the class.
func TestWhatFewWereWorthIsHidden(t *testing.T) {
	for left, told := range map[int]bool{0: true, 1: false, 4: false, 5: true, 15: true, 16: false, 19: false, 20: true} {
		r := retentionOf(t, now, "2025-01", "2025-12", asked(2025, 1, class(9, 0), class(9, 0), class(20, left)))[0]
		if (r.WorthLeft != nil) != told || r.Worth["EUR"] != 200 || r.Left != left {
			t.Errorf("%d of 20 left: %v of %v", left, r.WorthLeft, r.Worth)
		}
	}
}

func TestMoreCannotLeaveThanAnswered(t *testing.T) {
	p, err := Load(t.Context(), counted{survey.NPS: {asked(2025, 1, class(9, 10), class(9, 0), class(9, 0))}}, []survey.Kind{survey.NPS}, 5, now)
	if err != nil {
		t.Fatal(err)
	}
	if rows, err := p.Retention(Query{From: monthNamed(t, "2025-01"), To: monthNamed(t, "2025-12")}, linkOpen); err == nil {
		t.Errorf("%+v", rows)
	}
}
