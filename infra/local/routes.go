package local

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"kaiku/events"
	"kaiku/shared/token"
	"kaiku/shared/web"
)

// routes adds the paths that exist in the local run alone.
func (l *Local) routes(mux *http.ServeMux) {
	handle := func(pattern string, f web.HandlerFunc) { mux.Handle(pattern, web.Handle(l.log, f)) }
	handle("GET /{$}", func(w http.ResponseWriter, r *http.Request) error {
		http.Redirect(w, r, "/local", http.StatusSeeOther)
		return nil
	})
	handle("GET /local", l.home)
	handle("GET /local/mailbox", l.mailboxPage)
	handle("GET /local/mailbox/{id}", l.mailPage)
	handle("GET /local/mailbox.json", func(w http.ResponseWriter, _ *http.Request) error {
		return web.WriteJSON(w, http.StatusOK, l.mailbox.All())
	})
	handle("GET /local/clock", func(w http.ResponseWriter, _ *http.Request) error { return l.writeClock(w) })
	handle("POST /local/clock", l.turnClock)
	handle("POST /local/mail-events", l.mailEvent)
	handle("POST /local/samples/{name}", l.sample)
	mux.HandleFunc("POST "+sesPath+"/v2/email/outbound-emails", l.takeMail)
	mux.HandleFunc("GET "+sesPath+"/v2/email/account", l.tellAccount)
}

func (l *Local) writeClock(w http.ResponseWriter) error {
	return web.WriteJSON(w, http.StatusOK, map[string]string{"now": l.clock.Now().Format(time.RFC3339Nano)})
}

// maxRequest bounds the bodies of the local paths.
const maxRequest = 64 << 10

// readJSON reads a small body, whatever type it claims to be of; the text of its
// error is for the caller.
func readJSON(body []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return web.NewProblem(http.StatusBadRequest, "The body cannot be read: "+err.Error())
	}
	return nil
}

func (l *Local) turnClock(w http.ResponseWriter, r *http.Request) error {
	var in struct{ Advance, To string }
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest))
	if err != nil {
		return web.NewProblem(http.StatusBadRequest, "The body could not be read to its end.")
	}
	form, err := url.ParseQuery(string(body))
	button := err == nil && form.Has("advance") // a person pressed one on the local page
	if button {
		in.Advance = form.Get("advance")
	} else if err := readJSON(body, &in); err != nil {
		return err
	}
	err = l.Turn(r.Context(), func(now time.Time) (time.Time, error) { return clockTarget(in.Advance, in.To, now) })
	if err != nil {
		return err
	}
	if button {
		http.Redirect(w, r, "/local", http.StatusSeeOther)
		return nil
	}
	return l.writeClock(w)
}

// clockTarget is the time to which the clock is asked to be turned.
func clockTarget(advance, to string, now time.Time) (time.Time, error) {
	t, err := askedTime(advance, to, now)
	if err == nil && !t.Before(latest) {
		return now, web.NewProblem(http.StatusBadRequest, "that is too far ahead; "+clockRange)
	}
	return t, err
}

func askedTime(advance, to string, now time.Time) (time.Time, error) {
	switch {
	case advance != "" && to == "":
		by, err := time.ParseDuration(advance)
		if err != nil || by < 0 {
			return now, web.NewProblem(http.StatusBadRequest, `advance must be a length of time that is not negative, such as "36h"`)
		}
		return now.Add(by), nil
	case to != "" && advance == "":
		t, err := time.Parse(time.RFC3339, to)
		if err != nil || t.Before(now) {
			return now, web.NewProblem(http.StatusBadRequest, `to must be a time by RFC 3339 that is not before the clock's now, `+now.Format(time.RFC3339))
		}
		return t, nil
	}
	return now, web.NewProblem(http.StatusBadRequest, `send {"advance": "36h"} or {"to": "2027-01-02T09:00:00+02:00"}`)
}

// mailEventTypes are the SES events that can be told of a mail.
var mailEventTypes = []string{"Bounce", "Complaint", "Delivery", "Send", "Reject", "DeliveryDelay", "Rendering Failure"}

