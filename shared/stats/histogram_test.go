package stats_test

import (
	"math"
	"testing"

	"kaiku/shared/stats"
	"pgregory.net/rapid"
)

func TestHistogramRefusesWhatItCannotCount(t *testing.T) {
	for _, s := range append(everyScale, 0, 77) {
		for _, score := range []int{-1, s.Min() - 1, s.Max() + 1, 11, math.MaxInt} {
			h := stats.NewHistogram(s)
			if h.Add(score) == nil || h.Sub(score) == nil {
				t.Errorf("%s took score %d", s, score)
			}
			if h != stats.NewHistogram(s) {
				t.Errorf("%s changed on refusing %d", s, score)
			}
			if h.Count(score) != 0 {
				t.Errorf("%s counts %d of score %d", s, h.Count(score), score)
			}
		}
	}
	for name, counts := range map[string][]int{
		"too few": {1, 2, 3, 4}, "too many": {1, 2, 3, 4, 5, 6}, "none": {},
		"negative": {1, 2, 3, 4, -1}, "too large": {1, 2, 3, 4, math.MaxUint32 + 1},
	} {
		if _, err := stats.HistogramOf(stats.CSAT, counts...); err == nil {
			t.Errorf("%s counts were taken", name)
		}
	}
}

func TestHistogramNeverTakesBackMoreThanItHas(t *testing.T) {
	h := stats.NewHistogram(stats.CSAT)
	if err := h.Add(4); err != nil {
		t.Fatal(err)
	}
	if h.Sub(5) == nil {
		t.Error("took back a 5 that nobody gave")
	}
	if err := h.Sub(4); err != nil {
		t.Error(err)
	}
	if h.Sub(4) == nil {
		t.Error("took back the same 4 twice")
	}
	if h.N() != 0 {
		t.Errorf("%d answers left of none", h.N())
	}
}

func TestFullCountIsRefusedNotWrapped(t *testing.T) {
	full := histogramOf(t, stats.CSAT, 0, 0, 0, 0, math.MaxUint32)
	one := histogramOf(t, stats.CSAT, 0, 0, 0, 0, 1)
	before := full
	if full.Add(5) == nil {
		t.Error("Add went past a full count")
	}
	if _, err := full.Merge(one); err == nil {
		t.Error("Merge went past a full count")
	}
	if full != before {
		t.Error("a refused answer changed the counts")
	}
}

func TestMergeRefusesAnotherScale(t *testing.T) {
	if _, err := stats.NewHistogram(stats.NPS).Merge(stats.NewHistogram(stats.CES)); err == nil {
		t.Error("NPS answers were merged with CES answers")
	}
}

func TestMergeOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScale().Draw(t, "scale")
		draw := drawHistogram(s)
		a, b, c := draw.Draw(t, "a"), draw.Draw(t, "b"), draw.Draw(t, "c")
		merge := func(x, y stats.Histogram) stats.Histogram {
			m, err := x.Merge(y)
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		if merge(a, b) != merge(b, a) || merge(merge(a, b), c) != merge(a, merge(b, c)) {
			t.Fatal("the order changed the sum")
		}
		if merge(stats.Histogram{}, a) != a || merge(a, stats.Histogram{}) != a {
			t.Fatal("merging with nothing changed the counts")
		}
		if merge(a, b).N() != a.N()+b.N() {
			t.Fatal("answers got lost")
		}
	})
}

func TestCountingOneByOneEqualsARecount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScale().Draw(t, "scale")
		score := rapid.IntRange(s.Min(), s.Max())
		running, last := stats.NewHistogram(s), map[int]int{}
		t.Repeat(map[string]func(*rapid.T){
			"answer or revise": func(t *rapid.T) {
				who, now := rapid.IntRange(0, 9).Draw(t, "who"), score.Draw(t, "score")
				if old, ok := last[who]; ok {
					if err := running.Sub(old); err != nil {
						t.Fatal(err)
					}
				}
				if err := running.Add(now); err != nil {
					t.Fatal(err)
				}
				last[who] = now
			},
			"": func(t *rapid.T) {
				recount := stats.NewHistogram(s)
				for _, score := range last {
					if err := recount.Add(score); err != nil {
						t.Fatal(err)
					}
				}
				if running != recount || running.N() != len(last) {
					t.Fatalf("running %v, recounted %v", running, recount)
				}
			},
		})
	})
}

func TestClassesAddUpToAllAnswers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHistogram(drawScale().Draw(t, "scale")).Draw(t, "h")
		u, n, f := h.Classes()
		if u+n+f != h.N() {
			t.Fatalf("%d + %d + %d ≠ %d", u, n, f, h.N())
		}
	})
}
