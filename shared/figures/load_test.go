package figures

import (
	"context"
	"errors"
	"testing"

	"kaiku/shared/ledger"
	"kaiku/shared/survey"
)

// faulty cannot read one kind.
type faulty struct {
	counted
	kind  survey.Kind
	fault error
}

func (f faulty) Counts(ctx context.Context, kind survey.Kind) ([]ledger.MonthCount, error) {
	if kind == f.kind {
		return nil, f.fault
	}
	return f.counted.Counts(ctx, kind)
}

func TestNothingIsShownWhenOneKindCannotBeRead(t *testing.T) {
	fault := errors.New("throttled")
	for _, kind := range survey.Kinds {
		p, err := Load(t.Context(), faulty{programme(), kind, fault}, survey.Kinds, 5, now)
		if !errors.Is(err, fault) || len(p.kinds) != 0 {
			t.Errorf("%s: %d kinds, %v", kind, len(p.kinds), err)
		}
	}
}

func TestEveryKindKeepsItsOwnCountsAndTime(t *testing.T) {
	p := programme()
	earlier := now.AddDate(0, 0, -1)
	p[survey.CES] = []ledger.MonthCount{{Month: survey.Month{Year: 2026, Month: 10}, At: earlier,
		Cells: map[string]map[string]ledger.Cell{"all": {"all": {Sent: 9, Delivered: 9, Answered: 7, Scores: []int{0, 0, 0, 0, 0, 0, 7}}}}}}
	loaded, err := Load(t.Context(), p, survey.Kinds, 5, now)
	if err != nil {
		t.Fatal(err)
	}
	month := survey.Month{Year: 2026, Month: 10}
	for kind, want := range map[survey.Kind]int{survey.NPS: 40, survey.CES: 9} {
		f, err := loaded.Figures(Query{Kinds: []survey.Kind{kind}, By: ledger.All, Period: "month", From: month, To: month})
		if err != nil || len(f.Rows) != 1 || f.Rows[0].Kind != kind || f.Rows[0].Sent != want || !f.AsOf.Equal(p[kind][0].At) {
			t.Errorf("%s: %+v, %v", kind, f, err)
		}
	}
}
