package report

import (
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"

	"kaiku/shared/figures"
	"kaiku/shared/ledger"
	"kaiku/shared/stats"
	"kaiku/shared/survey"
)

// form is the filters as they stand.
type form struct {
	W       *words
	Filters []filter
	Bounds  []bound
}

// filter is a choice, bound an end of the time asked about. Fault says what is
// wrong with it, if something is.
type filter struct {
	Label, Name, Fault string
	Options            []option
}

type option struct {
	Value, Label string
	Chosen       bool
}

type bound struct{ Label, Name, Value, Fault string }

// form is the filters of a query. With faults it shows what was typed, for it to
// be corrected.
func (w *words) form(q figures.Query, asked url.Values, faults figures.Faults) form {
	wrong := map[string]string{}
	for _, fault := range faults {
		wrong[fault.Field] = w.fault(fault)
	}
	kind := ""
	if len(q.Kinds) == 1 {
		kind = string(q.Kinds[0])
	}
	kinds := filter{w.Survey, "kind", wrong["kind"], []option{{"", w.AllSurveys, kind == ""}}}
	for _, k := range survey.Kinds {
		kinds.Options = append(kinds.Options, option{string(k), w.Kinds[k].Name, kind == string(k)})
	}
	by := filter{Label: w.By, Name: "by", Fault: wrong["by"]}
	for _, d := range ledger.Dimensions() {
		by.Options = append(by.Options, option{d, w.Dimensions[d], d == q.By})
	}
	lengths := filter{Label: w.Period, Name: "period", Fault: wrong["period"]}
	for _, l := range stats.Lengths {
		lengths.Options = append(lengths.Options, option{string(l), w.Lengths[string(l)], l == q.Period})
	}
	from, to := bound{w.From, "from", q.From.String(), wrong["from"]}, bound{w.To, "to", q.To.String(), wrong["to"]}
	for _, b := range []*bound{&from, &to} {
		if len(faults) > 0 && asked.Get(b.Name) != "" {
			b.Value = asked.Get(b.Name)
		}
	}
	return form{w, []filter{kinds, by, lengths}, []bound{from, to}}
}

// fault says what is wrong with a filter.
func (w *words) fault(f figures.Fault) string {
	switch f.Rule {
	case figures.AMonth:
		return w.NoMonth
	case figures.NotBeforeFrom:
		return w.BeforeFrom
	default:
		return fmt.Sprintf(w.NotOneOf, strings.Join(f.Known, ", "))
	}
}

// filesFrom is where the figures of the page are, as seen from it: beside /report,
// and under a signed link, which opens them as well. Relative, so that it holds
// under whatever path Kaiku is served.
func filesFrom(r *http.Request) string {
	if token := r.PathValue("token"); token != "" {
		return path.Join(url.PathEscape(token), "report")
	}
	return "report"
}

// data are the links to the figures of a query.
func (b *builder) data(q url.Values) data {
	return data{b.files + ".csv?" + q.Encode(), b.files + ".json?" + q.Encode()}
}

// again is what was asked, with some of it otherwise: pairs of a name and a value.
func (b *builder) again(pairs ...string) url.Values {
	q := url.Values{}
	for _, name := range []string{"kind", "by", "period", "from", "to"} {
		if v := b.asked.Get(name); v != "" {
			q.Set(name, v)
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return q
}
