package ledger_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"kaiku/shared/ledger"
	"kaiku/shared/policy"
	"kaiku/shared/policyfile"
	"kaiku/shared/survey"
	"kaiku/shared/table"
	"kaiku/shared/table/tabletest"
)

// stock is how many customers there are and were asked, in everything.
func (b bench) stock(t reporter, now time.Time) ledger.Stock {
	if _, err := b.Count(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	months, err := b.Audience(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all ledger.Stock
	if len(months) > 0 {
		for _, dimensions := range months[len(months)-1].Groups {
			for _, s := range dimensions[ledger.All] {
				all.Customers, all.Asked = all.Customers+s.Customers, all.Asked+s.Asked
			}
		}
	}
	return all
}

func TestCustomersAreCountedAsTheyComeAreAskedAndGo(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		started := event(survey.ContractChanged, "msg_1", "C-1001", monday)
		d := b.take(t, started, monday)
		other := event(survey.ContractChanged, "msg_2", "C-1002", monday)
		other.Backfill = true
		other.Contract["endsOn"] = json.RawMessage(`"2027-01-31"`)
		if _, err := b.TakeEvent(t.Context(), other, monday); err != nil {
			t.Fatal(err)
		}
		want := func(what string, now time.Time, customers, asked int) {
			t.Helper()
			if got, want := b.stock(t, now), (ledger.Stock{Customers: customers, Asked: asked}); got != want {
				t.Errorf("%s: %+v, want %+v", what, got, want)
			}
		}
		want("one is planned to be asked", monday.Add(time.Hour), 2, 0)
		b.send(t, d)
		sent := d.SendAt.Add(time.Hour)
		want("one was asked", sent, 2, 1)
		lapse := survey.Date{Year: 2027, Month: time.January, Day: 31}.AddDays(31).Start(b.policy.Zone)
		want("the other's contract has not lapsed yet", lapse.Add(-time.Minute), 2, 1)
		want("the other's contract lapsed", lapse, 1, 1)
		forgotten := survey.DateOf(d.SendAt.In(b.policy.Zone)).AddDays(365).Start(b.policy.Zone)
		want("nearly a year after", forgotten.Add(-time.Minute), 1, 1)
		want("a year after", forgotten, 1, 0)
		external := survey.Event{ID: "msg_3", Type: survey.CustomerSurveyed, At: forgotten, CustomerID: "C-1001", SurveyKind: survey.NPS, SurveyAt: forgotten}
		if _, err := b.TakeEvent(t.Context(), external, forgotten); err != nil {
			t.Fatal(err)
		}
		want("another system asked", forgotten.Add(time.Hour), 1, 1)
		if _, err := b.TakeEvent(t.Context(), survey.Event{ID: "msg_4", Type: survey.CustomerErased, At: forgotten, CustomerID: "C-1001"}, forgotten); err != nil {
			t.Fatal(err)
		}
		want("erased", forgotten.Add(2*time.Hour), 0, 0)
		kept, err := b.table.Get(t.Context(), table.Key{Partition: "CUSTOMER#C-1001", Sort: "STANDING"})
		if err == nil && (string(kept.Body) != "{}" || kept.Expires.IsZero()) {
			t.Errorf("of an erased customer is kept how it stood: %s", kept.Body)
		} else if err != nil && !errors.Is(err, table.ErrNotFound) {
			t.Fatal(err)
		}
		months, err := b.Audience(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if first := months[0]; first.Month != (survey.Month{Year: 2026, Month: time.November}) ||
			first.Groups[survey.Group{Size: survey.Small}]["region"]["Pirkanmaa"] != (ledger.Stock{Customers: 2, Asked: 1}) {
			t.Errorf("the first month is no more as it ended: %+v", first)
		}
	})
}

// The slower of two counters has read the survey as sent; meanwhile it bounces, and
// the other counts that.
func TestASlowCounterDoesNotBringABouncedSurveyBack(t *testing.T) {
	p, err := policyfile.Load("")
	if err != nil {
		t.Fatal(err)
	}
	db := tabletest.NewMemory()
	b := bench{ledger.New(db, p, ledger.NewIDs()), db, p}
	d := b.take(t, event(survey.ContractChanged, "msg_1", "C-1001", monday), monday)
	ref := b.send(t, d).Ref
	now := d.SendAt.Add(time.Hour)
	overtaken := false
	slow := &cutOff{Table: db, cut: cut{At: -1}, overtake: func() {
		overtaken = true
		if err := b.NoteFate(t.Context(), ref, ledger.FateBounced, d.SendAt, d.SendAt); err != nil {
			t.Error(err)
		}
		if _, err := b.Count(t.Context(), now); err != nil {
			t.Error(err)
		}
	}}
	if _, err := ledger.New(slow, p, ledger.NewIDs()).Count(t.Context(), now); err != nil || !overtaken {
		t.Fatal(err, overtaken)
	}
	if got, want := b.stock(t, now.Add(2*time.Hour)), (ledger.Stock{Customers: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestWhoLeftWithinAYearHasLeftWhateverComesLater(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		b.load(t, event(survey.ContractStarted, "msg_1", "C-1001", monday), monday)
		claim, at := b.annual(t, "C-1001")
		at = at.Add(2 * day)
		if _, err := b.Answer(t.Context(), claim.Ref, given(survey.Answer{Score: 3}), at); err != nil {
			t.Fatal(err)
		}
		left := func(now time.Time) int {
			for range 3 {
				b.stock(t, now)
				now = now.Add(time.Hour)
			}
			months, err := b.Counts(t.Context(), survey.NPS)
			if err != nil {
				t.Fatal(err)
			}
			return months[0].Classes[survey.Detractor].Left
		}
		ended := event(survey.ContractEnded, "msg_2", "C-1001", at.AddDate(0, 7, 0))
		b.take(t, ended, ended.At)
		if n := left(ended.At.Add(time.Hour)); n != 1 {
			t.Errorf("%d left in the year", n)
		}
		left(at.AddDate(1, 0, 0).Add(time.Hour))
		again := event(survey.ContractRenewed, "msg_3", "C-1001", at.AddDate(0, 14, 0))
		b.take(t, again, again.At)
		if n := left(again.At.Add(time.Hour)); n != 1 {
			t.Errorf("%d left once the year is over and the customer has come back", n)
		}
	})
}

// annual goes on to the annual survey of a customer, and sends it.
func (b bench) annual(t *testing.T, customer string) (ledger.Claim, time.Time) {
	t.Helper()
	for now := monday; now.Before(monday.AddDate(1, 0, 0)); now = now.Add(day) {
		if err := b.CustomerDue(t.Context(), customer, now); err != nil && !errors.Is(err, ledger.ErrNotDue) {
			t.Fatal(err)
		}
		mails, err := b.DueMails(t.Context(), now.Add(14*day), 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(mails) > 0 {
			inv, err := b.Invitation(t.Context(), customer, mails[0].Invitation)
			if err != nil {
				t.Fatal(err)
			}
			return b.send(t, survey.Decision{Customer: customer, Invitation: inv.ID, SendAt: inv.SendAt}), inv.SendAt
		}
	}
	t.Fatal("no annual survey in a year")
	return ledger.Claim{}, time.Time{}
}

func TestACustomerWhoseMailBouncedWasNotAsked(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		d := b.take(t, event(survey.ContractChanged, "msg_1", "C-1001", monday), monday)
		ref := b.send(t, d).Ref
		if got, want := b.stock(t, d.SendAt.Add(time.Hour)), (ledger.Stock{Customers: 1, Asked: 1}); got != want {
			t.Errorf("sent: %+v, want %+v", got, want)
		}
		if err := b.NoteFate(t.Context(), ref, ledger.FateBounced, d.SendAt, d.SendAt.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if got, want := b.stock(t, d.SendAt.Add(3*time.Hour)), (ledger.Stock{Customers: 1}); got != want {
			t.Errorf("bounced: %+v, want %+v", got, want)
		}
	})
}

// load takes in a customer that nobody asks.
func (b bench) load(t *testing.T, e survey.Event, now time.Time) {
	t.Helper()
	e.Backfill = true
	if _, err := b.TakeEvent(t.Context(), e, now); err != nil {
		t.Fatal(err)
	}
}

func TestACustomerIsCountedFromTheDayOnWhichItsContractBegins(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		ahead := event(survey.ContractStarted, "msg_1", "C-1001", monday)
		ahead.Contract["startsOn"] = json.RawMessage(`"2026-12-15"`)
		b.load(t, ahead, monday)
		begins := survey.Date{Year: 2026, Month: time.December, Day: 15}.Start(b.policy.Zone)
		if got := b.stock(t, begins.Add(-time.Minute)); got.Customers != 0 {
			t.Errorf("before it begins: %+v", got)
		}
		if got := b.stock(t, begins); got.Customers != 1 {
			t.Errorf("once it has begun: %+v", got)
		}
	})
}

