import type { PayloadItem } from '@drawbridge/protocol';
import { Hono } from 'hono';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Names, projectOnce, rebuildProjection } from '../crossings/index.ts';
import { forgetJournals, madeUpCrossing, madeUpIngest, madeUpItem, part } from '../crossings/testing.ts';
import { exposureProjection } from '../exposure/index.ts';
import { type HttpEnv, handleErrors, Problem } from '../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../platform/testing.ts';
import { acmeCatalogue } from '../vendors/testing.ts';
import { revealedHashes, reviewProjection, reviewRoutes } from './index.ts';
import { mirrorsOf } from './mirrors.ts';

const names: Names = {
  connections: async () => new Map([['connection-1', 'Web analytics']]),
  apps: async () => new Map(),
};
const planHash = 'hash-of-Plan';
const projections = [exposureProjection, reviewProjection];

let platform: TestPlatform;
let app: Hono<HttpEnv>;
let ingest: Awaited<ReturnType<typeof madeUpIngest>>;
let next = 0;
let logs = 0;
let allowed: unknown[] = [];
const allowedTogether: unknown[] = [];
const connections = ['connection-1', 'connection-2', 'connection-3'].map((id) => ({
  id,
  name: `The one called ${id}`,
  vendor: id === 'connection-3' ? 'other' : 'acme',
  service: 'analytics',
}));
let refuseAllowing = false;
beforeAll(async () => {
  platform = await testPlatform();
  ingest = await madeUpIngest(platform);
  app = new Hono<HttpEnv>();
  app.onError(handleErrors(platform.log));
  app.use(async (c, go) => {
    c.set('actor', testCaller());
    await go();
  });
  app.route(
    '/',
    reviewRoutes(platform, {
      names,
      allowName: async (...args) => {
        if (refuseAllowing) throw new Problem(409, 'contract_changed', 'made up');
        allowed.push(args);
        return { id: 'c', version: 2, author: '', reason: '', createdAt: '', rules: emptyRules };
      },
      reviewHash: async (name) => `hash-of-${name}`,
      allowNames: async (...args) => {
        if (refuseAllowing) throw new Problem(409, 'contract_changed', 'made up');
        allowedTogether.push(args);
      },
      connections: async () => connections,
      catalogue: acmeCatalogue(),
    }),
  );
});
const emptyRules = {
  classes: {},
  otherwise: { do: 'drop' as const },
  unmapped: { do: 'drop' as const },
  names: { do: 'pass' as const, allowed: [] },
  properties: {},
};
afterAll(() => platform.close());
beforeEach(async () => {
  await forgetJournals(platform, projections);
  await platform.pool.query('TRUNCATE review_decision');
  next = 0;
  logs += 1;
  allowed = [];
  allowedTogether.length = 0;
  refuseAllowing = false;
});

type Sighting = PayloadItem['r'][number];
/** One crossing in which the subject sends the names. */
async function send(
  subject: string | null,
  sightings: Partial<Sighting>[],
  connection = 'connection-1',
  links: string[] = [],
  sender = 'app-1',
) {
  const item = madeUpItem({
    s: subject,
    k: subject === null ? null : 'user',
    l: links,
    r: sightings.map((one) => ({ h: planHash, k: 'property', s: 'string', ...one })),
  });
  const made = madeUpCrossing(platform.clock.now() - 1000 + next, [item], { connection, app: sender });
  next = await ingest.ship(ingest.log(`log-${logs}`), next, [part(made.leaf, made.items)]);
  while ((await projectOnce(platform, projections, 100)) > 0);
}
const subjects = ['a', 'b', 'c', 'd', 'e', 'f'];

