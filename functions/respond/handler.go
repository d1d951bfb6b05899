// Package respond is the function that a respondent meets: the survey page, its
// answer, and unsubscribing. A GET or HEAD never writes anything: mail scanners
// open every link.
package respond

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kaiku/shared/ledger"
	"kaiku/shared/policy"
	"kaiku/shared/survey"
	"kaiku/shared/token"
	"kaiku/shared/web"
	"kaiku/shared/wording"
)

// Ledger is what the function needs of the ledger.
type Ledger interface {
	Outcome(ctx context.Context, ref ledger.Ref) (survey.Outcome, error)
	Answer(ctx context.Context, ref ledger.Ref, given func(survey.Outcome) (survey.Answer, error), now time.Time) (survey.Outcome, error)
	Unsubscribe(ctx context.Context, hash string, from ledger.Ref, now time.Time) error
}

// Handler serves /s/{token} and /u/{token}.
type Handler struct {
	Ledger  Ledger
	Policy  *policy.Policy
	Wording *wording.Book
	Keys    *token.Keys
	Now     func() time.Time
	Log     *slog.Logger

	scanners scanners
}

// The paths of the links, each before its token.
const (
	surveys      = "/s/"
	unsubscribes = "/u/"
)

// Routes adds the function's routes to mux. GET takes in HEAD. What hangs
// behind a token is somebody else's rewriting of the link: see tokenOf.
func (h *Handler) Routes(mux *http.ServeMux) {
	for pattern, f := range map[string]http.HandlerFunc{
		"GET " + surveys + "{link...}": h.show, "POST " + surveys + "{link...}": h.answer, surveys: h.unknown,
		"GET " + unsubscribes + "{link...}": h.askUnsubscribe, "POST " + unsubscribes + "{link...}": h.unsubscribe, unsubscribes: h.unknown,
	} {
		mux.Handle(pattern, web.Secure(f))
	}
}

// maxForm bounds the body of a POST: the longest comment in the longest
// encoding (12 bytes a character), and the rest.
const maxForm = survey.MaxComment*12 + 4096

// redeem reads the token of a survey; when it cannot, it has answered, and ok is
// false.
func (h *Handler) redeem(w http.ResponseWriter, r *http.Request) (ref ledger.Ref, ok bool) {
	payload, err := h.Keys.Redeem(token.Answer, tokenOf(r), h.Now())
	switch {
	case errors.Is(err, token.ErrExpired):
		h.message(w, r, http.StatusGone, Expired, h.stranger(r))
		return ref, false
	case err != nil || ref.UnmarshalBinary(payload) != nil:
		h.unknown(w, r)
		return ref, false
	}
	return ref, true
}

// view is the page of a survey as it stands.
func (h *Handler) view(r *http.Request, o survey.Outcome) View {
	v := h.blank(r, o.Facts.Trigger, o.Facts.Language)
	v.Kind = o.Kind
	if a := o.Answer; a != nil {
		score := a.Score
		v.Score, v.Comment, v.Reason, v.Feeling, v.CommentKept = &score, a.Comment, a.Reason, a.Feeling, true
	}
	return v
}

// blank is the page of a survey that nothing is answered on yet.
func (h *Handler) blank(r *http.Request, t survey.Trigger, language string) View {
	answering := h.Policy.Answering
	v := View{Texts: h.Wording.In(language), Company: h.Policy.Company.Name, Colour: h.Policy.Company.Colour,
		Kind: t.Kind(), Trigger: t, Action: surveys + tokenOf(r), AutoSend: answering.Confirm == "touch",
		ReviseDays: int(answering.ReviseFor.Std() / (24 * time.Hour)), LastYear: answering.LastYear.In(language)}
	if t == survey.Ended {
		v.Reasons = survey.Reasons
	}
	if answering.AskFeelings {
		v.Feelings = survey.Feelings
	}
	return v
}

