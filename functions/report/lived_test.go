package report

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/survey"
)

// lived is a programme of which more is known than what was answered: how many
// customers there were, who left, and what was said.
type lived struct {
	counted
	audience []ledger.AudienceCount
	said     map[string]survey.Outcome
}

func (l lived) Audience(context.Context) ([]ledger.AudienceCount, error) { return l.audience, nil }

func (l lived) Comment(_ context.Context, ref ledger.CommentRef) (survey.Outcome, error) {
	o, ok := l.said[ref.Invitation]
	if !ok {
		return o, ledger.ErrNotFound
	}
	return o, nil
}

var micro = survey.Group{Size: survey.Micro}

// live has of a programme's detractors a fourth leave, and of the others few; a
// month's customers are twice those who were sent an NPS in it, in the groups of
// these; and each month somebody says each of the sayings.
func live(c counted, sayings ...string) lived {
	l := lived{counted: counted{}, said: map[string]survey.Outcome{}}
	for kind, months := range c {
		for _, month := range months {
			scores := month.Cells[ledger.All][ledger.All].Scores
			if kind == survey.NPS {
				month.Classes = classesOf(scores)
				l.audience = append(l.audience, audienceOf(month))
			}
			low, high, _ := kind.Scale()
			for i, text := range sayings {
				ref := ledger.CommentRef{Invitation: fmt.Sprintf("%s-%s-%d", kind, month.Month, i), Day: survey.Date{Year: month.Month.Year, Month: month.Month.Month, Day: 1 + i},
					At: time.Date(month.Month.Year, month.Month.Month, 1+i, 9, 0, 0, 0, time.UTC)}
				month.Comments = append(month.Comments, ref)
				l.said[ref.Invitation] = survey.Outcome{Invitation: ref.Invitation, Kind: kind, Answer: &survey.Answer{Score: low + (i*3+1)%(high-low+1), Comment: text}}
			}
			l.counted[kind] = append(l.counted[kind], month)
		}
	}
	return l
}

func classesOf(scores []int) map[survey.Class]ledger.ClassCount {
	classes := map[survey.Class]ledger.ClassCount{}
	for score, n := range scores {
		class := survey.NPS.Class(score)
		c := ledger.ClassCount{Answered: n, Left: n / 30}
		if class == survey.Detractor {
			c.Left = n / 4
		}
		if n > 0 {
			c.Worth = map[string]int64{"EUR": int64(n) * 310_055, "SEK": int64(n) * 20_000}
		}
		if c.Left > 0 {
			c.WorthLeft = map[string]int64{"EUR": int64(c.Left) * 290_010}
		}
		sum := classes[class]
		sum.Add(c)
		classes[class] = sum
	}
	return classes
}

func audienceOf(month ledger.MonthCount) ledger.AudienceCount {
	groups := map[string]map[string]ledger.Stock{}
	for _, by := range ledger.AudienceDimensions() {
		for value, cell := range month.Cells[by] {
			if groups[by] == nil {
				groups[by] = map[string]ledger.Stock{}
			}
			groups[by][value] = ledger.Stock{Customers: 2*cell.Sent + 1, Asked: cell.Sent + cell.Answered}
		}
	}
	return ledger.AudienceCount{Month: month.Month, At: month.At, Groups: map[survey.Group]map[string]map[string]ledger.Stock{micro: maps.Clone(groups)}}
}

// sayings are short, of several lines, long, and hostile.
var sayings = []string{
	"Huolto tuli ajallaan ja hinta piti. Kiitos!",
	"Two things:\n- nobody answers the phone\n- the invoice is wrong every month",
	strings.Repeat("Kirjautuminen kesti ja laskun löytäminen vielä pidempään, mutta lopulta asia saatiin hoidettua yhdessä. ", 40),
	`<script>alert("x")</script> & <b>bold</b> 'quoted' "said" ` + strings.Repeat("aaaaaaaaaa", 20),
	"👍",
}
