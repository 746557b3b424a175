import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { writeSetting } from '../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../platform/testing.ts';
import { createListening, type Listening } from './listening.ts';
import { type IntakeSettings, intakeSetting } from './settings.ts';
import { type Certified, testAuthority } from './testing-certificates.ts';

/** What listens where, as settings and certificate change. */
let platform: TestPlatform;
let listening: Listening;
let certificate: () => Promise<Certified | null>;
let port = 0;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.pool.query('TRUNCATE setting, change CASCADE');
  certificate = async () => null;
  port = await freePort();
  listening = createListening({
    platform,
    take: async (one) => ({ id: one.key }),
    keyed: async (bytes) => Buffer.from(bytes),
    certificate: () => certificate(),
    lookMs: 60_000,
  });
});
afterEach(() => listening.stop());

async function freePort(): Promise<number> {
  const { port: free, close } = await occupied(0);
  await close();
  return free;
}
async function occupied(at: number): Promise<{ port: number; close(): Promise<unknown> }> {
  const server = createServer().listen(at, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
async function set(smtp: Partial<IntakeSettings['smtp']>, more: Partial<IntakeSettings> = {}): Promise<void> {
  const { initial } = intakeSetting;
  const value: IntakeSettings = {
    ...initial,
    ...more,
    smtp: { ...initial.smtp, enabled: true, port, address: ['verify@example.org'], ...smtp },
  };
  await platform.db
    .transaction()
    .execute((tx) =>
      writeSetting(tx, platform, intakeSetting, value, { actor: testCaller(), reason: 'A test', detail: {} }),
    );
}
/** What answers there to EHLO; null: nobody. */
async function spoken(at = port): Promise<string | null> {
  const socket = connect(at, '127.0.0.1');
  let heard = '';
  socket.on('data', (bytes) => {
    heard += String(bytes);
    if (/^220 /.test(heard) && !heard.includes('250')) socket.write('EHLO a\r\n');
    if (/^(250|5..) /m.test(heard)) socket.destroy();
  });
  const isThere = await new Promise<boolean>((resolve) => {
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(true));
  });
  return isThere ? heard : null;
}
const off = { state: 'off', error: null };
const on = { state: 'listening', error: null };

test('off at first; on, to another port, off and on again, as it is set', async () => {
  await listening.start();
  expect(listening.state()).toEqual(off);
  expect(await spoken()).toBe(null);
  await set({});
  await listening.changed();
  expect(listening.state()).toEqual(on);
  expect(await spoken()).toContain('250');
  const other = await freePort();
  await set({ port: other });
  await listening.changed();
  expect([await spoken(), listening.state()]).toEqual([null, on]);
  expect(await spoken(other)).toContain('250');
  await set({ port: other, enabled: false });
  await listening.changed();
  expect([await spoken(other), listening.state()]).toEqual([null, off]);
  await set({ port: other });
  await listening.changed();
  expect(await spoken(other)).toContain('250');
  await listening.stop();
  expect([await spoken(other), listening.state()]).toEqual([null, off]);
  // Stopped, it follows no more.
  await listening.changed();
  expect(await spoken(other)).toBe(null);
});

test('who is connected stays so where nothing of it changes, and not where it does', async () => {
  await set({});
  await listening.start();
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'data');
  await set({}, { retentionDays: 12 });
  await listening.changed();
  socket.write('NOOP\r\n');
  expect(String((await once(socket, 'data'))[0])).toMatch(/^250/);
  await set({ lmtp: true });
  await listening.changed();
  if (!socket.closed) await once(socket, 'close');
  expect(await spoken()).toMatch(/^220 .*LMTP/);
});

test('a port that is taken is said, and had once it is free, without being asked', async () => {
  const taker = await occupied(port);
  await set({});
  await listening.start();
  expect(listening.state()).toEqual({
    state: 'failed',
    error: `Something else listens at 127.0.0.1:${port}: say another port.`,
  });
  await set({ host: '192.0.2.1' });
  await listening.changed();
  expect(listening.state().error).toBe('192.0.2.1 is no address of this machine.');
  await listening.stop();
  await set({});
  const soon = createListening({
    platform,
    take: async (one) => ({ id: one.key }),
    keyed: async (bytes) => Buffer.from(bytes),
    certificate: () => certificate(),
    lookMs: 20,
  });
  try {
    await soon.start();
    expect(soon.state().state).toBe('failed');
    await taker.close();
    await expect.poll(() => soon.state(), { timeout: 5_000 }).toEqual(on);
    expect(await spoken()).toContain('250');
  } finally {
    await soon.stop();
  }
});

test('without its certificate it does not listen in clear instead; a new one is taken up', async () => {
  const authority = testAuthority();
  await set({ starttls: true });
  await listening.start();
  expect(listening.state()).toMatchObject({
    state: 'failed',
    error: expect.stringContaining('DRAWBRIDGE_TLS_CERT'),
  });
  expect(await spoken()).toBe(null);
  const first = authority.of('mail.example.org');
  certificate = async () => first;
  await listening.changed();
  expect(listening.state()).toEqual(on);
  expect(await spoken()).toContain('STARTTLS');
  const second = authority.of('mail.example.org');
  certificate = async () => ({ cert: second.cert, key: first.key });
  await listening.changed();
  expect(listening.state()).toMatchObject({
    state: 'failed',
    error: expect.stringContaining('do not go together'),
  });
  certificate = async () => second;
  await listening.changed();
  expect(await spoken()).toContain('STARTTLS');
  certificate = async () => {
    throw Object.assign(new Error('gone'), { code: 'ENOENT' });
  };
  await listening.changed();
  expect(listening.state()).toMatchObject({ state: 'failed' });
  await set({});
  await listening.changed();
  expect(listening.state()).toEqual(on);
  expect(await spoken()).not.toContain('STARTTLS');
});

test('a database that is gone for a while leaves what listens as it is', async () => {
  await set({});
  await listening.start();
  await platform.pool.query('ALTER TABLE setting RENAME TO setting_gone');
  try {
    await listening.changed();
    expect(listening.state()).toEqual(on);
    expect(await spoken()).toContain('250');
  } finally {
    await platform.pool.query('ALTER TABLE setting_gone RENAME TO setting');
  }
});
