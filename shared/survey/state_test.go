package survey_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kaiku/shared/survey"
)

func apply(t rapid.TB, s *survey.State, events ...survey.Event) {
	t.Helper()
	for _, e := range events {
		if err := s.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
}

// reload is a state as it comes back from where it was stored.
func reload(t *rapid.T, s survey.State) survey.State {
	var back survey.State
	if err := json.Unmarshal([]byte(asJSON(t, s)), &back); err != nil {
		t.Fatal(err)
	}
	return back
}

func customerOf(t rapid.TB, s survey.State) survey.Customer {
	t.Helper()
	c, err := s.Customer()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Events come late, twice and in any order; between any two of them the state
// may have been stored and read again.
func TestAnyOrderOfTheSameEventsEndsInTheSameState(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := rapid.SliceOfN(anyEvent(), 1, 12).Draw(rt, "events")
		once := survey.State{ID: "C-1"}
		apply(rt, &once, events...)

		again := survey.State{ID: "C-1"}
		repeated := append(events, rapid.SliceOf(rapid.SampledFrom(events)).Draw(rt, "repeated")...)
		for _, e := range rapid.Permutation(repeated).Draw(rt, "order") {
			apply(rt, &again, e)
			if rapid.Bool().Draw(rt, "stored in between") {
				again = reload(rt, again)
			}
		}
		if a, b := asJSON(rt, once), asJSON(rt, again); a != b {
			rt.Errorf("in order      %s\nin disorder   %s", a, b)
		}
		if diff := cmp.Diff(customerOf(rt, once), customerOf(rt, again)); diff != "" {
			rt.Errorf("the customer differs by the order of events: %s", diff)
		}
	})
}

// More surveys by other systems than are kept: which are kept must not depend
// on the order in which they became known.
func TestAnyOrderOfManySurveysKeepsTheSame(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var events []survey.Event
		for range rapid.IntRange(1, 60).Draw(rt, "surveys") {
			at := time.UnixMilli(rapid.Int64Range(1_700_000_000_000, 1_800_000_000_000).Draw(rt, "at"))
			events = append(events, survey.Event{Type: survey.CustomerSurveyed, At: at, SurveyAt: at,
				SurveyKind: rapid.SampledFrom(survey.Kinds).Draw(rt, "kind")})
		}
		once, again := survey.State{ID: "C-1"}, survey.State{ID: "C-1"}
		apply(rt, &once, events...)
		apply(rt, &again, rapid.Permutation(append(events, events...)).Draw(rt, "order")...)
		if a, b := asJSON(rt, once), asJSON(rt, again); a != b {
			rt.Errorf("in order      %s\nin disorder   %s", a, b)
		}
	})
}

func TestStoringAStateLosesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := survey.State{ID: "C-1", Yearly: survey.Yearly{Since: instants().Draw(rt, "since"), Postponed: rapid.Bool().Draw(rt, "postponed"),
			Next: survey.DateOf(instants().Draw(rt, "next")), Due: instants().Draw(rt, "due")}}
		apply(rt, &s, rapid.SliceOfN(anyEvent(), 0, 8).Draw(rt, "events")...)
		s.AddAsked(survey.Asked{Invitation: "I-1", Kind: survey.CSAT, Trigger: survey.Changed, Contract: "K-1", Contact: "P-1",
			At: instants().Draw(rt, "asked")})
		back := reload(rt, s)
		if a, b := asJSON(rt, s), asJSON(rt, back); a != b {
			rt.Errorf("stored       %s\nread back    %s", a, b)
		}
		if diff := cmp.Diff(customerOf(rt, s), customerOf(rt, back)); diff != "" {
			rt.Errorf("the customer is another after storing: %s", diff)
		}
	})
}

// Senders write their own offset; the same moment is the same word.
func TestAMomentIsStoredTheSameInEveryOffset(t *testing.T) {
	var stored []string
	for _, at := range []string{"2026-02-01T10:00:00Z", "2026-02-01T12:00:00+02:00", "2026-01-31T22:00:00-12:00"} {
		s := survey.State{ID: "C-1"}
		apply(t, &s, say(t, survey.ContractStarted, at, `{}`), say(t, survey.ContractChanged, at, `{}`),
			survey.Event{Type: survey.CustomerSurveyed, At: moment(t, at), SurveyKind: survey.NPS, SurveyAt: moment(t, at)})
		stored = append(stored, asJSON(t, s))
	}
	if stored[0] != stored[1] || stored[0] != stored[2] {
		t.Errorf("stored are %s", stored)
	}
}

