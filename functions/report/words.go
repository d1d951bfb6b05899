package report

import (
	"net/http"
	"slices"
	"strings"

	"kaiku/shared/figures"
	"kaiku/shared/survey"
)

// words are the page's, in one language. Those with a verb of fmt are sentences.
type words struct {
	Lang, Title, Counted, NeverCounted, SentIn, Other                              string
	Survey, By, Period, From, To, Show, AllSurveys                                 string
	InYear, InYearSoFar, Interval, IntervalIs                                      string
	Changed, Unchanged, Uncompared, NoneBefore                                     string
	Answers, Few, Neighbour, AllHidden, NoAnswers, NoRow                           string
	Nothing, NeverSent, SentThen, ShowThem                                         string
	Activity, ActivityNote, Results, Groups, GroupsIn, ChangePoints                string
	GroupsNote, Largest, TableLargest, Everyone, ByPeriod, Newest                  string
	Sent, Delivered, Bounced, Answered, Rate, RateIs, Change, ChangeRolling, Group string
	Point, Moved, MovedRolling, HiddenShort, AsTable, Chart, Scroll                string
	Note, TheSame, AllAsCSV                                                        string
	Coverage, CoverageNote, CoveredNow, CoveredThen, NoCoverage, NoCustomers       string
	CoverageNotBy, LeastCovered, TableLeastCovered, Customers, Asked               string
	Leaving, LeavingNote, AskedIn, MoreMayLeave, NobodyOfClass                     string
	LeaveMore, LeaveLess, LeaveAlike, LeaveUnknown                                 string
	LeftOf, Worth, WorthLeft, WorthUnknown, WorthFew, And, Money                   string
	Left, Stayed, WorthHead, WorthLeftHead                                         string
	Comments, CommentsNote, NoComments, ReadOn, AsCSV                              string
	NoMonth, BeforeFrom, NotOneOf, MonthHint                                       string
	BadFilters, Closed, NotFound, Expired, Trouble                                 noticeWords
	figures.Numerals
	Quarter                                                     string
	Months                                                      [12]string
	Kinds                                                       map[survey.Kind]kindWords
	Dimensions, Lengths, Sizes, Triggers, Languages, Industries map[string]string
	Unknown                                                     string
	// Classes are those of the NPS, of many; Class is that of one answer.
	Classes, Class map[survey.Class]string
}

