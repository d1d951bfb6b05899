package report

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"kaiku/shared/figures"
	"kaiku/shared/survey"
	"kaiku/shared/web"
)

// Answers reads the answers to the surveys of one day.
type Answers interface {
	Answers(ctx context.Context, day survey.Date) ([]survey.Outcome, error)
}

const (
	// maxAnswers is how many answers one export without persons may hold: it is
	// sorted as a whole, and Lambda answers with 6 MB at most.
	maxAnswers = 50_000
	// fullAnswers is when a page of an export with persons is full, in bytes.
	fullAnswers = 3 << 20
)

// answers exports answers for analysts: without anything that says whose they are,
// or with persons, for who has the second permission and asks for it.
func (h *Handler) answers(w http.ResponseWriter, r *http.Request) error {
	q, err := h.query(r)
	if err != nil {
		return err
	}
	switch personal := r.URL.Query().Get("personal"); {
	case personal == "" || personal == "false":
		return h.plainAnswers(w, r, q)
	case personal != "true":
		return web.NewProblem(http.StatusBadRequest, "personal: known are true, false")
	case !web.HasBearer(r, h.PersonalTokens...):
		return web.NewProblem(http.StatusForbidden, "Answers with their customers and comments need the second permission: send a token of ANSWERS_TOKEN.")
	}
	return h.personalAnswers(w, r, q)
}

// permitted lets through who carries a report token, or one for personal data.
func (h *Handler) permitted(next web.HandlerFunc) web.HandlerFunc {
	both := Handler{Tokens: slices.Concat(h.Tokens, h.PersonalTokens)}
	return both.bearer(next)
}

// plainAnswers writes a line for each answer that may be shown, with the shortest
// period that its group is shown in.
func (h *Handler) plainAnswers(w http.ResponseWriter, r *http.Request, q figures.Query) error {
	programme, err := figures.Load(r.Context(), h.Ledger, q.Kinds, h.Policy.Results.HideUnder, h.Now())
	if err != nil {
		return err
	}
	taken := programme.Answers(q)
	if taken.Count > maxAnswers {
		return web.NewProblem(http.StatusBadRequest, fmt.Sprintf("These are %d answers; one export holds %d. Ask for one kind, or for fewer months with from and to.", taken.Count, maxAnswers))
	}
	var rows []figures.AnswerRow
	left, started := 0, h.Now()
	for _, month := range taken.Months {
		for _, day := range daysOf(month) {
			if h.Now().Sub(started) > maxExport {
				return web.NewProblem(http.StatusBadRequest, "These are too many answers to be read at once. Ask for one kind, or for fewer months with from and to.")
			}
			answers, err := h.Ledger.Answers(r.Context(), day)
			if err != nil {
				return err
			}
			some, without := taken.Rows(month, answers)
			rows, left = append(rows, some...), left+without
		}
	}
	figures.SortAnswers(rows)
	lines := [][]string{{"kind", "by", "value", "period", "score", "class", "reason", "feeling"}}
	for _, row := range rows {
		lines = append(lines, []string{string(row.Kind), row.By, plain(row.Value), row.Period, strconv.Itoa(row.Score), string(row.Class), row.Reason, row.Feeling})
	}
	w.Header().Set("Kaiku-Left-Out", strconv.Itoa(left))
	h.Log.InfoContext(r.Context(), "answers exported", "rows", len(rows), "personal", false)
	return writeCSV(w, "kaiku-answers.csv", lines)
}

// personalAnswers writes a line for each answer, with its customer, until the page
// is full. The Link header leads to the next (RFC 8288).
func (h *Handler) personalAnswers(w http.ResponseWriter, r *http.Request, q figures.Query) error {
	from, err := parsePlace(r.URL.Query().Get("after"))
	if err != nil {
		return web.NewProblem(http.StatusBadRequest, "after: follow the Link header of the page before")
	}
	first, last, err := h.daysWithAnswers(r.Context(), q)
	if err != nil {
		return err
	}
	if from.day.Before(first) {
		from = place{day: first}
	}
	lines := [][]string{personalHead}
	size, started := 0, h.Now()
	for ; !last.Before(from.day); from = (place{day: from.day.AddDays(1)}) {
		if h.Now().Sub(started) > maxExport {
			break
		}
		answers, err := h.Ledger.Answers(r.Context(), from.day)
		if err != nil {
			return err
		}
		for i := range answers {
			o := &answers[i]
			if !slices.Contains(q.Kinds, o.Kind) || o.Invitation <= from.after {
				continue
			}
			if size >= fullAnswers {
				return h.morePages(w, r, lines, from)
			}
			line := personalLine(o)
			for _, field := range line {
				size += len(field) + 1
			}
			lines = append(lines, line)
			from.after = o.Invitation
		}
	}
	if !last.Before(from.day) {
		return h.morePages(w, r, lines, from)
	}
	return h.personalPage(w, r, lines)
}

