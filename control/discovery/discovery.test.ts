import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Imported } from '../imports/index.ts';
import { createRouter, handleErrors, type Tx } from '../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../platform/testing.ts';
import { knownOf, readVendor } from '../vendors/index.ts';
import { createDiscovery } from './discovery.ts';
import { createIdentifier } from './identify.ts';
import { takeReached } from './proxy-source.ts';
import { createReading } from './reading.ts';
import { discoveryRoutes } from './routes.ts';
import { createRuns, unreadOf } from './runs.ts';
import type { CandidateView, FileView, RunView, SightingView } from './schemas.ts';
import { setUpIn } from './set-up-in.ts';

const vendor = (id: string, domain: string) => {
  const text = `format: drawbridge.vendor/1
id: ${id}
name: ${id[0]?.toUpperCase()}${id.slice(1)}
category: other
sources: { site: { url: 'https://${domain}/', as_of: '2026-01-01' } }
domains: [{ is: ${domain}, from: site }]
`;
  const read = readVendor(`${id}.yaml`, text);
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return read.vendor;
};

const nothingImported: Imported = { revision: '', ofHost: () => undefined };

let platform: TestPlatform;
let facts = [vendor('orbit', 'orbit.example')];
let registered: string[] = [];
let imported: Imported = nothingImported;
const ensured: { id: string; name: string }[] = [];
let router: ReturnType<typeof newRouter>;

function newRouter() {
  const discovery = createDiscovery({
    platform,
    known: async () => knownOf(facts),
    imported: async () => imported,
    reached: async () => [],
    registered: async () => registered,
    ensureVendor: async (_: Tx, one) => void ensured.push(one),
  });
  const made = createRouter();
  made.onError(handleErrors(platform.log));
  made.use('*', async (c, next) => {
    c.set('actor', testCaller({ id: 'person:1', name: 'Ada Example' }));
    await next();
  });
  made.route('/', discoveryRoutes(discovery));
  return made;
}

beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.pool.query(
    'TRUNCATE sighting, candidate, evidence_day, evidence_file, evidence_run, evidence_source, discovery_decision, discovery_facts',
  );
  facts = [vendor('orbit', 'orbit.example')];
  registered = [];
  imported = nothingImported;
  ensured.length = 0;
  router = newRouter();
});