async function queue(query = '') {
  const response = await app.request(`/review${query}`);
  const body: unknown = await response.json();
  return z
    .object({ items: z.array(z.record(z.string(), z.unknown())), next: z.string().nullable() })
    .parse(body);
}
async function decide(id: unknown, body: Record<string, unknown>) {
  const response = await app.request(`/review/${id}/decision`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
  const text = await response.text();
  return { status: response.status, ...z.record(z.string(), z.unknown()).parse(JSON.parse(text || '{}')) };
}

describe('a name is hidden until five subjects have sent it', () => {
  test('then gateways are asked for it, and when one sends it, it is shown and no longer asked for', async () => {
    for (const subject of subjects.slice(0, 4)) await send(subject, [{}]);
    await send('a', [{}]);
    await send(null, [{}]);
    expect((await queue()).items).toMatchObject([{ subjects: 4, count: 6, name: null }]);
    expect(await revealedHashes(platform.db)).toEqual([]);

    await send('e', [{}]);
    expect((await queue()).items).toMatchObject([{ subjects: 5, name: null }]);
    expect(await revealedHashes(platform.db)).toEqual([planHash]);

    await send('f', [{ n: 'Plan' }]);
    expect((await queue()).items).toMatchObject([
      {
        connection: { id: 'connection-1', name: 'Web analytics' },
        kind: 'property',
        hash: planHash,
        subjects: 5,
        count: 8,
        name: 'Plan',
      },
    ]);
    expect(await revealedHashes(platform.db)).toEqual([]);
  });

  test('five identifiers of one person are one: the name stays hidden until four others have sent it', async () => {
    for (const device of ['d1', 'd2', 'd3', 'd4']) await send(device, [{}]);
    expect((await queue()).items).toMatchObject([{ subjects: 4, name: null }]);
    for (const device of ['d1', 'd2', 'd3', 'd4']) await send('anna', [{}], 'connection-1', [device]);
    expect((await queue()).items).toMatchObject([{ subjects: 1, name: null }]);
    expect(await revealedHashes(platform.db)).toEqual([]);
    for (const other of ['b', 'c', 'd']) await send(other, [{}]);
    expect(await revealedHashes(platform.db)).toEqual([]);
    await send('e', [{}]);
    expect((await queue()).items).toMatchObject([{ subjects: 5, name: null }]);
    expect(await revealedHashes(platform.db)).toEqual([planHash]);
  });

  test('many identifiers of one person do not keep the others from being counted', async () => {
    // Each sorts before all the others.
    for (let device = 0; device < 12; device++) await send('anna', [{}], 'connection-1', [`0${device}`]);
    for (let device = 0; device < 12; device++) await send(`0${device}`, [{}]);
    for (const other of ['b', 'c', 'd', 'e']) await send(other, [{}]);
    expect((await queue()).items).toMatchObject([{ subjects: 5 }]);
    expect(await revealedHashes(platform.db)).toEqual([planHash]);
  });

  test('a name that came because of another connection stays hidden where fewer have sent it', async () => {
    for (const subject of subjects) await send(subject, [{ n: 'Plan' }], 'connection-2');
    await send('a', [{ n: 'Plan' }], 'connection-1');
    expect((await queue('?connection=connection-1')).items).toMatchObject([{ subjects: 1, name: null }]);
    expect((await queue('?connection=connection-2')).items).toMatchObject([{ subjects: 5, name: 'Plan' }]);
  });
});

test('kinds and hashes are kept apart, the vaguest shape holds, and pages go through all', async () => {
  await send('a', [{ s: 'integer' }, { k: 'event_name' }, { h: 'hash-of-Other', s: 'email' }]);
  await send('a', [{ s: 'string' }]);
  await send('a', [{ s: 'integer' }]);
  const { items } = await queue();
  expect(items.map((one) => [one.kind, one.shape, one.count, one.suggestion])).toEqual([
    ['property', 'string', 3, null],
    ['property', 'email', 1, 'person.email'],
    ['event_name', 'string', 1, 'event.name'],
  ]);
  const paged: unknown[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof queue>> = await queue(
      `?limit=1${cursor === null ? '' : `&cursor=${cursor}`}`,
    );
    paged.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  expect(paged).toEqual(items);
});

describe('a decision', () => {
  const first = async () => (await queue()).items[0]?.id;

  test('keep closes it, and it stays closed when the name comes again', async () => {
    await send('a', [{}]);
    expect(await decide(await first(), { decision: 'keep', reason: 'not needed' })).toEqual({ status: 204 });
    await send('b', [{}]);
    expect((await queue()).items).toEqual([]);
    expect(allowed).toEqual([]);
    const changes = await platform.pool.query(
      `SELECT actor, reason, act, subject_id FROM change WHERE act = 'review.keep' ORDER BY at DESC LIMIT 1`,
    );
    expect(changes.rows).toEqual([
      { actor: 'someone', reason: 'not needed', act: 'review.keep', subject_id: 'connection-1' },
    ]);
  });

  test('allow puts the shown name into the contract', async () => {
    for (const subject of subjects) await send(subject, [{ n: 'Plan' }]);
    const body = { decision: 'allow', class: 'event.property', treatment: 'pass', reason: 'we need it' };
    expect(await decide(await first(), body)).toEqual({ status: 204 });
    expect(allowed).toEqual([
      [
        'connection-1',
        { kind: 'property', name: 'Plan', class: 'event.property', treatment: 'pass' },
        { actor: expect.objectContaining({ id: 'someone', name: 'Someone' }), reason: 'we need it' },
      ],
    ]);
    expect((await queue()).items).toEqual([]);
  });

  test('a hidden name must be typed, and typed right', async () => {
    await send('a', [{}]);
    const id = await first();
    const allow = { decision: 'allow', reason: 'we know it' };
    expect(await decide(id, allow)).toMatchObject({ status: 422, code: 'name_not_known' });
    expect(await decide(id, { ...allow, name: 'plan' })).toMatchObject({ status: 422, code: 'name_differs' });
    expect(allowed).toEqual([]);
    expect(await decide(id, { ...allow, name: 'Plan' })).toEqual({ status: 204 });
    expect(allowed).toMatchObject([['connection-1', { name: 'Plan' }, {}]]);
  });

  test('where the contract refuses, the name stays in the queue', async () => {
    await send('a', [{}]);
    refuseAllowing = true;
    const body = { decision: 'allow', name: 'Plan', reason: 'we know it' };
    expect(await decide(await first(), body)).toMatchObject({ status: 409 });
    expect((await queue()).items).toHaveLength(1);
  });

  test('needs a reason and a name that is there', async () => {
    await send('a', [{}]);
    const id = await first();
    expect(await decide(id, { decision: 'keep' })).toMatchObject({
      status: 400,
      errors: [{ field: 'reason' }],
    });
    expect(await decide('x', { decision: 'keep', reason: 'because' })).toMatchObject({ status: 404 });
    await decide(id, { decision: 'keep', reason: 'because' });
    expect(await decide(id, { decision: 'keep', reason: 'because' })).toMatchObject({ status: 404 });
  });
});

describe('several names at once', () => {
  const ids = async (query = '') => (await queue(query)).items.map((one) => one.id);
  async function post(path: string, body: object): Promise<Record<string, unknown>> {
    const response = await app.request(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
    return { status: response.status, ...z.record(z.string(), z.unknown()).parse(await response.json()) };
  }
  const plan = { n: 'Plan' };
  const seats = { h: 'hash-of-Seats', n: 'Seats' };

  test('are filtered by vendor and app, with every shape and app that was seen', async () => {
    await send('a', [{ s: 'integer' }], 'connection-1', [], 'app-2');
    await send('a', [{ s: 'string' }], 'connection-1', [], 'app-1');
    await send('a', [{}], 'connection-3', [], 'app-3');
    const { items } = await queue('?vendor=acme');
    expect(items).toMatchObject([
      {
        vendor: 'acme',
        shape: 'string',
        shapes: ['integer', 'string'],
        apps: [
          { id: 'app-1', name: 'app-1' },
          { id: 'app-2', name: 'app-2' },
        ],
      },
    ]);
    expect((await queue('?app=app-3')).items).toMatchObject([{ vendor: 'other' }]);
    expect((await queue('?app=app-3&vendor=acme')).items).toEqual([]);
    expect((await queue('?connection=connection-3&vendor=acme')).items).toEqual([]);
  });

  test('become one rule on every connection of the vendor, which is said before', async () => {
    for (const subject of subjects) await send(subject, [plan, seats], 'connection-1');
    for (const subject of subjects) await send(subject, [plan], 'connection-2');
    const chosen = await ids('?connection=connection-1');
    const here = await post('/review/coverage', { ids: chosen });
    expect(here.items).toMatchObject([{ connection: { id: 'connection-1' } }]);
    const covered = await post('/review/coverage', { ids: chosen, everywhere: true });
    expect(covered.items).toMatchObject([
      { connection: { id: 'connection-1' }, names: [{ name: 'Plan' }, { name: 'Seats' }] },
      { connection: { id: 'connection-2' }, names: [{ name: 'Plan' }, { name: 'Seats' }] },
    ]);
    expect((await queue()).items).toHaveLength(3);

    const answer = await post('/review/decisions', {
      ids: chosen,
      everywhere: true,
      decision: 'allow',
      class: 'event.property',
      treatment: 'pass',
      reason: 'For the funnel',
    });
    expect(answer).toEqual({ status: 200, decided: 2, connections: 2 });
    const rule = { kind: 'property', class: 'event.property', treatment: 'pass' };
    const by = {
      actor: expect.objectContaining({ id: 'someone', name: 'Someone' }),
      reason: 'For the funnel',
    };
    const rules = expect.arrayContaining([
      { ...rule, name: 'Plan' },
      { ...rule, name: 'Seats' },
    ]);
    expect(allowedTogether).toEqual([
      [
        [
          { connection: 'connection-1', names: rules },
          { connection: 'connection-2', names: rules },
        ],
        by,
      ],
    ]);
    expect((await queue()).items).toEqual([]);
    await send('z', [seats], 'connection-2');
    expect((await queue()).items).toEqual([]);
  });

  test('a hidden one among them is refused by field, and nothing is decided', async () => {
    for (const subject of subjects) await send(subject, [plan]);
    await send('a', [{ h: 'hash-of-Hidden' }]);
    const chosen = await ids();
    const refused = await post('/review/decisions', { ids: chosen, decision: 'allow', reason: 'A test' });
    expect(refused).toMatchObject({ status: 422, errors: [{ field: 'ids.0' }] });
    expect([allowedTogether, (await queue()).items.length]).toEqual([[], 2]);
    const kept = await post('/review/decisions', { ids: chosen, decision: 'keep', reason: 'A test' });
    expect([kept.decided, (await queue()).items.length]).toEqual([2, 0]);
  });

  test('where a contract refuses, all stay in the queue', async () => {
    for (const subject of subjects) await send(subject, [plan, seats]);
    refuseAllowing = true;
    const body = { ids: await ids(), decision: 'allow', reason: 'A test' };
    expect(await post('/review/decisions', body)).toMatchObject({ status: 409 });
    expect((await queue()).items).toHaveLength(2);
    expect((await post('/review/decisions', { ...body, reason: undefined })).code).toBe('reason_missing');
  });
});

test('the queue is made anew from the journals, row by row the same', async () => {
  for (const [n, subject] of subjects.entries()) {
    await send(
      subject,
      [{ n: 'Plan', s: n % 2 === 0 ? 'integer' : 'string' }],
      'connection-1',
      [],
      `app-${n % 3}`,
    );
  }
  const rows = async () => (await platform.pool.query('SELECT * FROM review_name ORDER BY 1, 2, 3')).rows;
  const before = await rows();
  expect(before).toMatchObject([{ apps: ['app-0', 'app-1', 'app-2'], shapes: ['integer', 'string'] }]);
  await rebuildProjection(platform, reviewProjection);
  expect(await rows()).toEqual(before);
});

test('a property may stand beside whatever the field maps name, and is not known where they name it', () => {
  const service = acmeCatalogue().service('acme', 'analytics');
  const [endpoint] = service?.endpoints ?? [];
  if (service === undefined || endpoint === undefined) throw new Error('the made-up pack has no endpoint');
  const map = {
    records: '[*]',
    unmapped: 'event.unmapped' as const,
    subjects: [],
    fields: [
      { path: 'event', class: 'event.name' as const },
      { path: 'traits.email', class: 'person.email' as const },
      { path: 'context.traits.email', class: 'person.email' as const },
      { path: 'context.library.name', class: 'sdk.technical' as const },
      { path: 'context.library.*', class: 'sdk.technical' as const },
      { path: '$set.plan', class: 'event.property' as const },
      { path: '$.batch_id', class: 'event.id' as const },
    ],
  };
  const mapped = { ...service, endpoints: [{ ...endpoint, fields: map }] };
  expect(mirrorsOf(mapped, 'plan')).toEqual(['plan', 'traits.plan', 'context.traits.plan']);
});
