import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildConsole } from '@drawbridge/console/build';
import { serve } from '@hono/node-server';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, launchChromium } from '../console/testing/chromium.ts';
import { type Device, withDevice } from '../console/testing/passkeys.ts';
import { memoryPlace } from '../control/audit/testing.ts';
import { type Control, createControl } from '../control/control.ts';
import { loopbackReached } from '../control/identity/index.ts';
import { appCode } from '../control/identity/testing.ts';
import { type TestPlatform, testPlatform } from '../control/platform/testing.ts';
import { startVault, type Vault } from '../control/vault/index.ts';
import { acmeCatalogue } from '../control/vendors/testing.ts';
import { consoleFiles } from './console-files.ts';
import { shippedClockLaw, shippedTransfers } from './shipped-packs.ts';

/**
 * Accounts as people make and use them: the console and the control plane as they are, and the browser's own
 * authenticator. The clock stands still unless it is moved on.
 */
const operatorToken = 'made-up-operator-token';
const patience = 60_000;
const minute = 60_000;

let platform: TestPlatform;
let vault: Vault;
let control: Control;
let keysDir: string;
let server: ReturnType<typeof serve>;
let origin: string;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let device: Device;

const heading = (name: RegExp, on = page) => on.getByRole('heading', { level: 1, name });
const button = (name: string, on = page) => on.getByRole('button', { name, exact: true });
const stage = (on = page): Promise<unknown> =>
  on.evaluate("fetch('/api/v1/session').then((answer) => answer.json()).then(({ stage }) => stage)");

async function keepCodes(on: Page): Promise<void> {
  await button('Show ten codes', on).click();
  await on.getByRole('checkbox').check();
  await button('Open Drawbridge', on).click();
  await heading(/Nothing has crossed/, on).waitFor();
}

async function signOut(): Promise<void> {
  await page.getByRole('complementary').getByRole('button', { name: 'Sign out' }).click();
  await heading(/^Sign in$/).waitFor();
}

