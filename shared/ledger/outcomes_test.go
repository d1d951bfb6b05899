package ledger_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaiku/shared/ledger"
	"kaiku/shared/survey"
)

func TestTheLatestAnswerCountsUntilItIsClosed(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		d := b.take(t, event(survey.ContractChanged, "msg_1", "C-1", monday), monday)
		ref := b.send(t, d).Ref
		at := d.SendAt.Add(time.Hour)
		for _, step := range []struct {
			after time.Duration
			score int
			want  int
			err   error
		}{{0, 2, 2, nil}, {6 * day, 5, 5, nil}, {7*day - time.Second, 4, 4, nil}, {7 * day, 1, 4, ledger.ErrClosed}} {
			o, err := b.Answer(t.Context(), ref, given(survey.Answer{Score: step.score}), at.Add(step.after))
			if !errors.Is(err, step.err) || o.Answer.Score != step.want || !o.Answer.First.Equal(at) {
				t.Errorf("after %v: %+v, %v", step.after, o.Answer, err)
			}
		}
	})
}

func TestABounceDoesNotCountAsAsked(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		d := b.take(t, event(survey.ContractChanged, "msg_1", "C-1", monday), monday)
		ref := b.send(t, d).Ref
		for range 2 { // SNS delivers at least once
			if err := b.NoteFate(t.Context(), ref, ledger.FateBounced, d.SendAt, d.SendAt); err != nil {
				t.Fatal(err)
			}
		}
		at := d.SendAt.Add(time.Hour)
		e := event(survey.ContractChanged, "msg_2", "C-1", at)
		if next := b.take(t, e, at); next.Rule != survey.Undeliverable {
			t.Fatalf("the same address: %+v", next)
		}
		e = event(survey.ContractChanged, "msg_3", "C-1", at.Add(time.Second))
		e.Contacts["P-1"] = raw(map[string]any{"email": "maija@uusi.example"})
		if next := b.take(t, e, at.Add(time.Second)); next.Outcome != survey.Planned {
			t.Errorf("another address: %+v", next)
		}
	})
}

// What SES never sent was not asked, but the address is none the worse for it.
func TestAMailThatSESDidNotSendIsNotTheAddressesFault(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		at := monday
		for i, fate := range []ledger.MailFate{ledger.FateRejected, ledger.FateRenderFailed, ledger.FateSuppressed} {
			d := b.take(t, event(survey.ContractChanged, fmt.Sprint("msg_", i), "C-1", at), at)
			if d.Outcome != survey.Planned { // though the one before was sent less than its cooldown ago
				t.Fatalf("before %s: %+v", fate, d)
			}
			ref := b.send(t, d).Ref
			if err := b.NoteFate(t.Context(), ref, fate, d.SendAt, d.SendAt); err != nil {
				t.Fatal(err)
			}
			if o, err := b.Outcome(t.Context(), ref); err != nil || !o.Bounced.Equal(d.SendAt) || o.BounceReason != string(fate) {
				t.Errorf("%s: %+v, %v", fate, o, err)
			}
			line, err := b.Timeline(t.Context(), "C-1", "", 100)
			if err != nil {
				t.Fatal(err)
			}
			if last := line.Entries[len(line.Entries)-1]; last.State != "bounced" || last.Reason != string(fate) {
				t.Errorf("%s: the timeline ends with %+v", fate, last)
			}
			at = d.SendAt.Add(time.Hour)
		}
		if d := b.take(t, event(survey.ContractChanged, "msg_after", "C-1", at), at); d.Rule != survey.Undeliverable {
			t.Errorf("an address that SES suppresses: %+v", d)
		}
	})
}

func TestThreeTransientBouncesMakeAnAddressUndeliverable(t *testing.T) {
	overEveryStore(t, "rules: {cooldown: 0d, address_cooldown: 0d, address_cap: 24, customer_cap: 24}", func(t *testing.T, b bench) {
		at := monday
		for i := range 4 {
			d := b.take(t, event(survey.ContractChanged, fmt.Sprint("msg_", i), "C-1", at), at)
			if i == 3 {
				if d.Rule != survey.Undeliverable {
					t.Errorf("after three: %+v", d)
				}
				return
			}
			ref := b.send(t, d).Ref
			for range 3 {
				if err := b.NoteFate(t.Context(), ref, ledger.FateSoftBounced, d.SendAt, d.SendAt); err != nil {
					t.Fatal(err)
				}
			}
			at = d.SendAt.Add(14 * day)
		}
	})
}

func TestAComplaintUnsubscribesTheAddressEverywhere(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		d := b.take(t, event(survey.ContractChanged, "msg_1", "C-1", monday), monday)
		ref := b.send(t, d).Ref
		if err := b.NoteFate(t.Context(), ref, ledger.FateComplained, d.SendAt, d.SendAt); err != nil {
			t.Fatal(err)
		}
		e := event(survey.ContractChanged, "msg_2", "C-2", d.SendAt)
		e.Contacts["P-1"] = raw(map[string]any{"email": "Maija.C-1@leipomo.example"})
		if next := b.take(t, e, d.SendAt); next.Rule != survey.Unsubscribed {
			t.Errorf("at another firm: %+v", next)
		}
	})
}

