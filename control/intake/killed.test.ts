import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { generateKeyPair } from '@drawbridge/envelope';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { testSealer } from '../platform/blobs/testing.ts';
import { writeSetting } from '../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../platform/testing.ts';
import { addMailbox, type Mailbox, sealPassword } from './mailboxes.ts';
import { intakeSetting } from './settings.ts';
import { type ImapStandIn, mailFrom, startImap } from './testing.ts';

/** `kill -9` of a process while it takes mail in, on a real database: what came is there once, and not twice. */
let platform: TestPlatform;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let imap: ImapStandIn;
let port = 0;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  platform = await testPlatform();
  keys = await generateKeyPair();
});
beforeEach(async () => {
  await platform.pool.query('TRUNCATE message, intake_mailbox, setting, change CASCADE');
  imap = await startImap();
  imap.folders.set('Done', { uidValidity: 1, mails: [] });
});
afterEach(async () => {
  for (const child of children) await killed(child);
  await imap.close();
});
afterAll(() => platform.close());

type Hangs = 'before keeping' | 'after keeping' | null;
/** A process that takes mail in; `there` resolves once it hangs where it is to. */
async function takes(hangs: Hangs = null): Promise<{ child: ChildProcess; there: Promise<void> }> {
  const { host, port: database, user, password, database: name } = platform.pool.options;
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const config = JSON.stringify({
    database: { host, port: database, user, password, database: name },
    now: platform.clock.now(),
    keys: { publicKey: base64(keys.publicKey), privateKey: base64(keys.privateKey) },
    hangs,
  });
  const file = fileURLToPath(new URL('./testing-taking-process.ts', import.meta.url));
  const child = spawn(process.execPath, [file, config], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  let said = '';
  let wake: () => void = () => undefined;
  child.stdout.on('data', (bytes) => {
    said += String(bytes);
    wake();
  });
  child.on('close', () => {
    said += 'closed\n';
    wake();
  });
  const heard = async (word: string): Promise<void> => {
    while (!said.includes(word)) {
      if (said.includes('closed\n')) throw new Error(`it ended before it said "${word}"`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  await heard('started');
  return { child, there: hangs === null ? Promise.resolve() : heard('there') };
}

/** With SIGKILL; over once nothing of it is left, its connections to the database neither. */
async function killed(child: ChildProcess): Promise<void> {
  children.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'close');
  child.kill('SIGKILL');
  await gone;
  const holds = `SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
    WHERE l.locktype = 'advisory' AND d.datname = current_database()`;
  await expect.poll(async () => (await platform.pool.query(holds)).rowCount).toBe(0);
}

const kept = async (): Promise<number> => (await platform.pool.query('SELECT FROM message')).rowCount ?? 0;
const mail = mailFrom('Billing <billing@vendor.example>', 'Your invoice');

async function listens(): Promise<void> {
  const taker = createServer().listen(0, '127.0.0.1');
  await once(taker, 'listening');
  port = (taker.address() as AddressInfo).port;
  taker.close();
  await once(taker, 'close');
  const { initial } = intakeSetting;
  const value = {
    ...initial,
    smtp: { ...initial.smtp, enabled: true, port, address: ['verify@example.org'] },
  };
  await platform.db
    .transaction()
    .execute((tx) =>
      writeSetting(tx, platform, intakeSetting, value, { actor: testCaller(), reason: 'A test', detail: {} }),
    );
}
/** Hands the mail over as a sender does; what it was answered last, or `closed`. */
async function handOver(): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const says = [
    'EHLO client.example\r\n',
    'MAIL FROM:<billing@vendor.example>\r\n',
    'RCPT TO:<verify@example.org>\r\n',
    'DATA\r\n',
    Buffer.concat([mail, Buffer.from('\r\n.\r\n')]),
  ];
  let last = 'closed';
  let rest = '';
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    rest += String(bytes);
    const lines = rest.split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines.filter((one) => /^\d{3} /.test(one))) {
      const next = says.shift();
      if (next === undefined || !/^[23]/.test(line)) {
        last = line;
        socket.destroy();
      } else socket.write(next);
    }
  });
  await once(socket, 'close');
  return last;
}

test.each([
  ['before keeping', 0],
  ['after keeping', 1],
] as const)(
  'SMTP: killed %s, before it answers; after the retry the mail is there once',
  async (hangs, has) => {
    await listens();
    const { child, there } = await takes(hangs);
    const answer = handOver();
    await there;
    await killed(child);
    // Never told that it was taken: a sender keeps it, and tries again.
    expect(await answer).toBe('closed');
    expect(await kept()).toBe(has);
    await takes();
    expect(await handOver()).toMatch(/^250/);
    expect(await kept()).toBe(1);
    // And again, as one does whose own answer was lost on the way.
    expect(await handOver()).toMatch(/^250/);
    expect(await kept()).toBe(1);
  },
  60_000,
);

async function reads(): Promise<void> {
  const mailbox: Mailbox = {
    host: '127.0.0.1',
    port: imap.port,
    tls: 'none',
    private: true,
    username: 'desk',
    folder: 'INBOX',
    after: 'move',
    moveTo: 'Done',
    isOn: true,
  };
  const sealer = await (await testSealer(platform, keys))();
  await platform.db.transaction().execute((tx) =>
    addMailbox(tx, platform, mailbox, (id) => sealPassword(sealer, id, mailbox, imap.password), {
      actor: testCaller(),
      reason: 'A test',
    }),
  );
  imap.folders.get('INBOX')?.mails.push({ uid: 1, raw: mail });
}
const held = (folder: string): number => imap.folders.get(folder)?.mails.length ?? 0;
const counted = async (): Promise<number> =>
  Number((await platform.pool.query<{ taken: string }>('SELECT taken FROM intake_mailbox')).rows[0]?.taken);

test.each([
  ['before keeping', 0],
  ['after keeping', 1],
] as const)(
  'IMAP: killed %s, before it is moved; the next visit has it once, and moves it',
  async (hangs, has) => {
    await reads();
    const { child, there } = await takes(hangs);
    await there;
    await killed(child);
    expect([await kept(), held('INBOX'), held('Done'), await counted()]).toEqual([has, 1, 0, 0]);
    await takes();
    await expect.poll(counted, { timeout: 20_000 }).toBe(1);
    expect([await kept(), held('INBOX'), held('Done')]).toEqual([1, 0, 1]);
  },
  60_000,
);

test('IMAP: killed while the server moves it: it is there once, in both places', async () => {
  await reads();
  const moves = new Promise<void>((resolve) => {
    imap.misbehave = (command) => {
      if (command !== 'UID MOVE') return false;
      // The server did it, and the process never hears so.
      imap.folders.get('Done')?.mails.push(...(imap.folders.get('INBOX')?.mails.splice(0) ?? []));
      resolve();
      return true;
    };
  });
  const { child } = await takes();
  await moves;
  await killed(child);
  imap.misbehave = null;
  expect([await kept(), await counted()]).toEqual([1, 0]);
  const looked = imap.heard.length;
  await takes();
  await expect.poll(() => imap.heard.slice(looked).includes('LOGOUT'), { timeout: 20_000 }).toBe(true);
  expect([await kept(), held('INBOX'), held('Done')]).toEqual([1, 0, 1]);
}, 60_000);
