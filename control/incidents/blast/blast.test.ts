import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Edge } from '../../chain/index.ts';
import { crossingProjection, projectOnce } from '../../crossings/index.ts';
import { forgetJournals, madeUpCrossing, madeUpIngest, madeUpItem, part } from '../../crossings/testing.ts';
import { exposureProjection } from '../../exposure/index.ts';
import { createRouter, handleErrors } from '../../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../../platform/testing.ts';
import type { Entry } from '../../register/index.ts';
import { type BlastRouteDeps, blastRoutes } from './routes.ts';
import type { Blast } from './schemas.ts';

/** The answer as it is asked for, over journals that were shipped and read. All people and vendors are made up. */
const projections = [crossingProjection, exposureProjection];
const DAY = 24 * 3_600_000;

let platform: TestPlatform;
let ingest: Awaited<ReturnType<typeof madeUpIngest>>;
let around: Pick<BlastRouteDeps, 'edges' | 'entry' | 'accountsHeld' | 'covered'> & {
  places: Awaited<ReturnType<BlastRouteDeps['placesOf']>>;
  workflows: BlastRouteDeps['workflows'];
};
let logs = 0;
/** Forty days ago, for 17 days. */
let breach: number;
let window: string;
beforeAll(async () => {
  platform = await testPlatform();
  breach = platform.clock.now() - 40 * DAY;
  window = `from=${timeOf(breach)}&to=${timeOf(breach + 17 * DAY)}`;
  ingest = await madeUpIngest(platform);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await forgetJournals(platform, projections);
  around = {
    edges: async () => [],
    entry: async () => null,
    accountsHeld: async () => [],
    covered: async () => ({ isProven: false, text: 'It was not measured.' }),
    places: [],
    workflows: async () => [],
  };
});

type Sent = [who: string, days: number, vendor: string, ...fields: [string, string][]];

/** `days`: before the breach. */
async function cross(...all: Sent[]): Promise<void> {
  logs += 1;
  const parts = all.map(([who, days, vendor, ...fields]) => {
    const item = madeUpItem({
      s: who.repeat(22),
      k: 'user',
      f: fields.map(([fieldClass, treatment]) => [
        'p.made_up',
        fieldClass as 'geo.city',
        treatment as 'pass',
        'string',
        1,
      ]),
    });
    const made = madeUpCrossing(breach - days * DAY, [item], {
      vendor,
      connection: `c-${vendor}`,
      app: 'shop',
    });
    return part(made.leaf, made.items);
  });
  await ingest.ship(ingest.log(`blast-${logs}`), 0, parts);
  while ((await projectOnce(platform, projections, 100)) > 0);
}

async function ask(
  path: string,
): Promise<{ status: number; body: Blast & { fields?: unknown; code?: string } }> {
  const app = createRouter();
  app.onError(handleErrors(platform.log));
  app.use('*', async (c, next) => {
    c.set('actor', testCaller());
    await next();
  });
  app.route(
    '/',
    blastRoutes({
      platform,
      names: {
        connections: async () => new Map([['c-mixpanel', 'Mixpanel EU']]),
        apps: async () => new Map([['shop', 'Shop']]),
      },
      connections: async () => [],
      vendorNames: async () => new Map([['mixpanel', 'Mixpanel']]),
      grants: async () => [],
      placesOf: async () => around.places,
      peoplePlaces: async () => null,
      workflows: (vendors) => around.workflows(vendors),
      credentialsUsed: async () => [],
      isKnown: async (party) => party !== 'nobody-knows-it',
      weakest: async () => [],
      edges: () => around.edges(),
      entry: (vendor) => around.entry(vendor),
      accountsHeld: (party) => around.accountsHeld(party),
      covered: (vendor, from, to) => around.covered(vendor, from, to),
    }),
  );
  const response = await app.request(path);
  return { status: response.status, body: JSON.parse(await response.text()) };
}

const timeOf = (at: number) => new Date(at).toISOString();
const rows = (body: Blast) => body.data.map((row) => [row.class, row.treatment, row.layer, row.people]);

function entry(statements: { kind: string; key: string; value: unknown; proof?: boolean }[]): Entry {
  const made = statements.map(({ proof = false, ...one }) => ({
    ...one,
    source: 'a contract',
    asOf: '2025-01-01',
    files: proof ? [{}] : [],
  }));
  return { vendor: { status: 'ended' }, statements: made } as unknown as Entry;
}

