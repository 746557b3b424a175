import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { generateKeyPair } from '@drawbridge/envelope';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type StandIn, startSmtp } from '../mail/testing.ts';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { type NoticeHouse, noticeHouse } from './testing.ts';

/** `kill -9` of a process while it sends a notice, on a real database and a real mail server. People are made up. */
const PEOPLE = 12;
const DAY_MS = 24 * 3_600_000;
let platform: TestPlatform;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let house: NoticeHouse;
let smtp: StandIn;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  platform = await testPlatform();
  keys = await generateKeyPair();
  smtp = await startSmtp();
  house = await noticeHouse(platform, {
    keys,
    people: async function* () {
      yield Array.from({ length: PEOPLE }, (_, at) => ({
        key: `person:${at + 1}`,
        recipient: { address: addressOf(at + 1), name: null },
      }));
    },
  });
});
afterEach(async () => {
  for (const child of children) await killed(child);
  smtp.manners = {};
});
afterAll(async () => {
  await smtp.close();
  await platform.close();
});

const because = { reason: 'A test' };
const addressOf = (n: number): string => `person-${n}@example.com`;
async function done<T = Record<string, never>>(method: string, path: string, body?: object): Promise<T> {
  const { status, body: answer } = await house.ask(method, path, body);
  if (status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
  return answer;
}

interface Approved {
  incident: string;
  id: string;
  path: string;
}
/** A notice to twelve people, which a second person approved. */
async function approved(): Promise<Approved> {
  house.as('person-1');
  const { id: incident } = await done<{ id: string }>('POST', '/incidents', {
    ...{ title: 'Vendor was smished', playbook: 'made-up', party: 'mixpanel' },
    ...because,
  });
  const { sheet, version: basedOn } = await done<{ sheet: { facts: object }; version: number }>(
    'GET',
    `/incidents/${incident}/fact-sheet`,
  );
  const text = { en: 'Somebody took a data set.', de: 'Jemand hat einen Datenbestand entwendet.' };
  Object.assign(sheet.facts, { what_happened: { text, grade: 'declared', source: 'the vendor’s notice' } });
  await done('PUT', `/incidents/${incident}/fact-sheet`, { sheet, basedOn });
  const { id } = await done<{ id: string }>('POST', `/incidents/${incident}/notices`, {
    ...{ template: 'persons', language: 'en' },
  });
  const path = `/incidents/${incident}/notices/${id}`;
  await done('POST', `${path}/recipients/collected`, {});
  await done('POST', `${path}/review`, {});
  house.as('person-2');
  const { version } = await done<{ version: number }>('GET', path);
  await done('POST', `${path}/approval`, { version, decision: 'approve', ...because });
  house.as('person-1');
  return { incident, id, path };
}

beforeEach(async () => {
  await platform.pool.query('TRUNCATE incident, change, mail_server, setting CASCADE');
  smtp.received.length = 0;
  await done('PUT', '/organisation/mail-server', {
    ...{ host: '127.0.0.1', port: smtp.port, tls: 'none', private: true },
    from: { name: 'Example Org', address: 'notices@example.org' },
    ...because,
  });
  await done('PUT', '/organisation/notices', {
    ...{ name: 'Example Org', contact: 'privacy@example.org' },
    informationPage: 'https://example.org/incident',
    ...because,
  });
});

/** A process that sends what is approved, to which it is so late. */
function sends(now = platform.clock.now()): ChildProcess {
  const { host, port, user, password, database } = platform.pool.options;
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const file = fileURLToPath(new URL('./testing-sending-process.ts', import.meta.url));
  const config = JSON.stringify({
    database: { host, port, user, password, database },
    now,
    keys: { publicKey: base64(keys.publicKey), privateKey: base64(keys.privateKey) },
  });
  const child = spawn(process.execPath, [file, config], { stdio: ['ignore', 'ignore', 'inherit'] });
  children.add(child);
  return child;
}

/** With SIGKILL; over once nothing of it is left, its connections to the database neither. */
async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await gone;
  }
  children.delete(child);
  const holds = `SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
    WHERE l.locktype = 'advisory' AND d.datname = current_database()`;
  await expect.poll(async () => (await platform.pool.query(holds)).rowCount).toBe(0);
}

async function states(id: string): Promise<Record<number, string>> {
  const { rows } = await platform.pool.query<{ n: number; state: string }>(
    'SELECT n, state FROM notice_recipient WHERE notice = $1 ORDER BY n',
    [id],
  );
  return Object.fromEntries(rows.map(({ n, state }) => [n, state]));
}
/** Until nothing is left that is sent without a person. */
const settledDown = (id: string) =>
  expect
    .poll(async () => Object.values(await states(id)).filter((one) => ['waiting', 'trying'].includes(one)), {
      timeout: 20_000,
    })
    .toEqual([]);
