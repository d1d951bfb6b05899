package stats

// Scale is the scale that answers of one survey kind are given on. Scales can
// be compared with ==. The zero Scale is no scale: no score is valid on it.
type Scale uint8

const (
	// NPS is the likelihood to recommend, 0–10: detractors 0–6, passives 7–8,
	// promoters 9–10 (Reichheld, "The One Number You Need to Grow", Harvard
	// Business Review, 2003).
	NPS Scale = iota + 1
	// CSAT is the satisfaction with one step, 1–5: unhappy 1–2, neutral 3,
	// satisfied 4–5.
	CSAT
	// CES is the agreement that a matter was easy to handle, 1–7: hard 1–3,
	// neutral 4, easy 5–7 (the 2013 wording of the Customer Effort Score by
	// CEB, where higher is better).
	CES
)

// topScore is the highest score of any scale; it sizes the counts.
const topScore = 10

// layout is where a scale begins and ends, and where its classes part.
type layout struct {
	kind     string
	min, max int
	low      int // the highest score of the unfavourable class
	high     int // the lowest score of the favourable class
}

var layouts = [...]layout{
	// max below min: a loop over the scores of no scale does nothing.
	0:    {kind: "none", min: 0, max: -1, low: -1, high: 0},
	NPS:  {kind: "nps", min: 0, max: 10, low: 6, high: 9},
	CSAT: {kind: "csat", min: 1, max: 5, low: 2, high: 4},
	CES:  {kind: "ces", min: 1, max: 7, low: 3, high: 5},
}

func (s Scale) layout() layout {
	if int(s) >= len(layouts) {
		return layouts[0]
	}
	return layouts[s]
}

// ScaleOf returns the scale of a survey kind: "nps", "csat" or "ces". For any
// other text ok is false.
func ScaleOf(kind string) (s Scale, ok bool) {
	for s = NPS; s <= CES; s++ {
		if layouts[s].kind == kind {
			return s, true
		}
	}
	return 0, false
}

// String returns the survey kind: "nps", "csat", "ces", or "none".
func (s Scale) String() string { return s.layout().kind }

// Min returns the lowest score of the scale.
func (s Scale) Min() int { return s.layout().min }

// Max returns the highest score of the scale. It is below Min for no scale.
func (s Scale) Max() int { return s.layout().max }

// Valid tells whether score is a score of the scale.
func (s Scale) Valid(score int) bool {
	l := s.layout()
	return l.min <= score && score <= l.max
}
