package report

import (
	"sync"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/survey"
)

// state is a programme as a reader may come upon it, and what is asked of it.
type state struct {
	programme Ledger
	query     string
}

// states are all that the page has to make sense of, by name.
var states = sync.OnceValue(func() map[string]state {
	all := map[string]state{
		"empty":       {counted{}, "by=region"},
		"one-answer":  {alike(month(2026, 10), nps(1, 1, 0, 0)), "by=region"},
		"all-hidden":  {live(alike(month(2026, 9), nps(9, 1, 1, 0), nps(8, 1, 0, 0), nps(6, 1, 0, 0)), sayings...), "by=region"},
		"gap-year":    {live(gapYear(), sayings...), "from=2024&period=year&by=region"},
		"gap-quarter": {gapYear(), "from=2024&period=quarter&by=region"},
		"in-the-gap":  {gapYear(), "from=2025&to=2025&by=region"},
		"million":     {live(million(), sayings...), "by=region"},
		"bad-filters": {programme(), "by=shoe&from=abc&to=2026-13"},
		"largest":     {live(largest(), sayings[2]), "by=region&from=2021-12"},
	}
	sample := live(sampleYear(), sayings...)
	for _, by := range []string{"all", "region", "trigger"} {
		all["sample-"+by] = state{sample, "by=" + by}
	}
	for _, period := range []string{"quarter", "year", "rolling"} {
		all["sample-"+period] = state{sample, "from=2024&by=region&period=" + period}
	}
	return all
})

func month(year int, m time.Month) survey.Month { return survey.Month{Year: year, Month: m} }

// alike is a programme of NPS in one region, the months one after the other.
func alike(first survey.Month, cells ...ledger.Cell) counted {
	c := counted{}
	for i, cell := range cells {
		c[survey.NPS] = append(c[survey.NPS], ledger.MonthCount{Month: first.AddMonths(i), At: now,
			Cells: map[string]map[string]ledger.Cell{ledger.All: {ledger.All: cell}, "region": {"Uusimaa": cell}, "size": {"micro": cell}}})
	}
	return c
}

// gapYear is a programme that slept through 2025.
func gapYear() counted {
	c := alike(month(2024, 3), nps(80, 20, 12, 9), nps(70, 18, 14, 7), nps(75, 22, 9, 8))
	later := alike(month(2026, 3), nps(80, 25, 10, 5), nps(70, 24, 10, 6), nps(75, 27, 9, 3))
	c[survey.NPS] = append(c[survey.NPS], later[survey.NPS]...)
	return c
}

// million is a programme of over a million answers.
func million() counted {
	return sample(13, 60_000, map[string][]string{"size": {"micro", "small"}, "region": {"Uusimaa", "Pirkanmaa", "Varsinais-Suomi"}, "trigger": {"changed", "ended"}})
}

// largest is five years of months, and as many regions as a table shows.
func largest() counted {
	return sample(60, 400, map[string][]string{"size": {"micro", "small"}, "region": values(maxRows, "A region with a long name, number %02d"),
		"trigger": {"changed", "started", "renewed", "ended"}})
}
