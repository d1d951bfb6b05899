package mail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
)

// The classes of what can go wrong. After the first four the mail has surely not
// gone out, after the fifth all but surely.
var (
	// ErrThrottled: SES asks to send more slowly, or the day's quota is used up.
	// The same mail may be tried later.
	ErrThrottled = errors.New("SES asks to slow down")
	// ErrPaused: SES takes no mail from this account now: sending is paused, the
	// account is suspended, or the function may not send. The mail itself is fine; it
	// may be tried once somebody has put that right.
	ErrPaused = errors.New("SES takes no mail from this account now")
	// ErrRejected: SES, or a check before it, refused this mail or how sending is set
	// up. The same mail will be refused again.
	ErrRejected = errors.New("the mail was refused")
	// ErrUnreached: there was no connection to SES at all. The same mail may be tried
	// again at once.
	ErrUnreached = errors.New("SES could not be reached")
	// ErrFailed: SES answered that something failed on its side. The mail has all but
	// surely not gone out. It may be tried again once there has been time for the SES
	// events with its tags to say otherwise.
	ErrFailed = errors.New("SES failed")
	// ErrUnknown: no answer, or one that does not tell. The mail may have gone out;
	// only the SES events with its tags will say.
	ErrUnknown = errors.New("nobody knows whether the mail was sent")
)

// classes sorts the error codes of SES v2 and of AWS before it (SES API v2
// reference, SendEmail and Common Errors).
var classes = map[string]error{
	"TooManyRequestsException": ErrThrottled,
	"LimitExceededException":   ErrThrottled,
	"ThrottlingException":      ErrThrottled,
	"Throttling":               ErrThrottled,

	"SendingPausedException":    ErrPaused,
	"AccountSuspendedException": ErrPaused,
	// Faults of the set-up: an identity that is not verified, an account in the
	// sandbox, a configuration set that is not there. The next mail would meet them
	// too, so all wait for whoever mends it.
	"MessageRejected":                    ErrPaused,
	"MailFromDomainNotVerifiedException": ErrPaused,
	"NotFoundException":                  ErrPaused,

	"BadRequestException": ErrRejected,
}

// classify finds the class of an error of SendEmail. What SES wrote is left out:
// it quotes addresses. Its code and the request's id are enough to look it up.
func classify(err error) error {
	var api smithy.APIError
	var response *awshttp.ResponseError
	var dial *net.OpError
	// Without an answer the SDK still has a ResponseError, of status 0.
	hasResponse := errors.As(err, &response) && response.HTTPStatusCode() != 0
	switch {
	case errors.As(err, &api):
		class := classes[api.ErrorCode()]
		if class == nil && hasResponse {
			class = classOfStatus(response.HTTPStatusCode())
		}
		if class == nil {
			class = ErrUnknown
		}
		if hasResponse {
			return fmt.Errorf("%w: %s, status %d, request %s", class, code(api), response.HTTPStatusCode(), response.ServiceRequestID())
		}
		return fmt.Errorf("%w: %s", class, code(api))
	case hasResponse:
		return fmt.Errorf("%w: status %d, request %s", classOfStatus(response.HTTPStatusCode()), response.HTTPStatusCode(), response.ServiceRequestID())
	// Before the deadline: one that passes while connecting is of this case.
	case errors.As(err, &dial) && dial.Op == "dial":
		return ErrUnreached
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: %w", ErrUnknown, context.DeadlineExceeded)
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%w: %w", ErrUnknown, context.Canceled)
	}
	return ErrUnknown
}

// classOfStatus sorts answers whose code is not known: a fault of the caller (4xx)
// is found before anything is sent, one of the server (5xx) hardly comes after.
func classOfStatus(status int) error {
	switch {
	case status == http.StatusTooManyRequests:
		return ErrThrottled
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return ErrPaused
	case status == http.StatusRequestTimeout, status == http.StatusGatewayTimeout:
		return ErrUnknown
	case status >= 400 && status < 500:
		return ErrRejected
	case status >= 500:
		return ErrFailed
	}
	return ErrUnknown
}

// code is the error's code, if it looks like one: a proxy in between may answer
// with anything.
func code(e smithy.APIError) string {
	if c := e.ErrorCode(); isTag(c) {
		return c
	}
	return "no code"
}
