package mail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

type fakeSES struct {
	in   *sesv2.SendEmailInput
	opts sesv2.Options
	out  *sesv2.SendEmailOutput
	err  error
}

func (f *fakeSES) SendEmail(_ context.Context, in *sesv2.SendEmailInput, opts ...func(*sesv2.Options)) (*sesv2.SendEmailOutput, error) {
	f.in = in
	f.opts.RetryMaxAttempts = 5
	for _, o := range opts {
		o(&f.opts)
	}
	return f.out, f.err
}

const reader = "maija@leipomo.example"

func message() Message {
	return Message{
		From: "Kyselyt Äänekoski Oy <kysely@kaiku.example>", To: []string{reader}, ReplyTo: "Tiimi <tampere@kaiku.example>",
		ListID: "kysely.kaiku.example", UnsubscribeURL: "https://kysely.example/u/T0KEN",
		Tags:    map[string]string{"kind": "nps", "invitation": "01J9ZQ8Y3T"},
		Content: Content{Subject: "Hei, mitä kuuluu?", HTML: "<p>ä</p>", Text: "ä"},
	}
}

func TestSendLaysTheMailOutForSES(t *testing.T) {
	f := &fakeSES{out: &sesv2.SendEmailOutput{MessageId: aws.String("0100-abc")}}
	id, err := Sender{SES: f, ConfigurationSet: "surveys"}.Send(t.Context(), message())
	if err != nil || id != "0100-abc" {
		t.Fatalf("id %q, error %v", id, err)
	}
	m := f.in.Content.Simple
	got := map[string]any{
		"from": *f.in.FromEmailAddress, "to": f.in.Destination.ToAddresses, "reply": f.in.ReplyToAddresses,
		"set": *f.in.ConfigurationSetName, "subject": *m.Subject.Data, "subject charset": *m.Subject.Charset,
		"html": *m.Body.Html.Data, "html charset": *m.Body.Html.Charset,
		"text": *m.Body.Text.Data, "text charset": *m.Body.Text.Charset,
	}
	for _, h := range m.Headers {
		got[*h.Name] = *h.Value
	}
	for _, tag := range f.in.EmailTags {
		got["tag "+*tag.Name] = *tag.Value
	}
	if diff := cmp.Diff(map[string]any{
		"from": "=?utf-8?q?Kyselyt_=C3=84=C3=A4nekoski_Oy?= <kysely@kaiku.example>", "to": []string{reader},
		"reply": []string{`"Tiimi" <tampere@kaiku.example>`}, "set": "surveys",
		"subject": "Hei, mitä kuuluu?", "subject charset": "UTF-8",
		"html": "<p>ä</p>", "html charset": "UTF-8", "text": "ä", "text charset": "UTF-8",
		"Auto-Submitted":        "auto-generated",
		"List-Id":               "<kysely.kaiku.example>",
		"List-Unsubscribe":      "<https://kysely.example/u/T0KEN>",
		"List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		"tag invitation":        "01J9ZQ8Y3T", "tag kind": "nps",
	}, got); diff != "" {
		t.Error(diff)
	}
}

func TestMailToOurOwnPeopleHasNoListHeaders(t *testing.T) {
	f := &fakeSES{out: &sesv2.SendEmailOutput{MessageId: aws.String("1")}}
	m := message()
	m.ListID, m.UnsubscribeURL, m.ReplyTo, m.Tags = "", "", "", nil
	if _, err := (Sender{SES: f}).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if len(f.in.Content.Simple.Headers) != 1 || f.in.ReplyToAddresses != nil || f.in.ConfigurationSetName != nil {
		t.Errorf("%+v", f.in)
	}
}

