package policy

import (
	"slices"
	"strings"
	"time"

	"kaiku/shared/survey"
)

// The rules about persons stand behind each other: each takes away the contacts
// it speaks against, and says no when it has taken the last. When none was left
// before, another rule has said no already and this one has nothing to add.

func noContact(q *question) verdict {
	for i := range q.c.Contacts {
		contact := &q.c.Contacts[i]
		if q.on.Trigger != survey.Interaction || contact.ID == q.on.Contact {
			q.left = append(q.left, contact)
		}
	}
	if len(q.left) > 0 {
		return yes
	}
	because := survey.Because{"contacts": len(q.c.Contacts)}
	if q.on.Trigger == survey.Interaction {
		because["contact"] = q.on.Contact
	}
	return no(because)
}

// without takes away the contacts that against speaks against.
func (q *question) without(against func(survey.Address) bool, because func(taken []string) survey.Because) verdict {
	if len(q.left) == 0 {
		return yes
	}
	var left []*survey.Contact
	var taken []string
	for _, contact := range q.left {
		if against(q.addresses[contact.ID]) {
			taken = append(taken, contact.ID)
		} else {
			left = append(left, contact)
		}
	}
	q.left = left
	if len(left) > 0 {
		return yes
	}
	return no(because(taken))
}

func contactsOnly(taken []string) survey.Because { return survey.Because{"contacts": taken} }

func unsubscribed(q *question) verdict {
	return q.without(func(a survey.Address) bool { return !a.Unsubscribed.IsZero() }, contactsOnly)
}

func undeliverable(q *question) verdict {
	return q.without(func(a survey.Address) bool { return !a.Undeliverable.IsZero() }, contactsOnly)
}

func addressCap(q *question) verdict {
	limit, pause := q.Rules.AddressCap, q.Rules.AddressCooldown
	return q.without(func(a survey.Address) bool {
		n := 0
		for _, b := range a.Asked {
			if q.within(b.At, pause.Std()) {
				return true
			}
			if q.now.Sub(b.At) < capWindow {
				n++
			}
		}
		return n >= limit
	}, func(taken []string) survey.Because {
		return survey.Because{"contacts": taken, "limit": limit, "within": Duration(capWindow).String(), "cooldown": pause.String()}
	})
}

// pick chooses among the contacts left: decision maker before user before
// billing; among equals the one asked longest ago, then by id.
func (q *question) pick() *survey.Contact {
	lastAsked := func(id string) time.Time {
		for _, a := range slices.Backward(q.c.Asked) {
			if a.Contact == id {
				return a.At
			}
		}
		return time.Time{}
	}
	return slices.MinFunc(q.left, func(a, b *survey.Contact) int {
		switch {
		case a.Role != b.Role && a.Role.Before(b.Role):
			return -1
		case a.Role != b.Role && b.Role.Before(a.Role):
			return 1
		}
		if c := lastAsked(a.ID).Compare(lastAsked(b.ID)); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
}