async function ask<T>(
  method: string,
  path: string,
  body?: object | string,
): Promise<{ status: number; body: T }> {
  const isText = typeof body === 'string';
  const answer = await router.request(path, {
    method,
    headers: {
      'content-type': isText ? 'application/octet-stream' : 'application/json',
      'x-drawbridge-reason': 'A test',
    },
    ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as T };
}

/** Lines as Squid writes them, made up. */
const squid = (...hosts: string[]) => squidLines(hosts);
const squidLines = (hosts: readonly string[]) =>
  hosts
    .map(
      (host, index) =>
        `${1_760_000_000 + index}.123    240 192.0.2.9 TCP_TUNNEL/200 5120 CONNECT ${host}:443 - HIER_DIRECT/198.51.100.7 -\n`,
    )
    .join('');

async function run(source: string, files: Record<string, string>, whole = true): Promise<RunView> {
  platform.advance(1_000);
  const { body } = await ask<RunView>('POST', '/discovery/runs', { source });
  for (const [name, text] of Object.entries(files)) {
    const { status } = await ask(
      'PUT',
      `/discovery/runs/${body.id}/file?name=${encodeURIComponent(name)}`,
      text,
    );
    expect(status).toBe(200);
  }
  return (await ask<RunView>('POST', `/discovery/runs/${body.id}/end`, { whole })).body;
}
const candidates = async (query = '') =>
  (await ask<{ items: CandidateView[] }>('GET', `/discovery/candidates${query}`)).body.items;
const traces = async (query: string) =>
  (await ask<{ items: SightingView[] }>('GET', `/discovery/traces?${query}`)).body.items;
const decide = (...items: object[]) =>
  ask<{ items: CandidateView[] }>('POST', '/discovery/decisions', { items });

describe('a run over evidence', () => {
  test('makes candidates with the exact lines behind them, and knows what the next run shows no longer', async () => {
    const first = await run('Proxy', {
      'a.log': squid('api.orbit.example', 'x.unknown.example', 'api.orbit.example'),
    });
    expect(first).toMatchObject({ number: 1, files: 1, sightings: 2, fresh: 2, gone: 0, state: 'ended' });
    expect(await candidates()).toMatchObject([
      { key: 'domain:unknown.example', vendor: null, sure: false, grade: 'observed' },
      { key: 'vendor:orbit', vendor: 'orbit', sure: true, name: 'Orbit', first: '2025-10-09T08:53:20.123Z' },
    ]);
    expect(await traces('candidate=vendor:orbit')).toMatchObject([
      { file: 'a.log', lines: [1, 3], value: 'api.orbit.example', by: 'domain', count: 2 },
    ]);
    platform.advance(8 * 24 * 3600_000);
    const second = await run('Proxy', { 'a.log': squid('api.orbit.example', 'new.example') });
    expect((await candidates('?fresh=week')).map(({ key }) => key)).toEqual(['domain:new.example']);
    expect(second).toMatchObject({ number: 2, fresh: 1, gone: 1 });
    expect((await candidates()).map(({ key }) => key)).toEqual(['domain:new.example', 'vendor:orbit']);
    expect(await candidates('?gone=true&q=unknown')).toMatchObject([{ gone: true }]);
    expect(await traces(`run=${second.id}&file=a.log`)).toEqual(await traces(`run=${second.id}`));
    expect(await traces(`run=${second.id}&file=other.log`)).toEqual([]);
    expect((await traces(`run=${second.id}`)).map(({ runId }) => runId)).toContain(second.id);
    expect(await traces(`run=${second.id}&what=gone`)).toMatchObject([
      { value: 'x.unknown.example', gone: true },
    ]);
    const third = await run('Proxy', { 'a.log': squid('x.unknown.example') });
    expect(third).toMatchObject({ fresh: 0, gone: 2, changed: 1 });
  });

  test('that is not whole takes nothing for gone; another source’s evidence is its own', async () => {
    await run('Proxy', { 'a.log': squid('one.example') });
    expect(await run('Proxy', { 'b.log': squid('two.example') }, false)).toMatchObject({ gone: 0, fresh: 1 });
    expect(await run('Other', { 'a.log': squid('one.example') })).toMatchObject({ gone: 0, fresh: 1 });
    expect(await candidates('?q=one.example')).toMatchObject([{ sources: 2, sightings: 2 }]);
  });

  test('says of a file that is no evidence why, and reads the others', async () => {
    const ended = await run('Proxy', { 'a.bin': 'nothing that is known', 'b.log': squid('one.example') });
    expect(ended).toMatchObject({ files: 2, refused: 1, sightings: 1 });
    const files = await ask<{ items: object[] }>('GET', `/discovery/runs/${ended.id}/files`);
    expect(files.body.items).toMatchObject([
      { name: 'a.bin', refused: 'unknown_format', sightings: 0 },
      { name: 'b.log', format: 'squid', refused: null, sightings: 1 },
    ]);
  });

  test('takes nothing for gone that stood in a file which can’t be read this time', async () => {
    await run('Proxy', { 'a.log': squid('one.example'), 'b.log': squid('two.example') });
    const ended = await run('Proxy', { 'a.log': 'nothing that is known', 'b.log': squid('three.example') });
    expect(ended).toMatchObject({ refused: 1, fresh: 1, gone: 1 });
    expect((await candidates()).map(({ key }) => key)).toEqual([
      'domain:one.example',
      'domain:three.example',
    ]);
  });

  test('takes nothing for gone of a file of which a line can’t be read, in the next run and in the same one', async () => {
    await run('Proxy', { 'a.log': squid('one.example'), 'b.log': squid('two.example') });
    const broken = `${squid('three.example')}what no proxy writes\n`;
    const ended = await run('Proxy', { 'a.log': broken, 'b.log': squid('three.example') });
    expect(ended).toMatchObject({ refused: 0, gone: 1 });
    expect(await traces(`run=${ended.id}&what=gone`)).toMatchObject([{ value: 'two.example' }]);
    const { body: begun } = await ask<RunView>('POST', '/discovery/runs', { source: 'Again' });
    for (const text of [squid('four.example'), broken]) {
      await ask('PUT', `/discovery/runs/${begun.id}/file?name=a.log`, text);
    }
    await ask('POST', `/discovery/runs/${begun.id}/end`, { whole: true });
    expect(await traces('candidate=domain:four.example')).toMatchObject([{ gone: false }]);
  });

  test('takes a file that is handed in again for the first one, and nothing after its end', async () => {
    const { body: begun } = await ask<RunView>('POST', '/discovery/runs', { source: 'Proxy' });
    const put = (text: string) => ask('PUT', `/discovery/runs/${begun.id}/file?name=a.log`, text);
    await put(squid('one.example', 'two.example'));
    await put(squid('two.example'));
    const { body: ended } = await ask<RunView>('POST', `/discovery/runs/${begun.id}/end`, { whole: true });
    expect(ended).toMatchObject({ files: 1, sightings: 1 });
    expect((await candidates()).map(({ key }) => key)).toEqual(['domain:two.example']);
    expect(await put(squid('three.example'))).toMatchObject({ status: 409, body: { code: 'run_ended' } });
  });

  test('says which pipelines and deployments a vendor is set up in, as the latest evidence shows it', async () => {
    const env = (host: string) =>
      `jobs:\n  a:\n    runs-on: made-up\n    env:\n      API_URL: https://${host}/v1\n`;
    const workflow = '.github/workflows/release.yml';
    const compose = (host: string) => `services:\n  web:\n    environment:\n      API_URL: https://${host}\n`;
    const first = await run('Shop', {
      [workflow]: env('api.orbit.example'),
      'compose.yaml': compose('eu.orbit.example'),
      'access.log': squid('api.orbit.example'),
      'other.gitlab-ci.yml': 'variables: { A: https://x.unknown.example }',
    });
    const found = await setUpIn(platform, ['orbit', 'nobody']);
    expect(found.map(({ at: _, ...row }) => row)).toEqual([
      {
        ...{ vendor: 'orbit', kind: 'pipeline', file: workflow, source: 'Shop', run: first.id },
        names: ['api.orbit.example'],
      },
      {
        ...{ vendor: 'orbit', kind: 'deployment', file: 'compose.yaml', source: 'Shop', run: first.id },
        names: ['eu.orbit.example'],
      },
    ]);
    expect(await setUpIn(platform, [])).toEqual([]);
    await run('Agents', {
      '.mcp.json': JSON.stringify({ mcpServers: { orbit: { url: 'https://mcp.orbit.example' } } }),
      'flows.json': JSON.stringify({
        nodes: [{ type: 'n8n-nodes-base.made-up', credentials: { orbitApi: { id: '1', name: 'x' } } }],
      }),
    });
    expect((await setUpIn(platform, ['orbit'])).slice(0, 1)).toMatchObject([
      { kind: 'pipeline', file: workflow },
    ]);
    expect(
      (await setUpIn(platform, ['orbit']))
        .filter(({ source }) => source === 'Agents')
        .map(({ kind, file, names }) => [kind, file, names]),
    ).toEqual([
      ['agent', '.mcp.json', ['mcp.orbit.example']],
      ['workflow', 'flows.json', ['orbit']],
    ]);
    await run('Agents', {});
    const second = await run('Shop', { 'compose.yaml': compose('eu.orbit.example') });
    expect((await setUpIn(platform, ['orbit'])).map((row) => [row.file, row.run])).toEqual([
      ['compose.yaml', second.id],
    ]);
  });

  test('of two people at once are written one after the other', async () => {
    const ended = await Promise.all(
      ['Proxy', 'Proxy', 'Other'].map((source, index) =>
        run(source, { 'a.log': squid(`host-${index}.example`, 'shared.example') }, false),
      ),
    );
    expect(ended.map(({ state }) => state)).toEqual(['ended', 'ended', 'ended']);
    expect(await candidates('?q=shared')).toMatchObject([{ sightings: 2, sources: 2 }]);
  });
});

describe('a decision', () => {
  test('says whose a domain is, for what comes later too, and can be taken back', async () => {
    await run('Proxy', { 'a.log': squid('a.unknown.example') });
    const { body } = await decide({
      candidate: 'domain:unknown.example',
      act: 'confirm',
      vendor: 'newco',
      name: 'New Company',
    });
    expect(body.items).toMatchObject([
      {
        vendor: 'newco',
        name: 'New Company',
        state: 'confirmed',
        decision: { by: 'Ada Example', reason: 'A test' },
      },
    ]);
    expect(ensured).toEqual([{ id: 'newco', name: 'New Company' }]);
    await run('Other', { 'b.log': squid('b.unknown.example') });
    expect((await traces('vendor=newco')).map(({ value }) => value)).toEqual([
      'a.unknown.example',
      'b.unknown.example',
    ]);
    await decide({ candidate: 'domain:unknown.example', act: 'reopen' });
    expect(await traces('vendor=newco')).toEqual([]);
    expect(await candidates()).toMatchObject([
      { key: 'domain:unknown.example', state: 'open', vendor: null },
    ]);
  });

  test('that something is no vendor keeps it out of the queue', async () => {
    await run('Proxy', { 'a.log': squid('a.unknown.example') });
    await decide({ candidate: 'domain:unknown.example', act: 'reject' });
    await run('Other', { 'b.log': squid('c.unknown.example') });
    expect(await candidates()).toEqual([]);
    expect(await candidates('?state=rejected')).toMatchObject([{ sightings: 2 }]);
  });

  test('parts a domain of several, whose hosts are decided about each by itself', async () => {
    await run('Proxy', { 'a.log': squid('one.hosting.example', 'two.hosting.example') });
    await decide({ candidate: 'domain:hosting.example', act: 'split' });
    expect((await candidates()).map(({ key }) => key)).toEqual([
      'host:one.hosting.example',
      'host:two.hosting.example',
    ]);
    await decide({ candidate: 'host:one.hosting.example', act: 'confirm', vendor: 'orbit' });
    expect(await traces('vendor=orbit')).toMatchObject([{ value: 'one.hosting.example', by: 'decision' }]);
    await decide({ candidate: 'domain:hosting.example', act: 'reopen' });
    expect(await candidates('?state=all')).toMatchObject([{ key: 'domain:hosting.example', sightings: 2 }]);
  });

  test('needs to know whose it is; all of them hold, or none', async () => {
    await run('Proxy', { 'a.log': squid('a.unknown.example', 'b.other.example') });
    const refused = await decide(
      { candidate: 'domain:other.example', act: 'reject' },
      { candidate: 'domain:unknown.example', act: 'confirm' },
    );
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ field: 'items.1.vendor' }] } });
    expect(await candidates()).toHaveLength(2);
    expect(await decide({ candidate: 'domain:nowhere.example', act: 'reject' })).toMatchObject({
      status: 404,
    });
  });
});

