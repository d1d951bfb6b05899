package figures

import (
	"cmp"
	"context"
	"slices"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/stats"
	"kaiku/shared/survey"
)

// Coverage is how much of the audience was asked: of the customers who belonged to
// it at the end of a period, or do now, those whom a survey had reached in the 365
// days before. It is about activity; nothing of it is hidden.
type Coverage struct {
	By     string `json:"by"`
	Value  string `json:"value"`
	Period string `json:"period"`
	// Customers are those with an active contract, inside the audience of the
	// policy in force.
	Customers int `json:"customers"`
	Asked     int `json:"asked"`
	// Share is Asked ÷ Customers in percent; nil when there are none.
	Share *float64 `json:"share"`
}

// Audiences is what coverage is made from.
type Audiences interface {
	Audience(ctx context.Context) ([]ledger.AudienceCount, error)
}

// Customers is how many customers there were month by month, read once.
type Customers struct {
	calendar
	counts   []ledger.AudienceCount // one for each month of the calendar
	includes func(survey.Group) bool
}

// LoadCustomers reads how many customers there were at the end of every month up to
// that of now. Those of the groups that includes says yes to belong to the audience.
func LoadCustomers(ctx context.Context, audiences Audiences, includes func(survey.Group) bool, now time.Time) (Customers, error) {
	counts, err := audiences.Audience(ctx)
	if err != nil || len(counts) == 0 {
		return Customers{}, err
	}
	c := Customers{calendar: calendar{first: counts[0].Month}, includes: includes}
	last := max(survey.MonthOf(survey.DateOf(now)).Index(), counts[len(counts)-1].Month.Index())
	for i := counts[0].Month.Index(); i <= last; i++ {
		for len(counts) > 1 && counts[1].Month.Index() <= i {
			counts = counts[1:]
		}
		c.counts = append(c.counts, counts[0]) // a month in which nothing changed is as the one before
	}
	return c, nil
}

// Coverage is that of the query's periods and groups; none by what a customer has
// no value of before it is asked (ledger.AudienceDimensions).
func (c Customers) Coverage(q Query) []Coverage {
	rows := []Coverage{}
	for _, span := range stats.Spans(c.first.Index()%monthsOfYear, len(c.counts)) {
		if span.Length != q.Period || !c.touches(span, q.From, q.To) {
			continue
		}
		for value, stock := range c.at(min(span.To, len(c.counts))-1, q.By) {
			rows = append(rows, coverage(q.By, value, c.name(span), stock))
		}
	}
	slices.SortFunc(rows, func(a, b Coverage) int {
		return cmp.Or(cmp.Compare(a.Period, b.Period), sizeOrder(a.By, a.Value, b.Value), cmp.Compare(a.Value, b.Value))
	})
	return rows
}

// Now is the coverage of everyone as it is.
func (c Customers) Now() Coverage {
	if len(c.counts) == 0 {
		return coverage(ledger.All, ledger.All, "", ledger.Stock{})
	}
	last := len(c.counts) - 1
	return coverage(ledger.All, ledger.All, c.first.AddMonths(last).String(), c.at(last, ledger.All)[ledger.All])
}

func (c Customers) at(month int, by string) map[string]ledger.Stock {
	sums := map[string]ledger.Stock{}
	for group, dimensions := range c.counts[month].Groups {
		if !c.includes(group) {
			continue
		}
		for value, stock := range dimensions[by] {
			sum := sums[value]
			sums[value] = ledger.Stock{Customers: sum.Customers + stock.Customers, Asked: sum.Asked + stock.Asked}
		}
	}
	return sums
}

func coverage(by, value, period string, s ledger.Stock) Coverage {
	row := Coverage{By: by, Value: value, Period: period, Customers: s.Customers, Asked: s.Asked}
	if s.Customers > 0 {
		share := 100 * float64(s.Asked) / float64(s.Customers)
		row.Share = &share
	}
	return row
}
