package survey

import (
	"fmt"
	"time"
)

// Date is a day of the calendar, without a time or a zone. The zero Date is
// "none".
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the day that t falls on in its own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// ParseDate reads YYYY-MM-DD; a day that does not exist is an error.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q is no date; write YYYY-MM-DD", s)
	}
	return DateOf(t), nil
}

// IsZero says whether there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// Start is the first moment of the day in loc.
func (d Date) Start(loc *time.Location) time.Time { return d.Clock(0, loc) }

// Clock is the moment of the day at which the clocks of loc show so many minutes
// after midnight, the first time they do; where they jump over it, the moment
// they jump. (time.Date falls to either side of such a jump.)
func (d Date) Clock(minutes int, loc *time.Location) time.Time {
	const day = 24 * 60
	t := time.Date(d.Year, d.Month, d.Day, 0, minutes, 0, 0, loc)
	hour, minute, _ := t.Clock()
	shows := hour*60 + minute
	if shows == minutes%day {
		return t
	}
	from, to := t.ZoneBounds()
	if early := (minutes - shows + day) % day; early < day/2 {
		return to
	}
	return from
}

// AddDays is n days later, or earlier when n is negative.
func (d Date) AddDays(n int) Date {
	if to := d.Day + n; to >= 1 && to <= 28 && d.Day >= 1 && d.Month >= time.January && d.Month <= time.December {
		return Date{d.Year, d.Month, to} // every month has that day
	}
	return DateOf(time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC))
}

// AddYears is the same day n years later; 29 February becomes the 28th in a
// year without one.
func (d Date) AddYears(n int) Date {
	y := d.Year + n
	if d.Month == time.February && d.Day == 29 && !leap(y) {
		return Date{y, time.February, 28}
	}
	return Date{y, d.Month, d.Day}
}

func leap(y int) bool { return y%4 == 0 && (y%100 != 0 || y%400 == 0) }

// Compare is negative when d is before other, 0 when equal, else positive.
func (d Date) Compare(other Date) int {
	if c := d.Year - other.Year; c != 0 {
		return c
	}
	if c := int(d.Month - other.Month); c != 0 {
		return c
	}
	return d.Day - other.Day
}

// Before says whether d is an earlier day than other.
func (d Date) Before(other Date) bool { return d.Compare(other) < 0 }

// String is YYYY-MM-DD; empty for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// MarshalText writes YYYY-MM-DD.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD; empty is the zero Date.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