func TestASurveyOfAnotherSystemCountsFromWhenItWas(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		b.load(t, event(survey.ContractStarted, "msg_1", "C-1001", monday), monday)
		for i, at := range []time.Time{monday.Add(-30 * day), monday.Add(10 * time.Hour)} { // the second by a clock that runs fast
			e := survey.Event{ID: fmt.Sprint("msg_", 2+i), Type: survey.CustomerSurveyed, At: monday, CustomerID: "C-1001", SurveyKind: survey.NPS, SurveyAt: at}
			if _, err := b.TakeEvent(t.Context(), e, monday); err != nil {
				t.Fatal(err)
			}
			if got, want := b.stock(t, monday.Add(time.Hour)), (ledger.Stock{Customers: 1, Asked: 1}); got != want {
				t.Errorf("after %d surveys: %+v, want %+v", i+1, got, want)
			}
		}
		if got := b.stock(t, monday.AddDate(0, 11, 15)); got.Asked != 1 {
			t.Errorf("when a year has passed since the first alone: %+v", got)
		}
	})
}

func TestAClockThatIsBehindLosesNoCustomerOfTheNextMonth(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		next := monday.AddDate(0, 1, 0)
		for i, now := range []time.Time{monday, next, monday.Add(2 * time.Hour), next.Add(time.Hour)} {
			b.load(t, event(survey.ContractStarted, fmt.Sprint("msg_", i), fmt.Sprint("C-", i), monday), now)
			if got := b.stock(t, now.Add(time.Hour)); got.Customers != i+1 {
				t.Errorf("after %d customers there are %+v", i+1, got)
			}
		}
	})
}