func (h *Handler) show(w http.ResponseWriter, r *http.Request) {
	ref, ok := h.redeem(w, r)
	if !ok {
		return
	}
	o, err := h.Ledger.Outcome(r.Context(), ref)
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		h.unknown(w, r)
		return
	case err != nil:
		h.trouble(w, r, err)
		return
	}
	v := h.view(r, o)
	if ledger.Closed(o.Answer, h.Policy.Answering.ReviseFor.Std(), h.Now()) {
		h.message(w, r, http.StatusOK, Closed, v)
		return
	}
	if score := scoreOf(r, o.Kind); score != nil {
		v.Score = score
		if h.scanners.burst(ref, *score, h.Now()) {
			h.Log.InfoContext(r.Context(), Burst, "invitation", ref.Invitation)
		}
	}
	if o.Answer != nil && v.Score != nil && *v.Score == o.Answer.Score {
		v.State = Answered // as shown, it is recorded: a touch must not send it again
	}
	h.survey(w, r, http.StatusOK, v)
}

// Why an answer was not taken, though the link is good.
var (
	errOffScale = errors.New("the score is off the scale")
	errBadField = errors.New("a field is none of the page's")
)

func (h *Handler) answer(w http.ResponseWriter, r *http.Request) {
	ref, ok := h.redeem(w, r)
	if !ok {
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	unread := r.ParseForm()
	form := r.PostForm
	score, noScore := strconv.Atoi(form.Get("score"))
	given := survey.Answer{Score: score, Comment: cleanComment(form.Get("comment")), Reason: form.Get("reason"), Feeling: form.Get("feeling")}
	kept := false

	o, err := h.Ledger.Answer(r.Context(), ref, func(o survey.Outcome) (survey.Answer, error) {
		if form.Get("keep") != "" {
			given, kept = keep(given, o.Answer)
		}
		v := h.view(r, o)
		switch {
		case unread != nil, utf8.RuneCountInString(given.Comment) > survey.MaxComment,
			!offered(v.Reasons, given.Reason), !offered(v.Feelings, given.Feeling):
			return given, errBadField
		case noScore != nil, !o.Kind.Valid(score):
			return given, errOffScale
		}
		return given, nil
	}, h.Now())
	if errors.Is(err, ledger.ErrNotFound) {
		h.unknown(w, r)
		return
	}
	v := h.view(r, o)
	if o.Kind == "" { // the survey could not be read: the form itself says which it is of, or it is none of ours
		if v, ok = h.formOf(r, form.Get("of")); !ok {
			h.trouble(w, r, err)
			return
		}
		kept = form.Get("keep") != ""
	}
	v.Score, v.Comment, v.Reason, v.Feeling, v.CommentKept = &given.Score, given.Comment, given.Reason, given.Feeling, kept || err == nil
	switch {
	case err == nil:
		v.State = Answered
		h.survey(w, r, http.StatusOK, v)
	case errors.Is(err, ledger.ErrClosed):
		h.message(w, r, http.StatusConflict, Closed, v)
	case errors.Is(err, errOffScale):
		v.State, v.Score = OffScale, nil
		h.survey(w, r, http.StatusUnprocessableEntity, v)
	case errors.Is(err, errBadField):
		v.State, v.Comment = Failed, cut(given.Comment, survey.MaxComment) // no browser lets more through
		h.survey(w, r, http.StatusUnprocessableEntity, v)
	default:
		h.Log.ErrorContext(r.Context(), "answer failed", "invitation", ref.Invitation, "error", err)
		v.State = Failed
		h.survey(w, r, http.StatusInternalServerError, v)
	}
}

// keep fills what an answer leaves empty from the one on record: a page that does
// not show all of it, or a touch of one opened before, must not take it away. It
// says whether the comment is the recorded one.
func keep(given survey.Answer, recorded *survey.Answer) (survey.Answer, bool) {
	if recorded == nil {
		return given, false
	}
	given.Reason, given.Feeling = cmp.Or(given.Reason, recorded.Reason), cmp.Or(given.Feeling, recorded.Feeling)
	if given.Comment != "" || recorded.Comment == "" {
		return given, false
	}
	given.Comment = recorded.Comment
	return given, true
}

// formOf is the page that a form was on, by its field "of" (formName). Anybody may
// write what they like there, and get that page with what they typed.
func (h *Handler) formOf(r *http.Request, name string) (View, bool) {
	trigger, language, _ := strings.Cut(name, ".")
	t := survey.Trigger(trigger)
	if !slices.Contains(survey.Triggers, t) || !slices.Contains(survey.Languages, language) {
		return View{}, false
	}
	return h.blank(r, t, language), true
}

// offered says whether a choice is none or one of those on the page.
func offered(choices []string, chosen string) bool {
	return chosen == "" || slices.Contains(choices, chosen)
}

// cleanComment keeps what a person can type: valid text with plain line ends
// and without control characters.
func cleanComment(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s))
}

