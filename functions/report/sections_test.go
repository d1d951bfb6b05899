package report

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"strings"
	"testing"
	"time"

	"kaiku/shared/figures"
	"kaiku/shared/ledger"
	"kaiku/shared/survey"
)

func TestCoverageOnThePageIsThatOfJSON(t *testing.T) {
	l := live(sampleYear())
	for lang, w := range languages {
		for _, query := range []string{"by=region", "by=size&period=quarter&from=2025", "by=region&period=year&from=2025&to=2025"} {
			found := tables(t, pageOf(t, l, query+"&lang="+lang))
			all, groups := toldOf(t, l, strings.Replace(strings.Replace(query, "by=region", "by=all", 1), "by=size", "by=all", 1)).Coverage, toldOf(t, l, query).Coverage
			for _, c := range all {
				want := []string{w.Whole(c.Customers), w.Whole(c.Asked), w.percent(c.Share)}
				if got := found[w.Coverage][period(c.Period)]; fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%s, %s: %v, want %v", query, c.Period, got, want)
				}
			}
			newest := all[len(all)-1].Period
			n := 0
			for _, c := range groups {
				if c.Period != newest {
					continue
				}
				n++
				want := []string{w.Whole(c.Customers), w.Whole(c.Asked), w.percent(c.Share)}
				if got := found[fmt.Sprintf(w.GroupsIn, w.Coverage, w.Dimensions[c.By], newest)][w.value(c.By, c.Value)]; fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%s, %s: %v, want %v", query, c.Value, got, want)
				}
			}
			if n < 5 {
				t.Errorf("%s: %d groups", query, n)
			}
		}
	}
}

func TestCoverageIsSaidInASentence(t *testing.T) {
	stock := func(customers, asked int) []ledger.AudienceCount {
		return []ledger.AudienceCount{{Month: month(2026, 9), At: now, Groups: map[survey.Group]map[string]map[string]ledger.Stock{micro: {"all": {"all": {Customers: customers, Asked: asked}},
			"region": {"Well": {Customers: customers, Asked: asked}, "Worst": {Customers: 10}, "Half": {Customers: 10, Asked: 5}}}}}}
	}
	for name, c := range map[string]struct {
		audience    []ledger.AudienceCount
		query, want string
	}{
		"now":                       {stock(1240, 1031), "", "Of 1,240 customers in the audience 1,031 (83\u00a0%) were asked in the last 365 days."},
		"now, in Finnish":           {stock(1240, 1031), "lang=fi", "Kohderyhmässä on 1\u00a0240 asiakasta, joista 1\u00a0031 (83\u00a0%) on saanut kyselyn viimeisten 365 päivän aikana."},
		"then":                      {stock(1240, 1031), "from=2026-09&to=2026-10", "At the end of 2026-10, of 1,240 customers in the audience 1,031 (83\u00a0%) had been asked in the 365 days before."},
		"of a time before":          {stock(1240, 1031), "from=2026-01&to=2026-03", "Nothing was sent in this time."},
		"before any count":          {nil, "from=2026-10", "How many customers there were in this time was not counted."},
		"of none":                   {stock(0, 0), "", "There are no customers in the audience."},
		"by what no customer has":   {stock(1240, 1031), "by=trigger", "Not told by trigger: a customer has none before it is asked."},
		"when nothing was sent yet": {stock(30, 0), "kind=ces", "Of 30 customers in the audience 0 (0\u00a0%) were asked in the last 365 days."},
	} {
		page := html.UnescapeString(pageOf(t, lived{counted: programme(), audience: c.audience}, c.query))
		if strings.Count(page, c.want) != 1 {
			t.Errorf("%s: the page lacks %q", name, c.want)
		}
		if c.want == "Nothing was sent in this time." && strings.Contains(page, "Coverage") {
			t.Errorf("%s: of nothing sent and nobody counted more is said", name)
		}
	}
	page := pageOf(t, lived{counted: programme(), audience: stock(1240, 1031)}, "by=region")
	if worst, half, well := strings.Index(page, "<title>Worst"), strings.Index(page, "<title>Half"), strings.Index(page, "<title>Well"); worst < 0 || half < worst || well < half {
		t.Errorf("not the worst covered first: %d, %d, %d", worst, half, well)
	}
}

