package report

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"kaiku/shared/figures"
	"kaiku/shared/ledger"
	"kaiku/shared/survey"
	"kaiku/shared/token"
)

const bearer = "the report token"

func serverOf(t *testing.T, l Ledger) http.Handler {
	t.Helper()
	h, _ := serverFor(t, l)
	return h
}

func pageOf(t *testing.T, l Ledger, query string) string {
	t.Helper()
	w := get(serverOf(t, l), "/report?"+query, bearer)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", query, w.Code, w.Body)
	}
	wantWellFormed(t, w.Body.String())
	return w.Body.String()
}

func rowsOf(t *testing.T, l Ledger, query string) []figures.Row {
	t.Helper()
	var f struct {
		Rows []struct {
			figures.Row
			Counts json.RawMessage `json:"counts"`
		} `json:"rows"`
	}
	if err := json.Unmarshal(get(serverOf(t, l), "/report.json?"+query, bearer).Body.Bytes(), &f); err != nil {
		t.Fatal(err)
	}
	var rows []figures.Row
	for _, row := range f.Rows {
		rows = append(rows, row.Row)
	}
	return rows
}

// void are the elements that HTML does not close.
var void = regexp.MustCompile(`<(meta|input|link)([^>]*)>`)

// wantWellFormed holds a page to elements that are closed in the order in which
// they were opened, and to ids that are there once.
func wantWellFormed(t *testing.T, page string) {
	t.Helper()
	ids := map[string]bool{}
	page = void.ReplaceAllString(page, "<$1$2/>")
	d := xml.NewDecoder(strings.NewReader(page))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, page[max(0, int(d.InputOffset())-300):min(len(page), int(d.InputOffset())+50)])
		}
		if e, ok := token.(xml.StartElement); ok {
			for _, a := range e.Attr {
				if a.Name.Local == "id" && ids[a.Value] {
					t.Errorf("two elements are called %s", a.Value)
				}
				if a.Name.Local == "id" {
					ids[a.Value] = true
				}
				if a.Name.Local == "style" {
					t.Errorf("an inline style, which the policy forbids: %s", a.Value)
				}
			}
		}
	}
}

// tables reads the tables of a page: by caption and name of the row, its cells.
func tables(t *testing.T, page string) map[string]map[string][]string {
	t.Helper()
	found := map[string]map[string][]string{}
	for _, text := range strings.Split(page, "<table>")[1:] {
		var table struct {
			Caption string   `xml:"caption"`
			Head    []string `xml:"thead>tr>th"`
			Rows    []struct {
				Name  string `xml:"th"`
				Cells []struct {
					Text  string `xml:",chardata"`
					Under string `xml:"small"`
				} `xml:"td"`
			} `xml:"tbody>tr"`
		}
		text, _, _ = strings.Cut(text, "</table>")
		if err := xml.Unmarshal([]byte("<table>"+text+"</table>"), &table); err != nil {
			t.Fatal(err)
		}
		rows := map[string][]string{"": table.Head}
		for _, row := range table.Rows {
			cells := []string{}
			for _, c := range row.Cells {
				cells = append(cells, strings.TrimSpace(strings.TrimSpace(c.Text)+" "+c.Under))
			}
			rows[row.Name] = cells
		}
		found[table.Caption] = rows
	}
	return found
}

func TestThePageShowsTheFiguresOfJSONAndNoOthers(t *testing.T) {
	programme := sample(24, 30, map[string][]string{"size": {"micro", "small"}, "industry": {"C", "F", "unknown"}, "trigger": {"changed", "ended"}})
	for lang, w := range languages {
		for _, length := range []string{"month", "quarter", "year", "rolling"} {
			found := tables(t, pageOf(t, programme, "by=industry&period="+length+"&lang="+lang))
			for _, row := range rowsOf(t, programme, "by=all&period="+length) {
				k := w.Kinds[row.Kind]
				wantRow(t, w, found[k.Question][period(row.Period)], row)
				activity := strings.Join(found[k.Name][period(row.Period)], "|")
				if want := strings.Join([]string{w.Whole(row.Sent), w.Whole(row.Delivered), w.Whole(row.Bounced), w.Whole(row.Answered), w.percent(row.ResponseRate)}, "|"); activity != want {
					t.Errorf("%s %s %s: activity %q, want %q", lang, row.Kind, row.Period, activity, want)
				}
			}
			for _, row := range rowsOf(t, programme, "by=industry&period=year&from=2026&to=2026") {
				caption := fmt.Sprintf(w.GroupsIn, w.Kinds[row.Kind].Name, w.Dimensions["industry"], "2026")
				wantRow(t, w, found[caption][w.value("industry", row.Value)], row)
			}
		}
	}
}

