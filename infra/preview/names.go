package preview

import "strings"

// awkward are names of companies as they are, or as somebody may type them, each
// with what is awkward about it.
var awkward = []struct{ About, Name string }{
	{"long", "Pohjois-Pohjanmaan Kiinteistöhuolto- ja Rakennuspalveluosuuskunta"},
	{"compound", "Lentokonesuihkuturbiinimoottoriapumekaanikkoaliupseerikoulutus Oy"},
	{"markup", "Åke & Söner <Ab>"},
	{"quotes", `O'Malley & "Sons" Oy`},
	{"emoji", "Leipomo 🥖 Lahtinen ❤️ Oy"},
	{"right-to-left", "שלום Trading Oy"},
	{"placeholders", "{{.}} {company} %s Oy"},
	{"script", `<script>alert("hei")</script>`},
	{"200-characters", strings.TrimSpace(strings.Repeat("Äänekosken Yö ja Työ ", 9)) + " Oy Ab & Co Kb"},
	{"200-letters", strings.Repeat("Wåä", 66) + "Oy"},
}