test('a vendor that is in the register is no candidate any more', async () => {
  await run('Proxy', { 'a.log': squid('api.orbit.example') });
  registered = ['orbit'];
  expect(await candidates()).toEqual([]);
  expect(await candidates('?known=registered')).toMatchObject([{ vendor: 'orbit', registered: true }]);
  expect((await ask('GET', '/discovery/summary')).body).toMatchObject({ open: 0, sources: 1 });
});

test('facts that came since say whose the old evidence is', async () => {
  await run('Proxy', { 'a.log': squid('a.unknown.example') });
  facts = [...facts, vendor('newco', 'unknown.example')];
  router = newRouter();
  await run('Other', { 'b.log': squid('else.example') });
  expect(await candidates('?q=newco')).toMatchObject([{ key: 'vendor:newco', sure: true, sightings: 1 }]);
});

test('what apps reach through the egress proxy is evidence: one run a day, of which nothing is gone', async () => {
  const at = (day: number) => new Date(Date.UTC(2026, 10, day, 8));
  const host = (name: string, day: number, crossings = 1) => ({
    ...{ host: name, firstAt: at(day), lastAt: at(day), crossings },
    ...{ sent: 10, received: 20 },
  });
  const deps = (...reached: ReturnType<typeof host>[]) => ({
    platform,
    identifier: async () => createIdentifier(knownOf(facts)),
    reached: async () => reached,
  });
  await takeReached(deps());
  expect((await ask<{ items: object[] }>('GET', '/discovery/runs')).body.items).toEqual([]);
  // Two apps, one host; an address is no name.
  await takeReached(
    deps(host('api.orbit.example', 1, 3), host('api.orbit.example', 2, 4), host('192.0.2.7', 1)),
  );
  await takeReached(deps(host('api.orbit.example', 2, 9)));
  expect(await traces('candidate=vendor:orbit')).toMatchObject([
    {
      source: 'Egress proxy',
      grade: 'observed',
      count: 9,
      first: at(1).toISOString(),
      last: at(2).toISOString(),
    },
  ]);
  platform.advance(25 * 3600_000);
  await takeReached(deps(host('new.example', 3)));
  const { body } = await ask<{ items: RunView[] }>('GET', '/discovery/runs');
  expect(body.items).toMatchObject([
    { number: 2, state: 'running', by: 'The launcher' },
    { number: 1, state: 'ended', whole: false, fresh: 1, gone: 0 },
  ]);
  expect((await candidates()).map(({ key }) => key)).toEqual(['domain:new.example', 'vendor:orbit']);
});