describe.skipIf(chromiumPath === undefined && process.env.CI !== 'true')('accounts', () => {
  beforeAll(async () => {
    const dist = await buildConsole();
    platform = await testPlatform();
    keysDir = await mkdtemp(join(tmpdir(), 'drawbridge-keys-'));
    const { db, clock, log, deployment } = platform;
    vault = await startVault({ db, clock, log, keysDir, deploymentId: deployment.id });
    let port = 0;
    control = await createControl({
      platform,
      vault,
      packs: acmeCatalogue().packs,
      readFacts: async () => [],
      detectors: [],
      gatewayUrl: 'http://127.0.0.1:4410',
      operatorToken,
      reached: loopbackReached(() => port),
      warnings: [],
      starters: async () => [],
      transfers: await shippedTransfers(),
      playbooks: [],
      readClockLaw: shippedClockLaw,
      noticeTemplates: [],
      exercises: [],
      readMailLists: async () => ({
        sealers: { from: 'x', domains: [] },
        trackers: { from: 'x', domains: [] },
        shorteners: { from: 'x', domains: [] },
      }),
      messageReplies: [],
      messageResolver: async () => [],
      readReplay: async () => null,
      bench: {
        tryRequest: async () => ({ problem: 'busy', message: 'Made up.' }),
        makeUp: async () => ({ problem: 'busy', message: 'Made up.' }),
      },
      exportNetwork: { secret: async () => null, resolve: async () => [] },
      changeLog: async () => memoryPlace(),
      rootLog: async () => memoryPlace(),
      witnessNetwork: { resolve: async () => [] },
      issuerNetwork: { resolve: async () => [] },
      mailNetwork: { resolve: async () => [] },
      intakeCertificate: async () => null,
      erasuresFile: join(keysDir, 'made-up.erasures'),
    });
    await control.start();
    control.app.use('*', await consoleFiles(dist));
    server = serve({ fetch: control.app.fetch, hostname: '127.0.0.1', port: 0 });
    await new Promise((resolve) => server.once('listening', resolve));
    port = (server.address() as AddressInfo).port;
    origin = `http://localhost:${port}`;
    browser = await launchChromium();
    context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' });
    page = await context.newPage();
    page.setDefaultTimeout(patience);
    device = await withDevice(page);
  }, 4 * patience);

  afterAll(async () => {
    await browser?.close();
    if (server !== undefined && 'closeAllConnections' in server) server.closeAllConnections();
    await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
    await control?.stop();
    await vault?.stop();
    await platform?.close();
    if (keysDir !== undefined) await rm(keysDir, { recursive: true, maxRetries: 5 });
  }, patience);

  test('the first link leads to an owner with a passkey, and opens nothing before', {
    timeout: 3 * patience,
  }, async () => {
    const token = await control.firstToken();
    await page.goto(`${origin}/sign-in#token=${token}`);
    await heading(/Welcome to Drawbridge/).waitFor();
    expect(page.url()).toBe(`${origin}/welcome`);
    expect(await page.evaluate(async () => (await fetch('/api/v1/apps')).status)).toBe(403);
    await page.getByLabel('Your name').fill('Ada Example');
    await page.getByLabel('Your e-mail address').fill('ada@example.org');
    await button('Continue').click();
    await page.getByRole('button', { name: /A passkey, on this device/ }).click();
    await button('Make a passkey').click();
    await heading(/Keep your recovery codes/).waitFor();
    expect(await stage()).toBe('enrolling');
    await keepCodes(page);
    expect(await stage()).toBe('signed_in');
    await page.goto(`${origin}/sign-in#token=${token}`);
    await page
      .getByRole('alert')
      .getByText(/used before/)
      .waitFor();
  });

  test('a device that does not recognise who holds it signs nobody in; one that does, does', {
    timeout: 3 * patience,
  }, async () => {
    await page.goto(`${origin}/profile`);
    await heading(/Ada Example, you sign in with 1 passkey/).waitFor();
    await signOut();
    await device.recognises(false);
    await button('Sign in with a passkey').click();
    await page.getByText('Nothing was confirmed on this device').waitFor();
    expect(await stage()).toBe('signed_out');
    await device.recognises(true);
    await button('Sign in with a passkey').click();
    await heading(/Nothing has crossed/).waitFor();
  });

  test('after five minutes what is sensitive asks for the passkey, and is then sent by itself', {
    timeout: 3 * patience,
  }, async () => {
    await page.goto(`${origin}/people?act=invite`);
    const sheet = page.getByRole('dialog', { name: /Invite somebody/ });
    await sheet.getByLabel('E-mail address').fill('brook@example.org');
    await sheet.getByRole('checkbox', { name: /Auditor/ }).check();
    await sheet.getByLabel('Why').fill('Looks at the logs');
    platform.advance(6 * minute);
    await sheet.getByRole('button', { name: 'Make the invitation link' }).click();
    const confirm = page.getByRole('dialog', { name: /Confirm that it is you/ });
    await device.recognises(false);
    await button('Confirm with a passkey').click();
    await confirm.getByText('Nothing was confirmed on this device').waitFor();
    await device.recognises(true);
    await button('Confirm with a passkey').click();
    const link = page.getByRole('dialog', { name: /shown this once/ });
    const address = (await link.getByText(`${origin}/sign-in#token=`).textContent()) ?? '';
    await heading(/1 person has access, 1 invitation is open/).waitFor();

    const phone = await browser.newContext({
      viewport: { width: 390, height: 844 },
      reducedMotion: 'reduce',
    });
    const theirs = await phone.newPage();
    theirs.setDefaultTimeout(patience);
    await theirs.goto(address);
    await theirs.getByText('Reads everything, may ask about messages, and changes nothing.').waitFor();
    await theirs.getByLabel('Your name').fill('Brook Sample');
    await button('Continue', theirs).click();
    await theirs.getByRole('button', { name: /authenticator app/ }).click();
    await theirs.getByRole('textbox', { name: 'New password' }).fill('brook@example.org');
    await button('Keep this password', theirs).click();
    await theirs.getByRole('alert').waitFor();
    await theirs.getByRole('textbox', { name: 'New password' }).fill('heron lantern made-up');
    await button('Keep this password', theirs).click();
    const shown = async () => ((await theirs.locator('code').textContent()) ?? '').replaceAll(' ', '');
    const secret = await shown();
    // What was scanned holds after a reload, as a phone does when one comes back from the app.
    await theirs.reload();
    expect(await shown()).toBe(secret);
    await theirs.getByLabel('Code that the app shows').fill(appCode(secret, platform.clock.now()));
    await button('Confirm the code', theirs).click();
    await keepCodes(theirs);
    await theirs.goto(`${origin}/people`);
    await theirs.getByText('Your roles do not let you change who has access.').waitFor();
    await phone.close();
  });

  test('a copy of a passkey, whose counter is behind, signs nobody in and is on record', {
    timeout: 3 * patience,
  }, async () => {
    const { devtools, id: authenticatorId } = device;
    await page.goto(`${origin}/profile`);
    await signOut();
    const { credentials } = await devtools.send('WebAuthn.getCredentials', { authenticatorId });
    const [credential] = credentials;
    if (credential === undefined) throw new Error('the device holds no passkey');
    expect(credential.signCount).toBeGreaterThan(1);
    await devtools.send('WebAuthn.clearCredentials', { authenticatorId });
    await devtools.send('WebAuthn.addCredential', {
      authenticatorId,
      credential: { ...credential, signCount: 0 },
    });
    await button('Sign in with a passkey').click();
    await page.getByRole('alert').waitFor();
    expect(await stage()).toBe('signed_out');
    const changes = await control.app.request('/api/v1/changes?act=passkey.copied', {
      headers: { host: new URL(origin).host, authorization: `Bearer ${operatorToken}` },
    });
    expect(await changes.json()).toMatchObject({ items: [{ act: 'passkey.copied' }] });
  });
});