// morePages writes a page that another follows.
func (h *Handler) morePages(w http.ResponseWriter, r *http.Request, lines [][]string, next place) error {
	query := url.Values{}
	for name, values := range r.URL.Query() {
		query[name] = values
	}
	query.Set("after", next.String())
	w.Header().Set("Link", "<answers.csv?"+query.Encode()+`>; rel="next"`)
	return h.personalPage(w, r, lines)
}

func (h *Handler) personalPage(w http.ResponseWriter, r *http.Request, lines [][]string) error {
	h.Log.InfoContext(r.Context(), "answers exported", "rows", len(lines)-1, "personal", true)
	return writeCSV(w, "kaiku-answers-personal.csv", lines)
}

// daysWithAnswers are the first and the last day of what a query takes in on which
// anything can have been answered; the last is before the first when there is none.
func (h *Handler) daysWithAnswers(ctx context.Context, q figures.Query) (first, last survey.Date, err error) {
	programme, err := figures.Load(ctx, h.Ledger, q.Kinds, h.Policy.Results.HideUnder, h.Now())
	if err != nil {
		return first, last, err
	}
	from, _, ok := programme.Span(q.Kinds)
	if !ok {
		return survey.Date{Year: 1, Month: 1, Day: 2}, survey.Date{Year: 1, Month: 1, Day: 1}, nil
	}
	if q.From.Index() > from.Index() {
		from = q.From
	}
	first, end := survey.Date{Year: from.Year, Month: from.Month, Day: 1}, q.To.AddMonths(1)
	last = survey.Date{Year: end.Year, Month: end.Month, Day: 1}.AddDays(-1)
	if today := survey.DateOf(h.Now().In(h.Policy.Zone)); today.Before(last) {
		last = today
	}
	return first, last, nil
}

// place is how far an export has come: behind an answer of a day.
type place struct {
	day   survey.Date
	after string // the invitation; empty before the first
}

func (p place) String() string { return p.day.String() + "/" + p.after }

func parsePlace(s string) (p place, err error) {
	if s == "" {
		return p, nil
	}
	day, after, _ := strings.Cut(s, "/")
	p.after = after
	p.day, err = survey.ParseDate(day)
	return p, err
}

// maxExport is how long days are read for one answer: well within the 20 s that the
// function and API Gateway have.
const maxExport = 8 * time.Second

var personalHead = []string{"kind", "trigger", "sent", "answered", "revised", "score", "class", "comment", "reason", "feeling", "customer",
	"invitation", "size", "industry", "region", "owner", "service", "language", "worth", "currency", "left"}

func personalLine(o *survey.Outcome) []string {
	a, f := o.Answer, &o.Facts
	stamp := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	worth := ""
	if f.Currency != "" || f.Worth > 0 {
		worth = fmt.Sprintf("%d.%02d", f.Worth/100, f.Worth%100)
	}
	return []string{string(o.Kind), string(f.Trigger), stamp(o.Sent), stamp(a.First), stamp(a.Last), strconv.Itoa(a.Score), string(o.Kind.Class(a.Score)),
		plain(a.Comment), a.Reason, a.Feeling, plain(o.Customer), o.Invitation, string(f.Size), f.Industry, plain(f.Region), plain(f.Owner),
		plain(f.Service), f.Language, worth, f.Currency, strconv.FormatBool(o.Left)}
}

func daysOf(m survey.Month) []survey.Date {
	var days []survey.Date
	for d := (survey.Date{Year: m.Year, Month: m.Month, Day: 1}); survey.MonthOf(d) == m; d = d.AddDays(1) {
		days = append(days, d)
	}
	return days
}
