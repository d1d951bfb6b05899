package ledger_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/survey"
)

const readers = "digest: {to: [johto@kaiku.example]}"

var (
	november = survey.Month{Year: 2026, Month: time.November}
	// firstOpening is 9 o'clock in Helsinki on the first of December 2026, a Tuesday.
	firstOpening = time.Date(2026, 12, 1, 7, 0, 0, 0, time.UTC)
)

// planned plans November's digest, once a survey was counted.
func (b bench) planned(t *testing.T) {
	t.Helper()
	d := b.take(t, event(survey.ContractChanged, "msg_counted", "C-counted", monday), monday)
	if d.Outcome == survey.Planned {
		b.send(t, d)
		if n, err := b.Count(t.Context(), d.SendAt.Add(time.Hour)); err != nil || n != 1 {
			t.Fatalf("%d counted, %v", n, err)
		}
	}
	b.plan(t, monday)
}

// plan is what each run of the aggregator does.
func (b bench) plan(t *testing.T, now time.Time) {
	t.Helper()
	if err := b.PlanDigests(t.Context(), now); err != nil {
		t.Fatal(err)
	}
}

// dueDigests are the months of which the digest is due.
func (b bench) dueDigests(t *testing.T, now time.Time) []survey.Month {
	t.Helper()
	months, err := b.DueDigests(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	return months
}

func (b bench) claimDigest(t *testing.T, now time.Time) ledger.DigestClaim {
	t.Helper()
	c, err := b.ClaimDigest(t.Context(), november, now)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// wantNoMore says that November's digest is over for good.
func (b bench) wantNoMore(t *testing.T, now time.Time) {
	t.Helper()
	if due := b.dueDigests(t, now.Add(400*day)); len(due) != 0 {
		t.Errorf("still due: %v", due)
	}
	if _, err := b.ClaimDigest(t.Context(), november, now.Add(400*day)); !errors.Is(err, ledger.ErrNotDue) {
		t.Errorf("can be claimed: %v", err)
	}
}

func TestADigestIsDueAtTheFirstOpeningAfterItsMonth(t *testing.T) {
	overEveryStore(t, readers, func(t *testing.T, b bench) {
		b.planned(t)
		b.plan(t, monday) // as every hour
		if due := b.dueDigests(t, firstOpening.Add(-time.Second)); len(due) != 0 {
			t.Fatalf("due before: %v", due)
		}
		if _, err := b.ClaimDigest(t.Context(), november, firstOpening.Add(-time.Second)); !errors.Is(err, ledger.ErrNotDue) {
			t.Fatalf("claimed before: %v", err)
		}
		if at, ok, err := b.NextDue(t.Context(), firstOpening.Add(day)); err != nil || !ok || !at.Equal(firstOpening) {
			t.Errorf("next due at %v, %v, %v", at, ok, err)
		}
		if due := b.dueDigests(t, firstOpening); len(due) != 1 || due[0] != november {
			t.Errorf("due: %v", due)
		}
	})
}

func TestADigestIsMailedOnce(t *testing.T) {
	overEveryStore(t, readers, func(t *testing.T, b bench) {
		b.planned(t)
		b.claimDigest(t, firstOpening)
		if err := b.NoteDigestSent(t.Context(), november, "ses-1", firstOpening); err != nil {
			t.Fatal(err)
		}
		b.plan(t, monday)
		b.wantNoMore(t, firstOpening)
	})
}

func TestOneOfManyClaimsOfADigestIsGiven(t *testing.T) {
	overEveryStore(t, readers, func(t *testing.T, b bench) {
		b.planned(t)
		var (
			group sync.WaitGroup
			mutex sync.Mutex
			given int
		)
		for range 5 {
			group.Go(func() {
				_, err := b.ClaimDigest(t.Context(), november, firstOpening)
				mutex.Lock()
				defer mutex.Unlock()
				if err == nil {
					given++
				} else if !errors.Is(err, ledger.ErrNotDue) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if given != 1 {
			t.Errorf("%d claims were given", given)
		}
	})
}

func TestADigestOfUnknownEndIsTriedOnceMoreAndThenCountsAsSent(t *testing.T) {
	overEveryStore(t, readers, func(t *testing.T, b bench) {
		b.planned(t)
		if c := b.claimDigest(t, firstOpening); c.Again {
			t.Error("the first is said to be another")
		}
		again := firstOpening.Add(time.Hour)
		if due := b.dueDigests(t, again.Add(-time.Second)); len(due) != 0 {
			t.Fatalf("due within the hour: %v", due)
		}
		if c := b.claimDigest(t, again); !c.Again {
			t.Error("the second does not say so")
		}
		if _, err := b.ClaimDigest(t.Context(), november, again.Add(time.Hour)); !errors.Is(err, ledger.ErrDigestUnknown) {
			t.Fatalf("a third: %v", err)
		}
		b.wantNoMore(t, again)
	})
}

func TestWhatSESTellsSettlesADigestOfUnknownEnd(t *testing.T) {
	overEveryStore(t, readers, func(t *testing.T, b bench) {
		b.planned(t)
		c := b.claimDigest(t, firstOpening)
		for range 2 { // SNS may tell it twice
			if err := b.NoteDigestSent(t.Context(), november, "ses-1", firstOpening); err != nil {
				t.Fatal(err)
			}
		}
		// The sender, which had no answer of SES, thinks that it did not go.
		if err := b.ReleaseDigest(t.Context(), c, firstOpening.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		b.wantNoMore(t, firstOpening)
	})
	overEveryStore(t, readers, func(t *testing.T, b bench) {
		if err := b.NoteDigestSent(t.Context(), november, "ses-1", firstOpening); !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("of one that was never planned: %v", err)
		}
	})
}

// What SES refuses for a day is no try: it goes once it is taken.
func TestADigestThatSurelyDidNotGoIsTriedUntilItIsTooLate(t *testing.T) {
	overEveryStore(t, readers, func(t *testing.T, b bench) {
		b.planned(t)
		now := firstOpening
		for ; now.Sub(firstOpening) <= 7*day; now = now.Add(7 * time.Hour) {
			c := b.claimDigest(t, now)
			if c.Again {
				t.Fatal("it is said to have gone out")
			}
			if err := b.ReleaseDigest(t.Context(), c, now.Add(7*time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := b.ClaimDigest(t.Context(), november, now); !errors.Is(err, ledger.ErrDigestLate) {
			t.Fatalf("after %v: %v", now.Sub(firstOpening), err)
		}
		b.wantNoMore(t, now)
	})
}

func TestWithoutReadersNoDigestIsPlanned(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		b.planned(t)
		b.wantNothingDue(t)
	})
}

func (b bench) wantNothingDue(t *testing.T) {
	t.Helper()
	if due := b.dueDigests(t, firstOpening.Add(400*day)); len(due) != 0 {
		t.Errorf("due: %v", due)
	}
}

func TestBeforeAnythingWasCountedNoDigestIsPlanned(t *testing.T) {
	overEveryStore(t, readers, func(t *testing.T, b bench) {
		b.take(t, event(survey.ContractChanged, "msg_1", "C-1", monday), monday)
		b.plan(t, monday.Add(10*day))
		b.wantNothingDue(t)
	})
}

// What happened in the last hour of November is counted in the first of December.
func TestAnHourIntoAMonthTheOneBeforeIsStillPlanned(t *testing.T) {
	overEveryStore(t, readers, func(t *testing.T, b bench) {
		b.planned(t)
		december := november.AddMonths(1)
		endOfDecember := time.Date(2026, 12, 31, 22, 0, 0, 0, time.UTC) // midnight in Helsinki
		b.plan(t, endOfDecember.Add(59*time.Minute))
		if due := b.dueDigests(t, endOfDecember.Add(90*day)); len(due) != 3 || due[1] != december || due[2] != december.AddMonths(1) {
			t.Errorf("planned: %v", due)
		}
		b.plan(t, endOfDecember.Add(32*day))
		if due := b.dueDigests(t, endOfDecember.Add(90*day)); len(due) != 4 {
			t.Errorf("planned a month later: %v", due)
		}
	})
}

// The readers are taken out of the policy after the digest was planned, and later
// put in again.
func TestReadersMayBeTakenOutAndPutIn(t *testing.T) {
	overEveryStore(t, readers, func(t *testing.T, b bench) {
		b.planned(t)
		nobody := *b.policy
		nobody.Digest.To = nil
		without := bench{ledger.New(b.table, &nobody, ledger.NewIDs()), b.table, &nobody}
		if _, err := without.ClaimDigest(t.Context(), november, firstOpening); !errors.Is(err, ledger.ErrNotDue) {
			t.Fatalf("claimed for nobody: %v", err)
		}
		without.wantNothingDue(t)
		b.plan(t, firstOpening.Add(day))
		due := b.dueDigests(t, firstOpening.Add(60*day))
		if december := november.AddMonths(1); len(due) != 1 || due[0] != december {
			t.Errorf("with readers again: %v", due)
		}
	})
}

func TestTagsNameADigest(t *testing.T) {
	tags := map[string][]string{"ses:from-domain": {"kaiku.example"}}
	if _, ok := ledger.ParseDigestTags(tags); ok {
		t.Error("another mail is taken for one")
	}
	for name, value := range ledger.DigestTags(november) {
		tags[name] = []string{value}
	}
	if month, ok := ledger.ParseDigestTags(tags); !ok || month != november {
		t.Errorf("%v, %v", month, ok)
	}
	if _, err := ledger.ParseTags(tags); err == nil {
		t.Error("it is taken for an invitation")
	}
}
