package webhook

import (
	"encoding/json"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kaiku/shared/survey"
)

// check returns what is wrong with a value that is not null, or nothing.
type check func(json.RawMessage) string

// The fields that Kaiku keeps of each object, and what each may hold.
var (
	customerFields = map[string]check{
		"name":         textUpTo(200),
		"businessId":   textUpTo(40),
		"employees":    wholeNumber,
		"turnover":     amount,
		"balanceSheet": amount,
		"industry":     textUpTo(20),
		"region":       textUpTo(100),
		"chain":        yesNo,
		"publicSector": yesNo,
		"consumer":     yesNo,
		"timezone":     timezone,
	}
	contractFields = map[string]check{
		"service":     textUpTo(100),
		"annualValue": amount,
		"currency":    currency,
		"startsOn":    startDate,
		"endsOn":      date,
		"owner":       textUpTo(100),
	}
	contactFields = map[string]check{
		"email":    address,
		"name":     textUpTo(200),
		"role":     oneOf(survey.Roles),
		"language": oneOf(survey.Languages),
	}
	changeFields = map[string]check{"summary": textUpTo(2000)}
)

func textUpTo(limit int) check {
	return func(raw json.RawMessage) string {
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return "must be a string"
		}
		if utf8.RuneCountInString(s) > limit {
			return fmt.Sprintf("is longer than %d characters", limit)
		}
		return ""
	}
}

func wholeNumber(raw json.RawMessage) string {
	var n int64
	if json.Unmarshal(raw, &n) != nil || n < 0 {
		return "must be a whole number, 0 or more"
	}
	return ""
}

func amount(raw json.RawMessage) string {
	var n float64
	if json.Unmarshal(raw, &n) != nil || n < 0 {
		return "must be a number, 0 or more"
	}
	return ""
}

func yesNo(raw json.RawMessage) string {
	var b bool
	if json.Unmarshal(raw, &b) != nil {
		return "must be true or false"
	}
	return ""
}

func date(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return "must be a date, YYYY-MM-DD"
	}
	if _, err := survey.ParseDate(s); err != nil {
		return "must be a date that exists, YYYY-MM-DD"
	}
	return ""
}

func startDate(raw json.RawMessage) string {
	if wrong := date(raw); wrong != "" {
		return wrong
	}
	var d survey.Date
	if json.Unmarshal(raw, &d) != nil || d.Year > lastYear {
		return fmt.Sprintf("must be a date before %d", lastYear+1)
	}
	return ""
}

func currency(raw json.RawMessage) string {
	var s string
	letter := func(r rune) bool { return r >= 'A' && r <= 'Z' }
	if json.Unmarshal(raw, &s) != nil || len(s) != 3 || strings.IndexFunc(s, func(r rune) bool { return !letter(r) }) >= 0 {
		return "must be a currency by ISO 4217, such as EUR"
	}
	return ""
}

func timezone(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil && s != "" && s != "Local" {
		if _, err := time.LoadLocation(s); err == nil {
			return ""
		}
	}
	return "unknown time zone; write one of the IANA time zone database, such as Europe/Helsinki"
}

func oneOf[T ~string](known []T) check {
	return func(raw json.RawMessage) string {
		var s T
		if json.Unmarshal(raw, &s) != nil || !slices.Contains(known, s) {
			return fmt.Sprintf("is not known; known are %v", known)
		}
		return ""
	}
}

// maxAddress is the longest address that a mail server has to take (RFC 5321,
// section 4.5.3.1.3, less the angle brackets).
const maxAddress = 254

// address takes a bare address, no name beside it, at a domain and not at a
// machine's number. A domain with other than ASCII letters has to come in its
// ASCII form: SES takes no other.
func address(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil && len(s) <= maxAddress && isASCII(s) && !hasControl(s) && !strings.HasSuffix(s, "]") {
		if parsed, err := mail.ParseAddress(s); err == nil && parsed.Address == s && parsed.Name == "" {
			return ""
		}
	}
	return "must be one email address, such as name@firm.example, or null for none"
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}

func hasControl(s string) bool {
	return !utf8.ValidString(s) || strings.IndexFunc(s, unicode.IsControl) >= 0
}