test('candidates come in pages, each once', async () => {
  await run('Proxy', {
    'a.log': squid(...Array.from({ length: 25 }, (_, index) => `host-${index}.example`)),
  });
  const seen: string[] = [];
  let cursor = '';
  do {
    const { body } = await ask<{ items: CandidateView[]; next: string | null }>(
      'GET',
      `/discovery/candidates?limit=7${cursor}`,
    );
    seen.push(...body.items.map(({ key }) => key));
    cursor = body.next === null ? '' : `&cursor=${encodeURIComponent(body.next)}`;
  } while (cursor !== '');
  expect(seen).toHaveLength(25);
  expect(new Set(seen).size).toBe(25);
});

describe('reading in a thread of its own', () => {
  test('ends with the file whose sender goes away, and leaves room for the next', async () => {
    const read = createReading();
    async function* broken() {
      yield Buffer.from(squid('one.example'));
      throw new Error('the sender went away');
    }
    for (let times = 0; times < 3; times += 1)
      await expect(read(broken(), 'a.log', {})).rejects.toThrow('the sender went away');
    async function* whole() {
      yield Buffer.from(squid('one.example'));
    }
    expect(await read(whole(), 'a.log', {})).toMatchObject({ file: { format: 'squid' }, refused: null });
  });

  test('refuses what is no evidence, with the hash of all of it', async () => {
    async function* junk() {
      for (let piece = 0; piece < 64; piece += 1) yield Buffer.alloc(65_536, 0);
    }
    const { refused, bytes, sha256 } = await createReading()(junk(), 'junk', {});
    expect(refused).not.toBeNull();
    expect(bytes).toBe(64 * 65_536);
    expect(sha256).toHaveLength(32);
  });
});

