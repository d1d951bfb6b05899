package aggregate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/mail"
	"kaiku/shared/policy"
	"kaiku/shared/policyfile"
	"kaiku/shared/survey"
	"kaiku/shared/table"
	"kaiku/shared/table/bolt"
	"kaiku/shared/token"
)

const (
	readers = "digest: {to: [johto@kaiku.example, asiakkuus@kaiku.example], language: en}"
	linkKey = "YSBrZXkgb2YgYXQgbGVhc3QgMTYgYnl0ZXM="
)

// firstOpening is 9 o'clock in Helsinki on the first of December 2026, a Tuesday.
var (
	november     = survey.Month{Year: 2026, Month: time.November}
	firstOpening = time.Date(2026, 12, 1, 7, 0, 0, 0, time.UTC)
)

// scene is the function over a ledger of its own, with a clock that can be set and
// an SES that does as it is told.
type scene struct {
	*Handler
	now    time.Time
	policy *policy.Policy
	keys   *token.Keys
	table  table.Table
	log    bytes.Buffer

	mutex sync.Mutex
	mails []mail.Message
	// answers are what SES says to each mail in turn; nil takes it. To what is behind
	// them it says nil.
	answers []error
}

func (s *scene) Send(ctx context.Context, m mail.Message) (string, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > answerTime {
		return "", errors.New("it may take for ever")
	}
	s.mails = append(s.mails, m)
	if n := len(s.mails); n <= len(s.answers) && s.answers[n-1] != nil {
		return "", s.answers[n-1]
	}
	return fmt.Sprint("ses-", len(s.mails)), nil
}

