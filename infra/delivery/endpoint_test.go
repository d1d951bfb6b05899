package delivery

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"kaiku/shared/sns"
)

// endpoint is SES v2 over HTTP, in good health but for what network does to the
// requests. What it took, it tells of some seconds later.
type endpoint struct {
	t     testing.TB
	clock *clock
	url   string
	// network is how requests get here.
	network *network

	mutex   sync.Mutex
	account account
	taken   map[string]int // by invitation
	onDay   map[string]int // by day, of the mails taken
	news    []news
	// requests to send, and to tell of the account.
	requests, asked int
	// mute is that nothing is ever told of a mail.
	mute bool
	// countOnly keeps nothing of a mail but that there was one.
	countOnly bool
	mails     int
}

// account is what SES says of itself; perDay is without a quota when it is -1.
type account struct {
	paused            bool
	perSecond, perDay int
}

// news is an event of a mail that SES is still to tell of.
type news struct {
	at      time.Time
	message string
}

// tellAfter is how long SES takes to tell that it sent a mail.
const tellAfter = 5 * time.Second

func newEndpoint(t testing.TB, c *clock) *endpoint {
	e := &endpoint{t: t, clock: c, network: newNetwork(), account: account{perSecond: 14, perDay: -1}, taken: map[string]int{}, onDay: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v2/email/outbound-emails", e.sendEmail)
	mux.HandleFunc("GET /v2/email/account", e.getAccount)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	e.url = server.URL
	return e
}

// client is the real one, as the functions have it.
func (e *endpoint) client() *sesv2.Client {
	return sesv2.New(sesv2.Options{Region: "eu-north-1", BaseEndpoint: aws.String(e.url),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""), HTTPClient: &http.Client{Transport: e.network}})
}

// request is what is looked at of SendEmail.
type request struct {
	EmailTags []struct{ Name, Value string }
}

func (r *request) tag(name string) string {
	for _, t := range r.EmailTags {
		if t.Name == name {
			return t.Value
		}
	}
	return ""
}

func (e *endpoint) sendEmail(w http.ResponseWriter, r *http.Request) {
	var in request
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		refuse(w, http.StatusBadRequest, "BadRequestException")
		return
	}
	switch f := fate(r.Header.Get(fateHeader)); f {
	case throttled:
		e.count()
		refuse(w, http.StatusTooManyRequests, "TooManyRequestsException")
	case limited:
		e.count()
		refuse(w, http.StatusBadRequest, "LimitExceededException")
	case failed:
		e.count()
		refuse(w, http.StatusInternalServerError, "InternalServiceErrorException")
	case unavailable:
		e.count()
		w.WriteHeader(http.StatusServiceUnavailable)
	case swallowed:
		e.count()
		e.network.arrived(r.Header.Get(ticketHeader))
		<-r.Context().Done()
	case failedLate:
		e.take(&in)
		refuse(w, http.StatusInternalServerError, "InternalServiceErrorException")
	case silent:
		e.take(&in)
		e.network.arrived(r.Header.Get(ticketHeader))
		<-r.Context().Done()
	default:
		id, refusal := e.take(&in)
		if refusal != "" {
			refuse(w, http.StatusBadRequest, refusal)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"MessageId":%q}`, id)
	}
}

func (e *endpoint) count() {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.requests++
}

// take takes a mail, or says by which exception the account may not send it.
func (e *endpoint) take(in *request) (id, refusal string) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.requests++
	e.mails++
	if e.countOnly {
		return "ses-1", ""
	}
	now := e.clock.Now()
	today := now.Format(time.DateOnly)
	switch {
	case e.account.paused:
		return "", "SendingPausedException"
	case e.account.perDay >= 0 && e.onDay[today] >= e.account.perDay:
		return "", "LimitExceededException"
	}
	invitation := in.tag("invitation")
	e.taken[invitation]++
	e.onDay[today]++
	id = fmt.Sprintf("ses-%s-%d", invitation, e.taken[invitation])
	if e.mute {
		return id, ""
	}
	tags := map[string][]string{}
	for _, t := range in.EmailTags {
		tags[t.Name] = []string{t.Value}
	}
	message, err := json.Marshal(map[string]any{"eventType": "Send", "mail": map[string]any{
		"messageId": id, "timestamp": now.Format(sns.TimestampFormat), "tags": tags}})
	if err != nil {
		panic(err)
	}
	e.news = append(e.news, news{now.Add(tellAfter), string(message)})
	return id, ""
}

// tell takes the events that SES tells of by now.
func (e *endpoint) tell() (messages []string) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	now := e.clock.Now()
	e.news = slices.DeleteFunc(e.news, func(n news) bool {
		if n.at.After(now) {
			return false
		}
		messages = append(messages, n.message)
		return true
	})
	return messages
}

func (e *endpoint) untold() int {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	return len(e.news)
}

// change changes the account.
func (e *endpoint) change(to account) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.account = to
}

func (e *endpoint) getAccount(w http.ResponseWriter, _ *http.Request) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.asked++
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"SendingEnabled":%t,"EnforcementStatus":"HEALTHY","SendQuota":{"Max24HourSend":%d,"MaxSendRate":%d,"SentLast24Hours":%d}}`,
		!e.account.paused, e.account.perDay, e.account.perSecond, e.onDay[e.clock.Now().Format(time.DateOnly)])
}

func refuse(w http.ResponseWriter, status int, kind string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-ErrorType", kind)
	w.WriteHeader(status)
	fmt.Fprint(w, `{"message":"No."}`)
}
