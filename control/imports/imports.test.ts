import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRouter, handleErrors } from '../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../platform/testing.ts';
import { knownOf, readVendor } from '../vendors/index.ts';
import { createImports, type Imports, importRoutes, largestVendorImport } from './index.ts';
import type {
  AboutVendor,
  ImportedAnswerView,
  ImportedVendorView,
  SourceView,
  TakenImport,
} from './schemas.ts';
import { caiqRows, entityMap, gvl, trackerDb, workbook } from './testing.ts';

/** Sources of others, taken in on a real database. All vendors are made up. */
let platform: TestPlatform;
let imports: Imports;
let routes: ReturnType<typeof createRouter>;

const facts = readVendor(
  'orbit-metrics.yaml',
  `format: drawbridge.vendor/1
id: orbit-metrics
name: Orbit Metrics
category: analytics
sources: { site: { url: 'https://orbit.example/', as_of: '2025-01-01' } }
domains: [{ is: orbit.example, from: site }, { is: plainads.example, from: site }]
`,
);
if ('problems' in facts) throw new Error(JSON.stringify(facts.problems));
const known = knownOf([facts.vendor]);

beforeAll(async () => {
  platform = await testPlatform();
  imports = createImports(platform, async () => known);
  routes = createRouter();
  routes.onError(handleErrors(platform.log));
  routes.use('*', async (c, next) => {
    c.set('actor', testCaller({ id: 'person:1', name: 'Ada Example' }));
    await next();
  });
  routes.route('/', importRoutes(imports));
});
afterAll(() => platform.close());
beforeEach(() => platform.pool.query('TRUNCATE vendor_import, change CASCADE'));

async function ask<T>(method: string, path: string, body?: string | Uint8Array<ArrayBuffer>) {
  const answer = await routes.request(path, {
    method,
    headers: { 'content-type': 'application/octet-stream', 'x-drawbridge-reason': 'A test' },
    ...(body === undefined ? {} : { body }),
  });
  return { status: answer.status, body: (answer.status === 204 ? null : await answer.json()) as T };
}
const take = <T = TakenImport>(
  source: string,
  content: string | Uint8Array,
  query = 'version=2025.10&asOf=2025-10-01',
) => ask<T>('PUT', `/vendor-imports/${source}?file=list.json&${query}`, content as never);
const counts = ({ body }: { body: TakenImport }) => body.counts;
const saidOf = async (host: string) => (await imports.lookup()).ofHost(host);

