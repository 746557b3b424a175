import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type StandIn, startSmtp } from '../mail/testing.ts';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { eraseRecipients, type PersonToTell } from './index.ts';
import { recipientsDigest } from './notices.ts';
import type { NoticeView } from './schemas.ts';
import type { Sheet } from './sheet.ts';
import { madeUpBlast, type NoticeHouse, noticeHouse } from './testing.ts';

/** Notices from the fact sheet to the mail, on a real database and a real mail server in this process. People are made up. */
let platform: TestPlatform;
let house: NoticeHouse;
let smtp: StandIn;
let people: PersonToTell[][] = [];
let blast = madeUpBlast();

beforeAll(async () => {
  platform = await testPlatform();
  smtp = await startSmtp();
  house = await noticeHouse(platform, {
    blast: () => blast,
    people: async function* () {
      for await (const batch of people) yield batch;
    },
  });
});
afterAll(async () => {
  await smtp.close();
  await platform.close();
});
beforeEach(async () => {
  await platform.pool.query('TRUNCATE incident, change, mail_server, setting CASCADE');
  smtp.received.length = 0;
  smtp.manners = {};
  blast = madeUpBlast();
  people = [];
  house.as('person-1');
  await house.ask('PUT', '/organisation/mail-server', {
    host: '127.0.0.1',
    port: smtp.port,
    tls: 'none',
    private: true,
    from: { name: 'Example Org', address: 'notices@example.org' },
    reason: 'A test',
  });
  await house.ask('PUT', '/organisation/notices', {
    name: 'Example Org',
    contact: 'privacy@example.org',
    informationPage: 'https://example.org/incident',
    reason: 'A test',
  });
});
afterEach(() => {
  smtp.manners = {};
});

async function open(given: object = {}): Promise<string> {
  const { body } = await house.ask('POST', '/incidents', {
    title: 'Vendor was smished',
    playbook: 'made-up',
    party: 'mixpanel',
    reason: 'A test',
    ...given,
  });
  return body.id;
}
const fact = (en: string, de: string, grade = 'declared') => ({
  text: { en, de },
  grade,
  source: 'the vendor’s notice',
});
async function keep(id: string, change: (sheet: Sheet) => void = () => undefined) {
  const { body } = await house.ask('GET', `/incidents/${id}/fact-sheet`);
  const sheet: Sheet = body.sheet;
  for (const one of [...sheet.notAffected.map(({ label }) => label), ...sheet.unknowns])
    one.de = one.de || `${one.en} (deutsch)`;
  sheet.facts.what_happened = fact(
    'Somebody took a data set.',
    'Jemand hat einen Datenbestand entwendet.',
  ) as Sheet['facts']['what_happened'];
  change(sheet);
  return house.ask('PUT', `/incidents/${id}/fact-sheet`, { sheet, basedOn: body.version });
}
async function begin(
  id: string,
  template = 'persons',
  language = 'en',
  more: object = {},
): Promise<NoticeView> {
  const { status, body } = await house.ask('POST', `/incidents/${id}/notices`, {
    template,
    language,
    ...more,
  });
  expect([status, body.detail]).toEqual([201, undefined]);
  return body;
}
const act = (id: string, notice: NoticeView | string, what: string, body: object = {}) =>
  house.ask(
    'POST',
    `/incidents/${id}/notices/${typeof notice === 'string' ? notice : notice.id}/${what}`,
    body,
  );
const read = async (id: string, notice: NoticeView): Promise<NoticeView> =>
  (await house.ask('GET', `/incidents/${id}/notices/${notice.id}`)).body;
async function approve(id: string, notice: NoticeView): Promise<void> {
  house.as('person-1');
  expect((await act(id, notice, 'review')).body.detail).toBeUndefined();
  house.as('person-2');
  const { version } = await read(id, notice);
  const { status, body } = await act(id, notice, 'approval', {
    version,
    decision: 'approve',
    reason: 'I read it',
  });
  expect([status, body.detail]).toEqual([200, undefined]);
  house.as('person-1');
}
const addresses = (list: readonly string[]): PersonToTell[] =>
  list.map((address, at) => ({ key: `person:${at + 1}`, recipient: { address, name: null } }));
/** A notice to persons, approved, with these recipients. */
async function ready(id: string, list: readonly string[]): Promise<NoticeView> {
  await keep(id);
  const notice = await begin(id);
  people = [addresses(list)];
  expect((await act(id, notice, 'recipients/collected')).body.recipients).toBe(list.length);
  await approve(id, notice);
  return notice;
}
const states = async (notice: NoticeView) =>
  (
    await platform.pool.query('SELECT n, state FROM notice_recipient WHERE notice = $1 ORDER BY n', [
      notice.id,
    ])
  ).rows.map(({ state }) => state);
