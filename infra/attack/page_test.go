package attack

import (
	"html"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	sections = regexp.MustCompile(`(?s)<section aria-labelledby="([a-z-]+)">(.*?)</section>`)
	answers  = regexp.MustCompile(`(?s)<section class="answer ([a-z]+)"[^>]*>(.*?)</section>`)
	figure   = regexp.MustCompile(`<p class="figure">(.*?)</p>`)
	tables   = regexp.MustCompile(`(?s)<caption>(.*?)</caption>\s*<thead><tr>(.*?)</tr></thead>\s*<tbody>(.*?)</tbody>`)
	heads    = regexp.MustCompile(`(?s)<th[^>]*>(.*?)</th>`)
	lines    = regexp.MustCompile(`(?s)<tr><th scope="row">(.*?)</th>(.*?)</tr>`)
	tds      = regexp.MustCompile(`(?s)<td([^>]*)>(.*?)</td>`)
	groups   = regexp.MustCompile(`(?s)<g>(.*?)</g>`)
	titles   = regexp.MustCompile(`<title>(.*?)</title>`)
	circles  = regexp.MustCompile(`<circle cx="([0-9.]+)%"`)
	joins    = regexp.MustCompile(`<line class="join" x1="([0-9.]+)%" x2="([0-9.]+)%"`)
	everyone = regexp.MustCompile(`<line class="all"`)
	items    = regexp.MustCompile(`<li><b>[A-Za-z]+:</b> [0-9,]+ of ([0-9]+) left[^<]*</li>`)
	quotes   = regexp.MustCompile(`(?s)<blockquote[^>]*><p>([^<]*)</p>.*?<figcaption>.*?</span> ([A-Z]+) · ([0-9Q-]+)</figcaption>`)
	newest   = regexp.MustCompile(`[0-9]{4}(-(Q[1-4]|[01][0-9]))?( – [0-9]{4}-Q[1-4])?$`)
)

// labels are what the English page calls the values it knows.
var labels = map[string]string{"contract started": "started", "contract changed": "changed", "contract renewed": "renewed", "contract ended": "ended",
	"customer service": "interaction", "yearly": "annual", "Finnish": "fi", "Swedish": "sv", "English": "en", "not known": "unknown"}

func valueOf(by, label string) string {
	label = html.UnescapeString(label)
	if value, ok := labels[label]; ok {
		return value
	}
	if by == "industry" {
		label, _, _ = strings.Cut(label, " · ")
	}
	return label
}

func periodOf(name string) string {
	return strings.Replace(html.UnescapeString(name), " – ", "..", 1)
}

// page reads the report's page: each of its figures, in words, tables and charts.
func (r *reader) page(q question) {
	r.t.Helper()
	r.asked++
	r.pages++
	page := r.get("/report?lang=en&" + q.String())
	found := answers.FindAllStringSubmatch(page, -1)
	if len(found) != len(kinds) {
		r.t.Fatalf("%s: the page answers for %d kinds", q, len(found))
	}
	for _, answer := range found {
		r.answer(q, answer[1], answer[2])
	}
	for _, section := range sections.FindAllStringSubmatch(page, -1) {
		switch id := section[1]; {
		case slices.Contains(kinds, id):
			r.trend(id, section[2])
		case strings.HasPrefix(id, "by-"):
			r.compared(strings.TrimPrefix(id, "by-"), q.by, section[2])
		case id == "points":
			r.compared("csat", "trigger", section[2])
		case strings.HasPrefix(id, "sent-"), strings.HasPrefix(id, "coverage"): // numbers of mails and of customers alone
		case id == "leaving":
			r.leaving(section[2])
		case id == "comments":
			r.comments(section[2])
		default:
			r.t.Errorf("%s: nobody has read the section %q", q, id)
		}
	}
}

// leaving reads what became of the classes: how many answered in one is of the
// figure of everyone in that year.
func (r *reader) leaving(text string) {
	table := tables.FindStringSubmatch(text)
	if table == nil {
		r.t.Fatal("whether detractors leave is told without its table")
	}
	for _, line := range lines.FindAllStringSubmatch(table[3], -1) {
		year, _, _ := strings.Cut(line[1], " · ")
		if cells := tds.FindAllStringSubmatch(line[2], -1); len(cells) > 1 {
			r.learn(cell{"nps", "all", "all", year})
		}
	}
	for _, item := range items.FindAllStringSubmatch(text, -1) {
		if n, err := strconv.Atoi(item[1]); err == nil && n < fewest {
			r.t.Errorf("of %d who answered alike the page says %s", n, item[0])
		}
	}
}

// comments reads what was said: of whom a class and a score are told, the period is
// told of. A comment is of one period, whatever is asked.
func (r *reader) comments(text string) {
	for _, q := range quotes.FindAllStringSubmatch(text, -1) {
		c := cell{strings.ToLower(q[2]), "all", "all", periodOf(q[3])}
		r.learn(c)
		if before, ok := r.quoted[q[1]]; ok && before != c {
			r.t.Errorf("%q is of %v, to another question it was of %v", q[1], c, before)
		}
		r.quoted[q[1]] = c
	}
}

// learn notes a figure that the page tells.
func (r *reader) learn(c cell) {
	r.figures++
	r.known[c] = true
}

