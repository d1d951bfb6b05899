package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// UnitError says that a value of the policy file is not written as its unit
// asks for.
type UnitError struct {
	// Text is what the file says, Want how to write it.
	Text, Want string
}

func (e *UnitError) Error() string { return fmt.Sprintf("%q is no %s", e.Text, e.Want) }

// Duration is a length of time as the policy file writes it: a whole number
// and one unit, 30d, 2h or 15m. A day is 24 hours.
type Duration time.Duration

// units from the largest; String uses the first that divides.
var units = []struct {
	letter string
	length time.Duration
}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}}

// Std is the duration as Go's own.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// String is the duration as the policy file writes it.
func (d Duration) String() string {
	for _, u := range units {
		if time.Duration(d)%u.length == 0 {
			return strconv.FormatInt(int64(time.Duration(d)/u.length), 10) + u.letter
		}
	}
	return time.Duration(d).String()
}

// MarshalText writes the duration as the policy file does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads 30d, 2h or 15m.
func (d *Duration) UnmarshalText(b []byte) error {
	text := string(b)
	for _, u := range units {
		number, ok := strings.CutSuffix(text, u.letter)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(number, 10, 32)
		if err != nil || n < 0 || n > int64(100*366*24*time.Hour/u.length) {
			break
		}
		*d = Duration(time.Duration(n) * u.length)
		return nil
	}
	return &UnitError{text, "duration; write a whole number and a unit: 30d, 2h or 15m"}
}

// Weekday is a day of the week as the policy file writes it: mon to sun.
type Weekday time.Weekday

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// String is mon, tue and so on.
func (w Weekday) String() string { return weekdays[w] }

// MarshalText writes mon, tue and so on.
func (w Weekday) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText reads mon, tue and so on.
func (w *Weekday) UnmarshalText(b []byte) error {
	i := slices.Index(weekdays, string(b))
	if i < 0 {
		return &UnitError{string(b), "day; write mon, tue, wed, thu, fri, sat or sun"}
	}
	*w = Weekday(i)
	return nil
}

// TimeOfDay is minutes since midnight, 0 to 1440; written 09:00.
type TimeOfDay int

// String is 09:00.
func (t TimeOfDay) String() string { return fmt.Sprintf("%02d:%02d", int(t)/60, int(t)%60) }

// MarshalText writes 09:00.
func (t TimeOfDay) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads 09:00, up to 24:00.
func (t *TimeOfDay) UnmarshalText(b []byte) error {
	var h, m int
	if n, err := fmt.Sscanf(string(b), "%2d:%2d", &h, &m); err != nil || n != 2 || len(b) != 5 ||
		h < 0 || m < 0 || m > 59 || h*60+m > 24*60 {
		return &UnitError{string(b), "time of day; write such as 09:00"}
	}
	*t = TimeOfDay(h*60 + m)
	return nil
}
