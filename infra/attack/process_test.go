package attack

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const (
	webhookSecret = "whsec_ZW5kIHRvIGVuZCB0ZXN0cywgbm8gc2VjcmV0"
	reportToken   = "a-report-token-of-the-tests"
	day           = 24 * time.Hour
)

// often lets customers be asked again and again, so that few of them give answers
// of every kind in many months.
const often = `
sending: {reminders: 0}
audience: {sizes: [micro, small, medium, large, unknown]}
rules:
  cooldown: 0d
  address_cooldown: 0d
  customer_cap: 24
  address_cap: 24
  surveyed_this_year: {within: 0d, counts: []}
`

// run is the built command, serving.
type run struct {
	t    testing.TB
	base string
	// ahead is how far its clock is before the machine's.
	ahead time.Duration
}

// start builds and starts a run, which ends with the test.
func start(t testing.TB, now time.Time) *run {
	t.Helper()
	folder := t.TempDir()
	binary, policy := filepath.Join(folder, "kaiku.exe"), filepath.Join(folder, "policy.yaml")
	if err := os.WriteFile(policy, []byte(often), 0o600); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-o", binary, "./infra/kaiku")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the command: %v: %s", err, out)
	}
	process := exec.Command(binary, "serve")
	process.Env = []string{"PATH=" + os.Getenv("PATH"), "DATA=" + filepath.Join(folder, "data"), "POLICY=" + policy, "PORT=0",
		"KAIKU_NOW=" + now.Format(time.RFC3339), "WEBHOOK_SECRETS=" + webhookSecret, "REPORT_TOKEN=" + reportToken}
	var log bytes.Buffer
	process.Stderr = &log
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = process.Process.Kill() // it may have ended by itself
		_ = process.Wait()         // its error is that it was killed
		if t.Failed() {
			t.Logf("the run logged:\n%s", &log)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	base, ok := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if err != nil || !ok {
		t.Fatalf("the run says %q, %v", line, err)
	}
	r := &run{t: t, base: base}
	r.turn(map[string]string{"advance": "0s"})
	return r
}

// do sends a request that must end well.
func (r *run) do(method, path string, header map[string]string, body []byte) []byte {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), method, path, bytes.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode > 299 {
		r.t.Fatalf("%s %s: %d %s %v", method, strings.TrimPrefix(path, r.base), response.StatusCode, b, err)
	}
	return b
}

// report asks for a path of the report.
func (r *run) report(path string) string {
	r.t.Helper()
	return string(r.do(http.MethodGet, r.base+path, map[string]string{"Authorization": "Bearer " + reportToken}, nil))
}

func (r *run) now() time.Time { return time.Now().Add(r.ahead).UTC() }

func (r *run) turn(order map[string]string) {
	r.t.Helper()
	body, err := json.Marshal(order)
	if err != nil {
		r.t.Fatal(err)
	}
	var clock struct{ Now time.Time }
	if err := json.Unmarshal(r.do(http.MethodPost, r.base+"/local/clock", nil, body), &clock); err != nil {
		r.t.Fatal(err)
	}
	r.ahead = time.Until(clock.Now)
}

// post posts an event that happens now, signed as somebody else's library does.
func (r *run) post(id, kind string, data map[string]any) {
	r.t.Helper()
	now := r.now()
	body, err := json.Marshal(map[string]any{"type": kind, "timestamp": now.Format(time.RFC3339), "data": data})
	if err != nil {
		r.t.Fatal(err)
	}
	signer, err := standardwebhooks.NewWebhook(webhookSecret)
	if err != nil {
		r.t.Fatal(err)
	}
	signature, err := signer.Sign(id, now, body)
	if err != nil {
		r.t.Fatal(err)
	}
	r.do(http.MethodPost, r.base+"/webhooks/contracts", map[string]string{"Content-Type": "application/json", standardwebhooks.HeaderWebhookID: id,
		standardwebhooks.HeaderWebhookTimestamp: strconv.FormatInt(now.Unix(), 10), standardwebhooks.HeaderWebhookSignature: signature}, body)
}

