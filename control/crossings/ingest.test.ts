import { itemHash, payloadCommitment } from '@drawbridge/protocol';
import { Hono } from 'hono';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type HttpEnv, handleErrors } from '../platform/index.ts';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { ingestRoutes, SHIPMENT_TYPE } from './ingest.ts';
import type { OpenDataKey } from './shipment.ts';
import {
  MadeUpLog,
  madeUpCrossing,
  madeUpItem,
  madeUpSettlement,
  nothingErased,
  part,
  payloadKeys,
  type ShippedPart,
} from './testing.ts';

let platform: TestPlatform;
let publicKey: Uint8Array;
let openDataKey: OpenDataKey;
let keysOpened = 0;
let stored = 0;
let app: Hono<HttpEnv & { Variables: { gateway: { id: string } } }>;
let log: MadeUpLog;
let logs = 0;

beforeAll(async () => {
  platform = await testPlatform();
  ({ publicKey, openDataKey } = await payloadKeys());
  app = new Hono();
  app.onError(handleErrors(platform.log));
  app.use(async (c, next) => {
    c.set('gateway', { id: c.req.header('x-test-gateway') ?? 'gateway-1' });
    await next();
  });
  app.route(
    '/',
    ingestRoutes(platform, {
      openDataKey: (sealed, context) => {
        keysOpened += 1;
        return openDataKey(sealed, context);
      },
      erased: nothingErased,
      onStored: () => {
        stored += 1;
      },
    }),
  );
});
afterAll(() => platform.close());
beforeEach(() => {
  logs += 1;
  log = new MadeUpLog(`gateway-1.example.com/log-${logs}`, publicKey);
  stored = 0;
});

async function post(body: Uint8Array, headers: Record<string, string> = {}) {
  const response = await app.request('/journal', {
    method: 'POST',
    body,
    headers: { 'content-type': SHIPMENT_TYPE, 'x-drawbridge-origin': log.origin, ...headers },
  });
  const answer = z.record(z.string(), z.unknown()).parse(await response.json());
  return { status: response.status, ...answer };
}
const ship = async (first: number, parts: readonly ShippedPart[]) => post(await log.ship(first, parts));
const rowsOf = async (origin = log.origin) => {
  const entries = await platform.pool.query(
    `SELECT e.idx, e.kind, e.crossing, e.at, e.bytes FROM journal_entry e JOIN journal_log l ON l.id = e.log
      WHERE origin = $1 ORDER BY idx`,
    [origin],
  );
  const items = await platform.pool.query(
    `SELECT i.idx, i.item, i.hash, i.bytes FROM payload_item i JOIN journal_log l ON l.id = i.log
      WHERE origin = $1 ORDER BY idx, item`,
    [origin],
  );
  return { entries: entries.rows, items: items.rows };
};

const now = Date.UTC(2025, 10, 9, 7);
const someone = () =>
  madeUpItem({ s: 'AAAAAAAAAAAAAAAAAAAAAA', k: 'user', f: [['$email', 'person.email', 'drop', 'email', 1]] });
const nobody = () => madeUpItem({ f: [['$os', 'device.os', 'pass', 'string', 2]] });

function walk(at: number, items = [someone(), nobody()]): ShippedPart[] {
  const crossing = madeUpCrossing(at, items);
  return [part(crossing.leaf, crossing.items), part(madeUpSettlement(crossing.leaf.id, at + 20))];
}

