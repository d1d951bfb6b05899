package mail

import (
	"embed"
	"html/template"
	"strings"

	"kaiku/shared/survey"
)

// The HTML of the mails, one template a kind since each has rows of other
// lengths, made from MJML (templates/*.mjml) by `make mails`: tables with inline
// styles, for Outlook on Windows draws with Word and Gmail drops parts of style
// sheets.
//
//go:embed templates/*.html
var templateFiles embed.FS

var surveyHTML = template.Must(template.New("").Funcs(template.FuncMap{
	"outlook": outlook,
	"padding": func() template.HTML { return padding },
}).ParseFS(templateFiles, "templates/*.html"))

// templateOf is the name of the template of a kind.
func templateOf(k survey.Kind) string { return string(k) + ".html" }

// outlook is a conditional comment, which Outlook on Windows alone reads, or which
// keeps from it what follows. It is an action since html/template drops comments
// from its templates, and only ever a constant of them, so past their escaping.
func outlook(comment string) template.HTML { return template.HTML(comment) }

// padding keeps mailboxes from showing the body's first words after the
// preheader: invisible characters, as many as a preview is long.
var padding = template.HTML(strings.Repeat("&#847;&zwnj;&nbsp;", 60))
