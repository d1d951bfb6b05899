package survey

import (
	"fmt"
	"time"
)

// Month is a month of a year. The zero Month is "none".
type Month struct {
	Year  int
	Month time.Month
}

// MonthOf is the month of a day.
func MonthOf(d Date) Month { return Month{d.Year, d.Month} }

// ParseMonth reads YYYY-MM.
func ParseMonth(s string) (Month, error) {
	t, err := time.Parse("2006-01", s)
	if err != nil {
		return Month{}, fmt.Errorf("%q is no month; write YYYY-MM", s)
	}
	return Month{t.Year(), t.Month()}, nil
}

const monthsOfYear = 12

// Index counts months from January of the year 0, so that months can be told
// apart and put in order.
func (m Month) Index() int { return m.Year*monthsOfYear + int(m.Month-time.January) }

// AddMonths is n months later, or earlier when n is negative.
func (m Month) AddMonths(n int) Month {
	i := m.Index() + n
	return Month{i / monthsOfYear, time.January + time.Month(i%monthsOfYear)}
}

// String is YYYY-MM.
func (m Month) String() string { return fmt.Sprintf("%04d-%02d", m.Year, int(m.Month)) }

// MarshalText writes YYYY-MM.
func (m Month) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads YYYY-MM.
func (m *Month) UnmarshalText(b []byte) error {
	month, err := ParseMonth(string(b))
	if err == nil {
		*m = month
	}
	return err
}