func TestMoreValuesThanAnItemHoldsAreCountedTogether(t *testing.T) {
	p, err := policyfile.Load("")
	if err != nil {
		t.Fatal(err)
	}
	db := tabletest.NewMemory()
	b := bench{ledger.New(db, p, ledger.NewIDs()), db, p}
	const more = 20
	owner := func(i int) survey.Event {
		e := event(survey.ContractStarted, fmt.Sprint("msg_", i), fmt.Sprint("C-", i), monday)
		e.Contract["owner"] = json.RawMessage(fmt.Sprintf(`"owner-%d"`, i))
		return e
	}
	for i := range ledger.MaxValues + more {
		b.load(t, owner(i), monday)
	}
	if got := b.stock(t, monday.Add(time.Hour)); got.Customers != ledger.MaxValues+more {
		t.Errorf("there are %+v", got)
	}
	for i := range ledger.MaxValues + more { // all of them go
		e := owner(i)
		e.Type, e.ID, e.At = survey.ContractEnded, fmt.Sprint("end_", i), monday.Add(time.Hour)
		b.load(t, e, monday.Add(time.Hour))
	}
	if got := b.stock(t, monday.Add(3*time.Hour)); got != (ledger.Stock{}) {
		t.Errorf("when all have gone there are %+v", got)
	}
	months, err := b.Audience(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if left := months[0].Groups[survey.Group{Size: survey.Small}]["owner"]; len(left) > 0 {
		t.Errorf("of their owners is left %v", left)
	}
}

func TestOfAnErasedCustomerWithoutContractsNothingIsKept(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		closed := event(survey.InteractionClosed, "msg_1", "C-1001", monday)
		closed.ContractID, closed.Contract = "", nil
		closed.InteractionID, closed.InteractionContact = "T-1", "P-1"
		b.send(t, b.take(t, closed, monday))
		b.stock(t, monday.Add(5*time.Hour))
		if _, err := b.TakeEvent(t.Context(), survey.Event{ID: "msg_2", Type: survey.CustomerErased, At: monday.Add(6 * time.Hour), CustomerID: "C-1001"}, monday.Add(6*time.Hour)); err != nil {
			t.Fatal(err)
		}
		b.stock(t, monday.Add(7*time.Hour))
		kept, err := b.table.Get(t.Context(), table.Key{Partition: "CUSTOMER#C-1001", Sort: "STANDING"})
		if err == nil && string(kept.Body) != "{}" || err != nil && !errors.Is(err, table.ErrNotFound) {
			t.Errorf("kept is %s, %v", kept.Body, err)
		}
	})
}

