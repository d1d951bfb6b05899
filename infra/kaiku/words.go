package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/survey"
)

// story prints a timeline for a person: a heading for each month, the lines of a
// day below their day.
type story struct {
	zone       *time.Location
	month, day string
	text       strings.Builder
}

// add appends one line of the timeline.
func (s *story) add(e ledger.Line) {
	at := e.At.In(s.zone)
	if month := at.Format("January 2006"); month != s.month {
		if s.month != "" {
			s.text.WriteByte('\n')
		}
		s.month, s.day = month, ""
		s.text.WriteString(month + "\n")
	}
	day := at.Format("Mon _2")
	if day == s.day {
		day = strings.Repeat(" ", len(day))
	} else {
		s.day = day
	}
	fmt.Fprintf(&s.text, "  %s  %s  %-8s  %s\n", day, at.Format("15:04"), e.What, s.line(e))
	if e.Decision == nil {
		return
	}
	for _, rule := range e.Decision.Rules {
		fmt.Fprintf(&s.text, "                             %s: %s\n", rule, s.why(rule, e.Decision.Because[rule], e.At))
	}
}

func (s *story) moment(t time.Time) string { return t.In(s.zone).Format("2006-01-02 15:04") }

// line is what happened, in words.
func (s *story) line(e ledger.Line) string {
	about := name(string(e.Kind), string(e.Trigger))
	switch e.What {
	case "event":
		return s.event(e)
	case "mail":
		return about + " to " + e.Contact + ": " + strings.ReplaceAll(e.State, "_", " ")
	case "answer":
		if e.Score == nil {
			return about
		}
		return fmt.Sprintf("%s: %d, %s", about, *e.Score, e.Class)
	}
	switch d := e.Decision; {
	case d == nil:
		return about
	case d.Outcome == survey.Planned:
		return fmt.Sprintf("%s: to be sent to %s on %s", about, e.Contact, s.moment(d.SendAt))
	case d.Outcome == survey.Postponed:
		return fmt.Sprintf("%s: put off until %s", about, s.moment(d.Until))
	case d.Outcome == survey.Cancelled:
		return about + ": was planned, will not be sent"
	default:
		return about + ": not asked"
	}
}

// event is what an event said, as far as decisions look at it.
func (s *story) event(e ledger.Line) string {
	words := string(e.Event)
	said := e.Said
	if said == nil {
		said = &ledger.Said{}
	}
	if id := said.Contract["id"]; id != nil {
		words += " " + bare(id)
	}
	if i := said.Interaction; i != nil {
		words += " " + i.ID
		if i.Contact != "" {
			words += " with " + i.Contact
		}
	}
	if v := said.Survey; v != nil {
		words += fmt.Sprintf(" (%s, %s)", v.Kind, s.moment(v.At))
	}
	var facts []string
	for _, fields := range []map[string]json.RawMessage{said.Contract, said.Customer} {
		for _, field := range slices.Sorted(maps.Keys(fields)) {
			if field != "id" {
				facts = append(facts, field+" "+bare(fields[field]))
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(said.Contacts)) {
		c := said.Contacts[id]
		contact := id
		if c.Role != nil {
			contact += " " + strings.ReplaceAll(bare(c.Role), "_", " ")
		}
		if c.Address != nil && !*c.Address {
			contact += " without an address"
		}
		facts = append(facts, contact)
	}
	if said.Backfill {
		facts = append(facts, "loaded, asks nothing")
	}
	if len(facts) > 0 {
		words += ": " + strings.Join(facts, ", ")
	}
	if late := e.At.Sub(e.Happened); late >= 24*time.Hour || late <= -24*time.Hour {
		words += "; happened " + s.moment(e.Happened)
	}
	return words
}

// bare is a JSON value without its quotes.
func bare(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil && string(raw) != "null" {
		return text
	}
	if string(raw) == "null" {
		return "none"
	}
	return string(raw)
}

// name is a survey by its kind and what it follows on.
func name(kind, trigger string) string { return fmt.Sprintf("%s survey (%s)", kind, trigger) }
