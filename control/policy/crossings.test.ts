import type { Leaf } from '@drawbridge/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { crossingProjection, findPolicyRefusal, type Names, projectOnce } from '../crossings/index.ts';
import { forgetJournals, madeUpCrossing, madeUpIngest, madeUpItem, part } from '../crossings/testing.ts';
import { Problem } from '../platform/index.ts';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { dryRun } from './dry-run.ts';
import { listFacts, writeAppFacts, writeVendorFacts } from './facts.ts';
import { createGrants, type Grants } from './grants.ts';
import { createPolicies, type Policies } from './policies.ts';
import { byAda, shipped, shippedPolicies } from './testing.ts';

const names: Names = {
  connections: async () => new Map([['connection-1', 'Web analytics']]),
  apps: async () => new Map([['app-1', 'Shop']]),
};
const DAY_MS = 24 * 3600_000;

let platform: TestPlatform;
let policies: Policies;
let grants: Grants;
let ship: (leaves: readonly Partial<Leaf>[]) => Promise<string[]>;
beforeAll(async () => {
  platform = await testPlatform();
  policies = createPolicies({ platform, starters: shippedPolicies, keepers: async () => [] });
  grants = createGrants({ platform, names, refusalOf: (id) => findPolicyRefusal(platform, id) });
  const ingest = await madeUpIngest(platform);
  const at = platform.clock.now();
  let logs = 0;
  let made = 0;
  ship = async (leaves) => {
    logs += 1;
    const crossings = leaves.map((leaf) => {
      made += 1;
      const fields = leaf.fields ?? [['person.email', 'pass', 1]];
      const items = [
        madeUpItem({ f: fields.map(([name, treatment, n]) => ['$x', name, treatment, 'string', n]) }),
      ];
      return madeUpCrossing(at + made, items, { ...leaf, fields });
    });
    await ingest.ship(
      ingest.log(`gateway-1.example.com/log-${logs}`),
      0,
      crossings.map(({ leaf, items }) => part(leaf, items)),
    );
    while ((await projectOnce(platform, [crossingProjection], 1000)) > 0);
    return crossings.map(({ leaf }) => leaf.id);
  };
});
afterAll(() => platform.close());
beforeEach(async () => {
  await forgetJournals(platform, [crossingProjection]);
  await platform.pool.query(
    'TRUNCATE policy, policy_version, policy_grant, access_request, app_facts, vendor_facts, app, change CASCADE',
  );
  await platform.pool.query(
    `INSERT INTO app (id, name, owner, created_at, created_by) VALUES ('app-1', 'Shop', 'Ada Example', now(), 'Ada')`,
  );
});

const connection = { id: 'connection-1', service: 'analytics', region: 'us', jurisdiction: 'US' };
const tried = (given: { name: string; text: string }, limit = 3000) =>
  dryRun(
    {
      platform,
      names,
      connections: async () => new Map([[connection.id, connection]]),
      keyKinds: async () =>
        new Map([
          ['abcdefghijklmnop', 'workload'],
          ['keyofbobabcdefgh', 'person'],
        ]),
    },
    { ...given, limit },
  );
async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Problem) return error;
  throw new Error('it was not refused', { cause: error });
}
const signed = { on: '2025-03-01', source: 'Contract folder, made up' };

