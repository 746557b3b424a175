import { createServer } from 'node:net';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testSealer } from '../platform/blobs/testing.ts';
import { createRouter, handleErrors, type OutboundNetwork } from '../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../platform/testing.ts';
import { createMail, isAddress, type Mail, type Mailer } from './index.ts';
import { certificate, madeUpPassword, type StandIn, startSmtp } from './testing.ts';

/** The mail server as it is set, tried and used, against a real one in this process. Names are made up. */
let platform: TestPlatform;
let app: ReturnType<typeof createRouter>;
let mailer: Mailer;
let address = '127.0.0.1';
const network: OutboundNetwork = {
  ca: certificate.cert,
  resolve: async () => [{ address, family: 4 }],
};
const open: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
  platform = await testPlatform();
  const mail = createMail({
    platform,
    sealer: await testSealer(platform),
    network,
    times: { connectMs: 2_000, silentMs: 1_000 },
  });
  mailer = mail.mailer;
  app = createRouter();
  app.onError(handleErrors(platform.log));
  app.use('*', async (c, next) => {
    c.set('actor', testCaller());
    await next();
  });
  app.route('/', mail.routes);
});
afterAll(() => platform.close());
beforeEach(async () => {
  address = '127.0.0.1';
  await platform.pool.query('TRUNCATE mail_server, change CASCADE');
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function smtp(options: Parameters<typeof startSmtp>[0] = {}): Promise<StandIn> {
  const standIn = await startSmtp(options);
  open.push(standIn);
  return standIn;
}
async function ask(method: string, path: string, body?: object) {
  const response = await app.request(path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}
const plain = (port: number, more: object = {}) => ({
  host: '127.0.0.1',
  port,
  tls: 'none',
  private: true,
  from: { name: 'Example Org', address: 'notices@example.org' },
  reason: 'A test',
  ...more,
});
const set = (port: number, more: object = {}) => ask('PUT', '/organisation/mail-server', plain(port, more));
const mail = (more: Partial<Mail> = {}): Mail => ({
  messageId: '<notice.1@example.org>',
  to: 'ada@example.com',
  subject: 'What happened',
  text: 'Plain words.\nTwo lines.\n',
  ...more,
});
const failing = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

describe('sending', () => {
  test('gives the server one mail for one recipient, as it was written', async () => {
    const server = await smtp();
    await set(server.port);
    const { response } = await mailer.send(
      mail({
        subject: 'Größe ändern',
        html: '<p>Plain words.</p>',
        attachments: [{ name: 'brief.pdf', type: 'application/pdf', bytes: Buffer.from('%PDF-') }],
      }),
    );
    expect(response).toMatch(/^250 /);
    const [got] = server.received;
    expect(server.received).toHaveLength(1);
    expect(got).toMatchObject({ from: 'notices@example.org', to: ['ada@example.com'] });
    expect(got?.raw).toContain('Message-ID: <notice.1@example.org>');
    expect(got?.raw).toContain('From: Example Org <notices@example.org>');
    expect(got?.raw).toContain('Auto-Submitted: auto-generated');
    expect(got?.raw).toContain('=?UTF-8?Q?Gr=C3=B6=C3=9Fe_=C3=A4ndern?=');
    expect(got?.raw).toContain('filename=brief.pdf');
    expect(got?.raw).toContain(new Date(platform.clock.now()).toUTCString().replace('GMT', '+0000'));
  });

  test('refuses what would become another header or another recipient, and sends nothing of it', async () => {
    const server = await smtp();
    await set(server.port);
    const wrong: Partial<Mail>[] = [
      { subject: 'a\r\nBcc: eve@example.net' },
      { subject: 'a\nb' },
      { subject: 'a\u2028b' },
      { subject: ' ' },
      { to: 'ada@example.com\r\nRCPT TO:<eve@example.net>' },
      { to: 'ada@example.com, eve@example.net' },
      { to: 'Eve <eve@example.net>' },
      { to: '"a b"@example.com' },
      { messageId: '<a@b>\r\nX: y' },
      { messageId: 'a@b' },
      { attachments: [{ name: '../a"\r\nX: y', type: 'application/pdf', bytes: Buffer.from('a') }] },
      { attachments: [{ name: 'a.pdf', type: 'application/pdf\r\nX: y', bytes: Buffer.from('a') }] },
      { text: '' },
    ];
    for (const one of wrong) {
      expect(await failing(mailer.send(mail(one)))).toMatchObject({ code: 'invalid', permanent: true });
    }
    expect(server.received).toEqual([]);
  });

  test('says whether a refusal is for good', async () => {
    const server = await smtp();
    await set(server.port);
    server.manners = {
      recipient: (to) =>
        to.startsWith('gone')
          ? { code: 550, text: 'no such user here' }
          : to.startsWith('full')
            ? { code: 452, text: 'mailbox full' }
            : null,
      message: ({ raw }) => (raw.includes('Subject: spam') ? { code: 554, text: 'looks like spam' } : null),
    };
    const session = await mailer.session();
    expect(await failing(session.send(mail({ to: 'gone@example.com' })))).toMatchObject({
      code: 'refused',
      permanent: true,
      about: 'message',
      response: expect.stringContaining('no such user here'),
    });
    expect(await failing(session.send(mail({ to: 'full@example.com' })))).toMatchObject({
      code: 'deferred',
      permanent: false,
      about: 'message',
    });
    expect(await failing(session.send(mail({ subject: 'spam' })))).toMatchObject({
      code: 'refused',
      permanent: true,
    });
    // The same session goes on.
    await session.send(mail());
    session.close();
    expect(server.received).toHaveLength(1);
  });

  test('is in doubt where the server had all of it and gave no answer, and only there', async () => {
    const server = await smtp();
    await set(server.port);
    server.manners = {
      beforeAnswer: async () => {
        server.drop();
        await new Promise(() => undefined);
      },
    };
    expect(await failing(mailer.send(mail()))).toMatchObject({ code: 'in_doubt', permanent: false });
    // One that is silent until the time is over is in doubt as well.
    server.manners = { beforeAnswer: () => new Promise(() => undefined) };
    expect(await failing(mailer.send(mail()))).toMatchObject({ code: 'in_doubt' });
    // One that ends before it asks for the message has none.
    server.manners = {
      recipient: () => {
        server.drop();
        return null;
      },
    };
    expect(await failing(mailer.send(mail()))).toMatchObject({ code: 'unreachable', about: 'server' });
  });

  test('says of a server that is away or silent that it is the server', async () => {
    expect(await failing(mailer.send(mail()))).toMatchObject({ code: 'not_set_up', about: 'server' });
    expect(await mailer.ready()).toBe(false);
    const server = await smtp();
    await set(server.port);
    expect(await mailer.ready()).toBe(true);
    await open.pop()?.close();
    expect(await failing(mailer.send(mail()))).toMatchObject({
      code: 'unreachable',
      permanent: false,
      about: 'server',
    });
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    open.push({ close: () => new Promise((resolve) => silent.close(resolve)) });
    const at = silent.address();
    await set(typeof at === 'object' && at !== null ? at.port : 0);
    expect(await failing(mailer.send(mail()))).toMatchObject({ code: 'timeout', about: 'server' });
  });
});

describe('a mail server', () => {
  const secured = { name: 'mailer', password: madeUpPassword() };
  const tls = { key: certificate.key, cert: certificate.cert };

  test('is spoken to over TLS with a certificate of its name, or not at all', async () => {
    const server = await smtp({ ...tls, user: secured });
    const signIn = { username: secured.name, password: secured.password };
    await set(server.port, { host: 'mail.example.test', tls: 'starttls', ...signIn });
    await mailer.send(mail());
    expect(server.received).toHaveLength(1);
    await set(server.port, { host: 'another.example.test', tls: 'starttls', ...signIn });
    expect(await failing(mailer.send(mail()))).toMatchObject({ code: 'tls', about: 'server' });
    const clear = await smtp();
    await set(clear.port, { host: 'mail.example.test', tls: 'starttls' });
    expect(await failing(mailer.send(mail()))).toMatchObject({ code: 'tls' });
    const implicit = await smtp({ ...tls, secure: true, user: secured });
    await set(implicit.port, { host: 'mail.example.test', tls: 'implicit', ...signIn });
    await mailer.send(mail());
    expect(implicit.received).toHaveLength(1);
    expect(clear.received).toEqual([]);
  });

  test('gets its password and nobody else does', async () => {
    const server = await smtp({ ...tls, user: secured });
    const there = { host: 'mail.example.test', tls: 'starttls', username: secured.name };
    const answer = await set(server.port, { ...there, password: secured.password });
    expect(answer.body.server).toMatchObject({ hasPassword: true, username: secured.name });
    // Kept where it stands, and not for another host, port or user.
    expect(
      (await set(server.port, { ...there, from: { name: 'New', address: 'new@example.org' } })).status,
    ).toBe(200);
    await mailer.send(mail());
    for (const other of [{ host: 'eve.example.test' }, { username: 'eve' }]) {
      expect((await set(server.port, { ...there, ...other })).body.errors[0].field).toBe('password');
    }
    expect((await set(server.port + 1, there)).status).toBe(422);
    // A row that was changed in the database opens none.
    await platform.pool.query(`UPDATE mail_server SET host = 'eve.example.test'`);
    expect(await failing(mailer.send(mail()))).toMatchObject({ name: 'EnvelopeError' });
    await set(server.port, { ...there, password: 'made-up-wrong-one' });
    expect(await failing(mailer.send(mail()))).toMatchObject({
      code: 'sign_in',
      permanent: false,
      about: 'server',
    });
    const { rows } = await platform.pool.query(
      `SELECT (SELECT string_agg(m::text, '') FROM mail_server m) || (SELECT string_agg(c::text, '') FROM change c) AS all`,
    );
    const everywhere =
      rows[0].all + platform.logged() + JSON.stringify((await ask('GET', '/organisation/mail-server')).body);
    expect(everywhere).not.toContain(secured.password);
    expect(everywhere).not.toContain(Buffer.from(secured.password).toString('hex'));
  });

  test('is refused where mails or a password would cross a network in clear, or lie in a private one unmeant', async () => {
    const field = async (more: object) =>
      (await set(25, { host: 'mail.example.test', ...more })).body.errors?.[0]?.field;
    expect(await field({})).toBe('tls');
    expect(await field({ allowUnencrypted: true, username: 'a', password: 'made-up' })).toBe('tls');
    expect(await field({ allowUnencrypted: true })).toBeUndefined();
    expect(await field({ host: '10.0.0.1', tls: 'starttls', private: false })).toBe('host');
    expect((await set(25, { host: 'mail example' })).status).toBe(400);
    expect((await set(25, { from: { name: 'a\r\nBcc: x', address: 'a@example.org' } })).status).toBe(400);
    // What a name turns out to be counts, too.
    const server = await smtp();
    await set(server.port, {
      host: 'mail.example.test',
      tls: 'none',
      allowUnencrypted: true,
      private: false,
    });
    expect(await failing(mailer.send(mail()))).toMatchObject({ code: 'private_address', about: 'server' });
  });

  test('is tried, and what came of it is shown and recorded without the address', async () => {
    const server = await smtp();
    await set(server.port);
    const good = await ask('POST', '/organisation/mail-server/test', { to: 'ada@example.com' });
    expect(good.body).toMatchObject({ sent: true, problem: null, response: expect.stringMatching(/^250/) });
    server.manners = { recipient: () => ({ code: 550, text: 'relaying denied' }) };
    const bad = await ask('POST', '/organisation/mail-server/test', { to: 'ada@example.com' });
    expect(bad.body).toMatchObject({ sent: false, problem: { code: 'refused', permanent: true } });
    expect((await ask('POST', '/organisation/mail-server/test', { to: 'a@b, c@d' })).status).toBe(400);
    const { rows } = await platform.pool.query(
      `SELECT act, detail::text FROM change WHERE act = 'mail_server.test'`,
    );
    expect(rows).toHaveLength(2);
    expect(JSON.stringify(rows)).not.toContain('ada@');
  });
});

test('an address is one address, whatever stands around it', () => {
  for (const good of [
    'a@b',
    'ada.example+x@mail.example.com',
    'jürgen@bücher.example',
    "o'brien@example.ie",
  ]) {
    expect([good, isAddress(good)]).toEqual([good, true]);
  }
  for (const bad of [
    '',
    'a',
    '@b',
    'a@',
    'a b@c',
    'a@b c',
    'a@b,c@d',
    'a@-b',
    'a..b@c',
    '.a@b',
    'a@b.',
    '<a@b>',
    'a@b>',
    'a@[1.2.3.4]',
    `${'a'.repeat(65)}@b`,
  ]) {
    expect([bad, isAddress(bad)]).toEqual([bad, false]);
  }
  fc.assert(
    fc.property(
      fc.string(),
      fc.constantFrom('\r\n', '\n', ' ', ',', ';', '<', '>', '"', '\0', '\u2028', '\t'),
      fc.string(),
      (a, mark, b) => {
        expect(isAddress(`${a}${mark}${b}@example.com`)).toBe(false);
        expect(isAddress(`a@${a}${mark}${b}`)).toBe(false);
      },
    ),
  );
});
