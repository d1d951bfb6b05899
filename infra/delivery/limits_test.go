package delivery

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestWhileSESIsPausedNothingIsQueuedAndNothingIsLost(t *testing.T) {
	const mails = 1000
	w := newWorld(t, onBolt(t), 0)
	w.plan(mails)
	w.minute(opening) // some are out, and some in the queue
	w.agendaAt(opening.Add(time.Minute))
	normal := w.ses.account
	paused := normal
	paused.paused = true
	w.ses.change(paused)
	for at := opening.Add(time.Minute); at.Before(opening.Add(2 * time.Minute)); at = at.Add(step) { // the queue runs dry
		w.clock.set(at.Add(step))
		w.deliver(w.queue.take())
		w.tell()
	}
	out, queued, requests := len(w.ses.taken), w.queue.taken, w.ses.requests
	if out == 0 || out >= queued || w.queue.len() != 0 {
		t.Fatalf("%d of %d queued are out, %d wait", out, queued, w.queue.len())
	}
	resumed := opening.Add(4 * time.Hour)
	for at := opening.Add(2 * time.Minute); at.Before(resumed); at = at.Add(time.Minute) {
		w.agendaAt(at)
	}
	if w.queue.taken != queued || w.ses.requests != requests {
		t.Errorf("%d mails were queued and %d requests made while SES was paused", w.queue.taken-queued, w.ses.requests-requests)
	}
	w.ses.change(normal)
	w.runFrom(resumed, resumed.Add(2*day))
	w.wantAllOnce()
}

func TestTheDailyCapIsKeptEachDayAndUsed(t *testing.T) {
	const limit = 150
	w := newWorld(t, onBolt(t), limit)
	w.plan(2*limit + limit/3)
	w.ses.network.draw = func(lot *rand.Rand, _ []fate) fate { // a mail that has to be tried again is one mail
		if lot.IntN(100) < 30 {
			return throttled
		}
		return taken
	}
	w.runTo(opening.Add(4 * day))
	w.wantAllOnce()
	for i, want := range []int{limit, limit, limit / 3, 0} {
		if date := opening.Add(time.Duration(i) * day).Format(time.DateOnly); w.ses.onDay[date] != want {
			t.Errorf("%d mails on %s, want %d", w.ses.onDay[date], date, want)
		}
	}
}

func TestAQuotaOfSESThatIsUsedUpPutsTheOthersOff(t *testing.T) {
	const limit = 150
	w := newWorld(t, onBolt(t), 0)
	w.plan(2*limit + limit/2)
	w.ses.change(account{perSecond: 14, perDay: limit})
	w.runTo(opening.Add(4 * day))
	w.wantAllOnce()
	for i, want := range []int{limit, limit, limit / 2, 0} {
		if date := opening.Add(time.Duration(i) * day).Format(time.DateOnly); w.ses.onDay[date] != want {
			t.Errorf("%d mails on %s, want %d", w.ses.onDay[date], date, want)
		}
	}
	if w.ses.requests > len(w.planned) {
		t.Errorf("%d requests for %d mails", w.ses.requests, len(w.planned))
	}
}

// Another program may use the quota up after the agenda has asked.
func TestAQuotaOfSESThatOthersUseUpLosesNothing(t *testing.T) {
	const mails = 200
	w := newWorld(t, onBolt(t), 0)
	w.plan(mails)
	w.agendaAt(opening)
	w.ses.change(account{perSecond: 14, perDay: 100})
	w.runFrom(opening, opening.Add(time.Hour))
	if len(w.ses.taken) != 100 || w.ses.requests > 2*mails {
		t.Errorf("%d mails by %d requests", len(w.ses.taken), w.ses.requests)
	}
	w.ses.change(account{perSecond: 14, perDay: 2 * mails})
	w.runFrom(opening.Add(time.Hour), opening.Add(day))
	w.wantAllOnce()
}

// SQS holds messages back by whole seconds from when it gets them, so a call that
// comes at the turn of a second puts its ten mails into the next one. SES minds
// no such burst, only what goes on (SES Developer Guide, "Managing your sending
// limits").
func TestMailsLeaveTheQueueNoFasterThanSESTakesThem(t *testing.T) {
	const (
		batch   = 10
		minutes = 4
	)
	for _, perSecond := range []int{1, 5, 14} {
		w := newWorld(t, onBolt(t), 0)
		mails := 3 * 60 * perSecond
		w.plan(mails)
		w.ses.change(account{perSecond: perSecond, perDay: -1})
		var left [minutes * 60]int
		for minute := range minutes {
			at := opening.Add(time.Duration(minute) * time.Minute)
			w.agendaAt(at)
			for _, m := range w.queue.waiting {
				left[int(m.at.Sub(opening)/time.Second)]++
			}
			w.queue.waiting = nil
		}
		if w.queue.taken != mails {
			t.Errorf("%d a second: %d of %d mails were queued in %d minutes", perSecond, w.queue.taken, mails, minutes)
		}
		for i, n := range left {
			if n > perSecond+batch {
				t.Errorf("%d a second: %d left in second %d", perSecond, n, i)
			}
			some := 0
			for _, n := range left[i:min(i+batch, len(left))] {
				some += n
			}
			if some > batch*perSecond {
				t.Errorf("%d a second: %d left in the ten seconds from %d", perSecond, some, i)
			}
		}
	}
}

func TestSESIsAskedOfItsPaceOnceARunAndOnlyWhenMailsAreDue(t *testing.T) {
	w := newWorld(t, onBolt(t), 0)
	w.plan(500) // several looks of one run
	w.ses.change(account{perSecond: 100, perDay: -1})
	w.agendaAt(opening.Add(-time.Minute))
	if w.ses.asked != 0 {
		t.Errorf("asked %d times when nothing was due", w.ses.asked)
	}
	w.agendaAt(opening)
	if w.ses.asked != 1 || w.queue.taken != 500 {
		t.Errorf("asked %d times in a run that queued %d mails", w.ses.asked, w.queue.taken)
	}
	w.agendaAt(opening.Add(time.Minute))
	if w.ses.asked != 1 {
		t.Errorf("asked %d times when all was queued", w.ses.asked-1)
	}
}
