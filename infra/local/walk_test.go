package local

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaiku/shared/survey"
	"kaiku/shared/table"
	"kaiku/shared/table/bolt"
)

// A year that the clock is turned through in large steps is the year that would
// have been lived minute by minute, the agenda looking at each: the same
// decisions, mails, answers, figures and customers.
func TestAYearJumpedThroughEqualsAYearWalked(t *testing.T) {
	walked := liveYear(t, (*Local).walk)
	jumped := liveYear(t, func(l *Local, t *testing.T, to time.Time) {
		if err := l.Turn(t.Context(), func(time.Time) (time.Time, error) { return to, nil }); err != nil {
			t.Fatal(err)
		}
	})
	if diff := cmp.Diff(walked, jumped); diff != "" {
		t.Errorf("walked (-) and jumped through (+) the year differs:\n%s", diff)
	}
	t.Logf("%d mails, %d decisions", len(walked.Mails), strings.Count(fmt.Sprint(walked.Timelines), `"what":"decision"`))
	if len(walked.Mails) < 6 {
		t.Errorf("only %d mails were sent: too little happened to say anything", len(walked.Mails))
	}
}

// walk goes on minute by minute; at each the agenda looks for what has fallen due,
// and the queue, SES and the counting do their part. The clock is set by hand: to
// keep it on disk each minute would be all that takes time.
func (l *Local) walk(t *testing.T, to time.Time) {
	t.Helper()
	for at := l.clock.Now(); at.Before(to); {
		at = at.Add(time.Minute)
		l.clock.mutex.Lock()
		l.clock.still = at
		l.clock.mutex.Unlock()
		if err := l.catchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// lived is all that a year leaves behind, without the ids, which are drawn.
type lived struct {
	Mails     []string
	Timelines map[string][]string
	Stored    map[string]string
	Figures   []string
}

// step is something that happens in the year, at a minute of it.
type step struct {
	at string // by the wall clock of Helsinki
	do func(y *year)
}

// year is a run whose clock stands except where it is moved.
type year struct {
	*Local
	t *testing.T
}

// firms are the customers of the year.
var firms = []string{"C-1", "C-2", "C-3", "C-4"}

// steps happen at whole minutes: between two of them the walk would come up to a
// minute later than the jump, and rightly so.
var steps = []step{
	{"2026-01-12 09:00", load("C-1", "2024-02-10", "")},
	{"2026-01-12 09:00", load("C-2", "2023-06-05", "2026-11-30")},
	{"2026-01-12 09:00", load("C-3", "2022-03-01", "2026-03-20")}, // lapses
	{"2026-01-12 09:00", load("C-4", "2025-04-29", "2027-04-28")},
	{"2026-01-20 13:47", tell("C-1", "contract.changed", object{"id": "K-1"}, nil)},
	{"2026-01-21 10:05", tell("C-1", "contract.changed", object{"id": "K-1", "annualValue": 100}, nil)}, // replaces
	{"2026-01-26 15:00", answer("C-1", 2, "Ei hyvä.")},
	{"2026-02-13 16:20", tell("C-2", "interaction.closed", nil, object{"interaction": object{"id": "T-1", "contactId": "own"}})},
	{"2026-02-16 09:00", answer("C-2", 6, "")},
	{"2026-02-20 09:00", answer("C-2", 7, "Kiitos!")},                                                       // revises
	{"2026-03-28 23:30", tell("C-4", "contract.renewed", object{"id": "K-1", "endsOn": "2028-04-28"}, nil)}, // as summer time begins
	{"2026-04-10 08:00", answer("C-4", 4, "")},
	{"2026-05-01 12:00", tell("C-3", "contract.started", object{"id": "K-2"}, nil)},
	{"2026-05-01 12:00", tell("C-3", "customer.updated", nil, object{"contacts": []object{{"id": "own", "email": "uusi@firm.example"}}})},
	{"2026-05-20 12:00", bounce("C-3")},
	{"2026-06-01 12:00", answer("C-3", 5, "")}, // it arrived after all
	{"2026-08-03 07:15", tell("C-1", "customer.surveyed", nil, object{"survey": object{"kind": "ces", "at": "2026-08-01T00:00:00Z"}})},
	{"2026-09-14 11:11", tell("C-2", "contract.ended", object{"id": "K-1"}, nil)},
	{"2026-09-16 10:00", answer("C-2", 1, "Hinta.")},
	{"2026-10-06 10:00", tell("C-2", "customer.erased", nil, nil)},
	{"2026-10-07 10:00", tell("C-2", "contract.started", object{"id": "K-9"}, nil)},
	{"2027-01-12 09:00", func(*year) {}},
}

type object = map[string]any

func liveYear(t *testing.T, pass func(l *Local, t *testing.T, to time.Time)) lived {
	t.Helper()
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"DATA": t.TempDir(), "POLICY": filepath.Join(t.TempDir(), "policy.yaml")}
	if err := os.WriteFile(env["POLICY"], []byte("results: {hide_under: 1}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(nil)
	base := "http://" + server.Listener.Addr().String()
	l, err := open(t.Context(), Getenv(func(name string) string { return env[name] }), base, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = l.handler
	server.Start()
	defer server.Close()
	y := &year{l, t}
	for i, s := range steps {
		at, err := time.ParseInLocation("2006-01-02 15:04", s.at, helsinki)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			y.hold(at)
		}
		pass(l, t, at)
		y.hold(at)
		s.do(y)
	}
	pass(l, t, l.clock.Now().Add(2*time.Hour)) // so that all of it has been counted
	out := y.lived()
	if err := l.close(); err != nil {
		t.Fatal(err)
	}
	out.Stored = stored(t, filepath.Join(env["DATA"], "kaiku.db"))
	return out
}

// stored is what is stored of the customers, with when it is due.
func stored(t *testing.T, file string) map[string]string {
	t.Helper()
	store, err := bolt.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	out := map[string]string{}
	for _, customer := range firms {
		item, err := store.Get(t.Context(), table.Key{Partition: "CUSTOMER#" + customer, Sort: "STATE"})
		if err != nil {
			t.Fatal(err)
		}
		out[customer] = undrawn(fmt.Sprintf("version %d due %v %s", item.Version, item.Due, item.Body))
	}
	return out
}

func (y *year) hold(at time.Time) {
	if err := y.clock.Hold(at); err != nil {
		y.t.Fatal(err)
	}
}

func load(customer, startsOn, endsOn string) func(*year) {
	contract := object{"id": "K-1", "startsOn": startsOn, "service": "siivous", "owner": "team-tampere"}
	if endsOn != "" {
		contract["endsOn"] = endsOn
	}
	return tell(customer, "contract.started", contract, object{"backfill": true,
		"contacts": []object{{"id": "own", "email": strings.ToLower(customer) + "@firm.example", "role": "user"}}})
}

// tell posts an event, and posts it once more.
func tell(customer, kind string, contract, more object) func(*year) {
	return func(y *year) {
		data := object{"customer": object{"id": customer}}
		if contract != nil {
			data["contract"] = contract
		}
		for name, value := range more {
			data[name] = value
		}
		now := y.clock.Now()
		body, err := json.Marshal(object{"type": kind, "timestamp": now.Format(time.RFC3339), "data": data})
		if err != nil {
			y.t.Fatal(err)
		}
		headers, err := y.secrets.Sign(fmt.Sprintf("msg_%s_%s_%d", customer, kind, now.Unix()), now, body)
		if err != nil {
			y.t.Fatal(err)
		}
		headers.Set("Content-Type", "application/json")
		for _, want := range []int{http.StatusAccepted, http.StatusOK} {
			if code, answer := y.call(http.MethodPost, "/webhooks/contracts", headers, body); code != want {
				y.t.Fatalf("%s of %s: %d %s", kind, customer, code, answer)
			}
		}
	}
}

func (y *year) call(method, path string, headers http.Header, body []byte) (int, string) {
	y.t.Helper()
	r := httptest.NewRequestWithContext(y.t.Context(), method, path, bytes.NewReader(body))
	for name, values := range headers {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	y.handler.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// newest is the last mail to a customer.
func (y *year) newest(customer string) (Mail, bool) {
	all := y.mailbox.All()
	for i := range all {
		m := all[len(all)-1-i]
		if ref := m.tags["customer"]; ref == base64.RawURLEncoding.EncodeToString([]byte(customer)) {
			return m, true
		}
	}
	return Mail{}, false
}

var link = regexp.MustCompile(`/s/[A-Za-z0-9_.-]+`)

func answer(customer string, score int, comment string) func(*year) {
	return func(y *year) {
		m, ok := y.newest(customer)
		if !ok {
			y.t.Fatalf("%s has no mail to answer by %v", customer, y.clock.Now())
		}
		form := url.Values{"score": {fmt.Sprint(score)}, "comment": {comment}}
		code, page := y.call(http.MethodPost, link.FindString(m.Text), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, []byte(form.Encode()))
		if code != http.StatusOK {
			y.t.Fatalf("answering %q of %v at %v: %d, %d bytes", m.Subject, m.At, y.clock.Now(), code, len(page))
		}
	}
}

func bounce(customer string) func(*year) {
	return func(y *year) {
		m, ok := y.newest(customer)
		if !ok {
			y.t.Fatalf("%s has no mail to bounce", customer)
		}
		body, err := json.Marshal(object{"messageId": m.MessageID, "type": "Bounce"})
		if err != nil {
			y.t.Fatal(err)
		}
		if code, text := y.call(http.MethodPost, "/local/mail-events", nil, body); code != http.StatusOK {
			y.t.Fatalf("a bounce: %d %s", code, text)
		}
	}
}

// drawn are the ids and links, which are others in every run.
var drawn = regexp.MustCompile(`\b01[0-9A-HJKMNP-TV-Z]{24}\b|local-[0-9A-Z]{26}|/[su]/[A-Za-z0-9_.-]+|http://127\.0\.0\.1:\d+`)

func undrawn(text string) string { return drawn.ReplaceAllString(text, "…") }

func (y *year) lived() lived {
	t := y.t
	t.Helper()
	out := lived{Timelines: map[string][]string{}}
	for _, m := range y.mailbox.All() {
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		out.Mails = append(out.Mails, undrawn(string(b)))
	}
	for _, customer := range firms {
		page, err := y.ledger.Timeline(t.Context(), customer, "", 100)
		if err != nil || page.Next != "" {
			t.Fatal(err, page.Next)
		}
		for _, line := range page.Entries {
			b, err := json.Marshal(line)
			if err != nil {
				t.Fatal(err)
			}
			out.Timelines[customer] = append(out.Timelines[customer], undrawn(string(b)))
		}
	}
	for _, kind := range survey.Kinds {
		code, figures := y.call(http.MethodGet, "/report.json?kind="+string(kind)+"&by=size&period=month&from=2026-01&to=2027-01",
			http.Header{"Authorization": {"Bearer " + DefaultReportToken}}, nil)
		if code != http.StatusOK {
			t.Fatalf("the report answers %d %s", code, figures)
		}
		out.Figures = append(out.Figures, figures)
	}
	return out
}