// wantRow holds a row of a table to a row of JSON: its figure and interval, or
// none where it is hidden.
func wantRow(t *testing.T, w *words, cells []string, row figures.Row) {
	t.Helper()
	text := strings.Join(cells, "|")
	want := strings.Join([]string{w.Whole(row.Delivered), w.Whole(row.Answered), w.percent(row.ResponseRate)}, "|") + "|"
	if row.Hidden {
		want += w.why(row, 5)
		if text != want {
			t.Errorf("hidden %s %s %s: %q, want %q", row.Kind, row.Value, row.Period, text, want)
		}
		return
	}
	if want += w.ScoreOf(row) + "|" + w.IntervalOf(row) + "|"; !strings.HasPrefix(text, want) || !strings.HasSuffix(text, "|"+w.change(row)) {
		t.Errorf("%s %s %s: %q, want %q and %q", row.Kind, row.Value, row.Period, text, want, w.change(row))
	}
}

func TestEveryGroupAndPeriodIsThatOfJSON(t *testing.T) {
	programme := sampleYear()
	found := tables(t, pageOf(t, programme, "kind=nps&by=size"))["NPS by size and period"]
	hidden := 0
	for _, row := range rowsOf(t, programme, "kind=nps&by=size") {
		got := ""
		for i, p := range found[""][1:] {
			if p == row.Period {
				got = found[english.value("size", row.Value)][i]
			}
		}
		want := english.ScoreOf(row) + " " + english.IntervalOf(row)
		if row.Hidden {
			want = "hidden"
			hidden++
		}
		if got != want {
			t.Errorf("%s in %s: %q, want %q", row.Value, row.Period, got, want)
		}
	}
	if hidden == 0 {
		t.Error("nothing was hidden, so nothing is shown of hiding")
	}
}

func TestThePageOpensOnTheYearsAnswer(t *testing.T) {
	month := func(year int, cell ledger.Cell) ledger.MonthCount {
		return ledger.MonthCount{Month: survey.Month{Year: year, Month: 3}, At: now, Cells: map[string]map[string]ledger.Cell{"all": {"all": cell}}}
	}
	for name, c := range map[string]struct {
		months []ledger.MonthCount
		want   []string
	}{
		"a change":                {[]ledger.MonthCount{month(2025, nps(300, 20, 50, 130)), month(2026, nps(1400, 130, 50, 20))}, []string{`<p class="figure">55 <small>`, "▲ Change from 2025: +110 (95\u00a0% interval +", "200 of 1,400 delivered surveys were answered (14\u00a0%)", "in 2026 so far"}},
		"no change":               {[]ledger.MonthCount{month(2025, nps(60, 11, 10, 10)), month(2026, nps(60, 12, 10, 10))}, []string{"No change from 2025 (+3, 95\u00a0% interval −"}},
		"the year before hidden":  {[]ledger.MonthCount{month(2025, nps(60, 1, 1, 1)), month(2026, nps(60, 12, 10, 10))}, []string{"Cannot be compared with 2025"}},
		"nothing the year before": {[]ledger.MonthCount{month(2024, nps(60, 12, 10, 10)), month(2026, nps(60, 12, 10, 10))}, []string{"Nothing to compare with: no surveys were sent in 2025."}},
		"one answer":              {[]ledger.MonthCount{month(2026, nps(1, 1, 0, 0))}, []string{"Hidden: fewer than 5 answers.", "1 of 1 delivered surveys were answered (100\u00a0%)"}},
		"no answer":               {[]ledger.MonthCount{month(2026, nps(7, 0, 0, 0))}, []string{"No answers yet.", "0 of 7 delivered"}},
		"nothing this year":       {[]ledger.MonthCount{month(2025, nps(60, 12, 10, 10))}, []string{"No surveys were sent in 2026.", "Nothing was sent in this time."}},
		"an empty programme":      {nil, []string{"No surveys were sent in 2026.", "Nothing was sent in this time."}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, query := range []string{"from=2026", "from=2026&by=size", "from=2026&lang=fi&period=rolling"} {
				page := html.UnescapeString(pageOf(t, counted{survey.NPS: c.months}, query))
				if strings.Contains(query, "fi") {
					continue // it is written, and whole
				}
				for _, want := range c.want {
					if !strings.Contains(page, want) {
						t.Errorf("%s: the page lacks %q", query, want)
					}
				}
			}
		})
	}
}

func TestTheAnswerIsOfTheYearThatIsAskedAbout(t *testing.T) {
	page := pageOf(t, sampleYear(), "from=2025&to=2025")
	if !strings.Contains(page, "<span>in 2025</span>") || strings.Contains(page, "so far") {
		t.Error("asked about 2025, the page opens on another year")
	}
	page = pageOf(t, sampleYear(), "from=2019&to=2019")
	if !strings.Contains(page, "No surveys were sent in 2019.") || strings.Count(page, "Nothing was sent in this time.") != 1 {
		t.Error("nothing is said of a year without data")
	}
}

func TestAllHiddenShowsNoFigure(t *testing.T) {
	cell := nps(9, 1, 1, 1)
	page := pageOf(t, counted{survey.NPS: {{Month: survey.Month{Year: 2026, Month: 10}, At: now,
		Cells: map[string]map[string]ledger.Cell{"all": {"all": cell}, "size": {"micro": cell}}}}}, "kind=nps&by=size")
	if strings.Contains(page, "<circle") || !strings.Contains(page, "Hidden: fewer than 5 answers.") || strings.Count(page, "<p>Hidden: fewer than 5 answers.</p>") != 3 {
		t.Error("what is hidden is shown, or it is not said")
	}
}

