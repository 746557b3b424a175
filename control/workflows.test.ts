import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { crossingProjection, projectOnce } from './crossings/index.ts';
import { forgetJournals, madeUpCrossing, madeUpIngest, part } from './crossings/testing.ts';
import { type TestHouse, testHouse } from './fleet/testing.ts';
import { workflowsOf } from './workflows.ts';

/** What runs on a vendor, on a real database, each as sure as the record that names it. All is made up. */
const DAY = 24 * 3_600_000;
let house: TestHouse;
let app: string;
let acme: string;

beforeAll(async () => {
  house = await testHouse();
});
afterAll(() => house.close());
beforeEach(async () => {
  await house.reset();
  await house.platform.pool.query('TRUNCATE workload_trust, egress_host CASCADE');
  await forgetJournals(house.platform, [crossingProjection]);
  app = await house.makeApp();
  acme = (await house.connect({ slug: 'one' })).id;
});

const at = (days: number) => new Date(house.platform.clock.now() - days * DAY);
async function workload(name: string, given: { used?: Date; connections?: string[]; removed?: Date } = {}) {
  await house.platform.pool.query(
    `INSERT INTO workload_trust (id, app, name, issuer, audience, subject, connections, minutes, private, created_at,
       created_by, last_used_at, removed_at)
     VALUES ($1, $2, $1, 'https://issuer.example', 'here', $3, $4, 15, false, $5, 'x', $6, $7)`,
    [
      name,
      app,
      `repo:example/${name}`,
      given.connections ?? [acme],
      at(9),
      given.used ?? null,
      given.removed ?? null,
    ],
  );
}
const brief = async () =>
  (await workflowsOf(house.platform, ['acme'])).map((one) => [one.kind, one.name, one.layer, one.lastSeenAt]);

test('a workload is observed by its keys’ crossings, inferred by an exchange that opens nothing else, else declared', async () => {
  const { platform } = house;
  const other = (await house.connect({ slug: 'two' })).id;
  await platform.pool.query(`UPDATE connection SET vendor = 'beta' WHERE id = $1`, [other]);
  await workload('both', { connections: [acme, other], used: at(2) });
  await workload('elsewhere', { connections: [other], used: at(1) });
  await workload('gone', { removed: at(1) });
  await workload('never');
  await workload('seen', { connections: [acme, other], used: at(1) });
  await workload('took', { used: at(3) });
  const key = (
    await house.ask('POST', `/apps/${app}/keys`, { kind: 'secret', connections: [acme], reason: 'A test' })
  ).body;
  await platform.pool.query(`UPDATE virtual_key SET workload = 'seen' WHERE id = $1`, [key.id]);
  const ingest = await madeUpIngest(platform);
  const sent = (given: object) => {
    const made = madeUpCrossing(at(1).getTime(), [], { app, key: key.id, vendor: 'acme', ...given });
    return part(made.leaf, made.items);
  };
  await ingest.ship(ingest.log('gateway-1.example.com/log-1'), 0, [
    sent({}),
    // Neither what was refused, nor what went to others.
    sent({ vendor: 'beta' }),
  ]);
  while ((await projectOnce(platform, [crossingProjection], 100)) > 0);
  expect(await brief()).toEqual([
    ['workload', 'both', 'declared', at(2).toISOString()],
    ['workload', 'never', 'declared', null],
    ['workload', 'seen', 'observed', at(1).toISOString()],
    ['workload', 'took', 'inferred', at(3).toISOString()],
  ]);
  const [both] = await workflowsOf(platform, ['acme']);
  expect(both).toMatchObject({ app, vendor: 'acme', detail: 'repo:example/both' });
});

test('an app that reaches the vendor around its connections is listed once, unless all of it was refused or is long ago', async () => {
  const reached = (
    host: string,
    of: string,
    crossings: number,
    refused: number,
    days: number,
    vendor: string | null = 'acme',
  ) =>
    house.platform.pool.query(
      `INSERT INTO egress_host (host, port, app, vendor, first_at, last_at, crossings, refused, sent, received)
       VALUES ($1, 443, $2, $3, $4, $4, $5, $6, 0, 0)`,
      [host, of, vendor, at(days), crossings, refused],
    );
  await reached('api.acme.example', app, 5, 1, 2);
  await reached('eu.acme.example', app, 5, 0, 4);
  await reached('api.acme.example', 'refused', 3, 3, 1);
  await reached('api.acme.example', 'long-ago', 3, 0, 40);
  await reached('api.beta.example', app, 3, 0, 1, 'beta');
  await reached('x.example', app, 3, 0, 1, null);
  expect(await brief()).toEqual([
    ['around', 'api.acme.example, eu.acme.example', 'observed', at(2).toISOString()],
  ]);
});
