package respond

import (
	"io"

	"kaiku/shared/survey"
)

// Preview is one state of the respondent's pages, for looking at each of them
// without having to get there (kaiku preview).
type Preview struct {
	Name string
	// OfSurvey says that the survey is on the page, which then differs by Kind and
	// Trigger.
	OfSurvey bool
	message  Message
	set      func(*View)
}

// Previews is every state. What is typed and chosen in them is theirs; the rest is
// for the caller to say.
func Previews() []Preview {
	chosen := func(state State, comment string) func(*View) {
		return func(v *View) {
			_, high, _ := v.Kind.Scale()
			score := high - 1
			v.State, v.Score, v.Comment = state, &score, comment
		}
	}
	const typed = "Homma hoitui. – Allt gick bra. – All went well.\nKiitos!"
	return []Preview{
		{Name: "open", OfSurvey: true, set: func(*View) {}},
		{Name: "chosen", OfSurvey: true, set: chosen(Asking, "")},
		{Name: "thanks", OfSurvey: true, set: chosen(Answered, "")},
		{Name: "revisable", OfSurvey: true, set: chosen(Answered, typed)},
		{Name: "feelings", OfSurvey: true, set: func(v *View) { chosen(Asking, "")(v); v.Feelings = survey.Feelings }},
		{Name: "off-scale", OfSurvey: true, set: func(v *View) { v.State, v.Comment = OffScale, typed }},
		{Name: "failed", OfSurvey: true, set: chosen(Failed, typed)},
		{Name: "closed", message: Closed},
		{Name: "expired", message: Expired},
		{Name: "unknown", message: Unknown, set: func(v *View) { v.Company = "" }},
		{Name: "trouble", message: Trouble},
		{Name: "unsubscribe-ask", message: UnsubscribeAsk},
		{Name: "unsubscribe-done", message: UnsubscribeDone},
	}
}

// Render writes the page in this state. Of v it uses Texts, Company, Colour,
// ReviseDays, and for a survey its Kind and Trigger.
func (p Preview) Render(w io.Writer, v View) error {
	v.Action = "#" // nobody is there to answer
	if p.set != nil {
		p.set(&v)
	}
	if !p.OfSurvey {
		return RenderMessage(w, p.message, v)
	}
	if v.Trigger == survey.Ended {
		v.Reasons = survey.Reasons
	}
	return RenderSurvey(w, v)
}
