package mail

import (
	"errors"
	"fmt"
	"maps"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
)

// Limits of SES v2. A header's name and value together, in characters of printable
// ASCII (API reference, MessageHeader); a tag's name or value (MessageTag); the
// bytes before the @ of an address and of the whole (RFC 5321, 4.5.3.1). How many
// recipients a mail may have (SendEmail, Destination).
const (
	maxHeader  = 996
	maxTag     = 256
	maxLocal   = 64
	maxAddress = 254
	maxReaders = 50
)

// headers are those by which mailboxes know what this is: a mail by a machine,
// which asks out-of-office replies to stay away (RFC 3834), of a list (RFC 2919),
// which one click leaves (RFC 8058, asked for by Gmail and Yahoo).
func headers(m Message) ([]types.MessageHeader, error) {
	var out []types.MessageHeader
	add := func(name, value string) error {
		if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
			return fmt.Errorf("the %s header has a character that is not printable ASCII", name)
		}
		if n := len(name) + len(value); n > maxHeader {
			return fmt.Errorf("the %s header has %d characters; SES takes at most %d", name, n, maxHeader)
		}
		out = append(out, types.MessageHeader{Name: aws.String(name), Value: aws.String(value)})
		return nil
	}
	err := add("Auto-Submitted", "auto-generated")
	if m.ListID != "" {
		if strings.ContainsAny(m.ListID, "<> ") {
			return nil, errors.New("the list id must be a domain name alone")
		}
		err = errors.Join(err, add("List-Id", "<"+m.ListID+">"))
	}
	if m.UnsubscribeURL != "" {
		if err := checkURL("unsubscribe link", m.UnsubscribeURL); err != nil {
			return nil, err
		}
		err = errors.Join(err, add("List-Unsubscribe", "<"+m.UnsubscribeURL+">"))
		err = errors.Join(err, add("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
	}
	return out, err
}

// tags are the tags in the order of their names.
func tags(of map[string]string) ([]types.MessageTag, error) {
	var out []types.MessageTag
	for _, name := range slices.Sorted(maps.Keys(of)) {
		if !isTag(name) {
			return nil, fmt.Errorf("a tag's name must be 1 to %d of A-Z a-z 0-9 _ and -", maxTag)
		}
		if !isTag(of[name]) {
			return nil, fmt.Errorf("the value of tag %s must be 1 to %d of A-Z a-z 0-9 _ and -", name, maxTag)
		}
		out = append(out, types.MessageTag{Name: aws.String(name), Value: aws.String(of[name])})
	}
	return out, nil
}

func isTag(s string) bool {
	return s != "" && len(s) <= maxTag && !strings.ContainsFunc(s, func(r rune) bool {
		return r > unicode.MaxASCII || !(unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '-')
	})
}

// oneLine refuses what would end a header and begin another.
func oneLine(what, s string) error {
	if strings.TrimSpace(s) == "" {
		return fmt.Errorf("the %s is empty", what)
	}
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }) {
		return fmt.Errorf("the %s holds a line break or another control character", what)
	}
	return nil
}

// mailbox writes a name and an address as a header takes them: the name quoted or
// encoded (RFC 2047) as it needs.
func mailbox(what, s string) (string, error) {
	a, err := parse(what, s)
	if err != nil {
		return "", err
	}
	return a.String(), nil
}

// bareAddress is an address that came without a name.
func bareAddress(what, s string) (string, error) {
	a, err := parse(what, s)
	if err != nil {
		return "", err
	}
	if a.Name != "" || a.Address != s {
		return "", fmt.Errorf("%s must be an address alone", what)
	}
	return s, nil
}

// parse reads one mailbox. What net/mail says is left out of the error, for it
// quotes the address.
func parse(what, s string) (*mail.Address, error) {
	if err := oneLine(what, s); err != nil {
		return nil, err
	}
	a, err := mail.ParseAddress(s)
	if err != nil {
		return nil, fmt.Errorf("%s is no address", what)
	}
	local := strings.LastIndexByte(a.Address, '@')
	if local > maxLocal || len(a.Address) > maxAddress {
		return nil, fmt.Errorf("%s is longer than an address can be", what)
	}
	if strings.ContainsFunc(a.Address, func(r rune) bool { return r > unicode.MaxASCII }) {
		return nil, fmt.Errorf("%s has characters in its address that SES cannot send to; write the domain in punycode", what)
	}
	return a, nil
}

// checkURL refuses what is no absolute http or https address, or has a character
// that would end a line, a header's angle brackets or an attribute. http is for
// local runs. The address itself stays out of the error, it holds a token.
func checkURL(what, s string) error {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil {
		return fmt.Errorf("the %s is no absolute web address", what)
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("<>\"'`\\", r) }) {
		return fmt.Errorf("the %s has a character that a web address cannot have; percent-encode it", what)
	}
	return nil
}