func (r *reader) answer(q question, kind, text string) {
	year, err := strconv.Atoi(q.to[:4])
	if err != nil {
		r.t.Fatal(err)
	}
	if f := figure.FindStringSubmatch(text); f == nil || f[1] == "–" {
		return
	}
	r.learn(cell{kind, "all", "all", strconv.Itoa(year)})
	if strings.Contains(strings.ToLower(text), "change from") {
		r.learn(cell{kind, "all", "all", strconv.Itoa(year - 1)})
	}
}

// resultTable reads a table of figures; at says what a row is about.
func (r *reader) resultTable(head, body string, at func(name string) cell) (rows []cell) {
	columns := len(heads.FindAllString(head, -1))
	for _, line := range lines.FindAllStringSubmatch(body, -1) {
		c := at(line[1])
		rows = append(rows, c)
		cells := tds.FindAllStringSubmatch(line[2], -1)
		last := cells[len(cells)-1]
		if strings.Contains(last[1], "why") && len(cells) == 4 { // delivered, answered, response rate
			if regexp.MustCompile(`[0-9]`).MatchString(strings.Replace(last[2], "fewer than 5 answers", "", 1)) {
				r.t.Errorf("of the hidden %v the page says %s", c, last[2])
			}
			continue
		}
		if len(cells) != columns-1 {
			r.t.Errorf("the table has %d cells for %v under %d heads", len(cells), c, columns)
		}
		r.learn(c)
		if last[2] != "–" {
			r.learn(before(c))
		}
	}
	return rows
}

// trend reads the chart of a kind over time and its table.
func (r *reader) trend(kind, text string) {
	table := tables.FindStringSubmatch(text)
	if table == nil {
		return // nothing was sent
	}
	rows := r.resultTable(table[2], table[3], func(name string) cell { return cell{kind, "all", "all", periodOf(name)} })
	chart, _, _ := strings.Cut(text, "<table>")
	// Each period from the first to the last has a slot of the chart's width.
	at := func(c cell) float64 {
		from, to := months(c.period)
		last, _ := months(rows[len(rows)-1].period)
		first, _ := months(rows[0].period)
		length := to - from
		if strings.Contains(c.period, "..") {
			length = 3
		}
		slots := (last-first)/length + 1
		return (float64((from-first)/length) + 0.5) / float64(slots) * 100
	}
	place := func(x string) cell {
		percent, err := strconv.ParseFloat(x, 64)
		if err != nil {
			r.t.Fatal(err)
		}
		for _, c := range rows {
			if math.Abs(at(c)-percent) < 0.02 {
				return c
			}
		}
		r.t.Fatalf("the chart of %s has a point at %s %%, where no period stands", kind, x)
		return cell{}
	}
	for _, g := range groups.FindAllStringSubmatch(chart, -1) {
		if circle := circles.FindStringSubmatch(g[1]); circle != nil {
			c := place(circle[1])
			r.learn(c)
			if strings.ContainsAny(g[1], "▲▼") {
				r.learn(before(c))
			}
		} else if title := titles.FindStringSubmatch(g[1]); title != nil {
			_, why, _ := strings.Cut(title[1], ": ")
			if regexp.MustCompile(`[0-9]`).MatchString(strings.Replace(why, "fewer than 5 answers", "", 1)) {
				r.t.Errorf("of a gap the chart of %s says %s", kind, title[1])
			}
		}
	}
	for _, join := range joins.FindAllStringSubmatch(chart, -1) {
		r.learn(place(join[1]))
		r.learn(place(join[2]))
	}
}

// compared reads a chart of groups, its table, and the table of groups by period.
func (r *reader) compared(kind, by, text string) {
	found := tables.FindAllStringSubmatch(text, -1)
	if n := len(found); n > 0 && strings.HasSuffix(found[n-1][1], "and period") {
		r.matrix(kind, by, found[n-1][2], found[n-1][3])
		found = found[:n-1]
	}
	if len(found) == 0 {
		return // nothing was sent in that year
	}
	period := periodOf(newest.FindString(found[0][1]))
	r.resultTable(found[0][2], found[0][3], func(name string) cell { return cell{kind, by, valueOf(by, name), period} })
	chart, _, _ := strings.Cut(text, "<table>")
	for _, g := range groups.FindAllStringSubmatch(chart, -1) {
		title := titles.FindStringSubmatch(g[1])
		if title == nil {
			r.t.Errorf("a group of %s by %s has no name", kind, by)
			continue
		}
		label, said, _ := strings.Cut(title[1], ": ")
		said = strings.Replace(said, "fewer than 5 answers", "", 1)
		if strings.Contains(g[1], "<circle") || strings.ContainsAny(said, "0123456789") {
			r.learn(cell{kind, by, valueOf(by, label), period})
		}
	}
	if everyone.MatchString(chart) {
		r.learn(cell{kind, "all", "all", period})
	}
}

// matrix reads a table of groups by period.
func (r *reader) matrix(kind, by, head, body string) {
	names := heads.FindAllStringSubmatch(head, -1)
	for _, line := range lines.FindAllStringSubmatch(body, -1) {
		for i, td := range tds.FindAllStringSubmatch(line[2], -1) {
			if strings.ContainsAny(td[2], "0123456789") {
				r.learn(cell{kind, by, valueOf(by, line[1]), periodOf(names[i+1][1])})
			}
		}
	}
}
