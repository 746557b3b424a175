import type { CheckpointPost } from '@drawbridge/protocol';
import { Frontier, generateKey, leafHash, logSigner, type Signer, signCheckpoint } from '@drawbridge/tlog';
import { Hono } from 'hono';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type HttpEnv, handleErrors } from '../platform/index.ts';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { readContradictions } from './contradictions.ts';
import { checkpointRoutes, readLogs, watchContradictions } from './index.ts';

/** Entries lie in the database as shipments leave them; all are made up. */
const MOST = 2_000;
let platform: TestPlatform;
let app: Hono<HttpEnv & { Variables: { gateway: { id: string } } }>;
let origin = '';
let signer: Signer;
let logs = 0;

beforeAll(async () => {
  platform = await testPlatform();
  app = new Hono();
  app.onError(handleErrors(platform.log));
  app.use(async (c, next) => {
    c.set('gateway', { id: c.req.header('x-test-gateway') ?? 'gateway-1' });
    await next();
  });
  app.route('/', checkpointRoutes(platform, MOST));
});
afterAll(() => platform.close());
beforeEach(() => {
  logs += 1;
  origin = `gateway.example.test/gateway-1/${logs}`;
  signer = keyOf(logs);
});

const keyOf = (seed: number, name = origin): Signer => logSigner(generateKey(name, Buffer.alloc(32, seed)));
const entry = (index: number): string => `{"made-up":${index}}`;

/** Stores entries up to an index, from where the log stands. */
async function store(until: number): Promise<void> {
  const now = new Date(platform.clock.now());
  await platform.pool.query(
    `INSERT INTO journal_log (origin, gateway, last_stored_at) VALUES ($1, 'gateway-1', $2) ON CONFLICT DO NOTHING`,
    [origin, now],
  );
  await platform.pool.query(
    `INSERT INTO journal_entry (log, idx, kind, crossing, at, bytes)
      SELECT id, n, 'crossing', gen_random_uuid(), $3, convert_to('{"made-up":' || n || '}', 'UTF8')
      FROM journal_log, generate_series(next_index, $2::bigint - 1) AS n WHERE origin = $1`,
    [origin, until, now],
  );
  await platform.pool.query('UPDATE journal_log SET next_index = $2 WHERE origin = $1', [origin, until]);
}

function rootAt(size: number, of: (index: number) => string = entry): Buffer {
  const tree = Frontier.empty();
  for (let index = 0; index < size; index++) tree.append(leafHash(Buffer.from(of(index))));
  return tree.root();
}

async function signed(
  size: number,
  more: { root?: Buffer; by?: Signer; origin?: string } = {},
): Promise<CheckpointPost> {
  const by = more.by ?? signer;
  const root = more.root ?? rootAt(size);
  const note = await signCheckpoint({ origin: more.origin ?? origin, size, root, extensions: [] }, [by]);
  return { v: 1, origin, verifierKey: by.verifierKey, note, signedAt: platform.clock.now() - 1000 };
}

async function post(body: object, gateway = 'gateway-1') {
  const response = await app.request('/checkpoint', {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', 'x-test-gateway': gateway },
  });
  return { status: response.status, ...z.record(z.string(), z.unknown()).parse(await response.json()) };
}

const seen = async () => (await readLogs(platform)).get('gateway-1')?.find((log) => log.origin === origin);
const evidence = async () =>
  (await readContradictions(platform, 'gateway-1')).filter((one) => one.origin === origin);

describe('a checkpoint that fits', () => {
  test('is taken: size, root and times are shown', async () => {
    await store(300);
    expect(await post(await signed(300))).toEqual({ status: 200, verified: 300 });
    expect(await seen()).toEqual({
      name: expect.stringMatching(/^gateways\/\d+$/),
      gateway: 'gateway-1',
      origin,
      entries: 300,
      verifierKey: signer.verifierKey,
      checkpoint: {
        size: 300,
        root: rootAt(300).toString('base64'),
        signedAt: new Date(platform.clock.now() - 1000).toISOString(),
        verifiedAt: new Date(platform.clock.now()).toISOString(),
      },
      tiled: 300,
      minimumIndex: 0,
      contradictions: { open: 0, acknowledged: 0 },
      contradiction: null,
    });
  });

  test('reads each entry once: those below the last one may even be gone', async () => {
    await store(500);
    await post(await signed(400));
    await platform.pool.query(
      'DELETE FROM journal_entry USING journal_log WHERE log = id AND origin = $1 AND idx < 400',
      [origin],
    );
    expect(await post(await signed(500))).toEqual({ status: 200, verified: 500 });
  });

  test('repeated, or late behind newer ones, is answered as taken and changes nothing', async () => {
    await store(300);
    await post(await signed(100));
    await post(await signed(300));
    const before = await seen();
    platform.advance(5_000);
    for (const size of [300, 100, 200, 7]) expect((await post(await signed(size))).status).toBe(200);
    expect(await seen()).toEqual(before);
  });

  test('is taken in parts where the log is long and new here', async () => {
    await store(4_500);
    const posted = await signed(4_500);
    expect(await post(posted)).toEqual({ status: 202, verified: 2_000 });
    expect((await seen())?.checkpoint).toBeNull();
    expect(await post(posted)).toEqual({ status: 202, verified: 4_000 });
    expect(await post(posted)).toEqual({ status: 200, verified: 4_500 });
  });

  test('waits for its entries', async () => {
    expect(await post(await signed(3))).toMatchObject({ status: 409, code: 'journal_gap', next: 0 });
    await store(2);
    expect(await post(await signed(3))).toMatchObject({ status: 409, code: 'journal_gap', next: 2 });
    await store(3);
    expect((await post(await signed(3))).status).toBe(200);
    expect(await evidence()).toEqual([]);
  });
});

