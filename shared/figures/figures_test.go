package figures

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/survey"
)

var now = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// counted is a programme that was counted: two months of NPS.
type counted map[survey.Kind][]ledger.MonthCount

func (c counted) Counts(_ context.Context, kind survey.Kind) ([]ledger.MonthCount, error) {
	return c[kind], nil
}

// nps is a cell of promoters (10), passives (8) and detractors (0).
func nps(sent, promoters, passives, detractors int) ledger.Cell {
	return ledger.Cell{Sent: sent, Delivered: sent, Answered: promoters + passives + detractors,
		Scores: []int{detractors, 0, 0, 0, 0, 0, 0, 0, passives, 0, promoters}}
}

func programme() counted {
	month := func(m time.Month, cells map[string]map[string]ledger.Cell) ledger.MonthCount {
		return ledger.MonthCount{Month: survey.Month{Year: 2026, Month: m}, Cells: cells, At: now}
	}
	return counted{survey.NPS: {
		month(10, map[string]map[string]ledger.Cell{"all": {"all": nps(40, 10, 6, 4)}, "size": {"micro": nps(22, 7, 3, 2), "small": nps(18, 3, 3, 2)}}),
		month(11, map[string]map[string]ledger.Cell{"all": {"all": nps(10, 3, 2, 1)}, "size": {"micro": nps(10, 3, 2, 1)}}),
	}}
}

func compute(t *testing.T, c Counts, q Query) (Figures, error) {
	t.Helper()
	p, err := Load(t.Context(), c, q.Kinds, 5, now)
	if err != nil {
		return Figures{}, err
	}
	return p.Figures(q)
}

func figuresOf(t *testing.T, query string) Figures {
	t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	q, err := ParseQuery(values, now)
	if err != nil {
		t.Fatal(err)
	}
	f, err := compute(t, programme(), q)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestPeriodsAreSumsOfTheirMonths(t *testing.T) {
	f := figuresOf(t, "kind=nps&period=month")
	if len(f.Rows) != 2 {
		t.Fatalf("%d rows", len(f.Rows))
	}
	october := f.Rows[0]
	if october.Period != "2026-10" || october.Sent != 40 || october.Answered != 20 || *october.Score != 30 || *october.ResponseRate != 50 {
		t.Errorf("October: %+v, score %v", october, *october.Score)
	}
	if *october.Low >= 30 || *october.High <= 30 {
		t.Errorf("interval %v to %v", *october.Low, *october.High)
	}
	for query, want := range map[string]string{"period=quarter&from=2026-10": "2026-Q4", "period=year": "2026", "period=year&to=2026-10": "2026",
		"period=rolling": "2026-Q1..2026-Q4", "period=quarter&from=2026-11-20&to=2026-11-21": "2026-Q4"} {
		if rows := figuresOf(t, "kind=nps&"+query).Rows; len(rows) != 1 || rows[0].Period != want || rows[0].Sent != 50 {
			t.Errorf("%s: %+v", query, rows)
		}
	}
}

func TestAFigureOfFewIsHiddenAndItsCountsWithIt(t *testing.T) {
	q, err := ParseQuery(url.Values{"kind": {"nps"}}, now)
	if err != nil {
		t.Fatal(err)
	}
	f, err := compute(t, counted{survey.NPS: {{Month: survey.Month{Year: 2026, Month: 11}, At: now,
		Cells: map[string]map[string]ledger.Cell{"all": {"all": nps(10, 1, 1, 1)}}}}}, q)
	if err != nil || len(f.Rows) != 1 {
		t.Fatal(f, err)
	}
	november := f.Rows[0]
	if !november.Hidden || november.Score != nil || november.Low != nil || november.Counts.Histogram != nil || november.Answered != 3 || november.Sent != 10 {
		t.Errorf("three answers: %+v", november)
	}
	b, err := json.Marshal(november)
	if err != nil || !strings.Contains(string(b), `"counts":{}`) || !strings.Contains(string(b), `"score":null`) {
		t.Errorf("%s, %v", b, err)
	}
}

func TestANeighbourIsHiddenThatWouldGiveAHiddenOneAway(t *testing.T) {
	p := programme()
	p[survey.NPS] = []ledger.MonthCount{{Month: survey.Month{Year: 2026, Month: 10}, At: now, // micro 7, small 3 answers
		Cells: map[string]map[string]ledger.Cell{"all": {"all": nps(20, 6, 2, 2)}, "size": {"micro": nps(12, 5, 1, 1), "small": nps(8, 1, 1, 1)}}}}
	q, err := ParseQuery(url.Values{"kind": {"nps"}, "by": {"size"}}, now)
	if err != nil {
		t.Fatal(err)
	}
	f, err := compute(t, p, q)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range f.Rows {
		if !row.Hidden {
			t.Errorf("%s is shown, and with the total it gives the other away", row.Value)
		}
	}
}

func TestAMovementIsCalledAChangeOnlyOutsideItsInterval(t *testing.T) {
	months := func(october, november ledger.Cell) counted {
		return counted{survey.NPS: {
			{Month: survey.Month{Year: 2026, Month: 10}, Cells: map[string]map[string]ledger.Cell{"all": {"all": october}}},
			{Month: survey.Month{Year: 2026, Month: 11}, Cells: map[string]map[string]ledger.Cell{"all": {"all": november}}}}}
	}
	q, err := ParseQuery(url.Values{"kind": {"nps"}}, now)
	if err != nil {
		t.Fatal(err)
	}
	for word, p := range map[string]counted{"change": months(nps(100, 10, 20, 70), nps(100, 70, 20, 10)), "no change": months(nps(20, 6, 2, 2), nps(20, 7, 2, 1))} {
		f, err := compute(t, p, q)
		if err != nil || len(f.Rows) != 2 || f.Rows[0].Change != nil || f.Rows[1].Change == nil || f.Rows[1].Change.Word != word {
			t.Errorf("%s: %+v, %v", word, f.Rows, err)
		}
	}
}

func TestAnEmptyProgrammeHasNoRows(t *testing.T) {
	q, err := ParseQuery(nil, now)
	if err != nil {
		t.Fatal(err)
	}
	f, err := compute(t, counted{}, q)
	if err != nil || f.Rows == nil || len(f.Rows) != 0 || !f.AsOf.Equal(now) {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestAQueryIsRefusedWithAllThatIsWrong(t *testing.T) {
	for query, want := range map[string][]string{
		"kind=gnps&by=shoe&period=week": {"kind: known are nps", "by: known are all, size", "period: known are month"},
		"from=yesterday":                {"from: write YYYY-MM"},
		"from=2026-05&to=2026-04":       {"to: is before from"},
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		_, err = ParseQuery(values, now)
		for _, text := range want {
			if err == nil || !strings.Contains(err.Error(), text) {
				t.Errorf("%s: %v, want %s", query, err, text)
			}
		}
	}
}

func TestTheLastTwelveMonthsAreTheDefault(t *testing.T) {
	for today, want := range map[string]string{"2026-11-22": "2025-12", "2026-12-31": "2026-01", "2027-01-01": "2026-02"} {
		at, err := time.Parse(time.DateOnly, today)
		if err != nil {
			t.Fatal(err)
		}
		q, err := ParseQuery(nil, at)
		if err != nil || q.From.String() != want || q.To.String() != today[:7] {
			t.Errorf("on %s: %s to %s, %v", today, q.From, q.To, err)
		}
	}
}
