package ledger_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaiku/shared/ledger"
	"kaiku/shared/survey"
)

// pages reads a whole timeline, so many lines at a time.
func (b bench) pages(t *testing.T, customer string, limit int) []ledger.Line {
	t.Helper()
	var all []ledger.Line
	for after, n := "", 0; ; n++ {
		page, err := b.Timeline(t.Context(), customer, after, limit)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Entries) > limit || len(page.Entries) == 0 && n > 0 {
			t.Fatalf("a page of %d lines, asked for %d", len(page.Entries), limit)
		}
		all = append(all, page.Entries...)
		if after = page.Next; after == "" {
			return all
		}
	}
}

// story is a customer whose answers, bounces and cancellations come behind later
// events, with several things at one and the same moment.
func (b bench) story(t *testing.T) {
	t.Helper()
	const customer = "C-1"
	quiet := func(id string, at time.Time) {
		e := survey.Event{ID: id, Type: survey.CustomerUpdated, At: at, CustomerID: customer}
		if _, err := b.TakeEvent(t.Context(), e, at); err != nil {
			t.Fatal(err)
		}
	}
	asked := b.take(t, event(survey.ContractChanged, "msg_1", customer, monday), monday)
	for i := range 7 {
		quiet(fmt.Sprint("msg_soon_", i), monday.Add(time.Hour)) // at one moment
	}
	ref := b.send(t, asked).Ref
	if err := b.NoteFate(t.Context(), ref, ledger.FateDelivered, asked.SendAt.Add(time.Second), asked.SendAt.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	for i := range 9 {
		quiet(fmt.Sprint("msg_later_", i), asked.SendAt.Add(time.Duration(i)*day))
	}
	answered := asked.SendAt.Add(4*day + time.Hour) // a line behind entries made since, before others
	if _, err := b.Answer(t.Context(), ref, given(survey.Answer{Score: 5}), answered); err != nil {
		t.Fatal(err)
	}
	if err := b.Unsubscribe(t.Context(), ledger.HashAddress("nobody@leipomo.example"), ref, answered.Add(day)); err != nil {
		t.Fatal(err)
	}
	again := monday.Add(60 * day)
	b.take(t, event(survey.ContractChanged, "msg_2", customer, again), again)
	quiet("msg_between", again.Add(time.Hour))
	newer := b.take(t, event(survey.ContractChanged, "msg_3", customer, again.Add(2*time.Hour)), again.Add(2*time.Hour)) // cancels msg_2's
	quiet("msg_same", again.Add(2*time.Hour))
	if newer.Outcome != survey.Planned {
		t.Fatalf("the newer change: %+v", newer)
	}
	over := b.take(t, event(survey.ContractEnded, "msg_4", customer, again.Add(3*time.Hour)), again.Add(3*time.Hour))
	if over.Outcome != survey.Planned {
		t.Fatalf("the end: %+v", over)
	}
}

func TestATimelineIsInOrderWhateverItsPages(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		b.story(t)
		whole := b.pages(t, "C-1", 1000)
		if !slices.IsSortedFunc(whole, func(a, b ledger.Line) int { return a.At.Compare(b.At) }) {
			t.Error("one page is not in order")
		}
		count := map[string]int{}
		for _, l := range whole {
			what := l.What + " " + l.State
			if l.Decision != nil {
				what += string(l.Decision.Outcome)
			}
			count[what]++
		}
		want := map[string]int{"event ": 22, "decision planned": 4, "decision cancelled": 2, "mail sent": 1, "mail delivered": 1, "mail unsubscribed": 1, "answer ": 1}
		if diff := cmp.Diff(want, count); diff != "" {
			t.Error(diff)
		}
		for limit := 1; limit <= 12; limit++ {
			if diff := cmp.Diff(whole, b.pages(t, "C-1", limit)); diff != "" {
				t.Errorf("by pages of %d lines: %s", limit, diff)
			}
		}
	})
}

func TestWhatCancelsStandsBeforeWhatItCancelled(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		b.story(t)
		var since string
		for _, l := range b.pages(t, "C-1", 3) {
			if l.What == "event" {
				since = l.ID
			}
			if l.Decision != nil && l.Decision.Outcome == survey.Cancelled {
				if got := l.Because[survey.Superseded]["event"]; got != since && since != "msg_same" {
					t.Errorf("cancelled because of %v, behind %s", got, since)
				}
			}
		}
	})
}

func TestNoPageBeginsAtAMadeUpPlace(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		b.story(t)
		page, err := b.Timeline(t.Context(), "C-1", "", 3)
		if err != nil {
			t.Fatal(err)
		}
		long := page.Next + strings.Repeat("."+strings.Repeat("0", 26), 200)
		for _, after := range []string{"x", "....", "1.2.3.4.5", page.Next + ".x", page.Next + "." + strings.Repeat("0", 26), long} {
			if _, err := b.Timeline(t.Context(), "C-1", after, 3); !errors.Is(err, ledger.ErrNotFound) {
				t.Errorf("after %.60q: %v", after, err)
			}
		}
	})
}

func TestTheTimelineKeepsWhatAnEventSaidAndNoPerson(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		e := event(survey.ContractChanged, "msg_1", "C-1", monday)
		e.Contacts["P-2"] = raw(map[string]any{"email": nil})
		b.take(t, e, monday)
		closed := survey.Event{ID: "msg_2", Type: survey.InteractionClosed, At: monday, CustomerID: "C-1", InteractionID: "T-9", InteractionContact: "P-1"}
		b.take(t, closed, monday.Add(time.Minute))
		seen := func() string {
			t.Helper()
			text, err := json.Marshal(b.pages(t, "C-1", 50))
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		for _, want := range []string{`"employees":12`, `"startsOn":"2024-02-01"`, `"id":"K-C-1"`, `"P-1":{"role":"decision_maker","address":true}`,
			`"P-2":{"address":false}`, `"interaction":{"id":"T-9","contactId":"P-1"}`} {
			if !strings.Contains(seen(), want) {
				t.Errorf("the timeline lacks %s:\n%s", want, seen())
			}
		}
		for _, personal := range []string{"@", "Maija", "Leipomo"} {
			if strings.Contains(seen(), personal) {
				t.Errorf("the timeline tells %q", personal)
			}
		}
		gone := survey.Event{ID: "msg_3", Type: survey.CustomerErased, At: monday.Add(time.Hour), CustomerID: "C-1"}
		if _, err := b.TakeEvent(t.Context(), gone, gone.At); err != nil {
			t.Fatal(err)
		}
		if err := b.CustomerDue(t.Context(), "C-1", gone.At); err != nil {
			t.Fatal(err)
		}
		late := event(survey.ContractChanged, "msg_4", "C-1", monday)
		b.take(t, late, gone.At.Add(time.Minute))
		for _, personal := range []string{"decision_maker", "T-9", "P-2"} {
			if strings.Contains(seen(), personal) {
				t.Errorf("the timeline of an erased customer tells %q:\n%s", personal, seen())
			}
		}
	})
}
