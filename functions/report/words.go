package report

import (
	"net/http"
	"slices"
	"strings"

	"kaiku/shared/survey"
)

// words are the page's, in one language. Those with a verb of fmt are sentences.
type words struct {
	Lang, Title, Counted, SentIn, Other                                            string
	Survey, By, Period, From, To, Show, AllSurveys                                 string
	InYear, InYearSoFar, Interval, IntervalIs                                      string
	Changed, Unchanged, Uncompared                                                 string
	Answers, Few, Neighbour, NoAnswers, NoRow, Nothing                             string
	Activity, ActivityNote, Results, Groups, GroupsIn, ChangePoints                string
	GroupsNote, Largest, TableLargest, Everyone, ByPeriod, Newest                  string
	Sent, Delivered, Bounced, Answered, Rate, RateIs, Change, ChangeRolling, Group string
	Point, Moved, MovedRolling, HiddenShort, AsTable, Chart, Scroll                string
	Note, Same                                                                     string
	Range, Decimal, Thousands                                                      string
	Quarter                                                                        string
	Months                                                                         [12]string
	Kinds                                                                          map[survey.Kind]kindWords
	Dimensions, Lengths, Sizes, Triggers, Languages, Industries                    map[string]string
	Unknown                                                                        string
}

// kindWords are those of one kind of survey; More is the second figure of it, if
// it has one.
type kindWords struct{ Name, Question, Figure, Scale, More string }

var languages = map[string]*words{"en": &english, "fi": &finnish}

// wordsFor are in the language of the query, else of the browser, else English.
func wordsFor(r *http.Request) *words {
	wanted := []string{r.URL.Query().Get("lang")}
	wanted = slices.AppendSeq(wanted, strings.SplitSeq(r.Header.Get("Accept-Language"), ","))
	for _, want := range wanted {
		want, _, _ = strings.Cut(strings.TrimSpace(want), ";")
		primary, _, _ := strings.Cut(strings.ToLower(want), "-")
		if w, ok := languages[primary]; ok {
			return w
		}
	}
	return &english
}

// other is the language that the page can be changed to.
func (w *words) other() *words {
	if w == &english {
		return &finnish
	}
	return &english
}