describe('a source of others', () => {
  test('is kept with version, licence, day and by whom, and marks whatever it says', async () => {
    const { status, body } = await take('tracker_radar', entityMap);
    const said = 'DuckDuckGo Tracker Radar 2025.10, imported 2025-11-09, CC BY-NC-SA 4.0: your use';
    expect([status, body.isNew]).toEqual([200, true]);
    expect(body.import).toMatchObject({
      ...{ source: 'tracker_radar', version: '2025.10', asOf: '2025-10-01', licence: 'CC BY-NC-SA 4.0' },
      ...{ label: said, vendors: 2, domains: 4, importedBy: 'Ada Example', file: 'list.json' },
    });
    expect((await ask<{ items: SourceView[] }>('GET', '/vendor-imports')).body.items).toEqual([body.import]);
    const listed = await ask<{ items: ImportedVendorView[]; next: string | null }>(
      'GET',
      '/vendor-imports/tracker_radar/vendors?limit=1',
    );
    expect(listed.body.items).toMatchObject([{ name: 'Orbit Metrics', said }]);
    const rest = await ask<{ items: ImportedVendorView[]; next: string | null }>(
      'GET',
      `/vendor-imports/tracker_radar/vendors?limit=1&cursor=${listed.body.next}`,
    );
    expect(rest.body).toMatchObject({ items: [{ name: 'Plain Ads' }], next: null });
    expect(await saidOf('a.b.orbitcdn.example')).toEqual({ name: 'Orbit Metrics', by: said });
    expect(await saidOf('other.herokuapp.com')).toBeUndefined();
    const { rows } = await platform.pool.query('SELECT act, subject_id, detail FROM change');
    expect(rows).toMatchObject([{ act: 'vendor_import.take', subject_id: 'tracker_radar' }]);
  });

  test('is replaced by a newer version as a whole, and not by an older one', async () => {
    expect(counts(await take('gvl', gvl(42, '2025-10-30'), ''))).toEqual({
      ...{ new: 1, changed: 0, gone: 0, same: 0 },
    });
    expect((await take('gvl', gvl(42, '2025-10-30'), '')).body).toMatchObject({ isNew: false });
    const newer = gvl(43, '2025-11-06').replace('"id":8', '"id":10').replace('"8":', '"10":');
    expect((await take('gvl', newer, 'preview=true')).body).toMatchObject({
      isNew: true,
      import: { version: '43' },
      counts: { new: 1, gone: 1 },
    });
    const page = async () =>
      (await ask<{ items: ImportedVendorView[] }>('GET', '/vendor-imports/gvl/vendors')).body.items;
    expect((await page()).map(({ key }) => key)).toEqual(['8']);
    expect(counts(await take('gvl', newer, ''))).toEqual({ new: 1, changed: 0, gone: 1, same: 0 });
    expect((await page()).map(({ key }) => key)).toEqual(['10']);
    expect(await take('gvl', gvl(42, '2025-10-30'), '')).toMatchObject({
      status: 409,
      body: { code: 'older_version' },
    });
    expect((await page()).map(({ key }) => key)).toEqual(['10']);
  });

  test('is taken out as a whole, and is heard no longer at once', async () => {
    await take('tracker_radar', entityMap);
    await take('trackerdb', trackerDb);
    expect((await saidOf('pixel.orbit-metrics.example'))?.by).toMatch(/^Ghostery TrackerDB/);
    expect((await ask('DELETE', '/vendor-imports/trackerdb')).status).toBe(204);
    expect((await saidOf('pixel.orbit-metrics.example'))?.by).toMatch(/^DuckDuckGo/);
    expect((await ask('DELETE', '/vendor-imports/tracker_radar')).status).toBe(204);
    expect(await saidOf('pixel.orbit-metrics.example')).toBeUndefined();
    const { rows } = await platform.pool.query('SELECT count(*)::int AS left FROM imported_vendor');
    expect(rows).toEqual([{ left: 0 }]);
    expect((await ask('DELETE', '/vendor-imports/trackerdb')).status).toBe(404);
  });

  test('that can not be read changes nothing, and says where', async () => {
    await take('tracker_radar', entityMap);
    const refused = await take<{ errors: object[] }>('tracker_radar', '{"A":{"properties":[1]}}');
    expect([refused.status, refused.body.errors]).toEqual([
      422,
      [expect.objectContaining({ field: expect.stringMatching(/^content/) })],
    ]);
    expect((await take('tracker_radar', '')).status).toBe(422);
    expect(await saidOf('plainads.example')).toMatchObject({ name: 'Plain Ads' });
  });

  test('whose version or day nobody says is refused, and so is a day that lies ahead', async () => {
    const field = async (query: string) =>
      (await take<{ errors?: { field: string }[] }>('trackerdb', trackerDb, query)).body.errors?.[0]?.field;
    expect(await field('asOf=2025-10-01')).toBe('version');
    expect(await field('version=1')).toBe('asOf');
    expect(await field('version=1&asOf=2025-11-10')).toBe('asOf');
    expect((await take('caiq', workbook())).status).toBe(400);
    expect((await take('disconnect', '{}')).status).toBe(400);
  });

  test('may be larger than other requests', () => {
    expect(largestVendorImport('/api/v1/vendor-imports/caiq%3Aacme')).toBeGreaterThan(30e6);
    expect(largestVendorImport('/api/v1/vendor-imports/gvl/vendors')).toBeNull();
  });
});

