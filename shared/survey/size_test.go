package survey_test

import (
	"testing"

	"pgregory.net/rapid"

	"kaiku/shared/survey"
)

func people(n int64) *int64    { return &n }
func euros(n float64) *float64 { return &n }

// The ceilings of Commission Recommendation 2003/361/EC, Annex, Article 2. A
// firm may exceed one of turnover and balance sheet without losing its class.
func TestSizeClassByTheRecommendation(t *testing.T) {
	for _, c := range []struct {
		name              string
		employees         *int64
		turnover, balance *float64
		want              survey.Size
	}{
		{"nothing known", nil, nil, nil, survey.Unknown},

		{"nobody employed", people(0), nil, nil, survey.Micro},
		{"9 people", people(9), nil, nil, survey.Micro},
		{"10 people", people(10), nil, nil, survey.Small},
		{"49 people", people(49), nil, nil, survey.Small},
		{"50 people", people(50), nil, nil, survey.Medium},
		{"249 people", people(249), nil, nil, survey.Medium},
		{"250 people", people(250), nil, nil, survey.Large},

		{"2 M€ turnover", people(9), euros(2e6), nil, survey.Micro},
		{"a cent over 2 M€ turnover", people(9), euros(2e6 + 0.01), nil, survey.Small},
		{"2 M€ balance sheet", people(9), nil, euros(2e6), survey.Micro},
		{"a cent over 2 M€ balance sheet", people(9), nil, euros(2e6 + 0.01), survey.Small},
		{"10 M€ turnover", people(49), euros(10e6), nil, survey.Small},
		{"a cent over 10 M€ turnover", people(49), euros(10e6 + 0.01), nil, survey.Medium},
		{"10 M€ balance sheet", people(49), nil, euros(10e6), survey.Small},
		{"a cent over 10 M€ balance sheet", people(49), nil, euros(10e6 + 0.01), survey.Medium},
		{"50 M€ turnover", people(249), euros(50e6), nil, survey.Medium},
		{"a cent over 50 M€ turnover", people(249), euros(50e6 + 0.01), nil, survey.Large},
		{"43 M€ balance sheet", people(249), nil, euros(43e6), survey.Medium},
		{"a cent over 43 M€ balance sheet", people(249), nil, euros(43e6 + 0.01), survey.Large},

		{"micro: turnover over, balance sheet under", people(9), euros(5e6), euros(2e6), survey.Micro},
		{"micro: balance sheet over, turnover under", people(9), euros(2e6), euros(5e6), survey.Micro},
		{"micro: both over", people(9), euros(5e6), euros(5e6), survey.Small},
		{"small: turnover over, balance sheet under", people(20), euros(30e6), euros(9e6), survey.Small},
		{"medium: turnover over, balance sheet under", people(200), euros(51e6), euros(43e6), survey.Medium},
		{"medium: balance sheet over, turnover under", people(200), euros(50e6), euros(44e6), survey.Medium},
		{"medium: both over", people(200), euros(50e6 + 1), euros(43e6 + 1), survey.Large},

		{"few people with much money", people(3), euros(60e6), nil, survey.Large},
		{"many people with little money", people(300), euros(1e6), euros(1e6), survey.Large},
		{"little money, headcount unknown", nil, euros(1.5e6), nil, survey.Micro},
		{"some money, headcount unknown", nil, nil, euros(9e6), survey.Small},
		{"much money, headcount unknown", nil, euros(90e6), euros(90e6), survey.Large},
		{"no turnover at all", people(2), euros(0), nil, survey.Micro},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := survey.SizeOf(c.employees, c.turnover, c.balance); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			customer := survey.Customer{Employees: c.employees, Turnover: c.turnover, BalanceSheet: c.balance}
			if got := customer.Size(); got != c.want {
				t.Errorf("the customer is %s, want %s", got, c.want)
			}
		})
	}
}

// Growing never makes a firm smaller.
func TestSizeGrowsWithTheFirm(t *testing.T) {
	rank := map[survey.Size]int{survey.Micro: 0, survey.Small: 1, survey.Medium: 2, survey.Large: 3}
	rapid.Check(t, func(rt *rapid.T) {
		head, money := rapid.Int64Range(0, 400), rapid.Float64Range(0, 60e6)
		n, turnover, balance := head.Draw(rt, "people"), money.Draw(rt, "turnover"), money.Draw(rt, "balance")
		small := survey.SizeOf(&n, &turnover, &balance)
		more, higher, heavier := n+head.Draw(rt, "hired"), turnover+money.Draw(rt, "grown"), balance+money.Draw(rt, "gained")
		if large := survey.SizeOf(&more, &higher, &heavier); rank[large] < rank[small] {
			rt.Errorf("%s became %s by growing", small, large)
		}
	})
}
