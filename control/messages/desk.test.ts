import { mail, now } from '@drawbridge/authenticity/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testCaller } from '../platform/testing.ts';
import { noRecords } from './claims.ts';
import type { MessageDetail, Taken } from './index.ts';
import { testDesk } from './testing.ts';

/** The verify desk as it is asked for, on a real database. Vendors, people and messages are made up. */

type Desk = Awaited<ReturnType<typeof testDesk>>;
let desk: Desk;
beforeAll(async () => {
  desk = await testDesk();
});
afterAll(() => desk.platform.close());
const analyst = testCaller({ id: 'person-1', name: 'Ada Example' });
const member = {
  ...testCaller({ id: 'person-2', name: 'Bo Example' }),
  roles: ['member' as const],
  actions: new Set(['message.report' as const]),
};

beforeEach(async () => {
  desk.said.who = analyst;
  desk.said.used = new Set();
  desk.said.records = async () => noRecords;
  desk.said.holds = null;
  desk.said.incidents = [];
  desk.said.ready = false;
  desk.said.sent = [];
  desk.said.retentionDays = 30;
  await desk.platform.pool.query(
    'TRUNCATE message, message_campaign, message_verdict, sender, sender_review, vendor_address, vendor_dashboard, message_rejudging, job',
  );
});

