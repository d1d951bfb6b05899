package wording

import "kaiku/shared/survey"

// company is the placeholder that every text may have.
const company = "{company}"

// unanswered is the key of the prompt for no class yet.
const unanswered = "unanswered"

// node is a place in the file: either a group of named nodes, or one text, which
// is written once for each language.
type node struct {
	names  []string // in the order of the file, for errors and gaps
	groups map[string]*node
	holes  []string // placeholders of a text
}

func (n *node) isText() bool { return n.groups == nil }

// text is a text with company and these placeholders.
func text(holes ...string) *node { return &node{holes: append([]string{company}, holes...)} }

// group is a node of the named nodes added to it.
func group() *node { return &node{groups: map[string]*node{}} }

func (n *node) add(name string, child *node) *node {
	n.names = append(n.names, name)
	n.groups[name] = child
	return n
}

// texts adds one plain text for each name.
func (n *node) texts(names ...string) *node {
	for _, name := range names {
		n.add(name, text())
	}
	return n
}

// schema is what the file must hold, no more and no less. The kinds, change
// points, classes, reasons and feelings come from the vocabulary: a new one there
// is refused here until it has words.
func schema() *node {
	surveys, why := group(), group().texts(unanswered)
	for _, k := range survey.Kinds {
		kind := group().texts("low", "high")
		for _, t := range survey.Triggers {
			if t.Kind() == k {
				kind.add(string(t), group().texts("subject", "preheader", "lead", "question"))
			}
		}
		surveys.add(string(k), kind)
		for _, c := range k.Classes() {
			if why.groups[string(c)] == nil {
				why.texts(string(c))
			}
		}
	}
	message := func() *node { return group().texts("title", "body") }
	return group().
		add("surveys", surveys).
		add("why", why).
		add("reasons", group().texts("title").texts(survey.Reasons...)).
		add("feelings", group().texts("title").texts(survey.Feelings...)).
		add("mail", group().texts("reminder_prefix", "reminder_lead", "choose_link", "opens", "sender", "why_you",
			"unsubscribe")).
		add("page", group().texts("title", "send", "optional", "saving", "saved", "offline", "failed", "choose", "kept", "last_year").
			add("off_scale", text("{low}", "{high}")).
			add("thanks", group().texts("title").add("body", text("{days}"))).
			add("closed", message()).add("expired", message()).add("unknown", message()).add("trouble", message())).
		add("unsubscribe", group().
			add("ask", group().texts("title", "body", "button")).
			add("done", message()))
}
