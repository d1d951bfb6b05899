// Reads {"chromium", "views": [...]} as JSON, shows each view's HTML in Chromium, and prints what is to be seen there as
// JSON, in the same order. Scripts of the page do not run, and nothing is fetched.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// The package is in the folder that the caller started node in, not beside this file.
const from = createRequire(process.cwd() + "/");
const { chromium } = await import(pathToFileURL(from.resolve("playwright-core"))).then((m) => m.default ?? m);

// What a mailbox leaves that takes no styles at all.
const withoutStyles = (html) => html.replace(/<style[\s\S]*?<\/style>/g, "").replace(/ style="[^"]*"/g, "");
// What one leaves that takes inline styles alone.
const withoutSheets = (html) => html.replace(/<style[\s\S]*?<\/style>/g, "");

const seen = () => {
  const box = (e) => {
    const { x, y, width, height } = e.getBoundingClientRect();
    return { x, y, width, height };
  };
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (!/^rgba\(.*, 0\)$/.test(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  // Every piece of text that is shown, with its colours.
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() && e.checkVisibility({ checkOpacity: true })) {
      texts.push({ text: walker.currentNode.data.trim(), ink: getComputedStyle(e).color, ground: behind(e) });
    }
  }
  return {
    width: document.documentElement.scrollWidth,
    words: document.body.innerText,
    links: [...document.querySelectorAll("a[href]")].map((a) => ({ href: a.getAttribute("href"), text: a.innerText.trim(), ...box(a) })),
    texts,
  };
};

const { chromium: executablePath, views } = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const out = [];
try {
  for (const dark of [false, true]) {
    // One page for all of a colour scheme: opening one costs more than showing a mail.
    const context = await browser.newContext({ javaScriptEnabled: true, offline: true, colorScheme: dark ? "dark" : "light" });
    const page = await context.newPage();
    for (const [i, view] of views.entries()) {
      if (Boolean(view.dark) !== dark) continue;
      const html = view.styles === "none" ? withoutStyles(view.html) : view.styles === "inline" ? withoutSheets(view.html) : view.html;
      await page.setViewportSize({ width: view.width, height: 700 });
      await page.setContent(html, { waitUntil: "domcontentloaded" });
      out[i] = await page.evaluate(seen);
      if (view.shot) await page.screenshot({ path: view.shot, fullPage: true });
    }
    await context.close();
  }
} finally {
  await browser.close();
}
process.stdout.write(JSON.stringify(out));
