// The demo site in a real browser, with two devices of one user.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const { describe, it, before, after } = require('node:test');

try {
  require.resolve('playwright-core');
} catch {
  console.log('SKIPPED: playwright-core is not installed');  // browser.install says why, or fails
  process.exit(0);
}

const { Server, launchBrowser, newDevice, logIn } = require('./site.js');

const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const server = new Server();
let browser;

describe('the demo site', () => {
  before(async () => {
    await server.start();
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
    await server.remove();
  });

  async function cookie(device, name) {
    return (await device.context.cookies()).find((one) => one.name === name);
  }

  it('two devices: counter, login, kill -9, and one that logs out the other', async () => {
    const desk = await newDevice(browser);
    const phone = await newDevice(browser, {
      userAgent: 'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/129.0 Mobile Safari/537.36',
      viewport: { width: 375, height: 740 },
    });

    await desk.page.goto(server.url);
    for (let i = 0; i < 2; ++i) await desk.page.getByRole('button', { name: 'Count one more' }).click();
    await desk.page.getByLabel('Your message').fill('Milk & <b>bread</b>');
    await desk.page.getByRole('button', { name: 'Keep it' }).click();
    assert.strictEqual(await desk.page.locator('blockquote').innerText(), 'Milk & <b>bread</b>');
    const anonymous = await cookie(desk, 'session');
    assert.ok(anonymous.expires > Date.now() / 1000 + 86000, 'outlives the browser');

    await logIn(desk.page, server);
    await logIn(phone.page, server, { remember: true });
    for (const [device, remembered] of [[desk, false], [phone, true]]) {
      const kept = await cookie(device, 'session');
      assert.strictEqual(kept.httpOnly, true);
      assert.strictEqual(kept.sameSite, 'Lax');
      assert.strictEqual(kept.path, '/');
      assert.strictEqual(kept.domain, '127.0.0.1');
      assert.strictEqual(kept.expires > 0, remembered);
      assert.strictEqual(await device.page.evaluate(() => document.cookie), '', 'hidden from scripts');
      assert.ok(!(await device.page.content()).includes(kept.value), 'no token on the page');
    }
    assert.notStrictEqual((await cookie(desk, 'session')).value, anonymous.value);

    await desk.page.reload();
    const devices = desk.page.locator('.devices li');
    assert.strictEqual(await devices.count(), 2);
    assert.match(await devices.filter({ hasText: 'this one' }).innerText(), /Chrome on Linux/);

    assert.strictEqual(await server.end('SIGKILL'), 'SIGKILL');
    await server.start();
    await desk.page.goto(server.url);
    assert.strictEqual(await desk.page.locator('[data-count]').innerText(), '2');
    assert.match(await desk.page.locator('[data-restarts]').innerText(), /survived 1 restart/);

    await desk.page.getByRole('link', { name: 'Your sessions' }).click();
    await desk.page.getByRole('button', { name: /Log out Chrome on Android/ }).click();
    await desk.page.getByRole('status').getByText('That browser is logged out.').waitFor();
    assert.strictEqual(await devices.count(), 1);
    await phone.page.getByRole('link', { name: 'Your sessions' }).click();
    await phone.page.waitForURL('**/login');
    assert.match(await phone.page.getByRole('status').innerText(), /This browser was logged out/);

    await desk.page.getByRole('banner').getByRole('button', { name: 'Log out' }).click();
    await desk.page.waitForURL('**/login');
    assert.deepStrictEqual([...desk.complaints, ...phone.complaints], []);
    await desk.context.close();
    await phone.context.close();
  });

  it('the live charts go on when the server was away', async () => {
    const { context, page, complaints } = await newDevice(browser);
    await page.goto(server.operatorLink);
    await page.getByText('Live: a new figure every second').waitFor();
    const sizeOfFile = page.locator('[data-figure="file_bytes"]');
    assert.match(await sizeOfFile.locator('.figure').innerText(), /^[\d.]+ (B|KiB)$/);
    await page.waitForFunction(() =>
      (document.querySelector('.chart .line').getAttribute('d') ?? '').split('L').length > 2);
    assert.deepStrictEqual(complaints, []);

    assert.strictEqual(await server.end('SIGTERM'), 0, 'although a stream is open');
    await page.getByText('The server does not answer').waitFor();
    await server.start();
    await page.getByText('Live: a new figure every second').waitFor();
    await context.close();
  });

  it('an idle session ends while one watches', async () => {
    const brief = new Server(['--brief-idle', '3', '--brief-lifetime', '60']);
    await brief.start();
    const { context, page, complaints } = await newDevice(browser);
    await page.goto(`${brief.url}/expiry`);
    await page.getByRole('button', { name: 'Begin one' }).click();
    await page.getByRole('heading', { name: 'It is alive' }).waitFor();
    assert.match(await page.locator('output').last().innerText(), /^(59|60) s$/);
    await page.getByRole('heading', { name: 'It is over' }).waitFor();
    assert.ok((await context.cookies()).some((one) => one.name === 'brief'), 'only the server knows');
    assert.deepStrictEqual(complaints, []);
    await context.close();
    await brief.remove();
  });

  /** All that axe finds, as lines of text. */
  async function violations(page) {
    await page.waitForLoadState();
    await page.evaluate(axe);
    const found = await page.evaluate(() => window.axe.run());
    return found.violations.flatMap((rule) =>
      rule.nodes.map((node) => `${rule.id}: ${node.target} ${node.failureSummary}`));
  }

  for (const colorScheme of ['light', 'dark']) {
    it(`every page can be used by everybody, ${colorScheme}`, async () => {
      const { context, page, complaints } = await newDevice(browser, { colorScheme });
      const check = async (what) => {
        assert.deepStrictEqual(await violations(page), [], what);
        assert.strictEqual(await page.locator('h1').count(), 1, what);
        for (const width of [1280, 375]) {
          await page.setViewportSize({ width, height: 740 });
          const extra = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(extra <= 0, `${what}: ${extra} pixels too wide at ${width}`);
        }
      };
      await page.goto(server.url);
      await check('start');
      await page.goto(`${server.url}/expiry`);
      await check('no brief session');
      await page.getByRole('button', { name: 'Begin one' }).click();
      await page.getByRole('heading', { name: 'It is alive' }).waitFor();  // not awaited by click
      await check('brief session');
      await page.goto(server.operatorLink);
      await page.getByText('Live: a new figure every second').waitFor();
      await check('operator');
      await page.goto(`${server.url}/login`);
      await check('login');
      await logIn(page, server);
      await check('account');
      assert.deepStrictEqual(complaints, []);

      await page.goto(`${server.url}/nowhere`);
      await check('not found');
      await context.close();
    });
  }

  it('the keyboard is enough', async () => {
    const { context, page } = await newDevice(browser);
    await page.goto(`${server.url}/login`);
    await page.keyboard.press('Tab');
    assert.strictEqual(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    assert.strictEqual(await page.evaluate(() => document.activeElement.id), 'user');
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.strictEqual(outline, 'solid', 'the focus is visible');
    await page.keyboard.type('ada');
    await page.keyboard.press('Tab');
    await page.keyboard.type('demo');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/account');
    assert.match(await page.getByRole('status').innerText(), /Hello ada/);
    await context.close();
  });

  it('a script in a page does not run', async () => {
    const { context, page, complaints } = await newDevice(browser);
    await page.goto(server.url);
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.smuggled = true';
      document.body.append(script);
    });
    assert.strictEqual(await page.evaluate(() => window.smuggled), undefined);
    assert.match(complaints.join(), /Content Security Policy/);
    await context.close();
  });
});
