package report

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"kaiku/shared/ledger"
	"kaiku/shared/survey"
)

// sample is a programme of so many months up to now. Every month is sent to each
// of the values of a dimension as often as perValue says, and answered by some.
func sample(months, perValue int, dimensions map[string][]string) counted {
	random := rand.New(rand.NewPCG(1, 2))
	c := counted{}
	for _, kind := range survey.Kinds {
		for back := months - 1; back >= 0; back-- {
			m := ledger.MonthCount{Month: survey.MonthOf(survey.DateOf(now)).AddMonths(-back), At: now, Cells: map[string]map[string]ledger.Cell{}}
			all := ledger.Cell{}
			for _, dimension := range slices.Sorted(maps.Keys(dimensions)) {
				values := dimensions[dimension]
				if dimension == "trigger" && kind != survey.CSAT {
					values = map[survey.Kind][]string{survey.NPS: {"annual"}, survey.CES: {"interaction"}}[kind]
				}
				m.Cells[dimension] = map[string]ledger.Cell{}
				for i, value := range values {
					n := perValue * 12 / (i + len(values)) // some groups are smaller
					cell := answers(random, kind, n, float64(months-back)/float64(months)-float64(i)/20)
					m.Cells[dimension][value] = cell
					if dimension == "size" {
						all.Add(cell)
					}
				}
			}
			m.Cells[ledger.All] = map[string]ledger.Cell{ledger.All: all}
			c[kind] = append(c[kind], m)
		}
	}
	return c
}

// answers of n surveys, the better the higher mood is.
func answers(random *rand.Rand, kind survey.Kind, n int, mood float64) ledger.Cell {
	low, high, _ := kind.Scale()
	c := ledger.Cell{Scores: make([]int, high-low+1)}
	alike := max(1, n/2000) // of very many so many at a time
	for range n / alike {
		c.Sent += alike
		if random.IntN(40) == 0 {
			c.Bounced += alike
			continue
		}
		c.Delivered += alike
		if random.IntN(10) < 4 {
			c.Answered += alike
			top := len(c.Scores) - 1
			c.Scores[min(top, max(0, int(float64(top)*(0.72+0.1*mood)+random.NormFloat64()*float64(top)/5+0.5)))] += alike
		}
	}
	return c
}

// values are so many names.
func values(n int, name string) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf(name, i))
	}
	return names
}

func sampleYear() counted {
	c := sample(24, 30, map[string][]string{"size": {"micro", "small", "medium", "large", "unknown"}, "industry": {"C", "F", "G", "J", "M", "Q", "A", "unknown"},
		"trigger": {"changed", "started", "renewed", "ended"}, "owner": values(28, "owner-%02d@kaiku.example"),
		"region": {"Uusimaa", "Pirkanmaa", "Varsinais-Suomi", "Pohjois-Pohjanmaa", "Etelä-Karjala", "Ahvenanmaa", "unknown"}})
	// A month in which hardly anyone answered, and one in which nothing was sent.
	few := &c[survey.NPS][17]
	few.Cells = map[string]map[string]ledger.Cell{ledger.All: {ledger.All: nps(9, 1, 1, 1)}, "size": {"micro": nps(9, 1, 1, 1)}, "industry": {"C": nps(9, 1, 1, 1)},
		"owner": {"owner-00@kaiku.example": nps(9, 1, 1, 1)}, "region": {"Uusimaa": nps(9, 1, 1, 1)}, "trigger": {"annual": nps(9, 1, 1, 1)}}
	c[survey.NPS] = append(c[survey.NPS][:14], c[survey.NPS][15:]...)
	return c
}
