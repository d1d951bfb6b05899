package mailevent_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kaiku/functions/mailevent"
	"kaiku/shared/ledger"
	"kaiku/shared/sns"
	"kaiku/shared/survey"
)

const topicARN = "arn:aws:sns:eu-north-1:123456789012:kaiku-mailevents"

var now = time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)

// told is one call of the ledger.
type told struct {
	Fate ledger.MailFate
	At   string
}

// listener is a ledger that keeps what it is told, and fails as it is told to.
type listener struct {
	refs []ledger.Ref
	told []told
	// digests are those told of as sent.
	digests []string
	err     error
}

func (l *listener) NoteFate(_ context.Context, ref ledger.Ref, fate ledger.MailFate, at, _ time.Time) error {
	l.refs = append(l.refs, ref)
	l.told = append(l.told, told{fate, at.Format(sns.TimestampFormat)})
	return l.err
}

func (l *listener) NoteDigestSent(_ context.Context, month survey.Month, id string, at time.Time) error {
	l.digests = append(l.digests, month.String()+" "+id+" "+at.Format(sns.TimestampFormat))
	return l.err
}

// scene is the function with a topic of its own.
type scene struct {
	*mailevent.Handler
	signer *sns.Signer
	ledger *listener
	log    *bytes.Buffer
}