describe('a checkpoint that contradicts what is stored', () => {
  /** Refused, kept as it was posted, shown, told in the log; the newest good one stays. */
  async function expectEvidence(posted: CheckpointPost, kind: string, ourRoot: Buffer | null) {
    const before = (await seen())?.checkpoint;
    expect(await post(posted)).toMatchObject({ status: 409, code: 'checkpoint_contradiction', what: kind });
    const found = await evidence();
    expect(found[0]).toMatchObject({
      kind,
      note: posted.note,
      verifierKey: posted.verifierKey,
      ourRoot: ourRoot?.toString('base64') ?? null,
      times: 1,
    });
    expect(await seen()).toMatchObject({ checkpoint: before, contradiction: { kind } });
    expect(platform.logged()).toContain('checkpoint_contradiction');
  }

  beforeEach(async () => {
    await store(300);
    await post(await signed(100));
  });

  const forged = (index: number): string => (index === 42 ? '{"made-up":"forged"}' : entry(index));

  test('another history, signed with the log’s own key', async () => {
    await expectEvidence(await signed(200, { root: rootAt(200, forged) }), 'other_root', rootAt(200));
  });

  test('another history of a size that was taken', async () => {
    await expectEvidence(await signed(100, { root: rootAt(100, forged) }), 'other_root', rootAt(100));
  });

  test('another history that comes late', async () => {
    await expectEvidence(await signed(60, { root: rootAt(60, forged) }), 'other_root', rootAt(60));
  });

  test('another key than before', async () => {
    await expectEvidence(await signed(200, { by: keyOf(99) }), 'other_key', null);
  });

  test('a signature of another key under the name of the first', async () => {
    const posted = await signed(200, { by: keyOf(99) });
    await expectEvidence({ ...posted, verifierKey: signer.verifierKey }, 'not_signed', null);
  });

  test('the checkpoint of another log', async () => {
    await expectEvidence(await signed(200, { origin: `${origin}/other` }), 'not_signed', null);
  });

  test('entries that were here and are not', async () => {
    await platform.pool.query(
      'DELETE FROM journal_entry USING journal_log WHERE log = id AND origin = $1 AND idx = 150',
      [origin],
    );
    await expectEvidence(await signed(200), 'entries_missing', null);
  });

  test('one that goes back further than can be checked', async () => {
    await store(5_000);
    const long = await signed(5_000);
    while ((await post(long)).status === 202);
    platform.advance(2 * 3_600_000);
    await store(5_001);
    expect((await post(await signed(5_001))).status).toBe(200);
    await expectEvidence(await signed(3_000), 'went_back', null);
  });

  test('stays shown when good ones follow, and does not pile up', async () => {
    const bad = await signed(200, { root: rootAt(200, forged) });
    for (let times = 0; times < 3; times++) await post(bad);
    expect((await evidence()).map(({ times }) => times)).toEqual([3]);
    for (let size = 101; size < 140; size++) await post(await signed(size, { root: rootAt(size, forged) }));
    const found = await evidence();
    expect(found).toHaveLength(20);
    expect(found.reduce((sum, { times }) => sum + times, 0)).toBe(42);
    expect((await post(await signed(300))).status).toBe(200);
    expect(await seen()).toMatchObject({ checkpoint: { size: 300 }, contradiction: { times: 42 } });
  });
});

test('is warned of as soon as it is found, and from the start on', async () => {
  await platform.pool.query('TRUNCATE log_contradiction');
  const registry = new Registry();
  const watch = watchContradictions(platform, registry);
  await watch.start();
  await store(10);
  await post(await signed(10));
  expect(watch.warning()).toBeNull();
  await post(await signed(9, { root: rootAt(8) }));
  await expect.poll(() => watch.warning()).toContain(origin);
  expect(await registry.metrics()).toContain('drawbridge_control_contradicting_logs 1');
  watch.stop();
  const later = watchContradictions(platform, new Registry());
  await later.start();
  expect(later.warning()).toContain(origin);
  later.stop();
});

describe('what is no checkpoint', () => {
  test('is refused with the field, and leaves nothing', async () => {
    await store(10);
    const good = await signed(10);
    for (const [body, field] of [
      [{ ...good, v: 2 }, 'v'],
      [{ ...good, note: 'no note' }, 'note'],
      [{ ...good, verifierKey: 'no key' }, 'verifierKey'],
      [{ ...good, verifierKey: keyOf(1, 'other.example.test').verifierKey }, 'verifierKey'],
      [{ ...good, signedAt: -1 }, 'signedAt'],
    ] as const) {
      const answer = await post(body);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer).toMatchObject({ code: 'invalid_request', errors: [{ field }] });
    }
    expect(await post({ ...good, more: 'x'.repeat(200_000) })).toMatchObject({ status: 413 });
    expect(await seen()).toMatchObject({ verifierKey: null, checkpoint: null, contradiction: null });
  });

  test('of another gateway’s log is refused', async () => {
    await store(10);
    expect(await post(await signed(10), 'gateway-2')).toMatchObject({
      status: 403,
      code: 'journal_not_yours',
    });
    expect(await seen()).toMatchObject({ verifierKey: null, checkpoint: null });
  });
});