// What the aggregator counts step by step must equal a count of everything.
func TestCountsEqualARecountWhateverWasRevised(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		random := rand.New(rand.NewPCG(1, 2))
		want := map[string]ledger.Cell{}
		scores := map[string]int{}
		var refs []ledger.Ref
		for i := range 40 {
			e := event(survey.ContractChanged, fmt.Sprint("msg_", i), fmt.Sprint("C-", i), monday)
			d := b.take(t, e, monday)
			ref := b.send(t, d).Ref
			refs = append(refs, ref)
			if random.IntN(4) > 0 {
				if err := b.NoteFate(t.Context(), ref, ledger.FateDelivered, d.SendAt, d.SendAt); err != nil {
					t.Fatal(err)
				}
				c := want["all"]
				c.Delivered++
				want["all"] = c
				scores[ref.Invitation] = 0
			}
		}
		now := monday.Add(4 * day)
		for range 6 {
			for _, ref := range refs {
				if _, delivered := scores[ref.Invitation]; !delivered || random.IntN(3) > 0 {
					continue
				}
				score := 1 + random.IntN(5)
				if _, err := b.Answer(t.Context(), ref, given(survey.Answer{Score: score}), now); err != nil {
					t.Fatal(err)
				}
				scores[ref.Invitation] = score
			}
			now = now.Add(time.Hour)
			for range 2 { // run twice it changes nothing
				if _, err := b.Count(t.Context(), now); err != nil {
					t.Fatal(err)
				}
			}
		}
		cell := ledger.Cell{Sent: 40, Delivered: want["all"].Delivered, Scores: make([]int, 5)}
		for _, score := range scores {
			if score > 0 {
				cell.Answered++
				cell.Scores[score-1]++
			}
		}
		months, err := b.Counts(t.Context(), survey.CSAT)
		if err != nil || len(months) != 1 || months[0].Month != survey.MonthOf(refs[0].Day) {
			t.Fatalf("%d months, %v", len(months), err)
		}
		for dimension, value := range map[string]string{"all": "all", "size": "small", "industry": "C", "trigger": "changed", "owner": "team-tampere", "language": "fi"} {
			if diff := cmp.Diff(cell, months[0].Cells[dimension][value]); diff != "" {
				t.Errorf("%s %s: %s", dimension, value, diff)
			}
		}
		if n, err := b.Count(t.Context(), now.Add(day)); err != nil || n != 0 {
			t.Errorf("with nothing new %d outcomes were counted, %v", n, err)
		}
	})
}

func TestErasureTakesThePersonAndLeavesTheFigures(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		d := b.take(t, event(survey.ContractChanged, "msg_1", "C-1", monday), monday)
		ref := b.send(t, d).Ref
		now := d.SendAt.Add(time.Hour)
		if _, err := b.Answer(t.Context(), ref, given(survey.Answer{Score: 2, Comment: "Maija Lahtinen, soita 040 123"}), now); err != nil {
			t.Fatal(err)
		}
		e := survey.Event{ID: "msg_e", Type: survey.CustomerErased, At: now, CustomerID: "C-1"}
		if _, err := b.TakeEvent(t.Context(), e, now); err != nil {
			t.Fatal(err)
		}
		for _, m := range b.due(t, now) {
			if m.Invitation == "" {
				if err := b.CustomerDue(t.Context(), m.Customer, now); err != nil {
					t.Fatal(err)
				}
			}
		}
		o, err := b.Outcome(t.Context(), ref)
		if err != nil || o.Answer.Comment != "" || o.Customer != "" || o.Answer.Score != 2 {
			t.Errorf("outcome %+v, answer %+v, %v", o, o.Answer, err)
		}
		for _, m := range b.due(t, now.Add(7*day)) { // nothing is left to remind of
			if _, err := b.FallDue(t.Context(), m, now.Add(7*day)); err != nil {
				t.Fatal(err)
			}
		}
		if due := b.due(t, now.Add(800*day)); len(due) != 0 {
			t.Errorf("still on the agenda: %v", due)
		}
		if _, err := b.Answer(t.Context(), ref, given(survey.Answer{Score: 3, Comment: "Maija tässä taas"}), now.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if o, err = b.Outcome(t.Context(), ref); err != nil || o.Answer.Comment != "" {
			t.Errorf("a comment that comes afterwards is kept: %+v, %v", o.Answer, err)
		}
		after := b.take(t, event(survey.ContractChanged, "msg_2", "C-1", now), now)
		if after.Rule != survey.Erased {
			t.Errorf("afterwards: %+v", after)
		}
	})
}

func TestTheTimelineTellsEverythingInOrder(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		if _, err := b.Timeline(t.Context(), "C-1", "", 100); !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("of an unknown customer: %v", err)
		}
		d := b.take(t, event(survey.ContractChanged, "msg_1", "C-1", monday), monday)
		ref := b.send(t, d).Ref
		if err := b.NoteFate(t.Context(), ref, ledger.FateDelivered, d.SendAt.Add(time.Second), d.SendAt.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Answer(t.Context(), ref, given(survey.Answer{Score: 5}), d.SendAt.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		line, err := b.Timeline(t.Context(), "C-1", "", 100)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range line.Entries {
			what := e.What + " " + e.State
			if e.Decision != nil {
				what += string(e.Decision.Outcome)
			}
			got = append(got, what)
		}
		want := []string{"event ", "decision planned", "mail sent", "mail delivered", "answer "}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestALongTimelineComesInPages(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		const events = 250
		for i := range events {
			e := survey.Event{ID: fmt.Sprint("msg_", i), Type: survey.CustomerUpdated, At: monday, CustomerID: "C-1"}
			if _, err := b.TakeEvent(t.Context(), e, monday.Add(time.Duration(i)*time.Second)); err != nil {
				t.Fatal(err)
			}
		}
		seen := map[string]bool{}
		after := ""
		for pages := 1; ; pages++ {
			page, err := b.Timeline(t.Context(), "C-1", after, 100)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page.Entries {
				seen[e.ID] = true
			}
			if after = page.Next; after == "" || pages > events {
				break
			}
		}
		if len(seen) != events {
			t.Errorf("%d of %d events in all pages", len(seen), events)
		}
	})
}
