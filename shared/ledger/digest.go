package ledger

// Which month's digest is to be mailed, and may it be mailed now? One item a month
// of the programme, on a lane of its own. Looking for one costs what an empty
// lane does (4 units an hour), and planning a read (1); once a month it reads
// whether anything was ever counted (1 to 3) and writes 1 (and 1 in the index). A
// claim reads and writes 1 (and 2), noting it as sent too.

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"kaiku/shared/survey"
	"kaiku/shared/table"
)

// Digest is where the mail about a month stands.
type Digest struct {
	Month survey.Month `json:"month"`
	// Planned is when it is to go; what is older than sending.give_up goes no more.
	Planned time.Time `json:"planned"`
	// Claimed is when it was last tried, Tries how often with an end that is not, or
	// not yet, known; 2 says that somebody may have it twice.
	Claimed time.Time `json:"claimed,omitzero"`
	Tries   int       `json:"tries,omitempty"`
	// Sent is when SES took it, or when it was tried last with an end that nobody
	// knows.
	Sent      time.Time `json:"sent,omitzero"`
	MessageID string    `json:"messageId,omitempty"`
	// Dropped is when it was given up without having been sent.
	Dropped time.Time `json:"dropped,omitzero"`
}

// over says that nothing more is to be done.
func (d *Digest) over() bool { return !d.Sent.IsZero() || !d.Dropped.IsZero() }

// MaxDigestTries is how many tries of a digest may end unknown: two mails are the
// most that anybody gets.
const MaxDigestTries = 2

// Errors of ClaimDigest. Each is returned once: the digest is over.
var (
	// ErrDigestUnknown: all its tries ended unknown. It counts as sent.
	ErrDigestUnknown = errors.New("ledger: digest of unknown end")
	// ErrDigestLate: it could not be sent for sending.give_up.
	ErrDigestLate = errors.New("ledger: digest is too late")
)

// PlanDigests sees to it that the digest of the current month is planned, by the
// policy's clock, and that of the month that was current an hour ago: what happened
// in its last hour is counted in the next. Nothing is planned for nobody, nor before
// the first survey was counted. It looks at what is stored alone, so a run that was
// lost costs no digest.
func (l *Ledger) PlanDigests(ctx context.Context, now time.Time) error {
	if len(l.policy.Digest.To) == 0 {
		return nil
	}
	months := []survey.Month{survey.MonthOf(l.dayOf(now.Add(-countEvery))), survey.MonthOf(l.dayOf(now))}
	for _, month := range slices.Compact(months) {
		if err := l.planDigest(ctx, month); err != nil {
			return fmt.Errorf("planning a digest: %w", err)
		}
	}
	return nil
}

func (l *Ledger) planDigest(ctx context.Context, month survey.Month) error {
	d, err := get[Digest](ctx, l.table, digestKey(month))
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	if counted, err := l.everCounted(ctx); err != nil || !counted {
		return err
	}
	d.value = Digest{Month: month, Planned: moment(l.policy.DigestAt(month))}
	d.due = table.Due{Lane: laneDigest, At: d.value.Planned}
	w, err := d.put()
	if err != nil {
		return err
	}
	if err := l.table.Write(ctx, w); err != nil && !errors.Is(err, table.ErrCondition) { // somebody else has planned it
		return err
	}
	return nil
}

// everCounted says whether anything was ever sent and counted.
func (l *Ledger) everCounted(ctx context.Context) (bool, error) {
	for _, kind := range survey.Kinds {
		page, err := l.table.Query(ctx, table.Query{Partition: countKey(kind, survey.Month{}).Partition, Limit: 1})
		if err != nil || len(page.Items) > 0 {
			return err == nil, err
		}
	}
	return false, nil
}

// maxDigestsDue is more than can be due: each is over within sending.give_up.
const maxDigestsDue = 24

// DueDigests lists the months of which the digest is due by now, earliest first.
func (l *Ledger) DueDigests(ctx context.Context, now time.Time) ([]survey.Month, error) {
	keys, err := l.table.Due(ctx, laneDigest, now, maxDigestsDue)
	if err != nil {
		return nil, fmt.Errorf("looking up digests that are due: %w", err)
	}
	var months []survey.Month
	for _, key := range keys {
		month, err := survey.ParseMonth(key.Key.Sort)
		if err != nil {
			return nil, fmt.Errorf("ledger: %q is no digest: %w", key.Key, err)
		}
		months = append(months, month)
	}
	return months, nil
}

