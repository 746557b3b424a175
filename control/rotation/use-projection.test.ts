import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { credentialUseProjection } from './use-projection.ts';

/** What crossings and settlements of made-up logs come to, for each version of a credential. */
let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());
beforeEach(() => platform.pool.query('TRUNCATE credential_use, credential_crossing'));

type Entries = Parameters<typeof credentialUseProjection.apply>[1];
interface Entry {
  log?: number;
  at?: number;
  crossing: string;
  credential?: number;
  status?: number;
  decision?: string;
}
let index = 0;
const entryOf = ({ log = 1, at = 1000, crossing, credential, status, decision = 'forwarded' }: Entry) => {
  index += 1;
  const entry =
    status === undefined
      ? { type: 'crossing', id: crossing, at, decision, connection: 'acme', credential }
      : { type: 'settlement', crossing, at, status };
  return { log, index, entry };
};
async function apply(...given: Entry[]): Promise<boolean> {
  const client = await platform.pool.connect();
  try {
    return await credentialUseProjection.apply(client, given.map(entryOf) as unknown as Entries);
  } finally {
    client.release();
  }
}
async function used() {
  const { rows } = await platform.pool.query(
    `SELECT version, sent::int, answered::int, unauthorised::int, forbidden::int,
      (extract(epoch FROM last_at) * 1000)::int AS last FROM credential_use ORDER BY version`,
  );
  return rows.map(({ version, sent, answered, unauthorised, forbidden, last }) => [
    ...[version, sent, answered, unauthorised, forbidden, last],
  ]);
}

test('what was sent with a version, and what it was answered, counts for that version', async () => {
  expect(
    await apply(
      { crossing: 'a', credential: 1 },
      { crossing: 'b', credential: 2, at: 3000 },
      { crossing: 'c', credential: 2, at: 2000 },
      { crossing: 'd', credential: 2 },
      { crossing: 'e', credential: 2, decision: 'refused' },
    ),
  ).toBe(true);
  await apply({ crossing: 'b', status: 401 }, { crossing: 'c', status: 403 });
  await apply({ crossing: 'a', status: 200 }, { crossing: 'd', status: 500 }, { crossing: 'e', status: 401 });
  expect(await used()).toEqual([
    [1, 1, 1, 0, 0, 1000],
    [2, 3, 1, 1, 1, 3000],
  ]);
});

test('a crossing that does not say its version is of before there were two, and moves no page', async () => {
  expect(await apply({ crossing: 'a' })).toBe(false);
  await apply({ crossing: 'a', status: 401 });
  expect(await used()).toEqual([[0, 1, 0, 0, 0, 1000]]);
});

test('a settlement counts once, for the crossing before it in its own log', async () => {
  await apply({ crossing: 'A', credential: 1 }, { crossing: 'a', log: 2, credential: 2 });
  await apply({ crossing: 'a', status: 200 });
  await apply({ crossing: 'a', status: 401 });
  expect(await used()).toEqual([
    [1, 1, 1, 0, 0, 1000],
    [2, 1, 0, 0, 0, 1000],
  ]);
  await apply({ crossing: 'a', log: 2, status: 401 });
  expect((await used())[1]).toEqual([2, 1, 0, 1, 0, 1000]);
  // Ahead of its crossing it settles nothing.
  await apply({ crossing: 'z', status: 200 });
  await apply({ crossing: 'z', credential: 1 });
  expect((await used())[0]).toEqual([1, 2, 1, 0, 0, 1000]);
});
