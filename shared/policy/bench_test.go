package policy_test

import (
	"testing"
	"time"

	"kaiku/shared/policy"
	"kaiku/shared/policyfile"
	"kaiku/shared/survey"
)

// The customer that most are: one contract, one contact, asked once before.
func usual() survey.Customer {
	employees, turnover := int64(12), 1_800_000.0
	return survey.Customer{ID: "C-1001", Employees: &employees, Turnover: &turnover,
		Contracts: []survey.Contract{{ID: "K-55", StartsOn: survey.Date{Year: 2024, Month: 2, Day: 1},
			EndsOn: survey.Date{Year: 2029, Month: 1, Day: 31}}},
		Contacts: []survey.Contact{{ID: "P-1", Email: "maija@leipomo.example", Role: survey.DecisionMaker}},
		Asked: []survey.Asked{{Invitation: "1", Kind: survey.NPS, Trigger: survey.Annual, Contact: "P-1",
			At: time.Date(2026, 2, 9, 7, 0, 0, 0, time.UTC)}}}
}

func BenchmarkDecide(b *testing.B) {
	p, err := policyfile.Load("")
	if err != nil {
		b.Fatal(err)
	}
	due := time.Date(2027, 2, 9, 22, 0, 0, 0, time.UTC)
	stockholm := usual()
	stockholm.Timezone = "Europe/Stockholm"
	lately := usual()
	lately.Asked = []survey.Asked{{Invitation: "1", Kind: survey.NPS, Trigger: survey.Annual, Contact: "P-1", At: due.AddDate(0, -2, 0)}}
	firm := usual()
	firm.Contracts = append(firm.Contracts, survey.Contract{ID: "K-56", StartsOn: survey.Date{Year: 2025, Month: 3, Day: 1}},
		survey.Contract{ID: "K-57", StartsOn: survey.Date{Year: 2019, Month: 7, Day: 1}})
	firm.Contacts = append(firm.Contacts, survey.Contact{ID: "P-2", Email: "b@leipomo.example", Role: survey.Billing},
		survey.Contact{ID: "P-3", Email: "c@leipomo.example", Role: survey.User})
	one := usual()
	for _, c := range []struct {
		name     string
		customer survey.Customer
		on       policy.Occasion
		want     survey.DecisionOutcome
	}{
		{"annual", one, policy.Occasion{Trigger: survey.Annual, At: due}, survey.Planned},
		{"changed", one, policy.Occasion{Trigger: survey.Changed, Contract: "K-55", At: due}, survey.Planned},
		{"interaction", one, policy.Occasion{Trigger: survey.Interaction, Interaction: "T-9", Contact: "P-1", At: due}, survey.Planned},
		{"three contracts and contacts", firm, policy.Occasion{Trigger: survey.Annual, At: due}, survey.Planned},
		{"another time zone", stockholm, policy.Occasion{Trigger: survey.Annual, At: due}, survey.Planned},
		{"suppressed", lately, policy.Occasion{Trigger: survey.Annual, At: due}, survey.Suppressed},
	} {
		b.Run(c.name, func(b *testing.B) {
			facts := policy.Facts{Customer: &c.customer, Addresses: map[string]survey.Address{}}
			if d := p.Decide(facts, c.on, due); d.Outcome != c.want {
				b.Fatalf("decided %+v", d)
			}
			b.ReportAllocs()
			for b.Loop() {
				p.Decide(facts, c.on, due)
			}
		})
	}
}

func BenchmarkYearly(b *testing.B) {
	p, err := policyfile.Load("")
	if err != nil {
		b.Fatal(err)
	}
	c, now := usual(), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		p.Yearly(&c, survey.Yearly{}, now)
	}
}

func BenchmarkOpening(b *testing.B) {
	p, err := policyfile.Load("")
	if err != nil {
		b.Fatal(err)
	}
	saturday := time.Date(2027, 2, 13, 12, 0, 0, 0, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		p.Opening(saturday, p.Zone)
	}
}