// DigestClaim is the right to mail one digest.
type DigestClaim struct {
	Month survey.Month
	// Again says that it may have gone out already: the try before ended unknown, and
	// SES has not told of it.
	Again bool

	entry stored[Digest]
}

// ClaimDigest takes a month's digest to mail it now. ErrNotDue says that it is not
// to be mailed: somebody else has it or sent it, its time has not come, or nobody
// is to have one any more. ErrDigestUnknown and ErrDigestLate end it.
func (l *Ledger) ClaimDigest(ctx context.Context, month survey.Month, now time.Time) (DigestClaim, error) {
	c, err := retrying(ctx, func() (DigestClaim, error) { return l.claimDigest(ctx, month, now) })
	if err != nil && !errors.Is(err, ErrNotDue) && !errors.Is(err, ErrDigestUnknown) && !errors.Is(err, ErrDigestLate) {
		return c, fmt.Errorf("claiming a digest: %w", err)
	}
	return c, err
}

func (l *Ledger) claimDigest(ctx context.Context, month survey.Month, now time.Time) (DigestClaim, error) {
	entry, err := get[Digest](ctx, l.table, digestKey(month))
	if err != nil {
		return DigestClaim{}, err
	}
	if entry.due.Lane == "" || entry.due.At.After(now) {
		return DigestClaim{}, ErrNotDue
	}
	d := &entry.value
	c := DigestClaim{Month: month, Again: d.Tries > 0}
	var end error
	switch {
	case d.Tries >= MaxDigestTries:
		d.Sent, end = d.Claimed, ErrDigestUnknown
	case len(l.policy.Digest.To) == 0:
		d.Dropped, end = moment(now), ErrNotDue
	case now.Sub(d.Planned) > l.policy.Sending.GiveUp.Std():
		d.Dropped, end = moment(now), ErrDigestLate
	default:
		d.Claimed = moment(now)
		d.Tries++
		entry.due.At = d.Claimed.Add(l.policy.Sending.SettleAfter.Std())
	}
	if d.over() {
		entry.due = table.Due{}
	}
	w, err := entry.put()
	if err != nil {
		return DigestClaim{}, err
	}
	if err := l.table.Write(ctx, w); err != nil {
		return DigestClaim{}, err
	}
	entry.version++
	c.entry = entry
	return c, end
}

// ReleaseDigest gives a claimed digest back that surely did not go out, to be
// claimed again from a time on.
func (l *Ledger) ReleaseDigest(ctx context.Context, c DigestClaim, again time.Time) error {
	entry := c.entry
	entry.value.Tries--
	entry.due = table.Due{Lane: laneDigest, At: moment(again)}
	w, err := entry.put()
	if err != nil {
		return err
	}
	if err := l.table.Write(ctx, w); err != nil && !errors.Is(err, table.ErrCondition) { // SES told of an earlier try meanwhile
		return fmt.Errorf("giving a digest back: %w", err)
	}
	return nil
}

// NoteDigestSent notes that SES took a month's digest: the answer of SES says so,
// or an event of the mail. It may be told twice, in any order.
func (l *Ledger) NoteDigestSent(ctx context.Context, month survey.Month, messageID string, at time.Time) error {
	_, err := retrying(ctx, func() (struct{}, error) {
		d, err := get[Digest](ctx, l.table, digestKey(month))
		if err != nil {
			return struct{}{}, err
		}
		before := d.value
		if noteEarliest(&d.value.Sent, moment(at)); d.value.MessageID == "" {
			d.value.MessageID = messageID
		}
		d.value.Dropped = time.Time{}
		if d.value == before {
			return struct{}{}, nil
		}
		d.due = table.Due{}
		w, err := d.put()
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, l.table.Write(ctx, w)
	})
	if err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("noting a digest as sent: %w", err)
	}
	return err
}

// tagDigest is the tag by which SES's events name a digest: its month.
const tagDigest = "digest"

// DigestTags name a month's digest to SES.
func DigestTags(month survey.Month) map[string]string {
	return map[string]string{tagDigest: month.String()}
}

// ParseDigestTags reads what DigestTags wrote, as SES hands it back; ok is false
// for another mail.
func ParseDigestTags(tags map[string][]string) (month survey.Month, ok bool) {
	if len(tags[tagDigest]) == 0 {
		return survey.Month{}, false
	}
	month, err := survey.ParseMonth(tags[tagDigest][0])
	return month, err == nil
}
