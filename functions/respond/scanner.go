package respond

import (
	"sync"
	"time"

	"kaiku/shared/ledger"
)

// Burst is the line logged when several scores of one link were opened within
// moments, as mail scanners do. The template's metric filter counts it; nothing
// is stored, for opening a link writes nothing.
const Burst = "links opened in a burst"

const (
	// burstScores within burstTime are a burst: a person who corrects a slip opens two.
	burstScores = 3
	burstTime   = 10 * time.Second
	// maxWatched bounds the memory of one warm function. Whoever opens more links at
	// once goes uncounted.
	maxWatched = 1024
)

// scanners watches for bursts, within one process. The zero scanners is ready.
type scanners struct {
	mutex  sync.Mutex
	opened map[ledger.Ref]*opening
	order  []ledger.Ref // oldest first
}

type opening struct {
	since  time.Time
	scores map[int]bool
}

// burst notes that a score of a survey was opened, and says whether that makes a
// burst: once for each.
func (s *scanners) burst(ref ledger.Ref, score int, now time.Time) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for len(s.order) > 0 && (len(s.order) == maxWatched || now.Sub(s.opened[s.order[0]].since) > burstTime) {
		delete(s.opened, s.order[0])
		s.order = s.order[1:]
	}
	o := s.opened[ref]
	if o == nil {
		o = &opening{since: now, scores: map[int]bool{}}
		if s.opened == nil {
			s.opened = map[ledger.Ref]*opening{}
		}
		s.opened[ref], s.order = o, append(s.order, ref)
	}
	before := len(o.scores)
	o.scores[score] = true
	return before < burstScores && len(o.scores) == burstScores
}
