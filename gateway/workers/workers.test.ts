import { chmod, readFile } from 'node:fs/promises';
import { Agent, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import {
  type ControlPlane,
  closeAll,
  controlPlane,
  type Started,
  setUp,
  startProcess,
} from '../testing/process.ts';
import { bearer, send } from '../testing/send.ts';

/** A gateway of several workers, as a process with children of its own. */

afterEach(closeAll);
// Several processes start in each: what is waited for may take its 20 seconds more than once on a busy machine.
vi.setConfig({ testTimeout: 90_000 });

const chat = JSON.stringify({ model: 'made-up-1', messages: [] });
const PATH = '/ai/v1/chat/completions';

async function several(
  workers: number,
  settings: Record<string, string> = {},
  perMinute: number | null = null,
) {
  const { made, vendor, env, dir } = await setUp();
  const control = await controlPlane();
  const key = made.issue({ connections: ['ai'], perMinute });
  control.publish(await made.snapshot());
  const all = {
    ...env,
    ...settings,
    DRAWBRIDGE_CONTROL_URL: control.url,
    DRAWBRIDGE_GATEWAY_WORKERS: String(workers),
  };
  const gateway = await startProcess(all);
  await serving(gateway, control, workers);
  return { made, vendor, control, key, gateway, env: all, dir };
}

/** Every worker has the snapshot, as the control plane is told. */
async function serving(gateway: Started, control: ControlPlane, workers: number): Promise<void> {
  await expect
    .poll(() => gateway.log().split('"event":"snapshot_applied"').length - 1, { timeout: 20_000 })
    .toBeGreaterThanOrEqual(workers);
  expect(control.url).not.toBe('');
}

interface Load {
  crossings: string[];
  failures: string[];
  stop(): Promise<void>;
}

/** Keep-alive clients, each with a request under way nearly always. */
function load(port: number, key: string, clients: number): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const crossings: string[] = [];
  const failures: string[] = [];
  let isOver = false;
  const once = (): Promise<void> =>
    new Promise((resolve) => {
      const asked = httpRequest(
        { port, host: '127.0.0.1', path: PATH, method: 'POST', agent, headers: bearer(key) },
        (response) => {
          const id = response.headers['x-drawbridge-crossing'];
          response.resume();
          response.on('end', () => {
            if (response.statusCode === 200 && typeof id === 'string') crossings.push(id);
            else failures.push(`status ${response.statusCode}`);
            resolve();
          });
          response.on('error', (cause) => {
            failures.push(cause.message);
            resolve();
          });
        },
      );
      asked.on('error', (cause) => {
        failures.push(cause.message);
        resolve();
      });
      asked.end(chat);
    });
  const running = Array.from({ length: clients }, async () => {
    while (!isOver) {
      await once();
      await wait(3);
    }
  });
  return {
    crossings,
    failures,
    async stop() {
      isOver = true;
      await Promise.all(running);
      agent.destroy();
    },
  };
}

/** What clients were answered and the control plane was not shipped. */
const missing = ({ forwarded }: ControlPlane, { crossings }: Pick<Load, 'crossings'>): string[] =>
  crossings.filter((id) => !forwarded.has(id));

const workerPids = ({ log }: Started): number[] => [
  ...new Set(
    log()
      .split('\n')
      .filter((line) => line.includes('"event":"listening"'))
      .map((line) => Number((JSON.parse(line) as { pid?: number }).pid)),
  ),
];

const living = (gateway: Started): number[] =>
  workerPids(gateway).filter((pid) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  });

test('workers share a port, each with a log of its own, and one that is killed loses nothing and comes back', async () => {
  const { control, key, gateway } = await several(3);
  control.logs = new Map();
  const clients = load(gateway.port, key, 12);
  await expect.poll(() => clients.crossings.length, { timeout: 20_000 }).toBeGreaterThan(150);
  const [victim = 0] = workerPids(gateway).slice(-1);
  process.kill(victim, 'SIGKILL');
  await expect.poll(() => gateway.log(), { timeout: 20_000 }).toContain('worker_ended');
  const before = clients.crossings.length;
  await expect.poll(() => clients.crossings.length, { timeout: 20_000 }).toBeGreaterThan(before + 150);
  await expect.poll(() => workerPids(gateway).length, { timeout: 20_000 }).toBe(4);
  await clients.stop();
  // Only what was under way in the one that was killed.
  expect(clients.failures.length).toBeLessThanOrEqual(12);
  await expect.poll(() => missing(control, clients), { timeout: 20_000 }).toEqual([]);
  expect(control.logs.size).toBe(3);
  await expect
    .poll(() => control.statuses.at(-1), { timeout: 20_000 })
    .toMatchObject({
      snapshotVersion: 1,
      workers: { wanted: 3, serving: 3 },
      durability: 'synced',
      tls: null,
    });
  const metrics = (await send(gateway.port, '/metrics', { method: 'GET' })).body;
  for (const worker of [0, 1, 2]) {
    expect(metrics).toContain(`drawbridge_snapshot_version{worker="${worker}"} 1`);
  }
});

test('a rolling restart under load drops no request, and leaves no entry behind', async () => {
  const { control, key, gateway } = await several(2, { DRAWBRIDGE_GATEWAY_GRACE: '3000' });
  control.logs = new Map();
  const clients = load(gateway.port, key, 8);
  await expect.poll(() => clients.crossings.length, { timeout: 20_000 }).toBeGreaterThan(100);
  const before = workerPids(gateway);
  gateway.child.kill('SIGHUP');
  await expect.poll(() => gateway.log(), { timeout: 30_000 }).toContain('"event":"rolled"');
  const after = clients.crossings.length;
  await expect.poll(() => clients.crossings.length, { timeout: 20_000 }).toBeGreaterThan(after + 50);
  await clients.stop();
  expect(clients.failures).toEqual([]);
  for (const pid of before) expect(() => process.kill(pid, 0)).toThrow();
  await expect.poll(() => missing(control, clients), { timeout: 20_000 }).toEqual([]);
});

