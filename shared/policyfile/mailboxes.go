package policyfile

import (
	"errors"
	"fmt"
	"maps"
	"net/mail"
	"slices"
	"strings"
	"unicode"

	"kaiku/shared/policy"
)

// mailboxes returns a fault for everything that should be an address and is
// none: SES would refuse every mail with it.
func mailboxes(p *policy.Policy) error {
	all := map[string]string{"sender.from": p.Sender.From, "sender.reply_to": p.Sender.ReplyTo}
	for owner, to := range p.Sender.Owners {
		all["sender.owners."+owner] = to
	}
	var faults []error
	for _, path := range slices.Sorted(maps.Keys(all)) {
		if _, err := mail.ParseAddress(all[path]); err != nil {
			faults = append(faults, policy.Fault{Path: path,
				Text: fmt.Sprintf("%q is no address; write name@firm.example or Name <name@firm.example>", all[path])})
		}
	}
	for i, to := range p.Digest.To {
		if a, err := mail.ParseAddress(to); err != nil || a.Address != to || strings.ContainsFunc(to, func(r rune) bool { return r > unicode.MaxASCII }) {
			faults = append(faults, policy.Fault{Path: fmt.Sprintf("digest.to[%d]", i),
				Text: fmt.Sprintf("%q is no address alone; write name@firm.example, without a name, the domain in punycode", to)})
		}
	}
	return errors.Join(faults...)
}