const changes = async (act: string) =>
  (await platform.pool.query('SELECT detail FROM change WHERE act = $1 ORDER BY seq', [act])).rows.map(
    ({ detail }) => detail,
  );

describe('a fact sheet', () => {
  test('begins with what is claimed and what the blast radius shows, each with its grade, and the rest unknown', async () => {
    const id = await open();
    await house.ask('POST', `/incidents/${id}/claims`, {
      about: 'vendor_told_us',
      text: 'On 25 November',
      source: 'mail of the vendor',
      learnedAt: '2025-11-25T18:00:00Z',
      confidence: 'likely',
    });
    const { body } = await house.ask('GET', `/incidents/${id}/fact-sheet`);
    expect(body.version).toBe(0);
    expect(body.sheet.facts.aware).toMatchObject({
      grade: 'declared',
      source: 'mail of the vendor',
      text: { en: 'On 25 November' },
    });
    expect(body.sheet.facts.people).toMatchObject({
      grade: 'observed',
      text: { en: expect.stringContaining('1204 people') },
    });
    expect(body.sheet.facts.cause).toEqual({ text: { en: '', de: '' }, grade: 'unknown', source: '' });
    expect(body.sheet.notAffected.map(({ basis }: { basis: string }) => basis)).toEqual([
      'no_record',
      'proven',
    ]);
    // Nothing of it lies in clear.
    await keep(id);
    const { rows } = await platform.pool.query(
      `SELECT string_agg(t::text, '') AS all FROM (SELECT f::text AS t FROM fact_sheet f UNION ALL SELECT c::text FROM change c UNION ALL SELECT e::text FROM incident_entry e) everything`,
    );
    expect(rows[0].all).not.toContain('Somebody took');
  });

  test('lets nobody type that something is proven, or state without saying whose word it is', async () => {
    const id = await open();
    const wrong = async (change: (sheet: Sheet) => void) => (await keep(id, change)).body.errors?.[0]?.field;
    expect(
      await wrong((sheet) =>
        sheet.notAffected.push({
          label: { en: 'All', de: 'Alles' },
          basis: 'proven',
          source: 'me',
          class: 'person.name',
        }),
      ),
    ).toBe('notAffected.2.basis');
    blast = madeUpBlast({ notAffected: [] });
    expect(
      await wrong((sheet) =>
        sheet.notAffected.push({
          label: { en: 'Prompts', de: 'Texte' },
          basis: 'proven',
          source: 'me',
          class: 'content.prompt',
        }),
      ),
    ).toBe('notAffected.0.basis');
    expect(
      await wrong((sheet) =>
        sheet.notAffected.push({
          label: { en: 'All', de: 'Alles' },
          basis: 'declared',
          source: '',
          class: null,
        }),
      ),
    ).toBe('notAffected.0.source');
    expect(
      await wrong((sheet) => {
        sheet.facts.cause = { text: { en: 'x', de: '' }, grade: 'observed', source: '' };
      }),
    ).toBe('facts.cause.source');
    expect(
      await wrong((sheet) => {
        sheet.facts.cause = { text: { en: 'a\u202eb', de: '' }, grade: 'unknown', source: '' };
      }),
    ).toBe('sheet.facts.cause.text.en');
  });

  test('is kept by one of two who change it at once, and each version says what it changed', async () => {
    const id = await open();
    await keep(id);
    const { body } = await house.ask('GET', `/incidents/${id}/fact-sheet`);
    const entry = (cause: string) => ({
      basedOn: 1,
      sheet: { ...body.sheet, facts: { ...body.sheet.facts, cause: fact(cause, cause) } },
    });
    const both = await Promise.all(
      ['a', 'b'].map((cause) => house.ask('PUT', `/incidents/${id}/fact-sheet`, entry(cause))),
    );
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    const { body: versions } = await house.ask('GET', `/incidents/${id}/fact-sheet/versions`);
    expect(
      versions.items.map((one: { version: number; changed: string[] }) => [one.version, one.changed]),
    ).toEqual([
      [2, ['cause']],
      [1, []],
    ]);
  });
});