func TestCustomersAreCountedOnceHoweverManyCount(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		const customers, counters = 60, 4
		now := monday
		for i := range customers {
			d := b.take(t, event(survey.ContractChanged, fmt.Sprint("msg_", i), fmt.Sprint("C-", i), monday), monday)
			if now = d.SendAt; i%2 == 0 {
				b.send(t, d)
			}
		}
		group, ctx := errgroup.WithContext(t.Context())
		for range counters {
			group.Go(func() error {
				_, err := b.Count(ctx, now.Add(time.Hour))
				return err
			})
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		if got, want := b.stock(t, now.Add(time.Hour)), (ledger.Stock{Customers: customers, Asked: customers / 2}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}

func TestWhatBecameOfThoseWhoAnsweredIsCountedByClass(t *testing.T) {
	overEveryStore(t, "", func(t *testing.T, b bench) {
		load := event(survey.ContractStarted, "msg_1", "C-1001", monday)
		load.Backfill = true
		load.Contract["currency"] = json.RawMessage(`"EUR"`)
		if _, err := b.TakeEvent(t.Context(), load, monday); err != nil {
			t.Fatal(err)
		}
		claim, sent := b.annual(t, "C-1001")
		at := sent.Add(time.Hour)
		if _, err := b.Answer(t.Context(), claim.Ref, given(survey.Answer{Score: 3}), at); err != nil {
			t.Fatal(err)
		}
		want := func(what string, now time.Time, want ledger.ClassCount) {
			t.Helper()
			for range 2 { // what follows from how the customer stands is counted an hour later
				if _, err := b.Count(t.Context(), now); err != nil {
					t.Fatal(err)
				}
				now = now.Add(time.Hour)
			}
			months, err := b.Counts(t.Context(), survey.NPS)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, months[0].Classes[survey.Detractor]); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
		}
		eur := map[string]int64{"EUR": 420_000}
		want("answered", at.Add(time.Hour), ledger.ClassCount{Answered: 1, Worth: eur})
		ended := event(survey.ContractEnded, "msg_2", "C-1001", at.AddDate(0, 7, 0))
		b.take(t, ended, ended.At)
		want("left", ended.At.Add(time.Hour), ledger.ClassCount{Answered: 1, Left: 1, Worth: eur, WorthLeft: eur})
		again := event(survey.ContractRenewed, "msg_3", "C-1001", at.AddDate(0, 8, 0))
		b.take(t, again, again.At)
		want("came back", again.At.Add(time.Hour), ledger.ClassCount{Answered: 1, Worth: eur})
		late := event(survey.ContractEnded, "msg_4", "C-1001", at.AddDate(1, 0, 1))
		b.take(t, late, late.At)
		want("left after more than a year", late.At.Add(time.Hour), ledger.ClassCount{Answered: 1, Worth: eur})
	})
}

// lived is a small programme that a property lives through.
type lived struct {
	t      *rapid.T
	b      bench
	now    time.Time
	refs   []ledger.Ref
	events int
}

var livedCustomers = []string{"C-1", "C-2", "C-3"}

func (l *lived) check(err error, but ...error) {
	for _, e := range but {
		if errors.Is(err, e) {
			return
		}
	}
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l *lived) event(kind survey.EventType) {
	l.events++
	customer := rapid.SampledFrom(livedCustomers).Draw(l.t, "customer")
	e := event(kind, fmt.Sprint("msg_", l.events), customer, l.now.Add(-time.Duration(rapid.IntRange(0, 50).Draw(l.t, "late"))*time.Hour))
	e.Customer = raw(map[string]any{"employees": rapid.SampledFrom([]int{3, 12, 12, 12, 300}).Draw(l.t, "people"), "chain": rapid.SampledFrom([]bool{false, false, false, true}).Draw(l.t, "chain"),
		"region": rapid.SampledFrom([]string{"Uusimaa", "Lappi"}).Draw(l.t, "region")})
	e.ContractID = customer + "-" + rapid.SampledFrom([]string{"a", "b"}).Draw(l.t, "contract")
	e.Contract = raw(map[string]any{"owner": rapid.SampledFrom([]string{"north", "south"}).Draw(l.t, "owner"), "annualValue": rapid.IntRange(0, 3).Draw(l.t, "worth")})
	if days := rapid.IntRange(-40, 700).Draw(l.t, "ends"); days > 100 {
		e.Contract["endsOn"] = json.RawMessage(`"` + survey.DateOf(l.now).AddDays(days-100).String() + `"`)
	}
	if kind == survey.CustomerSurveyed {
		e.SurveyKind, e.SurveyAt = survey.CSAT, e.At
	}
	e.Backfill = kind == survey.ContractStarted && rapid.Bool().Draw(l.t, "backfill")
	_, err := l.b.TakeEvent(l.t.Context(), e, l.now)
	l.check(err)
	if rapid.Bool().Draw(l.t, "ask") {
		l.agenda()
	}
}

// agenda goes on to when the next mail is due, does what is due then, and sends
// what can be sent.
func (l *lived) agenda() {
	mails, err := l.b.DueMails(l.t.Context(), l.now.Add(20*day), 1)
	l.check(err)
	if len(mails) > 0 {
		if inv, err := l.b.Invitation(l.t.Context(), mails[0].Customer, mails[0].Invitation); err == nil && inv.SendAt.After(l.now) {
			l.now = inv.SendAt
		}
	}
	due, err := l.b.Due(l.t.Context(), l.now, 100)
	l.check(err)
	for _, m := range due {
		if m.Invitation == "" {
			l.check(l.b.CustomerDue(l.t.Context(), m.Customer, l.now), ledger.ErrNotDue)
		}
	}
	mails, err = l.b.DueMails(l.t.Context(), l.now, 100)
	l.check(err)
	for _, m := range mails {
		claim, err := l.b.Claim(l.t.Context(), m, l.now)
		if errors.Is(err, ledger.ErrNotDue) {
			continue
		}
		l.check(err)
		l.check(l.b.NoteSent(l.t.Context(), claim, "ses", l.now))
		l.refs = append(l.refs, claim.Ref)
	}
}

func (l *lived) step() {
	l.now = l.now.Add(rapid.SampledFrom([]time.Duration{time.Minute, time.Hour, day, 4 * day, 45 * day}).Draw(l.t, "pause"))
	steps := []func(){
		func() { l.event(survey.ContractStarted) }, func() { l.event(survey.ContractChanged) }, func() { l.event(survey.ContractRenewed) },
		func() { l.event(survey.ContractEnded) }, func() { l.event(survey.CustomerSurveyed) }, l.agenda, l.agenda, l.agenda,
		func() { _, err := l.b.Count(l.t.Context(), l.now); l.check(err) },
	}
	if rapid.IntRange(0, 40).Draw(l.t, "erase") == 0 {
		steps = []func(){func() { l.event(survey.CustomerErased) }}
	}
	if len(l.refs) > 0 {
		ref := l.refs[max(0, len(l.refs)-1-rapid.IntRange(0, 2).Draw(l.t, "mail"))]
		steps = append(steps, func() {
			_, err := l.b.Answer(l.t.Context(), ref, given(survey.Answer{Score: rapid.IntRange(1, 5).Draw(l.t, "score")}), l.now)
			l.check(err, ledger.ErrClosed)
		}, func() {
			fate := rapid.SampledFrom([]ledger.MailFate{ledger.FateDelivered, ledger.FateBounced, ledger.FateRejected}).Draw(l.t, "fate")
			l.check(l.b.NoteFate(l.t.Context(), ref, fate, l.now, l.now))
		})
	}
	rapid.SampledFrom(steps).Draw(l.t, "step")()
}

// recount walks all that is stored of customers and their surveys, and counts by
// rules of its own.
func (l *lived) recount(p *policy.Policy) map[string]ledger.Stock {
	stocks := map[string]ledger.Stock{}
	today := survey.DateOf(l.now.In(p.Zone))
	for _, id := range livedCustomers {
		item, err := l.b.table.Get(l.t.Context(), table.Key{Partition: "CUSTOMER#" + id, Sort: "STATE"})
		if errors.Is(err, table.ErrNotFound) {
			continue
		}
		l.check(err)
		var state survey.State
		l.check(json.Unmarshal(item.Body, &state))
		c, err := state.Customer()
		l.check(err)
		active := slices.ContainsFunc(c.Contracts, func(k survey.Contract) bool { return k.Active(l.now, p.Location(&c), 30) })
		if c.Erased || !active {
			continue
		}
		asked := slices.ContainsFunc(c.Asked, func(a survey.Asked) bool {
			return a.Trigger == survey.External && today.Before(survey.DateOf(a.At.In(p.Zone)).AddDays(365))
		})
		for _, ref := range l.refs {
			if ref.Customer == id {
				o, err := l.b.Outcome(l.t.Context(), ref)
				l.check(err)
				arrived := o.Bounced.IsZero() || o.Answer != nil
				asked = asked || arrived && today.Before(survey.DateOf(o.Sent.In(p.Zone)).AddDays(365))
			}
		}
		group, err := c.Group().MarshalText()
		l.check(err)
		for _, value := range []string{"all all", "size " + string(c.Size()), "region " + c.Region} {
			s := stocks[string(group)+" "+value]
			s.Customers++
			if asked {
				s.Asked++
			}
			stocks[string(group)+" "+value] = s
		}
	}
	return stocks
}

func TestCustomersCountedEqualARecount(t *testing.T) {
	p, err := policyfile.Load("")
	if err != nil {
		t.Fatal(err)
	}
	sent := 0
	rapid.Check(t, func(t *rapid.T) {
		db := tabletest.NewMemory()
		l := &lived{t: t, b: bench{ledger.New(db, p, ledger.NewIDs()), db, p}, now: monday}
		for range rapid.IntRange(40, 150).Draw(t, "steps") {
			l.step()
		}
		l.now = l.now.Truncate(time.Hour).Add(time.Hour)
		for range 2 {
			_, err := l.b.Count(t.Context(), l.now)
			l.check(err)
		}
		months, err := l.b.Audience(t.Context())
		l.check(err)
		got := map[string]ledger.Stock{}
		if len(months) > 0 {
			for group, dimensions := range months[len(months)-1].Groups {
				name, err := group.MarshalText()
				l.check(err)
				for dimension, values := range dimensions {
					if !slices.Contains([]string{"all", "size", "region"}, dimension) {
						continue
					}
					for value, stock := range values {
						got[strings.Join([]string{string(name), dimension, value}, " ")] = stock
					}
				}
			}
		}
		sent += len(l.refs)
		if diff := cmp.Diff(l.recount(p), got); diff != "" {
			t.Fatalf("customers counted differ from a recount (-recount +counted):\n%s", diff)
		}
	})
	if sent < 100 {
		t.Errorf("%d surveys were sent: too few to try anything", sent)
	}
}
