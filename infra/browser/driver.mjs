// Does in Chromium what lines of JSON on standard input ask, and answers each by a
// line: {"id", "page", "do", "with": {…}} → {"id", "value"} or {"id", "error"}.
// It ends, and Chromium with it, when standard input does.
//
//   node driver.mjs MODULES CHROMIUM
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { Visit, contextFor } from './visit.mjs';

const [modules, executablePath] = process.argv.slice(2);
const need = createRequire(modules + '/');
const browser = await need('playwright-core').chromium.launch({ executablePath });
const axe = need('axe-core').source;
const visits = new Map();

const commands = {
  async ping() {},
  async open({ page, with: options }) {
    visits.set(page, new Visit(await contextFor(browser, options), axe));
  },
  // Another tab of the same person.
  async tab({ page, with: { of } }) {
    visits.set(page, new Visit(visits.get(of).context, axe));
  },
  async close({ page }) {
    const visit = visits.get(page);
    visits.delete(page);
    await visit.context.close();
  },
};

async function answer(order) {
  const { id, page, do: name, with: values = {} } = order;
  let reply;
  try {
    const own = commands[name];
    const value = own ? await own({ page, with: values }) : await visits.get(page)[name](values);
    reply = { id, value: value ?? null };
  } catch (error) {
    reply = { id, error: String(error?.message ?? error) };
  }
  process.stdout.write(JSON.stringify(reply) + '\n');
}

createInterface({ input: process.stdin })
  .on('line', (line) => void answer(JSON.parse(line)))
  .on('close', async () => {
    await browser.close();
    process.exit();
  });