var scoreLink = regexp.MustCompile(`(http://\S+/s/[^?\s]+)\?score=([0-9]+)`)

// answer has some of those who got mail since the last look answer it.
func (r *run) answer(random *rand.Rand, seen map[string]bool) (answered int) {
	r.t.Helper()
	var mails []struct{ MessageID, Text string }
	if err := json.Unmarshal(r.do(http.MethodGet, r.base+"/local/mailbox.json", nil, nil), &mails); err != nil {
		r.t.Fatal(err)
	}
	for _, mail := range mails {
		links := scoreLink.FindAllStringSubmatch(mail.Text, -1)
		if seen[mail.MessageID] || len(links) == 0 {
			continue
		}
		if seen[mail.MessageID] = true; random.IntN(10) < 3 {
			continue
		}
		// More are content than not, and nobody is quite like the others.
		link := links[max(random.IntN(len(links)), random.IntN(len(links)))]
		r.do(http.MethodPost, link[1], map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, []byte(url.Values{"score": {link[2]}, "comment": {fmt.Sprint("Reason ", len(seen))}}.Encode()))
		answered++
	}
	return answered
}

// customers is how many there are, step how often somebody looks, and steps how
// often: a year and more.
const (
	customers = 70
	step      = 13 * day
	steps     = 34
)

// live plays a small programme: customers of every sort, something that happens to
// some of them every few days, and answers.
func (r *run) live(random *rand.Rand) (answered int) {
	r.t.Helper()
	pick := func(values ...string) string { return values[min(random.IntN(len(values)), random.IntN(len(values)))] }
	begun := r.now()
	for i := range customers {
		customer := map[string]any{"id": fmt.Sprint("C-", i), "name": "Rauta Oy", "industry": pick("10710", "47761", "43320", "62010", "86230"),
			"region": pick("Uusimaa", "Pirkanmaa", "Kainuu", "Lappi"), "employees": pick("3", "30", "150", "900")}
		n, err := strconv.Atoi(customer["employees"].(string))
		if err != nil {
			r.t.Fatal(err)
		}
		customer["employees"] = n
		r.post(fmt.Sprint("load_", i), "contract.started", map[string]any{"backfill": true, "customer": customer,
			"contract": map[string]any{"id": fmt.Sprint("K-", i), "service": pick("alarm", "doors", "waste"), "annualValue": 1200, "currency": "EUR",
				"startsOn": begun.Add(-time.Duration(400+random.IntN(365)) * day).Format(time.DateOnly), "owner": pick("team-a", "team-b", "team-c", "team-d", "team-e")},
			"contacts": []any{map[string]any{"id": "P", "email": fmt.Sprintf("p%d@rauta.example", i), "name": "Raija Rauta", "role": "user", "language": pick("fi", "sv", "en")}}})
	}
	seen := map[string]bool{}
	for at := range steps {
		for i := range random.IntN(16) {
			who := random.IntN(customers)
			data := map[string]any{"customer": map[string]any{"id": fmt.Sprint("C-", who)}}
			kind := pick("interaction.closed", "contract.changed", "contract.renewed", "contract.started")
			if kind == "interaction.closed" {
				data["interaction"] = map[string]any{"id": fmt.Sprintf("T-%d-%d", at, i), "contactId": "P"}
			} else {
				data["contract"] = map[string]any{"id": fmt.Sprint("K-", who)}
			}
			r.post(fmt.Sprintf("event_%d_%d", at, i), kind, data)
		}
		r.turn(map[string]string{"advance": step.String()})
		answered += r.answer(random, seen)
	}
	r.turn(map[string]string{"advance": "1h"}) // so that all of it is counted
	return answered
}

// pairs are all ways to say from when to when, in months, days and years.
func pairs(first, last int) (all [][2]string) {
	forms := []func(m int, end bool) string{
		func(m int, _ bool) string { return monthName(m) },
		func(m int, end bool) string {
			if end {
				return monthName(m) + "-09" // in the middle: the month is whole all the same
			}
			return monthName(m) + "-20"
		},
	}
	for from := first; from <= last; from++ {
		for to := from; to <= last; to++ {
			for i, form := range forms {
				if i == 0 || from < to {
					all = append(all, [2]string{form(from, false), form(to, true)})
				}
			}
		}
	}
	for from := first / 12; from <= last/12; from++ {
		for to := from; to <= last/12; to++ {
			all = append(all, [2]string{strconv.Itoa(from), strconv.Itoa(to)})
		}
	}
	return all
}

