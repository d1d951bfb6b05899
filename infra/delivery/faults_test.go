package delivery

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"kaiku/functions/agenda"
	"kaiku/shared/ledger"
	"kaiku/shared/survey"
)

// badDay is an SES that throttles 30 % of the requests, fails 10 % and times out
// on 5 %.
//
// It does not swallow the same mail twice: two tries of which nothing is ever
// heard count as sent (docs/INVITATION.md), which is the one way to lose a mail.
// TestAMailThatIsAlwaysSwallowedCountsAsSentAndIsReported shows it.
func badDay(lot *rand.Rand, before []fate) fate {
	switch p := lot.IntN(1000); {
	case p < 150:
		return throttled
	case p < 300:
		return limited
	case p < 345:
		return failed
	case p < 390:
		return unavailable
	case p < 400:
		return failedLate
	case p < 417:
		return unreached
	case p < 434:
		return silent
	case p < 450 && !slices.Contains(before, swallowed):
		return swallowed
	}
	return taken
}

func TestAnSESThatThrottlesFailsAndTimesOutGetsEveryMailOnce(t *testing.T) {
	overEachStore(t, 0, func(t *testing.T, w *world) {
		mails := 2000
		if w.isDynamo() {
			mails = 500 // DynamoDB Local takes long
		}
		requests := 2 * mails // a mail takes 1 / (1 - 0.45) tries; those that were settled are not tried
		w.plan(mails)
		w.ses.network.draw = badDay
		done := w.runTo(opening.Add(3 * day))
		w.wantAllOnce()
		// A try that failed, or of which nothing is heard, is repeated after a little more than
		// an hour, so the office hours of a day have room for five.
		if took := done.Sub(opening); took > 6*time.Hour {
			t.Errorf("it took %v of the customers' time, want it done in the office hours of the day", took)
		}
		if w.ses.requests > requests {
			t.Errorf("%d requests to SES, want %d at most", w.ses.requests, requests)
		}
		t.Logf("%d mails by %d requests in %v: %v", mails, w.ses.requests, done.Sub(opening), w.ses.network.drawn)
		for _, f := range []fate{taken, throttled, limited, failed, unavailable, failedLate, unreached, swallowed, silent} {
			if w.ses.network.drawn[f] == 0 {
				t.Errorf("no request met the fate %q", f)
			}
		}
		if n := w.log.of(agenda.UnknownEnd); n != 0 {
			t.Errorf("%d mails are said to be of unknown end", n)
		}
		if again, lost := w.log.of(agenda.TriedAgain), w.ses.network.drawn[swallowed]; again != lost {
			t.Errorf("%d mails were tried again not knowing, %d were swallowed", again, lost)
		}
	})
}

func TestAMailThatIsAlwaysSwallowedCountsAsSentAndIsReported(t *testing.T) {
	const mails = 5
	overEachStore(t, 0, func(t *testing.T, w *world) {
		w.plan(mails)
		w.ses.network.draw = func(*rand.Rand, []fate) fate { return swallowed }
		w.runTo(opening.Add(day))
		if w.ses.requests != ledger.MaxSilentTries*mails || len(w.ses.taken) != 0 {
			t.Errorf("%d requests, %d taken", w.ses.requests, len(w.ses.taken))
		}
		if again, unknown := w.log.of(agenda.TriedAgain), w.log.of(agenda.UnknownEnd); again != mails || unknown != mails {
			t.Errorf("logged %d tried again and %d of unknown end, want %d of each", again, unknown, mails)
		}
		for _, d := range w.planned {
			inv, err := w.ledger.Invitation(t.Context(), d.Customer, d.Invitation)
			if err != nil || inv.State != survey.InvitationSent || inv.Tries != ledger.MaxSilentTries {
				t.Errorf("%s is %s after %d tries, %v", d.Customer, inv.State, inv.Tries, err)
			}
		}
	})
}

// What SES takes and neither answers nor tells of goes out a second time, and not
// a third: the one case in which somebody gets two.
func TestASilentSESThatTellsOfNothingGetsAMailTwiceAtMost(t *testing.T) {
	w := newWorld(t, onBolt(t), 0)
	w.plan(5)
	w.ses.network.draw = func(*rand.Rand, []fate) fate { return silent }
	w.ses.mute = true
	w.runTo(opening.Add(day))
	for invitation, n := range w.ses.taken {
		if n != 2 {
			t.Errorf("%s was mailed %d times", invitation, n)
		}
	}
	if again := w.log.of(agenda.TriedAgain); again != 5 || len(w.ses.taken) != 5 {
		t.Errorf("logged %d tried again, of %d taken", again, len(w.ses.taken))
	}
}
