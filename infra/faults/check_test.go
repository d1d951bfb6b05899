package faults

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"kaiku/functions/agenda"
	"kaiku/shared/ledger"
	"kaiku/shared/survey"
)

// ends are the states in which an invitation's life may be over.
var ends = []survey.InvitationState{survey.InvitationAnswered, survey.InvitationExpired, survey.InvitationBounced,
	survey.InvitationComplained, survey.InvitationCancelled}

// result is what came of a run.
type result struct {
	invitations, mails int
	// twice counts the documented case: a second mail, since nobody knew of the
	// first within the hour. unheard counts mails of which nobody ever knew.
	twice, unheard int
	faults         []string
}

func (r *result) fault(format string, args ...any) {
	r.faults = append(r.faults, fmt.Sprintf(format, args...))
}

// check holds what is left at the end against what was told, mailed and answered.
func (w *world) check() result {
	r := result{mails: len(w.post.letters)}
	book := ledger.New(w.store, w.policy, ledger.NewIDs())
	w.lanes(&r)
	var sent []told
	for _, customer := range w.customers {
		lines := w.timeline(book, customer)
		w.decisions(&r, customer, lines)
		for _, l := range lines {
			if l.Decision == nil || l.Outcome != survey.Planned {
				continue
			}
			r.invitations++
			if t, ok := w.invitation(&r, book, customer, l.Decision.Invitation, lines); ok {
				sent = append(sent, t)
			}
		}
	}
	if len(w.told) != w.due {
		r.fault("%d events were taken, want %d", len(w.told), w.due)
	}
	w.figures(&r, book, sent)
	w.audience(&r, book, sent)
	for to, at := range w.stopped {
		for _, l := range w.post.letters {
			if l.to == to && l.at.After(at) {
				r.fault("%s is mailed after unsubscribing", to)
			}
		}
	}
	return r
}

// lanes looks whether anything waits for ever: only next year's surveys may, and
// customers to be counted again when they have not been asked for a year.
func (w *world) lanes(r *result) {
	for _, lane := range []string{"agenda", "mail", "count"} {
		keys, err := w.store.Due(w.t.Context(), lane, begins.AddDate(50, 0, 0), 1000)
		w.must(err)
		for _, k := range keys {
			nextYear := k.At.After(w.now) && (lane == "agenda" && k.Key.Sort == "STATE" || lane == "count" && k.Key.Sort == "STANDING")
			if !nextYear {
				r.fault("%v is left on lane %s for %v", k.Key, lane, k.At)
			}
		}
	}
}

func (w *world) timeline(book *ledger.Ledger, customer string) []ledger.Line {
	t, err := book.Timeline(w.t.Context(), customer, "", 1000)
	if errors.Is(err, ledger.ErrNotFound) {
		return nil
	}
	w.must(err)
	return t.Entries
}

// decisions looks whether each event stands there once, with the decision that
// was answered, and whether there was one annual decision at most.
func (w *world) decisions(r *result, customer string, lines []ledger.Line) {
	count := map[string]int{}
	made := map[string]int{}
	annual := 0
	for _, l := range lines {
		switch {
		case l.What == "event":
			count[l.ID]++
		case l.Decision != nil && l.Outcome != survey.Cancelled:
			made[decided(*l.Decision)]++
			if l.Decision.Trigger == survey.Annual {
				annual++
			}
		}
	}
	for id, n := range count {
		answered, ok := w.told[id]
		if n != 1 || !ok {
			r.fault("event %s stands %d times in the timeline of %s, answered: %v", id, n, customer, ok)
		}
		for _, d := range answered {
			if made[decided(d)] != 1 {
				r.fault("the decision answered to %s stands %d times in the timeline", id, made[decided(d)])
			}
			delete(made, decided(d))
		}
	}
	if want := map[string]int{"bo": 1}[customer]; annual != want || len(made) != want {
		r.fault("%s has %d annual decisions, want %d; and of no event %v", customer, annual, want, slices.Collect(maps.Keys(made)))
	}
}

func decided(d survey.Decision) string {
	return fmt.Sprint(d.At.UnixMilli(), d.Kind, d.Trigger, d.Outcome, d.Rule, d.Invitation)
}

// told is what is to be counted of an invitation, by what happened outside.
type told struct {
	customer string
	kind     survey.Kind
	cell     ledger.Cell
}