test('a run whose files show more names than are taken is told so, and the others stay', async () => {
  const identifier = createIdentifier(knownOf(facts));
  const runs = createRuns({ platform, identifier: async () => identifier, mostNames: 3 });
  const by = { actor: testCaller(), reason: 'A test' };
  const { id } = await runs.begin('Many', by);
  const put = (name: string, ...hosts: string[]) =>
    runs.take(id, { name }, Readable.from([Buffer.from(squid(...hosts))]), by);
  await put('a.log', 'one.example', 'two.example');
  await expect(put('b.log', 'three.example', 'four.example')).rejects.toMatchObject({
    ...{ status: 409, code: 'too_many_names' },
  });
  // The same file again takes the place of the first one.
  await put('a.log', 'one.example', 'two.example', 'three.example');
  expect(await runs.get(id)).toMatchObject({ files: 1, sightings: 3 });
});

test('names beyond those that are kept count as left out, and say so first', () => {
  const unread = [{ line: 2, field: null, why: 'no line' }];
  const file = {
    format: 'squid',
    traces: [],
    unread,
    unreadCount: 1,
    lines: 9,
    bytes: 1,
    unpackedBytes: 1,
    usage: null,
  };
  expect(unreadOf({ ...file, overflow: 0 })).toEqual({ first: unread, count: 1 });
  expect(unreadOf({ ...file, overflow: 5 })).toEqual({
    first: [{ line: 9, field: null, why: expect.stringContaining('left out 5 times') }, ...unread],
    count: 6,
  });
  expect(unreadOf(null)).toEqual({ first: [], count: 0 });
});

