import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { closeAll, closing, controlPlane, setUp, startProcess } from './testing/process.ts';
import { answerJson, bearer, send } from './testing/send.ts';
import { aiService } from './testing/services.ts';
import { startStandIn } from './testing/standin.ts';

afterEach(closeAll);

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

  let second = '';
  const inForce = async (): Promise<number> => {
    second = made.issue({ connections: ['ai'] });
    expect(await ask(first.port, second)).toBe(401);
    const published = performance.now();
    control.publish(await made.snapshot());
    await expect.poll(() => ask(first.port, second), { interval: 20 }).toBe(200);
    return performance.now() - published;
  };
  // What else the machine does may hold one up, and not three.
  const took = [await inForce()];
  while (took.length < 3 && Math.min(...took) >= 1_000) took.push(await inForce());
  expect(Math.min(...took)).toBeLessThan(1_000);

  await expect.poll(() => control.shipped.length).toBeGreaterThan(0);
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