func open(t *testing.T, policyYAML string) *scene {
	t.Helper()
	p, err := policyfile.Parse("test.yaml", []byte(policyYAML))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := token.ParseKeys(linkKey)
	if err != nil {
		t.Fatal(err)
	}
	db, err := bolt.Open(filepath.Join(t.TempDir(), "kaiku.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &scene{policy: p, keys: keys, table: db, now: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
	s.Handler = &Handler{Ledger: ledger.New(db, p, ledger.NewIDs()), Now: func() time.Time { return s.now },
		Log: slog.New(slog.NewJSONHandler(&s.log, nil)), Monthly: Monthly{Sender: s, Policy: p, Keys: keys, BaseURL: "https://kysely.example"}}
	return s
}

// asked sends a survey to each of so many customers, answers it, and counts that.
func (s *scene) asked(t *testing.T, customers int, scores ...int) {
	t.Helper()
	s.sent(t, customers, scores...)
	s.run(t)
}

// sent is asked, of which nothing is counted yet.
func (s *scene) sent(t *testing.T, customers int, scores ...int) {
	t.Helper()
	book := s.Ledger.(*ledger.Ledger)
	raw := func(text string) json.RawMessage { return json.RawMessage(text) }
	var latest time.Time
	for i := range customers {
		id := fmt.Sprint("C-", i)
		r, err := book.TakeEvent(t.Context(), survey.Event{ID: "msg_" + id, Type: survey.ContractChanged, At: s.now, CustomerID: id,
			Customer: map[string]json.RawMessage{"name": raw(`"Leipomo Lahtinen Oy"`), "employees": raw("12")}, ContractID: "K-" + id,
			Contract: map[string]json.RawMessage{"startsOn": raw(`"2024-02-01"`)},
			Contacts: map[string]map[string]json.RawMessage{"P-1": {"email": raw(`"maija.` + id + `@leipomo.example"`), "role": raw(`"decision_maker"`)}}}, s.now)
		if err != nil {
			t.Fatal(err)
		}
		d := r.Decisions[0]
		c, err := book.Claim(t.Context(), ledger.Matter{Customer: id, Invitation: d.Invitation}, d.SendAt)
		if err != nil {
			t.Fatal(err)
		}
		if err := book.NoteSent(t.Context(), c, "ses", d.SendAt); err != nil {
			t.Fatal(err)
		}
		if err := book.NoteFate(t.Context(), c.Ref, ledger.FateDelivered, d.SendAt, d.SendAt); err != nil {
			t.Fatal(err)
		}
		if i < len(scores) {
			answer := func(survey.Outcome) (survey.Answer, error) {
				return survey.Answer{Score: scores[i], Comment: fmt.Sprint("Sain arvosanan ", scores[i], ".")}, nil
			}
			if _, err := book.Answer(t.Context(), c.Ref, answer, d.SendAt); err != nil {
				t.Fatal(err)
			}
		}
		latest = d.SendAt
	}
	s.now = latest.Add(time.Hour)
}

// run runs the function, which must go well.
func (s *scene) run(t *testing.T) {
	t.Helper()
	if err := s.Handle(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
}

// runAt runs it at a later time, and returns what became of it.
func (s *scene) runAt(t *testing.T, at time.Time) error {
	t.Helper()
	s.now = at
	return s.Handle(t.Context(), nil)
}

func TestTheDigestHasTheMonthsFiguresAndALinkToTheReport(t *testing.T) {
	s := open(t, readers)
	s.asked(t, 8, 5, 5, 4, 4, 1)
	if err := s.runAt(t, firstOpening); err != nil {
		t.Fatal(err)
	}
	if len(s.mails) != 1 {
		t.Fatalf("%d mails", len(s.mails))
	}
	m := s.mails[0]
	if !slices.Equal(m.To, s.policy.Digest.To) || m.From != s.policy.Sender.From || m.ReplyTo != s.policy.Sender.ReplyTo || m.UnsubscribeURL != "" {
		t.Errorf("to %v from %s, replies to %s", m.To, m.From, m.ReplyTo)
	}
	if m.Tags["digest"] != "2026-11" || len(m.Tags) != 1 {
		t.Errorf("tags %v", m.Tags)
	}
	for _, want := range []string{"Satisfied (CSAT): 80\u00a0%.", "Surveys: 8 sent, 8 delivered, 5 answered", "No NPS surveys were sent in 2026.", "“Sain arvosanan 1.”\n  unhappy · CSAT\n* “Sain arvosanan "} {
		if !strings.Contains(m.Content.Text, want) {
			t.Errorf("it does not say %q:\n%s", want, m.Content.Text)
		}
	}
	_, link, ok := strings.Cut(m.Content.Text, "https://kysely.example/report/")
	link, _, _ = strings.Cut(link, "\n")
	link, query, _ := strings.Cut(link, "?")
	if !ok || query != "from=2025-12&to=2026-11&lang=en" {
		t.Errorf("the link's query is %q", query)
	}
	// The next digest goes on 4 January, the first working day; a week later is the last day.
	end := time.Date(2027, 1, 11, 22, 0, 0, 0, time.UTC)
	if _, err := s.keys.Redeem(token.Report, link, end.Add(-time.Second)); err != nil {
		t.Errorf("on the last day: %v", err)
	}
	if _, err := s.keys.Redeem(token.Report, link, end); !errors.Is(err, token.ErrExpired) {
		t.Errorf("the day after: %v", err)
	}
}

func TestEachMonthHasOneDigestAlsoOneInWhichNothingWasAsked(t *testing.T) {
	s := open(t, readers)
	s.asked(t, 1)
	for s.now.Before(time.Date(2027, 3, 31, 0, 0, 0, 0, time.UTC)) { // as the schedule does
		if err := s.runAt(t, s.now.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	var months []string
	for _, m := range s.mails {
		months = append(months, m.Tags["digest"])
	}
	if want := []string{"2026-11", "2026-12", "2027-01", "2027-02"}; !slices.Equal(months, want) {
		t.Errorf("digests of %v, want %v", months, want)
	}
}

// What happened in the last hour of a month is counted in the next.
func TestWhatIsCountedAtMidnightIsOfTheMonthThatHasEnded(t *testing.T) {
	s := open(t, "openings: {days: [mon, tue, wed, thu, fri, sat, sun], from: \"00:00\", to: \"23:59\", holidays: none}\ntriggers: {changed: {delay: 0d}}\n"+readers)
	s.now = time.Date(2026, 11, 30, 21, 30, 0, 0, time.UTC) // half past eleven in Helsinki
	s.asked(t, 1)
	if got := s.now.In(s.policy.Zone).Month(); got != time.December {
		t.Fatalf("it is counted in %s", got)
	}
	if len(s.mails) != 1 || s.mails[0].Tags["digest"] != "2026-11" {
		t.Errorf("%d mails", len(s.mails))
	}
}

func TestWithoutReadersNothingIsMailed(t *testing.T) {
	s := open(t, "")
	s.asked(t, 1)
	if err := s.runAt(t, firstOpening.AddDate(0, 2, 0)); err != nil || len(s.mails) != 0 {
		t.Errorf("%d mails, %v", len(s.mails), err)
	}
}

// errSilent is what comes of a request to which SES never answered, as of a sender
// that died: nobody knows.
var errSilent = fmt.Errorf("sending a mail: %w", mail.ErrUnknown)

func TestWhatSESSaysDecidesWhenADigestIsTriedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		answers []error
		told    bool // SES tells by an event that it took the first
		mails   int
		fails   int // runs that fail
	}{
		"taken":                    {mails: 1},
		"throttled":                {answers: []error{mail.ErrThrottled, mail.ErrThrottled}, mails: 3, fails: 2},
		"paused":                   {answers: []error{mail.ErrPaused}, mails: 2, fails: 1},
		"refused, then mended":     {answers: []error{mail.ErrRejected, mail.ErrRejected}, mails: 3, fails: 2},
		"failed":                   {answers: []error{mail.ErrFailed}, mails: 2, fails: 1},
		"silent once":              {answers: []error{errSilent}, mails: 2, fails: 1},
		"silent, and SES tells":    {answers: []error{errSilent}, told: true, mails: 1, fails: 1},
		"silent twice":             {answers: []error{errSilent, errSilent}, mails: 2, fails: 3}, // the third says that nobody knows
		"silent, and then refused": {answers: []error{errSilent, mail.ErrRejected}, mails: 3, fails: 2},
		"refused for a week":       {answers: slices.Repeat([]error{mail.ErrRejected}, 1000), mails: 169, fails: 170},
	} {
		s := open(t, readers)
		s.asked(t, 1)
		s.answers = c.answers
		fails := 0
		for at := firstOpening; at.Before(firstOpening.AddDate(0, 0, 10)); at = at.Add(time.Hour) {
			if err := s.runAt(t, at); err != nil {
				if fails++; strings.Contains(err.Error(), "@") {
					t.Errorf("%s: the error names somebody: %v", name, err)
				}
			}
			if c.told {
				if err := s.Ledger.NoteDigestSent(t.Context(), november, "ses-1", at); err != nil {
					t.Fatal(err)
				}
			}
			s.run(t) // as Lambda does after an error
		}
		if len(s.mails) != c.mails || fails != c.fails {
			t.Errorf("%s: %d mails, %d runs failed; want %d and %d", name, len(s.mails), fails, c.mails, c.fails)
		}
		if said := s.log.String(); strings.Contains(said, "@") || strings.Contains(said, "/report/") {
			t.Errorf("%s: the log tells too much: %s", name, said)
		}
	}
}

// The process dies after SES took the mail and before that is noted, or before SES
// was asked: the one looks like the other.
func TestACrashInMailingADigestIsSettledOnce(t *testing.T) {
	for name, told := range map[string]bool{"before SES was asked": false, "after SES took it": true} {
		s := open(t, readers)
		s.asked(t, 1)
		if _, err := s.Ledger.ClaimDigest(t.Context(), november, firstOpening); err != nil {
			t.Fatal(err)
		}
		want := 1
		if told {
			if err := s.Ledger.NoteDigestSent(t.Context(), november, "ses-0", firstOpening); err != nil {
				t.Fatal(err)
			}
			want = 0
		}
		for at := firstOpening; at.Before(firstOpening.AddDate(0, 0, 3)); at = at.Add(30 * time.Minute) {
			if err := s.runAt(t, at); err != nil {
				t.Fatal(err)
			}
		}
		if len(s.mails) != want || strings.Contains(s.log.String(), "digest tried again") == told {
			t.Errorf("a crash %s: %d mails, want %d; %s", name, len(s.mails), want, &s.log)
		}
	}
}

func TestTwoRunsAtOnceMailOneDigest(t *testing.T) {
	s := open(t, readers)
	s.asked(t, 1)
	s.now = firstOpening
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if err := s.Handle(t.Context(), nil); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if len(s.mails) != 1 {
		t.Errorf("%d mails", len(s.mails))
	}
}

func TestADigestThatFailsFailsTheRunAfterEverythingWasCounted(t *testing.T) {
	s := open(t, readers)
	s.asked(t, 1)
	s.answers = []error{mail.ErrRejected}
	book := s.Ledger.(*ledger.Ledger)
	before, err := book.Counts(t.Context(), survey.CSAT)
	if err != nil {
		t.Fatal(err)
	}
	again := firstOpening.Add(-time.Hour)
	r, err := book.TakeEvent(t.Context(), survey.Event{ID: "msg_x", Type: survey.ContractStarted, At: again.AddDate(0, 0, -14), CustomerID: "C-9", ContractID: "K-9",
		Customer: map[string]json.RawMessage{"name": json.RawMessage(`"Oy"`)}, Contract: map[string]json.RawMessage{"startsOn": json.RawMessage(`"2026-11-10"`)},
		Contacts: map[string]map[string]json.RawMessage{"P-1": {"email": json.RawMessage(`"a@b.example"`)}}}, again.AddDate(0, 0, -14))
	if err != nil {
		t.Fatal(err)
	}
	d := r.Decisions[0]
	c, err := book.Claim(t.Context(), ledger.Matter{Customer: "C-9", Invitation: d.Invitation}, d.SendAt)
	if err != nil {
		t.Fatal(err)
	}
	if err := book.NoteSent(t.Context(), c, "ses", d.SendAt); err != nil {
		t.Fatal(err)
	}
	if err := s.runAt(t, firstOpening.Add(2*time.Hour)); !errors.Is(err, mail.ErrRejected) {
		t.Fatalf("the run: %v", err)
	}
	after, err := book.Counts(t.Context(), survey.CSAT)
	if err != nil {
		t.Fatal(err)
	}
	sent := func(months []ledger.MonthCount) (n int) {
		for _, m := range months {
			n += m.Cells[ledger.All][ledger.All].Sent
		}
		return n
	}
	if sent(before) != 1 || sent(after) != 2 {
		t.Errorf("counted %d, then %d", sent(before), sent(after))
	}
}

// A run that has spent its time on counting leaves the digest for the next.
func TestWithoutTimeADigestIsNotBegun(t *testing.T) {
	s := open(t, readers)
	s.asked(t, 1)
	s.now = firstOpening
	short, cancel := context.WithTimeout(t.Context(), mailTime-time.Second)
	defer cancel()
	if err := s.Handle(short, nil); err == nil || len(s.mails) != 0 {
		t.Fatalf("%d mails, %v", len(s.mails), err)
	}
	if s.run(t); len(s.mails) != 1 {
		t.Errorf("%d mails", len(s.mails))
	}
}

// deaf is a ledger in which no comment can be read.
type deaf struct{ Ledger }

var errThrottled = errors.New("throttled")

func (deaf) Comment(context.Context, ledger.CommentRef) (survey.Outcome, error) {
	return survey.Outcome{}, errThrottled
}

func TestCommentsThatCannotBeReadFailTheDigestWhichIsTriedAgain(t *testing.T) {
	s := open(t, readers)
	s.asked(t, 8, 5, 5, 4, 4, 1)
	whole := s.Ledger
	s.Ledger = deaf{whole}
	if err := s.runAt(t, firstOpening); !errors.Is(err, errThrottled) || len(s.mails) != 0 {
		t.Fatalf("%d mails, %v", len(s.mails), err)
	}
	s.Ledger = whole
	if err := s.runAt(t, firstOpening.Add(pause)); err != nil || len(s.mails) != 1 {
		t.Errorf("%d mails, %v", len(s.mails), err)
	}
}
