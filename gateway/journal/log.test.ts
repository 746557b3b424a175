import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, decodeShipment, openJournal } from '@drawbridge/journal';
import { type CheckpointPost, CheckpointPostSchema } from '@drawbridge/protocol';
import { DirectoryFiles, Frontier, fsck, leafHash, logVerifier, openCheckpoint } from '@drawbridge/tlog';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GatewayJournal, openGatewayJournal, type Post } from './index.ts';
import { LogKeeper } from './log-keeper.ts';
import { logKeyOf } from './log-key.ts';
import { openDirectory } from './storage.ts';
import { tamperWithJournal } from './testing/tamper.ts';

const systemClock: Clock = {
  now: Date.now,
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
const ORIGIN = 'gateway.example.test/log-1';
/** Made up. */
const DISK_KEY = Buffer.alloc(32, 7);
const patience = { timeout: 10_000, interval: 10 };

let folder = '';
let directory = '';
let control: Control;
const open = new Set<GatewayJournal>();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drawbridge-log-'));
  directory = join(folder, 'journal');
  control = new Control();
});
afterEach(async () => {
  for (const journal of open) await journal.close();
  open.clear();
  await rm(folder, { recursive: true, maxRetries: 5 });
});

/** A control plane of which only the gateway's side is there: says what it has, in the order in which it came. */
class Control {
  next = 0;
  readonly entries: Buffer[] = [];
  /** Shipments that were turned away. */
  turnedAway = 0;
  takesEntries = true;
  readonly checkpoints: (CheckpointPost & { size: number; stored: number })[] = [];
  answerCheckpoint: (size: number) => { status: number; body: object } | Error = () => ({
    status: 200,
    body: { verified: 0 },
  });

  post: Post = async ({ path, body }) => {
    if (path === '/fleet/v1/checkpoint') {
      const posted = CheckpointPostSchema.parse(JSON.parse(body.toString()));
      const { size } = sizeAndRoot(posted.note);
      this.checkpoints.push({ ...posted, size, stored: this.next });
      const answered = this.answerCheckpoint(size);
      if (answered instanceof Error) throw answered;
      return { status: answered.status, body: JSON.stringify(answered.body) };
    }
    if (!this.takesEntries) {
      this.turnedAway += 1;
      return { status: 503, body: '{}' };
    }
    for (const { index, entry } of decodeShipment(body).entries) {
      if (index === this.next) {
        this.entries.push(Buffer.from(entry));
        this.next += 1;
      }
    }
    return { status: 200, body: JSON.stringify({ next: this.next }) };
  };
}

const vkey = logKeyOf(DISK_KEY, ORIGIN).verifierKey;
const trust = { origin: ORIGIN, log: logVerifier(vkey) };

function sizeAndRoot(note: string | Buffer): { size: number; root: Buffer } {
  return openCheckpoint(note, trust).checkpoint;
}

function rootOf(entries: readonly Buffer[]): Buffer {
  const tree = Frontier.empty();
  for (const entry of entries) tree.append(leafHash(entry));
  return tree.root();
}

async function start(): Promise<GatewayJournal & { logged: object[] }> {
  const logged: object[] = [];
  const say = (detail: unknown): void => void logged.push(typeof detail === 'object' ? { ...detail } : {});
  const journal = await openGatewayJournal({
    directory,
    origin: ORIGIN,
    payloadKey: () => null,
    diskKey: DISK_KEY,
    post: (request) => control.post(request),
    log: { debug: say, info: say, warn: say, error: say },
    checkpointEveryMs: 20,
    limits: { laterMs: 1 },
    shipping: { gatherMs: 1, backoffMs: [10, 40] },
  });
  open.add(journal);
  return Object.assign(journal, { logged });
}

async function stop(journal: GatewayJournal): Promise<void> {
  open.delete(journal);
  await journal.close();
}

const entriesUpTo = (count: number, from = 0) =>
  Array.from({ length: count - from }, (_, n) => Buffer.from(`{"made-up":${from + n}}`));

/** Without payloads no key of the control plane is needed, but a segment wants one: the journal is filled from beside. */
async function fill(entries: readonly Buffer[], more: { strip?: boolean; drop?: boolean } = {}) {
  const journal = await openJournal({
    storage: await openDirectory(directory),
    origin: ORIGIN,
    clock: { now: Date.now, after: () => () => undefined },
    random: () => Buffer.alloc(32, 1),
    sealDataKey: async () => ({ enc: 'test', ct: 'test' }),
    report: () => undefined,
    limits: { segmentBytes: 4_000 },
  });
  for (let at = 0; at < entries.length; at += 50) {
    const some = entries.slice(at, at + 50);
    await Promise.all(some.map((entry) => journal.append(entry, Buffer.from('made-up payload'))));
  }
  const closed = journal.segments().filter(({ isOpen }) => !isOpen);
  if (more.strip) for (const { number } of closed) await journal.stripPayloads(number);
  if (more.drop) await journal.removeBefore(closed[0]?.end ?? 0);
  await journal.close();
}

