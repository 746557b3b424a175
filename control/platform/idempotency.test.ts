import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createRouter, givenReason, handleErrors, idempotency, Problem, recordChange } from './index.ts';
import { type TestPlatform, testCaller, testPlatform } from './testing.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.pool.query('TRUNCATE idempotency, change');
});

const SHOWN_ONCE = 'made-up-secret-that-is-shown-once';
type Hook = () => Promise<void> | void;
const nothing: Hook = () => undefined;

/** A control process: each has its own memory. `before` and `after` run around the write's commit. */
function controlProcess(hooks: { before?: Hook; after?: Hook } = {}) {
  const app = createRouter();
  app.onError(handleErrors(platform.log));
  app.use('*', async (c, next) => {
    c.set('actor', testCaller({ id: c.req.header('actor') ?? 'person:1', name: 'A made-up person' }));
    await next();
  });
  app.use(
    '*',
    idempotency(platform, {
      hashRequest: async (digest) => createHmac('sha256', 'k').update(digest).digest(),
    }),
  );
  app.post('/things', async (c) => {
    const { name } = await c.req.json<{ name: string }>();
    if (name === '') throw new Problem(400, 'invalid_request', 'name: give one');
    await platform.db.transaction().execute(async (tx) => {
      await (hooks.before ?? nothing)();
      await recordChange(tx, platform, {
        actor: c.get('actor'),
        reason: 'A test',
        act: 'thing.create',
        subject: { kind: 'thing', id: name },
      });
    });
    await (hooks.after ?? nothing)();
    if (name === 'secret') c.set('shownOnce', true);
    return c.json({ name, key: name === 'secret' ? SHOWN_ONCE : null }, 201, { etag: '"1"' });
  });
  return (name: string, key: string | null, actor = 'person:1') =>
    app.request('/things', {
      method: 'POST',
      headers: {
        actor,
        'content-type': 'application/json',
        ...(key === null ? {} : { 'idempotency-key': key }),
      },
      body: JSON.stringify({ name }),
    });
}
const read = async (answer: Response) =>
  (await answer.json()) as { code?: string; key?: string; errors?: { field: string }[] };
const codeOf = async (answer: Response) => (await read(answer)).code;
const done = async (name: string) =>
  (await platform.pool.query('SELECT id FROM change WHERE subject_id = $1', [name])).rows.length;

test('the same request is done once and answered alike, headers and all', async () => {
  const post = controlProcess();
  const first = await post('a', 'key-00001');
  const again = await controlProcess()('a', 'key-00001');
  expect([first.status, again.status]).toEqual([201, 201]);
  expect(await again.json()).toEqual(await first.json());
  expect(again.headers.get('etag')).toBe('"1"');
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(first.headers.get('idempotency-replayed')).toBeNull();
  expect(await done('a')).toBe(1);
});

test('without a key, and for another person, it is done again', async () => {
  const post = controlProcess();
  await post('a', null);
  await post('a', null);
  await post('a', 'key-00001', 'person:1');
  await post('a', 'key-00001', 'person:2');
  expect(await done('a')).toBe(4);
});

test('a key that came with another request is refused', async () => {
  const post = controlProcess();
  await post('a', 'key-00001');
  const other = await post('b', 'key-00001');
  expect([other.status, await codeOf(other)]).toEqual([422, 'idempotency_key_reused']);
  expect(await done('b')).toBe(0);
});

test('what failed may be tried again with the same key', async () => {
  const post = controlProcess();
  expect((await post('', 'key-00001')).status).toBe(400);
  expect((await post('a', 'key-00001')).status).toBe(201);
  let broken = true;
  const fragile = controlProcess({
    before: () => {
      if (broken) throw new Error('made up');
    },
  });
  expect((await fragile('b', 'key-00002')).status).toBe(500);
  broken = false;
  expect((await fragile('b', 'key-00002')).status).toBe(201);
});

test('what is still in work is not begun twice, from whichever process', async () => {
  let release: () => void = nothing;
  let begun: () => void = nothing;
  const isBegun = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const slow = controlProcess({
    before: () =>
      new Promise<void>((resolve) => {
        release = resolve;
        begun();
      }),
  });
  const first = slow('a', 'key-00001');
  await isBegun;
  const second = await controlProcess()('a', 'key-00001');
  expect([second.status, await codeOf(second)]).toEqual([409, 'in_progress']);
  release();
  expect((await first).status).toBe(201);
  expect(await done('a')).toBe(1);
});

