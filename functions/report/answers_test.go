package report

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaiku/shared/ledger"
	"kaiku/shared/survey"
)

const personalBearer = "the answers token"

// exported is a programme with the answers that its counts were made of.
type exported struct {
	counted
	days map[survey.Date][]survey.Outcome
}

func (counted) Answers(context.Context, survey.Date) ([]survey.Outcome, error) { return nil, nil }

func (e exported) Answers(_ context.Context, day survey.Date) ([]survey.Outcome, error) {
	return e.days[day], nil
}

// answerTo is one to an NPS of a day.
func answerTo(day survey.Date, score int, region, comment string) survey.Outcome {
	at := time.Date(day.Year, day.Month, day.Day, 9, 0, 0, 0, time.UTC)
	return survey.Outcome{Invitation: fmt.Sprintf("I-%s-%d-%s", day, score, region), Customer: "C-1001", Kind: survey.NPS, Sent: at, Delivered: at,
		Facts:   survey.Facts{Region: region, Trigger: survey.Annual, Worth: 420_050, Currency: "EUR"},
		Answer:  &survey.Answer{Score: score, Comment: comment, Feeling: "confident", First: at, Last: at},
		Counted: &survey.Tally{Delivered: true, Answered: true, Score: score, Commented: comment != ""}}
}

// export makes counts of answers, and gives both.
func export(answers map[survey.Date][]survey.Outcome) exported {
	months := map[survey.Month]*ledger.MonthCount{}
	for day, outcomes := range answers {
		month := survey.MonthOf(day)
		if months[month] == nil {
			months[month] = &ledger.MonthCount{Month: month, Cells: map[string]map[string]ledger.Cell{"all": {}, "region": {}}}
		}
		for i := range outcomes {
			o := &outcomes[i]
			for by, value := range map[string]string{"all": "all", "region": o.Facts.Region} {
				cell := months[month].Cells[by][value]
				c := ledger.Cell{Sent: 1, Delivered: 1, Answered: 1, Scores: make([]int, 11)}
				c.Scores[o.Answer.Score] = 1
				cell.Add(c)
				months[month].Cells[by][value] = cell
			}
		}
	}
	e := exported{counted{}, answers}
	for _, m := range months {
		e.counted[survey.NPS] = append(e.counted[survey.NPS], *m)
	}
	slices.SortFunc(e.counted[survey.NPS], func(a, b ledger.MonthCount) int { return a.Month.Index() - b.Month.Index() })
	return e
}

// autumn has six answers from Uusimaa and six from Lappi in October, and in
// November one from Lappi, with a comment that a spreadsheet would run.
func autumn() exported {
	october, november := survey.Date{Year: 2026, Month: 10, Day: 5}, survey.Date{Year: 2026, Month: 11, Day: 6}
	days := map[survey.Date][]survey.Outcome{november: {answerTo(november, 3, "Lappi", `=HYPERLINK("x")`)}}
	for i := range 6 {
		days[october] = append(days[october], answerTo(october, 10-i, "Uusimaa", ""), answerTo(october, 9-i, "Lappi", ""))
	}
	return export(days)
}

func exporter(t *testing.T, l Ledger) http.Handler {
	t.Helper()
	h, _ := handlerFor(t, l)
	h.PersonalTokens = []string{personalBearer}
	mux := http.NewServeMux()
	h.Routes(mux)
	return mux
}