func TestNothingHiddenFollowsFromALocalRunHoweverItIsAsked(t *testing.T) {
	t.Parallel()
	begun := time.Now()
	random := rand.New(rand.NewPCG(6, 7))
	from := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	run := start(t, from)
	answered := run.live(random)
	t.Logf("%v: %d answers until %v", time.Since(begun).Round(time.Millisecond), answered, run.now().Format(time.DateOnly))

	r := newReader(t, run.report)
	first, _ := months(from.Format("2006-01"))
	last, _ := months(run.now().Format("2006-01"))
	r.everything(monthName(first), monthName(last), true)
	whole := len(r.rows)
	var questions []question
	for _, kind := range append([]string{""}, kinds...) {
		for _, by := range dimensions {
			for _, period := range periods {
				for _, pair := range pairs(first, last) {
					questions = append(questions, question{kind, by, period, pair[0], pair[1]})
				}
				questions = append(questions, question{kind, by, period, "", ""})
			}
		}
	}
	every := len(questions)
	if random.Shuffle(every, func(i, j int) { questions[i], questions[j] = questions[j], questions[i] }); !all {
		questions = questions[:400]
	}
	for i, q := range questions {
		told := map[cell]bool{}
		for _, c := range r.json(q) {
			told[c] = true
		}
		r.wantWhole(q, told, first, last)
		if i%10 == 0 && q.to != "" {
			r.csv(q)
			r.page(q)
			r.answers(q)
		}
	}
	if len(r.rows) != whole {
		t.Errorf("%d cells were told of to questions about parts of the time, %d to those about all of it", len(r.rows), whole)
	}
	r.wantNoMore()
	r.wantHidden()
	leaks, small := subtract(r.rows, r.known)
	for _, l := range leaks {
		t.Error(l)
	}
	b, _ := narrow(r.rows, r.known)
	for _, left := range sums(r.rows, r.known) {
		t.Error(left)
	}
	t.Logf("%v: %d questions asked of %d; %d cells, of which %d have 1 to %d answers; %d figures on %d pages", time.Since(begun).Round(time.Millisecond),
		r.asked, every, len(r.rows), small, fewest-1, r.figures, r.pages)
	t.Logf("by bounds %d of %d hidden small cells are certain, %d of them in groups that all gave one score, and %d in part", b.determined, b.small, b.alike, b.some)
	if answered < 100 || small < 100 || r.figures < 100 || len(r.quoted) < 20 || len(r.groups) < 20 {
		t.Error("too little was answered, hidden or shown to say anything")
	}
}

// wantWhole says that the answer to a question has every cell of the periods that it
// takes in, whatever part of them, and no other: none comes or goes alone.
func (r *reader) wantWhole(q question, told map[cell]bool, first, last int) {
	r.t.Helper()
	if q.from == "" {
		return // the last twelve months, by a clock that runs on
	}
	from, _ := months(q.from[:min(7, len(q.from))])
	_, to := months(q.to[:min(7, len(q.to))])
	for c := range r.rows {
		begins, ends := months(c.period)
		if strings.Contains(c.period, "..") {
			begins = ends - 3 // the quarter they end with
		}
		asked := (q.kind == "" || c.kind == q.kind) && c.by == q.by && lengthOf(c.period) == q.period && begins < to && ends > from
		if asked != told[c] {
			r.t.Errorf("%s: %v is told: %v, asked for: %v", q, c, told[c], asked)
		}
	}
}

func lengthOf(period string) string {
	switch from, to := months(period); {
	case strings.Contains(period, ".."):
		return "rolling"
	case to-from == 12:
		return "year"
	case to-from == 3:
		return "quarter"
	}
	return "month"
}
