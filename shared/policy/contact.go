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
	q.left = q.roomForLeft[:0]
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

// without takes away the contacts that against speaks against, and says no with
// because of those when nobody is left.
func (q *question) without(against func(survey.Address) bool, because func(taken []string) survey.Because) verdict {
	if len(q.left) == 0 {
		return yes
	}
	left := 0
	for _, contact := range q.left {
		if !against(q.addresses[contact.ID]) {
			q.left[left] = contact
			left++
		}
	}
	if left > 0 {
		q.left = q.left[:left]
		return yes
	}
	taken := make([]string, len(q.left))
	for i, contact := range q.left {
		taken[i] = contact.ID
	}
	q.left = nil
	return no(because(taken))
}

// since takes away the contacts of whose addresses a thing has been true for
// some time.
func (q *question) since(when func(survey.Address) time.Time) verdict {
	return q.without(func(a survey.Address) bool { return !when(a).IsZero() }, func(taken []string) survey.Because {
		since := map[string]string{}
		for _, contact := range taken {
			since[contact] = stamp(when(q.addresses[contact]))
		}
		return survey.Because{"contacts": taken, "since": since}
	})
}

func unsubscribed(q *question) verdict {
	return q.since(func(a survey.Address) time.Time { return a.Unsubscribed })
}

func undeliverable(q *question) verdict {
	return q.since(func(a survey.Address) time.Time { return a.Undeliverable })
}

func addressCap(q *question) verdict {
	limit, pause := q.Rules.AddressCap, q.Rules.AddressCooldown
	// often is how often an address was asked, and the last time that is too near;
	// zero if none is.
	often := func(a survey.Address) (n int, near time.Time) {
		for _, b := range a.Asked {
			if q.now.Sub(b.At) < capWindow {
				n++
			}
			if q.within(b.At, pause.Std()) {
				near = later(near, b.At)
			}
		}
		return n, near
	}
	return q.without(func(a survey.Address) bool {
		n, near := often(a)
		return n >= limit || !near.IsZero()
	}, func(taken []string) survey.Because {
		asked, surveys, lately := map[string]int{}, map[string][]string{}, map[string]string{}
		for _, contact := range taken {
			n, near := often(q.addresses[contact])
			asked[contact] = n
			for _, b := range q.addresses[contact].Asked {
				if q.now.Sub(b.At) < capWindow {
					surveys[contact] = append(surveys[contact], b.Invitation)
				}
			}
			if !near.IsZero() {
				lately[contact] = stamp(near)
			}
		}
		because := survey.Because{"contacts": taken, "asked": asked, "surveys": surveys, "limit": limit, "within": Duration(capWindow).String()}
		if len(lately) > 0 {
			because["at"], because["cooldown"] = lately, pause.String()
		}
		return because
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
