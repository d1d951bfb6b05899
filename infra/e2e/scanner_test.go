package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"

	"kaiku/infra/browser"
)

// added is what filters and mail programs leave at the end of a link.
var added = []string{"", "", "", "%27", ".", ")", "%3E", "=", "=3D", "/track", "/track/1?u=2", "%20", "%00", "%0A", "%3Fscore%3D3", ";amp", "%", "%zz", "%FF", "//"}

// rewritten is a link as a scanner opens it: after its path, before its query.
func rewritten(link, added string) string {
	path, query, scored := strings.Cut(link, "?")
	if !scored {
		return path + added
	}
	if strings.Contains(added, "?") {
		return path + added + "&" + query
	}
	return path + added + "?" + query
}

// scanned is a number of mails, about the change of a contract each.
func scanned(t *testing.T, n int) (*kaiku, []*person) {
	t.Helper()
	people := make([]*person, n)
	for i := range people {
		people[i] = &person{trigger: "changed", language: languages[i%len(languages)], what: fmt.Sprint(i)}
	}
	return invite(t, peoplesPolicy, people...), people
}

// wantUnmoved says that nobody answered, and nobody is unsubscribed.
func wantUnmoved(t *testing.T, k *kaiku, n int) {
	t.Helper()
	k.advance(day)
	rows := k.report("kind=csat&period=year&from=2026&to=2026")
	if len(rows) != 1 || rows[0].Sent != n || rows[0].Answered != 0 {
		t.Errorf("the report has %+v, want %d sent and none answered", rows, n)
	}
}

func TestAScannerThatOpensEveryLinkOfAThousandMailsAnswersNothing(t *testing.T) {
	const mails, scanners = 1000, 8
	k, people := scanned(t, mails)
	before := k.everything(people[0].id())
	random := rand.New(rand.NewPCG(1, 2))
	var opened []string
	for _, p := range people {
		for _, link := range p.mail.links() {
			opened = append(opened, "GET "+link, "HEAD "+link, "GET "+rewritten(link, added[random.IntN(len(added))]))
		}
	}
	random.Shuffle(len(opened), func(i, j int) { opened[i], opened[j] = opened[j], opened[i] })
	var all sync.WaitGroup
	var mutex sync.Mutex
	faults := map[string]int{}
	for n := range scanners {
		all.Go(func() {
			for i := n; i < len(opened); i += scanners {
				method, link, _ := strings.Cut(opened[i], " ")
				a, err := k.do(method, link, nil, nil)
				var fault string
				switch {
				case err != nil && strings.Contains(err.Error(), "invalid URL escape"):
					continue // this one cannot be sent by Go
				case err != nil:
					fault = "no answer"
				case a.status >= http.StatusInternalServerError || len(a.header.Values("Set-Cookie")) > 0 || len(a.body) >= 20_000:
					fault = fmt.Sprint(a.status, " of ", len(a.body), " bytes")
				}
				if fault != "" {
					mutex.Lock()
					faults[fault]++
					mutex.Unlock()
				}
			}
		})
	}
	all.Wait()
	for fault, n := range faults {
		t.Errorf("%d times of %d: %s", n, len(opened), fault)
	}
	if after := k.everything(people[0].id()); after != before {
		t.Errorf("it was\n%s\nand is\n%s", before, after)
	}
	wantUnmoved(t, k, mails)
	// Nobody was unsubscribed either: the next survey is held back by the cooldown alone.
	last := people[mails-1]
	if r := k.post("msg_again", last.event(k)); len(r.Decisions) != 1 || r.Decisions[0].Rule != "cooldown" || len(r.Decisions[0].Because["unsubscribed"]) > 0 {
		t.Errorf("the decision is %+v", r.Decisions)
	}
}

// feigned are all the events that a script can make, and every way in which it can
// press a button.
const feigned = `(async () => {
  const form = document.querySelector('form');
  const at = { bubbles: true, cancelable: true, composed: true, clientX: 20, clientY: 20 };
  for (const target of [window, document, document.body, form, ...form.querySelectorAll('input, button, textarea')]) {
    for (const type of ['pointerdown', 'pointermove', 'pointerup', 'pointerover']) target.dispatchEvent(new PointerEvent(type, at));
    for (const type of ['mousedown', 'mousemove', 'mouseup', 'click', 'dblclick']) target.dispatchEvent(new MouseEvent(type, at));
    for (const type of ['keydown', 'keyup']) target.dispatchEvent(new KeyboardEvent(type, { ...at, key: 'Enter' }));
    for (const type of ['touchstart', 'touchend', 'scroll', 'change', 'input', 'focus', 'submit', 'pagehide', 'online']) target.dispatchEvent(new Event(type, at));
    target.dispatchEvent(new WheelEvent('wheel', at));
    target.focus?.();
    target.click?.();
  }
  scrollTo(0, 1e6);
  scrollTo(0, 0);
  form.requestSubmit();
  form.submit();
  // Longer than every wait of the page: timers of one page fire in their order.
  await new Promise((done) => setTimeout(done, 1000));
})()`

func TestAScannerThatRunsScriptsAnswersNothing(t *testing.T) {
	const mails = 20
	k, people := scanned(t, mails)
	b := browser.Open(t, browser.As{Width: 1200})
	for i, p := range people {
		link := rewritten(p.link(t, 1+i%5), added[i%16]) // but those that no browser sends as they are
		if status := b.Goto(link); status != http.StatusOK {
			t.Errorf("%q opens as %d", added[i%16], status)
			continue
		}
		b.Run(feigned, nil)
	}
	for _, r := range b.Seen().Traffic {
		if r.Method == http.MethodPost {
			t.Errorf("it posted, and got %d", r.Status)
		}
	}
	for _, p := range people {
		wantNoAnswer(t, k, p)
	}
	wantUnmoved(t, k, mails)
}

// Where the policy asks for the button, no touch is enough.
func TestWhereTheButtonIsAskedForATouchAnswersNothing(t *testing.T) {
	p := &person{trigger: "changed", language: "fi", what: "strict"}
	k := invite(t, peoplesPolicy+"  confirm: button\n", p)
	b := browser.Open(t, browser.As{})
	b.Goto(p.link(t, 4))
	b.Tap("h1")
	b.Tap(radio(3))
	b.Run(`new Promise((done) => setTimeout(done, 1000))`, nil) // longer than the page waits after a touch
	wantNoAnswer(t, k, p)
	b.Tap("button")
	b.Until(thanks)
	wantAnswer(t, k, p, 3)
}
