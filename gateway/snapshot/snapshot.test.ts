import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Snapshot } from '@drawbridge/protocol';
import { afterEach, expect, test } from 'vitest';
import { type Deployment, newDeployment } from '../testing/deployment.ts';
import { aiService, analyticsService } from '../testing/services.ts';
import { newestSnapshot, openSnapshotStore } from './disk.ts';
import { SnapshotError } from './errors.ts';
import { checkSuccession, readSnapshot, SnapshotOpener } from './open.ts';
import { type RefusedSnapshot, startSync } from './sync.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const vendor = { scheme: 'https' as const, host: 'vendor.example.com', port: 443, private: false };

const inQuery = { in: 'query' as const, name: 'key' };

async function deployment(): Promise<Deployment> {
  const made = await newDeployment();
  await made.connect({ slug: 'ai', service: aiService, upstream: vendor });
  await made.connect({ slug: 'events', service: analyticsService, upstream: vendor });
  return made;
}

async function directory(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'drawbridge-snapshot-'));
  closing.push(() => rm(made, { recursive: true }));
  return made;
}

test('opens credentials and keys; pseudonyms of one vendor and the ledger have nothing in common', async () => {
  const made = await deployment();
  const key = made.issue({ connections: ['ai'] });
  const live = await new SnapshotOpener(made.gatewayKeys.privateKey).open(await made.snapshot());
  const ai = live.connections.get('ai');
  expect(ai?.credential?.value).toBe('made-up-vendor-credential');
  expect(live.keys.get(key.slice(4, 20))?.hash).toHaveLength(32);
  const ids = [ai?.keyed.pseudonym('p'), ai?.keyed.subject('p'), ai?.keyed.reviewHash('p')];
  expect(new Set(ids).size).toBe(3);
  expect(ids.every((id) => /^[\w-]{22}$/.test(id ?? ''))).toBe(true);
});

test.each([
  [
    'another host',
    (s: Snapshot) => Object.assign(s.connections[0]?.upstream ?? {}, { host: 'thief.example.com' }),
  ],
  ['another port', (s: Snapshot) => Object.assign(s.connections[0]?.upstream ?? {}, { port: 8443 })],
  ['plain HTTP', (s: Snapshot) => Object.assign(s.connections[0]?.upstream ?? {}, { scheme: 'http' })],
  ['another connection', (s: Snapshot) => Object.assign(s.connections[0] ?? {}, { id: 'conn-other' })],
  [
    'another place in the request',
    (s: Snapshot) => Object.assign(s.connections[0]?.credential ?? {}, { placements: [inQuery] }),
  ],
  ['one place more', (s: Snapshot) => s.connections[0]?.credential?.placements.push(inQuery)],
])(
  'a credential moved to %s is not opened, and only its connection is out of service',
  async (_what, move) => {
    const made = await deployment();
    const snapshot = await made.snapshot();
    move(snapshot);
    const live = await new SnapshotOpener(made.gatewayKeys.privateKey).open(snapshot);
    expect(live.connections.get('ai')).toMatchObject({
      credential: null,
      credentialProblem: 'credential_unusable',
    });
    expect(live.connections.get('events')?.credential).not.toBeNull();
  },
);

test('a credential that could smuggle a header line is unusable', async () => {
  const made = await newDeployment();
  await made.connect({ slug: 'ai', service: aiService, upstream: vendor, credential: 'a\r\nX-Evil: 1' });
  const live = await new SnapshotOpener(made.gatewayKeys.privateKey).open(await made.snapshot());
  expect(live.connections.get('ai')?.credentialProblem).toBe('credential_unusable');
});

test('what contradicts itself, or can’t be opened, is refused whole', async () => {
  const made = await deployment();
  const opener = new SnapshotOpener(made.gatewayKeys.privateKey);
  const good = await made.snapshot();
  const broken: [string, Snapshot][] = [
    ['inconsistent', { ...good, services: [] }],
    ['inconsistent', { ...good, vendor_secrets: [] }],
    ['inconsistent', { ...good, connections: good.connections.map((each) => ({ ...each, slug: 'same' })) }],
    ['unreadable', { ...good, ledger_key: good.review_key }],
  ];
  for (const [code, snapshot] of broken) {
    await expect(opener.open(snapshot)).rejects.toMatchObject({ code });
  }
  expect((await opener.open(good)).connections.size).toBe(2);
});

