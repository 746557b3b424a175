import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRouter, handleErrors, Problem } from '../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../platform/testing.ts';
import { knownOf, readVendor } from '../vendors/index.ts';
import { fetchPage } from './fetch-list.ts';
import { createChain } from './index.ts';
import type { Ours } from './ours.ts';
import type { ChainExport, ChainView, EdgeView, ListView, WatchView } from './schemas.ts';

/** The chain as it is entered, taken in and asked for, on a real database. All vendors but one are made up. */
const DAY = 86_400_000;
let platform: TestPlatform;
let agreed: number | null = null;
let ours: Ours;
let routes: ReturnType<typeof createRouter>;
let turn: () => Promise<number>;
/** What pages say, by address. */
const pages = new Map<string, string>();
/** Time that has passed since the platform's clock was set. */
let passed = 0;

const vendor = (id: string, name: string, domain: string) => {
  const read = readVendor(
    `${id}.yaml`,
    `format: drawbridge.vendor/1
id: ${id}
name: ${name}
category: other
sources: { site: { url: 'https://${id}.example/', as_of: '2026-01-01' } }
domains: [{ is: ${domain}, from: site }]
urls: { sub_processors: { is: 'https://${domain}/subs', from: site } }
`,
  );
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return read.vendor;
};
const known = knownOf([
  vendor('acme', 'Acme', 'acme.example'),
  vendor('cloudy', 'Cloudy', 'cloudy.example'),
  vendor('meter', 'Meter Analytics', 'meter.example'),
]);

beforeAll(async () => {
  const made = await testPlatform();
  platform = { ...made, clock: { ...made.clock, now: () => made.clock.now() + passed } };
});
afterAll(() => platform.close());
beforeEach(async () => {
  ours = { crossed: [], connections: [], accounts: [], consoles: [] };
  agreed = null;
  passed = 0;
  pages.clear();
  const chain = createChain({
    platform,
    objectionDays: async (_tx, vendor) => (vendor === 'acme' ? agreed : null),
    network: { resolve: async () => [{ address: '127.0.0.1', family: 4 }] },
    readPage: async (address) => {
      const text = pages.get(address);
      return text === undefined
        ? fetchPage(address, { resolve: async () => [{ address: '127.0.0.1', family: 4 }] })
        : { content: text, url: address };
    },
    known: async () => known,
    nameOf: () => undefined,
    named: async (ids) => new Map(ids.map((id) => [id, id === 'meter' ? 'Meter, as we enter it' : id])),
    ours: async () => ours,
    exposure: async () => new Map([['acme', 40]]),
    criticalityOf: async () => new Map([['acme', 'important']]),
  });
  turn = chain.turn;
  routes = createRouter();
  routes.onError(handleErrors(platform.log));
  routes.use('*', async (c, next) => {
    c.set('actor', testCaller());
    await next();
  });
  routes.route('/', chain.routes);
  await platform.pool.query(
    'TRUNCATE chain_edge, chain_vendor, chain_list, chain_watch, chain_match, chain_review, change CASCADE',
  );
});