func lines(t *testing.T, w *httptest.ResponseRecorder) [][]string {
	t.Helper()
	if w.Code != http.StatusOK {
		t.Fatalf("answered with %d: %s", w.Code, w.Body)
	}
	lines, err := csv.NewReader(w.Body).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestAnswersAreExportedWithoutTheirPersons(t *testing.T) {
	w := get(exporter(t, autumn()), "/answers.csv?kind=nps&from=2026-01&to=2026-12", bearer)
	for _, secret := range []string{"C-1001", "HYPERLINK", "I-2026", "2026-10-05"} {
		if strings.Contains(w.Body.String(), secret) {
			t.Errorf("%s is among them", secret)
		}
	}
	got := lines(t, w)
	if diff := cmp.Diff([]string{"nps", "all", "all", "2026-Q4", "3", "detractor", "", "confident"}, got[1]); diff != "" {
		t.Errorf("an answer of a month that is hidden is given by the quarter (-want +got):\n%s", diff)
	}
	if len(got) != 14 {
		t.Errorf("%d lines, want a head and 13 answers", len(got))
	}
}

// November has one answer. To ask for it alone must not tell which of the quarter's.
func TestAMonthThatIsHiddenIsNotGivenByAskingForItAlone(t *testing.T) {
	h := exporter(t, autumn())
	whole := get(h, "/answers.csv?kind=nps&from=2026-01&to=2026-12", bearer)
	for _, months := range []string{"from=2026-11&to=2026-11", "from=2026-10&to=2026-10", "from=2026-12&to=2027-03"} {
		if got := get(h, "/answers.csv?kind=nps&"+months, bearer); got.Body.String() != whole.Body.String() {
			t.Errorf("%s: %s", months, got.Body)
		}
	}
	if got := lines(t, get(h, "/answers.csv?kind=nps&from=2027-01&to=2027-12", bearer)); len(got) != 1 {
		t.Errorf("of another year there are %v", got[1:])
	}
}

// Of Lappi November is hidden, and with it October, which could be subtracted.
func TestAGroupIsSaidWithThePeriodsThatItIsShownIn(t *testing.T) {
	count := map[string]int{}
	for _, line := range lines(t, get(exporter(t, autumn()), "/answers.csv?kind=nps&by=region&from=2026-01&to=2026-12", bearer))[1:] {
		count[line[2]+" "+line[3]]++
		if line[6] != "" || line[7] != "" {
			t.Errorf("beside a group stands by what else to find the answer: %v", line)
		}
	}
	var shown []string
	for name, n := range count {
		shown = append(shown, fmt.Sprint(name, " ", n))
	}
	slices.Sort(shown)
	want := map[string]int{}
	for _, name := range []string{"Lappi", "Uusimaa"} {
		for _, row := range rowsOf(t, autumn(), "kind=nps&by=region&period=year&from=2026-01&to=2026-12") {
			if row.Value == name && !row.Hidden {
				want[name] = row.Answered
			}
		}
	}
	got := map[string]int{}
	for name, n := range count {
		got[strings.Fields(name)[0]] += n
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answers by group differ from the year's figures (-figures +answers):\n%s\n%v", diff, shown)
	}
	for _, row := range rowsOf(t, autumn(), "kind=nps&by=region&period=month&from=2026-01&to=2026-12") {
		if name := row.Value + " " + row.Period; row.Hidden && count[name] > 0 {
			t.Errorf("%s is hidden in the report, and has %d answers here", name, count[name])
		}
	}
}

func TestAnswersWithPersonsNeedTheSecondPermission(t *testing.T) {
	h := exporter(t, autumn())
	for _, c := range []struct {
		path, bearer string
		want         int
	}{
		{"/answers.csv", "", 401}, {"/answers.csv", "wrong", 401}, {"/answers.csv", bearer, 200}, {"/answers.csv", personalBearer, 200},
		{"/answers.csv?personal=true", bearer, 403}, {"/answers.csv?personal=true", "", 401}, {"/answers.csv?personal=true", personalBearer, 200},
		{"/answers.csv?personal=yes", personalBearer, 400}, {"/report.json", personalBearer, 401}, {"/answers.csv?personal=true&after=x", personalBearer, 400},
	} {
		if w := get(h, c.path, c.bearer); w.Code != c.want {
			t.Errorf("%s as %q is answered with %d, want %d: %s", c.path, c.bearer, w.Code, c.want, w.Body)
		}
	}
	nobody, _ := server(t)
	if w := get(nobody, "/answers.csv?personal=true", bearer); w.Code != http.StatusForbidden {
		t.Errorf("where nobody may have them they are answered with %d", w.Code)
	}
	got := lines(t, get(h, "/answers.csv?personal=true&from=2026-11&to=2026-11", personalBearer))
	want := []string{"nps", "annual", "2026-11-06T09:00:00Z", "2026-11-06T09:00:00Z", "2026-11-06T09:00:00Z", "3", "detractor", `'=HYPERLINK("x")`, "", "confident",
		"C-1001", "I-2026-11-06-3-Lappi", "", "", "Lappi", "", "", "", "4200.50", "EUR", "false"}
	if diff := cmp.Diff([][]string{personalHead, want}, got); diff != "" {
		t.Errorf("answers with persons differ (-want +got):\n%s", diff)
	}
}

func TestManyAnswersWithPersonsComeInPages(t *testing.T) {
	days := map[survey.Date][]survey.Outcome{}
	for i := range 4 {
		day := survey.Date{Year: 2026, Month: 10, Day: 5 + i}
		for n := range 10 {
			days[day] = append(days[day], answerTo(day, n, "Lappi", strings.Repeat("x", 90_000)))
		}
	}
	h := exporter(t, export(days))
	path, all, pages := "/answers.csv?personal=true&from=2026-10&to=2026-10", 0, 0
	for path != "" && pages < 10 {
		w := get(h, path, personalBearer)
		next, _, _ := strings.Cut(strings.TrimPrefix(w.Header().Get("Link"), "<"), ">")
		all += len(lines(t, w)) - 1
		pages++
		if path = ""; next != "" {
			path = "/" + next
		}
	}
	if all != 40 || pages != 2 {
		t.Errorf("%d answers in %d pages, want 40 in 2", all, pages)
	}
}

func TestADayOfMoreThanAPageComesWhole(t *testing.T) {
	day := survey.Date{Year: 2026, Month: 10, Day: 5}
	days := map[survey.Date][]survey.Outcome{}
	for n := range 300 {
		o := answerTo(day, n%11, "Lappi", strings.Repeat("x", 30_000))
		o.Invitation = fmt.Sprintf("I-%03d", n)
		days[day] = append(days[day], o)
	}
	h := exporter(t, export(days))
	seen := map[string]int{}
	pages := 0
	for path := "/answers.csv?personal=true&from=0001-01&to=2026-12"; path != "" && pages < 10; pages++ {
		w := get(h, path, personalBearer)
		next, _, _ := strings.Cut(strings.TrimPrefix(w.Header().Get("Link"), "<"), ">")
		if w.Body.Len() > 4<<20 {
			t.Errorf("a page of %d bytes", w.Body.Len())
		}
		for _, line := range lines(t, w)[1:] {
			seen[line[11]]++
		}
		if path = ""; next != "" {
			path = "/" + next
		}
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s comes %d times", id, n)
		}
	}
	if len(seen) != 300 || pages != 3 {
		t.Errorf("%d answers in %d pages", len(seen), pages)
	}
}
