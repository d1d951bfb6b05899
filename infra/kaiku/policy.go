package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"kaiku/shared/policy"
	"kaiku/shared/policyfile"
	"kaiku/shared/survey"
)

type policyCheck struct {
	File string `arg:"" type:"existingfile" help:"The policy file, such as infra/policy.yaml."`
}

func (policyCheck) Help() string {
	return `Refuses unknown keys, wrong units and impossible values, each with file and line and what is
allowed. A policy that is well is printed in words, so that whoever answers for it can read it.`
}

func (c *policyCheck) Run() error {
	p, err := policyfile.Load(c.File)
	if err != nil {
		return err
	}
	if _, err := policyfile.LoadTexts(c.File); err != nil {
		return err
	}
	fmt.Printf("%s is well. Decisions made by it are marked %s.\n\n", c.File, p.Hash)
	policyInWords(os.Stdout, p)
	return nil
}

// policyInWords prints a policy for the person who answers for it.
func policyInWords(out io.Writer, p *policy.Policy) {
	say := func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) }
	r := &p.Rules
	say("%s asks firms of these sizes: %s.%s", p.Company.Name, list(p.Audience.Sizes), outside(p.Audience))
	say("")
	say("What is asked")
	say("  NPS once a year, 0 to %s after the anniversary of the oldest contract.", r.Spread)
	for _, t := range survey.Triggers[1:] {
		switch setting := p.Triggers.Of(t); {
		case !setting.On:
			say("  Nothing after %s.", t)
		default:
			say("  %s %s after %s, if that is not more than %s ago.", strings.ToUpper(string(t.Kind())), setting.Delay, t, r.TooOld)
		}
	}
	if r.SamplePercent < 100 {
		say("  Of the interactions, %v %% are asked about.", r.SamplePercent)
	}
	say("")
	say("When the NPS waits")
	say("  until the oldest contract is %s old,", r.TooYoung)
	say("  until %s after a contract started, changed or was renewed,", r.NotSteady)
	say("  until after the end date of a contract that ends within %s.", r.ChangeAhead)
	say("")
	say("When nobody is asked")
	say("  NPS: the last was less than %s ago, or another survey%s less than %s.", r.AskedThisYear, counted(r.SurveyedThisYear.Counts), r.SurveyedThisYear.Within)
	say("  CSAT and CES: any survey was less than %s ago; the end of a contract is asked about all the same.", r.Cooldown)
	say("  Any: %d surveys to the customer in 365 days, %d to the address at whatever customers, or one to the address within %s.", r.CustomerCap, r.AddressCap, r.AddressCooldown)
	say("  Any but the one about its end: no contract runs. A contract is over %s past its end date if no renewal came.", r.LapseAfter)
	say("")
	say("When mail is sent")
	days := make([]string, len(p.Openings.Days))
	for i, d := range p.Openings.Days {
		days[i] = d.String()
	}
	say("  %s, %s to %s on the customer's clock (%s where it has none), holidays: %s.", strings.Join(days, ", "), p.Openings.From, p.Openings.To, p.Timezone, p.Openings.Holidays)
	say("  A survey that could not be sent for %s (NPS: %s) is cancelled.", p.Sending.GiveUp, p.Sending.GiveUpNPS)
	say("  The link works for %s, an answer can be changed for %s, and counts %s.", p.Sending.LinkOpen, p.Answering.ReviseFor, confirmed(p))
	say("")
	say("Figures of fewer than %d answers are hidden.", p.Results.HideUnder)
}

// counted says which other surveys keep the annual one back.
func counted(names []policy.Counted) string {
	if len(names) == 0 {
		return " (none counts)"
	}
	words := make([]string, len(names))
	for i, name := range names {
		switch name {
		case "csat", "ces":
			words[i] = "any " + strings.ToUpper(string(name))
		case "external":
			words[i] = "any of another system"
		default:
			words[i] = "on " + string(name)
		}
	}
	return " (" + strings.Join(words, ", ") + ")"
}

func list[T ~string](items []T) string {
	words := make([]string, len(items))
	for i, item := range items {
		words[i] = string(item)
	}
	return strings.Join(words, ", ")
}

// outside says who of those sizes is left out.
func outside(a policy.Audience) string {
	var out []string
	for _, group := range []struct {
		in   bool
		name string
	}{{a.Chains, "members of chains"}, {a.PublicSector, "the public sector"}, {a.Consumers, "consumers"}} {
		if !group.in {
			out = append(out, group.name)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return " Not asked: " + strings.Join(out, ", ") + "."
}

func confirmed(p *policy.Policy) string {
	if p.Answering.Confirm == "button" {
		return "only by the button"
	}
	return "when a person first touches the page"
}
