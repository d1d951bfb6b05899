package report

import (
	"encoding/csv"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"

	"kaiku/shared/figures"
)

// csvTables are what a CSV can be asked for beside the figures, by the name that
// the parameter table has.
var csvTables = map[string]func(told) [][]string{"": figureLines, "coverage": coverageLines, "retention": retentionLines}

// tableFault is what is wrong with the table that a query asks for; nil when nothing is.
func tableFault(asked string) figures.Faults {
	if _, known := csvTables[asked]; known {
		return nil
	}
	return figures.Faults{{Field: "table", Rule: figures.OneOf, Known: slices.Sorted(maps.Keys(csvTables))[1:]}}
}

func (h *Handler) csv(w http.ResponseWriter, r *http.Request) error {
	table := r.URL.Query().Get("table")
	if faults := tableFault(table); faults != nil {
		return refused(faults)
	}
	t, err := h.tell(r)
	if err != nil {
		return err
	}
	name := "kaiku-report.csv"
	if table != "" {
		name = "kaiku-" + table + ".csv"
	}
	return writeCSV(w, name, csvTables[table](t))
}

// writeCSV answers with a file to be saved.
func writeCSV(w http.ResponseWriter, name string, lines [][]string) error {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	return csv.NewWriter(w).WriteAll(lines)
}

// csvScores is the highest score of any kind: each score has a column.
const csvScores = 10

func figureLines(t told) [][]string {
	head := []string{"kind", "by", "value", "period", "sent", "delivered", "bounced", "answered", "responseRate", "score", "low", "high", "hidden"}
	for score := range csvScores + 1 {
		head = append(head, "count"+strconv.Itoa(score))
	}
	rows := [][]string{head}
	for _, row := range t.Rows {
		line := []string{string(row.Kind), row.By, plain(row.Value), row.Period, strconv.Itoa(row.Sent), strconv.Itoa(row.Delivered),
			strconv.Itoa(row.Bounced), strconv.Itoa(row.Answered), number(row.ResponseRate), number(row.Score), number(row.Low), number(row.High),
			strconv.FormatBool(row.Hidden)}
		low, high, _ := row.Kind.Scale()
		for score := range csvScores + 1 {
			if row.Counts.Histogram == nil || score < low || score > high {
				line = append(line, "")
			} else {
				line = append(line, strconv.Itoa(row.Counts.Count(score)))
			}
		}
		rows = append(rows, line)
	}
	return rows
}

func coverageLines(t told) [][]string {
	rows := [][]string{{"by", "value", "period", "customers", "asked", "share"}}
	for _, row := range t.Coverage {
		rows = append(rows, []string{row.By, plain(row.Value), row.Period, strconv.Itoa(row.Customers), strconv.Itoa(row.Asked), number(row.Share)})
	}
	return rows
}

// retentionLines have the worth of each currency in a column of its own: it cannot
// be added up, and a line for each would count who answered twice.
func retentionLines(t told) [][]string {
	head := []string{"period", "class", "answered", "left", "retained", "low", "high", "whole", "hidden"}
	currencies := currenciesOf(t.Retention)
	for _, currency := range currencies {
		head = append(head, plain("worth"+currency), plain("worthLeft"+currency))
	}
	rows := [][]string{head}
	for _, row := range t.Retention {
		line := []string{row.Period, string(row.Class), strconv.Itoa(row.Answered), strconv.Itoa(row.Left), number(row.Retained), number(row.Low),
			number(row.High), strconv.FormatBool(row.Whole), strconv.FormatBool(row.Hidden)}
		for _, currency := range currencies {
			line = append(line, money(row.Worth, currency), money(row.WorthLeft, currency))
		}
		rows = append(rows, line)
	}
	return rows
}

// currenciesOf are all in which contracts were worth something.
func currenciesOf(rows []figures.Retention) []string {
	found := map[string]bool{}
	for _, row := range rows {
		for currency := range row.Worth {
			found[currency] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// money is what is known of an amount: nothing, when it is hidden.
func money(worth map[string]float64, currency string) string {
	if worth == nil {
		return ""
	}
	return strconv.FormatFloat(worth[currency], 'f', 2, 64)
}

// formula is where a spreadsheet may see one: at the beginning of a cell, and of what
// it takes for a cell where it has another idea of what separates them (OWASP, "CSV
// Injection").
var formula = regexp.MustCompile(`(^|[;,\t\r\n])([=+\-@])`)

// plain keeps a spreadsheet from taking a value for a formula.
func plain(s string) string { return formula.ReplaceAllString(s, "$1'$2") }

func number(f *float64) string {
	if f == nil {
		return ""
	}
	return strconv.FormatFloat(*f, 'f', 4, 64)
}
