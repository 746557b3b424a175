import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Snapshot } from '@drawbridge/protocol';
import { afterEach, expect, test } from 'vitest';
import { type Deployment, newDeployment } from './testing/deployment.ts';
import { answerJson, bearer, send } from './testing/send.ts';
import { aiService } from './testing/services.ts';
import { type StandIn, startStandIn } from './testing/standin.ts';

/** The gateway as a process of its own, with a control plane that comes and goes. */

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface ControlPlane {
  url: string;
  /** Publishes a snapshot: a poll that waits is answered at once. */
  publish(snapshot: Snapshot): void;
  shipped: Buffer[];
  close(): Promise<void>;
}

async function controlPlane(): Promise<ControlPlane> {
  let current: Snapshot | null = null;
  const waiting = new Set<{ after: number; response: ServerResponse }>();
  const shipped: Buffer[] = [];
  const answer = (): void => {
    for (const each of waiting) {
      if (current === null || current.version <= each.after) continue;
      waiting.delete(each);
      each.response.end(JSON.stringify(current));
    }
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://control');
    if (url.pathname === '/fleet/v1/snapshot') {
      waiting.add({ after: Number(url.searchParams.get('after')), response });
      answer();
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (url.pathname === '/fleet/v1/journal') shipped.push(Buffer.concat(chunks));
      response.writeHead(url.pathname === '/fleet/v1/status' ? 204 : 503).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  closing.push(close);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    publish(snapshot) {
      current = snapshot;
      answer();
    },
    shipped,
    close,
  };
}

interface Started {
  child: ChildProcess;
  port: number;
  log: () => string;
  exited: Promise<number | null>;
}

async function startProcess(env: Record<string, string>): Promise<Started> {
  const child = fork(fileURLToPath(new URL('./main.ts', import.meta.url)), [], {
    env: { PATH: process.env.PATH, ...env },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  closing.push(() => {
    child.kill('SIGKILL');
    return exited;
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { port: number }).port));
    void exited.then((code) => reject(new Error(`ended with ${code}: ${text}`)));
  });
  return { child, port, log: () => text, exited };
}

async function setUp(): Promise<{
  made: Deployment;
  vendor: StandIn;
  env: Record<string, string>;
  dir: string;
}> {
  const dir = await mkdtemp(join(tmpdir(), 'drawbridge-gateway-'));
  closing.push(() => rm(dir, { recursive: true, force: true }));
  const made = await newDeployment();
  const { gatewayKeys: keys } = made;
  const text = (bytes: Buffer): string => bytes.toString('base64url');
  const file = {
    format: 'drawbridge.gateway-keys/1',
    id: keys.id,
    token: keys.token,
    publicKey: text(keys.publicKey),
    privateKey: text(keys.privateKey),
    snapshotKey: text(keys.snapshotKey),
  };
  await writeFile(join(dir, 'keys.json'), JSON.stringify(file), { mode: 0o600 });
  const vendor = await startStandIn((_request, response) => answerJson(response, 1));
  closing.push(() => vendor.close());
  await made.connect({
    slug: 'ai',
    service: aiService,
    upstream: { scheme: 'http', host: '127.0.0.1', port: vendor.port, private: true },
  });
  const env = {
    DRAWBRIDGE_GATEWAY_PORT: '0',
    DRAWBRIDGE_GATEWAY_DIR: join(dir, 'data'),
    DRAWBRIDGE_GATEWAY_KEYS: join(dir, 'keys.json'),
    DRAWBRIDGE_CONTROL_URL: 'http://127.0.0.1:1',
  };
  return { made, vendor, env, dir };
}

const chat = JSON.stringify({ model: 'made-up-1', messages: [] });

test('takes its snapshot, serves, keeps it: restarted without a control plane it serves on', async () => {
  const { made, vendor, env } = await setUp();
  const control = await controlPlane();
  const key = made.issue({ connections: ['ai'] });
  const first = await startProcess({ ...env, DRAWBRIDGE_CONTROL_URL: control.url });
  const ask = async (port: number, which = key) =>
    (await send(port, '/ai/v1/chat/completions', { headers: bearer(which), body: chat })).status;
  expect(await ask(first.port)).toBe(503);
  control.publish(await made.snapshot());
  await expect.poll(() => ask(first.port), { interval: 20 }).toBe(200);

  const second = made.issue({ connections: ['ai'] });
  expect(await ask(first.port, second)).toBe(401);
  const published = performance.now();
  control.publish(await made.snapshot());
  await expect.poll(() => ask(first.port, second), { interval: 20, timeout: 5_000 }).toBe(200);
  expect(performance.now() - published).toBeLessThan(1_000);

  await expect.poll(() => control.shipped.length, { timeout: 10_000 }).toBeGreaterThan(0);
  await control.close();
  first.child.kill('SIGTERM');
  expect(await first.exited).toBe(0);

  const again = await startProcess(env);
  expect(await ask(again.port, second)).toBe(200);
  expect(vendor.received.length).toBeGreaterThanOrEqual(3);
  for (const secret of [key, second, 'made-up-vendor-credential', made.gatewayKeys.token]) {
    expect(first.log() + again.log()).not.toContain(secret);
  }
});

