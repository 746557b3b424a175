import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testSealer } from '../platform/blobs/testing.ts';
import { createRouter, handleErrors, Problem } from '../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../platform/testing.ts';
import { type FetchingDeps, fetchAll } from './fetching.ts';
import { createIntake, type Intake } from './index.ts';
import { forwarded, type ImapStandIn, mailFrom, startImap } from './testing.ts';
import { testAuthority } from './testing-certificates.ts';
import type { Taken } from './types.ts';
import { signatureOf } from './webhooks.ts';

/** Folders, webhooks and settings against a real database, and a mail server in this process. Names are made up. */
let platform: TestPlatform;
let app: ReturnType<typeof createRouter>;
let intake: Intake;
let deps: FetchingDeps;
let imap: ImapStandIn;
let taken: Taken[] = [];
let failing: Error | null = null;
/** Never given twice, as the standard asks. */
let nextUid = 1;
let address = '127.0.0.1';

beforeAll(async () => {
  platform = await testPlatform();
  deps = {
    platform,
    sealer: await testSealer(platform),
    network: { resolve: async () => [{ address, family: 4 }] },
    async take(one) {
      if (failing !== null) throw failing;
      if (!taken.some(({ key }) => key === one.key)) taken.push(one);
      return { id: one.key };
    },
    keyed: async (bytes) => Buffer.from(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))),
    times: { connectMs: 1_000, silentMs: 1_000, wholeMs: 3_000 },
  };
  intake = createIntake({
    ...deps,
    certificate: async () => null,
    base: () => 'https://drawbridge.example.com/api/v1',
  });
  app = createRouter();
  app.onError(handleErrors(platform.log));
  app.route('/', intake.hooks);
  app.use('*', async (c, next) => {
    c.set('actor', testCaller());
    await next();
  });
  app.route('/', intake.routes);
});
afterAll(async () => {
  await intake.life.stop();
  await platform.close();
});
beforeEach(async () => {
  imap = await startImap();
  taken = [];
  failing = null;
  nextUid = 1;
  address = '127.0.0.1';
  await platform.pool.query('TRUNCATE intake_mailbox, intake_webhook, setting, change CASCADE');
});
afterEach(() => imap.close());