describe('what is shipped is stored', () => {
  test('byte for byte, items singly with their hashes, and the next index is answered', async () => {
    const crossing = madeUpCrossing(now, [someone(), nobody()]);
    const settlement = madeUpSettlement(crossing.leaf.id, now + 20);
    const parts = [part(crossing.leaf, crossing.items), part(settlement)];
    expect(await ship(0, parts)).toEqual({ status: 200, next: 2 });
    const { entries, items } = await rowsOf();
    expect(entries).toEqual([
      { idx: 0, kind: 'crossing', crossing: crossing.leaf.id, at: new Date(now), bytes: parts[0]?.entry },
      {
        idx: 1,
        kind: 'settlement',
        crossing: crossing.leaf.id,
        at: new Date(now + 20),
        bytes: parts[1]?.entry,
      },
    ]);
    expect(items.map((item) => [item.idx, item.item, item.bytes])).toEqual([
      [0, 0, crossing.items[0]],
      [0, 1, crossing.items[1]],
    ]);
    expect(items.map((item) => item.hash.length)).toEqual([32, 32]);
    expect(stored).toBe(1);
  });

  test('shipped twice, and with more behind it, it is stored once', async () => {
    const [first, second] = [walk(now), walk(now + 1000)];
    await ship(0, first);
    const before = await rowsOf();
    expect(await ship(0, first)).toEqual({ status: 200, next: 2 });
    expect(await rowsOf()).toEqual(before);
    expect(await ship(1, [...first.slice(1), ...second])).toEqual({ status: 200, next: 4 });
    expect((await rowsOf()).entries.map((row) => row.idx)).toEqual([0, 1, 2, 3]);
  });

  test('the same shipment eight times at once is stored once, for a new log and for one that is there', async () => {
    for (const first of [0, 2]) {
      const body = await log.ship(first, walk(now));
      const answers = await Promise.all(Array.from({ length: 8 }, () => post(body)));
      expect(answers).toEqual(Array(8).fill({ status: 200, next: first + 2 }));
      expect((await rowsOf()).entries).toHaveLength(first + 2);
    }
  });

  test('a payload that the gateway had deleted leaves the leaf without items', async () => {
    const crossing = madeUpCrossing(now, [someone()]);
    expect(await ship(0, [{ ...part(crossing.leaf), payload: 'deleted' }])).toEqual({ status: 200, next: 1 });
    expect((await rowsOf()).items).toEqual([]);
  });

  test('a segment’s data key is opened once', async () => {
    const before = keysOpened;
    await ship(0, walk(now));
    await ship(2, walk(now));
    expect(keysOpened - before).toBe(1);
  });
});