async function report() {
  const files = new DirectoryFiles(await import('node:fs/promises'), join(directory, 'log'));
  return fsck({
    ...trust,
    fetch: (path, limit) => files.read(path, limit),
    list: () => files.list(),
    clock: { now: Date.now, after: () => () => undefined },
  });
}

const checkpointFile = () => readFile(join(directory, 'log', 'checkpoint'), 'utf8');

describe('the key of a log', () => {
  it('is made from the disk key and the origin, and stays what it is', () => {
    expect(logKeyOf(DISK_KEY, ORIGIN).verifierKey).toBe(vkey);
    expect(logKeyOf(DISK_KEY, `${ORIGIN}0`).verifierKey.split('+').slice(1)).not.toEqual(
      vkey.split('+').slice(1),
    );
    expect(logKeyOf(Buffer.alloc(32, 8), ORIGIN).verifierKey).not.toBe(vkey);
    // Computed apart from this: HKDF by RFC 5869's steps with Python's hmac, the public key by RFC 8032's formulas.
    expect(vkey).toBe('gateway.example.test/log-1+42d1d004+Aec7bIfJyJMj9PRNfMV9GSQm1pTSfaJNBHa8DVqBxRkL');
  });
});

describe('a journal', () => {
  it('is a log that anyone can check, and its checkpoints go up after the entries', async () => {
    await fill(entriesUpTo(300));
    const journal = await start();
    await expect.poll(() => journal.status().log.signed, patience).toBe(300);
    await expect.poll(() => control.checkpoints.at(-1)?.size, patience).toBe(300);
    expect(await report()).toMatchObject({ ok: true, checked: { entries: 300 } });
    for (const { size, stored, verifierKey, note } of control.checkpoints) {
      expect(size).toBeLessThanOrEqual(stored);
      expect(verifierKey).toBe(vkey);
      expect(sizeAndRoot(note).root).toEqual(rootOf(control.entries.slice(0, size)));
    }
    expect(journal.status().log).toEqual({ signed: 300, unsigned: 0, problem: null });
  });

  it('from before, with segments whose payloads were deleted, is signed from its first entry on', async () => {
    await fill(entriesUpTo(400), { strip: true });
    expect((await readdir(directory)).some((name) => name.endsWith('.leaves'))).toBe(true);
    await start();
    await expect.poll(() => control.checkpoints.at(-1)?.size, patience).toBe(400);
    expect(sizeAndRoot(await checkpointFile()).root).toEqual(rootOf(entriesUpTo(400)));
  });

  it('whose first entries are gone is not signed: it says so, ships on, and takes entries', async () => {
    await fill(entriesUpTo(400), { drop: true });
    control.next = 400;
    const journal = await start();
    expect(journal.status().log).toEqual({ signed: 0, unsigned: 400, problem: 'incomplete' });
    expect(journal.logged).toContainEqual(
      expect.objectContaining({ event: 'log_not_signed', problem: 'incomplete' }),
    );
    await expect(checkpointFile()).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('goes on after a stop: the new tree begins with the old one, and files are in order', async () => {
    for (const count of [1, 255, 256, 257, 600]) {
      await fill(entriesUpTo(count, control.next));
      const journal = await start();
      await expect.poll(() => control.checkpoints.at(-1)?.size, patience).toBe(count);
      await stop(journal);
      expect(await report()).toMatchObject({ ok: true, problems: [] });
      expect(sizeAndRoot(await checkpointFile()).root).toEqual(rootOf(entriesUpTo(count)));
    }
  });
});

it('signs nothing that the disk could still forget, where it does not wait for the disk', async () => {
  await fill(entriesUpTo(10));
  const order: string[] = [];
  const disk = await openDirectory(directory, 'written');
  const storage = {
    ...disk,
    settle: async () => void order.push('settle'),
    rename: async (from: string, to: string) => {
      order.push(to);
      await disk.rename(from, to);
    },
  };
  const clock = systemClock;
  const journal = await openJournal({ storage, origin: ORIGIN, clock, report: () => undefined });
  order.length = 0;
  const onPublished = (): void => void order.push('published');
  const report = (): void => undefined;
  const given = { journal, storage, directory, diskKey: DISK_KEY, clock, checkpointEveryMs: 5 };
  const keeper = await LogKeeper.start({ ...given, onPublished, report });
  await expect.poll(() => order, patience).toContain('published');
  expect(order).toEqual(['settle', 'signed', 'published']);
  await keeper.close();
  await journal.close();
});

describe('what contradicts what was signed', () => {
  beforeEach(async () => {
    await fill(entriesUpTo(300));
    const journal = await start();
    await expect.poll(() => control.checkpoints.at(-1)?.size, patience).toBe(300);
    await stop(journal);
  });

  /** Entries still become durable and are shipped; nothing more is signed. */
  async function expectRefused() {
    const before = await checkpointFile();
    const posted = control.checkpoints.length;
    const journal = await start();
    expect(journal.status().log.problem).toBe('contradiction');
    expect(journal.logged).toContainEqual(
      expect.objectContaining({ event: 'log_not_signed', problem: 'contradiction', code: 'contradiction' }),
    );
    await stop(journal);
    await fill(entriesUpTo(320, 300));
    const again = await start();
    await expect.poll(() => control.next, patience).toBe(320);
    expect(again.status()).toMatchObject({ durable: 320, log: { problem: 'contradiction' } });
    expect(again.healthy).toBe(true);
    await stop(again);
    expect(await checkpointFile()).toBe(before);
    expect(control.checkpoints).toHaveLength(posted);
  }

  it('a changed hash in a tile', async () => {
    const path = join(directory, 'log/tile/0/001.p/44');
    const bytes = await readFile(path);
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    await writeFile(path, bytes);
    await expectRefused();
  });

  it('which goes on where it stopped once the files are put back', async () => {
    const path = join(directory, 'log/tile/0/001.p/44');
    const good = await readFile(path);
    await writeFile(path, Buffer.alloc(good.length));
    await expectRefused();
    await writeFile(path, good);
    const journal = await start();
    expect(journal.status().log.problem).toBeNull();
    await expect.poll(() => control.checkpoints.at(-1)?.size, patience).toBe(320);
    expect(sizeAndRoot(await checkpointFile()).root).toEqual(rootOf(entriesUpTo(320)));
  });

  it('a changed entry in a bundle', async () => {
    const path = join(directory, 'log/tile/entries/001.p/44');
    const bytes = await readFile(path);
    bytes[10] = (bytes[10] ?? 0) ^ 1;
    await writeFile(path, bytes);
    await expectRefused();
  });

  it('tiles that are gone', async () => {
    await rm(join(directory, 'log/tile'), { recursive: true, maxRetries: 5 });
    await expectRefused();
  });

  it('an entry of the journal that was changed, and its check sum with it', async () => {
    await tamperWithJournal(directory, '{"made-up":29');
    await expectRefused();
  });

  it('another disk key', async () => {
    DISK_KEY[0] = 8;
    try {
      await expectRefused();
    } finally {
      DISK_KEY[0] = 7;
    }
  });

  it('but tiles and signed checkpoint that are both gone are made anew, to the same tree', async () => {
    const before = await checkpointFile();
    await rm(join(directory, 'log'), { recursive: true, maxRetries: 5 });
    await rm(join(directory, 'signed'));
    const journal = await start();
    await expect.poll(() => journal.status().log.signed, patience).toBe(300);
    expect(await checkpointFile()).toBe(before);
    expect(await report()).toMatchObject({ ok: true });
  });
});

describe('posting', () => {
  it('goes on after the control plane was away, with the newest; a refusal is told once and keeps no entry', async () => {
    control.answerCheckpoint = () => new Error('away');
    await fill(entriesUpTo(10));
    const journal = await start();
    await expect.poll(() => control.checkpoints.length, patience).toBeGreaterThan(2);
    expect(journal.status().log.problem).toBeNull();
    expect(control.next).toBe(10);
    control.answerCheckpoint = () => ({ status: 409, body: { code: 'checkpoint_contradiction' } });
    await expect.poll(() => journal.status().log.problem, patience).toBe('refused');
    const told = control.checkpoints.length;
    await expect.poll(() => control.checkpoints.length, patience).toBeGreaterThan(told + 2);
    const refusals = journal.logged.filter((each) => 'event' in each && each.event === 'checkpoint_refused');
    expect(refusals).toEqual([
      { event: 'checkpoint_refused', status: 409, code: 'checkpoint_contradiction' },
    ]);
    control.answerCheckpoint = () => ({ status: 200, body: { verified: 10 } });
    await expect.poll(() => journal.status().log.problem, patience).toBeNull();
  });

  it('waits until the entries are taken', async () => {
    control.takesEntries = false;
    await fill(entriesUpTo(10));
    const journal = await start();
    await expect.poll(() => journal.status().log.signed, patience).toBe(10);
    const before = control.turnedAway;
    await expect.poll(() => control.turnedAway, patience).toBeGreaterThan(before + 2);
    expect(control.checkpoints).toEqual([]);
    control.takesEntries = true;
    await expect.poll(() => control.checkpoints.at(-1), patience).toMatchObject({ size: 10, stored: 10 });
  });

  it('is quiet towards a control plane that knows no checkpoints', async () => {
    control.answerCheckpoint = () => ({ status: 404, body: {} });
    await fill(entriesUpTo(10));
    const journal = await start();
    await expect.poll(() => control.checkpoints.length, patience).toBeGreaterThan(1);
    expect(journal.status()).toMatchObject({ problem: null, log: { problem: null } });
  });

  it('ships entries again that the control plane has lost, then posts again', async () => {
    await fill(entriesUpTo(10));
    const first = await start();
    await expect.poll(() => control.checkpoints.at(-1)?.size, patience).toBe(10);
    await stop(first);
    control.next = 4;
    control.entries.length = 4;
    control.answerCheckpoint = (size) =>
      size > control.next
        ? { status: 409, body: { code: 'journal_gap', next: control.next } }
        : { status: 200, body: { verified: size } };
    await start();
    await expect.poll(() => control.next, patience).toBe(10);
    await expect.poll(() => control.checkpoints.at(-1)?.stored, patience).toBe(10);
    expect(control.entries).toEqual(entriesUpTo(10));
  });
});