// update is an event about the customer and its contacts.
func update(t testing.TB, at, customer string, contacts map[string]string) survey.Event {
	e := survey.Event{Type: survey.CustomerUpdated, At: moment(t, at), CustomerID: "C-1", Customer: object(t, customer)}
	for id, fields := range contacts {
		if e.Contacts == nil {
			e.Contacts = map[string]map[string]json.RawMessage{}
		}
		e.Contacts[id] = object(t, fields)
	}
	return e
}

func TestWhoIsAContact(t *testing.T) {
	const first, second = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"
	for _, c := range []struct {
		name   string
		events []survey.Event
		want   []string
	}{
		{"with an address", []survey.Event{update(t, first, `{}`, map[string]string{"P-1": `{"email":"a@x.example"}`})}, []string{"P-1"}},
		{"without one", []survey.Event{update(t, first, `{}`, map[string]string{"P-1": `{"name":"A"}`})}, nil},
		{"the address cleared", []survey.Event{
			update(t, first, `{}`, map[string]string{"P-1": `{"email":"a@x.example"}`, "P-2": `{"email":"b@x.example"}`}),
			update(t, second, `{}`, map[string]string{"P-1": `{"email":null}`}),
		}, []string{"P-2"}},
		{"cleared before it was said", []survey.Event{
			update(t, second, `{}`, map[string]string{"P-1": `{"email":null}`}),
			update(t, first, `{}`, map[string]string{"P-1": `{"email":"a@x.example"}`}),
		}, nil},
		{"back again", []survey.Event{
			update(t, first, `{}`, map[string]string{"P-1": `{"email":null}`}),
			update(t, second, `{}`, map[string]string{"P-1": `{"email":"a@x.example"}`}),
		}, []string{"P-1"}},
		{"not spoken of later", []survey.Event{
			update(t, first, `{}`, map[string]string{"P-1": `{"email":"a@x.example"}`}),
			update(t, second, `{}`, map[string]string{"P-2": `{"email":"b@x.example"}`}),
		}, []string{"P-1", "P-2"}},
		{"in the order of ids", []survey.Event{
			update(t, first, `{}`, map[string]string{"P-2": `{"email":"b@x.example"}`, "P-10": `{"email":"c@x.example"}`, "P-1": `{"email":"a@x.example"}`}),
		}, []string{"P-1", "P-10", "P-2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := survey.State{ID: "C-1"}
			apply(t, &s, c.events...)
			customer := customerOf(t, s)
			var got []string
			for _, p := range customer.Contacts {
				got = append(got, p.ID)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("contacts are %v, want %v", got, c.want)
			}
			if _, found := customer.Contact("P-1"); found != slices.Contains(c.want, "P-1") {
				t.Errorf("P-1 is found: %v", found)
			}
		})
	}
}

func TestClearedFieldsAreUnknown(t *testing.T) {
	s := survey.State{ID: "C-1"}
	apply(t, &s,
		update(t, "2026-01-01T00:00:00Z", `{"name":"Oy","employees":12,"turnover":1,"chain":true,"timezone":"Asia/Tokyo"}`, nil),
		update(t, "2026-02-01T00:00:00Z", `{"employees":null,"turnover":null,"chain":null,"timezone":null}`, nil))
	c := customerOf(t, s)
	if c.ID != "C-1" || c.Name != "Oy" || c.Employees != nil || c.Turnover != nil || c.Chain || c.Timezone != "" || c.Size() != survey.Unknown {
		t.Errorf("the customer is %+v", c)
	}
}

func TestAnErasedCustomerStaysEmpty(t *testing.T) {
	s := survey.State{ID: "C-1", Erased: moment(t, "2026-01-01T00:00:00Z")}
	before := asJSON(t, s)
	apply(t, &s, update(t, "2026-02-01T00:00:00Z", `{"name":"Oy"}`, map[string]string{"P-1": `{"email":"a@x.example"}`}),
		survey.Event{Type: survey.CustomerSurveyed, At: moment(t, "2026-02-01T00:00:00Z"), SurveyKind: survey.NPS, SurveyAt: moment(t, "2026-02-01T00:00:00Z")},
		survey.Event{Type: survey.ContractStarted, At: moment(t, "2026-02-01T00:00:00Z"), ContractID: "K-1"})
	if got := asJSON(t, s); got != before {
		t.Errorf("erased %s became %s", before, got)
	}
	if c := customerOf(t, s); !c.Erased {
		t.Error("the customer is not erased")
	}
}