/** From us to OpenAI, and from there to Mixpanel. */
const link = (scopes: Edge['scopes']): Edge[] =>
  [
    ['us', 'openai'],
    ['openai', 'mixpanel'],
  ].map(([here, there], n) => ({
    id: null,
    from: here ?? '',
    to: there ?? '',
    layer: 'observed',
    scopes: n === 0 ? [] : scopes,
    source: { kind: 'evidence', text: 'a recording of its console' },
    firstSeenAt: new Date(0),
    lastSeenAt: new Date(0),
    validFrom: null,
    validUntil: null,
    conditions: [],
    conditionsText: null,
    note: null,
  }));

test('what crossed before and in the window is held, with people once, groups and what may be quoted', async () => {
  await cross(
    ['a', 400, 'mixpanel', ['person.email', 'pass'], ['geo.city', 'generalise']],
    ['a', 1, 'mixpanel', ['person.email', 'pass']],
    ['b', -2, 'mixpanel', ['person.id', 'pseudonymise']],
    ['c', -30, 'mixpanel', ['person.email', 'pass']],
    ['d', 1, 'sentry', ['person.email', 'pass']],
    ['e', 1, 'mixpanel', ['person.email', 'drop']],
  );
  const { status, body } = await ask(`/blast-radius/mixpanel?${window}`);
  expect(status).toBe(200);
  expect(body.people).toMatchObject({ people: 2, peopleInWindow: 1, peopleAsDeclared: 2 });
  expect(rows(body)).toEqual([
    ['geo.city', 'generalise', 'observed', 1],
    ['person.email', 'pass', 'observed', 1],
    ['person.id', 'pseudonymise', 'observed', 1],
  ]);
  expect(body.people.groups.map(({ people, phishability }) => [people, phishability.total])).toEqual([
    [1, 43],
    [1, 0],
  ]);
  expect(body.dependents).toMatchObject([{ app: { name: 'Shop' }, connections: [{ name: 'Mixpanel EU' }] }]);
  expect(body.whose).toMatchObject({ ourData: true, ourAccounts: false });
});

test('workflows stand beside apps, each as sure as what names it, with those of vendors before the party', async () => {
  const none = await ask(`/blast-radius/mixpanel?${window}`);
  expect(none.body.workflows).toEqual([]);
  expect(none.body.unknown).toContainEqual(expect.objectContaining({ code: 'workflows' }));
  const asked: string[][] = [];
  around.edges = async () => link(['account_metadata']);
  around.workflows = async (vendors) => {
    asked.push([...vendors].sort());
    const file = { id: 'a', detail: 'OPENAI_API_KEY', app: null, run: 'run-1', lastSeenAt: null };
    return [
      {
        ...file,
        kind: 'pipeline',
        name: 'release.yml',
        vendor: 'openai',
        layer: 'declared',
        source: 'a file',
      },
      {
        ...file,
        kind: 'workload',
        name: 'Deploys',
        vendor: 'mixpanel',
        layer: 'observed',
        source: 'keys',
        app: 'shop',
      },
    ];
  };
  const { body } = await ask(`/blast-radius/mixpanel?${window}`);
  expect(asked).toEqual([['mixpanel', 'openai']]);
  expect(
    body.workflows.map(({ name, layer, app, vendor }) => [name, layer, app?.name ?? null, vendor.id]),
  ).toEqual([
    ['release.yml', 'declared', null, 'openai'],
    ['Deploys', 'observed', 'Shop', 'mixpanel'],
  ]);
  expect(body.unknown).not.toContainEqual(expect.objectContaining({ code: 'workflows' }));
});

test('each kind of data says where the party keeps it and under whose law; what was seen says nothing of the kind', async () => {
  await cross(['a', 100, 'mixpanel', ['person.email', 'pass']], ['a', 100, 'mixpanel', ['geo.city', 'pass']]);
  const unplaced = await ask(`/blast-radius/mixpanel?${window}`);
  expect(unplaced.body.data.map(({ places }) => places)).toEqual([[], []]);
  expect(unplaced.body.unknown).toContainEqual(
    expect.objectContaining({ code: 'places', text: expect.stringContaining('For 2 of 2 kinds') }),
  );
  const storage = {
    kind: 'storage',
    place: 'EU',
    jurisdiction: 'US',
    layer: 'declared',
    source: 'a contract',
  } as const;
  const seen = {
    kind: 'reached',
    place: 'US',
    jurisdiction: null,
    layer: 'observed',
    source: 'a host',
  } as const;
  around.places = [
    { ...storage, class: 'person.email' },
    { ...seen, class: null },
  ];
  const { body } = await ask(`/blast-radius/mixpanel?${window}`);
  const placesOf = new Map(body.data.map((row) => [row.class, row.places]));
  expect(placesOf.get('person.email')).toEqual([storage, seen]);
  expect(placesOf.get('geo.city')).toEqual([seen]);
  expect(body.unknown.map(({ code }) => code)).not.toContain('places');
});

