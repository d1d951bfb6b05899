package figures

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/stats"
	"kaiku/shared/survey"
)

// said are answers by invitation; one that is not there was erased. It counts how
// many are read.
type said struct {
	answers map[string]survey.Outcome
	fault   error
	read    atomic.Int32
}

func (s *said) Comment(_ context.Context, ref ledger.CommentRef) (survey.Outcome, error) {
	s.read.Add(1)
	o, ok := s.answers[ref.Invitation]
	if !ok {
		return o, ledger.ErrNotFound
	}
	return o, s.fault
}

// talk is a programme in the making, and what was said in it.
type talk struct {
	counted
	said *said
}

func newTalk() talk { return talk{counted{}, &said{answers: map[string]survey.Outcome{}}} }

// say adds a month that so many answered, and what some of them said in it, the
// last of them last.
func (k talk) say(kind survey.Kind, year int, month time.Month, answered int, comments ...string) talk {
	low, high, _ := kind.Scale()
	cell := ledger.Cell{Sent: 50, Delivered: 50, Answered: answered, Scores: make([]int, high-low+1)}
	cell.Scores[high-low] = answered
	m := ledger.MonthCount{Month: survey.Month{Year: year, Month: month}, At: now, Cells: map[string]map[string]ledger.Cell{ledger.All: {ledger.All: cell}}}
	for i, text := range comments {
		id := fmt.Sprintf("%s-%s-%d", kind, m.Month, i)
		ref := ledger.CommentRef{Invitation: id, At: time.Date(year, month, 10, 0, i, 0, 0, time.UTC)}
		m.Comments = slices.Insert(m.Comments, 0, ref)
		k.said.answers[id] = survey.Outcome{Invitation: id, Kind: kind, Answer: &survey.Answer{Score: high, Comment: text}}
	}
	k.counted[kind] = append(k.counted[kind], m)
	return k
}

