package send

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"kaiku/shared/ledger"
	"kaiku/shared/mail"
	"kaiku/shared/policyfile"
	"kaiku/shared/survey"
	"kaiku/shared/token"
)

var now = time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)

// desk is a ledger that notes what became of a claim, and a sender that does
// what it is told.
type desk struct {
	claimErr error
	sendErr  error
	mails    []mail.Message
	noted    []string
}

func (d *desk) Claim(_ context.Context, m ledger.Matter, _ time.Time) (ledger.Claim, error) {
	ref := ledger.Ref{Customer: m.Customer, Invitation: m.Invitation, Day: survey.DateOf(now)}
	return ledger.Claim{Ref: ref, Owner: "team-tampere",
		Invitation: survey.Invitation{ID: m.Invitation, Customer: m.Customer, Kind: survey.CSAT, Trigger: survey.Changed, Address: ledger.HashAddress("maija@leipomo.example")},
		Closes:     now.AddDate(0, 0, 30),
		Contact:    survey.Contact{ID: "P-1", Email: "maija@leipomo.example", Language: "sv"}}, d.claimErr
}

func (d *desk) NoteSent(_ context.Context, _ ledger.Claim, id string, _ time.Time) error {
	d.noted = append(d.noted, "sent "+id)
	return nil
}

func (d *desk) NoteSilence(context.Context, ledger.Claim) error {
	d.noted = append(d.noted, "silent")
	return nil
}

func (d *desk) Release(_ context.Context, _ ledger.Claim, again time.Time) error {
	d.noted = append(d.noted, "released for "+again.Sub(now).String())
	return nil
}

func (d *desk) Reject(_ context.Context, _ ledger.Claim, because survey.Because, _ time.Time) error {
	d.noted = append(d.noted, fmt.Sprint("rejected ", len(because)))
	return nil
}

func (d *desk) Send(ctx context.Context, m mail.Message) (string, error) {
	if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > answerTime {
		return "", errors.New("it may take for ever")
	}
	d.mails = append(d.mails, m)
	return "ses-1", d.sendErr
}

func handler(t *testing.T, d *desk) *Handler {
	t.Helper()
	policy, err := policyfile.Parse("test.yaml", []byte("sender: {owners: {team-tampere: tampere@kaiku.example}}"))
	if err != nil {
		t.Fatal(err)
	}
	wording, err := policyfile.LoadTexts("")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := token.ParseKeys("YSBrZXkgb2YgYXQgbGVhc3QgMTYgYnl0ZXM=")
	if err != nil {
		t.Fatal(err)
	}
	return &Handler{Ledger: d, Sender: d, Policy: policy, Wording: wording, Keys: keys, BaseURL: "https://kysely.kaiku.example",
		Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}
}

func batch(t *testing.T, bodies ...string) events.SQSEvent {
	t.Helper()
	var e events.SQSEvent
	for i, body := range bodies {
		e.Records = append(e.Records, events.SQSMessage{MessageId: fmt.Sprint(i), Body: body})
	}
	return e
}

func body(t *testing.T, invitation string) string {
	t.Helper()
	b, err := json.Marshal(ledger.Matter{Customer: "C-1001", Invitation: invitation})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const id = "01JD8Q4Z5X8T2V7W9Y3B6N1M0K"

func TestWhatSESSaysDecidesWhatIsNoted(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"taken", nil, "[sent ses-1]"},
		{"throttled", mail.ErrThrottled, "[released for 2m0s]"},
		{"not reached", mail.ErrUnreached, "[released for 2m0s]"},
		{"paused", mail.ErrPaused, "[released for 30m0s]"},
		{"rejected", mail.ErrRejected, "[rejected 1]"},
		{"nobody knows", mail.ErrUnknown, "[silent]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &desk{sendErr: c.err}
			failed, err := handler(t, d).Handle(t.Context(), batch(t, body(t, id)))
			if err != nil || len(failed.BatchItemFailures) != 0 || fmt.Sprint(d.noted) != c.want {
				t.Errorf("noted %v, failed %v, %v; want %s", d.noted, failed, err, c.want)
			}
		})
	}
}

func TestOneItemsFailureLeavesItsNeighbours(t *testing.T) {
	d := &desk{}
	failed, err := handler(t, d).Handle(t.Context(), batch(t, "no json", body(t, id), "{}", body(t, id)))
	if err != nil {
		t.Fatal(err)
	}
	var which []string
	for _, f := range failed.BatchItemFailures {
		which = append(which, f.ItemIdentifier)
	}
	if fmt.Sprint(which) != "[0 2]" || len(d.mails) != 2 {
		t.Errorf("failed %v, %d mails sent", which, len(d.mails))
	}
}

func TestWhatIsNotDueIsNotSent(t *testing.T) {
	d := &desk{claimErr: ledger.ErrNotDue}
	failed, err := handler(t, d).Handle(t.Context(), batch(t, body(t, id)))
	if err != nil || len(failed.BatchItemFailures) != 0 || len(d.mails) != 0 {
		t.Errorf("%v, %v, %d mails", failed, err, len(d.mails))
	}
	d = &desk{claimErr: errors.New("the table is not there")}
	if failed, _ = handler(t, d).Handle(t.Context(), batch(t, body(t, id))); len(failed.BatchItemFailures) != 1 {
		t.Error("a claim that failed is not tried again")
	}
}

func TestAMailIsNotBegunThatTheFunctionMayNotEnd(t *testing.T) {
	d := &desk{}
	ctx, cancel := context.WithTimeout(t.Context(), answerTime)
	defer cancel()
	failed, err := handler(t, d).Handle(ctx, batch(t, body(t, id)))
	if err != nil || len(failed.BatchItemFailures) != 1 || len(d.mails) != 0 {
		t.Errorf("%v, %v, %d mails", failed, err, len(d.mails))
	}
}

func TestAMailCarriesItsLinksAndNobodysName(t *testing.T) {
	d := &desk{}
	h := handler(t, d)
	if _, err := h.Handle(t.Context(), batch(t, body(t, id))); err != nil {
		t.Fatal(err)
	}
	m := d.mails[0]
	if m.ReplyTo != "tampere@kaiku.example" || m.To[0] != "maija@leipomo.example" || !strings.Contains(m.Content.HTML, `lang="sv"`) {
		t.Errorf("reply to %s, to %s, %.60s", m.ReplyTo, m.To, m.Content.HTML)
	}
	_, page, _ := strings.Cut(m.Content.Text, h.BaseURL+"/s/")
	text, _, _ := strings.Cut(page, "?")
	payload, err := h.Keys.Redeem(token.Answer, text, now.AddDate(0, 0, 29))
	var ref ledger.Ref
	if err != nil || ref.UnmarshalBinary(payload) != nil || ref.Invitation != id || ref.Customer != "C-1001" {
		t.Errorf("the link leads to %+v, %v", ref, err)
	}
	if _, err := h.Keys.Redeem(token.Answer, text, now.AddDate(0, 0, 30)); !errors.Is(err, token.ErrExpired) {
		t.Errorf("after 30 days the link is %v", err)
	}
	if back, err := ledger.ParseTags(listed(m.Tags)); err != nil || back != ref {
		t.Errorf("the tags name %+v, %v", back, err)
	}
}

func listed(tags map[string]string) map[string][]string {
	out := map[string][]string{}
	for name, value := range tags {
		out[name] = []string{value}
	}
	return out
}
