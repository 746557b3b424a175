import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { coverageProjection } from './seen-projection.ts';

/** What crossings and settlements of made-up logs come to, by day. */
let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());
const empty = () => platform.pool.query('TRUNCATE coverage_day, coverage_proxy_day, coverage_open');
beforeEach(empty);

type Entries = Parameters<typeof coverageProjection.apply>[1];
const AT = Date.parse('2026-11-01T23:59:59Z');
const id = (n: number) => `0199c0de-0000-7000-8000-${String(n).padStart(12, '0')}`;
const crossing = (n: number, more: object = {}) => ({
  type: 'crossing',
  id: id(n),
  at: AT,
  decision: 'forwarded',
  vendor: 'acme',
  connection: 'c1',
  endpoint: 'chat',
  app: 'app-1',
  ...more,
});
const settlement = (n: number, more: object = {}) => ({
  type: 'settlement',
  crossing: id(n),
  at: AT + 5_000,
  outcome: 'answered',
  status: 200,
  usage: { input: 30, output: 12 },
  ...more,
});
const tunnel = (n: number, vendor = 'acme') =>
  crossing(n, { vendor, connection: '@egress', egress: { host: 'api.acme.example', port: 443 } });

async function apply(entries: readonly object[], log = 1): Promise<boolean> {
  const client = await platform.pool.connect();
  try {
    const given = entries.map((entry, index) => ({ log, index, entry, items: [] }));
    return await coverageProjection.apply(client, given as unknown as Entries);
  } finally {
    client.release();
  }
}
async function rows() {
  const read = async (text: string) =>
    (await platform.pool.query({ text, rowMode: 'array' })).rows.map((row) => row.join(' '));
  return {
    days: await read(
      `SELECT vendor, day::text, connection, endpoint, sent, answered, failed, metered, tokens FROM coverage_day ORDER BY 1, 2, 3, 4`,
    ),
    tunnels: await read('SELECT vendor, day::text, app, tunnels FROM coverage_proxy_day ORDER BY 1, 2, 3'),
    open: await read('SELECT log, crossing FROM coverage_open ORDER BY 1, 2'),
  };
}

test('a crossing counts on the day on which it began, and what became of it there too', async () => {
  await apply([
    crossing(1),
    settlement(1),
    crossing(2),
    settlement(2, { status: 429, usage: null }),
    crossing(3),
    settlement(3, { outcome: 'client_gone', status: null, usage: null }),
    crossing(4),
    settlement(4, { usage: null }),
    crossing(5),
    crossing(6, { decision: 'refused' }),
    settlement(6, { outcome: 'not_sent', status: null }),
  ]);
  expect(await rows()).toEqual({
    days: ['acme 2026-11-01 c1 chat 5 2 1 1 42'],
    tunnels: [],
    open: [`1 ${id(5)}`],
  });
});

test('tunnels are counted apart, those to nobody known not at all, and their ends end nothing', async () => {
  await apply([
    tunnel(1),
    tunnel(2),
    tunnel(3, '@unknown'),
    settlement(1, { egress: { sent: 5, ended: 'closed' } }),
  ]);
  expect(await rows()).toEqual({
    days: [],
    tunnels: ['acme 2026-11-01 app-1 2'],
    open: [],
  });
});

test('a settlement ends one crossing, once, before it in its own log', async () => {
  await apply([settlement(1), crossing(1)]);
  await apply([settlement(1)], 2);
  expect((await rows()).days).toEqual(['acme 2026-11-01 c1 chat 1 0 0 0 0']);
  await apply([settlement(1)]);
  await apply([settlement(1)]);
  expect(await rows()).toMatchObject({ days: ['acme 2026-11-01 c1 chat 1 1 0 1 42'], open: [] });
  expect(await apply([settlement(9)])).toBe(false);
  // Of two that come together the first one says how it ended.
  await apply([crossing(2)]);
  await apply([settlement(2, { usage: null }), settlement(2, { status: 500 })]);
  expect((await rows()).days).toEqual(['acme 2026-11-01 c1 chat 2 2 0 1 42']);
});

test('where one batch ends changes nothing', async () => {
  const entries = Array.from({ length: 24 }, (_, n) => [
    crossing(n, { at: AT + (n % 3) * 1_000, endpoint: n % 2 === 0 ? 'chat' : 'images' }),
    ...(n % 5 === 0 ? [] : [settlement(n, n % 4 === 0 ? { status: 500, usage: null } : {})]),
    ...(n % 7 === 0 ? [settlement(n)] : []),
    ...(n % 6 === 0 ? [tunnel(100 + n)] : []),
  ]).flat();
  await apply(entries);
  const whole = await rows();
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat(entries.length), { maxLength: 8 }), async (cuts) => {
      await empty();
      const ends = [...cuts, entries.length].sort((a, b) => a - b);
      let from = 0;
      for (const end of ends) {
        await apply(entries.slice(from, end));
        from = end;
      }
      expect(await rows()).toEqual(whole);
    }),
    { numRuns: 15 },
  );
});
