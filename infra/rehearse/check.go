package rehearse

import (
	"fmt"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"kaiku/shared/survey"
	"kaiku/shared/webhook"
)

// What each cell may hold. An import refuses the same: a file that can be
// rehearsed can be loaded, as far as the columns go that the rules look at.

func number(c column, cell string) (float64, error) {
	n, err := strconv.ParseFloat(cell, 64)
	if err != nil || !(n >= 0) || n > 1e18 {
		return 0, fmt.Errorf("%s: must be a number, 0 or more", columnNames[c])
	}
	return n, nil
}

func wholeNumber(c column, cell string) (int64, error) {
	n, err := number(c, cell)
	if err != nil || n != float64(int64(n)) {
		return 0, fmt.Errorf("%s: must be a whole number, 0 or more", columnNames[c])
	}
	return int64(n), nil
}

func yesNo(c column, cell string) (bool, error) {
	yes, err := strconv.ParseBool(cell)
	if err != nil {
		return false, fmt.Errorf("%s: must be true or false", columnNames[c])
	}
	return yes, nil
}

func date(c column, cell string) (survey.Date, error) {
	d, err := survey.ParseDate(cell)
	if err != nil {
		return d, fmt.Errorf("%s: must be a date that exists, YYYY-MM-DD", columnNames[c])
	}
	return d, nil
}

func id(c column, cell string) error {
	if cell == "" {
		return fmt.Errorf("%s is empty", columnNames[c])
	}
	if len(cell) > webhook.MaxID || strings.IndexFunc(cell, unicode.IsControl) >= 0 {
		return fmt.Errorf("%s: is longer than %d bytes, or holds control characters", columnNames[c], webhook.MaxID)
	}
	return nil
}

// zones are the names of time zones that were found to exist: to look one up
// reads a file.
var zones sync.Map

func zoneName(cell string) error {
	if _, known := zones.Load(cell); known {
		return nil
	}
	if _, err := time.LoadLocation(cell); err != nil || cell == "Local" {
		return fmt.Errorf("%s: unknown time zone; write such as Europe/Helsinki", columnNames[timezone])
	}
	zones.Store(cell, nil)
	return nil
}

func roleName(cell string) (survey.Role, error) {
	if r := survey.Role(cell); slices.Contains(survey.Roles, r) {
		return r, nil
	}
	return "", fmt.Errorf("%s: is not known; known are %v", columnNames[role], survey.Roles)
}

// maxAddress is the longest address that a mail server has to take (RFC 5321,
// section 4.5.3.1.3, less the angle brackets).
const maxAddress = 254

// address checks an email address. Nearly all are plain, which can be seen
// without the whole grammar.
func address(cell string) error {
	name, domain, ok := strings.Cut(cell, "@")
	if ok && plain(name) && plain(domain) {
		return nil
	}
	odd := func(r rune) bool { return r > unicode.MaxASCII || unicode.IsControl(r) }
	if parsed, err := mail.ParseAddress(cell); err != nil || parsed.Address != cell || parsed.Name != "" ||
		len(cell) > maxAddress || strings.IndexFunc(cell, odd) >= 0 {
		return fmt.Errorf("%s: must be one email address, such as name@firm.example", columnNames[email])
	}
	return nil
}

// plain says whether s is letters and digits with single dots, dashes or
// underlines between.
func plain(s string) bool {
	mark := true // as if before the first letter
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
			mark = false
		case (c == '.' || c == '-' || c == '_') && !mark:
			mark = true
		default:
			return false
		}
	}
	return !mark && len(s) < 120
}

// sameAddress is what two spellings of one address have in common; an address
// is stored by it.
func sameAddress(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
