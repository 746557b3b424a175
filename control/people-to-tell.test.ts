import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Edge } from './chain/index.ts';
import { crossingProjection, projectOnce } from './crossings/index.ts';
import { forgetJournals, madeUpCrossing, madeUpIngest, madeUpItem, part } from './crossings/testing.ts';
import { exposureProjection, heldBy } from './exposure/index.ts';
import { type BlastRouteDeps, heldQuestionOf } from './incidents/index.ts';
import type { PersonToTell } from './notices/index.ts';
import { peopleToTell } from './people-to-tell.ts';
import { type TestPlatform, testPlatform } from './platform/testing.ts';
import type { Entry } from './register/index.ts';

/** Those who are told are those whom the blast radius counts, over journals that were shipped and read. All people are made up. */
const projections = [crossingProjection, exposureProjection];
const DAY = 24 * 3_600_000;
let platform: TestPlatform;
let ingest: Awaited<ReturnType<typeof madeUpIngest>>;
let edges: Edge[] = [];
let entry: Entry | null = null;
let listed = new Map<string, string>();
let accounts: { account: string; subject: string | null; email: string | null; name: string | null }[] = [];
let logs = 0;
beforeAll(async () => {
  platform = await testPlatform();
  ingest = await madeUpIngest(platform);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await forgetJournals(platform, projections);
  [edges, entry, listed, accounts] = [[], null, new Map(), []];
});

const pseudonym = (who: string): string => who.repeat(22).slice(0, 22);
async function cross(
  ...all: [who: string, days: number, vendor: string, fieldClass: string, treatment: string][]
): Promise<void> {
  logs += 1;
  const parts = all.map(([who, days, vendor, fieldClass, treatment]) => {
    const item = madeUpItem({
      s: pseudonym(who),
      k: 'user',
      f: [['p.made_up', fieldClass as 'geo.city', treatment as 'pass', 'string', 1]],
    });
    const made = madeUpCrossing(platform.clock.now() - days * DAY, [item], {
      vendor,
      connection: `c-${vendor}`,
      app: 'shop',
    });
    return part(made.leaf, made.items);
  });
  await ingest.ship(ingest.log(`tell-${logs}`), 0, parts);
  while ((await projectOnce(platform, projections, 100)) > 0);
}

const blast = (): BlastRouteDeps =>
  ({
    platform,
    edges: async () => edges,
    entry: async () => entry,
    accountsHeld: async () => [{ vendor: 'openai', people: 2, accounts: 2, layer: 'observed', fields: [] }],
  }) as unknown as BlastRouteDeps;

async function told(
  incident: { party?: string | null; occurredFrom?: Date; occurredTo?: Date } = {},
): Promise<PersonToTell[]> {
  const source = peopleToTell({
    blast: blast(),
    detectors: {
      addresses: async (pseudonyms) =>
        pseudonyms.flatMap((one) => {
          const email = listed.get(one);
          return email === undefined
            ? []
            : [{ subjects: [one], email, name: null, country: 'DE', language: null }];
        }),
    },
    accounts: {
      addresses: async (_, after, limit) =>
        accounts.filter(({ account }) => after === null || account > after).slice(0, limit),
    },
  });
  const all: PersonToTell[] = [];
  const { party = 'mixpanel', occurredFrom = null, occurredTo = null } = incident;
  for await (const batch of source({ party, occurredFrom, occurredTo })) all.push(...batch);
  return all;
}
const addressesOf = (people: readonly PersonToTell[]) =>
  people.map(({ recipient }) => recipient?.address ?? null).toSorted();

test('each person once with the address that a list has, those of whom none is known too, and nobody of whom nothing went there', async () => {
  await cross(
    ['a', 3, 'mixpanel', 'person.email', 'pass'],
    ['a', 2, 'mixpanel', 'geo.city', 'pass'],
    ['b', 2, 'mixpanel', 'person.id', 'pseudonymise'],
    ['c', 2, 'sentry', 'person.email', 'pass'],
    ['d', 2, 'mixpanel', 'person.email', 'drop'],
  );
  listed = new Map(['a', 'c', 'd'].map((who) => [pseudonym(who), `${who}@example.com`]));
  const people = await told();
  expect(addressesOf(people)).toEqual(['a@example.com', null].toSorted());
  expect(new Set(people.map(({ key }) => key)).size).toBe(2);
  expect(await told({ party: null })).toEqual([]);
});

test('an account of somebody who is told already is the same person, and others come by their accounts', async () => {
  await cross(['a', 2, 'mixpanel', 'person.email', 'pass']);
  listed = new Map([[pseudonym('a'), 'a@example.com']]);
  accounts = [
    { account: '1', subject: pseudonym('a'), email: 'a@example.com', name: 'A' },
    { account: '2', subject: pseudonym('z'), email: 'z@example.com', name: 'Z' },
    { account: '3', subject: null, email: null, name: null },
  ];
  const people = await told();
  expect(people.map(({ key }) => key.split(':')[0])).toEqual(['person', 'person', 'subject', 'account']);
  expect(people[0]?.key).toBe(people[1]?.key);
  expect(addressesOf(people)).toEqual(['a@example.com', 'a@example.com', 'z@example.com', null].toSorted());
  // By whose erasure each is found.
  expect(people.map(({ subjects }) => subjects)).toEqual([
    [pseudonym('a')],
    [pseudonym('a')],
    [pseudonym('z')],
    [],
  ]);
});

test('what a list says of a person holds for their account too, so that of two notices one alone is for them', async () => {
  await cross(['a', 2, 'mixpanel', 'person.email', 'pass']);
  listed = new Map([
    [pseudonym('a'), 'a@example.com'],
    [pseudonym('z'), 'z@example.com'],
  ]);
  accounts = [
    { account: '1', subject: pseudonym('a'), email: 'a@example.com', name: 'A' },
    { account: '2', subject: pseudonym('z'), email: 'z@example.com', name: 'Z' },
    { account: '3', subject: pseudonym('y'), email: 'y@example.com', name: 'Y' },
  ];
  expect((await told()).map(({ country }) => country)).toEqual(['DE', 'DE', 'DE', null]);
});

test('are as many as the blast radius counts: to the end of the window, but for what is proven deleted, over several batches', async () => {
  const names = Array.from({ length: 1_203 }, (_, at) =>
    createHash('sha256').update(`${at}`).digest('base64url').slice(0, 22),
  );
  await cross(
    ...names.map((name, at): Parameters<typeof cross>[number] => [
      name,
      1 + (at % 30),
      'mixpanel',
      at % 2 === 0 ? 'person.email' : 'geo.city',
      'pass',
    ]),
  );
  const at = (days: number) => new Date(platform.clock.now() - days * DAY);
  entry = {
    vendor: { status: 'ended' },
    statements: [
      {
        kind: 'deletion',
        key: 'geo.city',
        value: { on: at(20).toISOString().slice(0, 10) },
        source: 'a letter',
        asOf: '2025-01-01',
        files: [{}],
      },
    ],
  } as unknown as Entry;
  const window = { occurredFrom: at(12), occurredTo: at(10) };
  const question = await heldQuestionOf(blast(), 'mixpanel', at(12).getTime(), at(10).getTime());
  const counted = await heldBy(platform, question);
  expect(counted.people).toBeGreaterThan(500);
  expect(counted.people).toBeLessThan(names.length);
  accounts = [];
  expect(await told(window)).toHaveLength(counted.people);
});