var english = words{
	Lang: "en", Title: "Results of the customer surveys", Counted: "counted %s", SentIn: "surveys sent %s to %s", Other: "English",
	Survey: "Survey", By: "Group by", Period: "Period", From: "From", To: "To", Show: "Show", AllSurveys: "all",
	InYear: "in %s", InYearSoFar: "in %s so far", Interval: "95 % interval", IntervalIs: "95 %% interval %s.",
	Changed: "Change from %s: %s (95 %% interval %s).", Unchanged: "No change from %s (%s, 95 %% interval %s).", Uncompared: "Cannot be compared with %s: nothing of it can be shown.",
	Answers: "%s of %s delivered surveys were answered (%s).", Few: "Hidden: fewer than %d answers.", Neighbour: "Hidden: it would give a smaller group away.",
	NoAnswers: "No answers yet.", NoRow: "No surveys were sent in %s.", Nothing: "Nothing was sent in this time.",
	Activity: "Sent and answered", ActivityNote: "What was done, apart from what was said. A survey counts in the period in which it was sent, also when it is answered later.",
	Results: "Results over time", Groups: "Groups compared", GroupsIn: "%s by %s, %s", ChangePoints: "Change points compared",
	GroupsNote: "Groups whose intervals overlap much may not differ at all.", Largest: "The chart shows the %d largest groups of %d; the table has more.",
	TableLargest: "The table shows the %d largest groups of %d; all are in /report.csv.", Everyone: "all: %s", ByPeriod: "%s by %s and period",
	Newest: "The newest %d periods; all are in /report.csv.",
	Sent:   "Sent", Delivered: "Delivered", Bounced: "Bounced", Answered: "Answered", Rate: "Response rate", RateIs: "%: answered of delivered", Change: "Since the period before", ChangeRolling: "Since the twelve months before", Group: "Group",
	Point: "figure and its 95 % interval", Moved: "change since the period before", MovedRolling: "change since the twelve months before", HiddenShort: "hidden", AsTable: "As a table",
	Chart: "%s, a chart; the same is in the table below", Scroll: "%s, table",
	Note: "Figures of fewer than %d answers are hidden, and so are neighbours that would give them away. A movement is called a change only when its 95 %% interval excludes zero.",
	Same: "The same figures: /report.json and /report.csv.", Range: " to ", Decimal: ".", Thousands: ",", Quarter: "Q",
	Months: [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
	Kinds: map[survey.Kind]kindWords{
		survey.NPS:  {"NPS", "Would they recommend us? (NPS)", "NPS", "Promoters (9–10) less detractors (0–6) in percent, from −100 to 100, with the adjusted Wald interval.", ""},
		survey.CSAT: {"CSAT", "Are they satisfied with the change? (CSAT)", "Satisfied", "Share of 4 and 5 on a scale from 1 to 5, with the Wilson interval.", "Mean (1–5)"},
		survey.CES:  {"CES", "Is it easy to deal with us? (CES)", "Mean", "Mean on a scale from 1 (hard) to 7 (easy), with its interval.", "Easy (5–7)"},
	},
	Dimensions: map[string]string{"all": "none", "size": "size", "industry": "industry", "region": "region", "owner": "owner", "service": "service", "trigger": "trigger", "language": "language"},
	Lengths:    map[string]string{"month": "month", "quarter": "quarter", "year": "year", "rolling": "12 rolling months"},
	Sizes:      map[string]string{"micro": "micro", "small": "small", "medium": "medium", "large": "large"},
	Triggers: map[string]string{"annual": "yearly", "started": "contract started", "changed": "contract changed", "renewed": "contract renewed",
		"ended": "contract ended", "interaction": "customer service", "external": "another system"},
	Languages: map[string]string{"fi": "Finnish", "sv": "Swedish", "en": "English"},
	Industries: map[string]string{"A": "Agriculture, forestry, fishing", "B": "Mining", "C": "Manufacturing", "D": "Electricity, gas, heat", "E": "Water and waste",
		"F": "Construction", "G": "Trade", "H": "Transport and storage", "I": "Accommodation and food", "J": "Information, communication",
		"K": "Finance and insurance", "L": "Real estate", "M": "Professional, technical", "N": "Administration, support", "O": "Public administration",
		"P": "Education", "Q": "Health and social work", "R": "Arts and recreation", "S": "Other services", "T": "Households as employers", "U": "International organisations"},
	Unknown: "not known",
}

var finnish = words{
	Lang: "fi", Title: "Asiakaskyselyjen tulokset", Counted: "laskettu %s", SentIn: "lähetetyt %s – %s", Other: "Suomeksi",
	Survey: "Kysely", By: "Ryhmittely", Period: "Jakso", From: "Alkaen", To: "Asti", Show: "Näytä", AllSurveys: "kaikki",
	InYear: "vuonna %s", InYearSoFar: "vuonna %s tähän mennessä", Interval: "95 %:n väli", IntervalIs: "95 %%:n luottamusväli %s.",
	Changed: "Muutos vuodesta %s: %s (95 %%:n väli %s).", Unchanged: "Ei muutosta vuodesta %s (%s, 95 %%:n väli %s).", Uncompared: "Ei voi verrata vuoteen %s: siitä ei ole mitään näytettävää.",
	Answers: "Vastattiin %s kertaa, perille tuli %s kyselyä (vastausaste %s).", Few: "Piilotettu: alle %d vastausta.", Neighbour: "Piilotettu: paljastaisi pienemmän ryhmän.",
	NoAnswers: "Ei vielä vastauksia.", NoRow: "Kyselyjä ei lähetetty vuonna %s.", Nothing: "Mitään ei lähetetty tänä aikana.",
	Activity: "Lähetetyt ja vastatut", ActivityNote: "Mitä tehtiin, erikseen siitä mitä vastattiin. Kysely kuuluu lähetysjaksoonsa, vaikka siihen vastattaisiin myöhemmin.",
	Results: "Tulokset jaksoittain", Groups: "Ryhmät rinnakkain", GroupsIn: "%s, ryhmittely: %s, %s", ChangePoints: "Muutoskohdat rinnakkain",
	GroupsNote: "Ryhmät, joiden välit ovat paljolti päällekkäin, eivät ehkä eroa lainkaan.", Largest: "Kuviossa on %d suurinta ryhmää %d:stä; taulukossa on enemmän.",
	TableLargest: "Taulukossa on %d suurinta ryhmää %d:stä; kaikki ovat tiedostossa /report.csv.", Everyone: "kaikki: %s", ByPeriod: "%s, ryhmittely: %s, jaksoittain",
	Newest: "Uusimmat %d jaksoa; kaikki ovat tiedostossa /report.csv.",
	Sent:   "Lähetetty", Delivered: "Perillä", Bounced: "Palautunut", Answered: "Vastattu", Rate: "Vastausaste", RateIs: "%: vastattu perille tulleista", Change: "Edellisestä jaksosta", ChangeRolling: "Edeltävistä 12 kuukaudesta", Group: "Ryhmä",
	Point: "luku ja sen 95 %:n väli", Moved: "muutos edellisestä jaksosta", MovedRolling: "muutos edeltävistä 12 kuukaudesta", HiddenShort: "piilotettu", AsTable: "Taulukkona",
	Chart: "%s, kuvio; sama on alla taulukkona", Scroll: "%s, taulukko",
	Note: "Alle %d vastauksen luvut on piilotettu, samoin naapurit, joista ne voisi päätellä. Liikettä sanotaan muutokseksi vain, kun sen 95 %%:n väli ei sisällä nollaa.",
	Same: "Samat luvut: /report.json ja /report.csv.", Range: "…", Decimal: ",", Thousands: "\u00a0", Quarter: "Q",
	Months: [12]string{"tammi", "helmi", "maalis", "huhti", "touko", "kesä", "heinä", "elo", "syys", "loka", "marras", "joulu"},
	Kinds: map[survey.Kind]kindWords{
		survey.NPS:  {"NPS", "Suosittelisivatko he meitä? (NPS)", "NPS", "Suosittelijat (9–10) miinus arvostelijat (0–6) prosentteina, −100…100, ja korjattu Waldin väli.", ""},
		survey.CSAT: {"CSAT", "Ovatko he tyytyväisiä muutokseen? (CSAT)", "Tyytyväisiä", "Arvojen 4 ja 5 osuus asteikolla 1–5 ja Wilsonin väli.", "Keskiarvo (1–5)"},
		survey.CES:  {"CES", "Onko asiointi helppoa? (CES)", "Keskiarvo", "Keskiarvo asteikolla 1 (vaikeaa) – 7 (helppoa) ja sen väli.", "Helppoa (5–7)"},
	},
	Dimensions: map[string]string{"all": "ei mitään", "size": "koko", "industry": "toimiala", "region": "alue", "owner": "vastuuhenkilö", "service": "palvelu", "trigger": "tilanne", "language": "kieli"},
	Lengths:    map[string]string{"month": "kuukausi", "quarter": "neljännes", "year": "vuosi", "rolling": "liukuvat 12 kk"},
	Sizes:      map[string]string{"micro": "mikro", "small": "pieni", "medium": "keskisuuri", "large": "suuri"},
	Triggers: map[string]string{"annual": "vuosittainen", "started": "sopimus alkoi", "changed": "sopimus muuttui", "renewed": "sopimus uusittiin",
		"ended": "sopimus päättyi", "interaction": "asiakaspalvelu", "external": "muu järjestelmä"},
	Languages: map[string]string{"fi": "suomi", "sv": "ruotsi", "en": "englanti"},
	Industries: map[string]string{"A": "Maa-, metsä- ja kalatalous", "B": "Kaivostoiminta", "C": "Teollisuus", "D": "Sähkö, kaasu, lämpö", "E": "Vesi ja jätteet",
		"F": "Rakentaminen", "G": "Kauppa", "H": "Kuljetus ja varastointi", "I": "Majoitus ja ravitsemus", "J": "Informaatio ja viestintä",
		"K": "Rahoitus ja vakuutus", "L": "Kiinteistöala", "M": "Asiantuntijapalvelut", "N": "Hallinto- ja tukipalvelut", "O": "Julkinen hallinto",
		"P": "Koulutus", "Q": "Terveys- ja sosiaalipalvelut", "R": "Taiteet ja virkistys", "S": "Muu palvelu", "T": "Kotitaloudet työnantajina", "U": "Kansainväliset järjestöt"},
	Unknown: "ei tiedossa",
}
