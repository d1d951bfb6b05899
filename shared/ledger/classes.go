package ledger

import "kaiku/shared/survey"

// ClassCount counts the answers of one class: how many answered so, how many of
// these had a contract come to its end within a year of answering, and what their
// contracts were worth a year when they were asked, in hundredths by currency.
type ClassCount struct {
	Answered  int              `json:"answered"`
	Left      int              `json:"left,omitempty"`
	Worth     map[string]int64 `json:"worth,omitempty"`
	WorthLeft map[string]int64 `json:"worthLeft,omitempty"`
}

// Add adds other's counts.
func (c *ClassCount) Add(other ClassCount) {
	c.Answered += other.Answered
	c.Left += other.Left
	for currency, worth := range other.Worth {
		addWorth(&c.Worth, currency, worth)
	}
	for currency, worth := range other.WorthLeft {
		addWorth(&c.WorthLeft, currency, worth)
	}
}

func addWorth(to *map[string]int64, currency string, worth int64) {
	if worth == 0 {
		return
	}
	if *to == nil {
		*to = map[string]int64{}
	}
	if (*to)[currency] += worth; (*to)[currency] == 0 {
		delete(*to, currency)
	}
}

// recountClass replaces what is counted of an NPS by class.
func (c *MonthCount) recountClass(o *survey.Outcome) {
	if o.Kind != survey.NPS {
		return
	}
	count := func(t survey.Tally, times int) {
		if !t.Answered {
			return
		}
		if c.Classes == nil {
			c.Classes = map[survey.Class]ClassCount{}
		}
		class := o.Kind.Class(t.Score)
		n := c.Classes[class]
		n.Answered += times
		addWorth(&n.Worth, o.Facts.Currency, int64(times)*o.Facts.Worth)
		if t.Left {
			n.Left += times
			addWorth(&n.WorthLeft, o.Facts.Currency, int64(times)*o.Facts.Worth)
		}
		c.Classes[class] = n
	}
	if o.Counted != nil {
		count(*o.Counted, -1)
	}
	count(o.Tally(), 1)
}
