package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"kaiku/shared/survey"
)

// facts are what a rule's because holds, as a timeline brings it.
type facts survey.Because

func (f facts) text(fact string) string {
	switch v := f[fact].(type) {
	case nil:
		return "?"
	case string:
		return v
	case float64:
		return fmt.Sprint(json.Number(fmt.Sprintf("%.10g", v)))
	default:
		return fmt.Sprint(v)
	}
}

// list are the values of a list, joined.
func (f facts) list(fact string) string {
	items, _ := f[fact].([]any)
	words := make([]string, len(items))
	for i, item := range items {
		words[i] = fmt.Sprint(item)
	}
	return strings.Join(words, ", ")
}

// of is the fact about one contact; nil when there is none.
func (f facts) of(fact, contact string) any {
	by, _ := f[fact].(map[string]any)
	return by[contact]
}

// why is a rule's reason in words, with the facts that stand in because; decided
// is when it spoke.
func (s *story) why(rule survey.Rule, because survey.Because, decided time.Time) string {
	f := facts(because)
	at := func(fact string) string { return s.stamp(f[fact]) }
	switch rule {
	case survey.Erased:
		return "the customer asked to be forgotten"
	case survey.OutsideAudience:
		return s.outside(f)
	case survey.TriggerOff:
		return "the policy asks nothing after " + f.text("trigger")
	case survey.TooOld:
		return fmt.Sprintf("it happened %s, more than %s before", at("happened"), f.text("limit"))
	case survey.NoActiveContract:
		return s.inactive(f)
	case survey.TooYoung:
		return fmt.Sprintf("the oldest contract, %s, began %s, less than %s before", f.text("contract"), at("oldest"), f.text("limit"))
	case survey.NotSteady:
		return fmt.Sprintf("contract %s %s %s, less than %s before", f.text("contract"), done(f.text("what")), at("at"), f.text("limit"))
	case survey.ChangeAhead:
		return fmt.Sprintf("contract %s ends %s, in less than %s", f.text("contract"), f.text("endsOn"), f.text("limit"))
	case survey.AskedThisYear, survey.SurveyedThisYear, survey.Cooldown:
		return s.tooSoon(f, decided)
	case survey.CustomerCap:
		return fmt.Sprintf("%s surveys within %s, the limit is %s: %s", f.text("asked"), f.text("within"), f.text("limit"), s.dates(f["dates"]))
	case survey.NotSampled:
		return fmt.Sprintf("%s lies at %.5s in the sample by lot, which takes those below %s", f.text("interaction"), f.text("position"), f.text("samplePercent"))
	case survey.NoContact:
		if contact, ok := f["contact"]; ok {
			return fmt.Sprintf("%v, whom it is about, has no address", contact)
		}
		return "no contact has an address"
	case survey.Unsubscribed:
		return s.since(f, "unsubscribed")
	case survey.Undeliverable:
		return s.since(f, "mail has come back")
	case survey.AddressCap:
		return s.capped(f)
	case survey.Superseded:
		return s.superseded(f)
	case survey.TooLate:
		return fmt.Sprintf("it was to be sent %s, more than %s before", at("sendAt"), f.text("limit"))
	case survey.RejectedBySES:
		return "SES refuses the mail: " + f.text("ses")
	}
	plain, err := json.Marshal(because)
	if err != nil {
		return ""
	}
	return string(plain) // a rule that is newer than this command
}

// stamp is a moment of a because on the reader's clock.
func (s *story) stamp(v any) string {
	t, err := time.Parse(time.RFC3339, fmt.Sprint(v))
	if err != nil {
		return fmt.Sprint(v)
	}
	return s.moment(t)
}

func (s *story) dates(v any) string {
	items, _ := v.([]any)
	words := make([]string, len(items))
	for i, item := range items {
		words[i] = s.stamp(item)
	}
	return strings.Join(words, ", ")
}

func (s *story) outside(f facts) string {
	var why []string
	for _, flag := range []struct{ fact, words string }{{"chain", "a member of a chain"}, {"publicSector", "public sector"}, {"consumer", "a consumer"}} {
		if f[flag.fact] == true {
			why = append(why, flag.words)
		}
	}
	if f["sizes"] != nil {
		why = append(why, fmt.Sprintf("its size is %s, asked are %s", f.text("size"), f.list("sizes")))
	}
	words := strings.Join(why, ", ")
	var figures []string
	for _, figure := range []struct{ fact, words string }{{"employees", "employees"}, {"turnover", "turnover"}, {"balanceSheet", "balance sheet"}} {
		if f[figure.fact] != nil {
			figures = append(figures, figure.words+" "+f.text(figure.fact))
		}
	}
	if len(figures) > 0 {
		words += " (" + strings.Join(figures, ", ") + ")"
	}
	return words
}

func (s *story) inactive(f facts) string {
	words := fmt.Sprintf("none of its contracts runs; it has %s", f.text("contracts"))
	if f["over"] != nil {
		words += fmt.Sprintf("; the last, %s, was over %s", f.text("contract"), s.stamp(f["over"]))
	}
	if f["begins"] != nil {
		words += fmt.Sprintf("; the next begins %s", s.stamp(f["begins"]))
	}
	return words
}

// article is that of a kind as it is spelt out: an nps survey, a csat survey.
func article(kind string) string {
	if kind == string(survey.NPS) {
		return "an"
	}
	return "a"
}

// done says what was done to a contract.
func done(trigger string) string {
	if trigger == string(survey.Renewed) {
		return "was renewed"
	}
	return trigger
}

func (s *story) tooSoon(f facts, decided time.Time) string {
	words := "%s %s was sent %s, less than %s before"
	if at, err := time.Parse(time.RFC3339, f.text("at")); err == nil && at.After(decided) {
		words = "%s %s is planned for %s, less than %s from this one"
	}
	return fmt.Sprintf(words, article(f.text("kind")), name(f.text("kind"), f.text("trigger")), s.stamp(f["at"]), f.text("limit"))
}

func (s *story) since(f facts, what string) string {
	contacts, _ := f["contacts"].([]any)
	words := make([]string, len(contacts))
	for i, contact := range contacts {
		words[i] = fmt.Sprintf("%v (since %s)", contact, s.stamp(f.of("since", fmt.Sprint(contact))))
	}
	return fmt.Sprintf("%s for everyone who could be asked: %s", what, strings.Join(words, ", "))
}

func (s *story) capped(f facts) string {
	contacts, _ := f["contacts"].([]any)
	words := make([]string, len(contacts))
	for i, one := range contacts {
		contact := fmt.Sprint(one)
		words[i] = fmt.Sprintf("the address of %s was asked %v times within %s, at whatever customers, the limit is %s",
			contact, f.of("asked", contact), f.text("within"), f.text("limit"))
		if near := f.of("at", contact); near != nil {
			words[i] += fmt.Sprintf("; once at %s, less than %s away", s.stamp(near), f.text("cooldown"))
		}
	}
	if len(words) == 0 {
		return strings.Join(slices.Sorted(maps.Keys(f)), ", ")
	}
	return strings.Join(words, "; ")
}

func (s *story) superseded(f facts) string {
	words := "a newer change of the contract, event " + f.text("event") + ", takes its place"
	if f["trigger"] != nil {
		words = fmt.Sprintf("the contract %s, event %s, which takes its place", done(f.text("trigger")), f.text("event"))
	}
	return words + fmt.Sprintf("; it happened %s", s.stamp(f["happened"]))
}
