package stats

// Span is a stretch of a calendar of months that figures are given for.
type Span struct {
	Length Length
	// From is its first month and To the one behind its last, counted from the
	// calendar's first. A whole span may reach beyond the calendar's ends; nothing
	// was answered there.
	From, To int
}

// Length names how long a span is.
type Length string

// The lengths. A quarter and a year are those of the calendar; Rolling is any four
// quarters that follow on each other.
const (
	Month   Length = "month"
	Quarter Length = "quarter"
	Year    Length = "year"
	Rolling Length = "rolling"
)

// Lengths lists them, shortest first.
var Lengths = []Length{Month, Quarter, Year, Rolling}

const (
	monthsOfQuarter = 3
	monthsOfYear    = 12
)

// Spans are those that touch a calendar of so many months, of which the first is
// month first of its year (0 is January): every month, quarter and year, and the
// twelve months that end with each quarter. (Twelve months that end with every
// month would give away more: two of them differ by two months alone, so that of
// small groups most would have to be hidden.)
func Spans(first, months int) []Span {
	var spans []Span
	for m := range months {
		spans = append(spans, Span{Month, m, m + 1})
	}
	for from := -(first % monthsOfQuarter); from < months; from += monthsOfQuarter {
		to := from + monthsOfQuarter
		spans = append(spans, Span{Quarter, from, to}, Span{Rolling, to - monthsOfYear, to})
	}
	for from := -(first % monthsOfYear); from < months; from += monthsOfYear {
		spans = append(spans, Span{Year, from, from + monthsOfYear})
	}
	return spans
}

func (s Span) has(month int) bool { return s.From <= month && month < s.To }

// answered sums the answers of a span; months outside the calendar have none.
func (s Span) answered(byMonth []int) int {
	n := 0
	for m := max(0, s.From); m < min(s.To, len(byMonth)); m++ {
		n += byMonth[m]
	}
	return n
}
