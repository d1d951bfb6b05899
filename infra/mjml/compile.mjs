// Reads {"folder", "files"} as JSON and prints {file: HTML} as JSON, for templates of Go's html/template that are written
// in MJML. It fails on the first fault that MJML finds in them.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

// The package is in the folder that the caller started node in, not beside this file.
const from = createRequire(process.cwd() + "/");
const { default: mjml2html } = await import(pathToFileURL(from.resolve("mjml")));

// html/template drops comments, and Outlook on Windows is spoken to in nothing but comments. So each becomes an action
// that writes it. What stands in one is not escaped: nothing that varies may.
const conditional = /<!--\[if !mso[^\]]*\]><!-->|<!--<!\[endif\]-->|<!--\[if [^\]]*\]>[\s\S]*?<!\[endif\]-->/g;
const asAction = (comment) => {
  if (/\{\{|`/.test(comment)) {
    throw new Error(`an action in what Outlook alone reads would not be escaped: ${comment}`);
  }
  return "{{outlook `" + comment + "`}}";
};

// MJML indents by depth and breaks lines within tags: bytes that every reader would have to fetch.
const oneLinePerElement = (html) =>
  html
    .replace(/<[^<>]*>/g, (tag) => tag.replace(/\s+/g, " ").replace(/ (style|class)=""/g, "").replace(/ >$/, ">"))
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .join("\n");

// Of the names of vocabularies that MJML declares, only XHTML's looks like an address; HTML needs none.
const withoutAddresses = (html) => html.replace(' xmlns="http://www.w3.org/1999/xhtml"', "");

const { folder, files } = JSON.parse(readFileSync(0, "utf8"));
const out = {};
for (const file of files) {
  const path = join(folder, file);
  const { html } = await mjml2html(readFileSync(path, "utf8"), {
    filePath: path,
    ignoreIncludes: false, // mj-include, from the same folder
    includePath: folder,
    keepComments: false, // those of the source; they are for us
    validationLevel: "strict",
  });
  out[file] = oneLinePerElement(withoutAddresses(html)).replace(conditional, asAction) + "\n";
}
process.stdout.write(JSON.stringify(out));