/** Half a minute: left to `npm run soak`. */
const soak = test.runIf(process.env.DRAWBRIDGE_SOAK === '1');

soak(
  '200,000 names of one file are written in bounded time and memory; of more, nothing is taken for gone',
  async () => {
    const names = 200_000;
    const lines = (count: number, from = 0) =>
      squidLines(Array.from({ length: count }, (_, n) => `h${n + from}.d${n + from}.example`));
    await run('Small', { 'a.log': squid('zzz.example') });
    const before = process.memoryUsage().rss;
    let peak = before;
    const watching = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 20);
    const began = performance.now();
    const ended = await run('Small', { 'a.log': lines(names + 5) });
    clearInterval(watching);
    const ms = Math.round(performance.now() - began);
    const mb = Math.round((peak - before) / 1e6);
    console.log(`${names} names of one file: ${ms} ms, ${mb} MB more at the peak`);
    expect(ended).toMatchObject({ sightings: names, fresh: names, gone: 0 });
    const files = await ask<{ items: FileView[] }>('GET', `/discovery/runs/${ended.id}/files`);
    expect(files.body.items).toMatchObject([
      { unreadCount: 5, unread: [{ why: expect.stringContaining('more than 200000 names') }] },
    ]);
    expect(await traces('candidate=domain:zzz.example')).toMatchObject([{ gone: false }]);
    expect(ms).toBeLessThan(120_000);
    expect(mb).toBeLessThan(1_500);
  },
  240_000,
);

describe('what was taken in from others', () => {
  const label = 'Ghostery TrackerDB 1.0, imported 2025-11-09, CC BY-NC-SA 4.0: your use';
  const says = (name: string): Imported => ({
    revision: name,
    ofHost: (host) => (host.endsWith('.unknown.example') ? { name, by: label } : undefined),
  });
  const hosts = ['a.unknown.example', 'api.orbit.example', 'www.google-analytics.com'];

  test('only suggests whose a host is, marked with its source and terms, and gathers nothing', async () => {
    imported = says('Orbit, Inc.');
    await run('Squid', { 'access.log': squid(...hosts) });
    const all = await candidates('?known=all');
    expect(all.find(({ key }) => key === 'domain:unknown.example')).toMatchObject({
      ...{ vendor: null, name: 'unknown.example', sure: false },
      perhaps: { name: 'Orbit, Inc.', vendor: 'orbit', said: label },
    });
    // Our own facts, and the shipped list of web hosts, go before it.
    expect(all.filter(({ perhaps }) => perhaps !== null)).toHaveLength(1);
    expect(await traces('candidate=domain:unknown.example')).toMatchObject([
      { vendor: null, by: 'imported', sure: false, perhaps: { said: label } },
    ]);
  });

  test('may come, change and go: decisions hold, and what it said is said no longer', async () => {
    await run('Squid', { 'access.log': squid(...hosts) });
    await decide({ candidate: 'domain:unknown.example', act: 'reject' });
    imported = says('Somebody');
    expect((await candidates('?state=rejected'))[0]).toMatchObject({
      key: 'domain:unknown.example',
      state: 'rejected',
    });
    await decide({ candidate: 'domain:unknown.example', act: 'reopen' });
    const one = async () =>
      (await candidates()).find(({ key }) => key === 'domain:unknown.example')?.perhaps?.name;
    expect(await one()).toBe('Somebody');
    imported = says('Somebody else');
    expect(await one()).toBe('Somebody else');
    imported = nothingImported;
    expect(await one()).toBeUndefined();
    expect(await traces('candidate=domain:unknown.example')).toMatchObject([{ by: null, perhaps: null }]);
  });
});
