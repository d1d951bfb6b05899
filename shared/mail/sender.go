package mail

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
)

// SES is the one call of SES v2 that Sender makes. *sesv2.Client is one.
type SES interface {
	SendEmail(context.Context, *sesv2.SendEmailInput, ...func(*sesv2.Options)) (*sesv2.SendEmailOutput, error)
}

// Sender sends mails through SES.
type Sender struct {
	SES SES
	// ConfigurationSet is the SES configuration set that publishes what became of
	// each mail; empty is the account's default.
	ConfigurationSet string
}

// Message is one mail. No value may hold a control character, and
// addresses are ASCII: SES has no SMTPUTF8, so write a domain in punycode.
type Message struct {
	// From is who the mail is from: an address, or a name and an address as in
	// "Kaiku Oy <kysely@kaiku.example>". The name may have any characters.
	From string
	// To is the readers' addresses, without names: one, or a few who may see each
	// other's. SES takes 50 at most.
	To []string
	// ReplyTo is where answers go, written as From; empty is the same as From.
	ReplyTo string
	// ListID names the kind of mail by a domain name, for filters (RFC 2919); empty
	// leaves the header out.
	ListID string
	// UnsubscribeURL takes a POST that unsubscribes at once (RFC 8058); https, or
	// http in local runs. Empty leaves the headers out, for mail to our own people.
	UnsubscribeURL string
	// Tags come back with every SES event of this mail. Names and values are 1 to
	// 256 of A–Z a–z 0–9 _ and - (SES v2, MessageTag).
	Tags    map[string]string
	Content Content
}

// Send hands m to SES once and returns the id that SES gave it. An error is of
// exactly one class: ErrThrottled, ErrPaused, ErrRejected or ErrUnreached, after
// which the mail has surely not gone out, ErrFailed, after which it hardly has, or
// ErrUnknown, after which it may have.
// No error holds an address or what the mail says.
func (s Sender) Send(ctx context.Context, m Message) (messageID string, err error) {
	in, err := s.input(m)
	if err != nil {
		return "", fmt.Errorf("sending a mail: %w: %w", ErrRejected, err)
	}
	out, err := s.SES.SendEmail(ctx, in, once)
	if err != nil {
		return "", fmt.Errorf("sending a mail: %w", classify(err))
	}
	if out == nil || aws.ToString(out.MessageId) == "" {
		return "", fmt.Errorf("sending a mail: %w", errors.Join(ErrUnknown, errors.New("SES answered without a message id")))
	}
	return *out.MessageId, nil
}

// once turns the SDK's own retries off. SendEmail cannot be repeated safely: it
// takes no idempotency token, so after a time-out or a 5xx, when the first mail may
// already be on its way, a second try could send it twice. Whether to try again is
// for the caller to decide, who knows what the SES events said.
func once(o *sesv2.Options) {
	o.RetryMaxAttempts = 1
	o.Retryer = aws.NopRetryer{}
}

// input checks the message and lays it out as SES wants it.
func (s Sender) input(m Message) (*sesv2.SendEmailInput, error) {
	from, err := mailbox("From", m.From)
	if err != nil {
		return nil, err
	}
	if len(m.To) == 0 || len(m.To) > maxReaders {
		return nil, fmt.Errorf("a mail needs a reader, and may have %d", maxReaders)
	}
	for _, to := range m.To {
		if _, err := bareAddress("To", to); err != nil {
			return nil, err
		}
	}
	var replyTo []string
	if m.ReplyTo != "" {
		r, err := mailbox("Reply-To", m.ReplyTo)
		if err != nil {
			return nil, err
		}
		replyTo = []string{r}
	}
	headers, err := headers(m)
	if err != nil {
		return nil, err
	}
	tags, err := tags(m.Tags)
	if err != nil {
		return nil, err
	}
	if err := oneLine("Subject", m.Content.Subject); err != nil {
		return nil, err
	}
	if m.Content.HTML == "" || m.Content.Text == "" {
		return nil, errors.New("the mail lacks its HTML or its plain text")
	}
	in := &sesv2.SendEmailInput{
		FromEmailAddress: &from,
		Destination:      &types.Destination{ToAddresses: m.To},
		ReplyToAddresses: replyTo,
		EmailTags:        tags,
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: utf8Content(m.Content.Subject),
			Body:    &types.Body{Html: utf8Content(m.Content.HTML), Text: utf8Content(m.Content.Text)},
			Headers: headers,
		}},
	}
	if s.ConfigurationSet != "" {
		in.ConfigurationSetName = aws.String(s.ConfigurationSet)
	}
	return in, nil
}

func utf8Content(s string) *types.Content {
	return &types.Content{Data: aws.String(s), Charset: aws.String("UTF-8")}
}
