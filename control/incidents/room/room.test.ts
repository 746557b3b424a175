import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testSealer } from '../../platform/blobs/testing.ts';
import { createBlobs, createRouter, handleErrors } from '../../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../../platform/testing.ts';
import type { ChangesQuery, MessagesQuery, SeenChange, SeenCrossing, SeenMessage } from './feed.ts';
import { incidentsFrom } from './index.ts';
import { type Playbook, readPlaybook } from './playbooks.ts';
import type { IncidentView } from './schemas.ts';

/** The room as it is asked for, on a real database. Vendors and people are made up. */
let platform: TestPlatform;
let app: ReturnType<typeof createRouter>;
let who: ReturnType<typeof testCaller>;
const MINUTE = 60_000;
/** What the log of changes and the ledger hold beside the room. */
let changed: SeenChange[] = [];
let crossed: SeenCrossing[] = [];
let messages: SeenMessage[] = [];
let askedOf: MessagesQuery[] = [];
const follows = ({ before }: ChangesQuery, { at, seq }: SeenChange): boolean =>
  before === null ||
  at < before.at ||
  (at.getTime() === before.at.getTime() && (before.seq === null ? before.inclusive : seq < before.seq));

const playbook: Playbook = {
  format: 'drawbridge.playbook/1',
  id: 'made-up',
  name: 'Made up',
  when: 'In tests',
  as_of: '2026-01-01',
  sources: [{ url: 'https://example.com', as_of: '2026-01-01', for: 'nothing' }],
  tasks: [
    { id: 'first', title: 'Cut it off', why: 'It leaks', phase: 'contain', role: 'lead', within_minutes: 60 },
    { id: 'after', title: 'Learn', why: 'Again', phase: 'review' },
  ],
  questions: [{ id: 'what', text: 'What did they take?', hours: 24 }],
};

beforeAll(async () => {
  platform = await testPlatform();
  const sealer = await testSealer(platform);
  app = createRouter();
  app.onError(handleErrors(platform.log));
  app.use('*', async (c, next) => {
    c.set('actor', who);
    await next();
  });
  app.route(
    '/',
    incidentsFrom({
      platform,
      sealer,
      playbooks: [playbook],
      blobs: createBlobs(platform, sealer),
      changes: async (query) => changed.filter((one) => follows(query, one)).slice(0, query.limit),
      firstCrossings: async () => crossed,
      messages: async (query) => {
        askedOf.push(query);
        const { before, limit } = query;
        return messages
          .filter(
            ({ at, place }) =>
              before === null ||
              at < before.at ||
              (at.getTime() === before.at.getTime() && before.place !== null && place < before.place),
          )
          .slice(0, limit);
      },
      actorName: async (id) => (id === 'person-1' ? 'Ada Example' : null),
      vendorNames: async () => new Map([['mixpanel', 'Mixpanel']]),
      person: async (id) => (id.startsWith('person') ? { id, name: `Name of ${id}` } : null),
    }).routes,
  );
});
afterAll(() => platform.close());
beforeEach(async () => {
  who = { ...testCaller(), kind: 'person', id: 'person-1', name: 'Ada Example' };
  await platform.pool.query('TRUNCATE incident, change, blob, blob_use CASCADE');
  [changed, crossed, messages, askedOf] = [[], [], [], []];
});