async function ask<Body = Record<string, unknown>>(method: string, path: string, body?: unknown) {
  const response = await routes.request(path, {
    method,
    headers: { 'content-type': 'application/json', 'x-drawbridge-reason': 'a test' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as Body };
}

const at = (days = 0) => new Date(platform.clock.now() - days * DAY).toISOString();
const enter = (from: string, to: string, more: object = {}) =>
  ask<EdgeView>('POST', '/chain/edges', {
    from,
    to,
    layer: 'declared',
    scopes: ['content'],
    source: { kind: 'file', text: 'contract.pdf' },
    ...more,
  });
const chain = async (query = '') => (await ask<ChainView>('GET', `/chain${query}`)).body;
const pairs = (edges: readonly EdgeView[]) =>
  edges.map(({ from, to, layer }) => `${from} ${to} ${layer}`).toSorted();
const taken = (content: string, more: object = {}) =>
  ask<{ list: ListView; isNew: boolean; reviews: number }>('POST', '/chain/lists', {
    vendor: 'acme',
    content,
    source: 'page.html',
    ...more,
  });
const crossedTo = (id: string, days = 10) => ({
  vendor: id,
  firstAt: new Date(at(days)),
  lastAt: new Date(at()),
  classes: ['content.prompt', 'person.id'],
});

describe('links', () => {
  test('of ours are what crossed, connections and accounts, one per layer', async () => {
    ours = {
      crossed: [crossedTo('acme')],
      connections: [{ vendor: 'acme', createdAt: at(20) }],
      accounts: [{ vendor: 'acme', firstAt: new Date(at(30)), lastAt: new Date(at()) }],
      consoles: [],
    };
    const { edges, nodes } = await chain();
    expect(pairs(edges)).toEqual(['us acme declared', 'us acme observed']);
    expect(edges.find(({ layer }) => layer === 'observed')).toMatchObject({
      id: null,
      scopes: ['content', 'telemetry'],
      source: { kind: 'gateway' },
    });
    expect(edges.find(({ layer }) => layer === 'declared')).toMatchObject({
      scopes: ['account_metadata'],
      firstSeenAt: at(30),
    });
    expect(nodes).toMatchObject([
      { id: 'acme', name: 'Acme', depth: 1, people: 40, criticality: 'important' },
    ]);
  });

  test('of a layer stand beside those of another, and a pair has one of each', async () => {
    expect((await enter('acme', 'cloudy')).status).toBe(201);
    expect((await enter('acme', 'cloudy', { layer: 'observed' })).status).toBe(201);
    expect((await enter('acme', 'cloudy')).body).toMatchObject({ code: 'edge_exists' });
    expect(pairs((await chain()).edges)).toEqual(['acme cloudy declared', 'acme cloudy observed']);
  });

  test('two entered at once are one', async () => {
    const both = await Promise.all([enter('acme', 'cloudy'), enter('acme', 'cloudy')]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([201, 409]);
  });

  test('that make no sense are refused', async () => {
    expect((await enter('acme', 'acme')).status).toBe(422);
    expect((await enter('acme', 'us')).status).toBe(400);
    expect((await enter('acme', 'cloudy', { validUntil: at(3) })).status).toBe(422);
    expect(
      (await enter('acme', 'cloudy', { source: { kind: 'url', text: 'javascript:alert(1)' } })).status,
    ).toBe(400);
    expect((await enter('acme', 'cloudy', { note: 'a\u202eb' })).status).toBe(400);
  });

  test('end, begin again, and are shown as they were', async () => {
    const { body: edge } = await enter('us', 'cloudy', {
      firstSeenAt: at(10),
      names: { cloudy: 'Not this' },
    });
    const ended = await ask('POST', `/chain/edges/${edge.id}/changes`, {
      scopes: [],
      source: edge.source,
      validUntil: at(5),
    });
    expect(ended.status).toBe(200);
    expect((await enter('us', 'cloudy', { firstSeenAt: at(2) })).status).toBe(201);
    const held = async (days: number) => (await chain(`?at=${at(days)}`)).edges.length;
    expect(await Promise.all([11, 10, 6, 5, 2, 0].map(held))).toEqual([0, 1, 1, 0, 1, 1]);
    expect((await ask('GET', '/chain/changes')).body).toEqual({
      items: [
        { at: at(10), began: 1, ended: 0 },
        { at: at(5), began: 0, ended: 1 },
        { at: at(2), began: 1, ended: 0 },
      ],
    });
    expect((await chain()).nodes).toMatchObject([{ name: 'Cloudy' }]);
  });

  test('that differ between layers are lists of their own, page by page', async () => {
    await enter('acme', 'cloudy');
    await enter('acme', 'meter', { layer: 'observed' });
    await enter('acme', 'both');
    await enter('acme', 'both', { layer: 'observed' });
    await enter('acme', 'other', { layer: 'observed' });
    const page = async (query: string) =>
      (await ask<{ items: EdgeView[]; next: string | null }>('GET', `/chain/edges?${query}`)).body;
    expect(pairs((await page('difference=declared_only')).items)).toEqual(['acme cloudy declared']);
    const first = await page('difference=observed_only&limit=1');
    const second = await page(`difference=observed_only&limit=1&cursor=${first.next}`);
    expect(pairs([...first.items, ...second.items])).toEqual(['acme meter observed', 'acme other observed']);
    expect(second.next).toBeNull();
  });

  test('say what depends on whom', async () => {
    ours.crossed = [crossedTo('acme')];
    await enter('acme', 'meter');
    await enter('meter', 'cloudy');
    const { body } = await ask('GET', '/chain/concentration');
    expect(body).toMatchObject({
      vendors: 3,
      criticalityUnknown: 2,
      weakest: { byDependency: 'cloudy', byData: 'cloudy' },
      deep: [{ id: 'cloudy', path: ['us', 'acme', 'meter', 'cloudy'] }],
      singlePoints: [
        { id: 'acme', onlyThrough: 2 },
        { id: 'meter', onlyThrough: 1 },
      ],
    });
  });
});

describe('a published list', () => {
  const first = 'name,purpose\nCloudy Inc.,Hosting\nSomebody Ltd,Support';
  const second = 'name,purpose\nCloudy,Hosting\nMeter Analytics,Product analytics';

  test('becomes a version, and links to the vendors that are known', async () => {
    const { body } = await taken(first, { asOf: at(9) });
    expect(body).toMatchObject({
      isNew: true,
      reviews: 0,
      list: { version: 1, unmatched: 1, format: 'csv' },
    });
    const { edges } = await chain();
    expect(edges).toMatchObject([
      {
        from: 'acme',
        to: 'cloudy',
        layer: 'declared',
        source: { kind: 'list' },
        note: 'Hosting',
        firstSeenAt: at(9),
      },
    ]);
    expect((await taken(first)).body).toMatchObject({ isNew: false });
    expect((await ask('GET', '/chain/lists')).body).toMatchObject({
      items: [{ vendor: 'acme', version: 1 }],
    });
  });

  test('that is later opens a review of who is new, with the date, and ends who is gone', async () => {
    await taken('name\nCloudy\nSomebody Ltd', { asOf: at(9), objectionDays: 30 });
    await ask('POST', '/chain/lists/acme/matches', { key: 'somebody', target: 'somebody', name: 'Somebody' });
    expect(pairs((await chain()).edges)).toEqual(['acme cloudy declared', 'acme somebody declared']);
    const { body } = await taken(second, { asOf: at(2) });
    expect(body).toMatchObject({
      reviews: 1,
      list: { version: 2, diff: { added: [{ name: 'Meter Analytics' }], gone: [{ name: 'Somebody Ltd' }] } },
    });
    expect(pairs((await chain()).edges)).toEqual(['acme cloudy declared', 'acme meter declared']);
    expect((await chain(`?at=${at(5)}`)).nodes.map(({ name }) => name)).toEqual([
      'Acme',
      'Cloudy',
      'Somebody',
    ]);
    const { body: open } = await ask<{ items: { id: string }[] }>('GET', '/chain/reviews');
    expect(open.items).toMatchObject([
      { name: 'Meter Analytics', state: 'open', dueAt: at(2 - 30), vendorName: 'Acme' },
    ]);
    const path = `/chain/reviews/${open.items[0]?.id}/decision`;
    expect((await ask('POST', path, { state: 'objected' })).body).toMatchObject({ state: 'objected' });
    expect((await ask('POST', path, { state: 'accepted' })).status).toBe(409);
    expect((await ask('GET', '/chain/lists/acme/versions')).body).toMatchObject({
      items: [{ version: 2 }, { version: 1 }],
    });
    expect((await ask('GET', '/chain/lists/acme/versions/1')).body).toMatchObject({ version: 1, rows: 2 });
  });

  test('has the date by what is agreed, else by what is said of the list, else by what is usual, and says which', async () => {
    const reviewed = async () =>
      (await ask<{ items: Record<string, unknown>[] }>('GET', '/chain/reviews')).body.items
        .map(({ name, dueAt, objectionDays, objectionFrom }) => [name, dueAt, objectionDays, objectionFrom])
        .sort();
    await taken('name\nCloudy', { asOf: at(9) });
    const { body } = await taken('name\nCloudy\nOne', { asOf: at(8), preview: true });
    expect(body).toMatchObject({ objection: { days: 14, from: 'usual' } });
    await taken('name\nCloudy\nOne', { asOf: at(8) });
    await taken('name\nCloudy\nOne\nTwo', { asOf: at(7), objectionDays: 30 });
    agreed = 10;
    await taken('name\nCloudy\nOne\nTwo\nThree', { asOf: at(6) });
    expect(await reviewed()).toEqual([
      ['One', at(8 - 14), 14, 'usual'],
      ['Three', at(6 - 10), 10, 'agreement'],
      ['Two', at(7 - 30), 30, 'list'],
    ]);
  });

  test('a decision holds for the next version; one that is withdrawn asks nobody any more', async () => {
    await taken('name\nCloudy', { asOf: at(9) });
    await taken('name\nCloudy\nOdd One', { asOf: at(8) });
    const { body } = await ask<ListView>('POST', '/chain/lists/acme/matches', {
      key: 'odd one',
      target: 'meter',
    });
    expect(body).toMatchObject({ unmatched: 0 });
    await taken('name\nCloudy', { asOf: at(7) });
    expect((await ask('GET', '/chain/reviews')).body).toMatchObject({ items: [] });
    await taken('name\nCloudy\nODD ONE Inc', { asOf: at(6) });
    expect(pairs((await chain()).edges)).toEqual(['acme cloudy declared', 'acme meter declared']);
  });

  test('a decision is taken back: the row is matched by what is known again, and its link goes', async () => {
    await taken('name\nCloudy\nCloudy Nine', { asOf: at(9) });
    const match = (more: object) =>
      ask<ListView>('POST', '/chain/lists/acme/matches', { key: 'cloudy nine', ...more });
    const { body: asked } = await ask<ListView>('GET', '/chain/lists/acme');
    expect(asked).toMatchObject({ unmatched: 1, names: { cloudy: 'Cloudy' } });
    const { body: decided } = await match({ target: 'nine', name: 'Nine Ltd' });
    expect(decided).toMatchObject({ unmatched: 0, names: { nine: 'Nine Ltd' } });
    expect((await ask<{ items: object[] }>('GET', '/chain/edges?to=nine')).body.items).toMatchObject([
      { from: 'acme', fromName: 'Acme', toName: 'Nine Ltd' },
    ]);
    const { body: back } = await match({});
    expect(back).toMatchObject({ unmatched: 1 });
    expect(back.items[1]?.match).toMatchObject({ by: 'nobody', suggestions: ['cloudy'] });
    expect(pairs((await chain()).edges)).toEqual(['acme cloudy declared']);
  });

  test('whose page shows its menu instead ends no link, until a person says that it is right', async () => {
    const table = (names: readonly string[]) =>
      `<table><tr><th>Vendor</th></tr>${names.map((name) => `<tr><td>${name}</td></tr>`).join('')}</table>`;
    await taken(table(['Cloudy', 'Meter Analytics', 'Acme Two']), { asOf: at(9) });
    const before = await chain();
    const menu = '<ul><li>Products</li><li>Pricing</li><li>Sign in</li></ul>';
    expect((await taken(menu, { preview: true })).body).toMatchObject({ held: 'replaced' });
    expect(await taken(menu)).toMatchObject({ status: 409, body: { code: 'list_replaced' } });
    expect(await taken(table(['Cloudy']))).toMatchObject({ status: 409, body: { code: 'list_shrunk' } });
    expect(pairs((await chain()).edges)).toEqual(pairs(before.edges));
    expect((await ask('GET', '/chain/lists/acme/versions')).body).toMatchObject({ items: [{ version: 1 }] });
    expect((await taken(table(['Cloudy']), { confirmed: true })).body).toMatchObject({
      ...{ isNew: true, held: 'shrunk', list: { version: 2 } },
    });
    expect(pairs((await chain()).edges)).toEqual(['acme cloudy declared']);
  });

  test('is matched only where a row is, and never to the vendor whose list it is', async () => {
    await taken('name\nCloudy\nSomebody Ltd', { asOf: at(9) });
    const match = (body: object) => ask('POST', '/chain/lists/acme/matches', body);
    expect(await match({ key: 'nobody at all', target: 'meter' })).toMatchObject({ status: 404 });
    expect(await match({ key: 'somebody', target: 'acme' })).toMatchObject({
      ...{ status: 422, body: { errors: [{ field: 'target' }] } },
    });
    expect((await ask('POST', '/chain/lists/other/matches', { key: 'x', target: 'meter' })).status).toBe(404);
    expect(pairs((await chain()).edges)).toEqual(['acme cloudy declared']);
  });

  test('changes no link that a person entered, and begins one anew after it ended', async () => {
    const { body: entered } = await enter('acme', 'cloudy', { firstSeenAt: at(30), note: 'In our contract' });
    await taken('name\nCloudy\nMeter Analytics', { asOf: at(9) });
    const cloudy = async () => (await chain()).edges.find(({ to }) => to === 'cloudy');
    expect(await cloudy()).toEqual(entered);
    await taken('name\nMeter Analytics', { asOf: at(8) });
    expect(await cloudy()).toEqual(entered);
    await taken('name\nCloudy', { asOf: at(7), confirmed: true });
    expect(pairs((await chain()).edges)).toEqual(['acme cloudy declared']);
    await taken('name\nCloudy\nMeter Analytics', { asOf: at(5) });
    const held = async (days: number) =>
      (await chain(`?at=${at(days)}`)).edges.some(({ to }) => to === 'meter');
    expect(await Promise.all([10, 9, 8, 7.5, 6, 5, 1].map(held))).toEqual([
      ...[false, true, true, true, false, true, true],
    ]);
  });

  test('of one moment that are told one after the other begin a link where the last one ended', async () => {
    for (const names of ['Cloudy\nMeter Analytics', 'Meter Analytics', 'Cloudy\nMeter Analytics']) {
      expect((await taken(`name\n${names}`, { asOf: at(9) })).status).toBe(200);
    }
    expect((await chain()).edges.find(({ to }) => to === 'cloudy')).toMatchObject({
      validFrom: new Date(Date.parse(at(9)) + 1).toISOString(),
    });
  });

  test('a preview keeps nothing, and an older one is refused', async () => {
    expect((await taken(first, { preview: true })).body).toMatchObject({ isNew: true });
    expect((await ask('GET', '/chain/lists')).body).toMatchObject({ items: [] });
    await taken(first, { asOf: at(2) });
    expect((await taken(second, { asOf: at(3) })).body).toMatchObject({ errors: [{ field: 'asOf' }] });
    expect((await taken(second, { asOf: at(-1) })).status).toBe(422);
    expect((await taken('<p>Loading</p>')).body).toMatchObject({ errors: [{ field: 'content' }] });
  });

  test('is not read from a private network, nor where nobody knows where it is', async () => {
    const fetched = (more: object) => ask('POST', '/chain/list-fetches', { vendor: 'acme', ...more });
    expect((await fetched({})).body).toMatchObject({
      errors: [{ field: 'url', message: expect.stringMatching('private') }],
    });
    expect((await fetched({ url: 'https://10.0.0.1/' })).status).toBe(422);
    expect((await fetched({ url: 'http://acme.example/' })).status).toBe(400);
    expect((await fetched({ vendor: 'unknown' })).body).toMatchObject({ errors: [{ field: 'url' }] });
  });

  test('is followed to where it moved, within bounds', async () => {
    const pages: Record<string, { statusCode: number; headers: Record<string, string>; text?: string }> = {
      'https://a.example/': { statusCode: 301, headers: { location: '/b' } },
      'https://a.example/b': { statusCode: 200, headers: {}, text: 'name\nCloudy' },
      'https://clear.example/': { statusCode: 302, headers: { location: 'http://clear.example/' } },
      'https://round.example/': { statusCode: 302, headers: { location: '/' } },
      'https://gone.example/': { statusCode: 404, headers: {} },
      'https://long.example/': { statusCode: 200, headers: {}, text: 'x'.repeat(1_000_001) },
    };
    const page = (address: string) =>
      fetchPage(address, { resolve: async () => [] }, async ({ url }) => {
        const { text = '', ...head } = pages[url.href] ?? { statusCode: 500, headers: {} };
        return Object.assign(Readable.from([Buffer.from(text)]), head) as never;
      });
    expect(await page('https://a.example/')).toEqual({ content: 'name\nCloudy', url: 'https://a.example/b' });
    for (const [name, says] of Object.entries({
      clear: 'not https',
      round: 'leads on',
      gone: '404',
      long: 'more than',
    })) {
      const refused = await page(`https://${name}.example/`).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(Problem);
      expect(String(refused)).toContain(says);
    }
  });
});

describe('a list that is watched', () => {
  const PAGE = 'https://acme.example/subs';
  const watched = async () =>
    (await ask<{ items: WatchView[] }>('GET', '/chain/watches')).body.items.find(
      ({ vendor }) => vendor === 'acme',
    );
  const watch = (more: object = {}) => ask('PUT', '/chain/lists/acme/watch', { everyDays: 7, ...more });

  test('is read at once and then every so many days, and who is new opens a review', async () => {
    pages.set(PAGE, 'name,location\nCloudy,US\n');
    expect((await watch()).status).toBe(200);
    expect(await turn()).toBe(1);
    expect(await watched()).toMatchObject({ url: PAGE, everyDays: 7, error: null, readAt: at() });
    expect((await ask('GET', '/chain/lists/acme/watch')).body).toEqual(await watched());
    expect((await ask('GET', '/chain/lists/cloudy/watch')).status).toBe(404);
    expect(await turn()).toBe(0);
    pages.set(PAGE, 'name,location\nCloudy,US\nMeter Analytics,US\n');
    passed = 6 * DAY;
    expect(await turn()).toBe(0);
    passed = 7 * DAY;
    expect(await turn()).toBe(1);
    const { body } = await ask<{ version: number; takenBy: string }>('GET', '/chain/lists/acme');
    expect(body).toMatchObject({ version: 2, takenBy: 'Chain' });
    const reviews = (await ask<{ items: { name: string }[] }>('GET', '/chain/reviews')).body.items;
    expect(reviews.map(({ name }) => name)).toEqual(['Meter Analytics']);
    // Read again and nothing new: no version.
    passed = 14 * DAY;
    expect(await turn()).toBe(1);
    expect((await ask<{ version: number }>('GET', '/chain/lists/acme')).body.version).toBe(2);
    expect((await watched())?.readAt).toBe(at());
  });

  test('that can’t be read, is none, or lost its rows says so, ends no link, and is tried the day after', async () => {
    const rows = ['Cloudy', 'Meter Analytics', 'One', 'Two', 'Three'];
    pages.set(PAGE, `name\n${rows.join('\n')}\n`);
    await watch();
    await turn();
    const before = pairs((await chain()).edges);
    for (const [text, code] of [
      [undefined, 'invalid_request'],
      ['<html><body><p>Loading…</p></body></html>', 'invalid_request'],
      ['name\nHome\nPricing\n', 'list_replaced'],
    ] as const) {
      if (text === undefined) pages.delete(PAGE);
      else pages.set(PAGE, text);
      passed += 7 * DAY;
      expect(await turn()).toBe(1);
      expect(await watched()).toMatchObject({ error: { code }, nextAt: at(-1), triedAt: at() });
      expect(pairs((await chain()).edges)).toEqual(before);
    }
  });

  test('is read by one process, however many look, and no more once that is ended', async () => {
    pages.set(PAGE, 'name\nCloudy\n');
    await watch();
    expect((await Promise.all([turn(), turn(), turn()])).toSorted()).toEqual([0, 0, 1]);
    expect((await ask('DELETE', '/chain/lists/acme/watch', {})).status).toBe(204);
    passed = 100 * DAY;
    expect(await turn()).toBe(0);
    expect((await ask('DELETE', '/chain/lists/acme/watch', {})).status).toBe(404);
    expect((await ask('GET', '/chain/lists/acme')).status).toBe(200);
  });

  test('is one of which somebody knows where it is', async () => {
    expect((await ask('PUT', '/chain/lists/unknown/watch', { everyDays: 7 })).body).toMatchObject({
      errors: [{ field: 'url' }],
    });
    expect((await watch({ url: 'http://acme.example/' })).status).toBe(400);
    expect((await watch({ everyDays: 0 })).status).toBe(400);
  });
});

describe('exports', () => {
  async function someChain(): Promise<void> {
    ours.crossed = [crossedTo('acme')];
    await enter('acme', 'meter', {
      scopes: ['telemetry', 'billing'],
      note: '=HYPERLINK("https://evil.example")',
    });
    await enter('acme', 'cloudy', { names: { cloudy: 'x' }, conditions: [{ kind: 'region', is: 'EU' }] });
    await enter('meter', 'cloudy', { layer: 'observed', firstSeenAt: at(4) });
    await enter('cloudy', 'acme', { layer: 'inferred', scopes: [] });
    await enter('acme', 'odd', { firstSeenAt: at(9), validUntil: at(3), names: { odd: 'Odd, "One"' } });
  }
  const exported = async () => (await ask<ChainExport>('GET', '/chain/export')).body;

  test('as JSON, imported elsewhere, is the same graph; imported again changes nothing', async () => {
    await someChain();
    const was = await exported();
    await platform.pool.query('TRUNCATE chain_edge, chain_vendor CASCADE');
    ours.crossed = [];
    expect((await ask('POST', '/chain/imports', { export: was, preview: true })).body).toMatchObject({
      added: 6,
    });
    expect((await exported()).edges).toEqual([]);
    expect((await ask('POST', '/chain/imports', { export: was })).body).toMatchObject({ added: 6, known: 0 });
    expect(await exported()).toEqual(was);
    expect((await ask('POST', '/chain/imports', { export: was })).body).toMatchObject({ added: 0, known: 6 });
    ours.crossed = [crossedTo('acme')];
    expect((await exported()).edges).toHaveLength(6);
  });

  test('an import of more links of one pair than are held against each other is refused whole', async () => {
    const day = (n: number) => new Date(Date.UTC(2000, 0, 1 + n)).toISOString();
    const edges = Array.from({ length: 1_001 }, (_, n) => ({
      ...{
        from: 'us',
        to: 'acme',
        layer: 'declared',
        scopes: [],
        firstSeenAt: day(2 * n),
        lastSeenAt: day(2 * n),
      },
      ...{ source: { kind: 'file', text: 'x' }, validFrom: null, validUntil: day(2 * n + 1) },
      ...{ conditions: [], conditionsText: null, note: null },
    }));
    const { format } = await exported();
    const take = (some: object[]) =>
      ask('POST', '/chain/imports', { export: { format, at: at(), vendors: [], edges: some } });
    expect((await take(edges)).body).toMatchObject({ errors: [{ field: 'export' }] });
    expect((await exported()).edges).toEqual([]);
    expect((await take(edges.slice(1))).body).toMatchObject({ added: 1_000 });
  });

  test('an import that contradicts what is there changes nothing', async () => {
    await someChain();
    const was = await exported();
    const moved = was.edges.map((edge) => (edge.to === 'cloudy' ? { ...edge, firstSeenAt: at(20) } : edge));
    expect((await ask('POST', '/chain/imports', { export: { ...was, edges: moved } })).status).toBe(409);
    expect(await exported()).toEqual(was);
  });

  test('as a table runs nothing in a spreadsheet', async () => {
    await someChain();
    const answer = await routes.request('/chain/export.csv');
    const text = await answer.text();
    expect(answer.headers.get('content-type')).toContain('text/csv');
    expect(text.split('\r\n')).toHaveLength(7);
    expect(text).toContain(`"'=HYPERLINK(""https://evil.example"")"`);
    expect(text).not.toMatch(/(^|,)"?[=+@-]/m);
  });

  const nested = (...refs: string[]) => refs.map((ref) => expect.objectContaining({ 'bom-ref': ref }));

  test('as CycloneDX 1.6 keep to the official schema, with a shared one nested once', async () => {
    await someChain();
    const bom = (await (await routes.request('/chain/export.cdx.json')).json()) as Record<string, unknown>;
    const validate = await cycloneDx();
    expect(validate(bom), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...bom, services: [{ name: 7 }] })).toBe(false);
    expect(bom).toMatchObject({
      specVersion: '1.6',
      // Links that were entered within a millisecond stand in any order.
      services: [{ 'bom-ref': 'acme', services: expect.arrayContaining(nested('cloudy', 'meter')) }],
    });
    expect(JSON.stringify(bom).split('"bom-ref":"cloudy"')).toHaveLength(2);
    expect(bom.dependencies).toContainEqual({ ref: 'meter', dependsOn: ['cloudy'] });
  });

  test('as CycloneDX, taken in elsewhere, is the graph that held, link by link, whatever graph it is', async () => {
    const validate = await cycloneDx();
    await fc.assert(
      fc.asyncProperty(graphs, async (drawn) => {
        await platform.pool.query('TRUNCATE chain_edge, chain_vendor CASCADE');
        for (const { from, to, ...more } of drawn) await enter(from, to, more);
        const was = await exported();
        const bom = await (await routes.request('/chain/export.cdx.json')).json();
        expect(validate(bom), JSON.stringify(validate.errors)).toBe(true);
        await platform.pool.query('TRUNCATE chain_edge, chain_vendor CASCADE');
        const held = was.edges.filter(({ validUntil }) => validUntil === null);
        const taken = await ask('POST', '/chain/imports', { bom });
        expect([taken.status, taken.body]).toMatchObject([200, { added: held.length }]);
        const ends = new Set(held.flatMap(({ from, to }) => [from, to]));
        expect(await exported()).toEqual({
          ...was,
          edges: held,
          vendors: was.vendors.filter(({ id }) => ends.has(id)),
        });
        expect(await (await routes.request('/chain/export.cdx.json')).json()).toEqual(bom);
        expect((await ask('POST', '/chain/imports', { bom })).body).toMatchObject({ added: 0 });
      }),
      { numRuns: 25 },
    );
  });

  test('of one long chain are no deeper than a program goes, keep to the schema, and come back', async () => {
    const ids = Array.from({ length: 3_000 }, (_, n) => `v${n}`);
    const edges = ids.map((to, n) => ({
      ...{
        from: ids[n - 1] ?? 'us',
        to,
        layer: 'declared',
        scopes: ['content'],
        firstSeenAt: at(3),
        lastSeenAt: at(),
      },
      ...{ source: { kind: 'file', text: 'contract.pdf' }, validFrom: null, validUntil: null },
      ...{ conditions: [], conditionsText: null, note: null },
    }));
    const was = { format: (await exported()).format, at: at(), vendors: [], edges };
    expect((await ask('POST', '/chain/imports', { export: was })).body).toMatchObject({ added: 3_000 });
    const bom = await (await routes.request('/chain/export.cdx.json')).json();
    const validate = await cycloneDx();
    expect(validate(bom), JSON.stringify(validate.errors)).toBe(true);
    await platform.pool.query('TRUNCATE chain_edge, chain_vendor CASCADE');
    expect((await ask('POST', '/chain/imports', { bom })).body).toMatchObject({ added: 3_000 });
    expect((await ask<{ deepCount: number }>('GET', '/chain/concentration')).body.deepCount).toBe(2_998);
  }, 60_000);

  test('of others, of another form, or of two forms at once are refused with where', async () => {
    const bom = (services: unknown, more: object = {}) => ({
      ...{ bomFormat: 'CycloneDX', metadata: { timestamp: at() }, services, ...more },
    });
    const wrong = async (body: object) =>
      (await ask<{ errors: { field: string }[] }>('POST', '/chain/imports', body)).body.errors[0]?.field;
    expect(await wrong({ bom: bom([{ 'bom-ref': 'acme', name: 'Acme' }]) })).toBe('bom');
    expect(await wrong({ bom: { bomFormat: 'SPDX' } })).toBe('bom.bomFormat');
    expect(await wrong({ bom: bom([{ name: 'Acme' }]) })).toBe('bom.services.bom-ref');
    const link = { name: 'drawbridge:edge:us:declared', value: '{' };
    const acme = { 'bom-ref': 'acme', name: 'Acme', properties: [link] };
    expect(await wrong({ bom: bom([acme]) })).toBe(`bom: ${link.name}`);
    link.value = '{}';
    expect(await wrong({ bom: bom([acme]) })).toMatch(/^bom\.edges\.0\./);
    expect(await wrong({ bom: bom([]), export: await exported() })).toBe('export');
    expect(await wrong({})).toBe('export');
    let deep: object = acme;
    for (let n = 0; n < 800; n += 1) deep = { 'bom-ref': `v${n}`, name: 'V', services: [deep] };
    expect(await wrong({ bom: bom([deep]) })).toMatch(/^bom/);
  });
});

/** Any graph that people may enter: cycles, several layers of a pair, links that ended, names of all sorts. */
const graphs = (() => {
  const ids = ['us', 'acme', 'cloudy', 'odd', 'x1', 'x2'] as const;
  const text = fc.constantFrom('Plain', '=1+1', '<b>"Ä" & co</b>', 'drawbridge:edge:us:declared', '{}');
  const edge = fc.record({
    from: fc.constantFrom(...ids),
    to: fc.constantFrom(...ids.slice(1)),
    layer: fc.constantFrom('declared', 'observed', 'inferred'),
    scopes: fc.uniqueArray(fc.constantFrom('content', 'telemetry', 'billing'), { maxLength: 3 }),
    source: text.map((of) => ({ kind: 'file', text: of })),
    days: fc.integer({ min: 4, max: 90 }),
    isOver: fc.boolean(),
    conditions: fc.array(
      text.map((is) => ({ kind: 'plan', is })),
      { maxLength: 2 },
    ),
    conditionsText: fc.option(text, { nil: null }),
    note: fc.option(text, { nil: null }),
    name: text,
  });
  return fc
    .uniqueArray(edge, {
      selector: ({ from, to, layer }) => `${from} ${to} ${layer}`,
      maxLength: 12,
    })
    .map((all) =>
      all
        .filter(({ from, to }) => from !== to)
        .map(({ days, isOver, name, ...rest }) => ({
          ...rest,
          firstSeenAt: at(days),
          validUntil: isOver ? at(days - 3) : null,
          names: { [rest.to]: name },
        })),
    );
})();

/** The schema as the CycloneDX project publishes it, with what it refers to. */
async function cycloneDx() {
  const require = createRequire(import.meta.url);
  const folder = join(dirname(require.resolve('@cyclonedx/cyclonedx-library/package.json')), 'res', 'schema');
  const read = async (name: string) => JSON.parse(await readFile(join(folder, name), 'utf8')) as object;
  const ajv = new Ajv({ strict: false, validateFormats: false, logger: false });
  for (const name of ['spdx.SNAPSHOT.schema.json', 'jsf-0.82.SNAPSHOT.schema.json']) {
    ajv.addSchema(await read(name), `http://cyclonedx.org/schema/${name}`);
  }
  return ajv.compile(await read('bom-1.6.SNAPSHOT.schema.json'));
}
