import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestHouse, testHouse } from '../fleet/testing.ts';
import { createLeaks, promptLeakProjection } from './index.ts';
import { takePrompts } from './prompts.ts';

/** Keys of ours that gateways found in what apps sent. */
let house: TestHouse;
beforeAll(async () => {
  house = await testHouse();
  const { platform, vault, secrets } = house;
  house.app.route(
    '/api/v1',
    createLeaks({ platform, vault, keyed: (bytes) => secrets.hashRequest(bytes) }).routes,
  );
});
afterAll(() => house.close());
beforeEach(async () => {
  await house.reset();
  await house.platform.pool.query(
    'TRUNCATE leak, prompt_leak, key_alarm, scan_run, scan_source, setting CASCADE',
  );
});

interface Sent {
  kept?: string[];
  at?: number;
  id?: string;
  app?: string;
}
async function projected(...sent: Sent[]): Promise<boolean> {
  const client = await house.platform.pool.connect();
  const entries = sent.map((given, index) => ({
    log: 1,
    index,
    entry: { type: 'crossing', id: randomUUID(), at: 1_000, app: 'shop', connection: 'acme', ...given },
    items: [],
  }));
  try {
    return await promptLeakProjection.apply(
      client,
      entries as unknown as Parameters<typeof promptLeakProjection.apply>[1],
    );
  } finally {
    client.release();
  }
}
const rows = async () =>
  (await house.platform.pool.query('SELECT * FROM prompt_leak ORDER BY kind, about, app')).rows;
const read = async (path: string) => (await house.ask('GET', path)).body;
const alarms = async () => (await house.platform.pool.query('SELECT said, evidence FROM key_alarm')).rows;

test('a virtual key in a prompt is told with the app, the connection and the crossing, and goes on to work', async () => {
  const { id } = await house.makeKey([(await house.connect()).id]);
  const last = randomUUID();
  await projected(
    { kept: [`virtual_key:${id}`], at: 1_000 },
    { kept: [`virtual_key:${id}`], at: 3_000, id: last },
  );
  await takePrompts(house.platform);
  await takePrompts(house.platform);
  const [leak, ...others] = (await read('/leaks')).items;
  expect(others).toEqual([]);
  expect(leak).toMatchObject({
    kind: 'virtual_key',
    state: 'open',
    severity: 'high',
    places: 0,
    prompts: 1,
    place: 'a prompt of shop over acme',
    of: { id },
    firstAt: '1970-01-01T00:00:01.000Z',
  });
  expect((await read(`/leaks/${leak.id}`)).seenIn).toMatchObject([
    { app: { id: 'shop' }, connection: { id: 'acme' }, crossings: 2, crossing: last },
  ]);
  expect(await alarms()).toMatchObject([
    {
      said: expect.stringContaining('was in a prompt that shop sent over acme'),
      evidence: { crossing: last },
    },
  ]);
  const { rows: keys } = await house.platform.pool.query('SELECT revoked_at FROM virtual_key');
  expect(keys).toEqual([{ revoked_at: null }]);
});

test('a key that was known from prompts alone is news once it lies in a file, and once only', async () => {
  const { id, key } = await house.makeKey([(await house.connect()).id]);
  const said = { 'x-drawbridge-reason': 'A test' };
  await house.ask('PUT', '/leak-policy', { virtualKeys: 'tell', reason: 'A test' });
  await projected({ kept: [`virtual_key:${id}`] });
  await takePrompts(house.platform);
  const sha256 = createHash('sha256').update(key).digest('base64url');
  const at = { path: 'src/a.ts', line: 3, column: 9, history: false, nth: 0 };
  const what = { class: 'secret.api_key', detector: 'made_up.key', confidence: 'certain', sha256 };
  for (const source of ['github.com/acme/shop', 'github.com/acme/infra']) {
    const run = (await house.ask('POST', '/scan-runs', { source }, said)).body;
    const batch = { batch: 0, files: 1, blobs: 1, bytes: 1, findings: [{ ...at, ...what }] };
    expect((await house.ask('POST', `/scan-runs/${run.id}/findings`, batch, said)).status).toBe(200);
  }
  expect((await alarms()).map(({ said: text }) => text)).toEqual([
    expect.stringContaining('was in a prompt that shop sent over acme'),
    expect.stringContaining('lies in github.com/acme/shop, src/a.ts:3'),
  ]);
  expect((await read('/leaks')).items).toMatchObject([{ prompts: 1, places: 2 }]);
});

test('an id that is nobody’s, a planted key and a crossing without any make no leak', async () => {
  expect(await projected({}, { kept: ['canary:1'] })).toBe(false);
  expect(await projected({ kept: ['virtual_key:made-up'] })).toBe(true);
  await takePrompts(house.platform);
  expect((await read('/leaks?state=all')).items).toEqual([]);
  expect(await alarms()).toEqual([]);
});

test('the rows are the same wherever batches end, and in whatever order logs come', async () => {
  const sent = [5, 3, 5, 4].map((at, index) => ({
    kept: ['credential:1', `virtual_key:${index % 2}`],
    at: at * 1_000,
    id: `0192f0c1-2345-7abc-8def-01234567890${index}`,
    app: index === 3 ? 'other' : 'shop',
  }));
  await projected(...sent);
  const atOnce = await rows();
  await house.platform.pool.query('TRUNCATE prompt_leak');
  for (const one of sent.toReversed()) await projected(one);
  expect(await rows()).toEqual(atOnce);
  expect(atOnce).toMatchObject([
    { kind: 'credential', app: 'other', crossings: 1 },
    { kind: 'credential', app: 'shop', crossings: 3, crossing: sent[2]?.id },
    { kind: 'virtual_key', about: '0', crossings: 2 },
    { kind: 'virtual_key', about: '1', app: 'other' },
    { kind: 'virtual_key', about: '1', app: 'shop' },
  ]);
});
