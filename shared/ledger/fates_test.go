package ledger_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kaiku/shared/ledger"
	"kaiku/shared/policyfile"
	"kaiku/shared/survey"
	"kaiku/shared/table"
	"kaiku/shared/table/bolt"
)

// told is one SES event of one of a customer's mails.
type told struct {
	mail int
	fate ledger.MailFate
	at   time.Duration // after the first mail
}

var fates = []ledger.MailFate{ledger.FateSent, ledger.FateDelivered, ledger.FateBounced, ledger.FateSuppressed, ledger.FateRejected,
	ledger.FateRenderFailed, ledger.FateSoftBounced, ledger.FateSoftBounced, ledger.FateSoftBounced, ledger.FateComplained, ledger.FateDelayed}

// mails is how many each customer gets: enough for three to bounce for now.
const mails = 4

// fateful lets one address be asked again and again.
const fateful = "rules: {cooldown: 0d, address_cooldown: 0d, address_cap: 24, customer_cap: 24}"

// story is what SES tells and people answer, in an order of its own: a step is
// an event, or the n-th answer where it is negative.
type story struct {
	events  []told
	answers []int // which mail is answered, in this order
	order   []int
}

func drawStory(t *rapid.T) story {
	s := story{
		events: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) told {
			return told{rapid.IntRange(0, mails-1).Draw(t, "mail"), rapid.SampledFrom(fates).Draw(t, "fate"),
				// Around where a year ends, and at the same moment, it could go wrong.
				time.Duration(rapid.SampledFrom([]int{0, 1, 20, 100, 200, 364, 365, 366, 385, 465, 565}).Draw(t, "day"))*day +
					time.Duration(rapid.IntRange(0, 2).Draw(t, "ms"))*time.Millisecond}
		}), 0, 12).Draw(t, "events"),
		answers: rapid.SliceOfN(rapid.IntRange(0, mails-1), 0, 3).Draw(t, "answers"),
	}
	steps := make([]int, 0, 2*len(s.events)+len(s.answers))
	for i := range s.events {
		for range rapid.IntRange(1, 3).Draw(t, "times told") {
			steps = append(steps, i)
		}
	}
	for i := range s.answers {
		steps = append(steps, -1-i)
	}
	s.order = rapid.Permutation(steps).Draw(t, "order")
	// People's own answers are told as they come, each for itself.
	next := -1
	for i, step := range s.order {
		if step < 0 {
			s.order[i] = next
			next--
		}
	}
	return s
}

// inOrder is the same story told once and in order: answers first, then what
// happened, by its time.
func (s story) inOrder() []int {
	var steps []int
	for i := range s.answers {
		steps = append(steps, -1-i)
	}
	for i := range s.events {
		steps = append(steps, i)
	}
	slices.SortStableFunc(steps[len(s.answers):], func(a, b int) int {
		x, y := s.events[a], s.events[b]
		return cmp.Or(cmp.Compare(x.at, y.at), cmp.Compare(x.mail, y.mail), cmp.Compare(x.fate, y.fate))
	})
	return steps
}

// reporter is what a test and a draw of rapid have in common.
type reporter interface {
	Context() context.Context
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Fatal(args ...any)
}

// tell does the steps, all at once or one after the other.
func (s story) tell(t reporter, b bench, refs []ledger.Ref, steps []int, atOnce bool) {
	step := func(i int) error {
		if i < 0 {
			answer := survey.Answer{Score: 1 - i%5}
			_, err := b.Answer(t.Context(), refs[s.answers[-1-i]], given(answer), monday.Add(time.Duration(-i)*time.Hour))
			return err
		}
		e := s.events[i]
		at := monday.Add(e.at)
		return b.NoteFate(t.Context(), refs[e.mail], e.fate, at, at.Add(time.Second))
	}
	var group sync.WaitGroup
	for n, i := range steps {
		if !atOnce {
			if err := step(i); err != nil {
				t.Fatalf("step %d: %v", n, err)
			}
		} else if i >= 0 {
			group.Go(func() {
				if err := step(i); err != nil {
					t.Errorf("step %d: %v", n, err)
				}
			})
		}
	}
	if atOnce { // but answers come one after the other
		for i := range s.answers {
			if err := step(-1 - i); err != nil {
				t.Errorf("answer %d: %v", i, err)
			}
		}
	}
	group.Wait()
}

