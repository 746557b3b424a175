import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { createTransport } from 'nodemailer';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, launchChromium } from '../console/testing/chromium.ts';
import { withDevice } from '../console/testing/passkeys.ts';
import { dns, mail, now } from '../libs/authenticity/testing/mail.ts';
import { eventually } from './proofs/testing/eventually.ts';
import { shippedMailLists, shippedPlaybooks, shippedReplies, shippedVendorFacts } from './shipped-packs.ts';
import { operatorToken, startPlane, type TestPlane } from './testing/plane.ts';

/**
 * The verify desk as people use it: console and control plane as they are, with the vendors that are shipped. Messages are made up; what
 * the DNS says of their senders is recorded.
 */
const patience = 60_000;
const records: Record<string, string> = {};
let plane: TestPlane;
let browser: Browser;
let page: Page;
/** Signed for OpenAI by a key of this test, which its recorded DNS names. */
let genuine: Buffer;

const heading = (name: RegExp) => page.getByRole('heading', { level: 1, name });
const api = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
  const answer = await plane.control.app.request(`/api/v1${path}`, {
    method,
    headers: {
      host: new URL(plane.origin).host,
      authorization: `Bearer ${operatorToken}`,
      'x-drawbridge-reason': 'A test',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(answer.status, `${method} ${path}`).toBeLessThan(300);
  return (answer.status === 204 ? null : await answer.json()) as T;
};
interface Judged {
  id: string;
  verdict: string;
  subject: string;
  came: string;
  channel: string;
  state: string;
  vendor: { id: string } | null;
}
const queue = async () => (await api<{ items: Judged[] }>('GET', '/messages?order=newest&limit=50')).items;

/** Free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe.skipIf(chromiumPath === undefined && process.env.CI !== 'true')('the verify desk', () => {
  beforeAll(async () => {
    const vendors = await shippedVendorFacts();
    const signed = await mail({
      from: 'OpenAI <noreply@email.openai.com>',
      signer: 'email.openai.com',
      subject: 'Your invoice is ready',
      text: 'Your invoice for October is ready. You find it in the billing settings of your account.',
    });
    genuine = signed.raw;
    Object.assign(records, signed.records);
    plane = await startPlane({
      readFacts: async () => vendors,
      readMailLists: shippedMailLists,
      playbooks: await shippedPlaybooks(),
      messageReplies: await shippedReplies(),
      messageResolver: (name, type) => dns(records)(name, type),
    });
    // The day on which the message was signed.
    plane.platform.advance(now.getTime() - plane.platform.clock.now());
    browser = await launchChromium();
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      reducedMotion: 'reduce',
    });
    page = await context.newPage();
    page.setDefaultTimeout(patience);
    await withDevice(page);
    await page.goto(`${plane.origin}/sign-in#token=${await plane.control.firstToken()}`);
    await page.getByLabel('Your name').fill('Ada Example');
    await page.getByLabel('Your e-mail address').fill('ada@example.org');
    await page.getByRole('button', { name: 'Continue', exact: true }).click();
    await page.getByRole('button', { name: /A passkey, on this device/ }).click();
    await page.getByRole('button', { name: 'Make a passkey', exact: true }).click();
    await page.getByRole('button', { name: 'Show ten codes', exact: true }).click();
    await page.getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Open Drawbridge', exact: true }).click();
    await heading(/Nothing has crossed/).waitFor();
  }, 4 * patience);
  afterAll(async () => {
    await browser?.close();
    await plane?.stop();
  }, patience);

  test('a pasted letter in a vendor’s name is answered, looked up in vain, and warned of', {
    timeout: 2 * patience,
  }, async () => {
    await page.goto(`${plane.origin}/messages`);
    await heading(/Is this message really from our vendor/).waitFor();
    await page
      .getByLabel('The message', { exact: true })
      .fill(
        'Received: from mx.gatherer.example by mx.example.org\nFrom: OpenAI <security@openai-keys.example>\nTo: ada@example.org\nSubject: Your API key was disabled\nMessage-ID: <1@openai-keys.example>\n\nYour API key was disabled. Enter your key at https://openai-keys.example/reset at once to keep your access.\n',
      );
    await page.getByRole('button', { name: 'Check it', exact: true }).click();
    await heading(/OpenAI/).waitFor();
    await page.waitForURL(/\/messages\/[0-9a-f-]{36}$/);
    const [made] = await queue();
    expect(made).toMatchObject({ verdict: 'likely-impersonation', vendor: { id: 'openai' }, came: 'paste' });
    const outside = await page
      .getByRole('link')
      .evaluateAll((all) => all.map((one) => (one as unknown as { href: string }).href));
    const elsewhere = outside.filter((href) => !href.startsWith(plane.origin));
    // The register's own page alone, where it has one.
    expect(elsewhere.every((href) => new URL(href).hostname.endsWith('openai.com'))).toBe(true);
    await page.getByRole('button', { name: 'It was not there' }).click();
    await page.getByText('Security was told').waitFor();
    await page.goto(`${plane.origin}/messages/queue`);
    await page.getByText('Your API key was disabled').first().waitFor();
    expect(await api<object>('GET', '/message-counts')).toMatchObject({ open: 1, notThere: 1 });
  });

  test('a file whose signature holds is from the vendor', { timeout: 2 * patience }, async () => {
    await page.goto(`${plane.origin}/messages`);
    await heading(/Is this message really from our vendor/).waitFor();
    await page
      .locator('input[type=file]')
      .first()
      .setInputFiles({ name: 'invoice.eml', mimeType: 'message/rfc822', buffer: genuine });
    await page.waitForURL(/\/messages\/[0-9a-f-]{36}$/);
    await expect
      .poll(async () => (await queue()).find(({ came }) => came === 'upload')?.verdict)
      .toBe('verified-authentic');
    await heading(/OpenAI/).waitFor();
  });

  test('mail to the address of the desk and texts of another system come into the queue, and are closed', {
    timeout: 2 * patience,
  }, async () => {
    const port = await freePort();
    await page.goto(`${plane.origin}/settings/messages`);
    await page.getByLabel('Mail domains of our own').fill('example.org');
    await page.getByLabel('It listens', { exact: true }).check();
    await page.getByLabel('Port', { exact: true }).fill(String(port));
    await page.getByLabel('Addresses that it takes mail for').fill('verify@example.org');
    await page.getByLabel('Why', { exact: true }).first().fill('A test');
    await page.getByRole('button', { name: 'Keep this', exact: true }).click();
    await eventually(
      () => api<{ listener: { state: string } }>('GET', '/message-intake'),
      ({ listener }) => listener.state === 'listening',
    );
    const transport = createTransport({ host: '127.0.0.1', port, ignoreTLS: true });
    await transport.sendMail({
      from: 'Ada Example <ada@example.org>',
      to: 'verify@example.org',
      subject: 'Fwd: Your invoice is ready',
      text: 'Is this real?',
      attachments: [{ filename: 'forwarded.eml', contentType: 'message/rfc822', content: genuine }],
    });
    transport.close();
    const hook = await api<{ url: string; secret: string }>('POST', '/message-webhooks', {
      name: 'Phones',
      channel: 'sms',
      reason: 'A test',
    });
    const text = JSON.stringify({
      sender: '+1 555 0100',
      text: 'OpenAI: your key leaked, confirm it at https://openai-keys.example/x now',
    });
    const at = String(Math.floor(plane.platform.clock.now() / 1000));
    const called = await plane.control.app.request(new URL(hook.url).pathname, {
      method: 'POST',
      headers: {
        host: new URL(plane.origin).host,
        'content-type': 'application/json',
        'x-drawbridge-timestamp': at,
        'x-drawbridge-signature': `v1=${createHmac('sha256', hook.secret).update(`${at}.${text}`).digest('hex')}`,
      },
      body: text,
    });
    expect(called.status).toBeLessThan(300);
    const all = await eventually(queue, (items) => items.length === 4);
    expect(all.find(({ came }) => came === 'mailbox')).toMatchObject({
      verdict: 'verified-authentic',
      subject: 'Your invoice is ready',
    });
    expect(all.find(({ came }) => came === 'webhook')).toMatchObject({
      verdict: 'likely-impersonation',
      channel: 'sms',
    });
    await page.goto(`${plane.origin}/messages/queue?verdict=likely-impersonation`);
    await page.getByText('Your API key was disabled').first().waitFor();
    for (const key of ['j', 'x', 'j', 'x', 'c']) await page.keyboard.press(key);
    const sheet = page.getByRole('dialog', { name: 'Close 2 messages' });
    await sheet.getByRole('radio', { name: /Impersonation/ }).focus();
    await page.keyboard.press('Tab');
    await page.keyboard.type('It is not from');
    await sheet.getByText('They read:').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.type('One campaign');
    await page.keyboard.press('Enter');
    await page.getByText('2 messages were closed: Impersonation.').waitFor();
    await page.goto(`${plane.origin}/messages/queue?state=closed`);
    await page.getByText('Your API key was disabled').first().waitFor();
  });
});