test('a snapshot file that was damaged is said and not used; the control plane heals it', async () => {
  const { made, env } = await setUp();
  const control = await controlPlane();
  const key = made.issue({ connections: ['ai'] });
  const first = await startProcess(env);
  first.child.kill('SIGTERM');
  expect(await first.exited).toBe(0);
  await writeFile(join(env.DRAWBRIDGE_GATEWAY_DIR ?? '', 'snapshot.sealed'), randomBytes(500));
  const second = await startProcess({ ...env, DRAWBRIDGE_CONTROL_URL: control.url });
  const ask = async () =>
    (await send(second.port, '/ai/v1/chat/completions', { headers: bearer(key), body: chat })).status;
  expect(await ask()).toBe(503);
  expect(second.log()).toContain('snapshot_file_refused');
  control.publish(await made.snapshot());
  await expect.poll(ask).toBe(200);
});

test('told to stop, or left by its parent, it finishes what runs', async () => {
  const { made, env } = await setUp();
  const release = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const slow = await startStandIn(async (_request, response) => {
    arrived.resolve();
    await release.promise;
    answerJson(response, 'finished');
  });
  closing.push(() => slow.close());
  const control = await controlPlane();
  await made.connect({
    slug: 'slow',
    service: aiService,
    upstream: { scheme: 'http', host: '127.0.0.1', port: slow.port, private: true },
  });
  const key = made.issue({ connections: ['slow'] });
  control.publish(await made.snapshot());
  const { child, port, exited } = await startProcess({ ...env, DRAWBRIDGE_CONTROL_URL: control.url });
  await expect.poll(async () => (await send(port, '/readyz', { method: 'GET' })).status).toBe(200);
  const running = send(port, '/slow/v1/chat/completions', { headers: bearer(key), body: chat });
  await arrived.promise;
  child.disconnect();
  await expect.poll(() => send(port, '/healthz', { method: 'GET' }).catch(() => 'refused')).toBe('refused');
  release.resolve();
  expect((await running).body).toBe('"finished"');
  expect(await exited).toBe(0);
});

test.each([
  [{ DRAWBRIDGE_GATEWAY_PORT: 'eighty' }, 'DRAWBRIDGE_GATEWAY_PORT', '4410'],
  [{ DRAWBRIDGE_GATEWAY_HOST: 'http://here' }, 'DRAWBRIDGE_GATEWAY_HOST', '127.0.0.1'],
  [{ DRAWBRIDGE_GATEWAY_HOST: '192.0.2.1' }, 'DRAWBRIDGE_GATEWAY_HOST', '127.0.0.1'],
  [{ DRAWBRIDGE_GATEWAY_HOST: 'nobody.invalid' }, 'DRAWBRIDGE_GATEWAY_HOST', '127.0.0.1'],
  [{ DRAWBRIDGE_CONTROL_URL: 'control' }, 'DRAWBRIDGE_CONTROL_URL', 'http://127.0.0.1:4400'],
  [{ DRAWBRIDGE_CONTROL_URL: 'http://user:made-up-password@control' }, 'DRAWBRIDGE_CONTROL_URL', 'http://'],
  [{ DRAWBRIDGE_GATEWAY_DIR: '' }, 'DRAWBRIDGE_GATEWAY_DIR', '/var/lib/drawbridge'],
  [{ DRAWBRIDGE_LOG: 'loud' }, 'DRAWBRIDGE_LOG', 'info'],
])('%o ends it with an error that names %s and a good example', async (wrong, variable, example) => {
  const { env } = await setUp();
  const error = await startProcess({ ...env, ...wrong }).then(
    () => '',
    (cause: Error) => cause.message,
  );
  expect(error).toContain('ended with 1');
  expect(error).toContain(`${variable}: `);
  expect(error).toContain(`For example: ${variable}=${example}`);
  expect(error).not.toContain('made-up-password');
});

test('a port that is taken ends it with an error that names the setting', async () => {
  const { env, vendor } = await setUp();
  const error = await startProcess({ ...env, DRAWBRIDGE_GATEWAY_PORT: String(vendor.port) }).then(
    () => '',
    (cause: Error) => cause.message,
  );
  expect(error).toContain(`DRAWBRIDGE_GATEWAY_PORT: port ${vendor.port} of 127.0.0.1 is taken`);
  expect(error).not.toContain('EADDRINUSE');
});

test('a key file that others may read is refused', async () => {
  const { env, dir } = await setUp();
  await writeFile(join(dir, 'open.json'), '{}', { mode: 0o644 });
  await expect(startProcess({ ...env, DRAWBRIDGE_GATEWAY_KEYS: join(dir, 'open.json') })).rejects.toThrow(
    /chmod 600/,
  );
});
