// What a mail is held to, and what it is forgiven for a reason. Whoever finds a mail refused for a feature that it can
// do without adds it here, with what the reader sees instead.

// The mailboxes that the mails are made for; names as caniemail has them.
export const clients = ["outlook.*", "gmail.*", "apple-mail.*"];

// The HTML standard, accessibility and whole documents; nothing on how source is to be written.
export const presets = ["html-validate:standard", "html-validate:a11y", "html-validate:document"];

export const rules = {
  // Word, which Outlook on Windows draws with, lays out by attributes alone: width, align, bgcolor, cellpadding.
  "no-deprecated-attr": "off",
  // Conditional comments are how it is spoken to.
  "no-conditional-comment": "off",
  // Webmail drops <article>, and keeps role="article" on a <div>.
  "prefer-native-element": ["error", { exclude: ["article"] }],
};

const outlookOnWindows = ["outlook.windows", "outlook.windows-mail"];
const all = ["outlook.*", "gmail.*", "apple-mail.*"];

export const accepted = [
  {
    features: ["@media", "Attribute selector", "Child combinator", "Class selector", "Descendant combinator", "ID selector", "Type selector", "<style> element"],
    clients: [...outlookOnWindows, "gmail.mobile-webmail"],
    why: "The style sheets only add dark mode and columns side by side; without them the mail is light and in one column, by its inline styles.",
  },
  {
    features: ["Chaining selectors", "outline", "word-spacing"],
    clients: [...outlookOnWindows, "gmail.mobile-webmail"],
    why: "MJML writes them into every mail, to undo what some mailboxes add of their own.",
  },
  { features: ["<body> element"], clients: ["outlook.macos"], why: "Body becomes a div; the outer table has its colour, too." },
  { features: ["border-radius"], clients: outlookOnWindows, why: "Corners are square." },
  { features: ["box-shadow"], clients: all, why: "It is the edge of scores in a colour that hardly shows on the ground; the numbers show in any case." },
  {
    features: ["opacity", "overflow", "display:none"],
    clients: [...outlookOnWindows, "gmail.mobile-webmail"],
    why: "The preheader is hidden in several ways at once: Outlook goes by mso-hide, Gmail by max-height.",
  },
  {
    features: ["overflow-wrap", "word-break"],
    clients: all,
    why: "Each stands in for the other; where neither works, only a single word of over 30 letters widens the mail.",
  },
  { features: ["table-layout"], clients: outlookOnWindows, why: "There the cells of a row have widths of their own." },
  {
    features: ["role attribute", "aria-label attribute"],
    clients: ["outlook.windows-mail"],
    why: "Its screen reader reads the layout tables out; words and links are all there. It is out of service since 2024.",
  },
];
