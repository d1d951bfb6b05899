package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// client speaks HTTP to a run, as a CRM, a respondent and a reader of the report
// do, and knows what time it is there.
type client struct {
	t    testing.TB
	base string
	http *http.Client

	mutex  sync.Mutex
	offset time.Duration // of the run's clock from the machine's
}

func newClient(t testing.TB, base string) *client {
	return &client{t: t, base: base, http: &http.Client{
		Timeout:       2 * time.Minute, // a year may be turned by one request
		Transport:     &http.Transport{MaxIdleConnsPerHost: 16},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) String() string { return fmt.Sprintf("%d %s", a.status, a.body) }

// do sends a request; path may be a whole address. The error is one of the
// connection: the run may have been killed.
func (c *client) do(method, path string, header http.Header, body []byte) (answer, error) {
	if !strings.HasPrefix(path, "http") {
		path = c.base + path
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, path, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	for name, values := range header {
		r.Header[name] = values
	}
	response, err := c.http.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, b}, err
}

// send is do where the run is known to be there.
func (c *client) send(method, path string, header http.Header, body []byte) answer {
	c.t.Helper()
	a, err := c.do(method, path, header, body)
	if err != nil {
		c.t.Fatal(err)
	}
	return a
}

// read decodes a JSON answer that must be a good one.
func (c *client) read(a answer, into any) {
	c.t.Helper()
	if a.status < 200 || a.status > 299 {
		c.t.Fatalf("the answer is %s", a)
	}
	if err := json.Unmarshal(a.body, into); err != nil {
		c.t.Fatalf("the answer %s: %v", a, err)
	}
}

// now is the time by the run's own clock.
func (c *client) now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return time.Now().Add(c.offset).UTC()
}

// turn posts to the clock and takes over the time it answers.
func (c *client) turn(order map[string]string) error {
	body, err := json.Marshal(order)
	if err != nil {
		return err
	}
	a, err := c.do(http.MethodPost, "/local/clock", http.Header{"Content-Type": {"application/json"}}, body)
	if err != nil {
		return err
	}
	var clock struct{ Now time.Time }
	if err := json.Unmarshal(a.body, &clock); err != nil || a.status != http.StatusOK {
		return fmt.Errorf("turning the clock: %s", a)
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.offset = time.Until(clock.Now)
	return nil
}

func (c *client) readClock() error { return c.turn(map[string]string{"advance": "0s"}) }

// advance turns the clock on.
func (c *client) advance(by time.Duration) {
	c.t.Helper()
	if err := c.turn(map[string]string{"advance": by.String()}); err != nil {
		c.t.Fatal(err)
	}
}

// turnTo turns the clock to a moment; one that has passed meanwhile is well.
func (c *client) turnTo(to time.Time) {
	c.t.Helper()
	if !to.After(c.now()) {
		return
	}
	if err := c.turn(map[string]string{"to": to.UTC().Format(time.RFC3339Nano)}); err != nil {
		c.t.Fatal(err)
	}
}

// signed are the headers of an event as somebody else's library signs it.
func signed(t testing.TB, secret, id string, at time.Time, body []byte) http.Header {
	t.Helper()
	signer, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := signer.Sign(id, at, body)
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{"Content-Type": {"application/json"}}
	header.Set(standardwebhooks.HeaderWebhookID, id)
	header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return header
}

const eventsPath = "/webhooks/contracts"

// tryPost posts an event, signed at the run's time.
func (c *client) tryPost(id string, body []byte) (answer, error) {
	c.t.Helper()
	return c.do(http.MethodPost, eventsPath, signed(c.t, webhookSecret, id, c.now(), body), body)
}

// post posts an event that must be taken in, for the first time.
func (c *client) post(id string, body []byte) receipt {
	c.t.Helper()
	a, err := c.tryPost(id, body)
	if err != nil {
		c.t.Fatal(err)
	}
	if a.status != http.StatusAccepted {
		c.t.Fatalf("event %s: %s", id, a)
	}
	var r receipt
	c.read(a, &r)
	return r
}

// event is the body of an event that happens now.
func (c *client) event(kind string, data map[string]any) []byte {
	c.t.Helper()
	return c.eventAt(kind, c.now(), data)
}

// eventAt is the body of an event that happened at a moment.
func (c *client) eventAt(kind string, at time.Time, data map[string]any) []byte {
	c.t.Helper()
	b, err := json.Marshal(map[string]any{"type": kind, "timestamp": at.Format(time.RFC3339), "data": data})
	if err != nil {
		c.t.Fatal(err)
	}
	return b
}

// receipt is the answer to an event.
type receipt struct {
	Decisions []decision
	Duplicate bool
}

// decision is what came of an event or of an anniversary.
type decision struct {
	At         time.Time
	Customer   string
	Kind       string
	Trigger    string
	Outcome    string
	Rule       string
	Rules      []string
	Because    map[string]map[string]any
	SendAt     time.Time
	Until      time.Time
	Contact    string
	Invitation string
	Policy     string
	Contract   string
}

// said is what a timeline tells that an event said.
type said struct {
	Customer, Contract map[string]any
	Contacts           map[string]map[string]any
	Interaction        struct{ ID, ContactID string }
	Survey             struct {
		Kind string
		At   time.Time
	}
	Backfill bool
}

// line is one entry of a timeline.
type line struct {
	decision
	What     string
	Event    string
	ID       string
	Happened time.Time
	Said     said
	State    string
	Score    *int
	Class    string
}

func (c *client) bearer() http.Header { return http.Header{"Authorization": {"Bearer " + reportToken}} }

// timeline is the whole timeline of a customer, all pages of it.
func (c *client) timeline(customer string) []line {
	c.t.Helper()
	var all []line
	for after := ""; ; {
		var page struct {
			Customer string
			Entries  []line
			Next     string
		}
		path := "/customers/" + url.PathEscape(customer) + "/timeline"
		if after != "" {
			path += "?after=" + url.QueryEscape(after)
		}
		c.read(c.send(http.MethodGet, path, c.bearer(), nil), &page)
		if page.Customer != customer {
			c.t.Fatalf("the timeline of %s is one of %q", customer, page.Customer)
		}
		all = append(all, page.Entries...)
		if after = page.Next; after == "" {
			return all
		}
	}
}

// of are the entries of one sort.
func of(what string, lines []line) []line {
	var some []line
	for _, l := range lines {
		if l.What == what {
			some = append(some, l)
		}
	}
	return some
}

// row is one row of the report.
type row struct {
	Kind, By, Value, Period            string
	Sent, Delivered, Bounced, Answered int
	ResponseRate                       *float64
	Counts                             map[string]int
	Score, Low, High                   *float64
	Hidden                             bool
}

// report asks for figures.
func (c *client) report(query string) []row {
	c.t.Helper()
	var r struct {
		AsOf time.Time
		Rows []row
	}
	c.read(c.send(http.MethodGet, "/report.json?"+query, c.bearer(), nil), &r)
	if r.AsOf.IsZero() {
		c.t.Error("the report does not say as of when it is")
	}
	return r.Rows
}

// everything is all that can be seen of a customer and in the report, for
// comparing.
func (c *client) everything(customer string) string {
	c.t.Helper()
	var all strings.Builder
	for _, path := range []string{"/customers/" + url.PathEscape(customer) + "/timeline", "/report.json?period=year&from=2026&to=2028",
		"/report.json?by=trigger&from=2026&to=2028", "/local/mailbox.json"} {
		a := c.send(http.MethodGet, path, c.bearer(), nil)
		seen := string(a.body)
		if _, rows, ok := strings.Cut(seen, `"rows":`); ok {
			seen = rows // and not as of when they are
		}
		fmt.Fprintf(&all, "%s %d\n%s", path, a.status, seen)
	}
	return all.String()
}

// form posts a form, without a cookie as a respondent's browser does.
func (c *client) form(link string, fields url.Values) answer {
	c.t.Helper()
	return c.send(http.MethodPost, link, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, []byte(fields.Encode()))
}
