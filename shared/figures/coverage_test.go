package figures

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"kaiku/shared/ledger"
	"kaiku/shared/stats"
	"kaiku/shared/survey"
)

// audience is how many customers there were.
type audience []ledger.AudienceCount

func (a audience) Audience(context.Context) ([]ledger.AudienceCount, error) { return a, nil }

// stocks are the customers of a group in two regions, and of them the asked.
func stocks(north, northAsked, south, southAsked int) map[string]map[string]ledger.Stock {
	return map[string]map[string]ledger.Stock{
		ledger.All: {ledger.All: {Customers: north + south, Asked: northAsked + southAsked}},
		"region":   {"North": {Customers: north, Asked: northAsked}, "South": {Customers: south, Asked: southAsked}},
	}
}

var (
	micro = survey.Group{Size: survey.Micro}
	large = survey.Group{Size: survey.Large}
)

// threeCounts are those of months in which something changed: nothing did in
// September and October.
func threeCounts() audience {
	at := func(m time.Month, groups map[survey.Group]map[string]map[string]ledger.Stock) ledger.AudienceCount {
		return ledger.AudienceCount{Month: survey.Month{Year: 2026, Month: m}, At: now, Groups: groups}
	}
	return audience{
		at(7, map[survey.Group]map[string]map[string]ledger.Stock{micro: stocks(10, 0, 0, 0)}),
		at(8, map[survey.Group]map[string]map[string]ledger.Stock{micro: stocks(10, 4, 10, 2), large: stocks(100, 50, 0, 0)}),
		at(11, map[survey.Group]map[string]map[string]ledger.Stock{micro: stocks(12, 9, 8, 0), large: stocks(100, 60, 0, 0)}),
	}
}

func everybody(survey.Group) bool { return true }

func notLarge(g survey.Group) bool { return g.Size != survey.Large }

func coverageOf(t *testing.T, a audience, includes func(survey.Group) bool, by string, length stats.Length, from, to string) string {
	t.Helper()
	c, err := LoadCustomers(t.Context(), a, includes, now)
	if err != nil {
		t.Fatal(err)
	}
	q := Query{By: by, Period: length, From: monthNamed(t, from), To: monthNamed(t, to)}
	var rows []string
	for _, row := range c.Coverage(q) {
		if row.By != by || row.Share == nil || *row.Share != 100*float64(row.Asked)/float64(row.Customers) {
			t.Errorf("%+v", row)
		}
		rows = append(rows, strings.TrimSpace(fmt.Sprintf("%s %s %d/%d", row.Period, strings.TrimPrefix(row.Value, ledger.All), row.Asked, row.Customers)))
	}
	return strings.ReplaceAll(strings.Join(rows, ", "), "  ", " ")
}

