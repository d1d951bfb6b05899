// One person's tab, and what it sends and gets.

// How long anything may take that a test waits for: on a busy machine seconds.
const patience = 20_000;

export async function contextFor(browser, { scripts = true, width = 390, height = 760, zoom = 1, dark, language = 'fi' }) {
  const context = await browser.newContext({
    javaScriptEnabled: scripts,
    // Zooming in a browser leaves fewer CSS pixels of more device pixels each.
    viewport: { width: Math.round(width / zoom), height: Math.round(height / zoom) },
    deviceScaleFactor: zoom,
    hasTouch: width < 600,
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    locale: language,
  });
  context.setDefaultTimeout(patience);
  return context;
}

export class Visit {
  constructor(context, axe) {
    Object.assign(this, { context, axe, traffic: [], troubles: [] });
    this.ready = context.newPage().then((page) => this.#watch(page));
  }

  #watch(page) {
    this.page = page;
    const { context } = this;
    context.on('request', (request) => {
      this.traffic.push({ request, method: request.method(), address: request.url() });
    });
    context.on('response', async (response) => {
      const seen = this.traffic.find((t) => t.request === response.request());
      if (!seen) return;
      seen.status = response.status();
      seen.headers = await response.allHeaders().catch(() => ({}));
      seen.bytes = (await response.body().catch(() => Buffer.alloc(0))).length;
    });
    // What the Content-Security-Policy keeps out is said there.
    context.on('console', (message) => message.type() === 'error' && message.page() === this.page && this.troubles.push(message.text()));
    context.on('weberror', (error) => this.troubles.push(String(error.error())));
    return page;
  }

  async goto({ address }) {
    await this.ready;
    const response = await this.page.goto(address);
    return response.status();
  }

  // Taps a link of a mail as the mailbox shows it; what opens is this tab from now on.
  async fromMail({ mailbox, link }) {
    await this.ready;
    await this.page.goto(mailbox);
    const opened = this.context.waitForEvent('page');
    this.traffic.length = this.troubles.length = 0; // they were the mailbox's
    // The links of a mail stand twice, in the body and beside it.
    await this.page.frameLocator('iframe').locator(`a[href="${link}"]`).first().click();
    this.page = await opened;
    await this.page.waitForLoadState();
  }

  async click({ on, times = 1, position, noWait }) {
    await this.page.locator(on).first().click({ clickCount: times, position, noWaitAfter: noWait });
  }
  async tap({ on }) {
    await this.page.locator(on).first().tap();
  }
  async press({ key, times = 1 }) {
    for (let n = 0; n < times; n++) await this.page.keyboard.press(key);
  }
  async type({ text }) {
    await this.page.keyboard.type(text);
  }
  async write({ on, text }) {
    await this.page.locator(on).fill(text);
  }
  async wheel() {
    await this.page.mouse.wheel(0, 40);
  }
  async back() {
    await this.page.goBack();
  }
  async forward() {
    await this.page.goForward();
  }
  async reload() {
    await this.page.reload();
  }
  async offline({ off }) {
    await this.context.setOffline(off);
  }
  async evaluate({ script }) {
    return this.page.evaluate(script);
  }

  // Waits until an expression is true of the page.
  async until({ script }) {
    const end = Date.now() + patience;
    for (;;) {
      // A page that is just being left cannot be asked.
      if (await this.page.evaluate(script).catch(() => false)) return;
      if (Date.now() > end) throw new Error(`still not: ${script}; the page says: ${await this.page.innerText('body')}`);
      await new Promise((done) => setTimeout(done, 25));
    }
  }


  async look({ file, whole = true }) {
    await this.page.screenshot({ path: file, fullPage: whole });
  }

  // As the browser's print dialog has it unless told otherwise: in light, and
  // without backgrounds but those that the page insists on.
  async print({ file }) {
    await this.page.pdf({ path: file, preferCSSPageSize: true });
  }

  // What axe-core finds: every rule, the best practices too.
  async violations({ but }) {
    await this.page.evaluate(this.axe);
    const found = await this.page.evaluate((but) => globalThis.axe.run(document, {
      resultTypes: ['violations'], rules: Object.fromEntries((but ?? []).map((rule) => [rule, { enabled: false }])),
    }), but);
    return found.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html).join(' ')}`);
  }

  async seen() {
    // Every request has its response, or it belonged to a page that was left.
    const end = Date.now() + 5_000;
    while (this.traffic.some((t) => t.bytes === undefined) && Date.now() < end) await new Promise((done) => setTimeout(done, 25));
    return { traffic: this.traffic.map(({ request, ...rest }) => rest), troubles: this.troubles, cookies: await this.context.cookies() };
  }
}
