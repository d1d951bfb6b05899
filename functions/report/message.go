package report

import (
	"errors"
	"net/http"

	"kaiku/shared/figures"
	"kaiku/shared/web"
)

// notice is a page without figures: why there are none, and what to do.
type notice struct {
	frame
	Body string
	// Form is there to be corrected, with Faults: what is wrong with which filter.
	Form   *form
	Faults []labelled
}

type labelled struct{ Name, Label, Text string }

// noticeWords are those of a notice.
type noticeWords struct{ Title, Body string }

// message tells a reader of a problem. Who has no right to be here is not told
// whose report it is.
func (h *Handler) message(w http.ResponseWriter, r *http.Request, p *web.Problem) error {
	in := wordsFor(r)
	n := notice{frame: h.frame(r, in)}
	say := in.Trouble
	switch p.Status {
	case http.StatusBadRequest:
		say = in.BadFilters
		n.ask(in, r, h)
	case http.StatusUnauthorized:
		say, n.Company = in.Closed, ""
	case http.StatusNotFound:
		say, n.Company = in.NotFound, ""
	case http.StatusGone:
		say = in.Expired
	}
	n.Title, n.Body = say.Title, say.Body
	return write(w, p.Status, messageTemplate, in, n)
}

// ask shows the filters again, and what is wrong with them.
func (n *notice) ask(in *words, r *http.Request, h *Handler) {
	asked := r.URL.Query()
	q, err := figures.ParseQuery(asked, h.now())
	var faults figures.Faults
	errors.As(err, &faults)
	for _, f := range tableFault(asked.Get("table")) {
		n.Faults = append(n.Faults, labelled{Label: f.Field, Text: in.fault(f)})
	}
	form := in.form(q, asked, faults)
	n.Form = &form
	for _, f := range form.Filters {
		if f.Fault != "" {
			n.Faults = append(n.Faults, labelled{f.Name, f.Label, f.Fault})
		}
	}
	for _, b := range form.Bounds {
		if b.Fault != "" {
			n.Faults = append(n.Faults, labelled{b.Name, b.Label, b.Fault})
		}
	}
}