func TestSurveysOfOtherSystemsCountOnce(t *testing.T) {
	s := survey.State{ID: "C-1"}
	e := survey.Event{Type: survey.CustomerSurveyed, At: moment(t, "2026-02-02T00:00:00Z"), SurveyKind: survey.NPS, SurveyAt: moment(t, "2026-02-01T12:00:00+02:00")}
	csat := e
	csat.SurveyKind = survey.CSAT
	apply(t, &s, e, e, csat, e)
	want := []survey.Asked{{Kind: survey.CSAT, Trigger: survey.External, At: moment(t, "2026-02-01T10:00:00Z")},
		{Kind: survey.NPS, Trigger: survey.External, At: moment(t, "2026-02-01T10:00:00Z")}}
	if diff := cmp.Diff(want, customerOf(t, s).Asked); diff != "" {
		t.Error(diff)
	}
}

func TestAskedIsKeptInOrderAndDroppedByInvitation(t *testing.T) {
	s := survey.State{ID: "C-1"}
	day := moment(t, "2026-02-01T10:00:00Z")
	for i, offset := range []int{3, 1, 2} {
		s.AddAsked(survey.Asked{Invitation: fmt.Sprint("I-", i), Kind: survey.CES, Trigger: survey.Interaction, At: day.AddDate(0, 0, offset)})
	}
	ids := func() (out []string) {
		for _, a := range s.Asked {
			out = append(out, a.Invitation)
		}
		return out
	}
	if got := ids(); !slices.Equal(got, []string{"I-1", "I-2", "I-0"}) {
		t.Errorf("order is %v, want the oldest first", got)
	}
	if !s.DropAsked("I-2") || s.DropAsked("I-2") || s.DropAsked("I-9") {
		t.Error("dropping tells otherwise than was done")
	}
	if got := ids(); !slices.Equal(got, []string{"I-1", "I-0"}) {
		t.Errorf("left are %v", got)
	}
}

// A date typed wrong in another system must not make Kaiku forget whom it asked
// itself: then it would ask too often.
func TestASurveyDatedFarAheadDoesNotMakeOursForgotten(t *testing.T) {
	s := survey.State{ID: "C-1"}
	s.AddAsked(survey.Asked{Invitation: "I-1", Kind: survey.NPS, Trigger: survey.Annual, At: moment(t, "2026-02-02T07:00:00Z")})
	apply(t, &s, survey.Event{Type: survey.CustomerSurveyed, At: moment(t, "2026-03-01T00:00:00Z"), SurveyKind: survey.CSAT, SurveyAt: moment(t, "2062-03-01T00:00:00Z")})
	if len(s.Asked) != 2 || s.Asked[0].Invitation != "I-1" {
		t.Errorf("asked are %v", s.Asked)
	}
}

func TestSurveysThatNoRuleLooksAtAreDropped(t *testing.T) {
	s := survey.State{ID: "C-1"}
	begin := moment(t, "2020-01-01T10:00:00Z")
	for i := range 10 {
		s.AddAsked(survey.Asked{Invitation: fmt.Sprint("I-", i), Kind: survey.NPS, Trigger: survey.Annual, At: begin.AddDate(i, 0, 0)})
	}
	if n := len(s.Asked); n < 2 || n > 3 {
		t.Errorf("%d surveys of ten years are kept", n)
	}
	if last := s.Asked[len(s.Asked)-1].Invitation; last != "I-9" {
		t.Errorf("the last kept is %s", last)
	}
}

func TestNoCustomerGrowsWithoutEnd(t *testing.T) {
	at := moment(t, "2026-02-01T10:00:00Z")
	contract := func(i int) survey.Event {
		return survey.Event{Type: survey.ContractStarted, At: at, ContractID: fmt.Sprint("K-", i)}
	}
	contact := func(i int) survey.Event {
		return survey.Event{Type: survey.CustomerUpdated, At: at, Contacts: map[string]map[string]json.RawMessage{fmt.Sprint("P-", i): {}}}
	}
	for _, c := range []struct {
		name string
		most int
		of   func(int) survey.Event
	}{{"contracts", survey.MaxContracts, contract}, {"contacts", survey.MaxContacts, contact}} {
		t.Run(c.name, func(t *testing.T) {
			s := survey.State{ID: "C-1"}
			for i := range c.most {
				apply(t, &s, c.of(i))
			}
			apply(t, &s, c.of(0))
			if err := s.Apply(c.of(c.most)); !errors.Is(err, survey.ErrTooMany) {
				t.Errorf("one more gives %v", err)
			}
		})
	}
}