describe('a dry run', () => {
  test('says which real crossings a policy would have refused, by the facts of today', async () => {
    const [first, , third] = await ship([{}, { fields: [['event.name', 'pass', 1]] }, {}]);
    const agreement = await shipped('no-personal-data-without-agreement');
    expect(await tried(agreement)).toMatchObject({
      looked: 3,
      whole: true,
      refused: 2,
      refusedAnyway: 0,
      allowed: 1,
      notKnown: 0,
      items: [
        { id: third, app: { id: 'app-1', name: 'Shop' }, connection: { name: 'Web analytics' } },
        { id: first },
      ],
    });
    await writeVendorFacts(platform, 'mixpanel', { approved: null, agreement: signed }, byAda);
    expect(await tried(agreement)).toMatchObject({ refused: 0, allowed: 3 });
  });

  test('tells apart what policies in force refuse anyway', async () => {
    await ship([{}, { fields: [['event.name', 'pass', 1]] }]);
    await policies.create(
      { ...(await shipped('no-personal-data-without-agreement')), activate: true },
      byAda,
    );
    expect(await tried(await shipped('only-approved-vendors'))).toMatchObject({
      refused: 1,
      refusedAnyway: 1,
    });
  });

  test('never counts as allowed what a record does not hold', async () => {
    const run = { class: 'inference', endpoint: 'chat' };
    await ship([
      run,
      { ...run, model: 'claude-opus-4-20250514' },
      { ...run, model: 'gpt-4.1-mini' },
      { ...run, model: 'gpt-4o*' },
      { connection: 'connection-gone', fields: [] },
      {},
    ]);
    expect(await tried(await shipped('models-by-team'))).toMatchObject({
      refused: 1,
      allowed: 3,
      notKnown: 2,
      notKnownFor: ['the model'],
    });
    await ship([{ key: 'keyrevokedabcdef' }, { key: 'keyofbobabcdefgh' }]);
    // The clock of tests stands on a Sunday.
    expect(await tried(await shipped('working-hours-for-people'))).toMatchObject({
      refused: 1,
      allowed: 6,
      notKnown: 1,
      notKnownFor: ['whose key it was'],
    });
    await writeAppFacts(platform, 'app-1', { tags: ['eu-only'], team: '', holder: 'workload' }, byAda);
    expect(await tried(await shipped('eu-only-for-tagged-apps'))).toMatchObject({
      refused: 7,
      notKnown: 1,
      notKnownFor: ['region and jurisdiction'],
    });
  });

  test('takes what a contract would have done where it was lifted or only watched', async () => {
    const would: Leaf['would'] = { fields: [['person.email', 'drop', 1]], reason: null };
    await ship([{ mode: 'observe', would }, { mode: 'observe' }]);
    expect(await tried(await shipped('no-personal-data-without-agreement'))).toMatchObject({
      refused: 1,
      allowed: 1,
    });
  });

  test('leaves out what was refused before policies were asked, and looks at so many at most', async () => {
    const refused = { decision: 'refused', stage: 'admit' } as const;
    const denied = { decision: 'refused', stage: 'authorise', reason: 'policy_denied' } as const;
    await ship([{}, {}, { ...refused, reason: 'key_revoked' }, denied]);
    expect((await tried(await shipped('only-approved-vendors'))).looked).toBe(3);
    expect((await tried(await shipped('only-approved-vendors'), 2)).looked).toBe(2);
    const weekends = await shipped('no-new-vendors-on-weekends');
    expect(await problemOf(tried(weekends))).toMatchObject({ code: 'no_crossings' });
  });

  test('of 3,000 crossings is done in under two seconds', async () => {
    const classes = ['person.email', 'person.name', 'event.name', 'geo.city', 'network.ip'] as const;
    const some = (n: number): Leaf['fields'] =>
      classes
        .flatMap((name, bit) => ((n >> bit) & 1 ? [[name, 'pass', 1] as const] : []))
        .map(([a, b, c]) => [a, b, c]);
    await ship(
      Array.from({ length: 3000 }, (_, n) => ({
        endpoint: `endpoint-${n % 20}`,
        app: `app-${n % 7}`,
        fields: some(n),
      })),
    );
    const began = performance.now();
    const result = await tried(await shipped('no-personal-data-without-agreement'));
    expect(result).toMatchObject({ looked: 3000, whole: true });
    expect(result.items).toHaveLength(100);
    expect(performance.now() - began).toBeLessThan(2000);
  });
});

