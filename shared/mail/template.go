package mail

import (
	_ "embed"
	"html/template"
	"strconv"
	"strings"
)

//go:embed templates/survey.html
var surveySource string

// surveyHTML is the HTML of a survey's mail. It is laid out in tables with
// inline styles, for Outlook on Windows draws with Word and Gmail drops parts of
// style sheets; the one style sheet there is only adds dark mode.
var surveyHTML = template.Must(template.New("survey").Funcs(template.FuncMap{
	"mso":     func(part string) template.HTML { return outlook[part] },
	"msoRow":  outlookRow,
	"padding": func() template.HTML { return padding },
}).Parse(surveySource))

// outlook is the parts that Outlook on Windows alone reads. They stand here since
// html/template drops comments from its templates. Word knows no inline-block and
// no max-width, so tables hold the width and set the rows side by side, and no
// padding on links, so spaces widen what can be clicked.
var outlook = map[string]template.HTML{
	"head": `<!--[if mso]><xml><o:OfficeDocumentSettings><o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml><![endif]-->`,
	"open": `<!--[if mso]><table role="presentation" width="600" align="center" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->`,
	"end":  `<!--[if mso]></td></tr></table><![endif]-->`,
	// Ends the table that outlookRow began.
	"close": `<!--[if mso]></td></tr></table><![endif]-->`,
	"pad":   `<!--[if mso]>&nbsp;&nbsp;&nbsp;<![endif]-->`,
}

// outlookRow begins the cell of row i, and with the first row the table.
func outlookRow(i, width int) template.HTML {
	before := `</td>`
	if i == 0 {
		before = `<table role="presentation" cellpadding="0" cellspacing="0" border="0"><tr>`
	}
	return template.HTML(`<!--[if mso]>` + before + `<td valign="top" width="` + strconv.Itoa(width) + `"><![endif]-->`)
}

// padding keeps mailboxes from showing the body's first words after the
// preheader: invisible characters, as many as a preview is long.
var padding = template.HTML(strings.Repeat("&#847;&zwnj;&nbsp;", 60))
