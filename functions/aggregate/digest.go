package aggregate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kaiku/shared/digest"
	"kaiku/shared/figures"
	"kaiku/shared/ledger"
	"kaiku/shared/mail"
	"kaiku/shared/policy"
	"kaiku/shared/stats"
	"kaiku/shared/survey"
	"kaiku/shared/token"
)

// Digests is what the function needs of the ledger for the monthly mail.
type Digests interface {
	figures.Counts
	figures.CommentReader
	PlanDigests(ctx context.Context, now time.Time) error
	DueDigests(ctx context.Context, now time.Time) ([]survey.Month, error)
	ClaimDigest(ctx context.Context, month survey.Month, now time.Time) (ledger.DigestClaim, error)
	NoteDigestSent(ctx context.Context, month survey.Month, messageID string, at time.Time) error
	ReleaseDigest(ctx context.Context, c ledger.DigestClaim, again time.Time) error
}

// Sender sends one mail.
type Sender interface {
	Send(ctx context.Context, m mail.Message) (messageID string, err error)
}

// Monthly mails the digest.
type Monthly struct {
	Sender  Sender
	Policy  *policy.Policy
	Keys    *token.Keys
	BaseURL string
}

const (
	// answerTime is how long SES may take to answer; it takes a part of a second.
	answerTime = 10 * time.Second
	// mailTime is what must be left of the function's time for a digest to be begun.
	mailTime = answerTime + 10*time.Second
	// pause is before a digest that failed or that SES would not take is tried again. All the while
	// the alarm for the function's errors rings.
	pause = time.Hour
	// linkDays is for how long the link of one digest outlives the next.
	linkDays = 7
)

// mailDigests plans the next and mails what is due. One that fails does not keep another from going.
func (h *Handler) mailDigests(ctx context.Context) error {
	now := h.Now()
	faults := []error{h.Ledger.PlanDigests(ctx, now)}
	months, err := h.Ledger.DueDigests(ctx, now)
	faults = append(faults, err)
	for _, month := range months {
		if err := h.mailDigest(ctx, month); err != nil {
			faults = append(faults, fmt.Errorf("the digest of %s: %w", month, err))
		}
	}
	return errors.Join(faults...)
}

func (h *Handler) mailDigest(ctx context.Context, month survey.Month) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < mailTime {
		return errors.New("no time is left for it in this run")
	}
	claim, err := h.Ledger.ClaimDigest(ctx, month, h.Now())
	if errors.Is(err, ledger.ErrNotDue) {
		return nil
	}
	if err != nil {
		return err
	}
	log := h.Log.With("month", month.String())
	if claim.Again {
		log.WarnContext(ctx, "digest tried again")
	}
	message, err := h.digest(ctx, month)
	if err != nil {
		return errors.Join(err, h.Ledger.ReleaseDigest(ctx, claim, h.Now().Add(pause)))
	}
	sending, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	id, err := h.Monthly.Sender.Send(sending, message)
	switch {
	case err == nil:
		log.InfoContext(ctx, "digest sent", "readers", len(message.To))
		return h.Ledger.NoteDigestSent(ctx, month, id, h.Now())
	case errors.Is(err, mail.ErrUnknown):
		// Nobody knows whether it went out. It stays claimed, to be settled by SES's
		// event or by one more try.
		return err
	}
	return errors.Join(err, h.Ledger.ReleaseDigest(ctx, claim, h.Now().Add(pause)))
}

// digest makes the mail of a month.
func (h *Handler) digest(ctx context.Context, month survey.Month) (mail.Message, error) {
	p, now := h.Monthly.Policy, h.Now()
	programme, err := figures.Load(ctx, h.Ledger, survey.Kinds, p.Results.HideUnder, now)
	if err != nil {
		return mail.Message{}, err
	}
	query := figures.Query{Kinds: survey.Kinds, By: ledger.All, Period: stats.Month, From: month, To: month}
	comments, err := programme.Comments(ctx, h.Ledger, query, len(survey.Kinds)*ledger.MaxComments)
	if err != nil {
		return mail.Message{}, fmt.Errorf("finding comments: %w", err)
	}
	d, err := programme.Digest(month, comments)
	if err != nil {
		return mail.Message{}, err
	}
	until := survey.DateOf(p.DigestAt(month.AddMonths(1)).In(p.Zone)).AddDays(linkDays)
	content, err := mail.ComposeDigest(digest.Of(d, digest.Setting{
		Company: p.Company.Name, Colour: p.Company.Colour, Language: p.Digest.Language, HideUnder: p.Results.HideUnder,
		URL: h.reportURL(month, until), Until: until, At: now, Zone: p.Zone}))
	if err != nil {
		return mail.Message{}, err
	}
	return mail.Message{From: p.Sender.From, To: p.Digest.To, ReplyTo: p.Sender.ReplyTo, Tags: ledger.DigestTags(month), Content: content}, nil
}

// monthsShown is how many months the report opens on, the digest's the last.
const monthsShown = 12

// reportURL opens the report on the digest's year, also once the next has begun,
// to the end of a day.
func (h *Handler) reportURL(month survey.Month, until survey.Date) string {
	m := h.Monthly
	expires := until.AddDays(1).Start(m.Policy.Zone)
	return fmt.Sprintf("%s/report/%s?from=%s&to=%s&lang=%s", m.BaseURL, m.Keys.Issue(token.Report, expires, nil),
		month.AddMonths(1-monthsShown), month, m.Policy.Digest.Language)
}