async function ask(method: string, path: string, body?: unknown, type = 'application/json') {
  const bytes = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  const answer = await desk.app.request(path, {
    method,
    headers: { 'content-type': type, 'x-drawbridge-reason': 'a test' },
    ...(body === undefined ? {} : { body: bytes ? (body as string) : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, text, json: <T = MessageDetail>() => JSON.parse(text) as T };
}
const hand = (raw: string | Uint8Array, type = 'message/rfc822', query = '') =>
  ask('POST', `/messages${query}`, raw, type);
const taken = (raw: Buffer, more: Partial<Taken> = {}): Taken => ({
  raw,
  form: 'mail',
  channel: 'mail',
  came: 'mailbox',
  arrival: 'file',
  sender: null,
  envelope: null,
  reporter: { id: 'person-2', name: 'Bo Example' },
  receivedAt: new Date(desk.platform.clock.now()),
  ...more,
});
const lure = (host: string, greeting = 'Hello') =>
  Buffer.from(
    [
      'From: Acme AI Support <help@acme-ai-billing.example>',
      'To: ada@ours.example',
      'Subject: Your account will be closed today',
      'Message-ID: <9@made-up.example>',
      '',
      `${greeting}, your organisation could not be verified by our billing team and will be closed today unless you confirm your details.`,
      `Open https://${host}/confirm and enter your password to keep using the service without interruption for your colleagues.`,
    ].join('\r\n'),
  );
const count = async (table: string): Promise<number> =>
  Number((await desk.platform.pool.query(`SELECT count(*) FROM ${table}`)).rows[0]?.count);

describe('a message that is handed in', () => {
  test('is judged, with a sentence, three reasons at most and the register’s own link', async () => {
    const { raw, resolver } = await mail();
    desk.said.resolver = resolver;
    const { id } = await desk.messages.take(taken(raw, { receivedAt: now }));
    const read = (await ask('GET', `/messages/${id}`)).json();
    expect([read.verdict, read.vendor, read.topic, read.state]).toEqual([
      'verified-authentic',
      { id: 'acme-ai', name: 'Acme AI' },
      'usage',
      'open',
    ]);
    expect(read.sentence).toMatch(/^This message is from Acme AI\./);
    expect(read.reasons.length).toBeLessThanOrEqual(3);
    expect(read.dashboard?.url).toBe('https://platform.acmeai.com/');
    expect(read.dns.map(({ name }) => name)).toContain('s1._domainkey.acmeai.com');
    expect(read.history).toHaveLength(1);
  });

  test('that imitates a vendor is said to, its links defanged, and only to those who may see it', async () => {
    desk.said.who = member;
    const handed = await hand(lure('acme-confirm.example'));
    expect(handed.status).toBe(201);
    const { id, verdict, links, from } = handed.json();
    expect([verdict, from?.address]).toEqual(['likely-impersonation', 'help@acme-ai-billing.example']);
    expect(links.join()).not.toContain('https://');
    const { text } = (await ask('GET', `/messages/${id}/text`)).json<{ text: string }>();
    expect(text).toContain('acme-confirm[.]example');
    expect(text).not.toContain('https://acme-confirm.example');

    desk.said.who = { ...member, id: 'person-3' };
    expect((await ask('GET', `/messages/${id}`)).status).toBe(404);
    expect((await ask('GET', `/messages/${id}/text`)).status).toBe(404);
    expect((await ask('POST', `/messages/${id}/answer`, { there: true })).status).toBe(404);
    expect((await ask('GET', '/messages')).json<{ items: unknown[] }>().items).toEqual([]);
    expect((await ask('GET', '/messages?mine=false')).status).toBe(403);
  });

  test('leaves nothing that can be read in the database', async () => {
    await hand(lure('acme-confirm.example'));
    const { rows } = await desk.platform.pool.query('SELECT message::text AS line FROM message');
    const all = rows.map(({ line }) => line).join('\n');
    const inHex = (text: string) => Buffer.from(text).toString('hex');
    for (const word of ['acme-ai-billing', 'ada@ours', 'closed today', 'acme-confirm'])
      for (const form of [word, inHex(word)]) expect(all).not.toContain(form);
  });

  test('as a pasted text is never verified', async () => {
    const note =
      'Acme AI: your API key was disabled. Reply with your API key or call +49 30 1234567 at once.';
    const { json } = await hand(note, 'text/plain', '?channel=sms&sender=Acme&came=paste');
    expect([json().verdict, json().channel, json().from?.name]).toEqual([
      expect.not.stringContaining('verified-authentic'),
      'sms',
      'Acme',
    ]);
  });

  test('twice at once under one key is one message', async () => {
    const all = await Promise.all(
      [1, 2, 3, 4].map(() => desk.messages.take(taken(lure('a.example'), { key: 'imap 7' }))),
    );
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(await count('message')).toBe(1);
  });

  test.each<[string, () => Promise<{ status: number; text: string }>, number, string]>([
    ['empty', () => hand('', 'text/plain'), 422, 'message_empty'],
    ['no mail at all', () => hand('just words', 'message/rfc822'), 422, 'not_a_message'],
    ['larger than 25 MB', () => hand(Buffer.alloc(25 * 1024 * 1024 + 1, 'a')), 413, 'message_too_large'],
    ['a text that never ends', () => hand('a'.repeat(90_000), 'text/plain'), 413, 'message_too_large'],
    ['of another type', () => hand('x', 'application/zip'), 415, 'not_read'],
  ])('and is %s is refused, and nothing stays', async (_, send, status, code) => {
    const answer = await send();
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(code)]);
    expect(await count('message')).toBe(0);
  });

  test('by somebody who is none of ours keeps their address sealed', async () => {
    await desk.messages.take(
      taken(lure('a.example'), { reporter: { address: 'stranger@elsewhere.example' } }),
    );
    const { rows } = await desk.platform.pool.query('SELECT reporter_id, reporter FROM message');
    expect(rows).toEqual([{ reporter_id: null, reporter: null }]);
  });

  test('by mail of one of ours is theirs', async () => {
    await desk.messages.take(taken(lure('a.example'), { reporter: { address: 'ada@ours.example' } }));
    expect((await ask('GET', '/messages?mine=true')).json<{ items: unknown[] }>().items).toHaveLength(1);
  });
});

describe('what we know', () => {
  test('lowers a verdict that everything else would raise', async () => {
    const { raw, resolver } = await mail();
    desk.said.resolver = resolver;
    const entered = await ask('POST', '/vendor-addresses', {
      vendor: 'acme-ai',
      address: 'acme@ours.example',
    });
    expect(entered.status).toBe(201);
    const { id } = await desk.messages.take(taken(raw, { receivedAt: now }));
    const read = (await ask('GET', `/messages/${id}`)).json();
    expect(read.verdict).not.toBe('verified-authentic');
    expect(read.account.registeredAddress).toBe(false);
    expect(read.evidence.map(({ signal }) => signal)).toContain('not_our_address');
  });

  test('which mailbox it came to: a copy that is addressed to others is not verified, also when it is judged again', async () => {
    const { raw, resolver } = await mail();
    desk.said.resolver = resolver;
    const verdictAt = async (mailboxes: string[], key: string) => {
      const { id, verdict } = await desk.messages.take(
        taken(raw, { arrival: 'fetched', mailboxes, key, receivedAt: now }),
      );
      return { id, verdict };
    };
    for (const [key, ours] of [[], ['ada@ours.example'], ['desk@ours.example', '@ours.example']].entries())
      expect((await verdictAt(ours, `${key}`)).verdict).toBe('verified-authentic');
    const { id, verdict } = await verdictAt(['desk@else.example', '@else.example'], 'else');
    expect(verdict).toBe('unverified');
    const signals = async () =>
      (await ask('GET', `/messages/${id}`)).json().evidence.map(({ signal }) => signal);
    expect(await signals()).toContain('not_addressed');
    const running = desk.messages.start();
    await ask('POST', '/senders', {
      vendor: 'codehost',
      is: 'else.example',
      class: 'vendor',
      reason: 'A test',
    });
    await expect
      .poll(
        async () =>
          (await desk.platform.pool.query('SELECT ended_at FROM message_rejudging')).rows[0]?.ended_at,
      )
      .not.toBeNull();
    await running.stop();
    expect(await signals()).toContain('not_addressed');
  });

  test('contradicts a claim, with the page that shows it', async () => {
    desk.said.records = async (_vendor, _recipients, at) => ({
      ...noRecords,
      gateway: { answeredAt: at, unauthorisedAt: null, limitedAt: null, answers: 3 },
    });
    const { json } = await hand(
      'Acme AI: your API key was disabled',
      'text/plain',
      '?channel=chat&sender=Acme',
    );
    expect(json().claims).toEqual([
      expect.objectContaining({
        claim: 'key_disabled',
        result: 'contradicted',
        href: expect.stringContaining('acme-ai'),
      }),
    ]);
  });
});

describe('messages that are alike', () => {
  test('of one shape from different places, and of one place in different words, are one campaign', async () => {
    await hand(lure('one.example', 'Hello Ada'));
    await hand(lure('two.example', 'Hello Bo'));
    await hand(
      Buffer.from(
        'From: Acme AI <x@other-sender.example>\r\nSubject: Invoice\r\n\r\nPay here: https://two.example/pay\r\n',
      ),
    );
    const { items } = (await ask('GET', '/campaigns')).json<{
      items: { messages: number; infrastructure: string[] }[];
    }>();
    expect(items).toHaveLength(1);
    expect(items[0]?.messages).toBe(3);
    expect(items[0]?.infrastructure).toEqual(expect.arrayContaining(['one.example', 'two.example']));
  });

  test('of vendors’ own places are not', async () => {
    for (const word of ['first', 'second'])
      await hand(
        Buffer.from(`From: A <a@acmeai.com>\r\nSubject: ${word}\r\n\r\nhttps://acmeai.com/${word}\r\n`),
      );
    expect((await ask('GET', '/campaigns')).json<{ items: unknown[] }>().items).toEqual([]);
  });

  test('are worse when one was not there, which suggests an incident', async () => {
    const [one, two] = [(await hand(lure('one.example'))).json(), (await hand(lure('one.example'))).json()];
    const answered = (await ask('POST', `/messages/${one.id}/answer`, { there: false })).json();
    expect([answered.answer?.there, answered.suggestsIncident]).toEqual([false, true]);
    const sibling = (await ask('GET', `/messages/${two.id}`)).json();
    expect(sibling.harm).toBeGreaterThan(two.harm);
    const said = await desk.platform.pool.query(`SELECT act FROM change WHERE subject_id = $1`, [one.id]);
    expect(said.rows.map(({ act }) => act)).toContain('message.not_there');

    const opened = await ask('POST', `/messages/${one.id}/incident`, { title: 'Letters that pass for Acme' });
    expect(opened.status).toBe(201);
    const { incident } = opened.json<{ incident: string }>();
    expect(
      (await ask('GET', `/messages/${two.id}`)).json<MessageDetail & { incident: string }>().incident,
    ).toBe(incident);
    expect((await ask('POST', `/messages/${one.id}/incident`, { title: 'Again' })).status).toBe(409);
  });
});

test('an incident has the playbook of what the message is about, or the one that is said', async () => {
  const opened = async (text: string, more: object = {}) => {
    const { id } = (await hand(text, 'text/plain', '?channel=chat')).json();
    const answer = await ask('POST', `/messages/${id}/incident`, { title: 'A letter', ...more });
    if (answer.status !== 201) return answer.status;
    const { incident } = answer.json<{ incident: string }>();
    const found = await desk.platform.pool.query('SELECT playbook FROM incident WHERE id = $1', [incident]);
    return found.rows[0]?.playbook;
  };
  const ofKey = 'Acme AI security alert: your API key was exposed and has been revoked.';
  const ofMoney = 'Acme AI: the payment of your invoice failed, pay now.';
  expect(await opened(ofKey)).toBe('vendor-key-leak');
  expect(await opened(ofMoney)).toBe('vendor-data-breach');
  desk.said.who = { ...analyst, actions: new Set(['message.report', 'message.read', 'message.decide']) };
  expect(await opened(`${ofMoney} Soon.`)).toBe(403);
  desk.said.who = analyst;
  expect(await opened(`${ofMoney} Today.`, { playbook: 'vendor-key-leak' })).toBe('vendor-key-leak');
  expect(await opened(`${ofMoney} At once.`, { playbook: 'no-such' })).toBe(422);
});

test('what was not there is told to everybody until it is closed, and can be taken back', async () => {
  const watching = desk.messages.start();
  try {
    const [one, two] = [(await hand(lure('one.example'))).json(), (await hand(lure('one.example'))).json()];
    expect(desk.messages.warning()).toBeNull();
    const harms = async () => {
      const both = await Promise.all([one, two].map(({ id }) => ask('GET', `/messages/${id}`)));
      return both.map((answer) => answer.json().harm);
    };
    const before = await harms();
    for (const there of [false, false, true, false, true])
      await ask('POST', `/messages/${one.id}/answer`, { there });
    expect(await harms()).toEqual(before);
    await ask('POST', `/messages/${one.id}/answer`, { there: false });
    await expect.poll(() => desk.messages.warning()).toMatch(/of Acme AI says, and it was not there/);
    await ask('POST', '/messages/closing', { messages: [one.id], as: 'impersonation', reason: 'A lure' });
    await expect.poll(() => desk.messages.warning()).toBeNull();
  } finally {
    await watching.stop();
  }
});

describe('the queue', () => {
  test('has the most harmful first, page by page', async () => {
    await hand('Hello from nobody in particular', 'text/plain', '?channel=chat');
    await hand(lure('one.example'));
    await hand('Another text of no vendor at all', 'text/plain', '?channel=chat');
    const harms: number[] = [];
    let cursor = '';
    do {
      const { items, next } = (await ask('GET', `/messages?state=open&limit=1${cursor}`)).json<{
        items: { harm: number }[];
        next: string | null;
      }>();
      harms.push(...items.map(({ harm }) => harm));
      cursor = next === null ? '' : `&cursor=${encodeURIComponent(next)}`;
    } while (cursor !== '');
    expect(harms).toEqual(harms.toSorted((a, b) => b - a));
    expect(harms).toHaveLength(3);
    expect((await ask('GET', '/messages?q=acme-ai-billing')).json<{ items: unknown[] }>().items).toHaveLength(
      1,
    );
  });

  test('is closed in bulk, with an answer to those who handed in, and what can’t be is told', async () => {
    desk.said.ready = true;
    const ids = await Promise.all([1, 2].map(async () => (await hand(lure('one.example'))).json().id));
    const other = '00000000-0000-4000-8000-000000000000';
    const closing = {
      messages: [...ids, other],
      as: 'impersonation',
      reply: 'thanks',
      reason: 'It is a lure',
    };
    const first = (await ask('POST', '/messages/closing', closing)).json<{
      closed: number;
      skipped: unknown[];
    }>();
    expect(first).toMatchObject({ closed: 2, skipped: [{ id: other, why: expect.any(String) }] });
    expect(desk.said.sent).toEqual(
      [1, 2].map(() => ({ to: 'ada@ours.example', text: expect.stringContaining('Thank you') })),
    );
    const again = (await ask('POST', '/messages/closing', closing)).json<{
      closed: number;
      skipped: unknown[];
    }>();
    expect([again.closed, again.skipped.length]).toEqual([0, 3]);
    expect((await ask('POST', '/messages/closing', { ...closing, reply: 'none-such' })).status).toBe(422);
    const { closed } = (await ask('POST', `/messages/${ids[0]}/reopening`, { reason: 'Look again' })).json();
    expect(closed).toBeNull();
    expect((await ask('GET', '/message-counts')).json<{ open: number }>().open).toBe(1);
  });
});

describe('what the organisation says of senders', () => {
  test('re-judges the past by the DNS of the time of receipt', async () => {
    const { raw, resolver } = await mail({
      from: 'Acme AI <bills@acme-billing.example>',
      signer: 'acme-billing.example',
    });
    desk.said.resolver = resolver;
    const { id, verdict } = await desk.messages.take(taken(raw, { receivedAt: now }));
    expect(verdict).toBe('unverified');
    const { items } = (await ask('GET', '/sender-reviews')).json<{
      items: { id: string; domain: string }[];
    }>();
    expect(items.map(({ domain }) => domain)).toEqual(['acme-billing.example']);

    // The key is gone by now: what was answered at receipt stands.
    desk.said.resolver = async () => {
      throw Object.assign(new Error('gone'), { code: 'ENOTFOUND' });
    };
    const decided = await ask('POST', `/sender-reviews/${items[0]?.id}/decision`, {
      as: 'vendor',
      reason: 'Their invoice names it',
    });
    expect(decided.status).toBe(204);
    const running = desk.messages.start();
    await expect
      .poll(
        async () =>
          (await ask('GET', '/senders/rejudging')).json<{ rejudging: { endedAt: string | null } }>().rejudging
            .endedAt,
      )
      .not.toBeNull();
    await running.stop();
    const read = (await ask('GET', `/messages/${id}`)).json();
    expect(read.verdict).toBe('verified-authentic');
    expect(read.history.map(({ verdict: one }) => one)).toEqual(['unverified', 'verified-authentic']);
  });

  test('goes before the packs, and can be taken back', async () => {
    const said = await ask('POST', '/senders', {
      vendor: 'codehost',
      is: 'acmeai.com',
      class: 'not_theirs',
      reason: 'They sold it',
    });
    expect(said.status).toBe(201);
    const { id } = said.json<{ id: string }>();
    const own = (await ask('GET', '/senders?vendor=codehost')).json<{
      items: { id: string; source: string }[];
    }>();
    expect(own.items[0]).toMatchObject({ id, source: 'organisation' });
    expect((await ask('DELETE', `/senders/${id}`)).status).toBe(204);
    expect((await ask('DELETE', `/senders/${id}`)).status).toBe(404);
    expect(
      (await ask('POST', '/senders', { vendor: 'nobody', is: 'a.example', class: 'vendor', reason: 'None' }))
        .status,
    ).toBe(422);
  });
});

describe('links and time', () => {
  test('the organisation’s own dashboard goes before the packs’', async () => {
    const own = 'https://console.ours.example/acme';
    await ask('PUT', '/vendor-dashboards/acme-ai', { url: own, reason: 'We sign in there' });
    expect((await hand(lure('one.example'))).json().dashboard?.url).toBe(own);
    expect((await ask('PUT', '/vendor-dashboards/acme-ai', { url: 'http://plain.example/' })).status).toBe(
      400,
    );
    await ask('PUT', '/vendor-dashboards/acme-ai', { url: null, reason: 'As before' });
    expect((await ask('GET', '/vendor-dashboards/acme-ai')).json<{ source: string }>().source).toBe('pack');
  });

  test('what a message says is forgotten in time; what became of it stays', async () => {
    const { id } = (await hand(lure('one.example'))).json();
    desk.platform.advance(31 * 86_400_000);
    await desk.messages.hourly[0].run(
      {},
      { platform: desk.platform, attempt: 1, stillAtIt: async () => undefined },
    );
    const read = (await ask('GET', `/messages/${id}`)).json();
    expect([read.kept.raw, read.subject, read.from, read.verdict]).toEqual([
      false,
      '',
      null,
      'likely-impersonation',
    ]);
    expect((await ask('GET', `/messages/${id}/text`)).status).toBe(410);
    const { rows } = await desk.platform.pool.query('SELECT raw, findings, hash FROM message');
    expect([rows[0]?.raw, rows[0]?.findings, rows[0]?.hash]).toEqual([null, null, expect.anything()]);
  });
});
