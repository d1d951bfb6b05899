package survey

import (
	"cmp"
	"slices"
	"time"
)

// Customer is everything that a decision about one customer needs to know.
type Customer struct {
	ID           string   `json:"-"`
	Name         string   `json:"name"`
	BusinessID   string   `json:"businessId"`
	Employees    *int64   `json:"employees"`    // headcount; nil when unknown
	Turnover     *float64 `json:"turnover"`     // euros a year; nil when unknown
	BalanceSheet *float64 `json:"balanceSheet"` // euros; nil when unknown
	Industry     string   `json:"industry"`     // TOL 2008 (NACE Rev. 2) code, such as 10710
	Region       string   `json:"region"`
	Chain        bool     `json:"chain"`
	PublicSector bool     `json:"publicSector"`
	Consumer     bool     `json:"consumer"`
	Timezone     string   `json:"timezone"` // IANA name; empty is the policy's

	// Erased says that the customer asked to be forgotten.
	Erased bool `json:"-"`
	// Contracts and Contacts are in the order of their ids. A contact whose
	// address was cleared is not among them.
	Contracts []Contract `json:"-"`
	Contacts  []Contact  `json:"-"`
	// Asked are the surveys that count in the frequency rules, oldest first:
	// planned and sent ones, and those of other systems.
	Asked []Asked `json:"-"`
}

// Contract is one contract of a customer. Of every moment the latest is kept;
// zero is never.
type Contract struct {
	ID          string  `json:"-"`
	Service     string  `json:"service"`
	AnnualValue float64 `json:"annualValue"`
	Currency    string  `json:"currency"`
	StartsOn    Date    `json:"startsOn"`
	EndsOn      Date    `json:"endsOn"` // last day; zero when open-ended
	Owner       string  `json:"owner"`

	Started  time.Time `json:"-"` // when contract.started was said to have happened
	Changed  time.Time `json:"-"`
	Renewed  time.Time `json:"-"`
	Ended    time.Time `json:"-"`
	FirstSay time.Time `json:"-"` // the earliest event about it
}

// Begin is when the contract started: at its contract.started event or, for one
// that was loaded (backfill) or only heard of later, on its start date in loc,
// or else with the first event about it.
func (c *Contract) Begin(loc *time.Location) time.Time {
	switch {
	case !c.Started.IsZero():
		return c.Started
	case !c.StartsOn.IsZero():
		return c.StartsOn.Start(loc)
	}
	return c.FirstSay
}

// Over is when the contract came to its end: by contract.ended, unless it was
// started or renewed again later, or by lapsing graceDays after its end date,
// when no renewal came (many systems never say that a contract lapsed). Zero
// for one that goes on.
func (c *Contract) Over(loc *time.Location, graceDays int) time.Time {
	var over time.Time
	if !c.Ended.IsZero() && !c.Started.After(c.Ended) && !c.Renewed.After(c.Ended) {
		over = c.Ended
	}
	if !c.EndsOn.IsZero() {
		lapse := c.EndsOn.AddDays(graceDays + 1).Start(loc)
		if over.IsZero() || lapse.Before(over) {
			over = lapse
		}
	}
	return over
}

// Active says whether the contract runs at that moment.
func (c *Contract) Active(at time.Time, loc *time.Location, graceDays int) bool {
	return !c.Begin(loc).After(at) && c.Live(at, loc, graceDays)
}

// Live says whether the contract is not over at that moment, though it may
// still be to start.
func (c *Contract) Live(at time.Time, loc *time.Location, graceDays int) bool {
	over := c.Over(loc, graceDays)
	return over.IsZero() || at.Before(over)
}

// Contact is a person at the customer.
type Contact struct {
	ID       string `json:"-"`
	Email    string `json:"email"`
	Name     string `json:"name"`
	Role     Role   `json:"role"`
	Language string `json:"language"`
}

// Asked is one survey that counts as having been asked.
type Asked struct {
	// Invitation is empty for a survey of another system.
	Invitation string  `json:"id,omitempty"`
	Kind       Kind    `json:"k"`
	Trigger    Trigger `json:"t"`
	Contract   string  `json:"c,omitempty"`
	Contact    string  `json:"p,omitempty"`
	// At is when it was sent or, when that lies ahead, is planned to be.
	At time.Time `json:"at"`
}

