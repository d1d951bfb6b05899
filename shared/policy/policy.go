// Package policy decides who is asked what and when. It is pure: a Policy, what
// is known of a customer, and the time go in; a Decision with its reasons comes
// out. The caller stores it.
//
//	d := p.Decide(policy.Facts{Customer: &c, Addresses: known}, policy.Occasion{
//		Trigger: survey.Changed, Contract: "K-55", At: event.At,
//	}, now)
//
// The rules stand in rules.go, in their order. The policy file is read by
// package policyfile; nothing here knows how it is written.
package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kaiku/shared/survey"
)

// Policy is the whole policy file in force. The yaml names are the file's keys.
type Policy struct {
	Company   Company   `yaml:"company"`
	Sender    Sender    `yaml:"sender"`
	Timezone  string    `yaml:"timezone"`
	Audience  Audience  `yaml:"audience"`
	Triggers  Triggers  `yaml:"triggers"`
	Rules     Rules     `yaml:"rules"`
	Openings  Openings  `yaml:"openings"`
	Sending   Sending   `yaml:"sending"`
	Answering Answering `yaml:"answering"`
	Results   Results   `yaml:"results"`
	Digest    Digest    `yaml:"digest"`
	Retention Duration  `yaml:"retention"`

	// Hash is a short hash of the file, to name the policy in a decision.
	Hash string `yaml:"-"`
	// Zone is Timezone, resolved.
	Zone *time.Location `yaml:"-"`
	// Holiday says whether a day is one on which nothing is sent.
	Holiday func(survey.Date) bool `yaml:"-"`
}

// Company is who asks.
type Company struct {
	Name   string `yaml:"name"`
	Colour string `yaml:"colour"` // of buttons, #rrggbb
}

// Sender is whom the mail comes from.
type Sender struct {
	From   string `yaml:"from"` // an address, or Name <address>
	ListID string `yaml:"list_id"`
	// ReplyTo is where replies go when the contract's owner has no address
	// in Owners.
	ReplyTo string            `yaml:"reply_to"`
	Owners  map[string]string `yaml:"owners"`
}

// Audience is who belongs to the programme.
type Audience struct {
	Sizes        []survey.Size `yaml:"sizes"`
	Chains       bool          `yaml:"chains"`
	PublicSector bool          `yaml:"public_sector"`
	Consumers    bool          `yaml:"consumers"`
}

// Triggers says for each trigger whether it asks and how long after.
type Triggers struct {
	Started     Trigger `yaml:"started"`
	Changed     Trigger `yaml:"changed"`
	Renewed     Trigger `yaml:"renewed"`
	Ended       Trigger `yaml:"ended"`
	Interaction Trigger `yaml:"interaction"`
}

// Trigger is the setting of one trigger.
type Trigger struct {
	On    bool     `yaml:"on"`
	Delay Duration `yaml:"delay"`
}

// Of is the setting of a trigger; the annual one is always on.
func (t *Triggers) Of(trigger survey.Trigger) Trigger {
	switch trigger {
	case survey.Annual:
		return Trigger{On: true}
	case survey.Started:
		return t.Started
	case survey.Changed:
		return t.Changed
	case survey.Renewed:
		return t.Renewed
	case survey.Ended:
		return t.Ended
	case survey.Interaction:
		return t.Interaction
	}
	return Trigger{}
}

// Rules are the limits of the rules; SPEC names each.
type Rules struct {
	TooOld           Duration     `yaml:"too_old"`
	LapseAfter       Duration     `yaml:"lapse_after"`
	Spread           Duration     `yaml:"spread"`
	TooYoung         Duration     `yaml:"too_young"`
	NotSteady        Duration     `yaml:"not_steady"`
	ChangeAhead      Duration     `yaml:"change_ahead"`
	AskedThisYear    Duration     `yaml:"asked_this_year"`
	SurveyedThisYear SurveyedRule `yaml:"surveyed_this_year"`
	Cooldown         Duration     `yaml:"cooldown"`
	CustomerCap      int          `yaml:"customer_cap"`
	SamplePercent    float64      `yaml:"sample_percent"`
	AddressCap       int          `yaml:"address_cap"`
	AddressCooldown  Duration     `yaml:"address_cooldown"`
}

