package mail

import (
	"testing"

	"kaiku/infra/maillint"
	"kaiku/shared/survey"
)

// Every mail, as mailboxes get it: a mailbox mends broken HTML in its own way, and
// there are many of them.
func TestLintersFindNothingInAnyMail(t *testing.T) {
	mails := map[string]string{}
	each(t, func(_ *testing.T, name string, _ Survey, c Content) { mails[name+".html"] = c.HTML })
	s := sample(survey.Annual)
	s.Company, s.Contact = `O'Malley & "Sons" <Oy>`, "Äyritie 1, 01510 Vantaa"
	mails["with a foot and a name that needs escaping"] = compose(t, "fi", s).HTML
	for _, f := range maillint.Check(t, mails) {
		t.Error(f)
	}
}
