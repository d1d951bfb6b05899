package browser

import (
	"crypto/rand"
	"testing"
)

// As says with what eyes and hands a page is met; the zero value is a phone with
// scripts, in light.
type As struct {
	NoScripts     bool
	Width, Height int     // CSS pixels at zoom 1; 0 is a phone's
	Zoom          float64 // 2 is 200 %
	Dark          bool
	Language      string // of the browser
}

// Tab is one tab. Whatever fails in it ends the test.
type Tab struct {
	t    testing.TB
	p    *process
	name string
}

// Open opens a tab in a profile of its own, until the test ends.
func Open(t testing.TB, as As) *Tab {
	t.Helper()
	tab := &Tab{t: t, p: shared(t), name: rand.Text()}
	with := map[string]any{"scripts": !as.NoScripts, "dark": as.Dark}
	for name, size := range map[string]int{"width": as.Width, "height": as.Height} {
		if size > 0 {
			with[name] = size
		}
	}
	if as.Zoom > 0 {
		with["zoom"] = as.Zoom
	}
	if as.Language != "" {
		with["language"] = as.Language
	}
	tab.do("open", with, nil)
	t.Cleanup(func() { tab.do("close", nil, nil) })
	return tab
}

// Second opens another tab of the same person.
func (b *Tab) Second() *Tab {
	b.t.Helper()
	second := &Tab{t: b.t, p: b.p, name: rand.Text()}
	second.do("tab", map[string]any{"of": b.name}, nil)
	return second
}

func (b *Tab) do(what string, with map[string]any, value any) {
	b.t.Helper()
	if err := b.p.do(b.name, what, with, value); err != nil {
		b.t.Fatal(err)
	}
}

// Goto opens an address and returns the status.
func (b *Tab) Goto(address string) (status int) {
	b.t.Helper()
	b.do("goto", map[string]any{"address": address}, &status)
	return status
}

// FromMail taps a link in a mail that the local run's mailbox shows, and goes on
// in the tab that opens.
func (b *Tab) FromMail(mailbox, link string) {
	b.t.Helper()
	b.do("fromMail", map[string]any{"mailbox": mailbox, "link": link}, nil)
}

// Click clicks what a CSS selector finds; Tap does it with a finger.
func (b *Tab) Click(on string) { b.t.Helper(); b.do("click", map[string]any{"on": on}, nil) }

// DoubleClick clicks twice as fast as hands do.
func (b *Tab) DoubleClick(on string) {
	b.t.Helper()
	b.do("click", map[string]any{"on": on, "times": 2}, nil)
}

// Tap taps what a CSS selector finds.
func (b *Tab) Tap(on string) { b.t.Helper(); b.do("tap", map[string]any{"on": on}, nil) }

// Press presses a key some times, such as Tab or ArrowRight.
func (b *Tab) Press(key string, times int) {
	b.t.Helper()
	b.do("press", map[string]any{"key": key, "times": times}, nil)
}

// Type types a text by keys, where the focus is.
func (b *Tab) Type(text string) { b.t.Helper(); b.do("type", map[string]any{"text": text}, nil) }

// Write puts a text into a field.
func (b *Tab) Write(on, text string) {
	b.t.Helper()
	b.do("write", map[string]any{"on": on, "text": text}, nil)
}

// Wheel turns the mouse's wheel.
func (b *Tab) Wheel() { b.t.Helper(); b.do("wheel", nil, nil) }

// Back goes back in the tab's history, Forward forward; Reload loads anew.
func (b *Tab) Back() { b.t.Helper(); b.do("back", nil, nil) }

// Forward goes forward in the tab's history.
func (b *Tab) Forward() { b.t.Helper(); b.do("forward", nil, nil) }

// Reload loads the page anew.
func (b *Tab) Reload() { b.t.Helper(); b.do("reload", nil, nil) }

// Offline takes the network away, or gives it back.
func (b *Tab) Offline(off bool) { b.t.Helper(); b.do("offline", map[string]any{"off": off}, nil) }

// Run runs a script in the page, as code that came with it, and reads its value.
func (b *Tab) Run(script string, value any) {
	b.t.Helper()
	b.do("evaluate", map[string]any{"script": script}, value)
}

// Until waits until an expression is true of the page.
func (b *Tab) Until(script string) {
	b.t.Helper()
	b.do("until", map[string]any{"script": script}, nil)
}

// Look writes a picture of the whole page.
func (b *Tab) Look(file string) { b.t.Helper(); b.do("look", map[string]any{"file": file}, nil) }

// Print writes the page as a PDF.
func (b *Tab) Print(file string) { b.t.Helper(); b.do("print", map[string]any{"file": file}, nil) }

// Violations is what axe-core finds wrong with the page, but for rules of its that
// are named.
func (b *Tab) Violations(but ...string) (found []string) {
	b.t.Helper()
	b.do("violations", map[string]any{"but": but}, &found)
	return found
}

// Request is one request of the tab, and its response.
type Request struct {
	Method, Address string
	Status, Bytes   int // 0 if there was no response
	Headers         map[string]string
}

// Seen is what a tab did and met.
type Seen struct {
	Traffic  []Request
	Troubles []string // errors of scripts, and what the Content-Security-Policy kept out
	Cookies  []any
}

// Seen returns what the tab did and met up to now, once its network is at rest.
func (b *Tab) Seen() (s Seen) {
	b.t.Helper()
	b.do("seen", nil, &s)
	return s
}
