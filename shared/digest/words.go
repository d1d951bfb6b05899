package digest

import (
	"kaiku/shared/figures"
	"kaiku/shared/survey"
)

// words are the digest's, in one language. Those with a verb of fmt are sentences;
// %[1]s and so on where languages differ in order.
type words struct {
	Title, Preheader             string
	Year, YearSoFar              string // name of the year's figure
	Change, NoChange, Uncompared string // of a figure, from a period
	SubjectChange, SubjectSame   string
	SubjectAnswers, SubjectNone  string
	Interval, Moved, Of, Count   string
	Few, Neighbour, NoAnswers    string
	NothingInYear, NothingAsked  string
	In, From, With               string // a month: in October, from October, with October
	FromYear, WithYear           string
	Activity, ActivityIs         string
	NotAsked                     string
	ChangedTitle, ChangedNone    string
	ComparedNone, Compared       string
	ChangedMore, Group           string
	CommentsTitle, Quote         string
	LeftOut                      string
	Open, Until                  string
	Date, Clock                  string // of package time
	Meaning, Why, Counted        string
	figures.Numerals
	CSAT, CES                   string
	Months                      [12]string
	Dimensions, Sizes, Triggers map[string]string
	Languages, Industries       map[string]string
	Classes                     map[survey.Class]string
}

// in are the words of a language; of an unknown one, those of the first of
// survey.Languages.
func in(language string) (*words, string) {
	if w, ok := languages[language]; ok {
		return w, language
	}
	return languages[survey.Languages[0]], survey.Languages[0]
}

var languages = map[string]*words{"fi": &finnish, "sv": &swedish, "en": &english}

// month is the name of a month alone.
func (w *words) month(m survey.Month) string { return w.Months[m.Month-1] }

var finnish = words{
	Title: "Asiakaskyselyt, %s %d", Preheader: "%s: lähetetty %s, vastattu %s.",
	Year: "NPS vuonna %d", YearSoFar: "NPS vuonna %d tähän mennessä",
	Change: "Muutos %s: %s.", NoChange: "Ei muutosta %s.", Uncompared: "%s ei voi verrata: siitä ei ole näytettävää lukua.",
	SubjectChange: "NPS %s, muutos %s", SubjectSame: "NPS %s, ei muutosta", SubjectAnswers: "vastauksia %s", SubjectNone: "mitään ei kysytty",
	Interval: "95 %%:n väli %s", Moved: "ero %s (%s)", Count: "%s vastausta", Of: "%s vastausta, perille tuli %s (%s)",
	Few: "Piilotettu: alle %d vastausta.", Neighbour: "Piilotettu: paljastaisi pienemmän ryhmän.", NoAnswers: "Ei vielä vastauksia.",
	NothingInYear: "NPS-kyselyjä ei lähetetty vuonna %d.", NothingAsked: "Yhtään kyselyä ei lähetetty.",
	In:   "%sssa",
	From: "%ssta", With: "%shun",
	FromYear: "vuodesta %d", WithYear: "vuoteen %d",
	Activity: "Kyselyt:", ActivityIs: "lähetetty %s, perillä %s, vastattu %s (%s).", NotAsked: "Ei kysytty.",
	ChangedTitle: "Mikä on muuttunut", ChangedNone: "Missään ryhmässä ei näy muutosta.",
	ComparedNone: "Ryhmiä ei voi vielä verrata: vastauksia on liian vähän.",
	Compared:     "Verrattuja ryhmiä %s. Pelkkä sattuma saa noin joka 20:nnen näyttämään muuttuneelta.",
	ChangedMore:  "Muuttuneita ryhmiä on %s, tässä selvimmät %s.", Group: "%s (%s: %s):",
	CommentsTitle: "Asiakkaiden sanoin", Quote: "”%s”", LeftOut: "[osoite jätetty pois]",
	Open: "Avaa raportti", Until: "Linkki toimii %s asti. Raportin näkee jokainen, jolla se on: älä lähetä sitä eteenpäin.", Date: "2.1.2006", Clock: "15.04",
	Meaning: "NPS on suosittelijat (9–10) miinus arvostelijat (0–6) prosentteina. Muutokseksi sanotaan vain eroa, jonka 95 %%:n väli ei sisällä nollaa. Alle %d vastauksen luvut on piilotettu.",
	Why:     "Saat tämän kerran kuussa, koska osoitteesi on Kaiun asetuksissa. Kaiun ylläpito poistaa sen pyynnöstä.",
	Counted: "Luvut laskettu %s klo %s.", Numerals: figures.Numerals{Range: "…", Decimal: ",", Thousands: "\u00a0"},
	CSAT: "Tyytyväisiä (CSAT):", CES: "Asioinnin helppous 1–7 (CES):",
	Months: [12]string{"tammikuu", "helmikuu", "maaliskuu", "huhtikuu", "toukokuu", "kesäkuu", "heinäkuu", "elokuu", "syyskuu", "lokakuu", "marraskuu", "joulukuu"},
	Dimensions: map[string]string{"size": "koko", "industry": "toimiala", "region": "alue", "owner": "vastuutiimi", "service": "palvelu",
		"trigger": "tilanne", "language": "kieli"},
	Sizes: map[string]string{"micro": "mikro", "small": "pieni", "medium": "keskisuuri", "large": "suuri"},
	Triggers: map[string]string{"annual": "vuosittainen", "started": "sopimus alkoi", "changed": "sopimus muuttui", "renewed": "sopimus uusittiin",
		"ended": "sopimus päättyi", "interaction": "asiakaspalvelu"},
	Languages: map[string]string{"fi": "suomi", "sv": "ruotsi", "en": "englanti"},
	Industries: map[string]string{"A": "maa-, metsä- ja kalatalous", "B": "kaivostoiminta", "C": "teollisuus", "D": "sähkö, kaasu ja lämpö", "E": "vesi ja jätteet",
		"F": "rakentaminen", "G": "kauppa", "H": "kuljetus ja varastointi", "I": "majoitus ja ravitsemus", "J": "informaatio ja viestintä",
		"K": "rahoitus ja vakuutus", "L": "kiinteistöala", "M": "asiantuntijapalvelut", "N": "hallinto- ja tukipalvelut", "O": "julkinen hallinto",
		"P": "koulutus", "Q": "terveys- ja sosiaalipalvelut", "R": "taiteet ja virkistys", "S": "muu palvelu", "T": "kotitaloudet työnantajina", "U": "kansainväliset järjestöt"},
	Classes: map[survey.Class]string{survey.Detractor: "arvostelija", survey.Passive: "passiivinen", survey.Promoter: "suosittelija",
		survey.Unhappy: "tyytymätön", survey.Neutral: "neutraali", survey.Satisfied: "tyytyväinen", survey.Hard: "hankalaa", survey.Easy: "helppoa"},
}

