// The to-do list in a real browser: a login on two devices, items, a message that is shown once,
// and a device that ends the other one's session.
'use strict';

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { describe, it, before, after } = require('node:test');

try {
  require.resolve('playwright-core');
} catch {
  console.log('SKIPPED: playwright-core is not installed');  // browser.install says why, or fails
  process.exit(0);
}

const { launchBrowser, newDevice } = require('./site.js');

let browser;
let server;
let url;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'buntstore-'));

async function logIn(page, { remember = false } = {}) {
  await page.goto(url);
  await page.getByLabel('Name').fill('ann');
  await page.getByLabel('Password').fill('apple');
  if (remember) await page.getByLabel('Remember me').check();
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('Welcome, ann.').waitFor();
}

describe('the to-do list', () => {
  before(async () => {
    server = spawn(process.env.TODO, ['bunt', '0'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    url = await new Promise((resolve, reject) => {
      let said = '';
      server.stdout.on('data', (piece) => {
        said += piece;
        const found = /Serving on (http:\S+)\n/.exec(said);
        if (found) resolve(found[1]);
      });
      server.on('exit', () => reject(new Error(`the to-do list does not serve: ${said}`)));
    });
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
    server.kill('SIGKILL');
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it('keeps items, shows messages once, and ends another device', async () => {
    const desk = await newDevice(browser);
    const phone = await newDevice(browser);
    await logIn(desk.page, { remember: true });
    await logIn(phone.page);
    const cookieOf = async (device) => (await device.context.cookies()).find((one) => one.name === 'session');
    assert.ok((await cookieOf(desk)).expires > Date.now() / 1000 + 29 * 24 * 3600);
    assert.strictEqual((await cookieOf(phone)).expires, -1);

    await desk.page.getByLabel('What').fill('<b>pay the rent');
    await desk.page.getByLabel('Due').fill('2030-01-31');
    await desk.page.getByRole('button', { name: 'Add' }).click();
    await desk.page.getByRole('status').getByText('Added: <b>pay the rent').waitFor();
    await desk.page.reload();
    assert.strictEqual(await desk.page.getByRole('status').count(), 0);
    await desk.page.getByRole('button', { name: 'Done' }).click();
    assert.strictEqual(await desk.page.locator('li.done').count(), 1);

    await desk.page.getByRole('link', { name: 'Devices' }).click();
    assert.strictEqual(await desk.page.getByRole('listitem').count(), 2);
    await desk.page.getByRole('button', { name: 'End', exact: true }).click();
    await desk.page.getByText('That device is logged out.').waitFor();
    await phone.page.reload();
    await phone.page.getByLabel('Password').waitFor();
    await desk.page.getByRole('button', { name: 'Log out ann' }).click();
    await desk.page.getByLabel('Password').waitFor();
    assert.deepStrictEqual(desk.complaints, []);
  });
});
