package respond

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"kaiku/shared/survey"
)

// What mail programs and filters do to links, they do at the ends: they take in
// the full stop or the bracket of the sentence (%27, a dot), leave a sign of
// quoted-printable (RFC 2045, section 6.7) behind, or add a path of their own. So
// a token ends where the first character stands that no token has. That is safe:
// what is left is as hard to make up as before.

// tokenOf is the token of the request's link.
func tokenOf(r *http.Request) string {
	token, _ := cutToken(r.PathValue("link"))
	return token
}

func cutToken(s string) (token, rest string) {
	end := strings.IndexFunc(s, func(r rune) bool { return !inToken(r) })
	if end < 0 {
		return s, ""
	}
	return s[:end], s[end:]
}

// inToken says whether a character is one of base64url (RFC 4648, section 5).
func inToken(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_'
}

// clicked is a score as it stands in a link, perhaps after the "=" of
// quoted-printable, and before what may have been added. A wrong score is worse
// than none: "=" at the end may have cut a 10, and 4.5 is no 4.
var clicked = regexp.MustCompile(`^=?(?:3[Dd])?([0-9]{1,2})(?:[.,:;!?]*|[/'")>\]}].*)$`)

// scoreOf is the score of the request's link, or nil.
func scoreOf(r *http.Request, k survey.Kind) *int {
	given := r.URL.Query().Get("score")
	if _, rest := cutToken(r.PathValue("link")); given == "" && strings.HasPrefix(rest, "?") { // the "?" had become %3F
		if query, err := url.ParseQuery(rest[1:]); err == nil {
			given = query.Get("score")
		}
	}
	found := clicked.FindStringSubmatch(given)
	if found == nil {
		return nil
	}
	score, err := strconv.Atoi(found[1])
	if err != nil || !k.Valid(score) {
		return nil
	}
	return &score
}

// ReadablePath is the path of a request as it can be parsed: one with a stray
// percent sign or a control character, which no HTTP server would let through but
// a gateway hands on, ends before it.
func ReadablePath(raw string) string {
	if _, err := url.ParseRequestURI(raw); err == nil {
		return raw
	}
	head, link, ok := cutPrefix(raw)
	if !ok {
		return "/"
	}
	token, _ := cutToken(link)
	return head + token
}

func cutPrefix(path string) (head, link string, ok bool) {
	for _, head := range []string{surveys, unsubscribes} {
		if link, ok := strings.CutPrefix(path, head); ok {
			return head, link, true
		}
	}
	return "", "", false
}
