package report

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
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
	// fullAnswers is how large a page of an export with persons may grow, in bytes,
	// before the next day goes on another.
	fullAnswers = 2 << 20
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
	left := 0
	for _, month := range taken.Months {
		for _, day := range daysOf(month) {
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

// personalAnswers writes a line for each answer of whole days, with its customer,
// until the page is full. The Link header leads to the next (RFC 8288).
func (h *Handler) personalAnswers(w http.ResponseWriter, r *http.Request, q figures.Query) error {
	day := survey.Date{Year: q.From.Year, Month: q.From.Month, Day: 1}
	if text := r.URL.Query().Get("after"); text != "" {
		after, err := survey.ParseDate(text)
		if err != nil {
			return web.NewProblem(http.StatusBadRequest, "after: write a day as YYYY-MM-DD, or follow the Link header of the page before")
		}
		if next := after.AddDays(1); day.Before(next) {
			day = next
		}
	}
	end := q.To.AddMonths(1)
	last := survey.Date{Year: end.Year, Month: end.Month, Day: 1}.AddDays(-1)
	if today := survey.DateOf(h.Now().In(h.Policy.Zone)); today.Before(last) {
		last = today
	}
	lines := [][]string{personalHead}
	size, started := 0, h.Now()
	for ; !last.Before(day); day = day.AddDays(1) {
		if size >= fullAnswers || h.Now().Sub(started) > maxExport {
			next := url.Values{}
			for name, values := range r.URL.Query() {
				next[name] = values
			}
			next.Set("after", day.AddDays(-1).String())
			w.Header().Set("Link", "<answers.csv?"+next.Encode()+`>; rel="next"`)
			break
		}
		answers, err := h.Ledger.Answers(r.Context(), day)
		if err != nil {
			return err
		}
		for i := range answers {
			if o := &answers[i]; slices.Contains(q.Kinds, o.Kind) {
				line := personalLine(o)
				for _, field := range line {
					size += len(field) + 1
				}
				lines = append(lines, line)
			}
		}
	}
	h.Log.InfoContext(r.Context(), "answers exported", "rows", len(lines)-1, "personal", true)
	return writeCSV(w, "kaiku-answers-personal.csv", lines)
}

// maxExport is how long days are read for one page; API Gateway waits for 30 s.
const maxExport = 15 * time.Second

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