// address redeems the token of an unsubscribe link: the hash of the address, and
// the survey whose mail it came in.
func (h *Handler) address(w http.ResponseWriter, r *http.Request) (hash string, from ledger.Ref, ok bool) {
	payload, err := h.Keys.Redeem(token.Unsubscribe, tokenOf(r), h.Now())
	if err == nil {
		hash, from, err = ledger.ParseUnsubscribe(payload)
	}
	if err != nil {
		h.unknown(w, r)
		return "", ledger.Ref{}, false
	}
	return hash, from, true
}

func (h *Handler) askUnsubscribe(w http.ResponseWriter, r *http.Request) {
	if _, _, ok := h.address(w, r); ok {
		v := h.stranger(r)
		v.Action = unsubscribes + tokenOf(r)
		h.message(w, r, http.StatusOK, UnsubscribeAsk, v)
	}
}

func (h *Handler) unsubscribe(w http.ResponseWriter, r *http.Request) {
	hash, from, ok := h.address(w, r)
	if !ok {
		return
	}
	if err := h.Ledger.Unsubscribe(r.Context(), hash, from, h.Now()); err != nil {
		h.trouble(w, r, err)
		return
	}
	h.message(w, r, http.StatusOK, UnsubscribeDone, h.stranger(r))
}

// stranger is the view of somebody whose link says no language: the browser's.
func (h *Handler) stranger(r *http.Request) View {
	language := survey.Languages[0]
	for want := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		want, _, _ = strings.Cut(strings.TrimSpace(want), ";")
		primary, _, _ := strings.Cut(strings.ToLower(want), "-")
		if slices.Contains(survey.Languages, primary) {
			language = primary
			break
		}
	}
	return View{Texts: h.Wording.In(language), Company: h.Policy.Company.Name, Colour: h.Policy.Company.Colour}
}

// unknown answers every link that is none of ours in one way, so that nothing
// is to be learned from it; not even who asks.
func (h *Handler) unknown(w http.ResponseWriter, r *http.Request) {
	v := h.stranger(r)
	v.Company = ""
	h.message(w, r, http.StatusNotFound, Unknown, v)
}

func (h *Handler) trouble(w http.ResponseWriter, r *http.Request, err error) {
	h.Log.ErrorContext(r.Context(), "request failed", "route", r.Pattern, "error", err)
	h.message(w, r, http.StatusInternalServerError, Trouble, h.stranger(r))
}

func (h *Handler) survey(w http.ResponseWriter, r *http.Request, status int, v View) {
	var page bytes.Buffer
	if err := RenderSurvey(&page, v); err != nil {
		h.trouble(w, r, err)
		return
	}
	h.write(w, r, status, v, page.Bytes())
}

func (h *Handler) message(w http.ResponseWriter, r *http.Request, status int, m Message, v View) {
	var page bytes.Buffer
	if err := RenderMessage(&page, m, v); err != nil {
		h.Log.ErrorContext(r.Context(), "rendering a page failed", "error", err)
		web.WriteProblem(w, web.NewProblem(http.StatusInternalServerError, "Something went wrong here; try again in a moment."))
		return
	}
	h.write(w, r, status, v, page.Bytes())
}

func (h *Handler) write(w http.ResponseWriter, r *http.Request, status int, v View, page []byte) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", v.Texts.Language())
	w.Header().Set("Content-Security-Policy", CSP(v.Colour))
	w.WriteHeader(status)
	if _, err := w.Write(page); err != nil {
		h.Log.InfoContext(r.Context(), "the reader has gone", "route", r.Pattern)
	}
}