// ends is all that is stored of a customer's mails, with what differs between
// two customers taken out.
func ends(t reporter, b bench, refs []ledger.Ref, customer string) map[string]any {
	read := func(key table.Key, into any) {
		item, err := b.table.Get(t.Context(), key)
		if err != nil && !errors.Is(err, table.ErrNotFound) {
			t.Fatal(err)
		}
		if err == nil {
			if err := json.Unmarshal(item.Body, into); err != nil {
				t.Fatal(err)
			}
		}
	}
	numbers := map[string]string{}
	all := map[string]any{}
	for i, ref := range refs {
		numbers[ref.Invitation] = fmt.Sprint("mail ", i)
		o, err := b.Outcome(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		o.Invitation, o.Customer = "", ""
		all[fmt.Sprint("outcome ", i)] = o
	}
	var a survey.Address
	read(table.Key{Partition: "ADDRESS#" + ledger.HashAddress("maija."+customer+"@leipomo.example"), Sort: "STATE"}, &a)
	for i := range a.Asked {
		a.Asked[i].Invitation, a.Asked[i].Customer = numbers[a.Asked[i].Invitation], ""
	}
	for i := range a.SoftBounces {
		a.SoftBounces[i].Invitation = numbers[a.SoftBounces[i].Invitation]
	}
	// Of two in the same moment the order is by id, and ids are not the same.
	slices.SortFunc(a.SoftBounces, func(a, b survey.AddressAsked) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Invitation, b.Invitation))
	})
	all["address"] = a
	var state survey.State
	read(table.Key{Partition: "CUSTOMER#" + customer, Sort: "STATE"}, &state)
	var asked []string
	for _, s := range state.Asked {
		asked = append(asked, numbers[s.Invitation])
	}
	all["asked"] = asked
	return all
}

// mailed sends a customer its mails and says which they are.
func mailed(t *testing.T, b bench, customer string) []ledger.Ref {
	t.Helper()
	var refs []ledger.Ref
	at := monday.Add(-100 * day)
	for i := range mails {
		d := b.take(t, event(survey.ContractChanged, fmt.Sprint(customer, i), customer, at), at)
		refs = append(refs, b.send(t, d).Ref)
		at = d.SendAt.Add(day)
	}
	return refs
}

// check tells one customer the story as it comes, another in order, and
// compares what is known in the end.
func (s story) check(rt reporter, t *testing.T, b bench, name string, atOnce bool) {
	one, other := name+"-1", name+"-2"
	refs, others := mailed(t, b, one), mailed(t, b, other)
	s.tell(rt, b, refs, s.order, atOnce)
	s.tell(rt, b, others, s.inOrder(), false)
	if diff := gocmp.Diff(ends(rt, b, others, other), ends(rt, b, refs, one)); diff != "" {
		rt.Errorf("told in order (-) and as it came (+):\n%s", diff)
	}
}

func TestWhatBecameOfMailsIsTheSameHoweverItIsTold(t *testing.T) {
	p, err := policyfile.Parse("test.yaml", []byte(fateful))
	if err != nil {
		t.Fatal(err)
	}
	db, err := bolt.Open(filepath.Join(t.TempDir(), "kaiku.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	b := bench{ledger.New(db, p, ledger.NewIDs()), db, p}
	worlds := 0
	rapid.Check(t, func(rt *rapid.T) {
		worlds++
		drawStory(rt).check(rt, t, b, fmt.Sprint("C-", worlds), false)
	})
}

func TestWhatBecameOfMailsIsTheSameWhenToldAtOnce(t *testing.T) {
	overEveryStore(t, fateful, func(t *testing.T, b bench) {
		random := rand.New(rand.NewPCG(3, 5))
		for round := range 3 {
			s := rapid.Custom(drawStory).Example(random.IntN(1_000_000))
			s.check(t, t, b, fmt.Sprint("C-", round), true)
		}
	})
}
