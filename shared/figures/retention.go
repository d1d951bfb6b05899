package figures

import (
	"fmt"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/stats"
	"kaiku/shared/survey"
)

// Retention is what became of those who answered an NPS in one class, by the year
// in which they were asked. It is given for whole years and everyone only: shorter
// periods and groups could be subtracted from each other.
type Retention struct {
	Period string       `json:"period"`
	Class  survey.Class `json:"class"`
	// Answered is how many answered so. It and all else is zero where Hidden.
	Answered int `json:"answered"`
	// Left is how many had a contract come to its end within a year of the answer.
	Left int `json:"left"`
	// Retained is the share of the others in percent, Low and High its 95 %
	// interval (Wilson); nil when hidden, or nobody answered so.
	Retained *float64 `json:"retained"`
	Low      *float64 `json:"low"`
	High     *float64 `json:"high"`
	// Worth is what the contracts of all who answered were worth a year when they
	// were asked, and WorthLeft those of who left, by currency. WorthLeft is nil
	// where so few left, or stayed, that it would tell by the price of a contract
	// who is among them.
	Worth     map[string]float64 `json:"worth"`
	WorthLeft map[string]float64 `json:"worthLeft"`
	// Whole says that a year has passed since the last of them could answer. Until
	// then more may leave.
	Whole  bool `json:"whole"`
	Hidden bool `json:"hidden"`
}

// hundredths of a currency's unit are what worth is stored in.
const hundredths = 100

// Retention is that of the years that a query takes in. Links stay open for
// linkOpen after a survey was sent, so that long after a year the last of it may
// still be answered.
func (p Programme) Retention(q Query, linkOpen time.Duration) ([]Retention, error) {
	rows := []Retention{}
	v, ok := p.kinds[survey.NPS]
	if !ok || len(v.months) == 0 {
		return rows, nil
	}
	for _, span := range v.spans() {
		if span.Length != stats.Year || !v.touches(span, q.From, q.To) {
			continue
		}
		end := v.first.AddMonths(span.To)
		whole := !p.now.Before(time.Date(end.Year, end.Month, 1, 0, 0, 0, 0, p.now.Location()).Add(linkOpen).AddDate(1, 0, 0))
		year := v.sums(ledger.All, span)[ledger.All]
		if year.Sent == 0 {
			continue
		}
		all := v.hidden(ledger.All, ledger.All, span, year.Answered)
		counts := v.classes(span)
		for _, class := range survey.NPS.Classes() {
			row, err := retention(counts[class], all || small(counts[class].Answered, v.hideUnder), v.hideUnder)
			if err != nil {
				return nil, err
			}
			row.Period, row.Class, row.Whole = v.name(span), class, whole
			rows = append(rows, row)
		}
	}
	return rows, nil
}

func small(answered, hideUnder int) bool { return 0 < answered && answered < hideUnder }

func retention(c ledger.ClassCount, hidden bool, hideUnder int) (Retention, error) {
	if hidden {
		return Retention{Hidden: true}, nil
	}
	row := Retention{Answered: c.Answered, Left: c.Left, Worth: units(c.Worth)}
	if !small(c.Left, hideUnder) && !small(c.Answered-c.Left, hideUnder) {
		row.WorthLeft = units(c.WorthLeft)
	}
	if c.Answered == 0 {
		return row, nil
	}
	share, ok := stats.Share(c.Answered-c.Left, c.Answered)
	if !ok {
		return row, fmt.Errorf("%d of %d who answered cannot have left", c.Left, c.Answered)
	}
	row.Retained, row.Low, row.High = &share.Value, &share.Low, &share.High
	return row, nil
}

func units(worth map[string]int64) map[string]float64 {
	out := make(map[string]float64, len(worth))
	for currency, cents := range worth {
		out[currency] = float64(cents) / hundredths
	}
	return out
}