test('twenty at once: one does it', async () => {
  const posts = [controlProcess(), controlProcess()];
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => posts[index % 2]?.('a', 'key-00001')),
  );
  expect(await done('a')).toBe(1);
  for (const answer of answers) expect([201, 409]).toContain(answer?.status);
});

test('a process that died after the commit: known as done, not done twice, whenever it is asked', async () => {
  const dying = controlProcess({ after: () => new Promise(() => undefined) });
  void dying('a', 'key-00001');
  await expect.poll(() => done('a')).toBe(1);
  platform.advance(10 * 60_000);
  const again = await controlProcess()('a', 'key-00001');
  expect([again.status, await codeOf(again)]).toEqual([409, 'already_done']);
  expect(await done('a')).toBe(1);
});

test('a process that died before the commit: its claim ends after a minute', async () => {
  await platform.pool.query(
    `INSERT INTO idempotency (actor, key, request_hash, created_at) VALUES ('person:1', 'key-00001', 'x', $1)`,
    [new Date(platform.clock.now())],
  );
  platform.advance(61_000);
  expect((await controlProcess()('a', 'key-00001')).status).toBe(201);
});

test('a request so slow that another took it over does not commit', async () => {
  let release: () => void = nothing;
  let begun: () => void = nothing;
  const isBegun = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const slow = controlProcess({
    before: () =>
      new Promise<void>((resolve) => {
        release = resolve;
        begun();
      }),
  });
  const first = slow('a', 'key-00001');
  await isBegun;
  platform.advance(61_000);
  expect((await controlProcess()('a', 'key-00001')).status).toBe(201);
  release();
  expect(await codeOf(await first)).toBe('in_progress');
  expect(await done('a')).toBe(1);
  expect((await controlProcess()('a', 'key-00001')).status).toBe(201);
});

test('an answer that shows a key once is stored sealed, and repeated only by the process that gave it', async () => {
  const post = controlProcess();
  const first = await read(await post('secret', 'key-00001'));
  expect(first.key).toBe(SHOWN_ONCE);
  const stored = await platform.pool.query<{ response: Buffer }>('SELECT response FROM idempotency');
  expect(stored.rows[0]?.response.includes(SHOWN_ONCE)).toBe(false);
  expect(await (await post('secret', 'key-00001')).json()).toEqual(first);
  const elsewhere = await controlProcess()('secret', 'key-00001');
  expect([elsewhere.status, await codeOf(elsewhere)]).toEqual([409, 'already_done']);
});

test('answers are kept for a day', async () => {
  await controlProcess()('a', 'key-00001');
  platform.advance(24 * 3600_000 + 1);
  await controlProcess()('b', 'key-00002');
  const rows = await platform.pool.query('SELECT key FROM idempotency');
  expect(rows.rows).toEqual([{ key: 'key-00002' }]);
});

test('a key of another form is refused by name', async () => {
  const answer = await controlProcess()('a', 'short');
  expect(answer.status).toBe(400);
  expect((await read(answer)).errors).toMatchObject([{ field: 'Idempotency-Key' }]);
});

test('the reason comes from the body or the header, percent-encoded or plain', async () => {
  const app = createRouter();
  app.onError(handleErrors(platform.log));
  app.post('/', async (c) => c.text(givenReason(c, (await c.req.json<{ reason?: string }>()).reason)));
  const ask = async (header: string | null, body: object) => {
    const answer = await app.request('/', {
      method: 'POST',
      headers: header === null ? {} : { 'x-drawbridge-reason': header },
      body: JSON.stringify(body),
    });
    return answer.ok ? answer.text() : codeOf(answer);
  };
  expect(await ask(null, { reason: ' first use ' })).toBe('first use');
  expect(await ask(encodeURIComponent('für später'), {})).toBe('für später');
  expect(await ask('100% sure', {})).toBe('100% sure');
  expect(await ask(null, {})).toBe('reason_missing');
  expect(await ask('x', {})).toBe('reason_missing');
  expect(await ask('a%00reason', {})).toBe('reason_missing');
});
