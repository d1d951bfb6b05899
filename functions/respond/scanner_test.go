package respond

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"kaiku/shared/ledger"
)

var noon = time.Date(2026, time.November, 25, 10, 0, 0, 0, time.UTC)

func ref(n int) ledger.Ref { return ledger.Ref{Customer: "C-1", Invitation: strconv.Itoa(n)} }

func TestSeveralScoresOfOneLinkWithinMomentsAreABurst(t *testing.T) {
	type click struct{ after, link, score int } // after: seconds
	for name, c := range map[string]struct {
		clicks []click
		want   int
	}{
		"a scanner":                 {[]click{{0, 1, 0}, {0, 1, 1}, {0, 1, 2}, {1, 1, 3}, {1, 1, 4}}, 1},
		"GET and HEAD of each":      {[]click{{0, 1, 0}, {0, 1, 0}, {0, 1, 1}, {0, 1, 1}, {0, 1, 2}, {0, 1, 2}, {0, 1, 3}}, 1},
		"one score, again":          {[]click{{0, 1, 9}, {1, 1, 9}, {2, 1, 9}, {3, 1, 9}}, 0},
		"a slip, corrected":         {[]click{{0, 1, 8}, {1, 1, 9}}, 0},
		"a person in doubt":         {[]click{{0, 1, 7}, {9, 1, 8}, {20, 1, 9}}, 0},
		"three persons":             {[]click{{0, 1, 7}, {0, 2, 8}, {0, 3, 9}}, 0},
		"two scanners":              {[]click{{0, 1, 1}, {0, 2, 1}, {0, 1, 2}, {0, 2, 2}, {0, 1, 3}, {0, 2, 3}}, 2},
		"the same scanner, later":   {[]click{{0, 1, 1}, {0, 1, 2}, {0, 1, 3}, {60, 1, 1}, {60, 1, 2}, {60, 1, 3}}, 2},
		"a person after a scanner":  {[]click{{0, 1, 1}, {0, 1, 2}, {0, 1, 3}, {60, 1, 2}}, 1},
		"slower than a scanner is ": {[]click{{0, 1, 1}, {6, 1, 2}, {12, 1, 3}, {18, 1, 4}}, 0},
	} {
		var s scanners
		got := 0
		for _, k := range c.clicks {
			if s.burst(ref(k.link), k.score, noon.Add(time.Duration(k.after)*time.Second)) {
				got++
			}
		}
		if got != c.want {
			t.Errorf("%s: %d bursts, want %d", name, got, c.want)
		}
	}
}

func TestTheWatchIsBounded(t *testing.T) {
	var s scanners
	for n := range 10 * maxWatched {
		s.burst(ref(n), 1, noon)
		if len(s.opened) > maxWatched || len(s.order) != len(s.opened) {
			t.Fatalf("after %d links it remembers %d, in an order of %d", n, len(s.opened), len(s.order))
		}
	}
	s.burst(ref(0), 1, noon.Add(time.Hour))
	if len(s.opened) != 1 {
		t.Errorf("an hour later it remembers %d", len(s.opened))
	}
}

func TestManyMayOpenAtOnce(t *testing.T) {
	var s scanners
	var all sync.WaitGroup
	bursts := make(chan int, 64)
	for n := range 8 {
		all.Go(func() {
			for score := range 11 {
				if s.burst(ref(n%2), score, noon) {
					bursts <- n
				}
			}
		})
	}
	all.Wait()
	if len(bursts) != 2 {
		t.Errorf("%d bursts, want one for each of two links", len(bursts))
	}
}
