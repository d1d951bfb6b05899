package ledger_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kaiku/shared/figures"
)

// The figures once more, by the specification and the sources that it names, from
// lists of scores. Nothing of shared/stats or shared/figures is used.

// line is a row of the report; NaN stands for what is not told.
type line struct {
	Sent, Delivered, Bounced, Answered       int
	Rate, Score, Low, High, Mean, Favourable float64
	Change, ChangeLow, ChangeHigh            float64
	Counts, Word                             string
	Hidden                                   bool
	scores                                   []float64
	kind                                     string
	good, bad                                int
}

var near = cmp.Options{cmpopts.EquateApprox(0, 1e-6), cmpopts.EquateNaNs(), cmpopts.IgnoreUnexported(line{})}

// shown are the rows of a report, by what they are about.
func shown(rows []figures.Row) map[string]line {
	number := func(f *float64) float64 {
		if f == nil {
			return math.NaN()
		}
		return *f
	}
	lines := map[string]line{}
	for _, r := range rows {
		l := line{Sent: r.Sent, Delivered: r.Delivered, Bounced: r.Bounced, Answered: r.Answered, Rate: number(r.ResponseRate),
			Score: number(r.Score), Low: number(r.Low), High: number(r.High), Mean: number(r.Mean), Favourable: number(r.Favourable),
			Change: math.NaN(), ChangeLow: math.NaN(), ChangeHigh: math.NaN(), Hidden: r.Hidden}
		if r.Change != nil {
			l.Change, l.ChangeLow, l.ChangeHigh, l.Word = r.Change.Value, r.Change.Low, r.Change.High, r.Change.Word
		}
		if r.Counts.Histogram != nil {
			low, high, _ := r.Kind.Scale()
			for score := low; score <= high; score++ {
				l.Counts += fmt.Sprintf("%d:%d ", score, r.Counts.Count(score))
			}
		}
		name := strings.Join([]string{string(r.Kind), r.By, r.Value, r.Period}, " ")
		if _, twice := lines[name]; twice {
			name += " twice"
		}
		lines[name] = l
	}
	return lines
}

// recounted are the rows that the outcomes make.
func recounted(all []rawOutcome, by, period string) map[string]line {
	type place struct {
		kind, value string
		at          int // the first month of the period
	}
	cells := map[place]*line{}
	first, last := map[string]int{}, map[string]int{}
	for _, o := range all {
		m := monthIndex(o.month)
		if at, ok := first[o.Kind]; !ok || m < at {
			first[o.Kind] = m
		}
		last[o.Kind] = max(last[o.Kind], m)
	}
	length := map[string]int{"month": 1, "quarter": 3, "year": 12, "rolling": 12}[period]
	for _, o := range all {
		value := "all"
		if by != "all" {
			if value = o.Facts[by]; value == "" {
				value = "unknown"
			}
		}
		m := monthIndex(o.month)
		begins := []int{m - m%length}
		if period == "rolling" { // the twelve months that end with each of four quarters, while there is anything of the kind
			quarter := m - m%3
			begins = nil
			for end := quarter + 3; end <= quarter+12; end += 3 {
				if end-3 <= last[o.Kind] {
					begins = append(begins, end-12)
				}
			}
		}
		for _, at := range begins {
			p := place{o.Kind, value, at}
			if cells[p] == nil {
				cells[p] = &line{kind: o.Kind}
			}
			cells[p].add(o)
		}
	}
	lines := map[string]line{}
	for p, l := range cells {
		l.reckon()
		l.Change, l.ChangeLow, l.ChangeHigh = math.NaN(), math.NaN(), math.NaN()
		if was := cells[place{p.kind, p.value, p.at - length}]; was != nil && len(was.scores) > 0 && len(l.scores) > 0 {
			was.reckon()
			l.since(was)
		}
		lines[strings.Join([]string{p.kind, by, p.value, periodName(p.at, period)}, " ")] = *l
	}
	return lines
}

func monthIndex(name string) int {
	year, month, _ := strings.Cut(name, "-")
	y, errYear := strconv.Atoi(year)
	m, errMonth := strconv.Atoi(month)
	if errYear != nil || errMonth != nil {
		panic("no month: " + name)
	}
	return 12*y + m - 1
}

func periodName(at int, period string) string {
	quarter := func(m int) string { return fmt.Sprintf("%04d-Q%d", m/12, m%12/3+1) }
	switch period {
	case "month":
		return fmt.Sprintf("%04d-%02d", at/12, at%12+1)
	case "quarter":
		return quarter(at)
	case "year":
		return fmt.Sprintf("%04d", at/12)
	}
	return quarter(at) + ".." + quarter(at+11)
}

// scale is the lowest and highest score of a kind, and where its classes end and
// begin.
var scale = map[string]struct{ low, high, bad, good int }{"nps": {0, 10, 6, 9}, "csat": {1, 5, 2, 4}, "ces": {1, 7, 3, 5}}

func (l *line) add(o rawOutcome) {
	l.Sent++
	switch {
	case o.Answer != nil: // who answered had the mail
		l.Delivered++
		l.Answered++
		l.scores = append(l.scores, float64(o.Answer.Score))
		if o.Answer.Score >= scale[l.kind].good {
			l.good++
		}
		if o.Answer.Score <= scale[l.kind].bad {
			l.bad++
		}
	case !o.Bounced.IsZero():
		l.Bounced++
	case !o.Delivered.IsZero():
		l.Delivered++
	}
}

// z is the 97.5th percentile of the normal distribution.
const z = 1.959964

