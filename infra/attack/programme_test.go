package attack

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"kaiku/functions/report"
	"kaiku/shared/ledger"
	"kaiku/shared/policyfile"
	"kaiku/shared/survey"
	"kaiku/shared/table"
	"kaiku/shared/table/bolt"
)

// asOf is when the programmes were counted.
var asOf = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// programme is a random programme that was counted, in a table of its own.
type programme struct {
	random      *rand.Rand
	table       *bolt.Table
	first, last survey.Month
	answers     map[survey.Date][]survey.Outcome
}

// choice is the values of a dimension, and how much likelier each is than the next.
type choice struct {
	values []string
	skew   float64
}

func (c choice) pick(r *rand.Rand) string {
	for _, value := range c.values[:len(c.values)-1] {
		if r.Float64() < c.skew {
			return value
		}
	}
	return c.values[len(c.values)-1]
}

// triggers are what a survey of a kind follows on.
var triggers = map[string][]string{"nps": {"annual"}, "ces": {"interaction"}, "csat": {"changed", "started", "renewed", "ended"}}

// newProgramme makes a small programme of up to so many months up to now: a month
// has few answers, of which many values share.
func newProgramme(t testing.TB, seed uint64, most int) *programme {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 6))
	db, err := bolt.Open(filepath.Join(t.TempDir(), "kaiku.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	last := survey.Month{Year: 2026, Month: time.November}.AddMonths(-random.IntN(12))
	p := &programme{random: random, table: db, last: last, first: last.AddMonths(-random.IntN(most)), answers: map[survey.Date][]survey.Outcome{}}
	some := func(values ...string) choice {
		random.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
		return choice{values[:1+random.IntN(len(values))], 0.2 + 0.7*random.Float64()}
	}
	named := func(name string, n int) (values []string) {
		for i := range n {
			values = append(values, fmt.Sprint(name, "-", i))
		}
		return values
	}
	var writes []table.Write
	for _, kind := range kinds {
		choices := map[string]choice{"size": some("micro", "small", "medium", "large", "unknown"), "industry": some("C", "F", "G", "J", "unknown"),
			"region": some(named("region", 6)...), "owner": some(named("owner", 8)...), "service": some(named("service", 4)...),
			"trigger": some(append([]string{}, triggers[kind]...)...), "language": some("fi", "sv", "en")}
		busy, mood := 1+random.IntN(14), random.Float64()
		for at := p.first; at.Index() <= p.last.Index(); at = at.AddMonths(1) {
			count := ledger.MonthCount{Month: at, At: asOf, Cells: map[string]map[string]ledger.Cell{}, Classes: map[survey.Class]ledger.ClassCount{}}
			for range random.IntN(2 * busy) {
				p.survey(survey.Kind(kind), mood, choices, count)
			}
			if len(count.Cells) == 0 {
				continue // a month in which nothing was sent
			}
			body, err := json.Marshal(count)
			if err != nil {
				t.Fatal(err)
			}
			writes = append(writes, table.Put(table.Item{Key: table.Key{Partition: "COUNT#" + kind, Sort: at.String()}, Body: body}, table.Absent))
		}
	}
	if err := db.Write(t.Context(), writes...); err != nil {
		t.Fatal(err)
	}
	return p
}

// survey counts one survey and what became of it.
func (p *programme) survey(kind survey.Kind, mood float64, choices map[string]choice, into ledger.MonthCount) {
	scale := scales[string(kind)]
	one := ledger.Cell{Sent: 1}
	switch fate := p.random.IntN(10); {
	case fate == 0:
		one.Bounced = 1
	case fate < 4:
		one.Delivered = 1
	default:
		one.Delivered, one.Answered, one.Scores = 1, 1, make([]int, scale[1]-scale[0]+1)
		top := float64(len(one.Scores) - 1)
		one.Scores[int(min(top, max(0, top*mood+2*p.random.NormFloat64()+0.5)))]++
	}
	value := map[string]string{"all": "all"}
	for _, by := range dimensions {
		if by != "all" {
			value[by] = choices[by].pick(p.random)
		}
		if into.Cells[by] == nil {
			into.Cells[by] = map[string]ledger.Cell{}
		}
		sum := into.Cells[by][value[by]]
		sum.Add(one)
		into.Cells[by][value[by]] = sum
	}
	if one.Answered == 0 {
		return
	}
	score := scale[0] + slices.Index(one.Scores, 1)
	if kind == survey.NPS {
		class := into.Classes[kind.Class(score)]
		class.Add(ledger.ClassCount{Answered: 1})
		into.Classes[kind.Class(score)] = class
	}
	day := survey.Date{Year: into.Month.Year, Month: into.Month.Month, Day: 1 + score}
	p.answers[day] = append(p.answers[day], survey.Outcome{Kind: kind,
		Facts: survey.Facts{Size: survey.Size(value["size"]), Industry: value["industry"], Region: value["region"], Owner: value["owner"],
			Service: value["service"], Trigger: survey.Trigger(value["trigger"]), Language: value["language"]},
		Answer:  &survey.Answer{Score: score, Reason: "support", Feeling: "confident"},
		Counted: &survey.Tally{Delivered: true, Answered: true, Score: score}})
}

// answered is the ledger of a programme whose answers are held beside it.
type answered struct {
	*ledger.Ledger
	answers map[survey.Date][]survey.Outcome
}

func (a answered) Answers(_ context.Context, day survey.Date) ([]survey.Outcome, error) {
	return a.answers[day], nil
}

// serve is the report over the programme, under a policy of these lines.
func (p *programme) serve(t testing.TB, lines string) get {
	t.Helper()
	policy, err := policyfile.Parse("test.yaml", []byte(lines))
	if err != nil {
		t.Fatal(err)
	}
	const token = "the report token"
	mux := http.NewServeMux()
	(&report.Handler{Ledger: answered{ledger.New(p.table, policy, ledger.NewIDs()), p.answers}, Policy: policy, Tokens: []string{token},
		Now: func() time.Time { return asOf }, Log: slog.New(slog.DiscardHandler)}).Routes(mux)
	return func(path string) string {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		return w.Body.String()
	}
}