// leavers is a programme asked in some years, with so many promoters and detractors
// and of them left.
func leavers(classes map[int]map[survey.Class]ledger.ClassCount) counted {
	c := counted{}
	for year := 2022; year <= 2026; year++ {
		of, ok := classes[year]
		if !ok {
			continue
		}
		cell := nps(500, of[survey.Promoter].Answered, of[survey.Passive].Answered, of[survey.Detractor].Answered)
		c[survey.NPS] = append(c[survey.NPS], ledger.MonthCount{Month: month(year, 3), At: now, Classes: of, Cells: map[string]map[string]ledger.Cell{"all": {"all": cell}}})
	}
	return c
}

func left(promoters, promotersLeft, detractors, detractorsLeft int) map[survey.Class]ledger.ClassCount {
	return map[survey.Class]ledger.ClassCount{survey.Promoter: {Answered: promoters, Left: promotersLeft}, survey.Passive: {Answered: 10}, survey.Detractor: {Answered: detractors, Left: detractorsLeft}}
}

func TestWhetherDetractorsLeaveIsSaidOnlyWhenItCanBeSeen(t *testing.T) {
	of := func(year int, classes map[survey.Class]ledger.ClassCount) map[int]map[survey.Class]ledger.ClassCount {
		return map[int]map[survey.Class]ledger.ClassCount{year: classes, 2026: left(30, 0, 30, 30)}
	}
	const soFar = " So far: the year after the answers is not over, and more may leave."
	for name, c := range map[string]struct {
		classes map[int]map[survey.Class]ledger.ClassCount
		en, fi  string
	}{
		"they do": {of(2024, left(100, 8, 40, 12)), "Yes. Of those asked in 2024, 30\u00a0% of the detractors left and 8\u00a0% of the promoters; the intervals do not overlap.",
			"Kyllä. Vuonna 2024 kysytyistä lähti arvostelijoista 30\u00a0% ja suosittelijoista 8\u00a0%; välit eivät ole päällekkäin."},
		"more do, but it may be chance": {of(2024, left(100, 8, 40, 6)), "No difference can be seen yet. Of those asked in 2024, 15\u00a0% of the detractors left and 8\u00a0% of the promoters; the intervals overlap.", "Eroa ei vielä näy."},
		"the promoters do":              {of(2024, left(40, 12, 100, 8)), "No, the promoters do. Of those asked in 2024, 8\u00a0% of the detractors left and 30\u00a0% of the promoters", "Ei, vaan suosittelijat."},
		"all alike":                     {of(2024, left(40, 4, 40, 4)), "No difference can be seen yet. Of those asked in 2024, 10\u00a0% of the detractors left and 10\u00a0% of the promoters", "Eroa ei vielä näy."},
		"few detractors":                {of(2024, left(40, 4, 4, 4)), "That cannot be said of those asked in 2024: too few of them answered as detractors or as promoters.", "Sitä ei voi sanoa vuonna 2024 kysytyistä"},
		"no detractors":                 {of(2024, left(40, 4, 0, 0)), "That cannot be said of those asked in 2024", "Sitä ei voi sanoa"},
		"no year is over":               {of(2025, left(40, 4, 40, 4)), "Yes. Of those asked in 2026, 100\u00a0% of the detractors left and 0\u00a0% of the promoters; the intervals do not overlap." + soFar, "Toistaiseksi: vastauksia seuraava vuosi on kesken"},
		"the newest of two that are":    {map[int]map[survey.Class]ledger.ClassCount{2023: left(100, 0, 100, 99), 2024: left(40, 4, 40, 4)}, "Of those asked in 2024", "Vuonna 2024"},
	} {
		for lang, want := range map[string]string{"en": c.en, "fi": c.fi} {
			page := html.UnescapeString(pageOf(t, leavers(c.classes), "kind=nps&from=2022&lang="+lang))
			_, says, _ := strings.Cut(page, languages[lang].Leaving+"</h3>")
			says, _, _ = strings.Cut(says, "</p>")
			if !strings.Contains(says, want) {
				t.Errorf("%s in %s: %s\nwant %s", name, lang, says, want)
			}
			if strings.Contains(says, languages[lang].MoreMayLeave) != strings.Contains(c.en, soFar) {
				t.Errorf("%s in %s, whether the year is over: %s", name, lang, says)
			}
		}
	}
}