describe('a notice', () => {
  test('says what is known with its grade, what is not as not known, and always what was not affected', async () => {
    const id = await open();
    await keep(id);
    const { text } = await begin(id);
    expect(text).toContain('Somebody took a data set. (as stated by: the vendor’s notice)');
    expect(text).toContain('When: Not known yet.');
    expect(text).toContain('- Not among what was sent: Prompts');
    expect(text).toContain('- No record in the traffic that we saw; that is no proof: Card number');
    const german = await begin(id, 'persons', 'de');
    expect(german.text).toContain(
      'Jemand hat einen Datenbestand entwendet. (nach Angabe von: the vendor’s notice)',
    );
    expect(german.text).toContain('Wann: Noch nicht bekannt.');
    expect(german.text).toContain('## Was nicht betroffen war');
  });

  test('is made of every template in every language, and none lacks a part of its own', async () => {
    const id = await open();
    await keep(id);
    const { body } = await house.ask('GET', '/notice-templates');
    expect(body.items).toHaveLength(12);
    for (const { id: template, ownScope } of body.items) {
      for (const language of ['en', 'de']) {
        const more = ownScope ? { reader: { name: 'Customer Ltd', scope: 'Three names' } } : {};
        const notice = await begin(id, template, language, more);
        expect([template, language, notice.problems.filter(({ blocking }) => blocking)]).toEqual([
          template,
          language,
          [],
        ]);
        expect(notice.text).not.toMatch(/\{[a-z_.]+\}/);
        if (template !== 'vendor')
          expect(notice.text).toContain(language === 'en' ? 'not affected' : 'nicht betroffen');
      }
    }
  });

  test('to a customer speaks of that customer alone', async () => {
    const id = await open();
    await keep(id);
    expect(
      (await house.ask('POST', `/incidents/${id}/notices`, { template: 'customers', language: 'en' })).status,
    ).toBe(422);
    const { text, subject } = await begin(id, 'customers', 'en', {
      reader: { name: 'Customer Ltd', scope: 'Names and addresses of 3 people of yours' },
    });
    expect(subject).toContain('Customer Ltd');
    expect(text).toContain('Names and addresses of 3 people of yours');
    expect(text).not.toContain('1204');
    expect(
      (
        await house.ask('POST', `/incidents/${id}/notices`, {
          template: 'persons',
          language: 'en',
          reader: { name: 'a', scope: 'b' },
        })
      ).status,
    ).toBe(422);
  });

  test('to the vendor quotes the agreement and asks what is open', async () => {
    const id = await open();
    await keep(id);
    const { text } = await begin(id, 'vendor');
    expect(text).toContain(
      'Data processing agreement, signed on 2024-01-31: Clause 7: breach told within 24 hours',
    );
    expect(text).toContain('1. What did they take?');
  });

  test('is not handed on with a link, a claim of absence, a missing part, or a fact in another language alone', async () => {
    const id = await open();
    await keep(id, (sheet) => {
      sheet.facts.advice = { text: { en: 'Be careful.', de: '' }, grade: 'declared', source: 'us' };
      sheet.notAffected = sheet.notAffected.filter(({ basis }) => basis === 'no_record');
    });
    const notice = await begin(id);
    const codes = async (text: string) => {
      const { version } = await read(id, notice);
      await house.ask('PATCH', `/incidents/${id}/notices/${notice.id}`, {
        basedOn: version,
        text: { subject: notice.subject, text },
      });
      const { problems } = await read(id, notice);
      const blocked = problems.filter(({ blocking }) => blocking).map(({ code }) => code);
      expect((await act(id, notice, 'review')).status).toBe(blocked.length === 0 ? 200 : 422);
      return blocked;
    };
    expect(await codes(`${notice.text}\n\nSign in at https://example.net/login`)).toEqual(['link']);
    expect(await codes(`${notice.text}\n\nYour password was not affected.`)).toEqual(['absence']);
    expect(await codes(notice.text.replace('## What was not affected', 'Nothing.'))).toEqual(['section']);
    expect(await codes(`${notice.text}\n\nMore at https://example.org/incident.`)).toEqual([]);
    expect((await begin(id, 'persons', 'de')).problems.map(({ code }) => code)).toContain('untranslated');
  });

  test('is approved by somebody else than who wrote text or facts, once, and in the version that was read', async () => {
    const id = await open();
    await keep(id);
    const notice = await begin(id);
    const decide = (version: number, decision = 'approve') =>
      act(id, notice, 'approval', { version, decision, reason: 'I read it' });
    expect((await decide(1)).body.code).toBe('wrong_state');
    await act(id, notice, 'review');
    expect((await decide(1)).body.code).toBe('own');
    house.as('person-2', { kind: 'token' });
    expect((await decide(1)).body.code).toBe('no_person');
    house.as('person-2', { kind: 'person' });
    expect((await decide(2)).body.code).toBe('changed_meanwhile');
    // Another one edits the text: who wrote the facts still can't approve it.
    await house.ask('PATCH', `/incidents/${id}/notices/${notice.id}`, {
      basedOn: 1,
      text: { subject: notice.subject, text: notice.text },
    });
    expect((await read(id, notice)).state).toBe('draft');
    await act(id, notice, 'review');
    expect((await decide(2)).body.code).toBe('own');
    house.as('person-1');
    expect((await decide(2)).body.code).toBe('own');
    house.as('person-3');
    // Several at once: one approves, the others hear that it is done.
    const all = await Promise.all([1, 2, 3, 4].map(() => decide(2)));
    expect(all.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409]);
    expect(await changes('notice.approve')).toHaveLength(1);
    const { approved } = await read(id, notice);
    expect(approved).toMatchObject({
      by: 'Name of person-3',
      sha256: (await changes('notice.approve'))[0].sha256,
    });
    // An edit takes the approval away.
    await house.ask('PATCH', `/incidents/${id}/notices/${notice.id}`, { basedOn: 2, text: null });
    expect(await read(id, notice)).toMatchObject({ state: 'draft', approved: null });
    expect((await act(id, notice, 'sending')).body.code).toBe('wrong_state');
  });

  test('that follows an earlier one says what changed, and goes to those who got that', async () => {
    const id = await open();
    const first = await ready(id, ['ada@example.com', 'bob@example.com']);
    expect(
      (
        await house.ask('POST', `/incidents/${id}/notices`, {
          template: 'persons',
          language: 'en',
          follows: first.id,
        })
      ).body.code,
    ).toBe('not_sent');
    smtp.manners = { recipient: (to) => (to.startsWith('bob') ? { code: 550, text: 'gone' } : null) };
    await act(id, first, 'sending');
    await house.sending.turn();
    await keep(id, (sheet) => {
      sheet.facts.when = fact('On 8 November', 'Am 8. November') as Sheet['facts']['when'];
    });
    const second = await begin(id, 'persons', 'en', { follows: first.id });
    expect(second.text).toContain('Since our notice of 2025-11-09 this changed: When it happened.');
    people = [addresses(['eve@example.com'])];
    expect((await act(id, second, 'recipients/collected')).body.recipients).toBe(1);
    const shown = await act(id, second, 'recipients/shown', {});
    expect(shown.body.items.map(({ address }: { address: string }) => address)).toEqual(['ada@example.com']);
    expect(await changes('notice.show_recipients')).toHaveLength(1);
  });

  test('is there for who may know of the incident alone', async () => {
    const id = await open({ restricted: true });
    await keep(id);
    const notice = await begin(id);
    house.as('person-2');
    for (const path of [
      'fact-sheet',
      'fact-sheet/versions',
      'notices',
      `notices/${notice.id}`,
      'breach',
      'drill-recipients',
      'file.pdf',
    ]) {
      expect([path, (await house.ask('GET', `/incidents/${id}/${path}`)).status]).toEqual([path, 404]);
    }
    expect((await house.ask('GET', '/breach-register')).body.items).toEqual([]);
    expect((await act(id, notice, 'review')).status).toBe(404);
    const other = await open();
    expect((await house.ask('GET', `/incidents/${other}/notices/${notice.id}`)).status).toBe(404);
  });
});