// SurveyedRule is the limit of surveyed_this_year and which surveys count.
type SurveyedRule struct {
	Within Duration  `yaml:"within"`
	Counts []Counted `yaml:"counts"`
}

// Counted names the surveys of a kind, csat or ces, whoever sent them, those on
// a trigger of ours, or with external all those of other systems.
type Counted string

// countedNames is every Counted there is.
var countedNames = []Counted{"csat", "ces", "started", "changed", "renewed", "ended", "interaction", "external"}

// Includes says whether a survey counts; our own annual ones never do.
func (r *SurveyedRule) Includes(kind survey.Kind, trigger survey.Trigger) bool {
	return trigger != survey.Annual &&
		(slices.Contains(r.Counts, Counted(trigger)) || slices.Contains(r.Counts, Counted(kind)))
}

// Openings are the hours in which mail is sent, in the customer's time zone.
type Openings struct {
	Days     []Weekday     `yaml:"days"`
	From     TimeOfDay     `yaml:"from"`
	To       TimeOfDay     `yaml:"to"`
	Holidays string        `yaml:"holidays"` // "finland" or "none"
	Closed   []survey.Date `yaml:"closed"`
}

// Sending holds the limits of delivery.
type Sending struct {
	Reminders     int      `yaml:"reminders"`
	ReminderAfter Duration `yaml:"reminder_after"`
	DailyCap      int      `yaml:"daily_cap"` // mails of one day; 0 is as many as SES takes
	LinkOpen      Duration `yaml:"link_open"`
	GiveUp        Duration `yaml:"give_up"`
	GiveUpNPS     Duration `yaml:"give_up_nps"`
	SettleAfter   Duration `yaml:"settle_after"`
}

// Answering says how an answer is given.
type Answering struct {
	Confirm     string   `yaml:"confirm"` // "touch" or "button"
	ReviseFor   Duration `yaml:"revise_for"`
	AskFeelings bool     `yaml:"ask_feelings"`
	// LastYear is shown after the answer: what came of last year's answers.
	LastYear Text `yaml:"last_year"`
}

// Text is a text of the company's own in each language; one may be left out.
type Text struct {
	FI string `yaml:"fi"`
	SV string `yaml:"sv"`
	EN string `yaml:"en"`
}

// In is the text in a language of survey.Languages, "" where there is none.
func (t Text) In(language string) string { return t.byLanguage()[language] }

func (t Text) byLanguage() map[string]string {
	return map[string]string{"fi": t.FI, "sv": t.SV, "en": t.EN}
}

// Results says how figures are shown.
type Results struct {
	HideUnder int `yaml:"hide_under"`
}

// Digest is the monthly mail about the results, to the company's own people.
type Digest struct {
	To       []string `yaml:"to"` // addresses alone; none is no digest
	Language string   `yaml:"language"`
}

// GiveUp is how long after its time a survey of the kind is still sent.
func (p *Policy) GiveUp(kind survey.Kind) time.Duration {
	if kind == survey.NPS {
		return p.Sending.GiveUpNPS.Std()
	}
	return p.Sending.GiveUp.Std()
}

// ReplyTo is where replies to a mail about a contract of this owner go.
func (p *Policy) ReplyTo(owner string) string {
	if to, ok := p.Sender.Owners[owner]; ok {
		return to
	}
	return p.Sender.ReplyTo
}

// Fault is one thing wrong in a policy: at which key, and what is allowed.
type Fault struct {
	// Path is the key, its parts joined by dots, such as "rules.cooldown".
	Path string
	Text string
}

func (f Fault) Error() string { return f.Path + ": " + f.Text }