// invitation looks at the end that one came to, and at its mails. ok says that
// it counts as sent.
func (w *world) invitation(r *result, book *ledger.Ledger, customer, id string, lines []ledger.Line) (t told, ok bool) {
	inv, err := book.Invitation(w.t.Context(), customer, id)
	w.must(err)
	name := fmt.Sprintf("%s's %s", customer, inv.Trigger)
	mails := map[bool][]letter{}
	for _, l := range w.post.letters {
		if l.ref.Invitation == id {
			mails[l.ref.Reminder] = append(mails[l.ref.Reminder], l)
		}
	}
	w.mailed(r, name+": invitation", id, &inv.Mailing, mails[false], lines)
	if inv.Reminder != nil {
		w.mailed(r, name+": reminder", id, inv.Reminder, mails[true], lines)
	} else if len(mails[true]) > 0 {
		r.fault("%s: a reminder that is not noted was mailed", name)
	}
	if inv.State == survey.InvitationCancelled {
		return told{}, false
	}
	o, err := book.Outcome(w.t.Context(), ledger.Ref{Customer: customer, Invitation: id, Day: inv.Day})
	if err != nil || !slices.Contains(ends, o.State) {
		r.fault("%s: ends as %s, %q, %v", name, inv.State, o.State, err)
		return told{}, false
	}
	given, answered := w.answered[id]
	if answered != (o.Answer != nil) || answered && (o.Answer.Score != given.Score || o.Answer.Comment != given.Comment || o.Answer.Reason != given.Reason) {
		r.fault("%s: answered with %+v, stored is %+v", name, given, o.Answer)
	}
	t = told{customer, inv.Kind, ledger.Cell{Sent: 1}}
	switch {
	case answered:
		low, high, _ := inv.Kind.Scale()
		t.cell.Delivered, t.cell.Answered, t.cell.Scores = 1, 1, make([]int, high-low+1)
		t.cell.Scores[given.Score-low] = 1
	case len(mails[false])+len(mails[true]) == 0: // of unknown end, and so was its reminder
	case w.readers[address(customer)].bounces:
		t.cell.Bounced = 1
	default:
		t.cell.Delivered = 1
	}
	return t, true
}

func anHourApart(mails []letter) bool {
	for i := range mails[1:] {
		if mails[i+1].at.Sub(mails[i].at) < time.Hour {
			return false
		}
	}
	return true
}

// mailed looks whether there is one mail; or more, or none, where that is the
// documented case and was counted and recorded.
func (w *world) mailed(r *result, name, id string, m *survey.Mailing, mails []letter, lines []ledger.Line) {
	again := w.noted.count[agenda.TriedAgain][id]
	unknown := w.noted.count[agenda.UnknownEnd][id]
	recorded := slices.ContainsFunc(lines, func(l ledger.Line) bool { return l.State == "tried_again" && l.Invitation == id })
	switch {
	case m.State == survey.InvitationCancelled:
		if len(mails) > 0 {
			r.fault("%s: cancelled by %s, and mailed %d times", name, m.Cancel.Rule, len(mails))
		}
	case m.State != survey.InvitationSent:
		r.fault("%s: is left %s", name, m.State)
	case len(mails) == 1:
	case len(mails) == 0 && m.Tries > 1 && recorded && (unknown == 1 || w.refused()):
		r.unheard++
	case len(mails) > 1 && w.events == withheld && m.Tries >= len(mails) && again >= len(mails)-1 && recorded && anHourApart(mails):
		r.twice++
	default:
		r.fault("%s: mailed %d times in %d tries, logged as tried again %d times, of unknown end %d times, in the timeline %v",
			name, len(mails), m.Tries, again, unknown, recorded)
	}
}

// refused says whether SES has refused a mail for good. After a try of unknown end
// that counts as sent.
func (w *world) refused() bool {
	return slices.ContainsFunc(w.faults.plan, func(f fault) bool { return f.mode == rejected })
}

// figures holds what was counted against a recount of what happened outside.
func (w *world) figures(r *result, book *ledger.Ledger, sent []told) {
	for _, kind := range survey.Kinds {
		var got, want ledger.Cell
		months, err := book.Counts(w.t.Context(), kind)
		w.must(err)
		for _, m := range months {
			got.Add(m.Cells[ledger.All][ledger.All])
		}
		for _, t := range sent {
			if t.kind == kind {
				want.Add(t.cell)
			}
		}
		if !reflect.DeepEqual(got, want) {
			r.fault("%s is counted as %+v, and a recount makes %+v", kind, got, want)
		}
	}
}

// audience holds how many customers were counted, and how many as asked, against
// what happened outside.
func (w *world) audience(r *result, book *ledger.Ledger, sent []told) {
	want := ledger.Stock{Customers: len(w.members)}
	asked := map[string]bool{}
	for _, t := range sent {
		if w.members[t.customer] && t.cell.Bounced == 0 && !asked[t.customer] {
			asked[t.customer] = true
			want.Asked++
		}
	}
	months, err := book.Audience(w.t.Context())
	w.must(err)
	if got := months[len(months)-1].Groups[survey.Group{Size: survey.Small}]["owner"]["team-tampere"]; got != want {
		r.fault("customers are counted as %+v, and a recount makes %+v", got, want)
	}
}