const idIn = (raw: string): string => /^message-id:\s*(<[^>]+>)/im.exec(raw)?.[1] ?? '';
const took = (n: number): string[] =>
  smtp.received.filter(({ to }) => to[0] === addressOf(n)).map(({ raw }) => idIn(raw));

test('killed between message and answer: who may have it waits for a person, all others get it once', async () => {
  const notice = await approved();
  await done('POST', `${notice.path}/sending`, {});
  // Both lanes are at the same point: the message was handed over, and the server has not answered.
  const under: { n: number; id: string }[] = [];
  let answerFirst: () => void = () => undefined;
  const bothUnder = new Promise<void>((resolve) => {
    smtp.manners = {
      beforeAnswer: ({ to, raw }) => {
        const n = Number(/\d+/.exec(to[0] ?? '')?.[0]);
        if (smtp.received.length < 4) return Promise.resolve();
        under.push({ n, id: idIn(raw) });
        if (under.length === 2) resolve();
        return under.length === 1
          ? new Promise((answer) => {
              answerFirst = answer;
            })
          : new Promise(() => undefined);
      },
    };
  });
  const first = sends();
  await bothUnder;
  await killed(first);
  // One of the two the server took all the same.
  answerFirst();
  smtp.manners = {};
  const [has, lacks] = under;
  if (has === undefined || lacks === undefined) throw new Error('two were under way');
  await expect.poll(() => took(has.n)).toEqual([has.id]);

  const second = sends(platform.clock.now() + DAY_MS);
  await settledDown(notice.id);
  const after = await states(notice.id);
  expect([after[has.n], after[lacks.n]]).toEqual(['in_doubt', 'in_doubt']);
  const others = Array.from({ length: PEOPLE }, (_, at) => at + 1).filter(
    (n) => n !== has.n && n !== lacks.n,
  );
  expect(others.map((n) => [after[n], took(n).length])).toEqual(others.map(() => ['sent', 1]));
  expect([took(has.n).length, took(lacks.n).length]).toEqual([1, 0]);
  expect((await done<{ state: string }>('GET', notice.path)).state).toBe('sending');
  await killed(second);

  // A person decides: one has it, the other is sent the same mail again, by its name.
  await done('POST', `${notice.path}/settled`, { n: has.n, decision: 'sent', ...because });
  await done('POST', `${notice.path}/settled`, { n: lacks.n, decision: 'again', ...because });
  sends(platform.clock.now() + 2 * DAY_MS);
  await settledDown(notice.id);
  await expect.poll(async () => (await done<{ state: string }>('GET', notice.path)).state).toBe('sent');
  expect([took(has.n), took(lacks.n)]).toEqual([[has.id], [lacks.id]]);
  expect(new Set(smtp.received.map(({ raw }) => idIn(raw))).size).toBe(PEOPLE);
  expect(smtp.received).toHaveLength(PEOPLE);
}, 60_000);

/** What the server answers when it takes something, after `first`. */
const yes = (first: () => void): null => {
  first();
  return null;
};

test('killed again and again, at other moments: nobody gets it twice, and nobody is forgotten', async () => {
  const notice = await approved();
  await done('POST', `${notice.path}/sending`, {});
  const moments = [
    (now: () => void) => ({ recipient: () => yes(now) }),
    (now: () => void) => ({ beforeAnswer: async () => now() }),
    (now: () => void) => ({ message: () => yes(() => setImmediate(now)) }),
  ];
  for (const [turn, manners] of moments.entries()) {
    const child = sends(platform.clock.now() + turn * DAY_MS);
    const gone = new Promise((resolve) => child.once('close', resolve));
    let mails = 0;
    smtp.manners = manners(() => {
      mails += 1;
      if (mails === 3) child.kill('SIGKILL');
    });
    await gone;
    await killed(child);
  }
  smtp.manners = {};
  sends(platform.clock.now() + moments.length * DAY_MS);
  await settledDown(notice.id);
  const after = Object.entries(await states(notice.id));
  expect(after).toHaveLength(PEOPLE);
  const doubts = after.filter(([, state]) => state === 'in_doubt').map(([n]) => took(Number(n)).length);
  // At most what both lanes had under way at each kill; of those the server took each once or not at all.
  expect(doubts.length).toBeLessThanOrEqual(2 * moments.length);
  expect(doubts.every((mails) => mails <= 1)).toBe(true);
  const sent = after.filter(([, state]) => state === 'sent');
  expect(sent.length + doubts.length).toBe(PEOPLE);
  expect(sent.map(([n]) => [n, took(Number(n)).length])).toEqual(sent.map(([n]) => [n, 1]));
}, 60_000);
