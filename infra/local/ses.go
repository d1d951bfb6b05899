package local

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// sesPath is where the local SES endpoint stands: the SES v2 client is told that
// this is its service.
const sesPath = "/local/ses"

// sendEmail is what is used of SES v2's SendEmail request, as it stands on the
// wire (Amazon SES API v2, SendEmail).
type sendEmail struct {
	FromEmailAddress string
	ReplyToAddresses []string
	Destination      struct{ ToAddresses []string }
	Content          struct {
		Simple struct {
			Subject struct{ Data string }
			Body    struct {
				HTML struct{ Data string } `json:"Html"`
				Text struct{ Data string }
			}
			Headers []struct{ Name, Value string }
		}
	}
	EmailTags []struct{ Name, Value string }
}

// maxMail is the largest request of SES v2, in bytes.
const maxMail = 40 << 20

// takeMail is SES's SendEmail: it fills the mailbox.
func (l *Local) takeMail(w http.ResponseWriter, r *http.Request) {
	var in sendEmail
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxMail)).Decode(&in); err != nil {
		sesError(w, "BadRequestException", "The request is not JSON as SES v2 has it.")
		return
	}
	if in.FromEmailAddress == "" || len(in.Destination.ToAddresses) == 0 || in.Content.Simple.Subject.Data == "" {
		sesError(w, "BadRequestException", "A mail needs a sender, a recipient and a subject.")
		return
	}
	simple := in.Content.Simple
	mail := Mail{At: l.clock.Now(), From: in.FromEmailAddress, To: in.Destination.ToAddresses, Subject: simple.Subject.Data,
		Text: simple.Body.Text.Data, HTML: simple.Body.HTML.Data, Headers: map[string]string{}}
	for _, h := range simple.Headers {
		mail.Headers[h.Name] = h.Value
	}
	if len(in.ReplyToAddresses) > 0 {
		mail.Headers["Reply-To"] = strings.Join(in.ReplyToAddresses, ", ")
	}
	tags := map[string]string{}
	for _, t := range in.EmailTags {
		tags[t.Name] = t.Value
	}
	id, err := l.mailbox.Add(mail, tags)
	if err != nil {
		l.log.Error("keeping a mail failed", "error", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"MessageId":%q}`, id)
}

// tellAccount is SES's GetAccount: an account in good standing, with no daily
// quota and a rate that no laptop reaches.
func (l *Local) tellAccount(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprint(w, `{"SendingEnabled":true,"ProductionAccessEnabled":true,"EnforcementStatus":"HEALTHY",`+
		`"SendQuota":{"Max24HourSend":-1,"MaxSendRate":10000,"SentLast24Hours":0}}`)
}

func sesError(w http.ResponseWriter, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-ErrorType", kind)
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]string{"message": message}) // the client has gone
}
