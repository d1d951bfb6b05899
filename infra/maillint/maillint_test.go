package maillint

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// page is a mail without a fault, around some content.
func page(content string) string {
	return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>A question</title></head><body>` + content + `</body></html>`
}

func TestFaultsOfAMailAreFound(t *testing.T) {
	cases := []struct{ name, content, check, where string }{
		{"a tag left open", `<table role="presentation"><tr><td>x</table><div>`, "close-order", ""},
		{"a tag that only Outlook sees open", `<!--[if mso]><table><tr><td><![endif]--><p>x</p>`, "close-order", "Outlook on Windows"},
		{"a tag that only Outlook sees closed", `<p>x</p><!--[if mso | IE]></td></tr></table><![endif]-->`, "close-order", "Outlook on Windows"},
		{"an image without words", `<img src="https://a.example/x.png">`, "wcag/h37", ""},
		{"two ids", `<p id="a">x</p><p id="a">y</p>`, "no-dup-id", ""},
		{"a layout that Outlook has not", `<div style="display:flex">x</div>`, "caniemail", "outlook.windows"},
		{"a form, which Outlook drops", `<form action="https://a.example"><button type="submit">x</button></form>`, "caniemail", "outlook.windows"},
		{"a place that Gmail drops", `<div style="position:fixed">x</div>`, "caniemail", "gmail.desktop-webmail"},
	}
	mails := map[string]string{}
	for _, c := range cases {
		mails[c.name] = page(c.content)
	}
	faults := Check(t, mails)
	for _, c := range cases {
		if !slices.ContainsFunc(faults, func(f Fault) bool {
			return f.Mail == c.name && f.Check == c.check && strings.HasPrefix(f.Where, c.where)
		}) {
			t.Errorf("%s: want %s by %s", c.name, c.check, c.where)
		}
	}
	if t.Failed() {
		t.Log(faults)
	}
}

func TestASoundMailHasNoFaults(t *testing.T) {
	sound := map[string]string{}
	for i, content := range []string{
		`<p>x</p>`,
		`<table role="presentation" width="100%" cellpadding="0" bgcolor="#ffffff" style="border-radius:6px"><tr><td align="left">x</td></tr></table>`,
		`<!--[if mso]><table role="presentation"><tr><td><![endif]--><p>x</p><!--[if mso]></td></tr></table><![endif]-->`,
		`<!--[if !mso]><!--><p>not for Outlook</p><!--<![endif]--><p>x</p>`,
	} {
		sound[fmt.Sprint(i)] = page(content)
	}
	for _, f := range Check(t, sound) {
		t.Error(f)
	}
}
