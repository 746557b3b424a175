import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { FURTHER, MOST_ENDPOINTS, residencyProjection } from './seen-projection.ts';

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
  vendor?: string;
  /** Through the egress proxy. */
  host?: string;
}
let index = 0;
const entryOf = (given: Entry) => {
  const { log = 1, at = 1000, crossing, remote, snapshot = 1, decision = 'forwarded', host } = given;
  index += 1;
  const about = { connection: 'c1', vendor: given.vendor ?? 'acme', service: 'analytics', snapshot };
  const egress = host === undefined ? {} : { egress: { host, port: 443 } };
  const entry =
    remote === undefined
      ? { type: 'crossing', id: crossing, at, decision, ...about, ...egress }
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

describe('endpoints are bounded', () => {
  const hosts = (many: number, from = 0) =>
    Array.from({ length: many }, (_, n) => `h${from + n}.acme.example`);
  async function reach(names: readonly string[], vendor = 'acme', at = 1000): Promise<void> {
    await apply(
      ...names.flatMap((host) => [
        { crossing: host, host, vendor, at },
        { crossing: host, remote: '192.0.2.7:443', at },
      ]),
    );
  }
  const rows = async () =>
    (
      await platform.pool.query<{ connection: string; address: string; vendor: string; crossings: number }>(
        'SELECT connection, address, vendor, crossings::int FROM residency_seen ORDER BY connection, address',
      )
    ).rows;

  test('of one vendor through the egress proxy: what is beyond is counted together, and others are not touched', async () => {
    await reach(hosts(MOST_ENDPOINTS + 30));
    await reach(hosts(5, MOST_ENDPOINTS + 30));
    await reach(['api.zenith.example'], 'zenith');
    // One that is listed counts on its own row.
    await reach(['h3.acme.example']);
    const all = await rows();
    expect(all).toHaveLength(MOST_ENDPOINTS + 2);
    const find = (connection: string) => all.find((row) => row.connection === connection);
    expect(find('@egress:*.acme')).toMatchObject({ address: FURTHER, vendor: 'acme', crossings: 35 });
    expect(find('@egress:h3.acme.example')).toMatchObject({ crossings: 2 });
    expect(find('@egress:api.zenith.example')).toMatchObject({ crossings: 1 });
  });

  test('of one connection: by address', async () => {
    const entries = Array.from({ length: MOST_ENDPOINTS + 3 }, (_, n): Entry[] => [
      { crossing: `a${n}` },
      { crossing: `a${n}`, remote: `10.${n >> 8}.${n & 255}.1:443` },
    ]).flat();
    await apply(...entries);
    expect((await rows()).find(({ address }) => address === FURTHER)).toMatchObject({
      connection: 'c1',
      crossings: 3,
    });
  });

  test('and what nobody is shown any more makes room', async () => {
    const day = 24 * 3600_000;
    await reach(hosts(MOST_ENDPOINTS), 'acme', 1000);
    await reach(['new.acme.example'], 'acme', 32 * day);
    expect(await rows()).toMatchObject([{ connection: '@egress:new.acme.example' }]);
  });
});