func monthNamed(t *testing.T, name string) survey.Month {
	t.Helper()
	m, err := survey.ParseMonth(name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestCoverageIsThatOfTheEndOfEachPeriod(t *testing.T) {
	for name, c := range map[string]struct {
		includes       func(survey.Group) bool
		by             string
		length         stats.Length
		from, to, want string
	}{
		"months, of which two without a change are as the one before": {everybody, ledger.All, stats.Month, "2026-01", "2026-12",
			"2026-07 0/10, 2026-08 56/120, 2026-09 56/120, 2026-10 56/120, 2026-11 69/120"},
		"a part of them": {everybody, ledger.All, stats.Month, "2026-09", "2026-09", "2026-09 56/120"},
		"quarters, the last of which is not over": {everybody, ledger.All, stats.Quarter, "2026-01", "2026-12", "2026-Q3 56/120, 2026-Q4 69/120"},
		"a quarter of which a month is asked for": {everybody, ledger.All, stats.Quarter, "2026-07", "2026-07", "2026-Q3 56/120"},
		"a year":                             {everybody, ledger.All, stats.Year, "2026-01", "2026-12", "2026 69/120"},
		"rolling years":                      {everybody, ledger.All, stats.Rolling, "2026-01", "2026-12", "2025-Q4..2026-Q3 56/120, 2026-Q1..2026-Q4 69/120"},
		"before anything was counted":        {everybody, ledger.All, stats.Month, "2026-01", "2026-06", ""},
		"after now":                          {everybody, ledger.All, stats.Month, "2026-12", "2027-06", ""},
		"a policy that leaves the large out": {notLarge, ledger.All, stats.Year, "2026-01", "2026-12", "2026 9/20"},
		"groups":                             {everybody, "region", stats.Month, "2026-11", "2026-11", "2026-11 North 69/112, 2026-11 South 0/8"},
		"groups of a policy that leaves some out":     {notLarge, "region", stats.Month, "2026-11", "2026-11", "2026-11 North 9/12, 2026-11 South 0/8"},
		"by the trigger, which no customer has":       {everybody, "trigger", stats.Month, "2026-01", "2026-12", ""},
		"by the language, which only a contact has":   {everybody, "language", stats.Month, "2026-01", "2026-12", ""},
		"a policy that asks nobody who is a customer": {func(survey.Group) bool { return false }, ledger.All, stats.Month, "2026-01", "2026-12", ""},
	} {
		if got := coverageOf(t, threeCounts(), c.includes, c.by, c.length, c.from, c.to); got != c.want {
			t.Errorf("%s: %s\nwant %s", name, got, c.want)
		}
	}
}

func TestCoverageOfSizesIsInTheOrderOfSize(t *testing.T) {
	a := audience{{Month: survey.Month{Year: 2026, Month: 11}, Groups: map[survey.Group]map[string]map[string]ledger.Stock{
		micro: {"size": {"micro": {Customers: 1, Asked: 1}}}, large: {"size": {"large": {Customers: 2}}}, {Size: survey.Small}: {"size": {"small": {Customers: 3}}}}}}
	want := "2026-11 micro 1/1, 2026-11 small 0/3, 2026-11 large 0/2"
	if got := coverageOf(t, a, everybody, "size", stats.Month, "2026-11", "2026-11"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestCoverageNowIsThatOfTheLastCount(t *testing.T) {
	for name, c := range map[string]struct {
		audience audience
		includes func(survey.Group) bool
		want     string
	}{
		"as it is":                {threeCounts(), everybody, "2026-11 69/120"},
		"of the audience":         {threeCounts(), notLarge, "2026-11 9/20"},
		"unchanged since August":  {threeCounts()[:2], everybody, "2026-11 56/120"},
		"of nobody":               {threeCounts(), func(survey.Group) bool { return false }, "2026-11 0/0"},
		"when none was counted":   {nil, everybody, " 0/0"},
		"counted in months ahead": {audience{{Month: survey.Month{Year: 2027, Month: 2}, Groups: map[survey.Group]map[string]map[string]ledger.Stock{micro: stocks(3, 1, 0, 0)}}}, everybody, "2027-02 1/3"},
	} {
		customers, err := LoadCustomers(t.Context(), c.audience, c.includes, now)
		if err != nil {
			t.Fatal(err)
		}
		row := customers.Now()
		if got := fmt.Sprintf("%s %d/%d", row.Period, row.Asked, row.Customers); got != c.want || (row.Share == nil) != (row.Customers == 0) {
			t.Errorf("%s: %s, %v, want %s", name, got, row.Share, c.want)
		}
	}
}

func TestWithoutAnAudienceThereIsNoCoverage(t *testing.T) {
	if rows := (Customers{}).Coverage(Query{By: ledger.All, Period: stats.Month}); rows == nil || len(rows) != 0 {
		t.Errorf("%v, which is not [] in JSON", rows)
	}
	if got := coverageOf(t, nil, everybody, ledger.All, stats.Year, "2020-01", "2030-12"); got != "" {
		t.Error(got)
	}
}

type unreadable struct{ fault error }

func (u unreadable) Audience(context.Context) ([]ledger.AudienceCount, error) { return nil, u.fault }

func TestAFaultOfReadingCustomersIsTold(t *testing.T) {
	fault := errors.New("throttled")
	if _, err := LoadCustomers(t.Context(), unreadable{fault}, everybody, now); !errors.Is(err, fault) {
		t.Error(err)
	}
}
