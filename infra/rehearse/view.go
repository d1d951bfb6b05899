package rehearse

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kaiku/shared/survey"
)

// section is one part of a report as a person reads it: a title, and a table.
// The terminal and the page show the same ones.
type section struct {
	ID    string // for the page
	Title string
	Note  string
	// Columns are the headings, the first that of the labels.
	Columns []string
	// Tells is which cell of a row tells the most: the one whose change is shown.
	Tells int
	Rows  []line
	// Empty says that there is nothing to show.
	Empty string
}

// line is one row of a section.
type line struct {
	Label string
	Short string // for a chart, if the label is long
	Cells []pair
	Total bool
}

// pair is a figure under the policy and, when two are compared, under the other.
type pair struct{ A, B int64 }

// pairs builds the cells of reports with one policy or two.
func (r *Report) pair(figure func(*Figures) int64) pair {
	p := pair{A: figure(r.Policy)}
	p.B = p.A
	if r.Against != nil {
		p.B = figure(r.Against)
	}
	return p
}

// text is the figure, and what it becomes if that is something else.
func (p pair) text() string {
	if p.A == p.B {
		return thousands(p.A)
	}
	return thousands(p.A) + " → " + thousands(p.B)
}

// thousands writes 1234567 as 1 234 567, with a narrow space that does not break.
func thousands(n int64) string {
	digits := strconv.FormatInt(n, 10)
	var b strings.Builder
	for i, d := range digits {
		if left := len(digits) - i; i > 0 && left%3 == 0 && digits[i-1] != '-' {
			b.WriteRune('\u202f')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// several writes 1 contact, 2 contacts.
func several(n int64, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "s"):
		what += "e"
	}
	return thousands(n) + " " + what + "s"
}

// change is by how much the second figure is more: +3, −12, or nothing.
func (p pair) change() string {
	switch d := p.B - p.A; {
	case d > 0:
		return "+" + thousands(d)
	case d < 0:
		return "−" + thousands(-d)
	}
	return ""
}

// heading says what was rehearsed.
func (r *Report) heading() (title string, facts []string) {
	title = "A year of surveys, rehearsed"
	if days := daysBetween(r.From, r.To) + 1; days < 365 || days > 366 {
		title = thousands(int64(days)) + " days of surveys, rehearsed"
	}
	in := &r.Input
	facts = append(facts, fmt.Sprintf("%s to %s, by the calendar of %s.", r.From, r.To, r.Timezone))
	facts = append(facts, fmt.Sprintf("%s, %s, %s; shared by several customers: %s.",
		several(in.Customers, "customer"), several(in.Contracts, "contract"), several(in.Contacts, "contact"),
		several(in.SharedAddresses, "address")))
	if in.Events+in.EventsBefore+in.EventsAfter > 0 {
		facts = append(facts, fmt.Sprintf("Events: %s in this time, %s before it (taken for history), %s after it (left out).",
			thousands(in.Events), thousands(in.EventsBefore), thousands(in.EventsAfter)))
	}
	ends := "A contract that comes to its end date is renewed for twelve months, unless an event says otherwise."
	if r.Ends == End {
		ends = "A contract that comes to its end date ends, unless an event says otherwise."
	}
	facts = append(facts, ends)
	if r.Against == nil {
		return title, append(facts, fmt.Sprintf("Policy: %s (%s).", r.Policy.Name, r.Policy.Hash))
	}
	return title, append(facts, fmt.Sprintf("%s (%s) → %s (%s). Treated differently: %s.",
		r.Policy.Name, r.Policy.Hash, r.Against.Name, r.Against.Hash, several(r.Differing, "customer")))
}

// sections are the parts of the report; withAddresses for the operator's own
// terminal alone.
func (r *Report) sections(withAddresses bool) []section {
	return []section{r.months(), r.rules(), r.busiest(), r.times(), r.customers(), r.addresses(withAddresses)}
}

func (r *Report) months() section {
	s := section{ID: "months", Title: "Surveys sent, by month", Columns: []string{"month", "nps", "csat", "ces", "all"}, Tells: len(survey.Kinds)}
	row := func(label string, total bool, of func(*Figures, func(*MonthOfSurveys) int64) int64) {
		l := line{Label: label, Total: total}
		for _, kind := range survey.Kinds {
			l.Cells = append(l.Cells, r.pair(func(f *Figures) int64 {
				return of(f, func(m *MonthOfSurveys) int64 { return m.Kinds[kind] })
			}))
		}
		l.Cells = append(l.Cells, r.pair(func(f *Figures) int64 {
			return of(f, func(m *MonthOfSurveys) int64 { return m.Sent })
		}))
		s.Rows = append(s.Rows, l)
	}
	for i := range r.Policy.Surveys {
		row(r.Policy.Surveys[i].Month, false, func(f *Figures, n func(*MonthOfSurveys) int64) int64 { return n(&f.Surveys[i]) })
	}
	row("all", true, func(f *Figures, n func(*MonthOfSurveys) int64) (all int64) {
		for i := range f.Surveys {
			all += n(&f.Surveys[i])
		}
		return all
	})
	if later := r.pair(func(f *Figures) int64 { return f.Later }); later.A+later.B > 0 {
		s.Note = later.text() + " more are planned in this time and leave after it."
	}
	return s
}

func (r *Report) rules() section {
	s := section{ID: "rules", Title: "What the rules kept from being sent",
		Columns: []string{"rule", "decided", "said no", "took back"},
		Note: "Decided: was the first rule to say no. Said no: was among those that did. Took back: cancelled a survey that was " +
			"planned already. Postponing rules put the NPS off; it is decided again later.",
		Empty: "No rule said no."}
	for i := range r.Policy.Rules {
		cell := func(of func(*RuleFigure) int64) pair {
			return r.pair(func(f *Figures) int64 { return of(&f.Rules[i]) })
		}
		l := line{Label: string(r.Policy.Rules[i].Rule), Cells: []pair{
			cell(func(f *RuleFigure) int64 { return f.First }),
			cell(func(f *RuleFigure) int64 { return f.Any }),
			cell(func(f *RuleFigure) int64 { return f.Cancelled })}}
		if r.Policy.Rules[i].Outcome == survey.Postponed {
			l.Label += " (postpones)"
		}
		if slices.ContainsFunc(l.Cells, func(p pair) bool { return p != pair{} }) {
			s.Rows = append(s.Rows, l)
		}
	}
	return s
}

// busiest lists the busiest days, of either policy.
func (r *Report) busiest() section {
	s := section{ID: "days", Title: "Busiest days", Columns: []string{"day", "surveys"}, Empty: "No surveys are sent."}
	top := ranking[survey.Date]{limit: maxBusiest, compare: func(a, b survey.Date) int {
		most := func(d survey.Date) int64 { return max(r.Policy.sentOn(d), r.other().sentOn(d)) }
		if most(a) != most(b) {
			return int(most(b) - most(a))
		}
		return a.Compare(b)
	}}
	seen := map[survey.Date]bool{}
	for _, f := range []*Figures{r.Policy, r.other()} {
		for _, day := range f.Busiest {
			if !seen[day.Day] {
				seen[day.Day] = true
				top.add(day.Day)
			}
		}
	}
	for _, day := range top.best {
		s.Rows = append(s.Rows, line{Label: fmt.Sprintf("%s %s", day, day.Start(time.UTC).Weekday().String()[:3]),
			Cells: []pair{r.pair(func(f *Figures) int64 { return f.sentOn(day) })}})
	}
	return s
}

// other is the second policy's figures, or the only one's.
func (r *Report) other() *Figures {
	if r.Against != nil {
		return r.Against
	}
	return r.Policy
}

func (f *Figures) sentOn(day survey.Date) int64 {
	for _, d := range f.Days {
		if d.Day == day {
			return d.Sent
		}
	}
	return 0
}

func (r *Report) times() section {
	s := section{ID: "times", Title: "Customers by how many surveys they get", Columns: []string{"surveys", "customers"}}
	for n := range max(len(r.Policy.Times), len(r.other().Times)) {
		s.Rows = append(s.Rows, line{Label: strconv.Itoa(n), Cells: []pair{r.pair(func(f *Figures) int64 {
			if n < len(f.Times) {
				return f.Times[n].Customers
			}
			return 0
		})}})
	}
	return s
}

func (r *Report) customers() section {
	s := section{ID: "customers", Title: "Most asked customers", Columns: []string{"customer", "surveys"}, Empty: "Nobody is asked."}
	for _, c := range r.Customers {
		s.Rows = append(s.Rows, line{Label: c.Customer, Cells: []pair{r.between(c.Sent, c.Against)}})
	}
	return s
}

const (
	// maxContacts is how many contacts of one address are named.
	maxContacts = 3
	// hashShown is how many letters of an address's hash are enough to find it.
	hashShown = 8
)

func (r *Report) addresses(shown bool) section {
	s := section{ID: "addresses", Title: "Most asked addresses", Columns: []string{"address", "surveys"}, Empty: "Nobody is asked."}
	for _, a := range r.Addresses {
		label, short := a.Email, ""
		if !shown {
			short = fmt.Sprintf("%s… (%s)", a.Hash[:hashShown], several(int64(len(a.Contacts)), "contact"))
			var who []string
			for _, c := range a.Contacts[:min(maxContacts, len(a.Contacts))] {
				who = append(who, c.Customer+" / "+c.Contact)
			}
			if more := len(a.Contacts) - len(who); more > 0 {
				who = append(who, fmt.Sprintf("%d more", more))
			}
			label = fmt.Sprintf("%s… (%s)", a.Hash[:hashShown], strings.Join(who, ", "))
		}
		s.Rows = append(s.Rows, line{Label: label, Short: short, Cells: []pair{r.between(a.Sent, a.Against)}})
	}
	return s
}

func (r *Report) between(a, b int) pair {
	if r.Against == nil {
		b = a
	}
	return pair{int64(a), int64(b)}
}
