package e2e

import (
	"testing"

	"kaiku/infra/browser"
)

// top is the best score of a trigger's scale.
func top(trigger string) int {
	return map[string]int{"annual": 10, "interaction": 7}[trigger] + map[string]int{"changed": 5, "ended": 5}[trigger]
}

// everybody is a person of each kind and language for each of these.
func everybody(whats ...string) (all []*person) {
	for _, trigger := range triggersOfBrowsers {
		for _, language := range languages {
			for _, what := range whats {
				all = append(all, &person{trigger: trigger, language: language, what: what})
			}
		}
	}
	return all
}

func TestInEachKindAndLanguageOneTapIsEnough(t *testing.T) {
	people := everybody("touch", "button", "keys")
	k := invite(t, peoplesPolicy, people...)
	meets := map[string]func(*testing.T, *kaiku, *person){"touch": touches, "button": pressesTheButton, "keys": usesKeys}
	t.Run("all", func(t *testing.T) {
		for _, p := range people {
			t.Run(p.id(), func(t *testing.T) {
				t.Parallel()
				meets[p.what](t, k, p)
			})
		}
	})
	k.wantCalmLog()
}

// touches taps a score in the mail and then anywhere on the page; says why with
// the button, and revises.
func touches(t *testing.T, k *kaiku, p *person) {
	b := browser.Open(t, browser.As{Language: p.language})
	k.tapInMail(t, b, p, top(p.trigger))
	b.Until(checked(top(p.trigger)))
	wantNoAnswer(t, k, p)
	b.Tap("h1")
	b.Until(saved)
	wantAnswer(t, k, p, top(p.trigger))
	var last bool
	if b.Run(`!document.querySelector('.last').hidden`, &last); !last {
		t.Error("what came of last year's answers is not told after the answer")
	}
	b.Write("#comment", "Hyvää <b>työtä</b> 🎉")
	b.Tap("button")
	b.Until(thanks)
	b.Tap(radio(2))
	b.Until(saved)
	wantAnswer(t, k, p, 2)
	wantAlone(t, b, k)
	b.Goto(p.mail.page(t))
	b.Until(checked(2) + ` && document.querySelector('#comment').value === 'Hyvää <b>työtä</b> 🎉'`)
}

// pressesTheButton has scripts switched off.
func pressesTheButton(t *testing.T, k *kaiku, p *person) {
	b := browser.Open(t, browser.As{NoScripts: true, Language: p.language})
	k.tapInMail(t, b, p, 1)
	b.Tap("h1")
	wantNoAnswer(t, k, p)
	b.Write("#comment", "Voisi olla parempi.")
	sends(b, true)
	wantAnswer(t, k, p, 1)
	b.Tap(radio(3))
	sends(b, true)
	wantAnswer(t, k, p, 3)
	wantAlone(t, b, k)
}

// usesKeys has a keyboard alone, on a wide screen, and a link of no score.
func usesKeys(t *testing.T, k *kaiku, p *person) {
	b := browser.Open(t, browser.As{Width: 1200, Language: p.language})
	b.Goto(p.mail.page(t))
	b.Press("Tab", 1)
	b.Press("Space", 1)
	b.Press("ArrowRight", 2)
	lowest := 1
	if p.trigger == "annual" {
		lowest = 0
	}
	b.Until(checked(lowest+2) + " && " + saved)
	wantAnswer(t, k, p, lowest+2)
	if p.trigger == "ended" {
		b.Press("Tab", 1)
		b.Press("Space", 1)
		b.Until(`document.querySelector('[name=reason]:checked') && ` + saved)
	}
	b.Press("Tab", 1)
	b.Until(`document.activeElement.id === 'comment'`)
	b.Type("By keys alone")
	b.Press("Tab", 2) // past the feelings
	b.Press("Enter", 1)
	b.Until(thanks)
	wantAnswer(t, k, p, lowest+2)
	wantAlone(t, b, k)
}
