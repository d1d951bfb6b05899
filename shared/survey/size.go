package survey

// Size is the size class of a firm.
type Size string

// The size classes of Commission Recommendation 2003/361/EC, Annex, Article 2,
// and Unknown when neither headcount nor money is known.
const (
	Micro   Size = "micro"
	Small   Size = "small"
	Medium  Size = "medium"
	Large   Size = "large"
	Unknown Size = "unknown"
)

// Sizes lists the classes from the smallest on.
var Sizes = []Size{Micro, Small, Medium, Large, Unknown}

// SizeOf is the class by headcount and, where known, money in euros: micro
// under 10 people and at most 2 M€, small under 50 and at most 10 M€, medium
// under 250 and at most 50 M€ turnover or 43 M€ balance sheet. It is enough
// that one of turnover and balance sheet is within the limit. Headcount decides
// when no money is known, money when no headcount is.
func SizeOf(employees *int64, turnover, balanceSheet *float64) Size {
	if employees == nil && turnover == nil && balanceSheet == nil {
		return Unknown
	}
	within := func(people int64, turnoverLimit, balanceLimit float64) bool {
		if employees != nil && *employees >= people {
			return false
		}
		if turnover == nil && balanceSheet == nil {
			return true
		}
		return turnover != nil && *turnover <= turnoverLimit ||
			balanceSheet != nil && *balanceSheet <= balanceLimit
	}
	const million = 1e6
	switch {
	case within(10, 2*million, 2*million):
		return Micro
	case within(50, 10*million, 10*million):
		return Small
	case within(250, 50*million, 43*million):
		return Medium
	}
	return Large
}

// Size is the customer's size class.
func (c *Customer) Size() Size { return SizeOf(c.Employees, c.Turnover, c.BalanceSheet) }
