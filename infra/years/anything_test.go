package years

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kaiku/shared/ledger"
	"kaiku/shared/survey"
)

// policies are those that histories are lived under: as it comes, with as little
// as can be to hold the annual survey back, with mails that leave long after what
// they follow on, and with caps that are met all the time.
var policies = map[string]string{
	"as it comes": "",
	"where the annual survey is held back by little": "rules: {surveyed_this_year: {counts: []}, not_steady: 0d, change_ahead: 0d, customer_cap: 6, address_cap: 6}\n",
	"with delays longer than the cooldown":           "triggers: {started: {delay: 70d}, changed: {delay: 40d}, interaction: {delay: 20d}}\nrules: {not_steady: 5d, address_cap: 5}\n",
	"with caps that are met":                         "rules: {cooldown: 3d, address_cooldown: 2d, surveyed_this_year: {counts: [external]}, not_steady: 10d, customer_cap: 3, address_cap: 4}\n",
}

func TestNoHistoryOfYearsBreaksTheRules(t *testing.T) {
	for name, yaml := range policies {
		p := parse(t, yaml)
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				w := newProgramme(rt, p)
				w.fate = func() ledger.MailFate {
					return rapid.SampledFrom(fates).Draw(rt, "fate")
				}
				firms := w.load()
				for i := range rapid.IntRange(1, 40).Draw(rt, "events") {
					// Of two at one moment the mails would not tell which was decided first.
					w.turn(w.now.Add(time.Duration(rapid.IntRange(1, 40*24*60).Draw(rt, "minutes passed")) * time.Minute))
					w.take(w.anyEvent(fmt.Sprint("msg_", i), rapid.SampledFrom(firms).Draw(rt, "customer")))
					w.repeatSome()
				}
				w.turn(w.now.Add(400 * day))
				w.wantNobodyAskedTooOften()
				w.wantEveryEventDecidedOnce()
				w.wantEveryPlanKept()
				w.wantNothingOfTheErased()
			})
		})
	}
}

var fates = []ledger.MailFate{ledger.FateDelivered, ledger.FateDelivered, ledger.FateDelivered, ledger.FateDelivered,
	ledger.FateDelivered, ledger.FateDelivered, ledger.FateDelivered, ledger.FateSoftBounced, ledger.FateBounced, ledger.FateComplained}

// The addresses of the contacts: one of its own for each firm, whose second is
// for when the first bounces, and the bookkeeper of all.
const bookkeeper = "books@keeper.example"

func own(customer string, n int) string { return fmt.Sprintf("own%d.%s@firm.example", n, customer) }

// load loads customers of some years.
func (w *programme) load() (firms []string) {
	t := w.t
	for i := range 3 {
		id := fmt.Sprintf("C-%d", rapid.IntRange(0, 9999).Draw(t, "id")*3+i)
		firms = append(firms, id)
		for k := range rapid.IntRange(1, 2).Draw(t, "contracts") {
			began := begins.AddDate(0, 0, -rapid.IntRange(0, 1500).Draw(t, "age"))
			contract := object{"id": fmt.Sprint("K-", k+1), "startsOn": began.Format(time.DateOnly)}
			if rapid.Bool().Draw(t, "has an end") {
				contract["endsOn"] = begins.AddDate(0, 0, rapid.IntRange(0, 900).Draw(t, "ends in")).Format(time.DateOnly)
			}
			w.take(w.event(fmt.Sprintf("load_%s_%d", id, k), survey.ContractStarted, w.now, object{"backfill": true,
				"customer": object{"id": id, "name": "Leipomo Lahtinen Oy", "employees": 12}, "contract": contract,
				"contacts": []object{{"id": "own", "email": own(id, 1), "role": "user"}, {"id": "books", "email": bookkeeper, "role": "user"}}}))
		}
	}
	return firms
}

