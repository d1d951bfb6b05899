package rehearse

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"

	"kaiku/shared/survey"
)

// Generate writes a CSV file of so many invented customers, made up like the
// programme of events/contracts.csv: the same shares of sizes, of customers
// outside the audience, of contracts and contacts, and of bookkeepers whose
// address many firms have. The same numbers always give the same file.
func Generate(out io.Writer, customers int, seed uint64, today survey.Date) error {
	g := &generator{Writer: bufio.NewWriterSize(out, 1<<16), Rand: rand.New(rand.NewPCG(seed, 0)), today: today}
	fmt.Fprintln(g, "customerId,name,businessId,employees,turnover,balanceSheet,industry,region,chain,publicSector,consumer,timezone,"+
		"contractId,service,annualValue,currency,startsOn,endsOn,owner,contactId,email,contactName,role,language")
	for n := range customers {
		g.customer(n)
	}
	return g.Flush()
}

type generator struct {
	*bufio.Writer
	*rand.Rand
	today       survey.Date
	bookkeepers int
	contracts   int
	contacts    int
}

func (g *generator) chance(percent float64) bool { return g.Float64()*100 < percent }

// oneOf picks one; words that stand there more than once are more common.
func oneOf[T any](g *generator, of ...T) T { return of[g.IntN(len(of))] }

func (g *generator) customer(n int) {
	employees, turnover, balance := "", "", ""
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
		name = fmt.Sprintf(`"Kahvila ""Kulma"", nro %d"`, n)
	}
	firm := fmt.Sprintf("C-%d,%s,%07d-%d,%s,%s,%s,%05d,%s,%v,%v,%v,%s", 1001+n, name, n%10_000_000, n%10, employees, turnover, balance,
		1000+g.IntN(95_000), oneOf(g, "Uusimaa", "Uusimaa", "Pirkanmaa", "Varsinais-Suomi", "Lappi"),
		g.chance(4), g.chance(1.5), g.chance(1), oneOf(g, "", "", "Europe/Helsinki"))

	contracts, contacts := g.few(82, 14), g.few(77, 18)
	if g.chance(2.5) {
		contacts = 0
	}
	for i := range max(contracts, contacts) {
		contract, contact := ",,,,,,", ",,,,"
		if i < contracts {
			contract = g.contract()
		}
		if i < contacts {
			contact = g.contact(n, i)
		}
		fmt.Fprintf(g, "%s,%s,%s\n", firm, contract, contact)
	}
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

func (g *generator) contract() string {
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
	return fmt.Sprintf("K-%d,%s,%d,EUR,%s,%s,%s", g.contracts, oneOf(g, "waste", "alarm-monitoring", "accounting-software", "floor-mats"),
		300+g.IntN(4000), started, ends, oneOf(g, "team-helsinki", "team-tampere", "team-turku"))
}

// One firm in ninety keeps the books of others.
const firmsOfABookkeeper = 90

func (g *generator) contact(n, i int) string {
	g.contacts++
	id := fmt.Sprintf("P-%d", g.contacts)
	if n%firmsOfABookkeeper == 0 {
		g.bookkeepers = n
	}
	switch {
	case n%firmsOfABookkeeper == 0 && i == 0:
		return fmt.Sprintf("%s,kirjanpito%d@tilitoimisto.example,Kirjanpitäjä %d,decision_maker,fi", id, n, n)
	case (i == 1 && g.chance(22)) || (i == 0 && g.chance(2)):
		return fmt.Sprintf("%s,kirjanpito%d@tilitoimisto.example,Kirjanpitäjä %d,billing,fi", id, g.bookkeepers, g.bookkeepers)
	case g.chance(1):
		return fmt.Sprintf("%s,,Henkilö %d,user,fi", id, g.contacts)
	}
	return fmt.Sprintf("%s,etu.suku%d@yritys%d.example,Henkilö %d,%s,%s", id, g.contacts, n, g.contacts,
		oneOf(g, "decision_maker", "decision_maker", "decision_maker", "user", "billing"), oneOf(g, "fi", "fi", "fi", "fi", "sv", "en"))
}