// Validate returns every impossible value, each as a Fault, joined; nil when
// there is none.
func (p *Policy) Validate() error {
	var faults []error
	refuse := func(bad bool, path, format string, args ...any) {
		if bad {
			faults = append(faults, Fault{path, fmt.Sprintf(format, args...)})
		}
	}
	refuse(p.Company.Name == "", "company.name", "a company name is needed: it stands in every question")
	refuse(!hexColour(p.Company.Colour), "company.colour", "%q is no colour; write #rrggbb", p.Company.Colour)
	refuse(p.Sender.From == "", "sender.from", "an address to send from is needed")
	refuse(p.Sender.ReplyTo == "", "sender.reply_to", "an address for replies is needed")
	refuse(!isDomain(p.Sender.ListID), "sender.list_id", "%q is no domain name; write such as surveys.firm.example, or leave it empty", p.Sender.ListID)
	for i, size := range p.Audience.Sizes {
		refuse(!slices.Contains(survey.Sizes, size), fmt.Sprintf("audience.sizes[%d]", i), "unknown size %q; allowed are %v", size, survey.Sizes)
	}
	refuse(len(p.Audience.Sizes) == 0, "audience.sizes", "at least one size is needed; allowed are %v", survey.Sizes)
	for i, counted := range p.Rules.SurveyedThisYear.Counts {
		refuse(!slices.Contains(countedNames, counted), fmt.Sprintf("rules.surveyed_this_year.counts[%d]", i),
			"unknown kind or trigger %q; allowed are csat, ces, started, changed, renewed, ended, interaction, external", counted)
	}
	const day, year = Duration(24 * time.Hour), Duration(366 * 24 * time.Hour)
	for path, limit := range map[string]struct{ value, max Duration }{
		"triggers.started.delay":          {p.Triggers.Started.Delay, year},
		"triggers.changed.delay":          {p.Triggers.Changed.Delay, year},
		"triggers.renewed.delay":          {p.Triggers.Renewed.Delay, year},
		"triggers.ended.delay":            {p.Triggers.Ended.Delay, year},
		"triggers.interaction.delay":      {p.Triggers.Interaction.Delay, year},
		"rules.too_old":                   {p.Rules.TooOld, year},
		"rules.lapse_after":               {p.Rules.LapseAfter, year},
		"rules.spread":                    {p.Rules.Spread, 180 * day},
		"rules.too_young":                 {p.Rules.TooYoung, 5 * year},
		"rules.not_steady":                {p.Rules.NotSteady, year},
		"rules.change_ahead":              {p.Rules.ChangeAhead, year},
		"rules.asked_this_year":           {p.Rules.AskedThisYear, 365 * day},
		"rules.surveyed_this_year.within": {p.Rules.SurveyedThisYear.Within, 365 * day},
		"rules.cooldown":                  {p.Rules.Cooldown, year},
		"rules.address_cooldown":          {p.Rules.AddressCooldown, year},
		"sending.reminder_after":          {p.Sending.ReminderAfter, year},
		"sending.link_open":               {p.Sending.LinkOpen, year},
		"sending.give_up":                 {p.Sending.GiveUp, year},
		"sending.give_up_nps":             {p.Sending.GiveUpNPS, year},
		"sending.settle_after":            {p.Sending.SettleAfter, day},
		"answering.revise_for":            {p.Answering.ReviseFor, year},
		"retention":                       {p.Retention, 20 * year},
	} {
		refuse(limit.value < 0 || limit.value > limit.max, path, "%s is out of range; allowed are 0d to %s", limit.value, limit.max)
	}
	for path, wholeDays := range map[string]Duration{"rules.lapse_after": p.Rules.LapseAfter, "rules.spread": p.Rules.Spread} {
		refuse(wholeDays%day != 0, path, "%s is not in whole days; write such as 28d", wholeDays)
	}
	refuse(p.Sending.LinkOpen == 0, "sending.link_open", "a link must stay open for a while; write such as 30d")
	refuse(p.Sending.SettleAfter < Duration(10*time.Minute), "sending.settle_after", "%s is out of range; allowed are 10m to 1d", p.Sending.SettleAfter)
	refuse(p.Rules.CustomerCap < 1 || p.Rules.CustomerCap > 24, "rules.customer_cap", "%d is out of range; allowed are 1 to 24 surveys in 365 days", p.Rules.CustomerCap)
	refuse(p.Rules.AddressCap < 1 || p.Rules.AddressCap > 24, "rules.address_cap", "%d is out of range; allowed are 1 to 24 surveys in 365 days", p.Rules.AddressCap)
	refuse(p.Rules.SamplePercent < 0 || p.Rules.SamplePercent > 100, "rules.sample_percent", "%v is out of range; allowed are 0 to 100", p.Rules.SamplePercent)
	refuse(len(p.Openings.Days) == 0, "openings.days", "at least one day is needed; allowed are mon, tue, wed, thu, fri, sat, sun")
	refuse(p.Openings.To <= p.Openings.From, "openings.to", "%s is not after openings.from, %s", p.Openings.To, p.Openings.From)
	refuse(!slices.Contains([]string{"finland", "none"}, p.Openings.Holidays), "openings.holidays", "unknown calendar %q; allowed are finland, none", p.Openings.Holidays)
	refuse(p.Sending.DailyCap < 0 || p.Sending.DailyCap > maxDailyCap, "sending.daily_cap", "%d is out of range; allowed are 0 (no cap) to %d", p.Sending.DailyCap, maxDailyCap)
	refuse(p.Sending.Reminders < 0 || p.Sending.Reminders > 1, "sending.reminders", "%d is out of range; allowed are 0 and 1", p.Sending.Reminders)
	refuse(!slices.Contains([]string{"touch", "button"}, p.Answering.Confirm), "answering.confirm", "unknown way %q; allowed are touch, button", p.Answering.Confirm)
	refuse(p.Results.HideUnder < 1 || p.Results.HideUnder > 100, "results.hide_under", "%d is out of range; allowed are 1 to 100", p.Results.HideUnder)
	refuse(len(p.Digest.To) > maxReaders, "digest.to", "it has %d addresses; allowed are up to %d, what one mail can be sent to", len(p.Digest.To), maxReaders)
	for i, to := range p.Digest.To {
		same := func(other string) bool { return strings.EqualFold(other, to) }
		refuse(slices.ContainsFunc(p.Digest.To[:i], same), fmt.Sprintf("digest.to[%d]", i), "%q is there twice", to)
	}
	refuse(!slices.Contains(survey.Languages, p.Digest.Language), "digest.language", "unknown language %q; allowed are %v", p.Digest.Language, survey.Languages)
	for language, text := range p.Answering.LastYear.byLanguage() {
		path, n := "answering.last_year."+language, utf8.RuneCountInString(text)
		refuse(n > maxLastYear, path, "it has %d characters; allowed are up to %d: it is read on a phone, between two customers", n, maxLastYear)
		refuse(strings.ContainsFunc(text, unprintable), path, "it has control characters; allowed are plain text and line breaks")
	}
	if _, err := time.LoadLocation(p.Timezone); err != nil || p.Timezone == "" || p.Timezone == "Local" {
		refuse(true, "timezone", "unknown time zone %q; write such as Europe/Helsinki", p.Timezone)
	}
	slices.SortFunc(faults, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(faults...)
}

// maxReaders is how many recipients a mail of SES v2 may have (API reference,
// SendEmail, Destination).
const maxReaders = 50

// maxLastYear is in characters: some five sentences.
const maxLastYear = 600

func unprintable(r rune) bool { return unicode.IsControl(r) && r != '\n' || r == utf8.RuneError }

// maxDailyCap is beyond any account's quota: who writes more means no cap.
const maxDailyCap = 10_000_000

// isDomain says whether s is a domain name, or nothing.
func isDomain(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' || r == '_')
	}) < 0
}

func hexColour(s string) bool {
	if len(s) != 7 || s[0] != '#' {
		return false
	}
	for _, r := range s[1:] {
		if !(r >= '0' && r <= '9' || r >= 'a' && r <= 'f' || r >= 'A' && r <= 'F') {
			return false
		}
	}
	return true
}