func TestWhatMustNotReachAHeaderIsRefused(t *testing.T) {
	changes := map[string]func(*Message){
		"no from":             func(m *Message) { m.From = "" },
		"no to":               func(m *Message) { m.To = nil },
		"an empty to":         func(m *Message) { m.To = []string{""} },
		"51 readers":          func(m *Message) { m.To = slices.Repeat([]string{reader}, 51) },
		"one bad of two":      func(m *Message) { m.To = []string{reader, "maija"} },
		"to with a name":      func(m *Message) { m.To = []string{"Maija <" + reader + ">"} },
		"two readers":         func(m *Message) { m.To = []string{reader + ", b@b.example"} },
		"no address":          func(m *Message) { m.To = []string{"maija"} },
		"unicode domain":      func(m *Message) { m.To = []string{"maija@leipömö.example"} },
		"unicode local":       func(m *Message) { m.To = []string{"mäija@leipomo.example"} },
		"long address":        func(m *Message) { m.To = []string{strings.Repeat("a", 65) + "@leipomo.example"} },
		"list id with angle":  func(m *Message) { m.ListID = "a>, <b" },
		"list id not ascii":   func(m *Message) { m.ListID = "kysely.ääkkönen.example" },
		"list id too long":    func(m *Message) { m.ListID = strings.Repeat("a", 1000) },
		"unsubscribe ftp":     func(m *Message) { m.UnsubscribeURL = "ftp://a.example/u" },
		"unsubscribe bracket": func(m *Message) { m.UnsubscribeURL = "https://a.example/u>,<mailto:x" },
		"unsubscribe space":   func(m *Message) { m.UnsubscribeURL = "https://a.example/u x" },
		"unsubscribe long":    func(m *Message) { m.UnsubscribeURL = "https://a.example/" + strings.Repeat("u", 990) },
		"tag value dot":       func(m *Message) { m.Tags = map[string]string{"a": "b.c"} },
		"tag value at":        func(m *Message) { m.Tags = map[string]string{"a": reader} },
		"tag value empty":     func(m *Message) { m.Tags = map[string]string{"a": ""} },
		"tag value long":      func(m *Message) { m.Tags = map[string]string{"a": strings.Repeat("b", 257)} },
		"tag value not ascii": func(m *Message) { m.Tags = map[string]string{"a": "ä"} },
		"tag name space":      func(m *Message) { m.Tags = map[string]string{"a b": "c"} },
		"no subject":          func(m *Message) { m.Content.Subject = " " },
		"no html":             func(m *Message) { m.Content.HTML = "" },
		"no text":             func(m *Message) { m.Content.Text = "" },
	}
	for what, ending := range map[string]string{"LF": "\n", "CRLF": "\r\n", "CR": "\r", "NUL": "\x00", "LS": "\u2028"} {
		evil := ending + "Bcc: b@b.example"
		changes[what+" in from"] = func(m *Message) { m.From = "Kaiku" + evil + " <kysely@kaiku.example>" }
		changes[what+" in to"] = func(m *Message) { m.To[0] += evil }
		changes[what+" in reply-to"] = func(m *Message) { m.ReplyTo += evil }
		changes[what+" in list id"] = func(m *Message) { m.ListID += ending + "Bcc:b" }
		changes[what+" in unsubscribe"] = func(m *Message) { m.UnsubscribeURL += ending + "Bcc:b" }
		changes[what+" in tag"] = func(m *Message) { m.Tags = map[string]string{"a": "b" + ending} }
		changes[what+" in subject"] = func(m *Message) { m.Content.Subject += evil }
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			f := &fakeSES{}
			m := message()
			change(&m)
			_, err := Sender{SES: f}.Send(t.Context(), m)
			if !errors.Is(err, ErrRejected) {
				t.Errorf("error %v, want ErrRejected", err)
			}
			if f.in != nil {
				t.Error("SES was called")
			}
			noSecrets(t, err)
		})
	}
}

// noSecrets fails when an error says what only the mail may say.
func noSecrets(t *testing.T, err error) {
	t.Helper()
	for _, secret := range []string{"maija", "leipomo", "T0KEN", "b@b.example", "a.example"} {
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("the error holds %q: %v", secret, err)
		}
	}
}

func TestLongNamesStayOnOneHeaderLine(t *testing.T) {
	got, err := mailbox("From", strings.Repeat("Äänekosken Leipomo ", 12)+"<a@kaiku.example>")
	if err != nil || strings.ContainsAny(got, "\r\n") {
		t.Errorf("%q, %v", got, err)
	}
}

func TestErrorsHaveOneClass(t *testing.T) {
	quoting := aws.String("Address is not verified: " + reader)
	generic := func(code string) error { return &smithy.GenericAPIError{Code: code, Message: *quoting} }
	for name, c := range map[string]struct{ err, want error }{
		"too many requests": {&types.TooManyRequestsException{Message: quoting}, ErrThrottled},
		"limit exceeded":    {&types.LimitExceededException{Message: quoting}, ErrThrottled},
		"throttling":        {generic("ThrottlingException"), ErrThrottled},
		"paused":            {&types.SendingPausedException{Message: quoting}, ErrPaused},
		"suspended":         {&types.AccountSuspendedException{Message: quoting}, ErrPaused},
		"rejected":          {&types.MessageRejected{Message: quoting}, ErrPaused},
		"bad request":       {&types.BadRequestException{Message: quoting}, ErrRejected},
		"mail from domain":  {&types.MailFromDomainNotVerifiedException{Message: quoting}, ErrPaused},
		"not found":         {&types.NotFoundException{Message: quoting}, ErrPaused},
		"internal":          {&types.InternalServiceErrorException{Message: quoting}, ErrUnknown},
		"unheard of":        {generic("SomethingNew"), ErrUnknown},
		"odd code":          {generic("maija@leipomo.example <b>"), ErrUnknown},
		"deadline":          {context.DeadlineExceeded, ErrUnknown},
		"cancelled":         {context.Canceled, ErrUnknown},
		"connection lost":   {&net.OpError{Op: "read", Err: errors.New("reset")}, ErrUnknown},
		"no connection":     {&net.OpError{Op: "dial", Err: errors.New("refused")}, ErrUnreached},
		"dial deadline":     {&net.OpError{Op: "dial", Err: context.DeadlineExceeded}, ErrUnreached},
		"anything":          {errors.New(*quoting), ErrUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			wrapped := &smithy.OperationError{ServiceID: "SESv2", OperationName: "SendEmail", Err: c.err}
			_, err := Sender{SES: &fakeSES{err: wrapped}}.Send(t.Context(), message())
			onlyClass(t, err, c.want)
			noSecrets(t, err)
		})
	}
}

