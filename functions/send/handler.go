// Package send is the function that mails invitations: it claims each, has SES
// send it, and notes that. One item's failure never fails its neighbours.
package send

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"kaiku/shared/ledger"
	"kaiku/shared/mail"
	"kaiku/shared/policy"
	"kaiku/shared/survey"
	"kaiku/shared/token"
	"kaiku/shared/wording"
)

// Ledger is what the function needs of the ledger.
type Ledger interface {
	Claim(ctx context.Context, m ledger.Matter, now time.Time) (ledger.Claim, error)
	NoteSent(ctx context.Context, c ledger.Claim, messageID string, at time.Time) error
	Release(ctx context.Context, c ledger.Claim, again time.Time) error
	NoteSilence(ctx context.Context, c ledger.Claim) error
	Reject(ctx context.Context, c ledger.Claim, because survey.Because, now time.Time) error
}

// Sender sends one mail.
type Sender interface {
	Send(ctx context.Context, m mail.Message) (messageID string, err error)
}

// Handler takes messages of the queue.
type Handler struct {
	Ledger  Ledger
	Sender  Sender
	Policy  *policy.Policy
	Wording *wording.Book
	Keys    *token.Keys
	BaseURL string
	Now     func() time.Time
	Log     *slog.Logger
}

// Pauses before a mail that SES would not take now is queued again.
const (
	throttledPause = 2 * time.Minute
	pausedPause    = 30 * time.Minute
)

const (
	// answerTime is how long SES may take to answer; it takes a part of a second. A
	// request that is lost on the way would else last as long as the function may,
	// and take its neighbours with it.
	answerTime = 10 * time.Second
	// noteTime is kept of the function's time for what is noted before and after.
	noteTime = 3 * time.Second
)

// errNoTime is of a mail that is left alone, since there may not be the time to
// note what becomes of it.
var errNoTime = errors.New("no time left in this run")

// Handle sends the mails of one batch. The ones it reports as failed come again
// by the queue, and in the end to the dead-letter queue; whatever has to do
// with SES itself goes by the agenda instead.
func (h *Handler) Handle(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
	var failed events.SQSEventResponse
	for _, record := range batch.Records {
		if err := h.one(ctx, record.Body); err != nil {
			h.Log.ErrorContext(ctx, "mail failed", "message", record.MessageId, "error", err)
			failed.BatchItemFailures = append(failed.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: record.MessageId})
		}
	}
	return failed, nil
}

func (h *Handler) one(ctx context.Context, body string) error {
	var m ledger.Matter
	if err := json.Unmarshal([]byte(body), &m); err != nil || m.Customer == "" || m.Invitation == "" {
		return errors.New("the message names no invitation")
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < answerTime+noteTime {
		return errNoTime
	}
	claim, err := h.Ledger.Claim(ctx, m, h.Now())
	if errors.Is(err, ledger.ErrNotDue) {
		return nil
	}
	if err != nil {
		return err
	}
	message, err := h.message(claim)
	if err != nil {
		return errors.Join(err, h.Ledger.Release(ctx, claim, h.Now().Add(pausedPause)))
	}
	sending, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	id, err := h.Sender.Send(sending, message)
	return h.settle(ctx, claim, id, err)
}

// settle notes what came of a try to send.
func (h *Handler) settle(ctx context.Context, claim ledger.Claim, id string, err error) error {
	log := h.Log.With("invitation", claim.Invitation.ID)
	switch {
	case err == nil:
		return h.Ledger.NoteSent(ctx, claim, id, h.Now())
	case errors.Is(err, mail.ErrThrottled), errors.Is(err, mail.ErrUnreached):
		log.WarnContext(ctx, "SES did not take a mail now", "error", err)
		return h.Ledger.Release(ctx, claim, h.Now().Add(throttledPause))
	case errors.Is(err, mail.ErrFailed):
		log.ErrorContext(ctx, "SES failed to take a mail", "error", err)
		return h.Ledger.Release(ctx, claim, h.Now().Add(h.Policy.Sending.SettleAfter.Std()))
	case errors.Is(err, mail.ErrPaused):
		log.ErrorContext(ctx, "SES has paused sending", "error", err)
		return h.Ledger.Release(ctx, claim, h.Now().Add(pausedPause))
	case errors.Is(err, mail.ErrRejected):
		log.ErrorContext(ctx, "SES rejected a mail", "error", err)
		return h.Ledger.Reject(ctx, claim, survey.Because{"ses": err.Error()}, h.Now())
	}
	// Nobody knows whether it went out. The agenda settles it, by the event
	// that SES sends for it or by one more try.
	log.ErrorContext(ctx, "SES did not answer", "error", err)
	if err := h.Ledger.NoteSilence(ctx, claim); err != nil { // as if the sender had died: settled all the same
		log.ErrorContext(ctx, "noting it failed", "error", err)
	}
	return nil
}

// message writes the mail of a claimed invitation.
func (h *Handler) message(c ledger.Claim) (mail.Message, error) {
	ref, err := c.Ref.MarshalBinary()
	if err != nil {
		return mail.Message{}, err
	}
	stop, err := ledger.UnsubscribePayload(c.Invitation.Address, c.Ref)
	if err != nil {
		return mail.Message{}, err
	}
	page := h.BaseURL + "/s/" + h.Keys.Issue(token.Answer, c.Closes, ref)
	unsubscribe := h.BaseURL + "/u/" + h.Keys.Issue(token.Unsubscribe, time.Time{}, stop)
	content, err := mail.Compose(h.Wording.In(c.Contact.Language), mail.Survey{
		Kind: c.Invitation.Kind, Trigger: c.Invitation.Trigger,
		Company: h.Policy.Company.Name, Colour: h.Policy.Company.Colour,
		Link:           func(score int) string { return fmt.Sprintf("%s?score=%d", page, score) },
		UnsubscribeURL: unsubscribe, Reminder: c.Ref.Reminder,
	})
	if err != nil {
		return mail.Message{}, err
	}
	return mail.Message{From: h.Policy.Sender.From, To: []string{c.Contact.Email}, ReplyTo: h.Policy.ReplyTo(c.Owner),
		ListID: h.Policy.Sender.ListID, UnsubscribeURL: unsubscribe, Tags: c.Ref.Tags(), Content: content}, nil
}