test('workers that die while they are replaced leave as many as are wanted', async () => {
  const { gateway } = await several(2, { DRAWBRIDGE_GATEWAY_GRACE: '500' });
  const before = workerPids(gateway);
  gateway.child.kill('SIGHUP');
  await expect.poll(() => gateway.log(), { timeout: 20_000 }).toContain('"event":"rolling"');
  for (const pid of before) process.kill(pid, 'SIGKILL');
  await expect.poll(() => gateway.log(), { timeout: 30_000 }).toContain('"event":"rolled"');
  await expect.poll(() => workerPids(gateway).length, { timeout: 20_000 }).toBeGreaterThan(3);
  expect(living(gateway)).toHaveLength(2);
  gateway.child.kill('SIGTERM');
  await gateway.exited;
  expect(workerPids(gateway)).toHaveLength(4);
});

test('a worker that is about to be started again keeps its place in a rolling restart', async () => {
  const { gateway, dir } = await several(2, { DRAWBRIDGE_GATEWAY_GRACE: '500' });
  const keys = join(dir, 'keys.json');
  const [, victim = 0] = workerPids(gateway);
  // A key file that others may read keeps a worker from starting.
  await chmod(keys, 0o644);
  process.kill(victim, 'SIGKILL');
  await expect.poll(() => gateway.log(), { timeout: 20_000 }).toContain('"againInMs":500');
  await chmod(keys, 0o600);
  gateway.child.kill('SIGHUP');
  await expect.poll(() => gateway.log(), { timeout: 30_000 }).toContain('"event":"rolled"');
  await expect.poll(() => living(gateway).length, { timeout: 20_000 }).toBe(2);
});

test('from several workers to one and back: what was not shipped is shipped, also of workers that are no more', async () => {
  const { control, key, gateway, env, dir } = await several(2);
  const clients = load(gateway.port, key, 9);
  await expect.poll(() => clients.crossings.length, { timeout: 20_000 }).toBeGreaterThan(60);
  await clients.stop();
  gateway.child.kill('SIGTERM');
  expect(await gateway.exited).toBe(0);
  control.logs = new Map();
  const alone = await startProcess({ ...env, DRAWBRIDGE_GATEWAY_WORKERS: '1' });
  const more = load(alone.port, key, 2);
  await expect.poll(() => more.crossings.length, { timeout: 20_000 }).toBeGreaterThan(5);
  await more.stop();
  const all = { crossings: [...clients.crossings, ...more.crossings] };
  await expect.poll(() => missing(control, all), { timeout: 20_000 }).toEqual([]);
  expect([...control.logs.keys()]).toContain(
    (await readFile(join(dir, 'data', 'worker-1', 'journal', 'origin'), 'utf8')).trim(),
  );
  await expect.poll(() => control.statuses.at(-1)?.journal.behind, { timeout: 20_000 }).toBe(0);
});

test('a minute’s cap holds over all workers', async () => {
  const { key, gateway } = await several(2, {}, 40);
  const answers: number[] = [];
  // A connection each, so that every worker is asked.
  for (let round = 0; round < 8; round++) {
    const some = Array.from({ length: 10 }, () =>
      send(gateway.port, PATH, { headers: { ...bearer(key), connection: 'close' }, body: chat }),
    );
    answers.push(...(await Promise.all(some)).map(({ status }) => status));
  }
  const passed = answers.filter((status) => status === 200).length;
  expect(passed).toBeLessThanOrEqual(40);
  expect(passed).toBeGreaterThan(20);
  expect(answers.filter((status) => status === 429).length).toBe(80 - passed);
});

test('a worker that can not start at all ends the gateway with its reason', async () => {
  const { env, vendor } = await setUp();
  const error = await startProcess({
    ...env,
    DRAWBRIDGE_GATEWAY_WORKERS: '2',
    DRAWBRIDGE_GATEWAY_PORT: String(vendor.port),
  }).then(
    () => '',
    (cause: Error) => cause.message,
  );
  expect(error).toContain('ended with 1');
  expect(error).toContain(`DRAWBRIDGE_GATEWAY_PORT: port ${vendor.port} of 127.0.0.1 is taken`);
});

test('what one worker refuses is told at once, and is over when all have the next', async () => {
  const { control, made } = await several(2);
  const told = () => control.statuses.at(-1);
  await expect
    .poll(told, { timeout: 20_000 })
    .toMatchObject({ snapshotVersion: 1, refused: null, workers: { serving: 2 } });
  const good = await made.snapshot();
  const bad = {
    ...good,
    vendor_secrets: good.vendor_secrets.map((each) => ({ ...each, sealed: good.ledger_key })),
  };
  const before = Date.now();
  await expect.poll(() => control.giveOne(bad)).toBe(true);
  await expect.poll(told).toMatchObject({
    snapshotVersion: 1,
    refused: { version: 2, code: 'unreadable', field: expect.stringMatching(/^vendor_secrets\./) },
    workers: { serving: 2 },
  });
  expect(told()?.refused?.since).toBeGreaterThanOrEqual(before);
  control.publish(await made.snapshot());
  await expect.poll(told).toMatchObject({ snapshotVersion: 3, refused: null });
});