async function ask(method: string, path: string, body?: object) {
  const response = await app.request(path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}
async function open(given: object = {}): Promise<IncidentView> {
  const { status, body } = await ask('POST', '/incidents', {
    title: 'Vendor was smished',
    playbook: 'made-up',
    party: 'mixpanel',
    reason: 'A test',
    ...given,
  });
  expect(status).toBe(201);
  return body;
}
const said = { source: 'vendor’s notice', learnedAt: '2025-11-26T18:00:00-08:00', confidence: 'likely' };
const claim = (id: string, about: string, text: string, more: object = {}) =>
  ask('POST', `/incidents/${id}/claims`, { about, text, ...said, ...more });

describe('an incident', () => {
  test('opens with the tasks and questions of its playbook, their times counted from then', async () => {
    const incident = await open({
      learned: { at: '2025-11-26T18:00:00Z', source: 'mail', text: 'They told us' },
    });
    expect(incident).toMatchObject({ number: 1, state: 'open', party: { id: 'mixpanel', name: 'Mixpanel' } });
    expect(incident.members).toMatchObject([{ person: 'person-1', roles: ['lead'] }]);
    expect(incident.tasks.map(({ title, phase, role, state }) => [title, phase, role, state])).toEqual([
      ['Cut it off', 'contain', 'lead', 'open'],
      ['Learn', 'review', null, 'open'],
    ]);
    const openedAt = Date.parse(incident.openedAt);
    expect(Date.parse(incident.tasks[0]?.dueAt ?? '') - openedAt).toBe(60 * MINUTE);
    expect(incident.tasks[1]?.dueAt).toBeNull();
    expect(Date.parse(incident.questions[0]?.dueAt ?? '') - openedAt).toBe(24 * 60 * MINUTE);
    expect(incident.claims).toMatchObject([{ text: 'They told us', confidence: 'unverified' }]);
    expect((await open()).number).toBe(2);
    expect((await ask('POST', '/incidents', { title: 'x', playbook: 'none', reason: 'A test' })).status).toBe(
      422,
    );
  });

  test('keeps claims that contradict each other side by side, and says so until one of them is replaced or taken back', async () => {
    const { id } = await open();
    await claim(id, 'vendor_noticed', '2025-11-08');
    await claim(id, 'vendor_noticed', ' 2025-11-09 ');
    await claim(id, 'data', 'names');
    const both = (await claim(id, 'data', 'names and e-mails')).body as IncidentView;
    expect(both.contradicted).toEqual(['vendor_noticed']);
    expect(both.claims.map(({ text }) => text)).toEqual([
      '2025-11-08',
      '2025-11-09',
      'names',
      'names and e-mails',
    ]);
    const [first, second] = both.claims;
    const replaced = await claim(id, 'vendor_noticed', '2025-11-09', { replaces: first?.n });
    expect(replaced.body.contradicted).toEqual([]);
    expect(replaced.body.claims).toHaveLength(5);
    expect(replaced.body.claims[0]).toMatchObject({
      text: '2025-11-08',
      replacedBy: replaced.body.claims[4].n,
    });
    const back = await ask('POST', `/incidents/${id}/claims/${second?.n}/withdrawal`, {
      text: 'They corrected it',
    });
    expect(back.body.claims[1].withdrawnBy).not.toBeNull();
    // A claim replaces one about the same, and of this incident.
    expect((await claim(id, 'data', 'all', { replaces: first?.n })).status).toBe(422);
    expect((await claim(id, 'data', 'all', { replaces: 1 })).status).toBe(422);
  });

  test('tells of questions that the vendor leaves unanswered, from the time on that was set', async () => {
    const { id } = await open();
    const late = await ask('POST', `/incidents/${id}/questions`, {
      text: 'When?',
      dueAt: '2025-01-01T00:00:00Z',
    });
    const question = late.body.questions[1];
    expect(late.body.questions.map((one: { silentSince: string | null }) => one.silentSince)).toEqual([
      null,
      '2025-01-01T00:00:00.000Z',
    ]);
    const answered = await ask('POST', `/incidents/${id}/questions/${question.n}/answers`, {
      text: 'In November',
      source: 'their security team',
      answeredAt: '2025-11-25T10:00:00Z',
    });
    expect(answered.body.questions[1]).toMatchObject({
      silentSince: null,
      answers: [{ text: 'In November' }],
    });
    expect(
      (
        await ask('POST', `/incidents/${id}/questions/1/answers`, {
          text: 'x',
          source: 'y',
          answeredAt: '2025-11-25T10:00:00Z',
        })
      ).status,
    ).toBe(422);
  });

  test('closes when its tasks are ended; one that is dropped says why, and the review may stay open', async () => {
    const { id } = await open();
    expect((await ask('PATCH', `/incidents/${id}`, { state: 'closed', reason: 'A test' })).status).toBe(409);
    expect((await ask('PATCH', `/incidents/${id}/tasks/1`, { state: 'dropped' })).status).toBe(422);
    const dropped = await ask('PATCH', `/incidents/${id}/tasks/1`, {
      state: 'dropped',
      note: 'It was cut off already',
    });
    expect(dropped.body.tasks[0]).toMatchObject({
      state: 'dropped',
      note: 'It was cut off already',
      endedBy: 'Ada Example',
    });
    const closed = await ask('PATCH', `/incidents/${id}`, { state: 'closed', reason: 'A test' });
    expect(closed).toMatchObject({ status: 200, body: { state: 'closed' } });
    expect(closed.body.closedAt).not.toBeNull();
    const again = await ask('PATCH', `/incidents/${id}`, { state: 'open', reason: 'A test' });
    expect(again.body).toMatchObject({ state: 'open', closedAt: null });
  });

  test('gives tasks to people who can sign in, and tells when they are late', async () => {
    const { id } = await open();
    const given = await ask('PATCH', `/incidents/${id}/tasks/1`, {
      owner: 'person-2',
      dueAt: '2025-01-01T00:00:00Z',
    });
    expect(given.body.tasks[0]).toMatchObject({ owner: { name: 'Name of person-2' }, late: true });
    expect((await ask('PATCH', `/incidents/${id}/tasks/1`, { owner: 'nobody' })).status).toBe(422);
    expect((await ask('PATCH', `/incidents/${id}/tasks/9`, { state: 'done' })).status).toBe(404);
    const more = await ask('POST', `/incidents/${id}/tasks`, {
      title: 'Call them',
      phase: 'notify',
      owner: 'person-2',
    });
    expect(more.body.tasks[2]).toMatchObject({ n: 3, key: null, title: 'Call them' });
  });

  test('its timeline has every act, the newest first, page by page, and none can be changed', async () => {
    const { id } = await open();
    await ask('POST', `/incidents/${id}/notes`, {
      text: 'They called',
      happenedAt: '2025-11-26T10:00:00+01:00',
    });
    await ask('POST', `/incidents/${id}/decisions`, { text: 'We cut it off', why: 'It goes on' });
    const page = await ask('GET', `/incidents/${id}/timeline?limit=2`);
    expect(
      page.body.items.map(({ kind, text, source }: { kind: string; text: string; source: string }) => [
        kind,
        text,
        source,
      ]),
    ).toEqual([
      ['decision', 'We cut it off', 'It goes on'],
      ['note', 'They called', null],
    ]);
    const rest = await ask('GET', `/incidents/${id}/timeline?limit=2&cursor=${page.body.next}`);
    expect(rest.body.items.map(({ kind }: { kind: string }) => kind)).toEqual(['question', 'opened']);
    expect(rest.body.next).toBeNull();
  });
});

describe('the timeline', () => {
  const at = (ms: number) => new Date(Date.now() + ms);
  test('fills itself with changes about the party, first crossings to it and messages that speak for it, in one order over all pages', async () => {
    const { id } = await open();
    await ask('POST', `/incidents/${id}/notes`, { text: 'a note' });
    const same = at(5_000);
    const { body: before } = await ask('GET', `/incidents/${id}/timeline?limit=1`);
    // The clock of the test stands still: in the millisecond of all that was entered, behind which it stands.
    const noted = new Date(before.items[0].at);
    changed = [
      ...[9, 8, 7].map((seq) => ({ seq, at: same })),
      { seq: 6, at: at(2_000) },
      { seq: 5, at: noted },
    ].map((one) => ({
      ...one,
      id: `change-${one.seq}`,
      actor: one.seq === 9 ? 'person-1' : 'system:made-up',
      act: 'connection.sever',
      subject: { kind: 'connection', id: 'mixpanel_eu' },
    }));
    crossed = [same, at(3_000)].map((when, n) => ({
      id: `crossing-${n}`,
      at: when,
      connection: 'Mixpanel EU',
      app: 'web-shop',
      refused: n === 1,
    }));
    messages = [
      ...[9, 4].map((place) => ({ place, at: same, what: 'not_there' as const, count: 1 })),
      { place: 2, at: noted, what: 'impersonation' as const, count: 12 },
      { place: 1, at: at(1_000), what: 'impersonation' as const, count: 1 },
    ]
      .map((one) => ({ ...one, id: `message-${one.place}`, channel: 'sms' }))
      .sort((a, b) => b.at.getTime() - a.at.getTime() || b.place - a.place);
    const seen: string[] = [];
    for (const limit of [1, 2, 3, 100]) {
      const told: string[] = [];
      let cursor = '';
      do {
        const { body } = await ask('GET', `/incidents/${id}/timeline?limit=${limit}${cursor}`);
        told.push(...body.items.map((one: { opens: string | null; kind: string }) => one.opens ?? one.kind));
        cursor = body.next === null ? '' : `&cursor=${body.next}`;
      } while (cursor !== '');
      expect(told).toEqual([
        ...[
          'message-9',
          'message-4',
          'change-9',
          'change-8',
          'change-7',
          'crossing-0',
          'crossing-1',
          'change-6',
        ],
        ...['message-1', 'message-2', 'note', 'question', 'opened', 'change-5'],
      ]);
      seen.push(...told);
    }
    const { body } = await ask('GET', `/incidents/${id}/timeline?limit=100`);
    expect(body.items[0]).toMatchObject({
      ...{ origin: 'messages', kind: 'message_not_there', about: 'sms', opens: 'message-9', n: null },
      text: expect.stringContaining('it was not there'),
    });
    expect(body.items[9]).toMatchObject({
      kind: 'message_judged',
      text: expect.stringContaining('12 messages that are like each other'),
    });
    expect(askedOf[0]).toMatchObject({ incident: id, party: 'mixpanel', to: null });
    expect(body.items[2]).toMatchObject({
      origin: 'change_log',
      about: 'connection.sever',
      by: 'Ada Example',
      text: 'connection mixpanel_eu',
      n: null,
    });
    expect(body.items[6]).toMatchObject({ origin: 'ledger', about: 'refused', by: 'web-shop' });
    expect(body.items[10]).toMatchObject({ origin: 'room', opens: null });
  });

  test('of a drill asks for no messages: real ones are no part of it', async () => {
    const { id } = await open({ drill: true });
    messages = [{ id: 'message-1', at: new Date(), what: 'not_there', channel: 'mail', count: 1, place: 1 }];
    const { body } = await ask('GET', `/incidents/${id}/timeline?limit=100`);
    expect(body.items.map((one: { origin: string }) => one.origin)).not.toContain('messages');
    expect(askedOf).toEqual([]);
  });
});

describe('a search', () => {
  const found = async (query: string): Promise<string[]> => {
    const { status, body } = await ask('GET', `/incidents?${query}`);
    expect(status).toBe(200);
    return body.items.map(({ number, title }: IncidentView) => `${number} ${title}`);
  };

  test('finds by number, and by words of the title in any order, however many newer ones there are', async () => {
    await open({ title: 'Acme: tokens in case texts' });
    for (let n = 2; n <= 8; n++) await open({ title: `Something else ${n}` });
    expect(await found('limit=3&q=texts%20ACME')).toEqual(['1 Acme: tokens in case texts']);
    expect(await found('q=1')).toEqual(['1 Acme: tokens in case texts']);
    expect(await found('q=%237')).toEqual(['7 Something else 7']);
    expect(await found('q=acme%20else')).toEqual([]);
    const first = await ask('GET', '/incidents?limit=4&q=else');
    const next = await ask('GET', `/incidents?limit=4&q=else&cursor=${first.body.next}`);
    expect([...first.body.items, ...next.body.items].map(({ number }) => number)).toEqual([
      8, 7, 6, 5, 4, 3, 2,
    ]);
    expect(next.body.next).toBeNull();
  });

  test('finds drills or what is real, and of restricted ones none for who may not know of them', async () => {
    await open({ title: 'Acme is played', drill: true });
    await open({ title: 'Acme is real' });
    await open({ title: 'Acme is secret', restricted: true });
    expect(await found('q=acme&drill=true')).toEqual(['1 Acme is played']);
    expect(await found('q=acme&drill=false')).toEqual(['3 Acme is secret', '2 Acme is real']);
    who = { ...who, id: 'person-2' };
    expect(await found('q=acme&drill=false')).toEqual(['2 Acme is real']);
    expect(await found('q=3')).toEqual([]);
  });
});

describe('attachments', () => {
  const send = (
    id: string,
    content: string | Uint8Array<ArrayBuffer>,
    name = 'notice.txt',
    type = 'text/plain',
  ) =>
    app.request(`/incidents/${id}/attachments?name=${encodeURIComponent(name)}`, {
      method: 'POST',
      headers: { 'content-type': type, 'x-drawbridge-reason': 'A test' },
      body: content,
    });

  test('are kept, listed with their hash, and given out as downloads that no browser shows', async () => {
    const { id } = await open();
    expect((await send(id, '<script>made up</script>', 'it’s a page.html', 'text/html')).status).toBe(201);
    // The same file once more is another line, and the same content.
    expect((await send(id, '<script>made up</script>', 'again.html', 'text/html')).status).toBe(201);
    const { body } = await ask('GET', `/incidents/${id}/attachments`);
    expect(body.items.map(({ name, bytes }: { name: string; bytes: number }) => [name, bytes])).toEqual([
      ['again.html', 24],
      ['it’s a page.html', 24],
    ]);
    expect(body.items[0].hash).toBe(createHash('sha256').update('<script>made up</script>').digest('hex'));
    const got = await app.request(`/incidents/${id}/attachments/${body.items[1].n}`);
    expect(await got.text()).toBe('<script>made up</script>');
    expect(got.headers.get('content-type')).toBe('application/octet-stream');
    expect(got.headers.get('content-disposition')).toBe(
      "attachment; filename*=UTF-8''it%E2%80%99s%20a%20page.html",
    );
    expect(got.headers.get('x-content-type-options')).toBe('nosniff');
    expect(got.headers.get('content-security-policy')).toContain('sandbox');
    const lines = await ask('GET', `/incidents/${id}/timeline`);
    expect(lines.body.items[0]).toMatchObject({ kind: 'attachment', text: 'again.html' });
    // Who read it stands in the log; neither the name nor the hash does.
    const { rows } = await platform.pool.query<{ act: string; row: string }>(
      'SELECT act, c::text AS row FROM change c ORDER BY seq',
    );
    expect(rows.map(({ act }) => act)).toContain('incident.attachment_read');
    expect(rows.map(({ row }) => row).join()).not.toMatch(new RegExp(`again|${body.items[0].hash}`));
    const kept = await platform.pool.query<{ row: string }>('SELECT u::text AS row FROM blob_use u');
    expect(kept.rows.map(({ row }) => row).join()).not.toContain('again');
  });

  test('of any kind are kept as bytes that nothing shows: a capture, a program, a log in another alphabet', async () => {
    const { id } = await open();
    const capture = new Uint8Array([0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0]);
    const files: [string, string, Uint8Array<ArrayBuffer>][] = [
      ['dump.pcap', 'image/svg+xml', capture],
      ['evil.exe', 'text/html', new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0])],
      ['old.eml', 'message/rfc822', new Uint8Array(Buffer.from('Subject: gr\xfc\xdfe', 'latin1'))],
    ];
    for (const [name, type, bytes] of files) expect((await send(id, bytes, name, type)).status).toBe(201);
    const { items } = (await ask('GET', `/incidents/${id}/attachments`)).body;
    expect(items.map(({ type }: { type: string }) => type)).toEqual(
      Array(3).fill('application/octet-stream'),
    );
    const got = await app.request(`/incidents/${id}/attachments/${items[2].n}`);
    expect(new Uint8Array(await got.arrayBuffer())).toEqual(capture);
    expect(got.headers.get('content-type')).toBe('application/octet-stream');
    expect(got.headers.get('content-disposition')).toMatch(/^attachment;/);
    expect(got.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('that are refused leave nothing: empty, too large, without a name', async () => {
    const { id } = await open();
    expect((await send(id, '')).status).toBe(422);
    expect((await send(id, new Uint8Array(25 * 1024 * 1024 + 1))).status).toBe(413);
    expect((await send(id, 'x', '../up.txt')).status).toBe(400);
    expect((await ask('GET', `/incidents/${id}/attachments`)).body.items).toEqual([]);
    expect((await platform.pool.query('SELECT FROM blob')).rowCount).toBe(0);
    expect((await ask('GET', `/incidents/${id}/timeline`)).body.items[0].kind).not.toBe('attachment');
  });

  test('of a restricted incident are there for its members alone', async () => {
    const { id } = await open({ restricted: true });
    await send(id, 'made up');
    const { n } = (await ask('GET', `/incidents/${id}/attachments`)).body.items[0];
    who = { ...who, id: 'person-3' };
    expect((await ask('GET', `/incidents/${id}/attachments`)).status).toBe(404);
    expect((await app.request(`/incidents/${id}/attachments/${n}`)).status).toBe(404);
    expect((await send(id, 'mine')).status).toBe(404);
    const other = await open();
    expect((await app.request(`/incidents/${other.id}/attachments/${n}`)).status).toBe(404);
  });
});

describe('the review', () => {
  test('has actions with an owner and a time, which show after the incident is closed until they are done', async () => {
    const { id } = await open();
    const action = {
      title: 'Fewer fields',
      phase: 'review',
      owner: 'person-2',
      dueAt: '2026-12-01T00:00:00Z',
    };
    const { dueAt: _, ...timeless } = action;
    const { owner: __, ...nobodys } = action;
    expect((await ask('POST', `/incidents/${id}/tasks`, timeless)).status).toBe(422);
    expect((await ask('POST', `/incidents/${id}/tasks`, nobodys)).status).toBe(422);
    expect((await ask('POST', `/incidents/${id}/tasks`, action)).status).toBe(201);
    await ask('PATCH', `/incidents/${id}/tasks/1`, { state: 'done' });
    expect((await ask('PATCH', `/incidents/${id}`, { state: 'closed', reason: 'A test' })).status).toBe(200);
    const titles = async () =>
      (await ask('GET', '/incident-actions?limit=100')).body.items.map(
        (one: { task: { title: string } }) => one.task.title,
      );
    // Due soonest first; the playbook's own has no time.
    expect(await titles()).toEqual(['Fewer fields', 'Learn']);
    expect((await ask('GET', '/incidents')).body.items[0]).toMatchObject({ state: 'closed', openActions: 2 });
    const first = await ask('GET', '/incident-actions?limit=1');
    const second = await ask('GET', `/incident-actions?limit=1&cursor=${first.body.next}`);
    expect([second.body.items[0].task.title, second.body.next]).toEqual(['Learn', null]);
    await ask('PATCH', `/incidents/${id}/tasks/3`, { state: 'done' });
    expect(await titles()).toEqual(['Learn']);
    await ask('PATCH', `/incidents/${id}`, { restricted: true, reason: 'A test' });
    who = { ...who, id: 'person-3' };
    expect(await titles()).toEqual([]);
  });
});

describe('who may know', () => {
  test('of a restricted incident only its members do; for others there is none', async () => {
    const { id } = await open({ restricted: true });
    await ask('PUT', `/incidents/${id}/members`, { person: 'person-2', roles: [], reason: 'A test' });
    who = { ...who, id: 'person-2' };
    expect((await ask('GET', `/incidents/${id}`)).status).toBe(200);
    who = { ...who, id: 'person-3' };
    expect((await ask('GET', '/incidents')).body.items).toEqual([]);
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['GET', '/timeline', undefined],
      ['PATCH', '', { severity: 'high', reason: 'A test' }],
      ['POST', '/notes', { text: 'x' }],
      ['PUT', '/members', { person: 'person-3', roles: ['lead'], reason: 'A test' }],
    ] as const) {
      expect((await ask(method, `/incidents/${id}${path}`, body)).status).toBe(404);
    }
    const other = await open();
    expect(
      (await ask('POST', `/incidents/${other.id}/related`, { other: id, reason: 'A test' })).status,
    ).toBe(404);
    expect((await ask('POST', `/incidents/${other.id}/merge`, { other: id, reason: 'A test' })).status).toBe(
      404,
    );
  });

  test('no word of a person lies readable in the database or in the change log', async () => {
    const { id } = await open({
      title: 'secretword one',
      learned: { at: '2025-11-26T18:00:00Z', source: 'secretword two', text: 'secretword three' },
    });
    await ask('PATCH', `/incidents/${id}/tasks/1`, { state: 'dropped', note: 'secretword four' });
    await ask('PATCH', `/incidents/${id}`, { title: 'secretword five', reason: 'A test' });
    const found = await platform.pool.query<{ row: string }>(
      `SELECT i::text AS row FROM incident i UNION ALL SELECT e::text FROM incident_entry e
       UNION ALL SELECT t::text FROM incident_task t UNION ALL SELECT c::text FROM change c`,
    );
    const all = found.rows.map(({ row }) => row).join('\n');
    expect(all).toContain('mixpanel');
    expect(all).not.toContain('secretword');
    expect(all).not.toContain(Buffer.from('secretword').toString('hex'));
  });
});