// kindWords are those of one kind of survey; More is the second figure of it, if
// it has one. Unit stands beside the year's figure.
type kindWords struct{ Name, Unit, Question, Figure, Scale, More string }

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
	Lang: "en", Title: "Results of the customer surveys", Counted: "counted %s", NeverCounted: "nothing counted yet", SentIn: "Below: surveys sent %s to %s.", Other: "English",
	Survey: "Survey", By: "Group by", Period: "Period", From: "From", To: "To", Show: "Show", AllSurveys: "all",
	InYear: "in %s", InYearSoFar: "in %s so far", Interval: "95\u00a0% interval", IntervalIs: "95\u00a0%% interval %s.",
	Changed: "Change from %s: %s (95\u00a0%% interval %s).", Unchanged: "No change from %s (%s, 95\u00a0%% interval %s).", Uncompared: "Cannot be compared with %s: nothing of it can be shown.", NoneBefore: "Nothing to compare with: no surveys were sent in %s.",
	Answers: "%s of %s delivered surveys were answered (%s).", Few: "Hidden: fewer than %d answers.", Neighbour: "Hidden: it would give a smaller group away.", AllHidden: "All of it is hidden: fewer than %d answers, or others could be had from it.",
	NoAnswers: "No answers yet.", NoRow: "No surveys were sent in %s.", Nothing: "Nothing was sent in this time.",
	NeverSent: "No survey has been sent yet. The first figures are here within an hour of the first mail.", SentThen: "Surveys were sent from %s to %s.", ShowThem: "Show them",
	Activity: "Sent and answered", ActivityNote: "What was done, apart from what was said. A survey counts in the period in which it was sent, also when it is answered later.",
	Results: "Results over time", Groups: "Groups compared", GroupsIn: "%s by %s, %s", ChangePoints: "Change points compared",
	GroupsNote: "Groups whose intervals overlap much may not differ at all.", Largest: "The chart shows the %d largest groups of %d; the table has more.",
	TableLargest: "The table shows the %d largest groups of %d.", Everyone: "all: %s", ByPeriod: "%s by %s and period",
	Newest: "The newest %d periods.",
	Sent:   "Sent", Delivered: "Delivered", Bounced: "Bounced", Answered: "Answered", Rate: "Response rate", RateIs: "%: answered of delivered", Change: "Since the period before", ChangeRolling: "Since the twelve months before", Group: "Group",
	Point: "figure and its 95\u00a0% interval", Moved: "change since the period before", MovedRolling: "change since the twelve months before", HiddenShort: "hidden", AsTable: "As a table",
	Chart: "%s, a chart; the same is in the table below", Scroll: "%s, table",
	Note:    "Figures of fewer than %d answers are hidden, and so are neighbours that would give them away. A movement is called a change only when its 95\u00a0%% interval excludes zero.",
	TheSame: "These figures as", AllAsCSV: "All as CSV",
	Coverage: "Coverage", CoverageNote: "How much of the audience was asked anything at all: customers with a contract, inside the programme.",
	CoveredNow: "Of %s customers in the audience %s (%s) were asked in the last 365 days.", CoveredThen: "At the end of %s, of %s customers in the audience %s (%s) had been asked in the 365 days before.",
	NoCoverage: "How many customers there were in this time was not counted.", NoCustomers: "There are no customers in the audience.",
	CoverageNotBy: "Not told by %s: a customer has none before it is asked.", LeastCovered: "The chart shows the %d least covered groups of %d; the table has more.",
	TableLeastCovered: "The table shows the %d least covered groups of %d.", Customers: "Customers", Asked: "Asked in 365 days",
	Leaving: "Do detractors leave?", LeavingNote: "Of those who answered, the share who stayed: no contract of theirs came to its end within a year of the answer. With the Wilson interval, by the year in which they were asked. What contracts were worth is as it was then.",
	AskedIn: "Asked in %s", MoreMayLeave: "So far: the year after the answers is not over, and more may leave.", NobodyOfClass: "Nobody answered so.",
	LeaveMore:    "Yes. Of those asked in %s, %s of the detractors left and %s of the promoters; the intervals do not overlap.",
	LeaveLess:    "No, the promoters do. Of those asked in %s, %s of the detractors left and %s of the promoters; the intervals do not overlap.",
	LeaveAlike:   "No difference can be seen yet. Of those asked in %s, %s of the detractors left and %s of the promoters; the intervals overlap.",
	LeaveUnknown: "That cannot be said of those asked in %s: too few of them answered as detractors or as promoters.",
	LeftOf:       "%s of %s left.", Worth: "Their contracts were worth %s a year", WorthLeft: ", of which %s left.", WorthUnknown: "What their contracts were worth is not known.",
	WorthFew: "How much of that left is hidden: fewer than %d left, or stayed.", And: " and ", Money: "¤#",
	Left: "Left", Stayed: "Stayed", WorthHead: "Contracts a year", WorthLeftHead: "Of which left",
	Comments: "In their own words", CommentsNote: "The newest comments on the surveys and the time asked about, %d at most. Comments of periods whose figures are hidden are not shown.",
	NoComments: "There are no comments that can be shown.", ReadOn: "Read on", AsCSV: "As CSV",
	NoMonth: "write a month as YYYY-MM (2026-01), a year, or a day, whose month is meant.", BeforeFrom: "must not be before “From”.", NotOneOf: "must be one of %s.", MonthHint: "YYYY-MM, such as 2026-01",
	BadFilters: noticeWords{"These filters cannot be read", "Nothing is shown, so that no other figures are taken for those you asked for. Correct what is named here."},
	Closed:     noticeWords{"This report opens with a link", "Ask whoever runs the customer surveys for a link to it. Programs send the report token."},
	NotFound:   noticeWords{"There is no such page", "The link may have been cut when it was copied. Try the whole of it, or ask for a new one."},
	Expired:    noticeWords{"This link has expired", "Links to the report hold for a while only. Ask whoever sent it for a new one."},
	Trouble:    noticeWords{"The report cannot be shown just now", "Something went wrong here, and nothing is lost. Try again in a moment."},
	Numerals:   figures.Numerals{Range: " to ", Decimal: ".", Thousands: ","}, Quarter: "Q",
	Months: [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
	Kinds: map[survey.Kind]kindWords{
		survey.NPS:  {"NPS", "−100 to 100", "Would they recommend us? (NPS)", "NPS", "Promoters (9–10) less detractors (0–6) in percent, from −100 to 100, with the adjusted Wald interval.", ""},
		survey.CSAT: {"CSAT", "satisfied", "Are they satisfied with the change? (CSAT)", "Satisfied", "Share of 4 and 5 on a scale from 1 to 5, with the Wilson interval.", "Mean (1–5)"},
		survey.CES:  {"CES", "1 to 7", "Is it easy to deal with us? (CES)", "Mean", "Mean on a scale from 1 (hard) to 7 (easy), with its interval.", "Easy (5–7)"},
	},
	Dimensions: map[string]string{"all": "none", "size": "size", "industry": "industry", "region": "region", "owner": "owner", "service": "service", "trigger": "trigger", "language": "language"},
	Lengths:    map[string]string{"month": "month", "quarter": "quarter", "year": "year", "rolling": "rolling year"},
	Sizes:      map[string]string{"micro": "micro", "small": "small", "medium": "medium", "large": "large"},
	Triggers: map[string]string{"annual": "yearly", "started": "contract started", "changed": "contract changed", "renewed": "contract renewed",
		"ended": "contract ended", "interaction": "customer service", "external": "another system"},
	Languages: map[string]string{"fi": "Finnish", "sv": "Swedish", "en": "English"},
	Industries: map[string]string{"A": "Agriculture, forestry, fishing", "B": "Mining", "C": "Manufacturing", "D": "Electricity, gas, heat", "E": "Water and waste",
		"F": "Construction", "G": "Trade", "H": "Transport and storage", "I": "Accommodation and food", "J": "Information, communication",
		"K": "Finance and insurance", "L": "Real estate", "M": "Professional, technical", "N": "Administration, support", "O": "Public administration",
		"P": "Education", "Q": "Health and social work", "R": "Arts and recreation", "S": "Other services", "T": "Households as employers", "U": "International organisations"},
	Unknown: "not known",
	Classes: map[survey.Class]string{survey.Promoter: "Promoters", survey.Passive: "Passives", survey.Detractor: "Detractors"},
	Class: map[survey.Class]string{survey.Promoter: "promoter", survey.Passive: "passive", survey.Detractor: "detractor",
		survey.Satisfied: "satisfied", survey.Neutral: "neutral", survey.Unhappy: "unhappy", survey.Easy: "easy", survey.Hard: "hard"},
}