test('only a newer snapshot of the same deployment for this gateway follows', async () => {
  const made = await deployment();
  const snapshot = await made.snapshot();
  const inForce = { version: snapshot.version, deployment: snapshot.deployment };
  expect(() => checkSuccession(snapshot, 'gw-test', null)).not.toThrow();
  expect(() => checkSuccession(snapshot, 'gw-test', { ...inForce, version: 0 })).not.toThrow();
  expect(() => checkSuccession(snapshot, 'gw-other', null)).toThrow(
    expect.objectContaining({ code: 'not_ours' }),
  );
  expect(() => checkSuccession(snapshot, 'gw-test', { version: 0, deployment: 'other' })).toThrow(
    expect.objectContaining({ code: 'not_ours' }),
  );
  expect(() => checkSuccession(snapshot, 'gw-test', inForce)).toThrow(
    expect.objectContaining({ code: 'backwards' }),
  );
});

test('an unknown format is named; a wrong field is named', async () => {
  const snapshot = await (await deployment()).snapshot();
  expect(() => readSnapshot({ ...snapshot, format: 'drawbridge.snapshot/9' })).toThrow(
    /drawbridge\.snapshot\/9/,
  );
  expect(() => readSnapshot({ ...snapshot, payload_key: 7 })).toThrow(/payload_key/);
});

test('the file on disk gives back the snapshot, and shows nothing of it', async () => {
  const made = await deployment();
  const dir = await directory();
  const store = openSnapshotStore(dir, made.gatewayKeys.snapshotKey, randomBytes);
  expect(await store.load()).toBeNull();
  const snapshot = await made.snapshot();
  await store.save(snapshot);
  await store.save({ ...snapshot, version: 2 });
  expect(await store.load()).toEqual({ ...snapshot, version: 2 });
  const files = await readdir(dir);
  expect(files).toHaveLength(1);
  const bytes = await readFile(join(dir, files[0] ?? ''));
  expect(bytes.includes('vendor.example.com')).toBe(false);
});

test('a file that was changed, cut short or sealed under another key is refused with its path', async () => {
  const made = await deployment();
  const dir = await directory();
  const store = openSnapshotStore(dir, made.gatewayKeys.snapshotKey, randomBytes);
  await store.save(await made.snapshot());
  const path = join(dir, 'snapshot.sealed');
  const bytes = await readFile(path);
  await expect(openSnapshotStore(dir, randomBytes(32), randomBytes).load()).rejects.toMatchObject({
    code: 'file_unreadable',
    message: expect.stringContaining(path),
  });
  for (const damaged of [
    bytes.subarray(0, 100),
    bytes.subarray(0, 5),
    Buffer.concat([bytes, Buffer.from('x')]),
  ]) {
    await writeFile(path, damaged);
    await expect(store.load()).rejects.toMatchObject({ code: 'file_unreadable' });
  }
});