func (l *Local) mailEvent(w http.ResponseWriter, r *http.Request) error {
	var in struct{ MessageID, Type, BounceType string }
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest))
	if err != nil {
		return web.NewProblem(http.StatusBadRequest, "The body could not be read to its end.")
	}
	if err := readJSON(body, &in); err != nil {
		return err
	}
	switch {
	case !slices.Contains(mailEventTypes, in.Type):
		return web.NewProblem(http.StatusBadRequest, "type must be one of "+strings.Join(mailEventTypes, ", "))
	case in.Type == "Bounce" && in.BounceType == "":
		in.BounceType = "Permanent"
	case in.Type == "Bounce" && in.BounceType != "Permanent" && in.BounceType != "Transient":
		return web.NewProblem(http.StatusBadRequest, "bounceType must be Permanent or Transient")
	}
	mail, ok := l.mailbox.Find(in.MessageID)
	if !ok {
		return web.NewProblem(http.StatusNotFound, "no mail has this messageId; see /local/mailbox.json")
	}
	event, err := l.sesEvent(mail, in.Type, in.BounceType, l.clock.Now())
	if err != nil {
		return err
	}
	l.turn.Lock()
	defer l.turn.Unlock()
	if err := l.mailevent.Handle(r.Context(), event); err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, map[string]string{"messageId": in.MessageID, "type": in.Type})
}

// samples are the names of the sample events, in the order of their files.
func samples() ([]string, error) {
	files, err := fs.Glob(events.Webhook, "webhook/*.json")
	if err != nil {
		return nil, err
	}
	names := make([]string, len(files))
	for i, file := range files {
		names[i] = strings.TrimSuffix(path.Base(file), ".json")
	}
	return names, nil
}

// sample sends a sample event as a CRM would, as of now: signed, through the
// webhook itself.
func (l *Local) sample(w http.ResponseWriter, r *http.Request) error {
	b, err := fs.ReadFile(events.Webhook, path.Join("webhook", path.Base(r.PathValue("name"))+".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return web.NewProblem(http.StatusNotFound, "there is no such sample event; see events/webhook")
	}
	if err != nil {
		return err
	}
	now := l.clock.Now()
	var body map[string]any
	if err := json.Unmarshal(b, &body); err != nil {
		return fmt.Errorf("reading a sample event: %w", err)
	}
	body["timestamp"] = now.Format(time.RFC3339)
	if b, err = json.Marshal(body); err != nil {
		return err
	}
	headers, err := l.secrets.Sign("msg_"+ulid.Make().String(), now, b)
	if err != nil {
		return err
	}
	post := httptest.NewRequestWithContext(r.Context(), http.MethodPost, "/webhooks/contracts", bytes.NewReader(b))
	post.Header = headers
	post.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	l.handler.ServeHTTP(answer, post)
	if answer.Code >= http.StatusBadRequest {
		w.WriteHeader(answer.Code)
		_, err := io.Copy(w, answer.Body)
		return err
	}
	return l.render(w, "answer", struct{ Name, Answer string }{r.PathValue("name"), indent(answer.Body.Bytes())})
}

func indent(b []byte) string {
	var out bytes.Buffer
	if json.Indent(&out, b, "", "  ") != nil {
		return string(b)
	}
	return out.String()
}

// linkHours is how long the page's link to the report holds.
const linkHours = 12

func (l *Local) home(w http.ResponseWriter, r *http.Request) error {
	names, err := samples()
	if err != nil {
		return err
	}
	now := l.clock.Now()
	mails := l.mailbox.All()
	return l.render(w, "home", struct {
		Now     string
		Mails   int
		Samples []string
		Report  string
	}{now.Format("Mon 2006-01-02 15:04:05 MST"), len(mails), names,
		"/report/" + l.keys.Issue(token.Report, now.Add(linkHours*time.Hour), nil)})
}

func (l *Local) mailboxPage(w http.ResponseWriter, r *http.Request) error {
	mails := l.mailbox.All()
	const newest = 200
	shown := mails[max(0, len(mails)-newest):]
	for i, j := 0, len(shown)-1; i < j; i, j = i+1, j-1 {
		shown[i], shown[j] = shown[j], shown[i]
	}
	return l.render(w, "mailbox", struct {
		Total int
		Mails []Mail
	}{len(mails), shown})
}

func (l *Local) mailPage(w http.ResponseWriter, r *http.Request) error {
	mail, ok := l.mailbox.Find(r.PathValue("id"))
	if !ok {
		return web.NewProblem(http.StatusNotFound, "there is no such mail")
	}
	return l.render(w, "mail", mail)
}