// reckon makes the figure of the scores, with its interval.
func (l *line) reckon() {
	none := math.NaN()
	l.Rate, l.Score, l.Low, l.High, l.Mean, l.Favourable = none, none, none, none, none, none
	if l.Delivered > 0 {
		l.Rate = 100 * float64(l.Answered) / float64(l.Delivered)
	}
	n := float64(len(l.scores))
	if l.Hidden = n == 0; l.Hidden {
		return
	}
	l.Counts = ""
	for score := scale[l.kind].low; score <= scale[l.kind].high; score++ {
		count := 0
		for _, s := range l.scores {
			if s == float64(score) {
				count++
			}
		}
		l.Counts += fmt.Sprintf("%d:%d ", score, count)
	}
	good, bad := float64(l.good), float64(l.bad)
	switch l.kind {
	case "nps":
		l.Score = 100 * (good - bad) / n
		centre, se := l.adjusted()
		l.Low, l.High = min(l.Score, max(-100, centre-z*se)), max(l.Score, min(100, centre+z*se))
	case "csat":
		l.Score = 100 * good / n
		l.Low, l.High = wilson(good, n)
		l.Mean, _ = meanOf(l.scores)
	case "ces":
		var spread float64
		l.Score, spread = meanOf(l.scores)
		l.Favourable = 100 * good / n
		if spread == 0 { // the most that might have answered otherwise, at either end
			others := z * z / (n + z*z)
			l.Low, l.High = l.Score-others*(l.Score-1), l.Score+others*(7-l.Score)
		} else {
			margin := student(n-1) * math.Sqrt(spread/n)
			l.Low, l.High = max(1, l.Score-margin), min(7, l.Score+margin)
		}
	}
}

// adjusted is the centre and the standard error of the adjusted Wald interval
// (Rocks 2016): three answers more, ¾ of them promoters and ¾ detractors.
func (l *line) adjusted() (centre, se float64) {
	n := float64(len(l.scores)) + 3
	p, d := (float64(l.good)+0.75)/n, (float64(l.bad)+0.75)/n
	return 100 * (p - d), 100 * math.Sqrt((p+d-(p-d)*(p-d))/n)
}

// wilson solves |p̂ − p| = z·√(p(1−p)/n) for p.
func wilson(part, n float64) (low, high float64) {
	p := part / n
	a, b, c := 1+z*z/n, -2*p-z*z/n, p*p
	root := math.Sqrt(max(0, b*b-4*a*c))
	return max(0, 100*(-b-root)/(2*a)), min(100, 100*(-b+root)/(2*a))
}

// meanOf is the mean and the sample's variance.
func meanOf(scores []float64) (mean, variance float64) {
	for _, s := range scores {
		mean += s / float64(len(scores))
	}
	alike := true
	for _, s := range scores {
		variance += (s - mean) * (s - mean) / float64(len(scores)-1)
		alike = alike && s == scores[0]
	}
	if alike {
		return scores[0], 0
	}
	return mean, variance
}

// since compares with the period before.
func (l *line) since(was *line) {
	l.Change = l.Score - was.Score
	switch _, now := meanOf(l.scores); l.kind {
	case "nps":
		centre, se := l.adjusted()
		centreBefore, seBefore := was.adjusted()
		d, margin := centre-centreBefore, z*math.Sqrt(se*se+seBefore*seBefore)
		l.ChangeLow, l.ChangeHigh = min(l.Change, max(-200, d-margin)), max(l.Change, min(200, d+margin))
	case "ces":
		n, m := float64(len(l.scores)), float64(len(was.scores))
		if _, before := meanOf(was.scores); now > 0 && before > 0 {
			a, b := now/n, before/m
			margin := student((a+b)*(a+b)/(a*a/(n-1)+b*b/(m-1))) * math.Sqrt(a+b)
			l.ChangeLow, l.ChangeHigh = max(-6, l.Change-margin), min(6, l.Change+margin)
			break
		}
		fallthrough
	default: // from the two intervals (Newcombe 1998, Zou and Donner 2008)
		l.ChangeLow = l.Change - math.Sqrt(math.Pow(l.Score-l.Low, 2)+math.Pow(was.High-was.Score, 2))
		l.ChangeHigh = l.Change + math.Sqrt(math.Pow(l.High-l.Score, 2)+math.Pow(was.Score-was.Low, 2))
	}
	l.Word = "no change"
	if l.ChangeLow > 0 || l.ChangeHigh < 0 {
		l.Word = "change"
	}
}

var students sync.Map // by degrees of freedom

// student is the 97.5th percentile of Student's t: where the integral of its density
// from 0 is 0.475, by halving. With t = √df·tan(u) the density is a power of a
// cosine.
func student(df float64) float64 {
	if t, ok := students.Load(df); ok {
		return t.(float64)
	}
	a, _ := math.Lgamma((df + 1) / 2)
	b, _ := math.Lgamma(df / 2)
	factor := math.Exp(a-b) / math.Sqrt(math.Pi)
	mass := func(u float64) float64 { // Simpson's rule
		const steps = 2000
		h, sum := u/steps, 0.0
		for i := range steps + 1 {
			weight := 2.0
			if i%2 == 1 {
				weight = 4
			}
			if i == 0 || i == steps {
				weight = 1
			}
			sum += weight * math.Pow(math.Cos(float64(i)*h), df-1)
		}
		return factor * sum * h / 3
	}
	low, high := 0.0, math.Pi/2
	for range 50 {
		if u := (low + high) / 2; mass(u) < 0.475 {
			low = u
		} else {
			high = u
		}
	}
	t := math.Sqrt(df) * math.Tan((low+high)/2)
	students.Store(df, t)
	return t
}