var finnish = words{
	Lang: "fi", Title: "Asiakaskyselyjen tulokset", Counted: "laskettu %s", NeverCounted: "mitään ei ole vielä laskettu", SentIn: "Alla: kyselyt, jotka lähetettiin %s – %s.", Other: "Suomeksi",
	Survey: "Kysely", By: "Ryhmittely", Period: "Jakso", From: "Alkaen", To: "Asti", Show: "Näytä", AllSurveys: "kaikki",
	InYear: "vuonna %s", InYearSoFar: "vuonna %s tähän mennessä", Interval: "95\u00a0%:n väli", IntervalIs: "95\u00a0%%:n luottamusväli %s.",
	Changed: "Muutos vuodesta %s: %s (95\u00a0%%:n väli %s).", Unchanged: "Ei muutosta vuodesta %s (%s, 95\u00a0%%:n väli %s).", Uncompared: "Ei voi verrata vuoteen %s: siitä ei ole mitään näytettävää.", NoneBefore: "Ei verrattavaa: kyselyjä ei lähetetty vuonna %s.",
	Answers: "Vastattiin %s kertaa, perille tuli %s kyselyä (vastausaste %s).", Few: "Piilotettu: alle %d vastausta.", Neighbour: "Piilotettu: paljastaisi pienemmän ryhmän.", AllHidden: "Kaikki on piilotettu: alle %d vastausta, tai muita voisi päätellä siitä.",
	NoAnswers: "Ei vielä vastauksia.", NoRow: "Kyselyjä ei lähetetty vuonna %s.", Nothing: "Mitään ei lähetetty tänä aikana.",
	NeverSent: "Yhtään kyselyä ei ole vielä lähetetty. Ensimmäiset luvut ovat tässä tunnin kuluessa ensimmäisestä viestistä.", SentThen: "Kyselyjä lähetettiin %s – %s.", ShowThem: "Näytä ne",
	Activity: "Lähetetyt ja vastatut", ActivityNote: "Mitä tehtiin, erikseen siitä mitä vastattiin. Kysely kuuluu lähetysjaksoonsa, vaikka siihen vastattaisiin myöhemmin.",
	Results: "Tulokset jaksoittain", Groups: "Ryhmät rinnakkain", GroupsIn: "%s, ryhmittely: %s, %s", ChangePoints: "Muutoskohdat rinnakkain",
	GroupsNote: "Ryhmät, joiden välit ovat paljolti päällekkäin, eivät ehkä eroa lainkaan.", Largest: "Kuviossa on %d suurinta ryhmää %d:stä; taulukossa on enemmän.",
	TableLargest: "Taulukossa on %d suurinta ryhmää %d:stä.", Everyone: "kaikki: %s", ByPeriod: "%s, ryhmittely: %s, jaksoittain",
	Newest: "Uusimmat %d jaksoa.",
	Sent:   "Lähetetty", Delivered: "Perillä", Bounced: "Palautunut", Answered: "Vastattu", Rate: "Vastausaste", RateIs: "%: vastattu perille tulleista", Change: "Edellisestä jaksosta", ChangeRolling: "Edeltävistä 12 kuukaudesta", Group: "Ryhmä",
	Point: "luku ja sen 95\u00a0%:n väli", Moved: "muutos edellisestä jaksosta", MovedRolling: "muutos edeltävistä 12 kuukaudesta", HiddenShort: "piilotettu", AsTable: "Taulukkona",
	Chart: "%s, kuvio; sama on alla taulukkona", Scroll: "%s, taulukko",
	Note:    "Alle %d vastauksen luvut on piilotettu, samoin naapurit, joista ne voisi päätellä. Liikettä sanotaan muutokseksi vain, kun sen 95\u00a0%%:n väli ei sisällä nollaa.",
	TheSame: "Nämä luvut:", AllAsCSV: "Kaikki (CSV)",
	Coverage: "Kattavuus", CoverageNote: "Kuinka suurelta osalta kohderyhmää on kysytty mitään: asiakkaat, joilla on sopimus ja jotka kuuluvat ohjelmaan.",
	CoveredNow: "Kohderyhmässä on %s asiakasta, joista %s (%s) on saanut kyselyn viimeisten 365 päivän aikana.", CoveredThen: "Jakson %s lopussa kohderyhmässä oli %s asiakasta, joista %s (%s) oli saanut kyselyn edeltävien 365 päivän aikana.",
	NoCoverage: "Asiakkaiden määrää ei ole laskettu tältä ajalta.", NoCustomers: "Kohderyhmässä ei ole asiakkaita.",
	CoverageNotBy: "Ei ryhmittelyä %s: asiakkaalla ei ole sitä ennen kyselyä.", LeastCovered: "Kuviossa on %d heikoimmin katettua ryhmää, kaikkiaan %d; taulukossa on enemmän.",
	TableLeastCovered: "Taulukossa on %d heikoimmin katettua ryhmää, kaikkiaan %d.", Customers: "Asiakkaita", Asked: "Kysytty 365 pv:n aikana",
	Leaving: "Lähtevätkö arvostelijat?", LeavingNote: "Vastanneista pysyneiden osuus: yksikään heidän sopimuksistaan ei päättynyt vuoden kuluessa vastauksesta. Wilsonin väli, vuosittain kyselyn lähetyksen mukaan. Sopimusten arvo on silloinen.",
	AskedIn: "Kysytty vuonna %s", MoreMayLeave: "Toistaiseksi: vastauksia seuraava vuosi on kesken, ja lähtijöitä voi tulla lisää.", NobodyOfClass: "Kukaan ei vastannut näin.",
	LeaveMore:    "Kyllä. Vuonna %s kysytyistä lähti arvostelijoista %s ja suosittelijoista %s; välit eivät ole päällekkäin.",
	LeaveLess:    "Ei, vaan suosittelijat. Vuonna %s kysytyistä lähti arvostelijoista %s ja suosittelijoista %s; välit eivät ole päällekkäin.",
	LeaveAlike:   "Eroa ei vielä näy. Vuonna %s kysytyistä lähti arvostelijoista %s ja suosittelijoista %s; välit ovat päällekkäin.",
	LeaveUnknown: "Sitä ei voi sanoa vuonna %s kysytyistä: arvostelijoita tai suosittelijoita oli liian vähän.",
	LeftOf:       "Lähteneitä %s, vastanneita %s.", Worth: "Sopimusten arvo oli %s vuodessa", WorthLeft: ", josta lähti %s.", WorthUnknown: "Sopimusten arvoa ei tiedetä.",
	WorthFew: "Lähteneiden osuus siitä on piilotettu: lähteneitä tai pysyneitä on alle %d.", And: " ja ", Money: "#\u00a0¤",
	Left: "Lähti", Stayed: "Pysyi", WorthHead: "Sopimukset vuodessa", WorthLeftHead: "Siitä lähti",
	Comments: "Omin sanoin", CommentsNote: "Uusimmat kommentit valituista kyselyistä ja ajasta, enintään %d. Piilotettujen jaksojen kommentteja ei näytetä.",
	NoComments: "Näytettäviä kommentteja ei ole.", ReadOn: "Lue loput", AsCSV: "CSV-tiedostona",
	NoMonth: "kirjoita kuukausi muodossa VVVV-KK (2026-01), vuosi tai päivä, jonka kuukautta tarkoitat.", BeforeFrom: "ei saa olla ennen kohtaa ”Alkaen”.", NotOneOf: "sallitut arvot ovat %s.", MonthHint: "VVVV-KK, esimerkiksi 2026-01",
	BadFilters: noticeWords{"Näitä rajauksia ei voi lukea", "Mitään ei näytetä, jottei muita lukuja luultaisi pyydetyiksi. Korjaa tässä nimetyt."},
	Closed:     noticeWords{"Raportti avautuu linkistä", "Pyydä linkki asiakaskyselyistä vastaavalta. Ohjelmat lähettävät raportin tunnisteen (report token)."},
	NotFound:   noticeWords{"Tällaista sivua ei ole", "Linkki on voinut katketa kopioitaessa. Kokeile koko linkkiä tai pyydä uusi."},
	Expired:    noticeWords{"Linkki on vanhentunut", "Raportin linkit ovat voimassa vain jonkin aikaa. Pyydä uusi siltä, joka lähetti sen."},
	Trouble:    noticeWords{"Raporttia ei voi juuri nyt näyttää", "Jokin meni vikaan, mutta mitään ei ole kadonnut. Yritä hetken kuluttua uudelleen."},
	Numerals:   figures.Numerals{Range: "\u2060…\u2060", Decimal: ",", Thousands: "\u00a0"}, Quarter: "Q",
	Months: [12]string{"tammi", "helmi", "maalis", "huhti", "touko", "kesä", "heinä", "elo", "syys", "loka", "marras", "joulu"},
	Kinds: map[survey.Kind]kindWords{
		survey.NPS:  {"NPS", "−100…100", "Suosittelisivatko he meitä? (NPS)", "NPS", "Suosittelijat (9–10) miinus arvostelijat (0–6) prosentteina, −100…100, ja korjattu Waldin väli.", ""},
		survey.CSAT: {"CSAT", "tyytyväisiä", "Ovatko he tyytyväisiä muutokseen? (CSAT)", "Tyytyväisiä", "Arvojen 4 ja 5 osuus asteikolla 1–5 ja Wilsonin väli.", "Keskiarvo (1–5)"},
		survey.CES:  {"CES", "1…7", "Onko asiointi helppoa? (CES)", "Keskiarvo", "Keskiarvo asteikolla 1 (vaikeaa) – 7 (helppoa) ja sen väli.", "Helppoa (5–7)"},
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
	Classes: map[survey.Class]string{survey.Promoter: "Suosittelijat", survey.Passive: "Passiiviset", survey.Detractor: "Arvostelijat"},
	Class: map[survey.Class]string{survey.Promoter: "suosittelija", survey.Passive: "passiivinen", survey.Detractor: "arvostelija",
		survey.Satisfied: "tyytyväinen", survey.Neutral: "neutraali", survey.Unhappy: "tyytymätön", survey.Easy: "helppoa", survey.Hard: "vaikeaa"},
}