// sortAsked puts the oldest first, in one order whatever the input's.
func sortAsked(asked []Asked) {
	slices.SortFunc(asked, func(a, b Asked) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Invitation, b.Invitation))
	})
}

// Contract finds a contract by id.
func (c *Customer) Contract(id string) (*Contract, bool) {
	i := slices.IndexFunc(c.Contracts, func(k Contract) bool { return k.ID == id })
	if i < 0 {
		return nil, false
	}
	return &c.Contracts[i], true
}

// Contact finds a contact with an address by id.
func (c *Customer) Contact(id string) (*Contact, bool) {
	i := slices.IndexFunc(c.Contacts, func(p Contact) bool { return p.ID == id })
	if i < 0 {
		return nil, false
	}
	return &c.Contacts[i], true
}

// Address is what is known of an email address, whoever's contact it is: a
// bookkeeper is the contact of many firms.
type Address struct {
	// Asked are the surveys sent or planned to the address in the last year.
	Asked []AddressAsked `json:"asked,omitempty"`
	// Unsubscribed and Undeliverable are since when; zero is not.
	Unsubscribed  time.Time `json:"unsubscribed,omitzero"`
	Undeliverable time.Time `json:"undeliverable,omitzero"`
	// Bounced is when a mail first bounced for good; zero if none has.
	Bounced time.Time `json:"bounced,omitzero"`
	// SoftBounces are the invitations that bounced for now, by their time.
	SoftBounces []AddressAsked `json:"softBounces,omitempty"`
}

const (
	// softBounceLimit is how many transient bounces, each of another mail, make
	// an address undeliverable within softBounceWindow.
	softBounceLimit  = 3
	softBounceWindow = 365 * 24 * time.Hour
)

// NoteBounce notes that a mail bounced for good. Bounces may be told late, twice
// and in any order: the same ones come to the same.
func (a *Address) NoteBounce(at time.Time) {
	if a.Bounced.IsZero() || at.Before(a.Bounced) {
		a.Bounced = at
	}
	a.settle()
}

// NoteSoftBounce notes that an invitation bounced for now. Of one invitation the
// first bounce counts. None is dropped, so that the order does not matter however
// late one is told; they are few, for a third within a year is the last.
func (a *Address) NoteSoftBounce(invitation string, at time.Time) {
	kept := slices.Clone(a.SoftBounces)
	if i := slices.IndexFunc(kept, func(b AddressAsked) bool { return b.Invitation == invitation }); i < 0 {
		kept = append(kept, AddressAsked{Invitation: invitation, At: at})
	} else if at.Before(kept[i].At) {
		kept[i].At = at
	}
	slices.SortFunc(kept, func(a, b AddressAsked) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Invitation, b.Invitation))
	})
	a.SoftBounces = kept
	a.settle()
}

// tooManySoftBounces is when the address first had its third transient bounce
// within a year; zero if it never had.
func (a *Address) tooManySoftBounces() time.Time {
	for i := softBounceLimit - 1; i < len(a.SoftBounces); i++ {
		if last := a.SoftBounces[i].At; last.Sub(a.SoftBounces[i-softBounceLimit+1].At) < softBounceWindow {
			return last
		}
	}
	return time.Time{}
}

// settle says since when nothing is mailed to the address: worked out from all
// bounces each time, for one that is told late may change the count.
func (a *Address) settle() {
	a.Undeliverable = a.Bounced
	if third := a.tooManySoftBounces(); !third.IsZero() && (a.Bounced.IsZero() || third.Before(a.Bounced)) {
		a.Undeliverable = third
	}
}

// Equal says whether the same is known of both.
func (a Address) Equal(b Address) bool {
	return a.Unsubscribed.Equal(b.Unsubscribed) && a.Undeliverable.Equal(b.Undeliverable) && a.Bounced.Equal(b.Bounced) &&
		slices.Equal(a.SoftBounces, b.SoftBounces) && slices.Equal(a.Asked, b.Asked)
}

// AddressAsked is one survey to an address.
type AddressAsked struct {
	Invitation string    `json:"id"`
	Customer   string    `json:"customer,omitempty"` // whose it is
	At         time.Time `json:"at"`
}