// anyEvent is whatever can happen to a customer, heard of now.
func (w *programme) anyEvent(id, customer string) survey.Event {
	t := w.t
	kind := rapid.SampledFrom(kinds).Draw(t, "type")
	at := w.now
	switch rapid.IntRange(0, 3).Draw(t, "when") {
	case 0:
		at = at.Add(-time.Duration(rapid.IntRange(0, 20*24*60).Draw(t, "minutes late")) * time.Minute)
	case 1:
		at = at.Add(time.Duration(rapid.IntRange(0, 30*24*60).Draw(t, "minutes ahead")) * time.Minute)
	}
	firm := object{"id": customer}
	data := object{"customer": firm}
	if kind.AboutContract() {
		contract := object{"id": fmt.Sprint("K-", rapid.IntRange(1, 3).Draw(t, "contract"))}
		switch ends := rapid.IntRange(-100, 600).Draw(t, "ends in"); {
		case ends > 200:
			contract["endsOn"] = w.now.AddDate(0, 0, ends).Format(time.DateOnly)
		case ends < -50:
			contract["endsOn"] = nil
		}
		data["contract"] = contract
	}
	switch kind {
	case survey.CustomerUpdated:
		switch rapid.IntRange(0, 6).Draw(t, "what") {
		case 0:
			firm["employees"] = rapid.SampledFrom([]any{12, 500, nil}).Draw(t, "employees")
		case 1:
			firm["chain"] = rapid.SampledFrom([]any{true, false, nil}).Draw(t, "chain")
		case 2:
			data["contacts"] = []object{{"id": "books", "email": rapid.SampledFrom([]any{bookkeeper, nil}).Draw(t, "email")}}
		default:
			data["contacts"] = []object{{"id": "own", "email": rapid.SampledFrom([]any{own(customer, 1), own(customer, 2), nil}).Draw(t, "email"),
				"role": rapid.SampledFrom([]any{"user", "decision_maker", nil}).Draw(t, "role")}}
		}
	case survey.InteractionClosed:
		data["interaction"] = object{"id": id, "contactId": rapid.SampledFrom([]string{"own", "own", "books", "nobody"}).Draw(t, "with")}
	case survey.CustomerSurveyed:
		at = w.now // when it was, is told by the survey itself
		ago := time.Duration(rapid.IntRange(0, 100*24*60).Draw(t, "minutes ago")) * time.Minute
		data["survey"] = object{"kind": rapid.SampledFrom(survey.Kinds).Draw(t, "kind"), "at": w.now.Add(-ago).Format(time.RFC3339)}
	}
	if rapid.IntRange(0, 9).Draw(t, "backfill") == 0 {
		data["backfill"] = true
	}
	return w.event(id, kind, at, data)
}

// kinds are what happens, as often as it stands here.
var kinds = []survey.EventType{survey.ContractStarted, survey.ContractChanged, survey.ContractChanged, survey.ContractRenewed,
	survey.ContractRenewed, survey.ContractEnded, survey.InteractionClosed, survey.InteractionClosed, survey.InteractionClosed,
	survey.InteractionClosed, survey.CustomerUpdated, survey.CustomerUpdated, survey.CustomerSurveyed, survey.CustomerErased}

// rememberedFor is for how long the same webhook-id is the same event.
const rememberedFor = 7 * day

// repeatSome has the sender repeat itself: the same message once more, or one of
// those of the last days.
func (w *programme) repeatSome() {
	t := w.t
	for range rapid.IntRange(0, 2).Draw(t, "repeats") {
		back := rapid.IntRange(1, min(3, len(w.told))).Draw(t, "how far back")
		one := w.told[len(w.told)-back]
		if w.now.Sub(one.at) >= rememberedFor {
			continue
		}
		before := len(w.timeline(one.event.CustomerID))
		again, err := w.ledger.TakeEvent(t.Context(), one.event, w.now)
		w.must(err)
		if !again.Duplicate || asJSON(t, again.Decisions) != asJSON(t, one.Decisions) {
			t.Fatalf("%s once more is answered %+v, at first %+v", one.event.ID, again, one.Receipt)
		}
		if after := len(w.timeline(one.event.CustomerID)); after != before {
			t.Fatalf("%s once more made %d lines of the timeline %d", one.event.ID, before, after)
		}
	}
}
