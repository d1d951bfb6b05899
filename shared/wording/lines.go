package wording

import (
	"slices"
	"strconv"
	"strings"

	"kaiku/shared/survey"
)

// Lines are one language's finished sentences for one company. Each method
// names the text it returns; a text for something that does not exist, such as
// a question for an unknown kind, is empty.
type Lines struct {
	// Company is the company's name as it stands in the sentences.
	Company string
	texts   *Texts
}

// Message is a short page: a title and a paragraph.
type Message struct{ Title, Body string }

// Language is the language of the sentences.
func (l Lines) Language() string { return l.texts.language }

// Subject is the subject of the mail.
func (l Lines) Subject(k survey.Kind, t survey.Trigger) string { return l.step(k, t, "subject") }

// Preheader is what mailboxes show after the subject.
func (l Lines) Preheader(k survey.Kind, t survey.Trigger) string { return l.step(k, t, "preheader") }

// Lead is the mail's sentence before the question: why it comes now.
func (l Lines) Lead(k survey.Kind, t survey.Trigger) string { return l.step(k, t, "lead") }

// Question is the question, or for ces the statement to agree with.
func (l Lines) Question(k survey.Kind, t survey.Trigger) string { return l.step(k, t, "question") }

// Ends says what the lowest and the highest score of a kind mean.
func (l Lines) Ends(k survey.Kind) (low, high string) {
	return l.fill("surveys." + string(k) + ".low"), l.fill("surveys." + string(k) + ".high")
}

// Why is the prompt above the comment box for an answer of class c; with no
// class it is the one that fits any.
func (l Lines) Why(c survey.Class) string {
	if c == "" {
		c = unanswered
	}
	return l.fill("why." + string(c))
}

// ReasonsTitle is the question above the reasons why a contract ended.
func (l Lines) ReasonsTitle() string { return l.fill("reasons.title") }

// Reason is the wording of one of survey.Reasons.
func (l Lines) Reason(reason string) string {
	return l.listed("reasons.", reason, survey.Reasons)
}

// FeelingsTitle is the question above the feelings.
func (l Lines) FeelingsTitle() string { return l.fill("feelings.title") }

// Feeling is the wording of one of survey.Feelings.
func (l Lines) Feeling(feeling string) string {
	return l.listed("feelings.", feeling, survey.Feelings)
}

// ReminderPrefix stands before the subject of a reminder, with its own space.
func (l Lines) ReminderPrefix() string { return l.fill("mail.reminder_prefix") }

// ReminderLead takes the place of Lead in a reminder.
func (l Lines) ReminderLead() string { return l.fill("mail.reminder_lead") }

// ChooseLink stands above the links of the plain-text mail.
func (l Lines) ChooseLink() string { return l.fill("mail.choose_link") }

// Opens says in the mail what a click on a number does.
func (l Lines) Opens() string { return l.fill("mail.opens") }

// Sender says who is asking.
func (l Lines) Sender() string { return l.fill("mail.sender") }

// WhyYou says why the reader got the mail.
func (l Lines) WhyYou() string { return l.fill("mail.why_you") }

// Unsubscribe is the words of the mail's unsubscribe link.
func (l Lines) Unsubscribe() string { return l.fill("mail.unsubscribe") }

// PageTitle is the title of the survey page.
func (l Lines) PageTitle() string { return l.fill("page.title") }

// Send is the words of the send button.
func (l Lines) Send() string { return l.fill("page.send") }

// Optional marks what need not be answered.
func (l Lines) Optional() string { return l.fill("page.optional") }

// Saving is shown while an answer is on its way.
func (l Lines) Saving() string { return l.fill("page.saving") }

// Saved is shown when the score has been recorded without the button.
func (l Lines) Saved() string { return l.fill("page.saved") }

// Offline is shown when there is no connection; the page tries again by itself.
func (l Lines) Offline() string { return l.fill("page.offline") }

// Failed is shown above the form when recording failed; the text typed is kept.
func (l Lines) Failed() string { return l.fill("page.failed") }

// Kept stands above the beginning of a long comment that is on record: a new one
// replaces it.
func (l Lines) Kept() string { return l.fill("page.kept") }

// LastYear is the title above what the company did with last year's answers.
func (l Lines) LastYear() string { return l.fill("page.last_year") }

// Choose asks for a score where none was chosen.
func (l Lines) Choose() string { return l.fill("page.choose") }

// OffScale says that the score was not on the scale of the kind.
func (l Lines) OffScale(k survey.Kind) string {
	low, high, _ := k.Scale()
	return l.fill("page.off_scale", "{low}", strconv.Itoa(low), "{high}", strconv.Itoa(high))
}

// Thanks confirms an answer; days is how long it can be changed.
func (l Lines) Thanks(days int) Message {
	return Message{l.fill("page.thanks.title"), l.fill("page.thanks.body", "{days}", strconv.Itoa(days))}
}

// Closed says that the answer is recorded and can no longer be changed.
func (l Lines) Closed() Message { return l.message("page.closed") }

// Expired says that the time to answer has run out.
func (l Lines) Expired() Message { return l.message("page.expired") }

// Unknown says that the link leads nowhere.
func (l Lines) Unknown() Message { return l.message("page.unknown") }

// Trouble says that something failed on our side.
func (l Lines) Trouble() Message { return l.message("page.trouble") }

// UnsubscribeAsk asks for confirmation; UnsubscribeButton is its button.
func (l Lines) UnsubscribeAsk() Message { return l.message("unsubscribe.ask") }

// UnsubscribeButton is the words of the button that unsubscribes.
func (l Lines) UnsubscribeButton() string { return l.fill("unsubscribe.ask.button") }

// UnsubscribeDone confirms that no more surveys will be sent.
func (l Lines) UnsubscribeDone() Message { return l.message("unsubscribe.done") }

// step is a text of one kind and trigger; a trigger of another kind has none.
func (l Lines) step(k survey.Kind, t survey.Trigger, name string) string {
	return l.fill("surveys." + string(k) + "." + string(t) + "." + name)
}

// listed keeps keys that are no member of the list, such as title, out.
func (l Lines) listed(prefix, key string, known []string) string {
	if !slices.Contains(known, key) {
		return ""
	}
	return l.fill(prefix + key)
}

func (l Lines) message(path string) Message {
	return Message{l.fill(path + ".title"), l.fill(path + ".body")}
}

// fill puts the values in their places, all in one pass: a company named
// "{days}" stays that.
func (l Lines) fill(path string, values ...string) string {
	text := l.texts.byPath[path]
	if !strings.Contains(text, "{") {
		return text
	}
	return strings.NewReplacer(append(values, company, l.Company)...).Replace(text)
}