func TestManyGroupsFitAndTheLargestAreShown(t *testing.T) {
	programme := sample(60, 200, map[string][]string{"size": {"micro", "small"}, "owner": values(40, "a-name-of-some-length-%02d@kaiku.example"), "trigger": {"changed", "started", "renewed", "ended"}})
	for _, query := range []string{"by=owner&from=2021-12", "by=owner&from=2021-12&lang=fi", "by=owner&period=rolling&from=2021-12"} {
		page := pageOf(t, programme, query)
		if len(page) > 300<<10 {
			t.Errorf("%s: %d bytes", query, len(page))
		}
		t.Logf("%s: %d bytes", query, len(page))
	}
	page := pageOf(t, programme, "by=owner&kind=nps&period=year&from=2021-12")
	if !strings.Contains(page, "The chart shows the 20 largest groups of 40") {
		t.Error("nothing is said of the groups that the chart leaves out")
	}
	if n := strings.Count(page, `<text class="name spare"`); n != 20 {
		t.Errorf("%d groups in the chart", n)
	}
	if n := len(tables(t, page)["NPS by owner, 2026"]); n != 41 {
		t.Errorf("%d rows in the table, with its head", n)
	}
	many := sample(13, 3000, map[string][]string{"size": {"micro"}, "owner": values(400, "%03d@kaiku.example")})
	if page := pageOf(t, many, "by=owner"); len(page) > 300<<10 || !strings.Contains(page, `The table shows the 40 largest groups of 400. <a class="data" href="report.csv?by=owner&amp;from=2026&amp;kind=nps&amp;period=year&amp;to=2026">All as CSV</a>`) {
		t.Errorf("400 groups: %d bytes", len(page))
	}
}

func TestThePageIsSmallInEveryState(t *testing.T) {
	for name, s := range states() {
		h, keys := serverFor(t, s.programme)
		size := 0
		for lang := range languages {
			page := accepting(h, "/report/"+keys.Issue(token.Report, now.Add(time.Hour), nil)+"?"+s.query+"&lang="+lang, browsers).Body
			wantWellFormed(t, page.String())
			size = max(size, page.Len())
		}
		if size > 300<<10 {
			t.Errorf("%s: %d bytes", name, size)
		}
		t.Logf("%s: %d bytes", name, size)
	}
}

func TestNamesOfGroupsAreText(t *testing.T) {
	hostile := `</text><script>alert(1)</script>"'&<svg onload=x>`
	cell := nps(60, 12, 10, 10)
	page := pageOf(t, counted{survey.NPS: {{Month: survey.Month{Year: 2026, Month: 10}, At: now,
		Cells: map[string]map[string]ledger.Cell{"all": {"all": cell}, "region": {hostile: cell}}}}}, `kind=nps&by=region&lang="><script>`)
	if strings.Contains(page, "<script") || strings.Contains(page, "<svg onload") || !strings.Contains(page, "&lt;script&gt;alert(1)") {
		t.Error("the name of a group has become markup")
	}
	if _, ok := tables(t, page)["NPS by region, 2026"][hostile]; !ok {
		t.Error("the name of the group is not as it was told")
	}
}

func TestTheLanguageIsThatOfTheAddressThenOfTheBrowser(t *testing.T) {
	for _, c := range []struct{ query, header, want string }{
		{"", "", "en"}, {"", "fi-FI,fi;q=0.9,en;q=0.8", "fi"}, {"", "sv,fi;q=0.5", "fi"}, {"", "de", "en"},
		{"?lang=fi", "en", "fi"}, {"?lang=en", "fi", "en"}, {"?lang=xx", "fi", "fi"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/report"+c.query, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept-Language", c.header)
		if got := wordsFor(r).Lang; got != c.want {
			t.Errorf("%q and %q: %s, want %s", c.query, c.header, got, c.want)
		}
	}
	page := pageOf(t, sampleYear(), "lang=fi&by=size&kind=nps")
	for _, want := range []string{`<html lang="fi">`, `name="lang" value="fi"`, `href="?by=size&amp;kind=nps&amp;lang=en"`, "Asiakaskyselyjen tulokset", "keskisuuri", `value="size" selected="selected"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the Finnish page lacks %s", want)
		}
	}
}

func TestTheStyleIsTheOneThatThePolicyAllows(t *testing.T) {
	w := get(serverOf(t, sampleYear()), "/report", bearer)
	_, style, _ := strings.Cut(w.Body.String(), "<style>")
	style, _, _ = strings.Cut(style, "</style>")
	sum := sha256.Sum256([]byte(style))
	if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, base64.StdEncoding.EncodeToString(sum[:])) {
		t.Errorf("%s does not allow the page's style", csp)
	}
	for _, outside := range []string{"http://", "https://", "src=", "<script", "url("} {
		if strings.Contains(w.Body.String(), outside) {
			t.Errorf("the page has %s", outside)
		}
	}
}
