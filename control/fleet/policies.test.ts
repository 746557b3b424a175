import { parseSnapshot } from '@drawbridge/protocol';
import { expect, test } from 'vitest';
import { createPolicies, type Starter } from '../policy/index.ts';
import { byAda, shipped } from '../policy/testing.ts';
import { testFleet } from './testing-fleet.ts';

const here = testFleet();
const policies = () =>
  createPolicies({ platform: here.house.platform, starters: async () => [], keepers: async () => [] });
const takeOver = async (name: string): Promise<Starter> => {
  const starter = await shipped(name);
  await policies().create({ ...starter, activate: true }, byAda);
  return starter;
};
const forget = () =>
  here.house.platform.pool.query('TRUNCATE policy, policy_version, policy_grant, vendor_facts CASCADE');

test('a snapshot has the policies in force that decide crossings, and facts only beside them', async () => {
  await forget();
  const app = await here.house.makeApp();
  const { pool } = here.house.platform;
  await pool.query(`INSERT INTO app_facts VALUES ($1, '{eu-only}', 'research', 'person', now(), 'Ada')`, [
    app,
  ]);
  const before = await here.current();
  expect(before.policies).toBeUndefined();
  expect(before.console).toBeUndefined();

  const { name, text } = await takeOver('only-approved-vendors');
  await takeOver('no-new-vendors-on-weekends');
  await pool.query(
    `INSERT INTO policy_grant (id, policy, app, connection, until, granted_at, granted_by, reason)
     SELECT 'grant-' || n, $1, $2, 'c', $3::timestamptz + (n - 1) * interval '1 hour', now(), 'Ada', 'A test'
     FROM generate_series(0, 2) AS n`,
    [name, app, new Date(here.house.platform.clock.now())],
  );
  const snapshot = await here.current();
  expect(snapshot.version).toBeGreaterThan(before.version);
  expect(snapshot.policies).toMatchObject({
    items: [{ name, text }],
    apps: [{ id: app, tags: ['eu-only'], team: 'research', owner: 'Ada Example', holder: 'person' }],
    vendors: [],
    // Those that are over stay here.
    grants: [{ id: 'grant-2', policy: name, app, connection: 'c' }],
  });
  expect(snapshot.console).toBe('http://localhost:4400');
  expect(parseSnapshot(JSON.parse(JSON.stringify(snapshot)))).toEqual(snapshot);
});

test('going back to a configuration puts its policies back, and says what it does', async () => {
  await forget();
  await here.house.connect();
  const none = await here.current();
  const { text } = await takeOver('only-approved-vendors');
  const one = await here.current();
  await policies().change(
    'only-approved-vendors',
    { text: text.replace('Only approved', 'None but approved'), examples: [], basedOn: 1, activate: true },
    byAda,
  );
  await takeOver('eu-only-for-tagged-apps');
  const two = await here.current();

  const back = (to: number, basedOn: number) => here.fleet.rollBack({ to, basedOn, reopen: false }, byAda);
  const planned = await here.fleet.planRollback(one.version, false);
  expect(planned.putBack).toEqual([
    {
      subject: {
        kind: 'policy',
        id: 'eu-only-for-tagged-apps',
        name: 'Apps tagged eu-only stay in the EU',
      },
      text: 'It is in force no longer: it was not then.',
    },
    {
      subject: { kind: 'policy', id: 'only-approved-vendors', name: 'Only approved vendors' },
      text: 'Version 1 is in force: it is 2 now.',
    },
  ]);
  await back(one.version, two.version);
  const again = await here.current();
  expect(again.policies).toEqual(one.policies);
  await back(none.version, again.version);
  expect((await here.current()).policies).toBeUndefined();
  await back(two.version, (await here.current()).version);
  expect((await here.current()).policies).toEqual(two.policies);
});