var swedish = words{
	Title: "Kundenkäterna, %s %d", Preheader: "%s: %s skickade, %s svar.",
	Year: "NPS år %d", YearSoFar: "NPS hittills år %d",
	Change: "Förändring %s: %s.", NoChange: "Ingen förändring %s.", Uncompared: "Kan inte jämföras %s: det finns ingen siffra att visa.",
	SubjectChange: "NPS %s, förändring %s", SubjectSame: "NPS %s, ingen förändring", SubjectAnswers: "%s svar", SubjectNone: "inget frågades",
	Interval: "95 %%-intervall %s", Moved: "skillnad %s (%s)", Count: "%s svar", Of: "%s svar av %s levererade (%s)",
	Few: "Dold: färre än %d svar.", Neighbour: "Dold: den skulle avslöja en mindre grupp.", NoAnswers: "Inga svar ännu.",
	NothingInYear: "Inga NPS-enkäter skickades år %d.", NothingAsked: "Inga enkäter skickades.",
	In:   "i %s",
	From: "från %s", With: "med %s",
	FromYear: "från %d", WithYear: "med %d",
	Activity: "Enkäter:", ActivityIs: "%s skickade, %s levererade, %s besvarade (%s).", NotAsked: "Frågades inte.",
	ChangedTitle: "Vad har förändrats", ChangedNone: "Ingen grupp visar en förändring.",
	ComparedNone: "Grupperna kan inte jämföras ännu: svaren är för få.",
	Compared:     "Jämförda grupper: %s. Slumpen ensam får ungefär var 20:e att se förändrad ut.",
	ChangedMore:  "%s grupper har förändrats, här de %s tydligaste.", Group: "%s (%s: %s):",
	CommentsTitle: "Med kundernas ord", Quote: "”%s”", LeftOut: "[adressen utelämnad]",
	Open: "Öppna rapporten", Until: "Länken fungerar till och med %s. Alla som har den ser rapporten: skicka den inte vidare.", Date: "2.1.2006", Clock: "15.04",
	Meaning: "NPS är ambassadörer (9–10) minus kritiker (0–6) i procent. Bara en skillnad vars 95 %%-intervall inte innehåller noll kallas förändring. Siffror med färre än %d svar är dolda.",
	Why:     "Du får detta en gång i månaden eftersom din adress finns i Kaikus inställningar. De som sköter Kaiku tar bort den på begäran.", //nolint:misspell // it is Swedish
	Counted: "Siffrorna räknade %s kl. %s.", Numerals: figures.Numerals{Range: " till ", Decimal: ",", Thousands: "\u00a0"},
	CSAT: "Nöjda (CSAT):", CES: "Hur enkelt ärendet var, 1–7 (CES):",
	Months:     [12]string{"januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december"},
	Dimensions: map[string]string{"size": "storlek", "industry": "bransch", "region": "region", "owner": "ansvarigt team", "service": "tjänst", "trigger": "situation", "language": "språk"},
	Sizes:      map[string]string{"micro": "mikro", "small": "små", "medium": "medelstora", "large": "stora"},
	Triggers: map[string]string{"annual": "årlig", "started": "avtalet började", "changed": "avtalet ändrades", "renewed": "avtalet förnyades",
		"ended": "avtalet upphörde", "interaction": "kundtjänst"},
	Languages: map[string]string{"fi": "finska", "sv": "svenska", "en": "engelska"},
	Industries: map[string]string{"A": "jordbruk, skogsbruk och fiske", "B": "gruvor", "C": "tillverkning", "D": "el, gas och värme", "E": "vatten och avfall",
		"F": "byggande", "G": "handel", "H": "transport och lagring", "I": "hotell och restaurang", "J": "information och kommunikation",
		"K": "finans och försäkring", "L": "fastigheter", "M": "experttjänster", "N": "administration och stödtjänster", "O": "offentlig förvaltning",
		"P": "utbildning", "Q": "hälso- och socialvård", "R": "kultur och fritid", "S": "övriga tjänster", "T": "hushåll som arbetsgivare", "U": "internationella organisationer"},
	Classes: map[survey.Class]string{survey.Detractor: "kritiker", survey.Passive: "passiv", survey.Promoter: "ambassadör",
		survey.Unhappy: "missnöjd", survey.Neutral: "neutral", survey.Satisfied: "nöjd", survey.Hard: "svårt", survey.Easy: "enkelt"},
}

