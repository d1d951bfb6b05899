package attack

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
)

// answers reads single answers. Those of one group and period are a histogram, which
// must be the same whatever is asked: else what is asked for less tells of a part.
func (r *reader) answers(q question) {
	r.t.Helper()
	q.period = "" // is of figures alone
	groups := map[cell][]int{}
	for _, record := range r.records("/answers.csv?" + q.String()) {
		c := cell{record["kind"], record["by"], record["value"], record["period"]}
		scale := scales[c.kind]
		if groups[c] == nil {
			groups[c] = make([]int, scale[1]-scale[0]+1)
		}
		score, err := strconv.Atoi(record["score"])
		if err != nil || score < scale[0] || score > scale[1] {
			r.t.Fatalf("%s: %v", q, record)
		}
		groups[c][score-scale[0]]++
		if c.by != "all" && record["reason"]+record["feeling"] != "" {
			r.t.Errorf("%s: beside a group stands by what to find the answer elsewhere: %v", q, record)
		}
	}
	for c, histogram := range groups {
		if before, ok := r.groups[c]; ok && !slices.Equal(before, histogram) {
			r.t.Errorf("%s: the answers of %v are %v, to another question they were %v", q, c, histogram, before)
		}
		r.groups[c] = histogram
	}
}

// wantNoMore says that single answers tell no more than figures do: each of their
// histograms follows from these, by subtraction.
func (r *reader) wantNoMore() {
	r.t.Helper()
	for _, kind := range kinds {
		e := newEquations(kind, r.rows, r.known)
		of := e.labelled(r.known)
		for _, c := range slices.SortedFunc(maps.Keys(r.groups), func(a, b cell) int { return cmp.Compare(a.String(), b.String()) }) {
			if c.kind != kind {
				continue
			}
			v := e.vector()
			for _, a := range of[c] {
				v[e.column[a]] = 1
			}
			if follows, ok := e.solve(v); !ok || !slices.Equal(follows, r.groups[c]) {
				r.t.Errorf("the answers of %v are %v; from figures follows %v, %v", c, r.groups[c], follows, ok)
			}
		}
	}
}

// labelled are the unknowns by the group that their answers are said to be of: the
// shortest period shown of the value, or the year of everyone.
func (e *equations) labelled(known map[cell]bool) map[cell][]atom {
	of := map[cell][]atom{}
	for a := range e.column {
		quarter := a.month - a.month%3
		year := a.month - a.month%12
		labels := []cell{{e.kind, a.by, a.value, monthName(a.month)}, {e.kind, a.by, a.value, nameOf(quarter, quarter+3, false)}, {e.kind, a.by, a.value, nameOf(year, year+12, false)}}
		at := slices.IndexFunc(labels, func(c cell) bool { return known[c] })
		if at < 0 && !known[cell{e.kind, "all", "all", labels[2].period}] {
			continue
		}
		label := cell{e.kind, a.by, "", labels[2].period}
		if at >= 0 {
			label = labels[at]
		}
		of[label] = append(of[label], a)
	}
	return of
}
