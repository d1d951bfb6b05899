package ledger

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"

	"kaiku/shared/survey"
)

// refEpoch is the day that the days of a packed Ref are counted from; 16 bits
// of them reach to the year 2199.
var refEpoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// refHead is the packed length of all but the customer's id.
const refHead = 16 + 2

// MarshalBinary packs the Ref for a link: the ULID's 16 bytes, the day in two,
// then the customer's id.
func (r Ref) MarshalBinary() ([]byte, error) {
	id, err := ulid.ParseStrict(r.Invitation)
	if err != nil {
		return nil, fmt.Errorf("packing a reference: %w", err)
	}
	b := make([]byte, refHead, refHead+len(r.Customer))
	copy(b, id[:])
	if !r.Day.IsZero() {
		days := r.Day.Start(time.UTC).Sub(refEpoch) / (24 * time.Hour)
		if days < 1 || days > 1<<16-1 {
			return nil, errors.New("packing a reference: its day is out of range")
		}
		binary.BigEndian.PutUint16(b[16:], uint16(days))
	}
	return append(b, r.Customer...), nil
}

// UnmarshalBinary reads what MarshalBinary wrote.
func (r *Ref) UnmarshalBinary(b []byte) error {
	if len(b) <= refHead {
		return errors.New("reading a reference: too short")
	}
	var id ulid.ULID
	copy(id[:], b)
	*r = Ref{Invitation: id.String(), Customer: string(b[refHead:])}
	if days := binary.BigEndian.Uint16(b[16:]); days > 0 {
		r.Day = survey.DateOf(refEpoch.AddDate(0, 0, int(days)))
	}
	return nil
}

// The names of the tags that SES hands back with every event of a mail.
const (
	tagCustomer   = "customer" // base64url: SES allows few characters in a tag
	tagInvitation = "invitation"
	tagDay        = "day"
	tagMail       = "mail" // which of the invitation's mails
)

// The values of tagMail.
const (
	firstMail    = "invitation"
	reminderMail = "reminder"
)

// Tags name the survey to SES.
func (r Ref) Tags() map[string]string {
	which := firstMail
	if r.Reminder {
		which = reminderMail
	}
	return map[string]string{tagCustomer: base64.RawURLEncoding.EncodeToString([]byte(r.Customer)),
		tagInvitation: r.Invitation, tagDay: r.Day.String(), tagMail: which}
}

// ParseTags reads what Tags wrote, as SES hands it back: each tag with a list of
// values. Its error says that a mail is none of ours.
func ParseTags(tags map[string][]string) (Ref, error) {
	first := func(name string) string {
		if len(tags[name]) == 0 {
			return ""
		}
		return tags[name][0]
	}
	customer, err := base64.RawURLEncoding.DecodeString(first(tagCustomer))
	if err != nil || len(customer) == 0 || first(tagInvitation) == "" {
		return Ref{}, errors.New("the mail's tags name no invitation")
	}
	day, err := survey.ParseDate(first(tagDay))
	if err != nil {
		return Ref{}, fmt.Errorf("the mail's tags: %w", err)
	}
	return Ref{Customer: string(customer), Invitation: first(tagInvitation), Day: day, Reminder: first(tagMail) == reminderMail}, nil
}