var english = words{
	Title: "Customer surveys, %s %d", Preheader: "%s: %s sent, %s answered.",
	Year: "NPS in %d", YearSoFar: "NPS in %d so far",
	Change: "Change %s: %s.", NoChange: "No change %s.", Uncompared: "Cannot be compared %s: nothing of it can be shown.",
	SubjectChange: "NPS %s, change %s", SubjectSame: "NPS %s, no change", SubjectAnswers: "answers: %s", SubjectNone: "nothing was asked",
	Interval: "95 %% interval %s", Moved: "difference %s (%s)", Count: "%s answers", Of: "%s answers to %s delivered (%s)",
	Few: "Hidden: fewer than %d answers.", Neighbour: "Hidden: it would give a smaller group away.", NoAnswers: "No answers yet.",
	NothingInYear: "No NPS surveys were sent in %d.", NothingAsked: "No surveys were sent.",
	In:   "in %s",
	From: "from %s", With: "with %s",
	FromYear: "from %d", WithYear: "with %d",
	Activity: "Surveys:", ActivityIs: "%s sent, %s delivered, %s answered (%s).", NotAsked: "Not asked.",
	ChangedTitle: "What has changed", ChangedNone: "No group shows a change.",
	ComparedNone: "Groups cannot be compared yet: there are too few answers.",
	Compared:     "Groups compared: %s. Chance alone makes about 1 in 20 look changed.",
	ChangedMore:  "%s groups have changed; these are the %s surest.", Group: "%s (%s: %s):",
	CommentsTitle: "In customers' words", Quote: "“%s”", LeftOut: "[address left out]",
	Open: "Open the report", Until: "The link works until %s. Whoever has it sees the report: do not pass it on.", Date: "2 January 2006", Clock: "15:04",
	Meaning: "NPS is promoters (9–10) less detractors (0–6) in percent. A difference is called a change only when its 95 %% interval excludes zero. Figures of fewer than %d answers are hidden.",
	Why:     "You get this once a month because your address is in Kaiku's settings. Whoever runs Kaiku takes it out on request.",
	Counted: "Figures counted %s at %s.", Numerals: figures.Numerals{Range: " to ", Decimal: ".", Thousands: ","},
	CSAT: "Satisfied (CSAT):", CES: "Ease of dealing with us, 1–7 (CES):",
	Months:     [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	Dimensions: map[string]string{"size": "size", "industry": "industry", "region": "region", "owner": "owner", "service": "service", "trigger": "trigger", "language": "language"},
	Sizes:      map[string]string{"micro": "micro", "small": "small", "medium": "medium", "large": "large"},
	Triggers: map[string]string{"annual": "yearly", "started": "contract started", "changed": "contract changed", "renewed": "contract renewed",
		"ended": "contract ended", "interaction": "customer service"},
	Languages: map[string]string{"fi": "Finnish", "sv": "Swedish", "en": "English"},
	Industries: map[string]string{"A": "agriculture, forestry, fishing", "B": "mining", "C": "manufacturing", "D": "electricity, gas, heat", "E": "water and waste",
		"F": "construction", "G": "trade", "H": "transport and storage", "I": "accommodation and food", "J": "information, communication",
		"K": "finance and insurance", "L": "real estate", "M": "professional, technical", "N": "administration, support", "O": "public administration",
		"P": "education", "Q": "health and social work", "R": "arts and recreation", "S": "other services", "T": "households as employers", "U": "international organisations"},
	Classes: map[survey.Class]string{survey.Detractor: "detractor", survey.Passive: "passive", survey.Promoter: "promoter",
		survey.Unhappy: "unhappy", survey.Neutral: "neutral", survey.Satisfied: "satisfied", survey.Hard: "hard", survey.Easy: "easy"},
}
