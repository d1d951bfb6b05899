// Package quota asks SES how many mails the account may send, and how fast. It
// stands apart from package mail so that the agenda, which only asks, carries no
// templates.
package quota

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/aws/aws-sdk-go-v2/service/sesv2"
)

// Quota is what the account may send now.
type Quota struct {
	// PerSecond is SES's own limit; more is throttled.
	PerSecond float64
	// Left is how many mails may still be sent before 24 hours have passed since
	// others were.
	Left int
}

// SES is the one call of SES v2 that Account makes. *sesv2.Client is one.
type SES interface {
	GetAccount(context.Context, *sesv2.GetAccountInput, ...func(*sesv2.Options)) (*sesv2.GetAccountOutput, error)
}

// Account is the SES account that mails are sent from.
type Account struct{ SES SES }

// unlimited is what SES writes for an account without a daily quota (SES API v2,
// SendQuota).
const unlimited = -1

// Quota asks SES. An account that may not send, by its own switch or because SES
// has shut it down, has nothing left.
func (a Account) Quota(ctx context.Context) (Quota, error) {
	out, err := a.SES.GetAccount(ctx, &sesv2.GetAccountInput{})
	if err != nil {
		return Quota{}, fmt.Errorf("asking SES for the account's quota: %w", err)
	}
	if out == nil || out.SendQuota == nil {
		return Quota{}, errors.New("asking SES for the account's quota: the answer holds none")
	}
	q := Quota{PerSecond: out.SendQuota.MaxSendRate, Left: math.MaxInt32}
	if day := out.SendQuota.Max24HourSend; day != unlimited {
		q.Left = int(max(0, day-out.SendQuota.SentLast24Hours))
	}
	if !out.SendingEnabled || out.EnforcementStatus != nil && *out.EnforcementStatus == "SHUTDOWN" {
		q.Left = 0
	}
	return q, nil
}
