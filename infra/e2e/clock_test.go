package e2e

import (
	"net/http"
	"sync"
	"testing"
	"time"
)

func TestTheClockIsTurnedForwardsAlone(t *testing.T) {
	k := start(t, local(t, sunday))
	from := k.now()
	for _, order := range []string{`{"advance": "-1h"}`, `{"to": "2026-11-22T08:00:00Z"}`, `{"advance": "soon"}`, `{"to": "soon"}`,
		`{}`, `{"advance": "1h", "to": "2026-12-01T00:00:00Z"}`, `{"back": "1h"}`, `1h`, ``} {
		wantProblem(t, k.send(http.MethodPost, "/local/clock", http.Header{"Content-Type": {"application/json"}}, []byte(order)), http.StatusBadRequest)
	}
	if err := k.readClock(); err != nil || k.now().Sub(from) > time.Minute {
		t.Errorf("it is %v after orders that were refused, before it was %v; error %v", k.now(), from, err)
	}
}

func TestTurnsOfTheClockAtOnceComeOneAfterTheOther(t *testing.T) {
	k := start(t, local(t, sunday))
	from := k.now()
	const turns = 8
	var group sync.WaitGroup
	for range turns {
		group.Go(func() {
			if err := k.turn(map[string]string{"advance": "24h"}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if err := k.readClock(); err != nil {
		t.Fatal(err)
	}
	if gone := k.now().Sub(from); gone < turns*day || gone > turns*day+time.Minute {
		t.Errorf("%d turns of a day moved the clock by %v", turns, gone)
	}
}

func TestTheClockOfARunGoesOnWhereItStood(t *testing.T) {
	onEachStore(t, sunday, func(t *testing.T, env environment) {
		k, m := asked(t, env)
		k.advance(36 * time.Hour)
		k.scored(m, 4)
		stopped, before := k.now(), k.everything("C-1001")
		if err := k.stop(); err != nil {
			t.Fatalf("it ended with %v", err)
		}
		k.restart() // with KAIKU_NOW as at first: the data folder has a clock of its own now
		if gone := k.now().Sub(stopped); gone < 0 || gone > time.Minute {
			t.Errorf("the clock went from %v to %v", stopped, k.now())
		}
		if after := k.everything("C-1001"); after != before {
			t.Errorf("it was\n%s\nand is\n%s", before, after)
		}
		if a := k.send(http.MethodGet, m.page(t), nil, nil); a.status != http.StatusOK {
			t.Errorf("the link of the mail answers %d after the restart", a.status)
		}
		k.wantCalmLog()
	})
}