describe('what does not fit is refused whole', () => {
  test('a gap: the answer says where to go on', async () => {
    await ship(0, walk(now));
    expect(await ship(3, walk(now))).toMatchObject({ status: 409, code: 'journal_gap', next: 2 });
    expect((await rowsOf()).entries).toHaveLength(2);
  });

  test('the same index with other bytes: a conflict, an alarm, and nothing of it', async () => {
    const first = walk(now);
    await ship(0, first);
    const before = await rowsOf();
    const rewritten = [...first.slice(0, 1), ...walk(now + 5)];
    expect(await ship(0, rewritten)).toMatchObject({ status: 409, code: 'journal_conflict', index: 1 });
    expect(await rowsOf()).toEqual(before);
    expect(platform.logged()).toContain('"alarm":"journal_conflict"');
  });

  test('another gateway’s log', async () => {
    await ship(0, walk(now));
    const body = await log.ship(2, walk(now));
    expect(await post(body, { 'x-test-gateway': 'gateway-2' })).toMatchObject({
      status: 403,
      code: 'journal_not_yours',
    });
    expect((await rowsOf()).entries).toHaveLength(2);
  });

  test('a header that names another log than the shipment', async () => {
    const body = await log.ship(0, walk(now));
    expect(await post(body, { 'x-drawbridge-origin': 'gateway-1.example.com/other' })).toMatchObject({
      status: 400,
      code: 'journal_malformed',
    });
    expect((await rowsOf()).entries).toEqual([]);
  });

  const good = () => madeUpCrossing(now, [someone(), nobody()]);
  const changed = (change: Record<string, unknown>): ShippedPart => {
    const crossing = good();
    const leaf = { ...crossing.leaf, ...change };
    return { ...part(crossing.leaf, crossing.items), entry: Buffer.from(JSON.stringify(leaf)) };
  };
  const withItem = (bytes: Buffer): ShippedPart => {
    const crossing = madeUpCrossing(now, []);
    const { leaf } = madeUpCrossing(now, [], {
      ...crossing.leaf,
      items: 1,
      payload: payloadCommitment([itemHash(bytes)]),
    });
    return part(leaf, [bytes]);
  };
  const cases: [string, () => ShippedPart, number, string, string][] = [
    [
      'a leaf that commits to other items',
      () => changed({ payload: 'A'.repeat(43) }),
      422,
      'journal_commitment_wrong',
      'Entry 1',
    ],
    [
      'a leaf that commits to fewer items',
      () => changed({ items: 1 }),
      422,
      'journal_commitment_wrong',
      'Entry 1',
    ],
    [
      'items left out',
      () => ({ ...part(good().leaf), payload: null }),
      422,
      'journal_commitment_wrong',
      'Entry 1',
    ],
    ['an unknown version', () => changed({ v: 9 }), 400, 'journal_unknown_version', '"9"'],
    ['an unknown type', () => changed({ type: 'note' }), 400, 'journal_entry_malformed', '"type"'],
    [
      'a field class that is none',
      () => changed({ fields: [['person.soul', 'pass', 1]] }),
      400,
      'journal_entry_malformed',
      '"fields.0.0"',
    ],
    [
      'a member that nobody knows',
      () => changed({ note: 'x' }),
      400,
      'journal_entry_malformed',
      'unrecognized_keys',
    ],
    [
      'a time of another age',
      () => changed({ at: Date.UTC(2190, 0, 1) }),
      400,
      'journal_entry_malformed',
      'clock',
    ],
    ['a time before time', () => changed({ at: -1 }), 400, 'journal_entry_malformed', 'clock'],
    ['a NUL in a name', () => changed({ endpoint: 'a\u0000b' }), 400, 'journal_entry_malformed', 'NUL'],
    ['a leaf over 2 KB', () => changed({ note: 'x'.repeat(2048) }), 400, 'journal_entry_malformed', '2048'],
    [
      'an entry that is not JSON',
      () => ({ entry: Buffer.from('{'), payload: null }),
      400,
      'journal_entry_malformed',
      'not JSON',
    ],
    [
      'an entry that is not UTF-8',
      () => ({ entry: Buffer.from([0x7b, 0xff, 0x7d]), payload: null }),
      400,
      'journal_entry_malformed',
      'UTF-8',
    ],
    [
      'an item that is not JSON',
      () => withItem(Buffer.from('nothing')),
      400,
      'journal_entry_malformed',
      'item 0',
    ],
    [
      'an item that is not UTF-8',
      () => withItem(Buffer.from([0xc3, 0x28])),
      400,
      'journal_entry_malformed',
      'item 0',
    ],
    [
      'an item of an unknown form',
      () => withItem(Buffer.from('{"v":1}')),
      400,
      'journal_entry_malformed',
      'item 0',
    ],
    [
      'a pseudonym with a NUL',
      () => withItem(Buffer.from(JSON.stringify(madeUpItem({ s: 'a\u0000' })))),
      400,
      'journal_entry_malformed',
      'pseudonym',
    ],
    [
      'a payload whose lengths do not add up',
      () => ({ ...part(good().leaf), payload: Buffer.from([9, 0, 0, 0, 1]) }),
      422,
      'journal_payload_unreadable',
      'entry 1',
    ],
    [
      'a settlement with a payload',
      () => ({ ...part(madeUpSettlement(good().leaf.id, now)), payload: Buffer.from([0, 0, 0, 0]) }),
      400,
      'journal_entry_malformed',
      'settlement',
    ],
    [
      'a status that is none',
      () => part(madeUpSettlement(good().leaf.id, now, { status: 2 ** 40 })),
      400,
      'journal_entry_malformed',
      'status',
    ],
  ];
  test.each(cases)('%s', async (_what, bad, status, code, says) => {
    const answer = await ship(0, [...walk(now).slice(0, 1), bad(), ...walk(now)]);
    expect(answer).toMatchObject({ status, code, detail: expect.stringContaining(says) });
    expect(await rowsOf()).toEqual({ entries: [], items: [] });
    expect(stored).toBe(0);
  });

  test('a payload sealed for another entry', async () => {
    const body = await log.ship(0, walk(now));
    const moved = Buffer.from(body);
    // The mark after the header holds the first index; its checksum goes with it.
    const other = await log.ship(7, walk(now));
    const headerEnd = 9 + body.readUInt32LE(0);
    const otherEnd = 9 + other.readUInt32LE(0);
    expect(otherEnd).toBe(headerEnd);
    other.copy(moved, headerEnd, headerEnd, headerEnd + 17);
    expect(await post(moved)).toMatchObject({ status: 422, code: 'journal_payload_unreadable' });
  });

  test('a data key sealed to another control plane', async () => {
    const other = await payloadKeys();
    log = new MadeUpLog(log.origin, other.publicKey);
    expect(await ship(0, walk(now))).toMatchObject({ status: 422, code: 'journal_key_unreadable' });
  });

  test('a shipment cut off anywhere, or with a bit turned anywhere, stores nothing', async () => {
    const body = await log.ship(0, walk(now));
    for (let length = 0; length < body.length; length += 41) {
      const answer = await post(body.subarray(0, length));
      expect(answer.status).toBe(400);
    }
    for (let at = 0; at < body.length; at += 37) {
      const turned = Buffer.from(body);
      turned[at] = (turned[at] ?? 0) ^ 0x10;
      const answer = await post(turned);
      expect([400, 422]).toContain(answer.status);
    }
    expect((await rowsOf()).entries).toEqual([]);
  });

  test('too many bytes, said and unsaid', async () => {
    const large = Buffer.alloc(16 * 1024 * 1024 + 1);
    expect(await post(large)).toMatchObject({ status: 413, code: 'journal_too_large' });
    expect(await post(large, { 'content-length': '10' })).toMatchObject({ status: 413 });
  });

  test('another content type', async () => {
    expect(await post(Buffer.from('{}'), { 'content-type': 'application/json' })).toMatchObject({
      status: 415,
    });
  });
});