describe('sending', () => {
  test('sends one mail per recipient with a Message-ID of its own, and keeps what each got', async () => {
    const id = await open();
    const notice = await ready(id, ['ada@example.com', 'bob@example.com', 'cyn@example.com']);
    await act(id, notice, 'sending');
    await house.sending.turn();
    expect(smtp.received.map(({ to }) => to[0]).toSorted()).toEqual([
      'ada@example.com',
      'bob@example.com',
      'cyn@example.com',
    ]);
    const ids = smtp.received.map(({ raw }) => /Message-ID: (<[^>]+>)/i.exec(raw)?.[1]);
    expect(new Set(ids).size).toBe(3);
    expect(ids).toContain(`<notice.${notice.id}.1.1@example.org>`);
    const [first] = smtp.received;
    expect(first?.raw).toContain('text/html');
    const { state, recipients, approved } = await read(id, notice);
    expect([state, recipients.sent]).toEqual(['sent', 3]);
    const [sent] = await changes('notice.sent');
    expect(sent).toMatchObject({
      sha256: approved?.sha256,
      taken: 3,
      missed: 0,
      receipts: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    // Nothing more is sent, whoever asks.
    expect((await act(id, notice, 'sending')).status).toBe(409);
    expect(await house.sending.turn()).toBe(0);
    const { rows } = await platform.pool.query(
      `SELECT string_agg(t, '') AS all FROM (SELECT r::text AS t FROM notice_recipient r UNION ALL SELECT c::text FROM change c UNION ALL SELECT x::text FROM notice_text x) everything`,
    );
    expect(rows[0].all + platform.logged()).not.toContain('ada@');
  });

  test('goes on past refusals, tries again what was put off, and shows what the server said', async () => {
    const id = await open();
    const notice = await ready(id, ['ada@example.com', 'gone@example.com', 'full@example.com']);
    let full = true;
    smtp.manners = {
      recipient: (to) =>
        to.startsWith('gone')
          ? { code: 550, text: 'no such user' }
          : to.startsWith('full') && full
            ? { code: 452, text: 'mailbox full' }
            : null,
    };
    await act(id, notice, 'sending');
    await house.sending.turn();
    expect(await states(notice)).toEqual(['sent', 'refused', 'waiting']);
    expect(await house.sending.turn()).toBe(0);
    full = false;
    platform.advance(6 * 60_000);
    await house.sending.turn();
    expect(await states(notice)).toEqual(['sent', 'refused', 'sent']);
    expect((await read(id, notice)).state).toBe('sent');
    const shown = await act(id, notice, 'recipients/shown', { state: 'refused' });
    expect(shown.body.items).toMatchObject([
      { n: 2, address: 'gone@example.com', code: 'refused', answer: expect.stringContaining('no such user') },
    ]);
    smtp.manners = {};
    expect((await act(id, notice, 'settled', { n: 1, decision: 'again', reason: 'A test' })).body.code).toBe(
      'nothing_to_decide',
    );
    expect((await act(id, notice, 'settled', { n: 2, decision: 'sent', reason: 'A test' })).status).toBe(409);
    await act(id, notice, 'settled', { n: 2, decision: 'again', reason: 'It works now' });
    await house.sending.turn();
    expect(await states(notice)).toEqual(['sent', 'sent', 'sent']);
  });

  test('notes a mail that came back later: whoever did not get it is told of, and can be sent it again', async () => {
    const id = await open();
    const notice = await ready(id, ['ada@example.com', 'bob@example.com']);
    const bounceOf = (n: number, of = notice.id) => ({
      text: `Action: failed\nDiagnostic-Code: smtp; 550 bob@example.com is unknown\n\nMessage-ID: <notice.${of}.1.${n}@example.org>`,
    });
    expect((await act(id, notice, 'bounces', bounceOf(2))).status).toBe(409);
    await act(id, notice, 'sending');
    await house.sending.turn();
    expect(await states(notice)).toEqual(['sent', 'sent']);
    const { status, body } = await act(id, notice, 'bounces', bounceOf(2));
    expect([status, body.recipients.sent, body.recipients.refused]).toEqual([201, 1, 1]);
    const shown = await act(id, notice, 'recipients/shown', { state: 'refused', reason: 'A test' });
    expect(shown.body.items).toMatchObject([
      { n: 2, code: 'bounced', answer: 'Diagnostic-Code: smtp; 550 bob@example.com is unknown' },
    ]);
    const [told] = await changes('notice.bounced');
    expect(told).toMatchObject({ recipient: 2, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(JSON.stringify(told)).not.toContain('bob@');
    // Once; of a mail that was sent; of this notice.
    expect((await act(id, notice, 'bounces', bounceOf(2))).body.code).toBe('nothing_sent');
    expect((await act(id, notice, 'bounces', bounceOf(9))).status).toBe(409);
    expect((await act(id, notice, 'bounces', bounceOf(1, id))).status).toBe(422);
    expect((await act(id, notice, 'bounces', { text: 'x'.repeat(100_001) })).status).toBe(400);
    await act(id, notice, 'settled', { n: 2, decision: 'again', reason: 'It was a typing error of theirs' });
    await house.sending.turn();
    expect(await states(notice)).toEqual(['sent', 'sent']);
    expect(smtp.received.map(({ to }) => to[0]).filter((to) => to === 'bob@example.com')).toHaveLength(2);
  });

  test('waits while the mail server is away, and blames no recipient', async () => {
    const id = await open();
    const notice = await ready(id, ['ada@example.com', 'bob@example.com']);
    await act(id, notice, 'sending');
    const { port } = smtp;
    await platform.pool.query('UPDATE mail_server SET port = 1');
    await house.sending.turn();
    expect(await states(notice)).toEqual(['waiting', 'waiting']);
    const { sending, state } = await read(id, notice);
    expect([state, sending?.trouble]).toEqual(['sending', expect.stringContaining('could not be reached')]);
    expect(await house.sending.turn()).toBe(0);
    await platform.pool.query('UPDATE mail_server SET port = $1', [port]);
    platform.advance(31_000);
    await house.sending.turn();
    expect(smtp.received).toHaveLength(2);
    expect((await read(id, notice)).sending?.trouble).toBeNull();
  });

  test('stops for a person where a mail may have arrived: after silence, and after a process died', async () => {
    const id = await open();
    const notice = await ready(id, ['ada@example.com', 'bob@example.com']);
    smtp.manners = {
      beforeAnswer: (mail) =>
        mail.to[0] === 'ada@example.com' ? new Promise(() => undefined) : Promise.resolve(),
    };
    await act(id, notice, 'sending');
    await house.sending.turn();
    expect(await states(notice)).toEqual(['in_doubt', 'sent']);
    expect((await read(id, notice)).state).toBe('sending');
    platform.advance(24 * 3600_000);
    expect(await house.sending.turn()).toBe(0);
    // As if a process had died while it sent.
    await platform.pool.query(`UPDATE notice_recipient SET state = 'trying' WHERE notice = $1 AND n = 2`, [
      notice.id,
    ]);
    expect(await house.sending.recover()).toBe(1);
    expect(await states(notice)).toEqual(['in_doubt', 'in_doubt']);
    expect(await house.sending.turn()).toBe(0);
    smtp.manners = {};
    await act(id, notice, 'settled', { n: 2, decision: 'sent', reason: 'They answered it' });
    await act(id, notice, 'settled', { n: 1, decision: 'again', reason: 'They have none' });
    await house.sending.turn();
    expect(await states(notice)).toEqual(['sent', 'sent']);
    expect(smtp.received.map(({ to }) => to[0])).toEqual(['bob@example.com', 'ada@example.com']);
    expect((await read(id, notice)).state).toBe('sent');
  });

  test('sends nothing but what was approved', async () => {
    const id = await open();
    const notice = await ready(id, ['ada@example.com']);
    await platform.pool.query(`UPDATE notice SET approved_hash = repeat('0', 64) WHERE id = $1`, [notice.id]);
    expect((await act(id, notice, 'sending')).body.code).toBe('not_what_was_approved');
    await platform.pool.query(
      `UPDATE notice SET state = 'sending', next_try_at = now() - interval '10 years' WHERE id = $1`,
      [notice.id],
    );
    await house.sending.turn();
    expect(smtp.received).toEqual([]);
  });

  test('forgets whom an erasure takes: address and answer go, what became of the mail and its hash stay', async () => {
    const id = await open();
    await keep(id);
    const [ada, bob] = ['ada'.padEnd(22, 'a'), 'bob'.padEnd(22, 'b')];
    people = [
      [
        { key: 'person:1', recipient: { address: 'ada@example.com', name: 'Ada' }, subjects: [ada] },
        { key: 'person:2', recipient: { address: 'bob@example.com', name: null }, subjects: [bob, 'x'] },
        { key: 'person:3', recipient: { address: 'cyn@example.com', name: null } },
      ],
    ];
    const erase = async (...subjects: string[]): Promise<number> => {
      const client = await platform.pool.connect();
      try {
        return await eraseRecipients(client, subjects);
      } finally {
        client.release();
      }
    };
    const notice = await begin(id);
    expect((await act(id, notice, 'recipients/collected')).status).toBe(200);
    const before = await recipientsDigest(platform.db, notice.id);
    expect(await erase('nobody', ada)).toBe(1);
    expect(await erase(ada)).toBe(0);
    expect(await states(notice)).toEqual(['left_out', 'waiting', 'waiting']);
    // What the log has over the list still compares; what lay there opens no more.
    expect(await recipientsDigest(platform.db, notice.id)).toEqual(before);
    const shown = await act(id, notice, 'recipients/shown', { reason: 'A test' });
    expect(shown.body.items[0]).toMatchObject({ n: 1, address: '(erased)', name: null, answer: null });
    const { rows } = await platform.pool.query(
      'SELECT key, sealed, subjects FROM notice_recipient WHERE notice = $1 ORDER BY n',
      [notice.id],
    );
    expect(rows[0]).toEqual({ key: 'erased:1', sealed: Buffer.alloc(0), subjects: [] });
    expect(rows[1].subjects).toEqual([bob, 'x']);
    // One that is under way, or in doubt, is not sent again.
    await platform.pool.query(`UPDATE notice_recipient SET state = 'in_doubt' WHERE n = 2 AND notice = $1`, [
      notice.id,
    ]);
    expect(await erase(bob)).toBe(1);
    expect(await states(notice)).toEqual(['left_out', 'in_doubt', 'waiting']);
    await platform.pool.query(`UPDATE notice SET state = 'sending', domain = 'example.org' WHERE id = $1`, [
      notice.id,
    ]);
    await act(id, notice, 'settled', { n: 2, decision: 'again', reason: 'A test' });
    await house.sending.turn();
    expect((await states(notice)).slice(0, 2)).toEqual(['left_out', 'left_out']);
    expect(smtp.received.map(({ to }) => to[0])).not.toContain('bob@example.com');
  });

  test('is for those who read its language, or for all others, as asked; and says who reads what', async () => {
    const id = await open();
    await keep(id);
    const of = (key: number, language: string | null, country: string | null) => ({
      key: `person:${key}`,
      recipient: { address: `p${key}@example.com`, name: null },
      language,
      country,
    });
    people = [
      [of(1, 'de', 'DE'), of(2, 'de', 'AT'), of(3, 'fr', 'CH')],
      [of(4, null, 'DE'), of(5, 'en', null)],
    ];
    const collected = async (notice: NoticeView, whom: object) =>
      (await act(id, notice, 'recipients/collected', whom)).body;
    const german = await begin(id, 'persons', 'de');
    expect(await collected(german, { languages: ['de'] })).toEqual({
      recipients: 2,
      withoutAddress: 0,
      others: 3,
    });
    expect((await read(id, german)).readers).toEqual([
      { country: 'AT', language: 'de', recipients: 1 },
      { country: 'DE', language: 'de', recipients: 1 },
    ]);
    const english = await begin(id);
    expect(await collected(english, { otherThan: ['de'] })).toMatchObject({ recipients: 3, others: 2 });
    // Between them everybody is told, and nobody twice.
    const shown = async (notice: NoticeView) =>
      (await act(id, notice, 'recipients/shown', { reason: 'A test' })).body.items.map(
        ({ address }: { address: string }) => address,
      );
    expect([...(await shown(german)), ...(await shown(english))].toSorted()).toEqual(
      [1, 2, 3, 4, 5].map((n) => `p${n}@example.com`),
    );
    expect(await collected(english, { languages: [null] })).toMatchObject({ recipients: 1, others: 4 });
    expect(await collected(english, { countries: ['DE', null] })).toMatchObject({ recipients: 3, others: 2 });
    expect(await collected(english, { languages: ['de'], countries: ['AT'] })).toMatchObject({
      recipients: 1,
    });
    expect((await act(id, english, 'recipients/collected', { languages: ['Deutsch'] })).status).toBe(400);
    expect((await act(id, english, 'recipients/collected', { languages: [] })).status).toBe(400);
  });

  test('that was entered by hand is found by an erasure of the address, also where it was entered before', async () => {
    const id = await open();
    await keep(id);
    const notice = await begin(id, 'customers', 'en', {
      reader: { name: 'Example Customer', scope: 'Their own people' },
    });
    const entered = await house.ask('PUT', `/incidents/${id}/notices/${notice.id}/recipients`, {
      recipients: [
        { address: 'ada@example.com', name: 'Ada' },
        { address: 'bob@example.com', name: null },
      ],
    });
    expect([entered.status, entered.body.recipients]).toEqual([200, 2]);
    const subjects = async () =>
      (
        await platform.pool.query<{ subjects: string[] }>(
          'SELECT subjects FROM notice_recipient WHERE notice = $1 ORDER BY n',
          [notice.id],
        )
      ).rows.map((row) => row.subjects);
    const [ada, bob] = await Promise.all(['ada@example.com', 'bob@example.com'].map(house.pseudonymOf));
    expect(await subjects()).toEqual([[ada], [bob]]);
    await platform.pool.query(`UPDATE notice_recipient SET subjects = '{}'`);
    await house.hourly.run({}, { platform, attempt: 1, stillAtIt: async () => undefined });
    expect(await subjects()).toEqual([[ada], [bob]]);
    const client = await platform.pool.connect();
    expect(await eraseRecipients(client, [bob ?? '']).finally(() => client.release())).toBe(1);
    expect(await states(notice)).toEqual(['waiting', 'left_out']);
  });

  test('keeps an address once, however many lists have the person, and counts those without one', async () => {
    const id = await open();
    await keep(id);
    const notice = await begin(id);
    people = [
      [
        ...addresses(['ada@example.com']),
        { key: 'person:9', recipient: null },
        { key: 'person:8', recipient: { address: 'no address', name: null } },
      ],
      addresses(['ada@example.com']),
    ];
    expect((await act(id, notice, 'recipients/collected')).body).toEqual({
      recipients: 1,
      withoutAddress: 2,
      others: 0,
    });
    expect(
      (
        await house.ask('PUT', `/incidents/${id}/notices/${notice.id}/recipients`, {
          recipients: [{ address: 'eve@example.com' }],
        })
      ).status,
    ).toBe(422);
    const status = await begin(id, 'status');
    expect(
      (
        await house.ask('PUT', `/incidents/${id}/notices/${status.id}/recipients`, {
          recipients: [{ address: 'a@b, c@d' }],
        })
      ).status,
    ).toBe(400);
    expect(
      (
        await house.ask('PUT', `/incidents/${id}/notices/${status.id}/recipients`, {
          recipients: [{ address: 'a@example.com' }, { address: 'A@example.com' }],
        })
      ).body.recipients,
    ).toBe(1);
  });
});

describe('a drill', () => {
  test('sends to its own recipients alone, whoever stands in the list, and says that it is one', async () => {
    const id = await open({ drill: true });
    await keep(id);
    const notice = await begin(id);
    expect([notice.subject, notice.text]).toEqual([
      expect.stringMatching(/^EXERCISE: /),
      expect.stringMatching(/^EXERCISE/),
    ]);
    people = [addresses(['real@example.com'])];
    expect((await act(id, notice, 'recipients/collected')).body.recipients).toBe(0);
    await house.ask('PUT', `/incidents/${id}/drill-recipients`, {
      recipients: [{ address: 'trainee@example.com' }, { address: 'other@example.com' }],
    });
    expect((await act(id, notice, 'recipients/collected')).body.recipients).toBe(2);
    const status = await begin(id, 'status');
    expect(
      (
        await house.ask('PUT', `/incidents/${id}/notices/${status.id}/recipients`, {
          recipients: [{ address: 'real@example.com' }],
        })
      ).body.code,
    ).toBe('drill_recipients_only');
    await approve(id, notice);
    await act(id, notice, 'sending');
    // One of them is taken off the list after the approval: the sending itself looks.
    await house.ask('PUT', `/incidents/${id}/drill-recipients`, {
      recipients: [{ address: 'trainee@example.com' }],
    });
    await house.sending.turn();
    expect(smtp.received.map(({ to }) => to)).toEqual([['trainee@example.com']]);
    expect(smtp.received[0]?.raw).toContain('Subject: EXERCISE');
    expect(await states(notice)).toEqual(['sent', 'refused']);
    const real = await open();
    expect(
      (await house.ask('PUT', `/incidents/${real}/drill-recipients`, { recipients: [] })).body.code,
    ).toBe('no_drill');
  });

  test('hands nothing on that does not say so', async () => {
    const id = await open({ drill: true });
    await keep(id);
    const notice = await begin(id);
    await house.ask('PATCH', `/incidents/${id}/notices/${notice.id}`, {
      basedOn: 1,
      text: { subject: 'Real', text: notice.text },
    });
    expect((await act(id, notice, 'review')).status).toBe(422);
  });
});

describe('an incident with 100,000 people', () => {
  test('has its recipients collected in batches, with memory that does not grow with them', async () => {
    const id = await open();
    await keep(id);
    const notice = await begin(id);
    const [all, size] = [100_000, 500];
    let most = 0;
    const before = process.memoryUsage().heapUsed;
    people = {
      async *[Symbol.asyncIterator]() {
        for (let from = 0; from < all; from += size) {
          most = Math.max(most, process.memoryUsage().heapUsed - before);
          yield Array.from({ length: size }, (_, at) => ({
            key: `person:${from + at}`,
            recipient: { address: `person-${from + at}@example.com`, name: null },
          }));
        }
      },
    } as unknown as PersonToTell[][];
    expect((await act(id, notice, 'recipients/collected')).body).toEqual({
      recipients: all,
      withoutAddress: 0,
      others: 0,
    });
    // A list of them all is some 30 MB; garbage that is not yet collected counts here as well.
    expect(most).toBeLessThan(150 * 1024 * 1024);
    await approve(id, notice);
    const [{ recipients }] = await changes('notice.approve');
    expect(recipients).toMatchObject({ count: all, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const shown = await act(id, notice, 'recipients/shown', { after: 99_990, limit: 200 });
    expect(shown.body.items).toHaveLength(10);
  }, 120_000);
});