func TestYearsBeforeAreShownForWhatIsKnownOfThem(t *testing.T) {
	classes := map[int]map[survey.Class]ledger.ClassCount{}
	for year := 2022; year <= 2026; year++ {
		classes[year] = left(40, 4, 40, 4)
	}
	for query, want := range map[string]string{"": "2026 2025 2024", "from=2026&to=2026": "2026 2025 2024", "from=2022&to=2023": "2023 2022", "from=2022": "2026 2025 2024"} {
		page := pageOf(t, leavers(classes), "kind=nps&"+query)
		var years []string
		for _, part := range strings.Split(page, "<h4>Asked in ")[1:] {
			years = append(years, part[:4])
		}
		if got := strings.Join(years, " "); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	if n := len(tables(t, pageOf(t, leavers(classes), "from=2022"))["Do detractors leave?"]); n != 1+5*3 {
		t.Errorf("%d rows in the table of five years, with its head", n)
	}
	if page := pageOf(t, leavers(classes), "kind=csat"); strings.Contains(page, "Do detractors leave?") {
		t.Error("a page about CSAT tells of the NPS")
	}
}

func TestMoneyIsSaidInTheLanguage(t *testing.T) {
	row := func(answered, left int, worth, gone map[string]float64) figures.Retention {
		share := 100 * float64(answered-left) / float64(answered)
		return figures.Retention{Answered: answered, Left: left, Retained: &share, Worth: worth, WorthLeft: gone}
	}
	for name, c := range map[string]struct {
		row    figures.Retention
		en, fi string
	}{
		"part of it left": {row(40, 12, map[string]float64{"EUR": 412_300}, map[string]float64{"EUR": 61_000.4}), "12 of 40 left. Their contracts were worth €412,300 a year, of which €61,000 (15\u00a0%) left.",
			"Lähteneitä 12, vastanneita 40. Sopimusten arvo oli 412\u00a0300\u00a0€ vuodessa, josta lähti 61\u00a0000\u00a0€ (15\u00a0%)."},
		"two currencies, the larger first": {row(40, 12, map[string]float64{"EUR": 5_000, "SEK": 90_000}, map[string]float64{"EUR": 1_000, "SEK": 45_000}),
			"12 of 40 left. Their contracts were worth SEK\u00a090,000 and €5,000 a year, of which SEK\u00a045,000 (50\u00a0%) and €1,000 (20\u00a0%) left.",
			"Lähteneitä 12, vastanneita 40. Sopimusten arvo oli 90\u00a0000\u00a0SEK ja 5\u00a0000\u00a0€ vuodessa, josta lähti 45\u00a0000\u00a0SEK (50\u00a0%) ja 1\u00a0000\u00a0€ (20\u00a0%)."},
		"of one currency nothing": {row(40, 12, map[string]float64{"EUR": 5_000, "SEK": 900}, map[string]float64{"EUR": 5_000}), "12 of 40 left. Their contracts were worth €5,000 and SEK\u00a0900 a year, of which €5,000 (100\u00a0%) left.",
			"Lähteneitä 12, vastanneita 40. Sopimusten arvo oli 5\u00a0000\u00a0€ ja 900\u00a0SEK vuodessa, josta lähti 5\u00a0000\u00a0€ (100\u00a0%)."},
		"nobody left": {row(40, 0, map[string]float64{"EUR": 5_000}, map[string]float64{}), "0 of 40 left. Their contracts were worth €5,000 a year.", "Lähteneitä 0, vastanneita 40. Sopimusten arvo oli 5\u00a0000\u00a0€ vuodessa."},
		"few left": {row(40, 3, map[string]float64{"EUR": 5_000}, nil), "3 of 40 left. Their contracts were worth €5,000 a year. How much of that left is hidden: fewer than 5 left, or stayed.",
			"Lähteneitä 3, vastanneita 40. Sopimusten arvo oli 5\u00a0000\u00a0€ vuodessa. Lähteneiden osuus siitä on piilotettu: lähteneitä tai pysyneitä on alle 5."},
		"worth is not known": {row(40, 12, map[string]float64{}, map[string]float64{}), "12 of 40 left. What their contracts were worth is not known.", "Lähteneitä 12, vastanneita 40. Sopimusten arvoa ei tiedetä."},
		"hidden":             {figures.Retention{Hidden: true}, "Hidden: fewer than 5 answers.", "Piilotettu: alle 5 vastausta."},
		"nobody":             {figures.Retention{}, "Nobody answered so.", "Kukaan ei vastannut näin."},
	} {
		for w, want := range map[*words]string{&english: c.en, &finnish: c.fi} {
			if got := w.left(c.row, []figures.Retention{c.row, {}}, 5); got != want {
				t.Errorf("%s: %s\nwant %s", name, got, want)
			}
		}
	}
}

func TestOfAHiddenClassNothingIsSaid(t *testing.T) {
	page := pageOf(t, leavers(map[int]map[survey.Class]ledger.ClassCount{2024: left(40, 4, 3, 2), 2023: {survey.Promoter: {Answered: 2}, survey.Detractor: {Answered: 2, Left: 1}}}), "kind=nps&from=2023&to=2024")
	_, part, _ := strings.Cut(page, `<h3 id="leaving">`)
	part, _, _ = strings.Cut(part, "</section>")
	for _, want := range []string{"<b>Detractors:</b> Hidden: fewer than 5 answers.", "<b>Promoters:</b> 4 of 40 left."} {
		if !strings.Contains(part, want) {
			t.Errorf("the page lacks %q: %s", want, part)
		}
	}
	if !strings.Contains(part, "<h4>Asked in 2023</h4>\n<p>All of it is hidden: fewer than 5 answers, or others could be had from it.</p>\n</div>") {
		t.Error("of a year of which all is hidden it is not said, or more is")
	}
	if strings.Contains(part, " of 3 ") || strings.Contains(part, " of 2 ") {
		t.Error("a hidden class is told of")
	}
}

func TestCommentsAreQuotedAsText(t *testing.T) {
	l := live(leavers(map[int]map[survey.Class]ledger.ClassCount{2026: left(40, 4, 40, 4)}), sayings...)
	page := strings.ReplaceAll(pageOf(t, l, ""), "&#43;", "+")
	if strings.Contains(page, "<script") || !strings.Contains(page, "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;") {
		t.Error("a comment has become markup")
	}
	if n := strings.Count(page, `<blockquote lang="" dir="auto">`); n != len(sayings) {
		t.Errorf("%d quotes", n)
	}
	for _, want := range []string{`<b aria-hidden="true">−</b>detractor 1/10</span> NPS · 2026-03`, `<b aria-hidden="true">○</b>passive 7/10</span>`, `<b aria-hidden="true">+</b>promoter 10/10</span>`,
		"<p>👍</p>", "The newest comments on the surveys and the time asked about, 10 at most. Comments of periods whose figures are hidden are not shown."} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if n := strings.Count(page, "<summary>Read on</summary>"); n != 1 {
		t.Errorf("%d quotes are folded", n)
	}
}

func TestCommentsThatCannotBeShown(t *testing.T) {
	for name, c := range map[string]struct {
		l     Ledger
		query string
	}{
		"of a hidden year": {live(leavers(map[int]map[survey.Class]ledger.ClassCount{2026: {survey.Promoter: {Answered: 3}}}), "Kiitos!"), ""},
		"of another kind":  {live(sampleYear()), "kind=csat"},
		"none":             {programme(), ""},
	} {
		if page := pageOf(t, c.l, c.query); strings.Contains(page, "Kiitos") || !strings.Contains(page, "There are no comments that can be shown.") {
			t.Errorf("%s: it is not said that there are none", name)
		}
	}
}

func TestALongCommentIsFoldedAtAWordAndKeptWhole(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat("Pidempään kestänyt. ", 30))
	seen, rest := folded(long)
	if len([]rune(seen)) > maxSeen || seen+" "+rest != long {
		t.Errorf("%q and %q", seen, rest)
	}
	if seen, rest := folded(strings.Repeat("ä", maxSeen+1)); rest != "" || len([]rune(seen)) != maxSeen+1 {
		t.Error("a line more is folded away")
	}
	if seen, rest := folded(strings.Repeat("ä", 1000)); len([]rune(seen)) != maxSeen || len([]rune(rest)) != 1000-maxSeen {
		t.Error("a word of a thousand letters is not folded")
	}
	for _, text := range []string{strings.Repeat(`"`, survey.MaxComment), strings.Repeat("👍", survey.MaxComment), strings.Repeat("ä", survey.MaxComment)} {
		if got := fitting(text); len(html.EscapeString(got)) > maxSaid+len("…") || !strings.HasSuffix(got, "…") {
			t.Errorf("%d bytes", len(got))
		}
	}
	if fitting(long) != long {
		t.Error("what has room is cut")
	}
}