describe('what was taken in of one vendor', () => {
  const about = async (id: string) => (await ask<AboutVendor>('GET', `/known-vendors/${id}/imported`)).body;

  test('is told with whose word it is, and why it is taken to be of this vendor', async () => {
    await take('tracker_radar', entityMap);
    await take('gvl', gvl(), '');
    const { layer, entries } = await about('orbit-metrics');
    expect(layer).toBe('declared');
    expect(entries.map(({ source, name, by }) => `${source} ${name} ${by}`)).toEqual([
      'gvl Orbit Metrics, Inc. name',
      'tracker_radar Orbit Metrics name',
      'tracker_radar Plain Ads domain',
    ]);
    expect(entries[0]).toMatchObject({
      said: 'IAB Europe TCF Global Vendor List 42, imported 2025-11-09, terms of IAB Europe: your use',
      retentionDays: 365,
    });
    expect((await about('nobody')).entries).toEqual([]);
    // One of whom no facts are shipped is found by what its id says.
    expect((await about('plain-ads')).entries).toMatchObject([{ name: 'Plain Ads', by: 'name' }]);
  });

  test('has its answers of a questionnaire, until they are taken out', async () => {
    const taken = await take('caiq:orbit-metrics', workbook(), 'asOf=2025-09-01');
    expect(taken.body.import).toMatchObject({
      ...{ kind: 'caiq', vendor: 'orbit-metrics', version: 'v4.0.3', answers: 3 },
    });
    expect((await about('orbit-metrics')).answers).toMatchObject([
      { import: { asOf: '2025-09-01' }, yes: 1, no: 1, notApplicable: 1 },
    ]);
    const path = '/vendor-imports/caiq%3Aorbit-metrics/answers';
    const page = await ask<{ items: ImportedAnswerView[] }>('GET', path);
    expect(page.body.items.map(({ question, answer }) => `${question} ${answer}`)).toEqual([
      'A&A-01.1 yes',
      'DSP-10.2 not_applicable',
      'IAM-14.1 no',
    ]);
    const better = caiqRows.map((row) => (row[0] === 'IAM-14.1' ? [row[0], row[1] ?? '', 'Yes'] : [...row]));
    expect(counts(await take('caiq:orbit-metrics', workbook(better), 'asOf=2025-10-01'))).toEqual({
      ...{ new: 0, changed: 1, gone: 0, same: 2 },
    });
    await ask('DELETE', '/vendor-imports/caiq%3Aorbit-metrics');
    expect((await about('orbit-metrics')).answers).toEqual([]);
  });
});

test('two imports of one source at once: one of them holds, whole', async () => {
  const many = (name: string) =>
    JSON.stringify(
      Object.fromEntries(
        Array.from({ length: 3_000 }, (_, n) => [`${name} ${n}`, { properties: [`${name}${n}.example`] }]),
      ),
    );
  await Promise.all([
    take('tracker_radar', many('left')),
    take('tracker_radar', many('right'), 'version=2&asOf=2025-10-01'),
  ]);
  const { rows } = await platform.pool.query(
    "SELECT split_part(name, ' ', 1) AS side, count(*)::int AS count FROM imported_vendor GROUP BY 1",
  );
  expect(rows).toEqual([{ side: expect.stringMatching(/left|right/), count: 3_000 }]);
  const [said] = await Promise.all([imports.lookup(), imports.lookup()]);
  expect(said.ofHost('www.left7.example') ?? said.ofHost('www.right7.example')).toBeDefined();
});

test('so many files are in hand at once and no more, and a place is free again when one ends, however it ends', async () => {
  const ends: (() => void)[] = [];
  const by = { actor: testCaller({ id: 'person:1', name: 'Ada Example' }), reason: 'A test' };
  const slow = (): AsyncIterable<Uint8Array> =>
    (async function* () {
      await new Promise<void>((resolve) => ends.push(resolve));
      throw new Error('The sender went away');
    })();
  const query = { version: '2025.10', asOf: '2025-10-01', file: 'list.json' } as never;
  const held = Array.from({ length: 8 }, () =>
    imports.take('tracker_radar', query, slow(), by).catch(String),
  );
  await expect.poll(() => ends.length).toBe(8);
  expect(await take('tracker_radar', entityMap)).toMatchObject({ status: 429, body: { code: 'busy' } });
  for (const end of ends) end();
  expect(await Promise.all(held)).toEqual(Array(8).fill('Error: The sender went away'));
  const all = await Promise.all([1, 2, 3].map(() => take('tracker_radar', entityMap)));
  expect(all.map(({ status }) => status)).toEqual([200, 200, 200]);
});
