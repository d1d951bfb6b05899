package survey

import (
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var states = []InvitationState{InvitationPlanned, InvitationQueued, InvitationSending, InvitationCancelled, InvitationSent,
	InvitationDelivered, InvitationExpired, InvitationBounced, InvitationComplained, InvitationAnswered}

func TestAMailTakesNoStepThatItsLifeDoesNotHave(t *testing.T) {
	for _, from := range states {
		for _, to := range states {
			m := Mailing{State: from}
			err := m.Move(to)
			var illegal *IllegalStepError
			legal := slices.ContainsFunc(Life, func(s Step) bool { return s.From == from && s.To == to })
			if legal != (err == nil) || legal && m.State != to || !legal && (m.State != from || !errors.As(err, &illegal)) {
				t.Errorf("%s to %s: %s, %v", from, to, m.State, err)
			}
		}
	}
}

// Whatever order SES's events and the answer come in, the state is the same.
func TestTheSameNewsInAnyOrderEndsInTheSameState(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		news := rapid.SliceOfN(rapid.SampledFrom([]InvitationState{InvitationDelivered, InvitationBounced, InvitationComplained, InvitationAnswered}), 1, 8).Draw(t, "news")
		end := func(news []InvitationState) InvitationState {
			o := Outcome{State: InvitationSent}
			for _, state := range news {
				o.Become(state)
			}
			return o.State
		}
		want := end(news)
		if got := end(rapid.Permutation(news).Draw(t, "in another order")); got != want {
			t.Fatalf("%v ends as %s, and as %s in another order", news, want, got)
		}
	})
}

// From every state there is a way to one that is never left.
func TestEveryLifeCanEnd(t *testing.T) {
	left := map[InvitationState][]InvitationState{}
	for _, s := range Life {
		left[s.From] = append(left[s.From], s.To)
	}
	for _, start := range states {
		seen, todo, ends := map[InvitationState]bool{}, []InvitationState{start}, false
		for len(todo) > 0 {
			s := todo[0]
			todo = todo[1:]
			if ends = ends || len(left[s]) == 0; seen[s] {
				continue
			}
			seen[s] = true
			todo = append(todo, left[s]...)
		}
		if !ends {
			t.Errorf("from %s no end is reached", start)
		}
	}
}

func TestTheDrawingShowsEveryStep(t *testing.T) {
	text, err := os.ReadFile("../../docs/INVITATION.md")
	if err != nil {
		t.Fatal(err)
	}
	drawn := regexp.MustCompile(`(?m)^\s*(\w+) --> (\w+): (.+)$`).FindAllStringSubmatch(string(text), -1)
	var got, want []string
	for _, d := range drawn {
		got = append(got, strings.Join(d[1:], " "))
	}
	for _, s := range Life {
		want = append(want, string(s.From)+" "+string(s.To)+" "+s.By)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("docs/INVITATION.md draws\n%s\nthe steps are\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