/** A control plane that answers polls with what it is told, and keeps what it was asked. */
async function controlPlane(): Promise<{
  url: string;
  asked: string[];
  statuses: unknown[];
  answer: { next: (response: ServerResponse) => void };
}> {
  const asked: string[] = [];
  const statuses: unknown[] = [];
  const answer = { next: (response: ServerResponse): void => void response.writeHead(204).end() };
  const server = createServer((request, response) => {
    asked.push(`${request.headers.authorization} ${request.url}`);
    if (request.method === 'POST') {
      let text = '';
      request.on('data', (chunk) => {
        text += chunk;
      });
      request.on('end', () => {
        statuses.push(JSON.parse(text));
        response.writeHead(204).end();
      });
      return;
    }
    answer.next(response);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked, statuses, answer };
}

test('asks with its token for what is newer, applies it, and tells its state', async () => {
  const control = await controlPlane();
  const snapshot = await (await deployment()).snapshot();
  control.answer.next = (response) => {
    if (version === 0) response.end(JSON.stringify(snapshot));
  };
  let version = 0;
  const news: unknown[] = [];
  const sync = startSync({
    control: control.url,
    token: 'made-up-gateway-token',
    version: () => version,
    apply: async (each) => {
      version = each.version;
    },
    status: () => ({ snapshotVersion: version }),
    onNews: (refused) => news.push(refused),
    heartbeatMs: 20,
    clock: () => 0,
    random: () => 0,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  closing.push(() => sync.close());
  await expect.poll(() => version).toBe(1);
  await expect.poll(() => control.asked).toContain('Bearer made-up-gateway-token /fleet/v1/snapshot?after=0');
  await expect.poll(() => control.asked).toContain('Bearer made-up-gateway-token /fleet/v1/snapshot?after=1');
  await expect.poll(() => control.statuses).toContainEqual({ snapshotVersion: 1 });
  expect(news).toEqual([null]);
  expect(sync.connected()).toBe(true);
});

test('a bad snapshot, a refused token or a broken answer is said, and does not stop the asking', async () => {
  const control = await controlPlane();
  const good = await (await deployment()).snapshot();
  const answers: ((response: ServerResponse) => void)[] = [
    (response) => response.end('{"format":"drawbridge.snapshot/9"}'),
    (response) => response.end('{'),
    (response) => response.writeHead(401).end(),
    (response) => response.destroy(),
    (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    (response) => response.end(JSON.stringify({ ...good, gateway: 'gw-other' })),
    (response) => response.end(JSON.stringify(good)),
  ];
  let version = 0;
  control.answer.next = (response) => answers.shift()?.(response);
  const said: object[] = [];
  const say = (detail: object): void => void said.push(detail);
  const sync = startSync({
    control: control.url,
    token: 'made-up-gateway-token',
    version: () => version,
    apply: async (each) => {
      if (each.gateway !== 'gw-test') throw new SnapshotError('not_ours', 'for another gateway');
      version = each.version;
    },
    status: () => ({}),
    onNews: () => undefined,
    backOffMs: [1],
    clock: () => 0,
    random: () => 0,
    log: { info: say, warn: say, error: say },
  });
  closing.push(() => sync.close());
  await expect.poll(() => version, { timeout: 10_000 }).toBe(1);
  expect(said.filter((each) => 'event' in each && each.event === 'snapshot_refused')).toHaveLength(3);
  expect(JSON.stringify(said)).toContain('drawbridge.snapshot/9');
  expect(JSON.stringify(said)).toContain('Give it the key file');
  expect(JSON.stringify(said)).not.toContain('made-up-gateway-token');
});

test('a refused snapshot is reported at once, by code and field, until one is taken', async () => {
  const control = await controlPlane();
  const made = await deployment();
  const opener = new SnapshotOpener(made.gatewayKeys.privateKey);
  const good = await made.snapshot();
  const versioned = (version: number, snapshot: Snapshot) => ({
    version,
    text: JSON.stringify({ ...snapshot, version }),
  });
  const wrongSecret = good.vendor_secrets.map((secret) => ({ ...secret, sealed: good.ledger_key }));
  let offered = versioned(1, good);
  const held: ServerResponse[] = [];
  control.answer.next = (response) => {
    if (version >= offered.version) {
      held.push(response);
      return;
    }
    response.setHeader('x-drawbridge-version', offered.version);
    response.end(offered.text);
  };
  let version = 0;
  let now = 1000;
  let latest: RefusedSnapshot | null = null;
  const sync = startSync({
    control: control.url,
    token: 'made-up-gateway-token',
    version: () => version,
    apply: async (each) => {
      await opener.open(each);
      version = each.version;
    },
    status: () => ({ snapshotVersion: version, refused: latest }),
    onNews(refused) {
      latest = refused;
    },
    heartbeatMs: 600_000,
    backOffMs: [1],
    clock: () => now,
    random: () => 0,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  closing.push(() => sync.close());
  await expect.poll(() => control.statuses.at(-1)).toEqual({ snapshotVersion: 1, refused: null });
  offered = versioned(2, { ...good, vendor_secrets: wrongSecret });
  now = 2000;
  await expect.poll(() => held.pop()?.writeHead(204).end()).toBeDefined();
  const refused = {
    version: 2,
    code: 'unreadable',
    field: expect.stringMatching(/^vendor_secrets\./),
    since: 2000,
  };
  await expect.poll(() => control.statuses.at(-1)).toEqual({ snapshotVersion: 1, refused });
  now = 3000;
  const said = control.statuses.length;
  const asked = control.asked.length;
  await expect.poll(() => control.asked.length).toBeGreaterThan(asked + 5);
  expect(control.statuses).toHaveLength(said);
  offered = versioned(3, good);
  await expect.poll(() => control.statuses.at(-1)).toEqual({ snapshotVersion: 3, refused: null });
});

test('of several workers’ copies the newest counts, also beside one that is damaged', async () => {
  const dir = await directory();
  const made = await deployment();
  const { snapshotKey } = made.gatewayKeys;
  const newest = () => newestSnapshot(dir, snapshotKey, randomBytes);
  expect(await newest()).toBeNull();
  for (const name of ['worker-2', '.', 'worker-10']) {
    await openSnapshotStore(join(dir, name), snapshotKey, randomBytes).save(await made.snapshot());
  }
  expect((await newest())?.version).toBe(3);
  await writeFile(join(dir, 'worker-10', 'snapshot.sealed'), randomBytes(200));
  expect((await newest())?.version).toBe(2);
  await writeFile(join(dir, 'snapshot.sealed'), randomBytes(200));
  await writeFile(join(dir, 'worker-2', 'snapshot.sealed'), randomBytes(200));
  await expect(newest()).rejects.toMatchObject({ code: 'file_unreadable' });
});
