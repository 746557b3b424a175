import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { residencyProjection } from './seen-projection.ts';

/** What crossings and settlements of made-up logs come to, for each address. */
let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());
beforeEach(() => platform.pool.query('TRUNCATE residency_seen, residency_crossing'));

type Entries = Parameters<typeof residencyProjection.apply>[1];
interface Entry {
  log?: number;
  at?: number;
  crossing: string;
  /** Of a settlement; left out: a crossing. */
  remote?: string | null;
  snapshot?: number;
  decision?: string;
}
let index = 0;
const entryOf = ({ log = 1, at = 1000, crossing, remote, snapshot = 1, decision = 'forwarded' }: Entry) => {
  index += 1;
  const about = { connection: 'c1', vendor: 'acme', service: 'analytics', snapshot };
  const entry =
    remote === undefined
      ? { type: 'crossing', id: crossing, at, decision, ...about }
      : { type: 'settlement', crossing, at, remote };
  return { log, index, entry };
};
async function apply(...given: Entry[]): Promise<boolean> {
  const client = await platform.pool.connect();
  try {
    return await residencyProjection.apply(client, given.map(entryOf) as unknown as Entries);
  } finally {
    client.release();
  }
}
async function seen() {
  const { rows } = await platform.pool.query(
    `SELECT address, crossings::int, snapshot::int, last_crossing, (extract(epoch FROM first_at) * 1000)::int AS first,
      (extract(epoch FROM last_at) * 1000)::int AS last FROM residency_seen ORDER BY address`,
  );
  return rows.map((row) => Object.values(row));
}
const waiting = async () =>
  (await platform.pool.query('SELECT crossing FROM residency_crossing ORDER BY crossing')).rows.length;

test('counts where crossings went, with the first, the last, and the configuration of the last', async () => {
  const entries: Entry[] = [
    { crossing: 'a' },
    { crossing: 'a', remote: '192.0.2.7:443', at: 2000 },
    { crossing: 'b', snapshot: 3 },
    { crossing: 'b', remote: '192.0.2.7:443', at: 3000 },
    { crossing: 'c', snapshot: 2 },
    { crossing: 'c', remote: '[2001:db8::1]:443', at: 2500 },
  ];
  expect(await apply(...entries)).toBe(true);
  const all = [
    ['192.0.2.7', 2, 3, 'b', 2000, 3000],
    ['2001:db8::1', 1, 2, 'c', 2500, 2500],
  ];
  expect(await seen()).toEqual(all);
  expect(await waiting()).toBe(0);
  // One entry after the other gives the same rows.
  await platform.pool.query('TRUNCATE residency_seen, residency_crossing');
  for (const entry of entries) await apply(entry);
  expect(await seen()).toEqual(all);
});

test('what was refused, and what had no address, went nowhere', async () => {
  expect(
    await apply(
      { crossing: 'a', decision: 'refused' },
      { crossing: 'a', remote: null },
      { crossing: 'b' },
      { crossing: 'b', remote: null },
    ),
  ).toBe(false);
  expect([await seen(), await waiting()]).toEqual([[], 0]);
});

test('a settlement counts once, for the crossing before it in its own log', async () => {
  await apply({ crossing: 'a' }, { crossing: 'a', remote: '192.0.2.7:443' });
  await apply({ crossing: 'a', remote: '192.0.2.7:443' });
  await apply({ crossing: 'b', remote: '192.0.2.7:443' }, { crossing: 'b' });
  await apply({ log: 2, crossing: 'b', remote: '192.0.2.7:443' });
  expect((await seen())[0]?.[1]).toBe(1);
  expect(await waiting()).toBe(1);
});
