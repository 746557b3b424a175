import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { basic, egressRules } from '../testing/egress.ts';
import { freePort } from '../testing/port.ts';
import { closeAll, controlPlane, setUp, startProcess } from '../testing/process.ts';

afterEach(closeAll);

/** Opens a tunnel, and gives the id of its crossing as soon as the proxy said that it is open. */
function open(port: number, key: string, target: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('error', () => resolve(null));
    socket.on('close', () => resolve(null));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const id = /^HTTP\/1\.1 200 [\s\S]*X-Drawbridge-Crossing: (\S+)/.exec(text)?.[1];
      if (id === undefined) return;
      resolve(id);
      socket.destroy();
    });
    socket.write(
      `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\nProxy-Authorization: ${basic(key)}\r\n\r\n`,
    );
  });
}

test('kill -9 at any moment loses no crossing that a client was told is open', async () => {
  const { made, vendor, env } = await setUp();
  const control = await controlPlane();
  control.logs = new Map();
  const port = await freePort();
  const key = made.issue({ connections: [] });
  const target = `127.0.0.1:${vendor.port}`;
  made.given.egress = egressRules({
    allow: { vendors: [], hosts: ['127.0.0.1'], countries: [] },
    ports: { connect: [vendor.port], http: [] },
  });
  control.publish(await made.snapshot());
  const told = new Set<string>();
  const settings = { ...env, DRAWBRIDGE_CONTROL_URL: control.url, DRAWBRIDGE_EGRESS_PORT: String(port) };
  for (let round = 0; round < 3; round++) {
    const gateway = await startProcess(settings);
    await expect.poll(async () => (await open(port, key, target)) !== null, { interval: 20 }).toBe(true);
    const until = 20 + round * 15;
    let count = 0;
    const asking = Array.from({ length: 6 }, async () => {
      while (count < until) {
        const id = await open(port, key, target);
        if (id === null) return;
        told.add(id);
        count += 1;
        if (count === until) gateway.child.kill('SIGKILL');
      }
    });
    await Promise.all(asking);
    await gateway.exited;
  }
  expect(told.size).toBeGreaterThanOrEqual(20 + 35 + 50);
  // What was on the disk when it died is shipped by the next one.
  const last = await startProcess(settings);
  await expect
    .poll(() => [...told].filter((id) => !control.forwarded.has(id)), { timeout: 15_000 })
    .toEqual([]);
  last.child.kill('SIGTERM');
  expect(await last.exited).toBe(0);
});

test.each([
  [{ DRAWBRIDGE_EGRESS_PORT: 'many' }, 'DRAWBRIDGE_EGRESS_PORT: '],
  [
    { DRAWBRIDGE_EGRESS_PORT: '4999', DRAWBRIDGE_EGRESS_HOST: '0.0.0.0' },
    'DRAWBRIDGE_EGRESS_HOST: 0.0.0.0 is reached from other machines',
  ],
])('%o ends it with an error that names the setting', async (wrong, message) => {
  const { env } = await setUp();
  await expect(startProcess({ ...env, ...wrong })).rejects.toThrow(message);
});

test('a port that is taken ends it with an error that names the setting', async () => {
  const { env, vendor } = await setUp();
  await expect(startProcess({ ...env, DRAWBRIDGE_EGRESS_PORT: String(vendor.port) })).rejects.toThrow(
    `DRAWBRIDGE_EGRESS_PORT: port ${vendor.port} of 127.0.0.1 is taken`,
  );
});