func onlyClass(t *testing.T, err, want error) {
	t.Helper()
	for _, class := range []error{ErrThrottled, ErrPaused, ErrRejected, ErrUnreached, ErrFailed, ErrUnknown} {
		if want := errors.Is(want, class); errors.Is(err, class) != want {
			t.Errorf("errors.Is(%v, %v) = %v", err, class, !want)
		}
	}
}

func TestADeadlineCanBeToldFromTheRest(t *testing.T) {
	_, err := Sender{SES: &fakeSES{err: context.DeadlineExceeded}}.Send(t.Context(), message())
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestAnAnswerWithoutAnIDIsUnknown(t *testing.T) {
	for _, out := range []*sesv2.SendEmailOutput{nil, {}, {MessageId: aws.String("")}} {
		_, err := Sender{SES: &fakeSES{out: out}}.Send(t.Context(), message())
		onlyClass(t, err, ErrUnknown)
	}
}

// client is the real client of SES, talking to handler.
func client(t *testing.T, handler http.HandlerFunc) *sesv2.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return sesv2.New(sesv2.Options{
		Region: "eu-north-1", BaseEndpoint: aws.String(server.URL),
		Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	})
}

func TestTheRealClientAsksOnceWhateverGoesWrong(t *testing.T) {
	answer := func(status int, code string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Amzn-ErrorType", code)
			w.Header().Set("X-Amzn-RequestId", "req-1")
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"message":"Address %s is on a list"}`, reader)
		}
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    error
	}{
		"throttled":          {answer(429, "TooManyRequestsException"), ErrThrottled},
		"throttled, no code": {answer(429, ""), ErrThrottled},
		"rejected":           {answer(400, "MessageRejected"), ErrPaused},
		"suspended":          {answer(400, "AccountSuspendedException"), ErrPaused},
		"access denied":      {answer(403, "AccessDeniedException"), ErrPaused},
		"expired credential": {answer(403, "ExpiredTokenException"), ErrPaused},
		"new client fault":   {answer(422, "BrandNewException"), ErrRejected},
		"server fault":       {answer(500, "InternalServiceErrorException"), ErrFailed},
		"unavailable":        {answer(503, "ServiceUnavailable"), ErrFailed},
		"gateway timeout":    {answer(504, ""), ErrUnknown},
		"cut":                {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, ErrUnknown},
		"nonsense":           {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }, ErrUnknown},
		"slow": {func(_ http.ResponseWriter, r *http.Request) {
			// Only once the body is read does the server see the client leave.
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				t.Error(err)
			}
			select {
			case <-r.Context().Done():
			case <-time.After(5 * time.Second):
			}
		}, ErrUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int32
			ses := client(t, func(w http.ResponseWriter, r *http.Request) { calls.Add(1); c.handler(w, r) })
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			_, err := Sender{SES: ses}.Send(ctx, message())
			onlyClass(t, err, c.want)
			noSecrets(t, err)
			if n := calls.Load(); n != 1 {
				t.Errorf("asked %d times", n)
			}
		})
	}
}

func TestTheRealClientReachesNobodyWhereNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	ses := sesv2.New(sesv2.Options{Region: "eu-north-1", BaseEndpoint: aws.String("http://" + l.Addr().String()),
		Credentials: credentials.NewStaticCredentialsProvider("id", "secret", "")})
	_, err = Sender{SES: ses}.Send(t.Context(), message())
	onlyClass(t, err, ErrUnreached)
}

func TestTheRealClientSends(t *testing.T) {
	ses := client(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v2/email/outbound-emails" {
			t.Errorf("path %s", r.URL.Path)
		}
		fmt.Fprint(w, `{"MessageId":"0100-abc"}`)
	})
	if id, err := (Sender{SES: ses}).Send(t.Context(), message()); err != nil || id != "0100-abc" {
		t.Errorf("id %q, error %v", id, err)
	}
}
