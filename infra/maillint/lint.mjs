// Reads mails as JSON, {name: HTML}, and prints what is wrong with them as JSON, one object a fault. It knows only the
// finished HTML, not how it is made.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { accepted, clients, presets, rules } from "./profile.mjs";

// The packages are in the folder that the caller started node in, not beside this file.
const from = createRequire(process.cwd() + "/");
const load = (name) => import(pathToFileURL(from.resolve(name)));
const { HtmlValidate } = await load("html-validate");
const { caniemail } = await load("caniemail");

const validator = new HtmlValidate({ root: true, extends: presets, rules });

// Outlook on Windows reads what is in conditional comments and none of what is kept from it: other tags than all other
// mailboxes see, which must be as whole as theirs.
const asOutlook = (html) =>
  html
    .replace(/<!--\[if !mso[^\]]*\]><!-->[\s\S]*?<!--<!\[endif\]-->/g, "")
    .replace(/<!--\[if [^\]]*\]>([\s\S]*?)<!\[endif\]-->/g, "$1")
    // Settings for Word, which no HTML has.
    .replace(/<xml>[\s\S]*?<\/xml>/g, "");

const tolerated = (client, feature) =>
  accepted.some((a) => a.features.includes(feature) && a.clients.some((c) => client === c || (c.endsWith(".*") && client.startsWith(c.slice(0, -1)))));

const faults = [];
for (const [mail, html] of Object.entries(JSON.parse(readFileSync(0, "utf8")))) {
  for (const [view, seen] of [["all but Outlook on Windows", html], ["Outlook on Windows", asOutlook(html)]]) {
    const report = await validator.validateString(seen);
    for (const m of report.results.flatMap((r) => r.messages)) {
      faults.push({ mail, check: m.ruleId, where: view, line: m.line, says: m.message });
    }
  }
  // Of what caniemail knows, errors are features that a mailbox does not have; its warnings, features with notes, are
  // too many to act on.
  for (const [client, issues] of caniemail({ clients, html }).issues.errors) {
    for (const issue of issues) {
      if (!tolerated(client, issue.title)) {
        faults.push({ mail, check: "caniemail", where: client, line: issue.position?.start.line ?? 0, says: `has no ${issue.title}` });
      }
    }
  }
}
process.stdout.write(JSON.stringify(faults));