async function ask(
  method: string,
  path: string,
  body?: object | string,
  headers: Record<string, string> = {},
) {
  const response = await app.request(path, {
    method,
    headers: { 'content-type': 'application/json', 'x-drawbridge-reason': 'A test', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}
const mailbox = (more: object = {}) => ({
  host: '127.0.0.1',
  port: imap.port,
  tls: 'none',
  private: true,
  username: 'desk',
  password: 'made-up',
  ...more,
});
const add = (more: object = {}) => ask('POST', '/message-mailboxes', mailbox(more));
const only = async () => (await ask('GET', '/message-mailboxes')).body.items[0];
const put = (...mails: Buffer[]) => {
  const inbox = imap.folders.get('INBOX');
  for (const raw of mails) inbox?.mails.push({ uid: nextUid++, raw });
};
const subjects = () => taken.map(({ raw }) => /Subject: (.*)\r/.exec(raw.toString())?.[1]);
const one = mailFrom('billing@vendor.example', 'One');
const two = mailFrom('billing@vendor.example', 'Two');
const three = mailFrom('billing@vendor.example', 'Three');

describe('a folder of a mail server', () => {
  test('each message is taken once, also after a restart and where the folder is numbered anew', async () => {
    expect((await add()).status).toBe(201);
    put(one, two);
    await fetchAll(deps);
    await fetchAll(deps);
    expect(subjects()).toEqual(['One', 'Two']);
    expect(taken[0]).toMatchObject({ came: 'imap', arrival: 'fetched', envelope: null, form: 'mail' });
    const fetched = () => imap.heard.filter((text) => /^UID FETCH .*BODY/.test(text)).length;
    expect(fetched()).toBe(2);
    put(three);
    await fetchAll(deps);
    expect(fetched()).toBe(3);
    const inbox = imap.folders.get('INBOX');
    if (inbox !== undefined) inbox.uidValidity = 8;
    await fetchAll(deps);
    expect(fetched()).toBe(6);
    expect(subjects()).toEqual(['One', 'Two', 'Three']);
    expect(await only()).toMatchObject({ state: 'reading', error: null, skipped: 0 });
    expect(imap.heard.some((text) => text.startsWith('SELECT'))).toBe(false);
  });

  test('what was taken is moved or deleted, and only that', async () => {
    imap.folders.set('Read', { uidValidity: 1, mails: [] });
    await add({ after: 'move', moveTo: 'Read' });
    put(one, Buffer.from('no mail'), two);
    await fetchAll(deps);
    expect(imap.folders.get('Read')?.mails).toHaveLength(2);
    expect(imap.folders.get('INBOX')?.mails).toHaveLength(1);
    expect(await only()).toMatchObject({ taken: 2, skipped: 1 });
    await ask('PATCH', `/message-mailboxes/${(await only()).id}`, { after: 'delete', moveTo: null });
    put(three);
    await fetchAll(deps);
    expect(subjects()).toEqual(['One', 'Two', 'Three']);
    expect(imap.folders.get('INBOX')?.mails).toHaveLength(1);
  });

  test('a message that could not be taken stays, and is taken later', async () => {
    await add({ after: 'delete' });
    put(one);
    failing = new Problem(503, 'messages_unavailable', 'Not now.');
    await fetchAll(deps);
    expect(imap.folders.get('INBOX')?.mails).toHaveLength(1);
    expect(await only()).toMatchObject({ state: 'failing', taken: 0, errorCode: 'not_taken' });
    failing = null;
    await fetchAll(deps);
    expect(subjects()).toEqual(['One']);
    expect(imap.folders.get('INBOX')?.mails).toHaveLength(0);
    expect(await only()).toMatchObject({ state: 'reading', taken: 1 });
  });

  test('killed between taking and counting: the next visit finds the same message, by the same key', async () => {
    await add();
    put(one);
    await fetchAll(deps);
    const [first] = taken;
    await platform.pool.query('UPDATE intake_mailbox SET last_uid = 0');
    taken = [];
    await fetchAll(deps);
    expect(taken[0]?.key).toBe(first?.key);
  });

  test('a forward of one of us is taken out; one of a stranger is not', async () => {
    await ask('PUT', '/message-intake', { ...(await settings()), domains: ['example.org'] });
    await add();
    put(forwarded('sam@example.org', one), forwarded('mallory@elsewhere.example', two));
    await fetchAll(deps);
    expect(taken.map(({ arrival, reporter }) => [arrival, reporter?.address ?? null])).toEqual([
      ['file', 'sam@example.org'],
      ['fetched', null],
    ]);
    // What one of us handed on was addressed to whomever; what came by itself is to be addressed to us.
    expect(taken.map(({ mailboxes }) => mailboxes)).toEqual([[], ['@example.org']]);
  });

  test.each([
    ['a server that hangs', /^(EXAMINE)$/, '', 'timeout|unreachable'],
    ['a server that ends the connection', /^(UID SEARCH)$/, 'END', 'unreachable'],
    ['an endless line', /^(UID SEARCH)$/, `* ${'9'.repeat(2_000_000)}`, 'wrong_answer|unreachable'],
    [
      'a literal larger than may be',
      /^(UID FETCH)$/,
      '* 1 FETCH (UID 1 BODY[] {900000000}\r\n',
      'wrong_answer|unreachable|timeout',
    ],
    [
      'a huge literal that is none',
      /^(UID FETCH)$/,
      '* 1 FETCH (UID 1 BODY[] {99999999999999999999}\r\n',
      'wrong_answer|unreachable|timeout',
    ],
    [
      'bad UTF-8 where an answer belongs',
      /^(EXAMINE)$/,
      '\xff\xfe\xc0\x80\r\n',
      'wrong_answer|timeout|unreachable',
    ],
  ])('%s is shown at the mailbox, and holds nothing up', async (_, which, said, codes) => {
    await add();
    put(one);
    imap.misbehave = (command, __, socket) => {
      if (!which.test(command)) return false;
      if (said === 'END') socket.destroy();
      else if (said !== '') socket.write(Buffer.from(said, 'latin1'));
      return true;
    };
    const told: string[] = [];
    const unsubscribe = platform.events.subscribe((topic) => told.push(topic));
    const began = Date.now();
    await fetchAll(deps);
    expect(Date.now() - began).toBeLessThan(8_000);
    const { state, errorCode } = await only();
    expect(state).toBe('failing');
    expect(errorCode).toMatch(new RegExp(`^(${codes})$`));
    expect(taken).toEqual([]);
    imap.misbehave = null;
    await fetchAll(deps);
    expect(subjects()).toEqual(['One']);
    // Once for each change of its state: it fails, it reads again.
    await fetchAll(deps);
    unsubscribe();
    expect(told).toEqual(['messages', 'messages']);
  });

  test.each([
    ['a negative size', 'UID FETCH', '* 1 FETCH (UID 1 RFC822.SIZE -5)\r\n', true],
    ['a negative literal', 'UID FETCH', '* 1 FETCH (UID 1 BODY[]<0> {-5}\r\n', false],
    ['answers without end', 'UID SEARCH', `* OK ${'spam '.repeat(100)}\r\n`.repeat(20_000), false],
    ['numbers that are none', 'UID SEARCH', '* SEARCH -1 0 99999999999999999999 1.5 x 4294967296\r\n', true],
    ['no UIDVALIDITY', 'EXAMINE', '* 1 EXISTS\r\n', true],
    ['a UIDVALIDITY of nought', 'EXAMINE', '* 1 EXISTS\r\n* OK [UIDVALIDITY 0] x\r\n', true],
  ])('a server that says %s loses nothing of what comes later', async (_, which, said, ends) => {
    await add({ after: 'delete' });
    put(one);
    imap.misbehave = (command, __, socket, tag) => {
      if (command !== which && !(which === 'EXAMINE' && command === 'SELECT')) return false;
      socket.write(`${said}${ends ? `${tag} OK done\r\n` : ''}`);
      return true;
    };
    const before = process.memoryUsage().rss;
    const began = Date.now();
    await fetchAll(deps);
    expect(Date.now() - began).toBeLessThan(8_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
    expect(imap.folders.get('INBOX')?.mails).toHaveLength(1);
    imap.misbehave = null;
    put(two);
    await fetchAll(deps);
    expect(subjects()).toContain('Two');
  });

  test('a server that sends a byte now and then is left after the time of one visit', async () => {
    await add();
    put(one);
    const drips: NodeJS.Timeout[] = [];
    imap.misbehave = (command, _, socket) => {
      if (command !== 'UID SEARCH') return false;
      drips.push(setInterval(() => socket.write('*'), 100));
      return true;
    };
    const began = Date.now();
    await fetchAll(deps);
    for (const drip of drips) clearInterval(drip);
    expect(Date.now() - began).toBeLessThan(6_000);
    expect(await only()).toMatchObject({ state: 'failing', errorCode: 'timeout' });
  });

  test('a folder that is numbered anew at each visit has each message once', async () => {
    await add();
    put(one, two);
    const inbox = imap.folders.get('INBOX');
    for (const uidValidity of [8, 9, 4294967295, 1]) {
      if (inbox !== undefined) inbox.uidValidity = uidValidity;
      await fetchAll(deps);
    }
    expect(subjects()).toEqual(['One', 'Two']);
    expect((await only()).state).toBe('reading');
  });

  test('a message with more lines than are read stays, and does not hold up those behind it', async () => {
    await add({ after: 'delete' });
    put(mailFrom('a@b.example', 'Bomb', '\n'.repeat(2_000_000)), two);
    await fetchAll(deps);
    expect(subjects()).toEqual(['Two']);
    expect(imap.folders.get('INBOX')?.mails).toHaveLength(1);
    expect(await only()).toMatchObject({ state: 'reading', taken: 1, skipped: 1 });
  });

  test('a database that goes away in the middle loses nothing, and it goes on where it was', async () => {
    await add({ after: 'delete' });
    put(one, two, three);
    const gone = {
      ...deps,
      async take(message: Taken) {
        const taking = await deps.take(message);
        if (taken.length === 2) await platform.pool.query('ALTER TABLE intake_mailbox RENAME TO gone');
        return taking;
      },
    };
    await expect(fetchAll(gone)).rejects.toThrow('intake_mailbox');
    await platform.pool.query('ALTER TABLE gone RENAME TO intake_mailbox');
    await fetchAll(deps);
    expect(subjects()).toEqual(['One', 'Two', 'Three']);
    expect(imap.folders.get('INBOX')?.mails).toEqual([]);
  });

  test('a server that lies about sizes, and one that answers with another message', async () => {
    await add();
    put(one, two);
    imap.misbehave = (command, text, socket, tag) => {
      if (command !== 'UID FETCH' || !text.startsWith('1 ')) return false;
      socket.write(`* 1 FETCH (UID 1 RFC822.SIZE 900000000)\r\n${tag} OK done\r\n`);
      return true;
    };
    await fetchAll(deps);
    expect(subjects()).toEqual(['Two']);
    expect(await only()).toMatchObject({ state: 'reading', skipped: 1 });
    put(three);
    imap.misbehave = (command, text, socket, tag) => {
      if (command !== 'UID FETCH' || !/BODY/.test(text)) return false;
      socket.write(`* 1 FETCH (UID 99 BODY[]<0> {${one.length}}\r\n${one.toString()})\r\n${tag} OK done\r\n`);
      return true;
    };
    await fetchAll(deps);
    expect(subjects()).toEqual(['Two']);
    expect((await only()).state).toBe('failing');
  });

  test('a certificate that can not be trusted stands at the mailbox, until it can', async () => {
    const authority = testAuthority();
    const server = await startImap({ kind: 'implicit', ...authority.of('127.0.0.1') });
    try {
      server.folders.get('INBOX')?.mails.push({ uid: 1, raw: one });
      await add({ port: server.port, tls: 'implicit' });
      await fetchAll(deps);
      const failing = await only();
      expect(failing).toMatchObject({ state: 'failing', errorCode: 'tls', taken: 0 });
      expect(failing.error).toContain(`127.0.0.1:${server.port} gave no TLS connection that can be trusted`);
      expect(server.heard).toEqual([]);
      await fetchAll({ ...deps, network: { ...deps.network, ca: authority.ca } });
      expect(await only()).toMatchObject({ state: 'reading', error: null, taken: 1 });
    } finally {
      await server.close();
    }
  });

  test('a wrong password, a folder that is not there, a private address', async () => {
    await add({ password: 'wrong' });
    await fetchAll(deps);
    const { id, errorCode } = await only();
    expect(errorCode).toBe('sign_in');
    const tried = () => ask('POST', `/message-mailboxes/${id}/test`, {});
    expect((await tried()).body).toMatchObject({ ok: false, code: 'sign_in' });
    await ask('PATCH', `/message-mailboxes/${id}`, { password: 'made-up', folder: 'None' });
    expect((await tried()).body).toMatchObject({ code: 'no_folder' });
    put(one, two);
    await ask('PATCH', `/message-mailboxes/${id}`, { folder: 'INBOX' });
    expect((await tried()).body).toMatchObject({ ok: true, waiting: 2, code: null });
    expect(taken).toEqual([]);
    await platform.pool.query("UPDATE intake_mailbox SET private = false, tls = 'none'");
    expect((await tried()).body).toMatchObject({ code: 'private_address' });
  });

  test('changed: the place stays with the folder, and begins anew with another; nothing is taken twice', async () => {
    await add();
    const { id } = await only();
    const change = (more: object) => ask('PATCH', `/message-mailboxes/${id}`, more);
    const place = async () =>
      (
        await platform.pool.query<{ uid_validity: string | null; last_uid: string }>(
          'SELECT uid_validity, last_uid FROM intake_mailbox',
        )
      ).rows.map((row) => [
        row.uid_validity === null ? null : Number(row.uid_validity),
        Number(row.last_uid),
      ]);
    put(one, two);
    await fetchAll(deps);
    expect(await place()).toEqual([[7, 2]]);
    // What does not say where it reads leaves the place, also a password that is entered anew.
    expect((await change({ after: 'delete' })).status).toBe(200);
    expect((await change({ password: 'made-up', isOn: true, after: 'keep' })).status).toBe(200);
    expect(await place()).toEqual([[7, 2]]);
    imap.folders.set('Other', {
      uidValidity: 7,
      mails: [
        { uid: 1, raw: one },
        { uid: 2, raw: three },
      ],
    });
    expect((await change({ folder: 'Other' })).body).toMatchObject({ folder: 'Other', state: 'waiting' });
    expect(await place()).toEqual([[null, 0]]);
    await fetchAll(deps);
    // Of the folder that numbers alike all is looked at, and what was taken before is known again.
    expect(subjects()).toEqual(['One', 'Two', 'Three']);
    for (const more of [{ port: imap.port, username: 'other' }, { host: 'localhost' }]) {
      await fetchAll(deps);
      expect((await change({ ...more, password: 'made-up' })).status).toBe(200);
      expect(await place()).toEqual([[null, 0]]);
      await fetchAll(deps);
      expect(await place()).toEqual([[7, 2]]);
    }
    expect(subjects()).toEqual(['One', 'Two', 'Three']);
    expect((await ask('PATCH', `/message-mailboxes/${id}`, { password: '' })).status).toBe(400);
    const { rows } = await platform.pool.query<{ detail: object }>(
      "SELECT detail FROM change WHERE act = 'message_mailbox.change' ORDER BY at, id",
    );
    expect(rows).toHaveLength(5);
    expect(JSON.stringify(rows)).not.toContain('made-up');
  });

  test('a visit that is under way while its mailbox is changed notes nothing at the new one', async () => {
    const other = await startImap();
    try {
      other.folders.set('INBOX', { uidValidity: 7, mails: [{ uid: 1, raw: three }] });
      await add();
      const { id } = await only();
      put(one, two);
      const { take } = deps;
      const during = {
        ...deps,
        async take(message: Taken) {
          if (taken.length === 0)
            await ask('PATCH', `/message-mailboxes/${id}`, { port: other.port, password: 'made-up' });
          return take(message);
        },
      };
      await fetchAll(during);
      expect(await only()).toMatchObject({ state: 'waiting', taken: 0 });
      await fetchAll(deps);
      expect(subjects()).toEqual(['One', 'Two', 'Three']);
    } finally {
      await other.close();
    }
  });

  test('the password stays with its place, and is nowhere in clear', async () => {
    await add({ password: 'quokka-made-up' });
    const { id } = await only();
    const moved = await ask('PATCH', `/message-mailboxes/${id}`, { port: 9 });
    expect(moved).toMatchObject({ status: 422, body: { errors: [{ field: 'password' }] } });
    expect((await add({ host: 'mail.example.com', private: false })).body.errors[0].field).toBe('tls');
    expect((await add({ private: false })).body.errors[0].field).toBe('host');
    expect((await add({ after: 'move' })).body.errors[0].field).toBe('moveTo');
    const { rows } = await platform.pool.query(
      'SELECT row_to_json(m)::text AS t FROM intake_mailbox m UNION ALL SELECT row_to_json(c)::text FROM change c',
    );
    expect(JSON.stringify([rows, await only()])).not.toContain('quokka-made-up');
    expect(platform.logged()).not.toContain('quokka-made-up');
    expect((await ask('DELETE', `/message-mailboxes/${id}`)).status).toBe(204);
    expect((await ask('DELETE', `/message-mailboxes/${id}`)).status).toBe(404);
  });
});

async function settings() {
  const { listener: _, hasCertificate: __, ...value } = (await ask('GET', '/message-intake')).body;
  return value;
}

describe('settings', () => {
  test('off at first, on this machine alone; what can not go together is refused', async () => {
    const value = await settings();
    expect(value).toMatchObject({ smtp: { enabled: false, host: '127.0.0.1' }, domains: [] });
    const smtp = { ...value.smtp, enabled: true };
    const wrong = async (more: object) =>
      (await ask('PUT', '/message-intake', { ...value, smtp: { ...smtp, ...more } })).body.errors?.[0]?.field;
    expect(await wrong({})).toBe('smtp.address');
    expect(await wrong({ address: ['a@example.org'], allow: [] })).toBe('smtp.allow');
    expect(await wrong({ address: ['a@example.org'], starttls: true })).toBe('smtp.starttls');
    expect(await wrong({ address: ['a@example.org'], tlsRequired: true })).toBe('smtp.tlsRequired');
    expect(await wrong({ address: ['a@example.org'], allow: ['10.0.0.0/33'] })).toBe('smtp.allow.0');
    expect(await wrong({ address: ['a@example.org\r\nb'] })).toBe('smtp.address.0');
    expect(await intake.retentionDays()).toBe(90);
    await ask('PUT', '/message-intake', { ...value, retentionDays: 30 });
    expect(await intake.retentionDays()).toBe(30);
  });
});

describe('a webhook', () => {
  const made = async () => (await ask('POST', '/message-webhooks', { name: 'Phones', channel: 'sms' })).body;
  const now = () => String(Math.floor(platform.clock.now() / 1000));
  async function hand(
    hook: { url: string; secret: string },
    body: string,
    time = now(),
    secret = hook.secret,
  ) {
    return ask('POST', new URL(hook.url).pathname.replace('/api/v1', ''), body, {
      'x-drawbridge-timestamp': time,
      'x-drawbridge-signature': `v1=${signatureOf(secret, time, Buffer.from(body))}`,
      'idempotency-key': 'made-up-key',
    });
  }
  const text = JSON.stringify({ sender: '+1 555 0100', text: 'Your key was disabled' });

  test('takes a signed text once, and nothing that is unsigned, old or changed', async () => {
    const hook = await made();
    expect(hook.url).toMatch(/^https:\/\/drawbridge\.example\.com\/api\/v1\/message-hooks\/[\w-]{43}$/);
    expect((await hand(hook, text)).status).toBe(202);
    expect((await hand(hook, text)).status).toBe(202);
    expect(taken).toHaveLength(1);
    expect(taken[0]).toMatchObject({
      form: 'text',
      channel: 'sms',
      came: 'webhook',
      arrival: 'text',
      sender: '+1 555 0100',
    });
    const refused = { status: 401, body: { code: 'not_signed' } };
    expect(await hand(hook, text, now(), 'another')).toMatchObject(refused);
    const old = String(Number(now()) - 301);
    expect(await hand(hook, text, old)).toMatchObject(refused);
    expect(await hand(hook, text, String(Number(now()) + 301))).toMatchObject(refused);
    const path = new URL(hook.url).pathname.replace('/api/v1', '');
    const changed = await ask('POST', path, text.replace('key', 'kay'), {
      'x-drawbridge-timestamp': now(),
      'x-drawbridge-signature': `v1=${signatureOf(hook.secret, now(), Buffer.from(text))}`,
    });
    expect(changed).toMatchObject(refused);
    expect(
      await hand({ ...hook, url: `https://x.example/message-hooks/${'a'.repeat(43)}` }, text),
    ).toMatchObject(refused);
    expect(await ask('POST', path, text)).toMatchObject(refused);
    expect(taken).toHaveLength(1);
    await ask('DELETE', `/message-webhooks/${hook.id}`);
    expect(await hand(hook, text)).toMatchObject(refused);
  });

  test('no other form of time or signature is taken, and none that somebody else signed', async () => {
    const [hook, other] = [await made(), await made()];
    const path = new URL(hook.url).pathname.replace('/api/v1', '');
    const signed = (time: string, secret = hook.secret, body = text) =>
      `v1=${signatureOf(secret, time, Buffer.from(body))}`;
    const time = now();
    for (const [at, signature] of [
      [time, signed(time).toUpperCase()],
      [time, signed(time).replace('v1=', 'v0=')],
      [time, signed(time).replace('v1=', '')],
      [time, `${signed(time)},v1=${'0'.repeat(64)}`],
      [time, signed(time).slice(0, -1)],
      [time, 'v1='],
      [time, ''],
      [time, signed(time, other.secret)],
      [`${time}.0`, signed(`${time}.0`)],
      [`+${time}`, signed(`+${time}`)],
      [`${Number(time) / 1e9}e9`, signed(`${Number(time) / 1e9}e9`)],
      [`-${time}`, signed(`-${time}`)],
      [`${time}000`, signed(`${time}000`)],
      ['', signed('')],
      // The full stop between time and body does not move: what was signed with one is not good for another.
      [time.slice(0, -1), signed(time)],
    ] as const) {
      const answer = await ask('POST', path, text, {
        'x-drawbridge-timestamp': at,
        'x-drawbridge-signature': signature,
      });
      expect([at, signature, answer.status]).toEqual([at, signature, 401]);
    }
    expect(taken).toEqual([]);
    for (const body of [
      '[]',
      'null',
      '"x"',
      '[[[['.repeat(10_000),
      '{"text":"a","__proto__":{"channel":"sms"}}',
    ])
      expect([body.slice(0, 50), (await hand(hook, body)).status]).toEqual([body.slice(0, 50), 400]);
    // A body that does not end costs no more than is read of it.
    let given = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        given += 1;
        controller.enqueue(new Uint8Array(16 * 1024));
      },
    });
    const huge = await app.request(path, { method: 'POST', body: endless, duplex: 'half' } as RequestInit);
    expect(huge.status).toBe(413);
    expect(given).toBeLessThan(20);
    expect(taken).toEqual([]);
  });

  test('says what is wrong with a body, takes no large one, and no more than sixty a minute', async () => {
    const hook = await made();
    expect((await hand(hook, '{')).status).toBe(400);
    expect((await hand(hook, JSON.stringify({ text: 'a\0b' }))).body.errors[0].field).toBe('text');
    expect((await hand(hook, JSON.stringify({ text: 'a', sender: 'x\r\ny' }))).body.errors[0].field).toBe(
      'sender',
    );
    expect((await hand(hook, JSON.stringify({ text: 'x'.repeat(70_000) }))).status).toBe(413);
    for (let n = 0; n < 57; n++) await hand(hook, JSON.stringify({ text: `Message ${n}` }));
    expect(await hand(hook, text)).toMatchObject({ status: 429, body: { code: 'too_many_messages' } });
    platform.advance(60_000);
    expect((await hand(hook, text)).status).toBe(202);
  });

  test('its token is kept as a hash, its secret sealed', async () => {
    const hook = await made();
    const { rows } = await platform.pool.query(
      'SELECT row_to_json(w)::text AS t FROM intake_webhook w UNION ALL SELECT row_to_json(c)::text FROM change c',
    );
    const hex = (value: string) => Buffer.from(value).toString('hex');
    const kept = JSON.stringify([rows, (await ask('GET', '/message-webhooks')).body]);
    for (const value of [hook.secret, hook.url.split('/').at(-1) ?? '']) {
      expect(kept).not.toContain(value);
      expect(kept).not.toContain(hex(value));
    }
  });
});
