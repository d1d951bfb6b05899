package policyfile

import (
	"sync"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/aa"

	"kaiku/shared/survey"
)

// finland is every day on which Finnish offices are closed beside Saturdays and
// Sundays: the public holidays of the Church Act (652/2023, chapter 12), Finland's
// Independence Day Act (388/1937) and May Day Act (272/1944), and the eves of
// Midsummer and Christmas, which collective agreements make days off.
var finland = []*cal.Holiday{
	aa.NewYear,
	aa.Epiphany,
	aa.GoodFriday,
	aa.Easter,
	aa.EasterMonday,
	aa.WorkersDay,
	aa.AscensionDay,
	aa.Pentecost,
	{Name: "Juhannusaatto", Month: time.June, Day: 19, Weekday: time.Friday, Offset: 1, Func: cal.CalcWeekdayFrom},
	{Name: "Juhannuspäivä", Month: time.June, Day: 20, Weekday: time.Saturday, Offset: 1, Func: cal.CalcWeekdayFrom},
	{Name: "Pyhäinpäivä", Month: time.October, Day: 31, Weekday: time.Saturday, Offset: 1, Func: cal.CalcWeekdayFrom},
	{Name: "Itsenäisyyspäivä", Month: time.December, Day: 6, Func: cal.CalcDayOfMonth},
	{Name: "Jouluaatto", Month: time.December, Day: 24, Func: cal.CalcDayOfMonth},
	aa.ChristmasDay,
	{Name: "Tapaninpäivä", Month: time.December, Day: 26, Func: cal.CalcDayOfMonth},
}

// finnishHolidays returns a function that knows Finland's holidays and keeps
// those of each year it was asked about.
func finnishHolidays() func(survey.Date) bool {
	var years sync.Map // int → map[survey.Date]bool
	return func(d survey.Date) bool {
		known, ok := years.Load(d.Year)
		if !ok {
			days := make(map[survey.Date]bool, len(finland))
			for _, h := range finland {
				actual, _ := h.Calc(d.Year)
				days[survey.DateOf(actual)] = true
			}
			known, _ = years.LoadOrStore(d.Year, days)
		}
		return known.(map[survey.Date]bool)[d]
	}
}