describe('a request for access', () => {
  const denied = (policy: string): Partial<Leaf> => ({
    decision: 'refused',
    stage: 'authorise',
    reason: 'policy_denied',
    decided_by: [policy],
  });
  const until = () => new Date(platform.clock.now() + 7 * DAY_MS).toISOString();

  test('is asked of a refused crossing, granted until a time, and then it does not refuse', async () => {
    await policies.create({ ...(await shipped('only-approved-vendors')), activate: true }, byAda);
    const [crossing = ''] = await ship([denied('only-approved-vendors')]);
    expect(await grants.refusal(crossing)).toMatchObject({
      app: { name: 'Shop' },
      policies: [{ title: 'Only approved vendors', exceptions: true }],
    });
    const asked = await grants.ask(crossing, { ...byAda, reason: 'The launch needs it' });
    expect(asked).toMatchObject({
      state: 'open',
      app: { name: 'Shop' },
      connection: { name: 'Web analytics' },
      policies: [{ name: 'only-approved-vendors', title: 'Only approved vendors', exceptions: true }],
      askedBy: 'Ada Example',
      reason: 'The launch needs it',
    });
    expect(await problemOf(grants.ask(crossing, byAda))).toMatchObject({ code: 'already_asked' });
    const end = until();
    expect(await grants.grant(asked.id, end, byAda)).toMatchObject({ state: 'granted', until: end });
    expect(await problemOf(grants.refuse(asked.id, byAda))).toMatchObject({ code: 'decided' });
    expect(await grants.list()).toMatchObject([{ policy: { name: 'only-approved-vendors' }, inForce: true }]);
    const candidate = await shipped('only-approved-vendors');
    expect(await tried(candidate)).toMatchObject({ refused: 0, allowed: 1 });
    platform.advance(7 * DAY_MS);
    expect(await tried(candidate)).toMatchObject({ refused: 1 });
    expect(await grants.list()).toMatchObject([{ inForce: false }]);
    platform.advance(-7 * DAY_MS);
  });

  test('can be refused, and an exception can be ended before its time', async () => {
    await policies.create({ ...(await shipped('only-approved-vendors')), activate: true }, byAda);
    const [crossing = ''] = await ship([denied('only-approved-vendors')]);
    const first = await grants.ask(crossing, byAda);
    expect(await grants.refuse(first.id, { ...byAda, reason: 'Not this vendor' })).toMatchObject({
      state: 'refused',
      decisionReason: 'Not this vendor',
      until: null,
    });
    const second = await grants.ask(crossing, byAda);
    expect((await grants.requests({})).map(({ id }) => id)).toEqual([second.id, first.id]);
    expect(await grants.requests({ state: 'open', crossing })).toHaveLength(1);
    await grants.grant(second.id, until(), byAda);
    const [grant] = await grants.list();
    expect(await grants.end(grant?.id ?? '', byAda)).toMatchObject({
      inForce: false,
      endedBy: 'Ada Example',
    });
    expect(await problemOf(grants.end(grant?.id ?? '', byAda))).toMatchObject({ code: 'already_over' });
    expect(await tried(await shipped('only-approved-vendors'))).toMatchObject({ refused: 1 });
  });

  test('is not granted where the policy lets nobody be excepted, or for longer than 90 days', async () => {
    const strict = `@title("Never")\nforbid (principal is App, action == Action::"cross", resource) when { context.hour < 24 };`;
    await policies.create({ name: 'never', text: strict, examples: [], activate: true }, byAda);
    const [crossing = '', other = ''] = await ship([denied('never'), {}]);
    const { id } = await grants.ask(crossing, byAda);
    expect((await problemOf(grants.grant(id, until(), byAda))).message).toContain(
      'unless { context.grants.contains("never") }',
    );
    const far = new Date(platform.clock.now() + 91 * DAY_MS).toISOString();
    expect(await problemOf(grants.grant(id, far, byAda))).toMatchObject({ errors: [{ field: 'until' }] });
    expect(await grants.list()).toEqual([]);
    expect(await problemOf(grants.ask(other, byAda))).toMatchObject({ code: 'not_refused_by_policy' });
  });
});

test('facts are entered with day and source, and read back with who did it', async () => {
  await writeVendorFacts(platform, 'mixpanel', { approved: signed, agreement: null }, byAda);
  const given = { tags: ['eu-only', 'b', 'eu-only'], team: ' research ', holder: 'person' as const };
  await writeAppFacts(platform, 'app-1', given, byAda);
  expect(await listFacts(platform.db)).toMatchObject({
    apps: [{ app: { id: 'app-1' }, tags: ['b', 'eu-only'], team: 'research', holder: 'person' }],
    vendors: [{ vendor: 'mixpanel', approved: signed, agreement: null, changedBy: 'Ada Example' }],
  });
  await writeAppFacts(platform, 'app-1', given, byAda);
  const changes = await platform.pool.query(`SELECT act FROM change ORDER BY act`);
  expect(changes.rows.map(({ act }) => act)).toEqual(['app.facts', 'vendor.facts']);
  const future = { approved: { ...signed, on: '2030-01-01' }, agreement: null };
  expect(await problemOf(writeVendorFacts(platform, 'mixpanel', future, byAda))).toMatchObject({
    errors: [{ field: 'approved.on' }],
  });
  const wrong = { ...given, tags: ['Eu Only'] };
  expect(await problemOf(writeAppFacts(platform, 'app-1', wrong, byAda))).toMatchObject({
    errors: [{ field: 'tags.0' }],
  });
});
