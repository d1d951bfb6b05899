package rehearse

import (
	"fmt"
	"io"
	"iter"
	"math/rand/v2"

	"kaiku/shared/survey"
)

// Generate writes a file of so many invented customers, CSV or JSON Lines as its
// name would tell Run. They are made up like the programme of
// events/contracts.csv: the same shares of sizes, of customers outside the
// audience, of contracts and contacts, and of bookkeepers whose address many
// firms have. The same numbers always give the same customers, in either form.
func Generate(out io.Writer, name string, customers int, seed uint64, today survey.Date) error {
	write := writeCSV
	if isJSONLines(name) {
		write = writeJSONLines
	}
	return write(out, invent(customers, seed, today))
}

// invented is one customer who does not exist. A cell is empty where nothing is
// known.
type invented struct {
	firm      firmCells
	contracts []contractCells
	contacts  []contactCells
}

type firmCells struct {
	id, name, businessID, employees, turnover, balanceSheet, industry, region, chain, publicSector, consumer, timezone string
}

type contractCells struct{ id, service, annualValue, currency, startsOn, endsOn, owner string }

type contactCells struct{ id, email, name, role, language string }

func invent(customers int, seed uint64, today survey.Date) iter.Seq[*invented] {
	return func(yield func(*invented) bool) {
		g := &generator{Rand: rand.New(rand.NewPCG(seed, 0)), today: today}
		for n := range customers {
			if !yield(g.customer(n)) {
				return
			}
		}
	}
}

type generator struct {
	*rand.Rand
	today       survey.Date
	bookkeepers int
	contracts   int
	contacts    int
}

func (g *generator) chance(percent float64) bool { return g.Float64()*100 < percent }

// oneOf picks one; words that stand there more than once are more common.
func oneOf[T any](g *generator, of ...T) T { return of[g.IntN(len(of))] }

func (g *generator) customer(n int) *invented {
	var employees, turnover, balance string
	switch people := g.people(); {
	case g.chance(5): // nothing is known
	case g.chance(5):
		employees = fmt.Sprint(people)
	default:
		money := people * (80_000 + g.IntN(120_000))
		employees, turnover, balance = fmt.Sprint(people), fmt.Sprint(money/1000*1000), fmt.Sprint(money/2000*1000)
	}
	name := fmt.Sprintf("Yritys %d %s", n, oneOf(g, "Oy", "Oy", "Oy", "Ky", "Tmi", "Ab"))
	if g.chance(1) {
		name = fmt.Sprintf(`Kahvila "Kulma", nro %d`, n)
	}
	c := &invented{firm: firmCells{fmt.Sprintf("C-%d", 1001+n), name, fmt.Sprintf("%07d-%d", n%10_000_000, n%10), employees, turnover, balance,
		fmt.Sprintf("%05d", 1000+g.IntN(95_000)), oneOf(g, "Uusimaa", "Uusimaa", "Pirkanmaa", "Varsinais-Suomi", "Lappi"),
		fmt.Sprint(g.chance(4)), fmt.Sprint(g.chance(1.5)), fmt.Sprint(g.chance(1)), oneOf(g, "", "", "Europe/Helsinki")}}
	contracts, contacts := g.few(82, 14), g.few(77, 18)
	if g.chance(2.5) {
		contacts = 0
	}
	for range contracts {
		c.contracts = append(c.contracts, g.contract())
	}
	for i := range contacts {
		c.contacts = append(c.contacts, g.contact(n, i))
	}
	return c
}

// people is a headcount: most firms are micro.
func (g *generator) people() int {
	switch p := g.Float64() * 100; {
	case p < 60:
		return 1 + g.IntN(9)
	case p < 87:
		return 10 + g.IntN(40)
	case p < 95:
		return 50 + g.IntN(200)
	default:
		return 250 + g.IntN(2000)
	}
}

// few is 1, 2 or 3, one and two with these chances in percent.
func (g *generator) few(one, two float64) int {
	switch p := g.Float64() * 100; {
	case p < one:
		return 1
	case p < one+two:
		return 2
	}
	return 3
}

func (g *generator) contract() contractCells {
	g.contracts++
	started := g.today.AddDays(-g.IntN(12 * 365))
	ends := ""
	if g.chance(40) { // a term of years that is not over yet
		end := started.AddYears(1)
		for years := 2; end.Before(g.today); years++ {
			end = started.AddYears(years)
		}
		ends = end.AddYears(g.IntN(2)).AddDays(-1).String()
	}
	return contractCells{fmt.Sprintf("K-%d", g.contracts), oneOf(g, "waste", "alarm-monitoring", "accounting-software", "floor-mats"),
		fmt.Sprint(300 + g.IntN(4000)), "EUR", started.String(), ends, oneOf(g, "team-helsinki", "team-tampere", "team-turku")}
}

// One firm in ninety keeps the books of others.
const firmsOfABookkeeper = 90

func (g *generator) contact(n, i int) contactCells {
	g.contacts++
	id := fmt.Sprintf("P-%d", g.contacts)
	if n%firmsOfABookkeeper == 0 {
		g.bookkeepers = n
	}
	bookkeeper := func(role survey.Role) contactCells {
		return contactCells{id, fmt.Sprintf("kirjanpito%d@tilitoimisto.example", g.bookkeepers),
			fmt.Sprintf("Kirjanpitäjä %d", g.bookkeepers), string(role), "fi"}
	}
	switch {
	case n%firmsOfABookkeeper == 0 && i == 0:
		return bookkeeper(survey.DecisionMaker)
	case (i == 1 && g.chance(22)) || (i == 0 && g.chance(2)):
		return bookkeeper(survey.Billing)
	}
	who := contactCells{id, "", fmt.Sprintf("Henkilö %d", g.contacts), string(survey.User), "fi"}
	if !g.chance(1) { // of that one no address is known
		who.email = fmt.Sprintf("etu.suku%d@yritys%d.example", g.contacts, n)
		who.role = string(oneOf(g, survey.DecisionMaker, survey.DecisionMaker, survey.DecisionMaker, survey.User, survey.Billing))
		who.language = oneOf(g, "fi", "fi", "fi", "fi", "sv", "en")
	}
	return who
}