test('what an ended vendor is not proven to have deleted stays; a proof takes out what crossed before it, and only that', async () => {
  await cross(
    ['a', 100, 'mixpanel', ['person.email', 'pass']],
    ['b', 10, 'mixpanel', ['person.email', 'pass']],
    ['b', 10, 'mixpanel', ['geo.city', 'pass']],
  );
  const deletion = {
    kind: 'deletion',
    key: 'person.email',
    value: { on: timeOf(breach - 30 * DAY).slice(0, 10), what: 'E-mails' },
  };
  around.entry = async () => entry([deletion]);
  const told = await ask(`/blast-radius/mixpanel?${window}`);
  expect(told.body.people.people).toBe(2);
  expect(told.body.party.status).toBe('ended');
  around.entry = async () => entry([{ ...deletion, proof: true }]);
  const proven = await ask(`/blast-radius/mixpanel?${window}`);
  expect(proven.body.people.people).toBe(1);
  expect(proven.body.data.find((row) => row.class === 'person.email')).toMatchObject({
    people: 1,
    crossings: 1,
    deletion: { isProven: true },
  });
});

test('a declared retention lowers a figure of its own, not the one that counts', async () => {
  await cross(
    ['a', 100, 'mixpanel', ['person.email', 'pass']],
    ['b', 10, 'mixpanel', ['person.email', 'pass']],
  );
  around.entry = async () => entry([{ kind: 'retention', key: 'all', value: { days: 30, note: null } }]);
  const { body } = await ask(`/blast-radius/mixpanel?${window}`);
  expect(body.people).toMatchObject({ people: 2, peopleAsDeclared: 1 });
  expect(body.unknown.map(({ code }) => code)).not.toContain('retention');
});

test('behind a vendor of ours a party holds what the link carries, and nothing of it counts as seen', async () => {
  await cross(
    ['b', 1, 'openai', ['content.prompt', 'pass']],
    ['a', 1, 'openai', ['org.vendor_account', 'pass']],
  );
  around.edges = async () => link(['account_metadata']);
  around.accountsHeld = async () => [
    {
      vendor: 'openai',
      people: 12,
      accounts: 13,
      layer: 'observed',
      fields: [{ name: 'email', layer: 'observed', source: 'a visit' }],
    },
  ];
  const { body } = await ask(`/blast-radius/mixpanel?${window}`);
  expect(rows(body)).toEqual([['org.vendor_account', 'pass', 'inferred', 1]]);
  expect(body.people.people).toBe(1);
  expect(body.accounts).toMatchObject([{ vendor: { id: 'openai' }, people: 12 }]);
  expect(body.chain.sharedBy).toMatchObject([{ id: 'openai' }]);
  expect(body.whose).toMatchObject({ ourData: true, ourAccounts: true });
  around.edges = async () => link([]);
  expect(rows((await ask(`/blast-radius/mixpanel?${window}`)).body)).toHaveLength(2);
});

test('absence is told as what it is, and as more only where coverage is proven', async () => {
  const nothing = await ask(`/blast-radius/mixpanel?${window}`);
  expect(nothing.body.whose.text).toContain('That is no proof');
  expect(nothing.body.unknown.map(({ code }) => code)).toContain('no_journal');
  expect(
    nothing.body.notAffected.every(
      (one) => !one.proven && one.text === 'No record in the traffic that we saw.',
    ),
  ).toBe(true);
  await cross(['a', 1, 'mixpanel', ['person.email', 'pass']]);
  around.covered = async () => ({ isProven: true, text: 'Its own report counts what we saw, day by day.' });
  const { body } = await ask(`/blast-radius/mixpanel?${window}`);
  expect(body.notAffected.map((one) => one.class)).not.toContain('person.email');
  expect(body.notAffected.every((one) => one.proven)).toBe(true);
  expect(body.unknown.map(({ code }) => code)).not.toContain('coverage');
});

test('what is only declared stands beside what was seen, with nobody counted', async () => {
  around.entry = async () => entry([{ kind: 'data', key: 'person.phone', value: { note: null } }]);
  const { body } = await ask(`/blast-radius/mixpanel?${window}`);
  expect(rows(body)).toEqual([['person.phone', 'unknown', 'declared', null]]);
});

test('a window that ends before it begins, times without a zone and unknown vendors are refused with the field', async () => {
  const wrong = await ask(`/blast-radius/mixpanel?from=${timeOf(breach)}&to=${timeOf(breach - 1)}`);
  expect(wrong).toMatchObject({ status: 422 });
  expect(JSON.stringify(wrong.body)).toContain('from');
  expect((await ask('/blast-radius/mixpanel?from=2025-11-08T00:00:00')).status).toBe(400);
  expect((await ask('/blast-radius/nobody-knows-it')).status).toBe(404);
});
