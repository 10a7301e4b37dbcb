// The base of the browser tests: the demo server as a child process, and browsers that report
// problems.
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { chromium } = require('playwright-core');

/** The demo server in a separate folder. remove() ends the server and deletes the folder. */
class Server {
  constructor(options = []) {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'buntstore-'));
    this.options = options;
    this.port = 0;
  }

  async start() {
    const options = ['--port', String(this.port), '--database', 'demo.db', ...this.options];
    this.child = spawn(process.env.DEMO, options, { cwd: this.folder, stdio: ['ignore', 'pipe', 'inherit'] });
    this.ended = new Promise((resolve) => {
      this.child.on('exit', (status, signal) => resolve(signal ?? status));
    });
    this.said = '';
    await new Promise((resolve, reject) => {
      this.child.stdout.on('data', (piece) => {
        this.said += piece;
        if (/\/operator\?key=\S+\n/.test(this.said)) resolve();
      });
      this.child.on('exit', () => reject(new Error(`the demo does not serve: ${this.said}`)));
    });
    const found = /Serving on (http:\/\/127\.0\.0\.1:(\d+))/.exec(this.said);
    [, this.url] = found;
    this.port = Number(found[2]);
  }

  /** Opens the operator's page for one browser. */
  get operatorLink() {
    return [...this.said.matchAll(/http:\S+\/operator\?key=\S+/g)].at(-1)[0];
  }

  /** Ends the server. Returns how it ended: a status, or the signal's name. */
  async end(signal) {
    this.child.kill(signal);
    return this.ended;
  }

  async remove() {
    await this.end('SIGKILL');
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

async function launchBrowser() {
  const args = ['--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--disable-gpu'];
  if (process.getuid() === 0) args.push('--no-sandbox');
  return chromium.launch({ executablePath: process.env.CHROMIUM, args });
}

/** A device: a browser with its own cookies. `complaints` has the errors and warnings of its console. */
async function newDevice(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(15000);
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (new URL(request.url()).hostname !== '127.0.0.1') complaints.push(`asked ${request.url()}`);
  });
  return { context, page, complaints };
}

async function logIn(page, server, { remember = false } = {}) {
  await page.goto(`${server.url}/login`);
  await page.getByLabel('User').fill('tom');
  await page.getByLabel('Password').fill('demo');
  if (remember) await page.getByLabel('Remember me').check();
  await page.getByRole('main').getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL('**/account');
}

module.exports = { Server, launchBrowser, newDevice, logIn };