describe('several incidents', () => {
  test('are related in both, and merged into one that goes on', async () => {
    const [one, two] = [await open(), await open()];
    await ask('POST', `/incidents/${one.id}/related`, { other: two.id, reason: 'A test' });
    expect((await ask('GET', `/incidents/${two.id}`)).body.related).toEqual([{ id: one.id, number: 1 }]);
    const merged = await ask('POST', `/incidents/${one.id}/merge`, { other: two.id, reason: 'A test' });
    expect(merged.body).toMatchObject({ state: 'merged', mergedInto: two.id });
    expect((await ask('POST', `/incidents/${one.id}/notes`, { text: 'x' })).status).toBe(409);
    expect(
      (await ask('POST', `/incidents/${two.id}/merge`, { other: two.id, reason: 'A test' })).status,
    ).toBe(422);
    const drill = await open({ drill: true });
    expect(
      (await ask('POST', `/incidents/${drill.id}/merge`, { other: two.id, reason: 'A test' })).status,
    ).toBe(422);
  });

  test('opened and written at once get numbers and lines of their own, without a gap', async () => {
    const opened = await Promise.all(Array.from({ length: 8 }, () => open()));
    expect(opened.map(({ number }) => number).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const [first, second] = opened;
    if (first === undefined || second === undefined) throw new Error('none was opened');
    await Promise.all([
      ...Array.from({ length: 10 }, (_, n) =>
        ask('POST', `/incidents/${first.id}/notes`, { text: `note ${n}` }),
      ),
      ask('POST', `/incidents/${first.id}/related`, { other: second.id, reason: 'A test' }),
      ask('POST', `/incidents/${second.id}/related`, { other: first.id, reason: 'A test' }),
    ]);
    const all = await ask('GET', `/incidents/${first.id}/timeline?limit=100`);
    expect(all.body.items.map(({ n }: { n: number }) => n)).toEqual(
      Array.from({ length: 14 }, (_, n) => 14 - n),
    );
  });
});

describe('bad input', () => {
  test.each([
    ['a time without its zone', { about: 'data', text: 'x', ...said, learnedAt: '2025-11-26T18:00:00' }],
    ['no source', { about: 'data', text: 'x', learnedAt: '2025-11-26T18:00:00Z', confidence: 'likely' }],
    ['a kind that there is not', { about: 'colour', text: 'x', ...said }],
    ['too long a text', { about: 'data', text: 'x'.repeat(4001), ...said }],
    ['a NUL character', { about: 'data', text: 'x\u0000y', ...said }],
    ['a member that there is not', { about: 'data', text: 'x', ...said, html: '<b>' }],
  ])('%s is refused, and nothing of it stays', async (_, body) => {
    const { id } = await open();
    expect((await ask('POST', `/incidents/${id}/claims`, body)).status).toBe(400);
    expect((await ask('GET', `/incidents/${id}`)).body.claims).toEqual([]);
  });

  test('a window that runs backwards is refused', async () => {
    const { id } = await open({ occurredFrom: '2025-11-08T00:00:00Z' });
    const { status, body } = await ask('PATCH', `/incidents/${id}`, {
      occurredTo: '2025-11-07T00:00:00Z',
      reason: 'A test',
    });
    expect([status, body.errors?.[0]?.field]).toEqual([422, 'occurredFrom']);
  });
});

describe('playbooks', () => {
  const folder = new URL('../../../packs/playbooks/', import.meta.url);
  test('that are shipped can be read, and each kind of incident has one', async () => {
    const files = await readdir(folder);
    const read = await Promise.all(
      files.map(async (file) => readPlaybook(file, await readFile(new URL(file, folder), 'utf8'))),
    );
    expect(read.flatMap((one) => ('problems' in one ? one.problems : []))).toEqual([]);
    expect(files.sort()).toEqual([
      'gateway-compromised.yaml',
      'oauth-grant-abuse.yaml',
      'sdk-supply-chain.yaml',
      'vendor-data-breach.yaml',
      'vendor-key-leak.yaml',
      'vendor-lost.yaml',
    ]);
  });

  test.each([
    ['is no YAML', 'id: [', /./],
    ['has aliases', 'a: &x 1\nb: *x\n', /aliases/],
    ['is too long', 'x'.repeat(300_000), /more than/],
    ['has another format', 'format: other/1\n', /./],
  ])('one that %s is refused with its place', (_, text, message) => {
    const read = readPlaybook('made-up.yaml', text);
    if (!('problems' in read)) throw new Error('it was read');
    expect(read.problems[0]?.message).toMatch(message);
    expect(read.problems[0]?.line).toBeGreaterThan(0);
  });
});
