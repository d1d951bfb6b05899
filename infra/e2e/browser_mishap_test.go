package e2e

import (
	"testing"

	"kaiku/infra/browser"
)

func TestWhateverHandsAndNetworksDoThereIsOneAnswerTheRightOne(t *testing.T) {
	mishaps := map[string]func(*testing.T, *kaiku, *person){
		"double-click": doubleClicks, "back-button": goesBack, "two-tabs": hasTwoTabs, "offline": losesTheNetwork, "reload": reloads,
		"leaves-at-once": leavesAtOnce, "mouse-wheel": turnsTheWheel, "long-comment": writesALot, "server-away": findsTheServerAway,
	}
	var people []*person
	for what := range mishaps {
		people = append(people, &person{trigger: "annual", language: "fi", what: what})
	}
	k := invite(t, peoplesPolicy, people...)
	t.Run("all", func(t *testing.T) {
		for what, happens := range mishaps {
			t.Run(what, func(t *testing.T) {
				t.Parallel()
				for _, p := range people {
					if p.what == what {
						happens(t, k, p)
					}
				}
			})
		}
	})
	k.wantCalmLog()
}

func doubleClicks(t *testing.T, k *kaiku, p *person) {
	for _, noScripts := range []bool{false, true} {
		b := browser.Open(t, browser.As{NoScripts: noScripts})
		b.Goto(p.link(t, 8))
		b.DoubleClick("button")
		b.Until(thanked)
		wantAnswer(t, k, p, 8)
	}
}

// The way back and forward leads over the link with its old score.
func goesBack(t *testing.T, k *kaiku, p *person) {
	b := browser.Open(t, browser.As{})
	b.Goto(k.base + "/local")
	b.Goto(p.link(t, 3))
	b.Tap(radio(9))
	b.Until(saved)
	b.Back()
	b.Forward()
	b.Until(checked(9))
	b.Tap("h1")
	b.Write("#comment", "after the way back")
	b.Tap("button")
	b.Until(thanks)
	wantAnswer(t, k, p, 9)
	var address string
	if b.Run("location.search", &address); address != "" {
		t.Errorf("the address still ends in %s", address)
	}
}

// A phone loads a page anew that was long in the background.
func reloads(t *testing.T, k *kaiku, p *person) {
	b := browser.Open(t, browser.As{})
	b.Goto(p.link(t, 2))
	b.Tap(radio(10))
	b.Until(saved)
	b.Reload()
	b.Until(checked(10))
	b.Tap("h1")
	b.Tap(radio(7))
	b.Until(saved)
	wantAnswer(t, k, p, 7)
}

// The older tab knows nothing of the comment of the newer, and must not take it
// away.
func hasTwoTabs(t *testing.T, k *kaiku, p *person) {
	older := browser.Open(t, browser.As{})
	older.Goto(p.link(t, 4))
	newer := older.Second()
	newer.Goto(p.link(t, 6))
	newer.Write("#comment", "of the newer tab")
	newer.Tap("button")
	newer.Until(thanks)
	wantAnswer(t, k, p, 6)
	older.Tap(radio(5))
	older.Until(saved)
	wantAnswer(t, k, p, 5)
	older.Goto(p.mail.page(t))
	older.Until(checked(5) + ` && document.querySelector('#comment').value === 'of the newer tab'`)
}

func losesTheNetwork(t *testing.T, k *kaiku, p *person) {
	b := browser.Open(t, browser.As{})
	b.Goto(p.link(t, 1))
	b.Offline(true)
	b.Tap(radio(9))
	b.Until(`document.querySelector('.note').textContent === document.querySelector('.note').dataset.offline`)
	b.Write("#comment", "without a network")
	b.Tap("button")
	wantNoAnswer(t, k, p)
	b.Offline(false)
	b.Until(thanks)
	wantAnswer(t, k, p, 9)
	b.Goto(p.mail.page(t))
	b.Until(`document.querySelector('#comment').value === 'without a network'`)
}

// The page is left before its short wait is over.
func leavesAtOnce(t *testing.T, k *kaiku, p *person) {
	b := browser.Open(t, browser.As{})
	b.Goto(p.link(t, 10))
	b.Tap("h1")
	b.Goto(k.base + "/local")
	b.Seen()
	wantAnswer(t, k, p, 10)
}

func turnsTheWheel(t *testing.T, k *kaiku, p *person) {
	b := browser.Open(t, browser.As{Width: 900, Height: 300})
	b.Goto(p.link(t, 0))
	b.Wheel()
	b.Until(saved)
	wantAnswer(t, k, p, 0)
}

// More than comes back on a page: its beginning stands there, and the rest stays.
func writesALot(t *testing.T, k *kaiku, p *person) {
	const long = `Array(2000).fill('🎉').join('')`
	for _, noScripts := range []bool{false, true} {
		b := browser.Open(t, browser.As{NoScripts: noScripts})
		b.Goto(p.link(t, 6))
		b.Run(`document.querySelector('#comment').value = `+long, nil)
		sends(b, noScripts)
		b.Goto(p.link(t, 7))
		b.Until(`document.querySelector('#kept blockquote').textContent.startsWith('🎉')`)
		sends(b, noScripts)
		wantAnswer(t, k, p, 7)
		b.Goto(p.mail.page(t))
		b.Until(`document.querySelector('#kept blockquote').textContent.startsWith('🎉')`)
		b.Write("#comment", "short")
		sends(b, noScripts)
		b.Goto(p.mail.page(t))
		b.Until(`document.querySelector('#comment').value === 'short'`)
	}
}

func findsTheServerAway(t *testing.T, _ *kaiku, _ *person) {
	k, p := one(t, "annual", "sv")
	b := browser.Open(t, browser.As{})
	b.Goto(p.link(t, 8))
	k.kill()
	b.Write("#comment", "kept on the page")
	b.Tap("button")
	b.Until(`document.querySelector('.note').textContent === document.querySelector('.note').dataset.failed`)
	k.restart()
	b.Tap("button")
	b.Until(thanks)
	wantAnswer(t, k, p, 8)
	b.Goto(p.mail.page(t))
	b.Until(`document.querySelector('#comment').value === 'kept on the page'`)
}
