package mail

import (
	"fmt"
	"strings"
)

// text is the plain twin of the mail: the same words, each link on a line of its
// own, since mailboxes make links of lines.
func (v view) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n\n%s\n(%s, %s)\n\n%s\n\n", v.Company, v.Lead, v.Question, v.LowEnd, v.HighEnd, v.ChooseLink())
	for _, r := range v.Rows {
		for _, l := range r.Links {
			fmt.Fprintf(&b, "%d: %s\n", l.Score, l.URL)
		}
	}
	// "-- " is how mailboxes know a foot (RFC 3676, 4.3).
	fmt.Fprintf(&b, "\n%s\n\n-- \n%s %s\n", v.Opens(), v.Sender(), v.WhyYou())
	if v.Contact != "" {
		fmt.Fprintf(&b, "%s\n", v.Contact)
	}
	fmt.Fprintf(&b, "%s: %s\n", v.Unsubscribe(), v.UnsubscribeURL)
	return b.String()
}