func open(t testing.TB) *scene {
	t.Helper()
	topic, err := sns.ParseTopic(topicARN)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := sns.NewSigner(topic, "2", now.Add(-time.Hour), now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{signer: signer, ledger: &listener{}, log: &bytes.Buffer{}}
	clock := func() time.Time { return now }
	s.Handler = &mailevent.Handler{Verifier: sns.NewVerifier(topic, signer, clock), Ledger: s.ledger, Now: clock,
		Log: slog.New(slog.NewJSONHandler(s.log, nil))}
	return s
}

// sample reads a sample event as Lambda hands it over.
func sample(t testing.TB, file string) sns.Event {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var e sns.Event
	if err := json.Unmarshal(b, &e); err != nil || len(e.Records) != 1 {
		t.Fatalf("%s: %d records, %v", file, len(e.Records), err)
	}
	return e
}

func (s *scene) sign(t testing.TB, n sns.Notification) sns.Event {
	t.Helper()
	signed, err := s.signer.Sign(n)
	if err != nil {
		t.Fatal(err)
	}
	return sns.Event{Records: []sns.Record{{SNS: signed}}}
}

// says is a notification with an SES event about our own mail.
func says(event string) sns.Notification {
	return sns.Notification{MessageID: "a856b9f3-d156-4d8e-a63e-b5911b62038a", Timestamp: "2026-11-25T08:00:05.700Z",
		Message: strings.Replace(event, "MAIL", `"mail":{"timestamp":"2026-11-25T08:00:03.412Z",`+
			`"tags":{"customer":["Qy0xMDAx"],"invitation":["01JD8Q4Z5X8T2V7W9Y3B6N1M0K"],"day":["2026-11-25"]}}`, 1)}
}

const mailed = "2026-11-25T08:00:03.412Z"

func TestEverySampleSaysWhatBecameOfTheMail(t *testing.T) {
	want := map[string][]told{
		"send":                       {{ledger.FateSent, mailed}},
		"delivery":                   {{ledger.FateDelivered, "2026-11-25T08:00:05.284Z"}},
		"delivery-delay":             {{ledger.FateDelayed, "2026-11-25T08:10:11.530Z"}},
		"bounce-permanent":           {{ledger.FateBounced, "2026-11-25T08:00:06.012Z"}},
		"bounce-suppressed":          {{ledger.FateSuppressed, "2026-11-25T08:00:04.102Z"}},
		"bounce-suppressed-globally": {{ledger.FateSuppressed, "2026-11-25T08:00:04.211Z"}},
		"bounce-transient":           {{ledger.FateSoftBounced, "2026-11-25T20:01:43.887Z"}},
		"bounce-undetermined":        {{ledger.FateSoftBounced, "2026-11-25T08:02:16.641Z"}},
		"complaint":                  {{ledger.FateComplained, "2026-11-25T12:31:19.000Z"}},
		"complaint-suppressed":       {{ledger.FateComplained, "2026-11-25T08:00:04.300Z"}, {ledger.FateSuppressed, "2026-11-25T08:00:04.300Z"}},
		"reject":                     {{ledger.FateRejected, mailed}},
		"rendering-failure":          {{ledger.FateRenderFailed, mailed}},
		"open":                       nil,
		"click":                      nil,
		"subscription":               nil,
		"topic-validated":            nil,
	}
	files, err := filepath.Glob("../../events/lambda/mailevent.*.sns.json")
	if err != nil || len(files) != len(want) {
		t.Errorf("%d samples, %v; want the %d that are known", len(files), err, len(want))
	}
	for _, file := range files {
		name := strings.Split(filepath.Base(file), ".")[1]
		s := open(t)
		e := sample(t, file)
		if err := s.Handle(t.Context(), e); !errors.Is(err, sns.ErrRefused) || len(s.ledger.told) != 0 {
			t.Errorf("%s, not signed: %v, %v", name, s.ledger.told, err)
		}
		if err := s.Handle(t.Context(), s.sign(t, e.Records[0].SNS)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want[name], s.ledger.told); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		for _, ref := range s.ledger.refs {
			if ref.Customer != "C-1001" || ref.Invitation != "01JD8Q4Z5X8T2V7W9Y3B6N1M0K" || ref.Day.String() != "2026-11-25" {
				t.Errorf("%s: of %+v", name, ref)
			}
		}
	}
}

func TestAForgedNotificationIsRefusedAndLeavesATraceWithoutItsWords(t *testing.T) {
	s, other := open(t), open(t)
	e := other.sign(t, says(`{"eventType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"maija@leipomo.example"}]},MAIL}`))
	e.Records[0].SNS.MessageID = "maija@leipomo.example"
	err := s.Handle(t.Context(), e)
	if !errors.Is(err, sns.ErrRefused) || len(s.ledger.told) != 0 {
		t.Fatalf("told %v, error %v", s.ledger.told, err)
	}
	var line struct{ Level, Msg string }
	if err := json.Unmarshal(s.log.Bytes(), &line); err != nil || line.Level != "ERROR" || line.Msg != mailevent.Refused {
		t.Errorf("logged %s, %v", s.log, err)
	}
	if said := s.log.String() + err.Error(); strings.Contains(said, "maija") {
		t.Errorf("it is quoted: %s", said)
	}
}

func TestAForgedNotificationDoesNotHoldUpAGenuineOne(t *testing.T) {
	s := open(t)
	e := s.sign(t, says(`{"eventType":"Send",MAIL}`))
	forged := e.Records[0]
	forged.SNS.Message += " "
	e.Records = []sns.Record{forged, e.Records[0]}
	if err := s.Handle(t.Context(), e); !errors.Is(err, sns.ErrRefused) || len(s.ledger.told) != 1 {
		t.Errorf("told %v, error %v", s.ledger.told, err)
	}
}

type unreachable struct{}

func (unreachable) Verify(context.Context, sns.Notification) error {
	return errors.New("no route to host")
}

// What cannot be checked now is tried again by Lambda, and is no forgery.
func TestANotificationThatCannotBeCheckedIsTriedAgain(t *testing.T) {
	s := open(t)
	e := s.sign(t, says(`{"eventType":"Send",MAIL}`))
	s.Verifier = unreachable{}
	if err := s.Handle(t.Context(), e); err == nil || len(s.ledger.told) != 0 || strings.Contains(s.log.String(), mailevent.Refused) {
		t.Errorf("told %v, error %v, log %s", s.ledger.told, err, s.log)
	}
}

func TestWhatGenuineNotificationsMaySay(t *testing.T) {
	for name, c := range map[string]struct {
		message string
		err     error // of the ledger
		want    int   // calls of the ledger
		fails   string
	}{
		"several recipients":     {message: `{"eventType":"Bounce","bounce":{"bounceType":"Permanent","bouncedRecipients":[{"emailAddress":"a@x.example"},{"emailAddress":"b@x.example"}]},MAIL}`, want: 1},
		"no time but the mail's": {message: `{"eventType":"Delivery",MAIL}`, want: 1},
		"a null subtype":         {message: `{"eventType":"Complaint","complaint":{"complaintSubType":null},MAIL}`, want: 1},
		"somebody else's mail":   {message: `{"eventType":"Bounce","mail":{"tags":{}}}`},
		"an unknown invitation":  {message: `{"eventType":"Send",MAIL}`, err: ledger.ErrNotFound, want: 1},
		"a store in trouble":     {message: `{"eventType":"Send",MAIL}`, err: errors.New("throttled"), want: 1, fails: "throttled"},
		"a type of the future":   {message: `{"eventType":"Teleported",MAIL}`, fails: "Teleported"},
		"no type":                {message: `{MAIL}`, fails: "not an SES event"},
		"no JSON":                {message: `maija@leipomo.example`, fails: "not an SES event"},
	} {
		s := open(t)
		s.ledger.err = c.err
		err := s.Handle(t.Context(), s.sign(t, says(c.message)))
		if (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) || len(s.ledger.told) != c.want {
			t.Errorf("%s: told %v, error %v", name, s.ledger.told, err)
		}
		if said := s.log.String(); err != nil && strings.Contains(said+err.Error(), "@") {
			t.Errorf("%s: an address is told: %s %v", name, said, err)
		}
	}
}

// A digest has several readers, and none of them is a contact.
func TestWhatSESTellsOfADigestSettlesItAndNamesNobody(t *testing.T) {
	const mail = `"mail":{"messageId":"ses-1","timestamp":"2026-12-01T07:00:03.412Z","tags":{"digest":["2026-11"]}}`
	for name, c := range map[string]struct {
		event string
		err   error
		warns string
		fails bool
	}{
		"sent":      {event: `{"eventType":"Send",` + mail + `}`},
		"delivered": {event: `{"eventType":"Delivery","delivery":{"timestamp":"2026-12-01T07:00:05Z"},` + mail + `}`},
		"one reader bounced": {event: `{"eventType":"Bounce","bounce":{"bounceType":"Permanent","bouncedRecipients":[{"emailAddress":"johto@kaiku.example"}]},` + mail + `}`,
			warns: "digest did not reach a reader"},
		"one reader complained": {event: `{"eventType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"johto@kaiku.example"}]},` + mail + `}`,
			warns: "digest did not reach a reader"},
		"of no digest of ours": {event: `{"eventType":"Send",` + mail + `}`, err: ledger.ErrNotFound, warns: "unknown digest"},
		"a store in trouble":   {event: `{"eventType":"Send",` + mail + `}`, err: errors.New("throttled"), fails: true},
		"a type of the future": {event: `{"eventType":"Teleported",` + mail + `}`, fails: true},
	} {
		s := open(t)
		s.ledger.err = c.err
		err := s.Handle(t.Context(), s.sign(t, sns.Notification{MessageID: "a856b9f3-d156-4d8e-a63e-b5911b62038a",
			Timestamp: "2026-12-01T07:00:05.700Z", Message: c.event}))
		if (err != nil) != c.fails || len(s.ledger.told) != 0 {
			t.Errorf("%s: told %v, error %v", name, s.ledger.told, err)
		}
		if want := []string{"2026-11 ses-1 2026-12-01T07:00:03.412Z"}; name != "a type of the future" && !slices.Equal(s.ledger.digests, want) {
			t.Errorf("%s: noted %q", name, s.ledger.digests)
		}
		if said := s.log.String(); strings.Contains(said, "@") || (c.warns == "") != (said == "") || !strings.Contains(said, c.warns) {
			t.Errorf("%s: logged %s", name, said)
		}
	}
}

// Whatever SNS hands on is taken, left alone or parked, never a crash, and what
// is told of is within what the ledger knows.
func FuzzMessage(f *testing.F) {
	files, err := filepath.Glob("../../events/lambda/mailevent.*.sns.json")
	if err != nil || len(files) == 0 {
		f.Fatal("no samples", err)
	}
	for _, file := range files {
		f.Add(sample(f, file).Records[0].SNS.Message)
	}
	f.Add(`{"eventType":"Bounce","bounce":null,"mail":{"tags":{"customer":[]}}}`)
	s := open(f)
	s.Verifier = genuine{}
	f.Fuzz(func(t *testing.T, message string) {
		*s.ledger = listener{}
		s.log.Reset()
		err := s.Handle(t.Context(), sns.Event{Records: []sns.Record{{SNS: sns.Notification{Message: message}}}})
		if err != nil && len(s.ledger.told) != 0 {
			t.Errorf("told %v, and failed: %v", s.ledger.told, err)
		}
		for _, ref := range s.ledger.refs {
			if ref.Customer == "" || ref.Invitation == "" || ref.Day.IsZero() {
				t.Errorf("told of %+v", ref)
			}
		}
	})
}

type genuine struct{}

func (genuine) Verify(context.Context, sns.Notification) error { return nil }