func (k talk) comments(t *testing.T, kinds []survey.Kind, from, to string, most int) []Comment {
	t.Helper()
	p, err := Load(t.Context(), k, survey.Kinds, 5, now)
	if err != nil {
		t.Fatal(err)
	}
	found, err := p.Comments(t.Context(), k.said, Query{Kinds: kinds, By: ledger.All, Period: stats.Month, From: monthNamed(t, from), To: monthNamed(t, to)}, most)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func texts(comments []Comment) string {
	var all []string
	for _, c := range comments {
		all = append(all, c.Period+" "+c.Text)
	}
	return strings.Join(all, ", ")
}

func TestCommentsAreShownWithTheShortestPeriodThatIsShown(t *testing.T) {
	for name, c := range map[string]struct {
		talk talk
		want string
	}{
		"its month":                              {newTalk().say(survey.NPS, 2026, 5, 9, "a"), "2026-05 a"},
		"its quarter, where the month is hidden": {newTalk().say(survey.NPS, 2026, 5, 2, "a").say(survey.NPS, 2026, 6, 3, "b"), "2026-Q2 a, 2026-Q2 b"},
		"its year, where the quarter is hidden":  {newTalk().say(survey.NPS, 2026, 2, 2, "a").say(survey.NPS, 2026, 6, 2).say(survey.NPS, 2026, 9, 2), "2026 a"},
		"not at all, where the year is hidden":   {newTalk().say(survey.NPS, 2026, 2, 2, "a").say(survey.NPS, 2026, 6, 2, "b"), ""},
		"nothing was said":                       {newTalk().say(survey.NPS, 2026, 5, 9), ""},
		"nothing was asked":                      {newTalk(), ""},
	} {
		found := c.talk.comments(t, survey.Kinds, "2026-01", "2026-12", 10)
		slices.SortFunc(found, func(a, b Comment) int { return strings.Compare(a.Text, b.Text) })
		if got := texts(found); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if found == nil {
			t.Errorf("%s: nil, which is not [] in JSON", name)
		}
	}
}

// A month that is hidden because a neighbour would be given away by it is hidden
// for its comments as well.
func TestNoCommentTellsOfAPeriodOfWhichTheFigureIsHidden(t *testing.T) {
	k := newTalk()
	for i, answered := range []int{9, 3, 7, 0, 6, 1, 12, 4, 5, 2, 20} {
		k.say(survey.NPS, 2026, time.Month(1+i), answered, fmt.Sprint("m", i))
	}
	p, err := Load(t.Context(), k, survey.Kinds, 5, now)
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, length := range stats.Lengths {
		f, err := p.Figures(Query{Kinds: survey.Kinds, By: ledger.All, Period: length, From: monthNamed(t, "2026-01"), To: monthNamed(t, "2026-12")})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range f.Rows {
			shown[row.Period] = !row.Hidden
		}
	}
	found := k.comments(t, survey.Kinds, "2026-01", "2026-12", 20)
	if len(found) < 5 || shown["2026-02"] {
		t.Fatalf("%v, %v", found, shown)
	}
	for _, c := range found {
		if !shown[c.Period] {
			t.Errorf("%+v, of which the figure is hidden", c)
		}
	}
}

// Whoever asks for a month of a quarter gets the quarter: else the answer would
// tell which comments are of that month, which is hidden.
func TestAPeriodIsTakenInWhole(t *testing.T) {
	k := newTalk().say(survey.NPS, 2026, 4, 2, "a").say(survey.NPS, 2026, 5, 2, "b").say(survey.NPS, 2026, 6, 3, "c").say(survey.NPS, 2026, 7, 9, "d")
	want := texts(k.comments(t, survey.Kinds, "2026-04", "2026-06", 10))
	if !strings.Contains(want, "2026-Q2 a") || strings.Contains(want, "d") {
		t.Fatal(want)
	}
	for _, month := range []string{"2026-04", "2026-05", "2026-06"} {
		if got := texts(k.comments(t, survey.Kinds, month, month, 10)); got != want {
			t.Errorf("asked about %s: %s, want %s", month, got, want)
		}
	}
	if got := texts(k.comments(t, survey.Kinds, "2026-07", "2026-07", 10)); got != "2026-07 d" {
		t.Error(got)
	}
	if got := texts(k.comments(t, survey.Kinds, "2026-01", "2026-03", 10)); got != "" {
		t.Error(got)
	}
}

func TestTheNewestCommentsOfTheKindsAskedFor(t *testing.T) {
	k := newTalk().say(survey.NPS, 2026, 4, 9, "old").say(survey.NPS, 2026, 6, 9, "n1", "n2").say(survey.CSAT, 2026, 5, 9, "c1", "c2").say(survey.CES, 2026, 7, 9, "e1")
	for name, c := range map[string]struct {
		kinds []survey.Kind
		most  int
		want  string // sorted
	}{
		"all":              {survey.Kinds, 10, "c1 c2 e1 n1 n2 old"},
		"the newest four":  {survey.Kinds, 4, "c2 e1 n1 n2"},
		"none":             {survey.Kinds, 0, ""},
		"of one kind":      {[]survey.Kind{survey.CSAT}, 10, "c1 c2"},
		"the newest of it": {[]survey.Kind{survey.NPS}, 1, "n2"},
	} {
		var got, periods []string
		for _, comment := range k.comments(t, c.kinds, "2026-01", "2026-12", c.most) {
			got, periods = append(got, comment.Text), append(periods, comment.Period)
		}
		if slices.Reverse(periods); !slices.IsSorted(periods) {
			t.Errorf("%s: not the newest period first: %v", name, periods)
		}
		if slices.Sort(got); strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
}

func TestACommentTellsItsClassAndScoreAsTheyAreNow(t *testing.T) {
	k := newTalk().say(survey.NPS, 2026, 5, 9, "changed my mind")
	o := k.said.answers["nps-2026-05-0"]
	o.Answer.Score = 3
	found := k.comments(t, survey.Kinds, "2026-05", "2026-05", 10)
	if len(found) != 1 || found[0] != (Comment{survey.NPS, "2026-05", survey.Detractor, 3, "changed my mind"}) {
		t.Errorf("%+v", found)
	}
}

func TestWithinAPeriodTheOrderDoesNotTellWhenSomethingWasSaid(t *testing.T) {
	var all []string
	for i := range 12 {
		all = append(all, fmt.Sprintf("%02d", i))
	}
	k := newTalk().say(survey.NPS, 2026, 5, 40, all...)
	var got []string
	for _, c := range k.comments(t, survey.Kinds, "2026-05", "2026-05", 12) {
		got = append(got, c.Text)
	}
	reversed := slices.Clone(got)
	slices.Reverse(reversed)
	if slices.IsSorted(got) || slices.IsSorted(reversed) {
		t.Errorf("in the order of saying: %v", got)
	}
	if slices.Sort(got); !slices.Equal(got, all) {
		t.Errorf("%v", got)
	}
}

func TestAnErasedCommentIsGone(t *testing.T) {
	k := newTalk().say(survey.NPS, 2026, 5, 9, "a", "b", "c")
	delete(k.said.answers, "nps-2026-05-1")
	found := k.comments(t, survey.Kinds, "2026-05", "2026-05", 10)
	slices.SortFunc(found, func(a, b Comment) int { return strings.Compare(a.Text, b.Text) })
	if got := texts(found); got != "2026-05 a, 2026-05 c" {
		t.Error(got)
	}
}

func TestAFaultOfReadingACommentIsTold(t *testing.T) {
	k := newTalk().say(survey.NPS, 2026, 5, 9, "a", "b")
	k.said.fault = errors.New("throttled")
	p, err := Load(t.Context(), k, survey.Kinds, 5, now)
	if err != nil {
		t.Fatal(err)
	}
	found, err := p.Comments(t.Context(), k.said, Query{Kinds: survey.Kinds, From: monthNamed(t, "2026-05"), To: monthNamed(t, "2026-05")}, 10)
	if !errors.Is(err, k.said.fault) || found != nil {
		t.Errorf("%v, %v", found, err)
	}
}

func TestNoMoreCommentsAreReadThanAreShown(t *testing.T) {
	k := newTalk()
	for m := range 11 {
		k.say(survey.CES, 2026, time.Month(1+m), 30, strings.Split(strings.Repeat("x", 20), "")...)
	}
	if found := k.comments(t, survey.Kinds, "2026-01", "2026-12", 10); len(found) != 10 || k.said.read.Load() != 10 {
		t.Errorf("%d shown, %d read", len(found), k.said.read.Load())
	}
}