// deaf cannot read some of what the page shows.
type deaf struct {
	lived
	audience, comments error
}

func (d deaf) Audience(ctx context.Context) ([]ledger.AudienceCount, error) {
	if d.audience != nil {
		return nil, d.audience
	}
	return d.lived.Audience(ctx)
}

func (d deaf) Comment(ctx context.Context, ref ledger.CommentRef) (survey.Outcome, error) {
	if d.comments != nil {
		return survey.Outcome{}, d.comments
	}
	return d.lived.Comment(ctx, ref)
}

func TestWhatCannotBeReadIsNotLeftOut(t *testing.T) {
	fault := errors.New("throttled")
	l := live(programme(), "Kiitos!")
	for name, c := range map[string]struct {
		l    Ledger
		path string
	}{
		"customers, on the page": {deaf{lived: l, audience: fault}, "/report"},
		"customers, in JSON":     {deaf{lived: l, audience: fault}, "/report.json"},
		"customers, in CSV":      {deaf{lived: l, audience: fault}, "/report.csv?table=coverage"},
		"comments":               {deaf{lived: l, comments: fault}, "/report"},
	} {
		if w := get(serverOf(t, c.l), c.path, bearer); w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "throttled") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if w := get(serverOf(t, deaf{lived: l, comments: fault}), "/report.json", bearer); w.Code != http.StatusOK {
		t.Errorf("JSON, which has no comments: %d", w.Code)
	}
}

// slow takes a while for each read, and counts how many it is asked at once.
type slow struct {
	lived
	begun chan struct{}
	goOn  chan struct{}
}

func (s slow) Counts(ctx context.Context, kind survey.Kind) ([]ledger.MonthCount, error) {
	s.begun <- struct{}{}
	<-s.goOn
	return s.lived.Counts(ctx, kind)
}

func (s slow) Audience(ctx context.Context) ([]ledger.AudienceCount, error) {
	s.begun <- struct{}{}
	<-s.goOn
	return s.lived.Audience(ctx)
}

func TestAllThatIsCountedIsReadAtOnce(t *testing.T) {
	s := slow{live(programme()), make(chan struct{}), make(chan struct{})}
	served := make(chan int)
	h := serverOf(t, s)
	go func() { served <- get(h, "/report", bearer).Code }()
	for i := range len(survey.Kinds) + 1 {
		select {
		case <-s.begun:
		case <-time.After(10 * time.Second):
			t.Fatalf("the read number %d waits for those before", i+1)
		}
	}
	close(s.goOn)
	if code := <-served; code != http.StatusOK {
		t.Error(code)
	}
}
